// The input transform Bᵀ d of a row of tiles, those with outputs at z = 2 row_z, y = EDGE row_y and every x, for the
// frequencies of one z: "plane" 0 to 3.
// To v: for frequency f of the plane, tile t of the row and channel c at [f * input_step + t * channels + c].
//
// d is x, or x along[c] + beyond[c] where those are given: a norm that is taken on the way. Outside it is zero either way.
#define LANES_T OF(lanes)

typedef struct {
  const float *const *first, *const *second; // the rows of two slices; NULL where they lie outside
  const float *along, *beyond;               // of the first of LANES channels
} TILED(input_rows);

INLINE void TILED(input_voxel)(const TILED(input_rows) * r, const float *row, size_t offset, const int scales, LANES_T *d) {
  *d = row ? *(const LANES_T *)(row + offset) : (LANES_T){0};
  if (scales && row) *d = *d * *(const LANES_T *)r->along + *(const LANES_T *)r->beyond;
}

// Bᵀ over z and y of a column of voxels: d[first] ± d[second] over z, then as many values over y.
INLINE void TILED(input_column)(const TILED(input_rows) * r, size_t offset, const int minus, const int scales,
                             LANES_T *column) {
  LANES_T over_z[SPAN];
#pragma clang loop unroll(full)
  for (int y = 0; y < SPAN; y++) {
    LANES_T a, b;
    TILED(input_voxel)(r, r->first[y], offset, scales, &a);
    TILED(input_voxel)(r, r->second[y], offset, scales, &b);
    over_z[y] = minus ? a - b : a + b;
  }
  TILED(input_transform)(over_z, column, 1, 1);
}

INLINE void TILED(input_plane)(TILED(input_rows) r, const int minus, const int scales, size_t width, size_t channels, float *v,
                            size_t frequency_step) {
  for (size_t c = 0; c < channels; c += LANES) {
    // The columns of a tile, of which the next tile shares the last two.
    LANES_T columns[SPAN][SPAN] = {{{0}}};
    TILED(input_column)(&r, c, minus, scales, columns[1]);
    for (size_t t = 0; t < width / EDGE; t++) {
#pragma clang loop unroll(full)
      for (size_t i = 2; i < SPAN - 1; i++)
        TILED(input_column)(&r, (EDGE * t + i - 1) * channels + c, minus, scales, columns[i]);
      if (EDGE * (t + 1) < width)
        TILED(input_column)(&r, EDGE * (t + 1) * channels + c, minus, scales, columns[SPAN - 1]);
      else
#pragma clang loop unroll(full)
        for (int y = 0; y < SPAN; y++) columns[SPAN - 1][y] = (LANES_T){0};
      float *out = v + t * channels + c;
#pragma clang loop unroll(full)
      for (size_t y = 0; y < SPAN; y++) {
        LANES_T over_x[SPAN];
        TILED(input_transform)(&columns[0][y], over_x, SPAN, 1);
#pragma clang loop unroll(full)
        for (size_t x = 0; x < SPAN; x++) *(LANES_T *)(out + (SPAN * y + x) * frequency_step) = over_x[x];
        columns[0][y] = columns[EDGE][y];
        columns[1][y] = columns[EDGE + 1][y];
      }
    }
    if (scales) r.along += LANES, r.beyond += LANES;
  }
}

static void TILED(input_row)(const winograd_job *j, size_t row_z, size_t row_y, int plane, float *v) {
  // The rows of Bᵀ: which two of a tile's four slices make a plane, and whether as a difference.
  static const size_t slices[4][2] = {{0, 2}, {1, 2}, {2, 1}, {1, 3}};
  const kernels_size size = j->size;
  const size_t channels = j->inputs, step = j->input_step;
  const float *rows[2][SPAN];
  for (size_t i = 0; i < 2; i++)
    for (size_t k = 0; k < SPAN; k++) {
      // Unsigned: one before the first is beyond the last too.
      const size_t z = 2 * row_z + slices[plane][i] - 1, y = EDGE * row_y + k - 1;
      rows[i][k] = z < size.depth && y < size.height ? j->x + (z * size.height + y) * size.width * channels : NULL;
    }
  const TILED(input_rows) r = {rows[0], rows[1], j->along, j->beyond};
  const int minus = plane != 1;
  if (j->along)
    minus ? TILED(input_plane)(r, 1, 1, size.width, channels, v, step)
          : TILED(input_plane)(r, 0, 1, size.width, channels, v, step);
  else
    minus ? TILED(input_plane)(r, 1, 0, size.width, channels, v, step)
          : TILED(input_plane)(r, 0, 0, size.width, channels, v, step);
}
#undef LANES_T
