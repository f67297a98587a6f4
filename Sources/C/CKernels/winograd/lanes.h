// Everything that is compiled for a number of lanes; included once for each.
#include "transforms.h"

#if LANES == 8
#include "filter.h"
#endif
#include "gradient.h"
#include "input.h"
#include "output.h"
#include "product.h"
