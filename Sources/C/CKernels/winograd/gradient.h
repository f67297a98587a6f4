// The transform A dy of a row of tiles, for the filter's gradient and the frequencies of one plane.
// To w: for frequency f of the plane, tile t of the row and channel c at [f * frequency_step + t * channels + c].
#define LANES_T OF(lanes)

INLINE void TILED(gradient_plane)(const float *dy, size_t slice, size_t line, size_t tiles, size_t channels,
                               const int plane, float *w, size_t frequency_step) {
  for (size_t t = 0; t < tiles; t++) {
    for (size_t c = 0; c < channels; c += LANES) {
      LANES_T over_z[EDGE * EDGE], over_y[SPAN][EDGE];
#pragma clang loop unroll(full)
      for (size_t i = 0; i < EDGE * EDGE; i++) {
        const LANES_T *low = (const LANES_T *)(dy + i / EDGE * line + (EDGE * t + i % EDGE) * channels + c);
        const LANES_T *high = (const LANES_T *)((const float *)low + slice);
        // The rows of A: (1, 0), (1, 1), (1, -1), (0, -1).
        over_z[i] = plane == 0 ? *low : plane == 1 ? *low + *high : plane == 2 ? *low - *high : -*high;
      }
#pragma clang loop unroll(full)
      for (int x = 0; x < EDGE; x++) TILED(output_gradient_transform)(over_z + x, &over_y[0][x], EDGE, EDGE);
      float *out = w + t * channels + c;
#pragma clang loop unroll(full)
      for (size_t y = 0; y < SPAN; y++) {
        LANES_T over_x[SPAN];
        TILED(output_gradient_transform)(over_y[y], over_x, 1, 1);
#pragma clang loop unroll(full)
        for (size_t x = 0; x < SPAN; x++) *(LANES_T *)(out + (SPAN * y + x) * frequency_step) = over_x[x];
      }
    }
  }
}

static void TILED(gradient_row)(const float *dy, kernels_size size, size_t channels, size_t row_z, size_t row_y, int plane,
                             float *w, size_t frequency_step) {
  const size_t line = size.width * channels, slice = size.height * line, tiles = size.width / EDGE;
  const float *corner = dy + 2 * row_z * slice + EDGE * row_y * line;
  switch (plane) {
  case 0: TILED(gradient_plane)(corner, slice, line, tiles, channels, 0, w, frequency_step); return;
  case 1: TILED(gradient_plane)(corner, slice, line, tiles, channels, 1, w, frequency_step); return;
  case 2: TILED(gradient_plane)(corner, slice, line, tiles, channels, 2, w, frequency_step); return;
  default: TILED(gradient_plane)(corner, slice, line, tiles, channels, 3, w, frequency_step);
  }
}
#undef LANES_T
