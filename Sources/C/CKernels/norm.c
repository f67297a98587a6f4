#include "team.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// A few kilobytes, a value or three a channel: a process that cannot have them cannot go on.
static void *allocate(size_t bytes) {
  void *memory = malloc(bytes);
  if (!memory) abort();
  return memory;
}

// Sums of a and of a b over the voxels of a part, a value a channel, kept for each thread apart and added in order.
typedef struct {
  const float *a, *b;
  size_t channels;
  double *sums; // thread x {a, ab} x channel
} summing;

#define LANES 8
#define CHUNK 64 // voxels that stay in the nearest cache while the sums of each few channels are in registers

typedef float few __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
typedef double sum_few __attribute__((vector_size(LANES * sizeof(double)), aligned(8)));

static inline __attribute__((always_inline)) void sum_channels(const summing *s, size_t from, size_t to, size_t c,
                                                               double *plain, double *product) {
  sum_few sum = *(sum_few *)(plain + c), together = *(sum_few *)(product + c);
  for (size_t v = from; v < to; v++) {
    const sum_few a = __builtin_convertvector(*(const few *)(s->a + v * s->channels + c), sum_few);
    const sum_few b = __builtin_convertvector(*(const few *)(s->b + v * s->channels + c), sum_few);
    sum += a;
    together += a * b;
  }
  *(sum_few *)(plain + c) = sum;
  *(sum_few *)(product + c) = together;
}

CLONES static void sum_part(const void *job, size_t from, size_t to, int thread) {
  const summing *s = job;
  const size_t channels = s->channels, whole = channels / LANES * LANES;
  double *plain = s->sums + (size_t)thread * 2 * channels, *product = plain + channels;
  for (size_t first = from; first < to; first += CHUNK) {
    const size_t end = first + CHUNK < to ? first + CHUNK : to;
    for (size_t c = 0; c < whole; c += LANES) sum_channels(s, first, end, c, plain, product);
    for (size_t c = whole; c < channels; c++)
      for (size_t v = first; v < end; v++) {
        plain[c] += s->a[v * channels + c];
        product[c] += (double)s->a[v * channels + c] * s->b[v * channels + c];
      }
  }
}

// {Σ a, Σ a b} a channel; to be freed.
static double *channel_sums(const float *a, const float *b, size_t voxels, size_t channels) {
  const size_t threads = (size_t)kernels_threads(), run = 2 * channels;
  double *sums = allocate(threads * run * sizeof *sums);
  memset(sums, 0, threads * run * sizeof *sums);
  const summing job = {a, b, channels, sums};
  team_run(sum_part, &job, voxels, 2 * channels);
  for (size_t t = 1; t < threads; t++)
    for (size_t i = 0; i < run; i++) sums[i] += sums[t * run + i];
  return sums;
}

// y = x along[c] + beyond[c]; backward y = x along[c] + y across[c] + beyond[c].
typedef struct {
  const float *x, *along, *across, *beyond;
  float *y;
  size_t channels;
} affine;

CLONES static void affine_part(const void *job, size_t from, size_t to, int thread) {
  const affine *f = job;
  const size_t channels = f->channels;
  const float *restrict along = f->along, *restrict beyond = f->beyond;
  (void)thread;
  for (size_t v = from; v < to; v++) {
    const float *restrict x = f->x + v * channels;
    float *restrict y = f->y + v * channels;
    for (size_t c = 0; c < channels; c++) y[c] = x[c] * along[c] + beyond[c];
  }
}

CLONES static void affine_backward_part(const void *job, size_t from, size_t to, int thread) {
  const affine *f = job;
  const size_t channels = f->channels;
  const float *restrict along = f->along, *restrict across = f->across, *restrict beyond = f->beyond;
  (void)thread;
  for (size_t v = from; v < to; v++) {
    const float *restrict x = f->x + v * channels;
    float *restrict y = f->y + v * channels;
    for (size_t c = 0; c < channels; c++) y[c] = x[c] * along[c] + y[c] * across[c] + beyond[c];
  }
}

void kernels_channel_sums(const float *x, float *result, size_t voxels, size_t channels) {
  double *sums = channel_sums(x, x, voxels, channels);
  for (size_t c = 0; c < channels; c++) result[c] = (float)sums[c];
  free(sums);
}

void kernels_scale(kernels_scaled x, float *y, size_t voxels, size_t channels) {
  const affine job = {x.values, x.along, 0, x.beyond, y, channels};
  team_run(affine_part, &job, voxels, channels);
}

void kernels_normalize(const float *x, size_t voxels, size_t channels, size_t groups, double epsilon,
                       const float *scale, const float *shift, double *means, double *inverses, float *along,
                       float *beyond) {
  const size_t width = channels / groups;
  const double count = (double)(voxels * width);
  double *sums = channel_sums(x, x, voxels, channels);
  for (size_t g = 0; g < groups; g++) {
    double sum = 0, squares = 0;
    for (size_t c = g * width; c < (g + 1) * width; c++) {
      sum += sums[c];
      squares += sums[channels + c];
    }
    means[g] = sum / count;
    const double variance = squares / count - means[g] * means[g];
    inverses[g] = 1 / sqrt((variance > 0 ? variance : 0) + epsilon);
  }
  for (size_t c = 0; c < channels; c++) {
    const double a = scale[c] * inverses[c / width];
    along[c] = (float)a;
    beyond[c] = (float)(shift[c] - means[c / width] * a);
  }
  free(sums);
}

void kernels_normalize_backward(float *dy, const float *x, size_t voxels, size_t channels, size_t groups,
                                const float *scale, const double *means, const double *inverses, float *scale_gradient,
                                float *shift_gradient) {
  const size_t width = channels / groups;
  const double count = (double)(voxels * width);
  double *sums = channel_sums(dy, x, voxels, channels);
  double *scales = allocate(channels * sizeof *scales);
  float *factors = allocate(3 * channels * sizeof *factors);
  for (size_t c = 0; c < channels; c++) {
    const size_t g = c / width;
    scales[c] = (sums[channels + c] - means[g] * sums[c]) * inverses[g];
    scale_gradient[c] = (float)scales[c];
    shift_gradient[c] = (float)sums[c];
  }
  for (size_t g = 0; g < groups; g++) {
    double mean = 0, projection = 0;
    for (size_t c = g * width; c < (g + 1) * width; c++) {
      mean += scale[c] * sums[c] / count;
      projection += scale[c] * scales[c] / count;
    }
    const double along = -inverses[g] * inverses[g] * projection;
    for (size_t c = g * width; c < (g + 1) * width; c++) {
      factors[c] = (float)along;
      factors[channels + c] = (float)(scale[c] * inverses[g]);
      factors[2 * channels + c] = (float)(-inverses[g] * mean - means[g] * along);
    }
  }
  const affine job = {x, factors, factors + channels, factors + 2 * channels, dy, channels};
  team_run(affine_backward_part, &job, voxels, channels);
  free(sums);
  free(scales);
  free(factors);
}
