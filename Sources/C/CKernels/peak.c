#include "team.h"

// What the processor's multipliers can do when nothing keeps them waiting: what speeds are shares of.

#define LANES 16
#define CHAINS 24 // independent, so that none waits for itself; as many registers as the widest instructions leave

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));

typedef struct {
  float factor, term;
  float *last; // a value a thread, so that nothing is computed in vain
} endurance;

CLONES static void peak_part(const void *job, size_t from, size_t to, int thread) {
  const endurance *e = job;
  lanes chains[CHAINS], factor = {0}, term = {0};
  factor += e->factor;
  term += e->term;
  for (int i = 0; i < CHAINS; i++) chains[i] = term * (float)i;
  for (size_t n = from; n < to; n++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < CHAINS; i++) chains[i] = chains[i] * factor + term;
  }
  float sum = 0;
  for (int i = 0; i < CHAINS; i++)
    for (int l = 0; l < LANES; l++) sum += chains[i][l];
  e->last[thread] = sum;
}

double kernels_multiply_and_add(size_t rounds) {
  float last[TEAM_LIMIT];
  const endurance job = {.factor = 0.999f, .term = 0.001f, .last = last};
  team_run(peak_part, &job, rounds, CHAINS * LANES);
  return 2.0 * CHAINS * LANES * (double)rounds;
}
