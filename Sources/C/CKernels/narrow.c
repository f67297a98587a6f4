#include "team.h"
#include <stdlib.h>
#include <string.h>

// A convolution to few channels: oneDNN's kernels compute 16 outputs at a time and would waste most of them. Here the
// vectors run along the inputs.

#define LANES 16
#define ROW 6 // voxels along x whose sums are kept in registers together
#define MOST 4

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));

typedef struct {
  const float *x, *weights, *bias, *dy;
  float *y, *sums;
  kernels_size size;
  size_t inputs, outputs;
} narrow;

static void *allocate(size_t floats) {
  void *memory = aligned_alloc(64, (floats * sizeof(float) + 63) / 64 * 64);
  if (!memory) abort();
  return memory;
}

// The sums of `count` voxels from `x0` on, for two outputs; only the taps of tap_x from first to last along x.
static inline __attribute__((always_inline)) void dot_rows(const narrow *n, const float *weights, size_t z, size_t y,
                                                           size_t x0, int count, int first, int last, size_t o,
                                                           float *sums) {
  const size_t I = n->inputs, W = n->size.width, H = n->size.height, D = n->size.depth;
  lanes a[ROW] = {0}, b[ROW] = {0};
  for (int kz = -1; kz <= 1; kz++) {
    if ((kz < 0 && z == 0) || (kz > 0 && z + 1 == D)) continue;
    for (int ky = -1; ky <= 1; ky++) {
      if ((ky < 0 && y == 0) || (ky > 0 && y + 1 == H)) continue;
      for (int kx = first; kx <= last; kx++) {
        const float *x = n->x + (((z + (size_t)kz) * H + y + (size_t)ky) * W + x0 + (size_t)kx) * I;
        const float *w = weights + ((size_t)((kz + 1) * 9 + (ky + 1) * 3 + kx + 1) * MOST + o) * I;
        for (size_t i = 0; i < I; i += LANES) {
          const lanes wa = *(const lanes *)(w + i), wb = *(const lanes *)(w + I + i);
#pragma clang loop unroll(full)
          for (int v = 0; v < count; v++) {
            const lanes value = *(const lanes *)(x + (size_t)v * I + i);
            a[v] += value * wa;
            b[v] += value * wb;
          }
        }
      }
    }
  }
  for (int v = 0; v < count; v++) {
    float sa = 0, sb = 0;
    for (int l = 0; l < LANES; l++) {
      sa += a[v][l];
      sb += b[v][l];
    }
    sums[2 * v] = sa;
    sums[2 * v + 1] = sb;
  }
}

static inline void store(const narrow *n, size_t voxel, size_t o, int count, const float *sums) {
  for (int v = 0; v < count; v++)
    for (size_t k = o; k < o + 2 && k < n->outputs; k++)
      n->y[(voxel + (size_t)v) * n->outputs + k] = sums[2 * (size_t)v + k - o] + n->bias[k];
}

CLONES static void narrow_part(const void *job, size_t from, size_t to, int thread) {
  const narrow *n = job;
  const size_t W = n->size.width, H = n->size.height;
  float sums[2 * ROW];
  (void)thread;
  for (size_t row = from; row < to; row++) {
    const size_t z = row / H, y = row % H;
    for (size_t o = 0; o < n->outputs; o += 2) {
      for (size_t x = 0; x < W;) {
        const int inside = x > 0;
        if (inside && x + ROW < W) {
          dot_rows(n, n->weights, z, y, x, ROW, -1, 1, o, sums);
          store(n, row * W + x, o, ROW, sums);
          x += ROW;
        } else {
          dot_rows(n, n->weights, z, y, x, 1, inside ? -1 : 0, x + 1 < W ? 1 : 0, o, sums);
          store(n, row * W + x, o, 1, sums);
          x += 1;
        }
      }
    }
  }
}

void kernels_narrow(const float *x, const float *weights, const float *bias, float *y, kernels_size size, size_t inputs,
                    size_t outputs) {
  // (tap, output, input), room for an even number of outputs.
  float *turned = allocate(27 * MOST * inputs);
  memset(turned, 0, 27 * MOST * inputs * sizeof *turned);
  for (size_t o = 0; o < outputs; o++)
    for (size_t i = 0; i < inputs; i++)
      for (size_t t = 0; t < 27; t++) turned[(t * MOST + o) * inputs + i] = weights[(o * inputs + i) * 27 + t];
  const narrow job = {.x = x, .weights = turned, .bias = bias, .y = y, .size = size, .inputs = inputs,
                      .outputs = outputs};
  team_run(narrow_part, &job, size.depth * size.height, 27 * size.width * inputs);
  free(turned);
}

// For one run of inputs and one output, the nine taps of a slice offset kz: Σ over the slice's voxels of dy x. dy has a
// rim of zeros, so that no tap needs to know where the border is.
static inline __attribute__((always_inline)) void slice_sums(const narrow *n, size_t z, int kz, size_t i, size_t o,
                                                             float *sums) {
  const size_t I = n->inputs, O = n->outputs, W = n->size.width, H = n->size.height;
  const size_t rim_row = (W + 2) * O;
  for (size_t y = 0; y < H; y++) {
    lanes a[9] = {0}, b[9] = {0};
    const float *x = n->x + (z * H + y) * W * I + i;
    // The voxel at (z, y) is read by output (z - kz, y - ky, x - kx); in dy with its rim that is one further.
    const float *dy = n->dy + ((z + 1 - (size_t)kz) * (H + 2) + y + 1) * rim_row + O + o;
    for (size_t v = 0; v < W; v++, x += I, dy += O) {
      const lanes value = *(const lanes *)x;
#pragma clang loop unroll(full)
      for (int t = 0; t < 9; t++) {
        const float *given = dy - (ptrdiff_t)(t / 3 - 1) * (ptrdiff_t)rim_row - (ptrdiff_t)(t % 3 - 1) * (ptrdiff_t)O;
        a[t] += value * given[0];
        b[t] += value * given[1];
      }
    }
    for (int t = 0; t < 9; t++) {
      float *sum = sums + ((size_t)(kz + 1) * 9 + (size_t)t) * MOST * I + o * I + i;
      *(lanes *)sum += a[t];
      *(lanes *)(sum + I) += b[t];
    }
  }
}

CLONES static void narrow_weights_part(const void *job, size_t from, size_t to, int thread) {
  const narrow *n = job;
  float *sums = n->sums + (size_t)thread * 27 * MOST * n->inputs;
  for (size_t z = from; z < to; z++)
    for (int kz = -1; kz <= 1; kz++)
      for (size_t o = 0; o < n->outputs; o += 2)
        for (size_t i = 0; i < n->inputs; i += LANES) slice_sums(n, z, kz, i, o, sums);
}

void kernels_narrow_backward_weights(const float *x, const float *dy, float *weights_gradient, float *bias_gradient,
                                     kernels_size size, size_t inputs, size_t outputs) {
  const size_t W = size.width, H = size.height, D = size.depth, O = (outputs + 1) / 2 * 2;
  const size_t rim = (D + 2) * (H + 2) * (W + 2) * O, threads = (size_t)kernels_threads();
  const size_t run = 27 * MOST * inputs;
  float *framed = allocate(rim), *sums = allocate(threads * run);
  memset(framed, 0, rim * sizeof *framed);
  memset(sums, 0, threads * run * sizeof *sums);
  double bias[MOST] = {0};
  for (size_t z = 0; z < D; z++)
    for (size_t y = 0; y < H; y++)
      for (size_t v = 0; v < W; v++)
        for (size_t o = 0; o < outputs; o++) {
          const float value = dy[((z * H + y) * W + v) * outputs + o];
          framed[(((z + 1) * (H + 2) + y + 1) * (W + 2) + v + 1) * O + o] = value;
          bias[o] += value;
        }
  const narrow job = {.x = x, .dy = framed, .sums = sums, .size = size, .inputs = inputs, .outputs = O};
  team_run(narrow_weights_part, &job, D, 27 * H * W * inputs);
  for (size_t o = 0; o < outputs; o++) {
    bias_gradient[o] = (float)bias[o];
    for (size_t i = 0; i < inputs; i++)
      for (size_t t = 0; t < 27; t++) {
        double sum = 0;
        for (size_t k = 0; k < threads; k++) sum += sums[k * run + (t * MOST + o) * inputs + i];
        weights_gradient[(o * inputs + i) * 27 + t] = (float)sum;
      }
  }
  free(framed);
  free(sums);
}
