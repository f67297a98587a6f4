#include "team.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
  const float *x, *skip, *dy;
  float *y, *dx, *dskip;
  kernels_size size;
  size_t channels, skip_channels;
} resampling;

// Parts are rows (z, y) of the smaller of the two tensors.

CLONES static void pool_part(const void *job, size_t from, size_t to, int thread) {
  const resampling *r = job;
  const size_t C = r->channels, W = r->size.width, H = r->size.height, row = W * C;
  (void)thread;
  for (size_t n = from; n < to; n++) {
    const size_t z = n / (H / 2), y = n % (H / 2);
    const float *restrict corner = r->x + (2 * z * H + 2 * y) * row;
    float *restrict out = r->y + n * (W / 2) * C;
    for (size_t x = 0; x < W / 2; x++, out += C) {
      const float *restrict block = corner + 2 * x * C;
      for (size_t c = 0; c < C; c++) {
        const float *p = block + c;
        float top = p[0];
        top = p[C] > top ? p[C] : top;
        top = p[row] > top ? p[row] : top;
        top = p[row + C] > top ? p[row + C] : top;
        p += H * row;
        top = p[0] > top ? p[0] : top;
        top = p[C] > top ? p[C] : top;
        top = p[row] > top ? p[row] : top;
        top = p[row + C] > top ? p[row + C] : top;
        out[c] = top;
      }
    }
  }
}

void kernels_pool(const float *x, float *y, kernels_size size, size_t channels) {
  const resampling job = {.x = x, .y = y, .size = size, .channels = channels};
  team_run(pool_part, &job, size.depth / 2 * (size.height / 2), 4 * size.width * channels);
}

CLONES static void pool_backward_part(const void *job, size_t from, size_t to, int thread) {
  const resampling *r = job;
  const size_t C = r->channels, W = r->size.width, H = r->size.height, row = W * C;
  (void)thread;
  for (size_t n = from; n < to; n++) {
    const size_t z = n / (H / 2), y = n % (H / 2);
    const size_t corner = (2 * z * H + 2 * y) * row;
    const float *restrict dy = r->dy + n * (W / 2) * C;
    const size_t offsets[8] = {0, C, row, row + C, H * row, H * row + C, H * row + row, H * row + row + C};
    for (size_t x = 0; x < W / 2; x++, dy += C) {
      const float *restrict block = r->x + corner + 2 * x * C;
      float *restrict out = r->dx + corner + 2 * x * C;
      for (size_t c = 0; c < C; c++) {
        float top = block[c];
        int32_t first = 0;
        for (int32_t k = 1; k < 8; k++) {
          const float value = block[offsets[k] + c];
          first = value > top ? k : first;
          top = value > top ? value : top;
        }
        for (int32_t k = 0; k < 8; k++) out[offsets[k] + c] = first == k ? dy[c] : 0;
      }
    }
  }
}

void kernels_pool_backward(const float *dy, const float *x, float *dx, kernels_size size, size_t channels) {
  const resampling job = {.dy = dy, .x = x, .dx = dx, .size = size, .channels = channels};
  team_run(pool_backward_part, &job, size.depth / 2 * (size.height / 2), 4 * size.width * channels);
}

// Large voxel n lies between small ones `near` (weight 3/4) and `far` (1/4).
static size_t near_of(size_t n) { return n / 2; }
static size_t far_of(size_t n, size_t small) {
  const size_t near = n / 2;
  if (n % 2 == 0) return near > 0 ? near - 1 : 0;
  return near + 1 < small ? near + 1 : near;
}

CLONES static void blend_rows(const float *restrict a, const float *restrict b, const float *restrict c,
                              const float *restrict d, float *restrict sum, size_t n) {
  for (size_t i = 0; i < n; i++) sum[i] = 0.5625f * a[i] + 0.1875f * (b[i] + c[i]) + 0.0625f * d[i];
}

CLONES static void blend(const float *restrict near, const float *restrict far, float *restrict sum, size_t n) {
  for (size_t i = 0; i < n; i++) sum[i] = 0.75f * near[i] + 0.25f * far[i];
}

static void *row_memory(size_t floats) {
  void *memory = malloc(floats * sizeof(float));
  if (!memory) abort();
  return memory;
}

// Parts are rows of the large tensor.
static void upsample_part(const void *job, size_t from, size_t to, int thread) {
  const resampling *r = job;
  const size_t C = r->channels, S = r->skip_channels, W = r->size.width, H = r->size.height, D = r->size.depth;
  const size_t row = W * C;
  float *sum = row_memory(row);
  (void)thread;
  for (size_t n = from; n < to; n++) {
    const size_t z = n / (2 * H), y = n % (2 * H);
    const float *near = r->x + near_of(z) * H * row, *far = r->x + far_of(z, D) * H * row;
    const size_t near_y = near_of(y) * row, far_y = far_of(y, H) * row;
    blend_rows(near + near_y, near + far_y, far + near_y, far + far_y, sum, row);
    float *out = r->y + n * 2 * W * (C + S);
    const float *skip = S ? r->skip + n * 2 * W * S : 0;
    for (size_t x = 0; x < 2 * W; x++, out += C + S, skip += S) {
      blend(sum + near_of(x) * C, sum + far_of(x, W) * C, out, C);
      if (S) memcpy(out + C, skip, S * sizeof *skip);
    }
  }
  free(sum);
}

void kernels_upsample(const float *x, const float *skip, float *y, kernels_size size, size_t channels,
                      size_t skip_channels) {
  const resampling job = {
      .x = x, .skip = skip, .y = y, .size = size, .channels = channels, .skip_channels = skip_channels};
  team_run(upsample_part, &job, 4 * size.depth * size.height, 2 * size.width * (channels + skip_channels));
}

CLONES static void gather(const float *restrict part, float weight, float *restrict sum, size_t n) {
  for (size_t i = 0; i < n; i++) sum[i] += weight * part[i];
}

// sum[near] += 3/4 row, sum[far] += 1/4 row, along x; and the skip's channels are copied out.
CLONES static void fold_row(const float *restrict dy, float *restrict sum, float *restrict dskip, size_t W, size_t C,
                            size_t S) {
  memset(sum, 0, W * C * sizeof *sum);
  for (size_t x = 0; x < 2 * W; x++, dy += C + S) {
    float *restrict near = sum + near_of(x) * C;
    for (size_t c = 0; c < C; c++) near[c] += 0.75f * dy[c];
    float *restrict far = sum + far_of(x, W) * C;
    for (size_t c = 0; c < C; c++) far[c] += 0.25f * dy[c];
    if (dskip) {
      memcpy(dskip, dy + C, S * sizeof *dskip);
      dskip += S;
    }
  }
}

// Parts are slices of the small tensor. Each large slice is folded along x once by each part that has a slice under it,
// and the part that has its near slice copies the skip.
static void upsample_backward_part(const void *job, size_t from, size_t to, int thread) {
  const resampling *r = job;
  const size_t C = r->channels, S = r->skip_channels, W = r->size.width, H = r->size.height, D = r->size.depth;
  const size_t row = W * C;
  float *sum = row_memory(row);
  (void)thread;
  memset(r->dx + from * H * row, 0, (to - from) * H * row * sizeof(float));
  const size_t first = from > 0 ? 2 * from - 1 : 0, last = to < D ? 2 * to + 1 : 2 * D;
  for (size_t z = first; z < last; z++) {
    const size_t near_z = near_of(z), far_z = far_of(z, D);
    for (size_t y = 0; y < 2 * H; y++) {
      const size_t n = z * 2 * H + y;
      const int owner = near_z >= from && near_z < to;
      fold_row(r->dy + n * 2 * W * (C + S), sum, owner && S ? r->dskip + n * 2 * W * S : 0, W, C, S);
      const size_t near_y = near_of(y) * row, far_y = far_of(y, H) * row;
      if (owner) {
        gather(sum, 0.5625f, r->dx + near_z * H * row + near_y, row);
        gather(sum, 0.1875f, r->dx + near_z * H * row + far_y, row);
      }
      if (far_z >= from && far_z < to) {
        gather(sum, 0.1875f, r->dx + far_z * H * row + near_y, row);
        gather(sum, 0.0625f, r->dx + far_z * H * row + far_y, row);
      }
    }
  }
  free(sum);
}

void kernels_upsample_backward(const float *dy, float *dx, float *dskip, kernels_size size, size_t channels,
                               size_t skip_channels) {
  const resampling job = {
      .dy = dy, .dx = dx, .dskip = dskip, .size = size, .channels = channels, .skip_channels = skip_channels};
  team_run(upsample_backward_part, &job, size.depth, 8 * size.height * size.width * (channels + skip_channels));
}
