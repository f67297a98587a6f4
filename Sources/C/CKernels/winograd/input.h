// The input transform Bᵀ d of a row of tiles, those with outputs at z = 2 row_z, y = 2 row_y and every x, for the sixteen
// frequencies of one z: "plane" 0 to 3.
// To v: for frequency f of the plane, tile t of the row and channel c at [f * frequency_step + t * channels + c].
//
// d is x, or x along[c] + beyond[c] where those are given: a norm that is taken on the way. Outside it is zero either way.
#define LANES_T OF(lanes)

typedef struct {
  const float *const *first, *const *second; // the rows of two slices; NULL where they lie outside
  const float *along, *beyond;               // of the first of LANES channels
} OF(input_rows);

INLINE void OF(input_voxel)(const OF(input_rows) * r, const float *row, size_t offset, const int scales, LANES_T *d) {
  *d = row ? *(const LANES_T *)(row + offset) : (LANES_T){0};
  if (scales && row) *d = *d * *(const LANES_T *)r->along + *(const LANES_T *)r->beyond;
}

// Bᵀ over z and y of a column of voxels: d[first] ± d[second] over z, then four values over y.
INLINE void OF(input_column)(const OF(input_rows) * r, size_t offset, const int minus, const int scales,
                             LANES_T *column) {
  LANES_T over_z[4];
#pragma clang loop unroll(full)
  for (int y = 0; y < 4; y++) {
    LANES_T a, b;
    OF(input_voxel)(r, r->first[y], offset, scales, &a);
    OF(input_voxel)(r, r->second[y], offset, scales, &b);
    over_z[y] = minus ? a - b : a + b;
  }
  OF(input_transform)(over_z, column, 1, 1);
}

INLINE void OF(input_plane)(OF(input_rows) r, const int minus, const int scales, size_t width, size_t channels, float *v,
                            size_t frequency_step) {
  for (size_t c = 0; c < channels; c += LANES) {
    // Four columns of a tile, of which the next tile shares the last two.
    LANES_T columns[4][4] = {{{0}}};
    OF(input_column)(&r, c, minus, scales, columns[1]);
    for (size_t t = 0; t < width / 2; t++) {
      OF(input_column)(&r, (2 * t + 1) * channels + c, minus, scales, columns[2]);
      if (2 * t + 2 < width)
        OF(input_column)(&r, (2 * t + 2) * channels + c, minus, scales, columns[3]);
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
    if (scales) r.along += LANES, r.beyond += LANES;
  }
}

static void OF(input_row)(const winograd_job *j, size_t row_z, size_t row_y, int plane, float *v) {
  // The rows of Bᵀ: which two of a tile's four slices make a plane, and whether as a difference.
  static const size_t slices[4][2] = {{0, 2}, {1, 2}, {2, 1}, {1, 3}};
  const kernels_size size = j->size;
  const size_t channels = j->inputs, step = j->input_step;
  const float *rows[2][4];
  for (size_t i = 0; i < 2; i++)
    for (size_t k = 0; k < 4; k++) {
      // Unsigned: one before the first is beyond the last too.
      const size_t z = 2 * row_z + slices[plane][i] - 1, y = 2 * row_y + k - 1;
      rows[i][k] = z < size.depth && y < size.height ? j->x + (z * size.height + y) * size.width * channels : NULL;
    }
  const OF(input_rows) r = {rows[0], rows[1], j->along, j->beyond};
  const int minus = plane != 1;
  if (j->along)
    minus ? OF(input_plane)(r, 1, 1, size.width, channels, v, step)
          : OF(input_plane)(r, 0, 1, size.width, channels, v, step);
  else
    minus ? OF(input_plane)(r, 1, 0, size.width, channels, v, step)
          : OF(input_plane)(r, 0, 0, size.width, channels, v, step);
}
#undef LANES_T
