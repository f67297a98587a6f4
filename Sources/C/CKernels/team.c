#include "team.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// libgomp's own entry points: what gcc -fopenmp would call. clang's -fopenmp would bring a second runtime and team.
extern void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern void omp_set_num_threads(int threads);

typedef struct {
  team_body body;
  const void *job;
  size_t n;
} call;

static void part(void *data) {
  const call *c = data;
  size_t thread = (size_t)omp_get_thread_num(), threads = (size_t)omp_get_num_threads();
  size_t from = c->n * thread / threads, to = c->n * (thread + 1) / threads;
  if (from < to) c->body(c->job, from, to, (int)thread);
}

int kernels_threads(void) {
  int threads = omp_get_max_threads();
  return threads < TEAM_LIMIT ? threads : TEAM_LIMIT;
}

void team_run(team_body body, const void *job, size_t n, size_t floats) {
  const size_t worth_waking_others = 32768;
  if (n * floats < worth_waking_others) {
    if (n > 0) body(job, 0, n, 0);
    return;
  }
  call c = {body, job, n};
  GOMP_parallel(part, &c, (unsigned)kernels_threads(), 0);
}

static void flush(void *unused) {
  (void)unused;
#if defined(__x86_64__)
  const unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
  _mm_setcsr(_mm_getcsr() | flush_to_zero | denormals_are_zero);
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" : : "r"(control | 1ull << 24));
#endif
}

void kernels_flush_denormals(void) { GOMP_parallel(flush, 0, (unsigned)kernels_threads(), 0); }

void kernels_use_threads(int threads) {
  omp_set_num_threads(threads);
  kernels_flush_denormals();
}
