// The input transform Bᵀ d of a row of tiles, those with outputs at z = 2 row_z, y = 2 row_y and every x, for the sixteen
// frequencies of one z: "plane" 0 to 3.
// To v: for frequency f of the plane, tile t of the row and channel c at [f * frequency_step + t * channels + c].
#define LANES_T OF(lanes)

// Bᵀ over z and y of a column of voxels: d[first] ± d[second] over z, then four values over y. A row outside is NULL.
INLINE void OF(input_column)(const float *const *first, const float *const *second, int minus, size_t offset,
                             LANES_T *column) {
  LANES_T over_z[4];
#pragma clang loop unroll(full)
  for (int y = 0; y < 4; y++) {
    const LANES_T a = first[y] ? *(const LANES_T *)(first[y] + offset) : (LANES_T){0};
    const LANES_T b = second[y] ? *(const LANES_T *)(second[y] + offset) : (LANES_T){0};
    over_z[y] = minus ? a - b : a + b;
  }
  OF(input_transform)(over_z, column, 1, 1);
}

INLINE void OF(input_plane)(const float *const *first, const float *const *second, const int minus, size_t width,
                            size_t channels, float *v, size_t frequency_step) {
  for (size_t c = 0; c < channels; c += LANES) {
    // Four columns of a tile, of which the next tile shares the last two.
    LANES_T columns[4][4] = {{{0}}};
    OF(input_column)(first, second, minus, c, columns[1]);
    for (size_t t = 0; t < width / 2; t++) {
      OF(input_column)(first, second, minus, (2 * t + 1) * channels + c, columns[2]);
      if (2 * t + 2 < width)
        OF(input_column)(first, second, minus, (2 * t + 2) * channels + c, columns[3]);
      else
#pragma clang loop unroll(full)
        for (int y = 0; y < 4; y++) columns[3][y] = (LANES_T){0};
      float *out = v + t * channels + c;
#pragma clang loop unroll(full)
      for (size_t y = 0; y < 4; y++) {
        LANES_T over_x[4];
        OF(input_transform)(&columns[0][y], over_x, 4, 1);
#pragma clang loop unroll(full)
        for (size_t x = 0; x < 4; x++) *(LANES_T *)(out + (4 * y + x) * frequency_step) = over_x[x];
        columns[0][y] = columns[2][y];
        columns[1][y] = columns[3][y];
      }
    }
  }
}

static void OF(input_row)(const float *x, kernels_size size, size_t channels, size_t row_z, size_t row_y, int plane,
                          float *v, size_t frequency_step) {
  // The rows of Bᵀ: which two of a tile's four slices make a plane, and whether as a difference.
  static const size_t slices[4][2] = {{0, 2}, {1, 2}, {2, 1}, {1, 3}};
  const float *rows[2][4];
  for (size_t i = 0; i < 2; i++)
    for (size_t j = 0; j < 4; j++) {
      // Unsigned: one before the first is beyond the last too.
      const size_t z = 2 * row_z + slices[plane][i] - 1, y = 2 * row_y + j - 1;
      rows[i][j] = z < size.depth && y < size.height ? x + (z * size.height + y) * size.width * channels : NULL;
    }
  if (plane == 1)
    OF(input_plane)(rows[0], rows[1], 0, size.width, channels, v, frequency_step);
  else
    OF(input_plane)(rows[0], rows[1], 1, size.width, channels, v, frequency_step);
}
#undef LANES_T
