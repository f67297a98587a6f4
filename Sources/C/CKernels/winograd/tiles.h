// Everything that is compiled for an edge of tiles; included once for each.
#if LANES == 8
#include "filter.h"
#endif
#include "gradient.h"
#include "input.h"
#include "output.h"
