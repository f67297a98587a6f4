// Everything that is compiled for a number of lanes; included once for each.
#include "transforms_2.h"
#include "transforms_4.h"

#include "product.h"

#define EDGE 2
#include "tiles.h"
#undef EDGE
#define EDGE 4
#include "tiles.h"
#undef EDGE
