// Panels for sixteen registers or so: 24 columns and 4 rows fill 12.
#define LANES 8
#include "lanes.h"
#undef LANES

#define PICK(function, channels, edge) ((edge) == 4 ? function##_4_8 : function##_2_8)

static size_t panel_width(size_t left) {
  if (left % 24 == 0 || left >= 40) return 24;
  return left >= 16 ? 16 : 8;
}

static void multiply_panel(size_t width, const winograd_product *whole, int adds) {
  winograd_product half = *whole;
  for (size_t row = 0; row < PRODUCT_ROWS; row += 4) {
    half.a = whole->a + row * whole->a_row;
    half.c = whole->c + row * whole->c_row;
    switch (width) {
    case 24: adds ? multiply_8(&half, 4, 3, 1) : multiply_8(&half, 4, 3, 0); break;
    case 16: adds ? multiply_8(&half, 4, 2, 1) : multiply_8(&half, 4, 2, 0); break;
    default: adds ? multiply_8(&half, 4, 1, 1) : multiply_8(&half, 4, 1, 0);
    }
  }
}
