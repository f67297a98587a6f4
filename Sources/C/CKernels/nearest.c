#include "team.h"

// A run of keys is passed over at once where none of them counts.
#define RUN 64

CLONES static int any_at_most(const float *restrict products, const float *restrict norms, float limit) {
  int any = 0;
  for (size_t i = 0; i < RUN; i++) any |= norms[i] - 2 * products[i] <= limit;
  return any;
}

size_t kernels_next_key(const float *products, const float *norms, size_t from, size_t count, float limit) {
  size_t i = from;
  while (i < count) {
    if (i % RUN == 0 && i + RUN <= count && !any_at_most(products + i, norms + i, limit)) {
      i += RUN;
      continue;
    }
    if (norms[i] - 2 * products[i] <= limit) return i;
    i++;
  }
  return count;
}
