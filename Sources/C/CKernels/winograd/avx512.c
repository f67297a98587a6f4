#if defined(__x86_64__)
#include "winograd.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma"))), apply_to = function)

#define LANES 16
#include "lanes.h"
#undef LANES
#define LANES 8
#include "lanes.h"
#undef LANES

#define PICK(function, channels, edge)                                                                                 \
  ((channels) % 16 == 0 ? ((edge) == 4 ? function##_4_16 : function##_2_16)                                            \
                        : ((edge) == 4 ? function##_4_8 : function##_2_8))

// 48 columns and 8 rows fill 24 of the 32 registers; what is left over goes into narrower ones without waste.
static size_t panel_width(size_t left) {
  if (left % 48 == 0 || left >= 80) return 48;
  if (left >= 32) return 32;
  if (left == 24) return 24;
  return left >= 16 ? 16 : 8;
}

static void multiply_panel(size_t width, const winograd_product *p, int adds) {
  switch (width) {
  case 48: adds ? multiply_16(p, 8, 3, 1) : multiply_16(p, 8, 3, 0); return;
  case 32: adds ? multiply_16(p, 8, 2, 1) : multiply_16(p, 8, 2, 0); return;
  case 24: adds ? multiply_8(p, 8, 3, 1) : multiply_8(p, 8, 3, 0); return;
  case 16: adds ? multiply_16(p, 8, 1, 1) : multiply_16(p, 8, 1, 0); return;
  default: adds ? multiply_8(p, 8, 1, 1) : multiply_8(p, 8, 1, 0);
  }
}

#define KERNELS winograd_avx512
#include "passes.h"

#pragma clang attribute pop
#endif
