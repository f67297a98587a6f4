#if defined(__x86_64__)
#include "winograd.h"

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "four_rows.h"

#define KERNELS winograd_avx2
#include "passes.h"
#pragma clang attribute pop
#endif
