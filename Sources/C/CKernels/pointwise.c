#include "team.h"
#include <math.h>
#include <string.h>

typedef struct {
  float *values, *first, *second;
  const float *gradients;
  float first_new, second_kept, second_new, rate, root_left, epsilon;
} adam;

CLONES static void adam_part(const void *job, size_t from, size_t to, int thread) {
  const adam *a = job;
  float *restrict values = a->values, *restrict first = a->first, *restrict second = a->second;
  const float *restrict gradients = a->gradients;
  const float first_new = a->first_new, second_kept = a->second_kept, second_new = a->second_new;
  const float rate = a->rate, root_left = a->root_left, epsilon = a->epsilon;
  (void)thread;
  for (size_t i = from; i < to; i++) {
    const float g = gradients[i];
    const float m = first[i] + first_new * (g - first[i]);
    const float v = second_kept * second[i] + second_new * g * g;
    first[i] = m;
    second[i] = v;
    values[i] -= rate * m / (sqrtf(v) / root_left + epsilon);
  }
}

void kernels_adam(float *values, const float *gradients, float *first, float *second, size_t n,
                  float first_new, float second_kept, float second_new, float rate, float root_left, float epsilon) {
  const adam job = {values,      first,      second, gradients, first_new,
                    second_kept, second_new, rate,   root_left, epsilon};
  team_run(adam_part, &job, n, 4);
}

typedef struct {
  const float *x;
  float *y;
} pair;

CLONES static void add_part(const void *job, size_t from, size_t to, int thread) {
  const float *restrict x = ((const pair *)job)->x;
  float *restrict y = ((const pair *)job)->y;
  (void)thread;
  for (size_t i = from; i < to; i++) y[i] += x[i];
}

void kernels_add(const float *x, float *y, size_t n) {
  const pair job = {x, y};
  team_run(add_part, &job, n, 1);
}

CLONES static void rectify_part(const void *job, size_t from, size_t to, int thread) {
  const float *restrict y = ((const pair *)job)->x;
  float *restrict dy = ((const pair *)job)->y;
  (void)thread;
  for (size_t i = from; i < to; i++) dy[i] = y[i] > 0 ? dy[i] : 0;
}

void kernels_rectify_backward(const float *y, float *dy, size_t n) {
  const pair job = {y, dy};
  team_run(rectify_part, &job, n, 1);
}

typedef struct {
  const float *x;
  float *y;
  uint32_t low, high, threshold;
  float kept;
} drop;

CLONES static void drop_part(const void *job, size_t from, size_t to, int thread) {
  const drop *d = job;
  const float *restrict x = d->x;
  float *restrict y = d->y;
  const uint32_t low = d->low, high = d->high, threshold = d->threshold;
  const float kept = d->kept;
  (void)thread;
  for (size_t i = from; i < to; i++) {
    uint32_t h = (uint32_t)i * 0x9E3779B1u + low;
    h ^= h >> 16;
    h = h * 0x7FEB352Du + high;
    h ^= h >> 15;
    h = h * 0x846CA68Bu;
    h ^= h >> 16;
    y[i] = h >= threshold ? x[i] * kept : 0;
  }
}

void kernels_drop(const float *x, float *y, size_t n, uint32_t low, uint32_t high, uint32_t threshold, float kept) {
  const drop job = {x, y, low, high, threshold, kept};
  team_run(drop_part, &job, n, 2);
}

typedef struct {
  const float *from;
  float *to;
  size_t voxels, channels;
} turn;

static void to_last_part(const void *job, size_t from, size_t to, int thread) {
  const turn *t = job;
  (void)thread;
  for (size_t v = from; v < to; v++)
    for (size_t c = 0; c < t->channels; c++) t->to[v * t->channels + c] = t->from[c * t->voxels + v];
}

static void to_planar_part(const void *job, size_t from, size_t to, int thread) {
  const turn *t = job;
  (void)thread;
  for (size_t v = from; v < to; v++)
    for (size_t c = 0; c < t->channels; c++) t->to[c * t->voxels + v] = t->from[v * t->channels + c];
}

void kernels_to_channels_last(const float *planar, float *last, size_t voxels, size_t channels) {
  const turn job = {planar, last, voxels, channels};
  team_run(to_last_part, &job, voxels, channels);
}

void kernels_to_planar(const float *last, float *planar, size_t voxels, size_t channels) {
  const turn job = {last, planar, voxels, channels};
  team_run(to_planar_part, &job, voxels, channels);
}

CLONES static void softmax_part(const void *job, size_t from, size_t to, int thread) {
  const turn *t = job;
  (void)thread;
  for (size_t v = from; v < to; v++) {
    const float *x = t->from + v * t->channels;
    float *y = t->to + v * t->channels;
    float top = x[0], sum = 0;
    for (size_t c = 1; c < t->channels; c++) top = x[c] > top ? x[c] : top;
    for (size_t c = 0; c < t->channels; c++) sum += y[c] = expf(x[c] - top);
    for (size_t c = 0; c < t->channels; c++) y[c] /= sum;
  }
}

void kernels_softmax(const float *x, float *y, size_t voxels, size_t channels) {
  const turn job = {x, y, voxels, channels};
  team_run(softmax_part, &job, voxels, 8 * channels);
}

CLONES static void softmax_backward_part(const void *job, size_t from, size_t to, int thread) {
  const turn *t = job;
  (void)thread;
  for (size_t v = from; v < to; v++) {
    const float *y = t->from + v * t->channels;
    float *dy = t->to + v * t->channels;
    float mean = 0;
    for (size_t c = 0; c < t->channels; c++) mean += y[c] * dy[c];
    for (size_t c = 0; c < t->channels; c++) dy[c] = y[c] * (dy[c] - mean);
  }
}

void kernels_softmax_backward(float *dy, const float *y, size_t voxels, size_t channels) {
  const turn job = {y, dy, voxels, channels};
  team_run(softmax_backward_part, &job, voxels, 2 * channels);
}

// Threads share the channels, so that each sum is one thread's, in one order.
static void mean_part(const void *job, size_t from, size_t to, int thread) {
  const turn *t = job;
  (void)thread;
  for (size_t c = from; c < to; c++) {
    double sum = 0;
    for (size_t v = 0; v < t->voxels; v++) sum += t->from[v * t->channels + c];
    t->to[c] = (float)(sum / (double)t->voxels);
  }
}

void kernels_channel_mean(const float *x, float *mean, size_t voxels, size_t channels) {
  const turn job = {x, mean, voxels, channels};
  team_run(mean_part, &job, channels, voxels);
}

static void mean_backward_part(const void *job, size_t from, size_t to, int thread) {
  const turn *t = job;
  (void)thread;
  for (size_t v = from; v < to; v++)
    for (size_t c = 0; c < t->channels; c++) t->to[v * t->channels + c] = t->from[c] / (float)t->voxels;
}

void kernels_channel_mean_backward(const float *dy, float *dx, size_t voxels, size_t channels) {
  const turn job = {dy, dx, voxels, channels};
  team_run(mean_backward_part, &job, voxels, channels);
}
