// The output transform of a row of tiles: y = Aᵀ m + bias over three axes, then ReLU where it is wanted. It comes plane by
// plane, 0 to 3 in this order, and what the planes give is added up in y.
// From m: for frequency f of the plane, tile t of the row and channel c at [f * frequency_step + t * channels + c].
#define LANES_T OF(lanes)

// 0 where the value is negative; what is no number stays none.
INLINE void OF(rectify)(LANES_T *value) {
  typedef int mask __attribute__((vector_size(sizeof(LANES_T))));
  *value = (LANES_T)((mask)*value & ~(mask)(*value < 0));
}

INLINE void OF(output_plane)(const float *m, size_t frequency_step, const float *bias, int rectified, float *y,
                             size_t slice, size_t line, size_t tiles, size_t channels, const int plane) {
  for (size_t t = 0; t < tiles; t++) {
    for (size_t c = 0; c < channels; c += LANES) {
      const float *in = m + t * channels + c;
      LANES_T over_x[4][2], values[2][2];
#pragma clang loop unroll(full)
      for (size_t i = 0; i < 4; i++) {
        const float *f = in + 4 * i * frequency_step;
        const LANES_T row[4] = {*(const LANES_T *)f, *(const LANES_T *)(f + frequency_step),
                                *(const LANES_T *)(f + 2 * frequency_step), *(const LANES_T *)(f + 3 * frequency_step)};
        OF(output_transform)(row, over_x[i], 1, 1);
      }
#pragma clang loop unroll(full)
      for (int x = 0; x < 2; x++) OF(output_transform)(&over_x[0][x], &values[0][x], 2, 2);

      const LANES_T b = bias ? *(const LANES_T *)(bias + c) : (LANES_T){0};
#pragma clang loop unroll(full)
      for (size_t i = 0; i < 4; i++) {
        LANES_T *low = (LANES_T *)(y + i / 2 * line + (2 * t + i % 2) * channels + c);
        LANES_T *high = (LANES_T *)((float *)low + slice);
        const LANES_T value = values[i / 2][i % 2];
        // The columns of Aᵀ: (1, 0), (1, 1), (1, -1), (0, -1).
        if (plane == 0) *low = b + value;
        if (plane == 1) *low += value, *high = b + value;
        if (plane == 2) *low += value, *high -= value;
        if (plane == 3) *high -= value;
        if (rectified && plane == 2) OF(rectify)(low);
        if (rectified && plane == 3) OF(rectify)(high);
      }
    }
  }
}

static void OF(output_row)(const float *m, size_t frequency_step, const float *bias, int rectified, float *y,
                           kernels_size size, size_t channels, size_t row_z, size_t row_y, int plane) {
  const size_t line = size.width * channels, slice = size.height * line, tiles = size.width / 2;
  float *corner = y + 2 * row_z * slice + 2 * row_y * line;
  switch (plane) {
  case 0: OF(output_plane)(m, frequency_step, bias, rectified, corner, slice, line, tiles, channels, 0); return;
  case 1: OF(output_plane)(m, frequency_step, bias, rectified, corner, slice, line, tiles, channels, 1); return;
  case 2: OF(output_plane)(m, frequency_step, bias, rectified, corner, slice, line, tiles, channels, 2); return;
  default: OF(output_plane)(m, frequency_step, bias, rectified, corner, slice, line, tiles, channels, 3);
  }
}
#undef LANES_T
