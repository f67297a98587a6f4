#include "winograd.h"

#include "four_rows.h"

#define KERNELS winograd_generic
#include "passes.h"
