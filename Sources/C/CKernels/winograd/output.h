// The output transform of a row of tiles: y = Aᵀ m + bias over three axes, then ReLU where it is wanted. It comes plane by
// plane, 0 to 3 in this order, and what the planes give is added up in y.
// From m: for frequency f of the plane, tile t of the row and channel c at [f * frequency_step + t * channels + c].
#define LANES_T OF(lanes)

// 0 where the value is negative; what is no number stays none.
INLINE void TILED(rectify)(LANES_T *value) {
  typedef int mask __attribute__((vector_size(sizeof(LANES_T))));
  *value = (LANES_T)((mask)*value & ~(mask)(*value < 0));
}

INLINE void TILED(output_plane)(const float *m, size_t frequency_step, const float *bias, int rectified, float *y,
                             size_t slice, size_t line, size_t tiles, size_t channels, const int plane) {
  for (size_t t = 0; t < tiles; t++) {
    for (size_t c = 0; c < channels; c += LANES) {
      const float *in = m + t * channels + c;
      LANES_T over_x[SPAN][EDGE], values[EDGE][EDGE];
#pragma clang loop unroll(full)
      for (size_t i = 0; i < SPAN; i++) {
        LANES_T row[SPAN];
#pragma clang loop unroll(full)
        for (size_t x = 0; x < SPAN; x++) row[x] = *(const LANES_T *)(in + (SPAN * i + x) * frequency_step);
        TILED(output_transform)(row, over_x[i], 1, 1);
      }
#pragma clang loop unroll(full)
      for (int x = 0; x < EDGE; x++) TILED(output_transform)(&over_x[0][x], &values[0][x], EDGE, EDGE);

      const LANES_T b = bias ? *(const LANES_T *)(bias + c) : (LANES_T){0};
#pragma clang loop unroll(full)
      for (size_t i = 0; i < EDGE * EDGE; i++) {
        LANES_T *low = (LANES_T *)(y + i / EDGE * line + (EDGE * t + i % EDGE) * channels + c);
        LANES_T *high = (LANES_T *)((float *)low + slice);
        const LANES_T value = values[i / EDGE][i % EDGE];
        // The columns of Aᵀ: (1, 0), (1, 1), (1, -1), (0, -1).
        if (plane == 0) *low = b + value;
        if (plane == 1) *low += value, *high = b + value;
        if (plane == 2) *low += value, *high -= value;
        if (plane == 3) *high -= value;
        if (rectified && plane == 2) TILED(rectify)(low);
        if (rectified && plane == 3) TILED(rectify)(high);
      }
    }
  }
}

static void TILED(output_row)(const float *m, size_t frequency_step, const float *bias, int rectified, float *y,
                           kernels_size size, size_t channels, size_t row_z, size_t row_y, int plane) {
  const size_t line = size.width * channels, slice = size.height * line, tiles = size.width / EDGE;
  float *corner = y + 2 * row_z * slice + EDGE * row_y * line;
  switch (plane) {
  case 0: TILED(output_plane)(m, frequency_step, bias, rectified, corner, slice, line, tiles, channels, 0); return;
  case 1: TILED(output_plane)(m, frequency_step, bias, rectified, corner, slice, line, tiles, channels, 1); return;
  case 2: TILED(output_plane)(m, frequency_step, bias, rectified, corner, slice, line, tiles, channels, 2); return;
  default: TILED(output_plane)(m, frequency_step, bias, rectified, corner, slice, line, tiles, channels, 3);
  }
}
#undef LANES_T
