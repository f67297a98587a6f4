#include "CKernels.h"
#include <stdlib.h>
#include <string.h>

// In the order of kernels_isa.
static const char *const names[] = {"generic", "avx2", "avx512"};

static kernels_isa best(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return kernels_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
    return kernels_avx2;
#endif
  return kernels_generic;
}

kernels_isa kernels_best_isa(void) {
  const char *wanted = getenv("POPCORN_ISA");
  const kernels_isa most = best();
  for (int i = 0; wanted && i <= (int)most; i++)
    if (strcmp(names[i], wanted) == 0) return (kernels_isa)i;
  return most;
}
