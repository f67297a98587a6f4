// The micro-kernel: a few rows of a matrix product, one to three vectors wide, its sums in registers.
//
//       c[r][j] (+)= Σ over k < n of a[r][k] b[k][j]
//
// `rows`, `vectors` and `adds` are constants where it is called, so that all but the loop over k is unrolled.
#define LANES_T OF(lanes)

INLINE void OF(multiply)(const winograd_product *p, const int rows, const int vectors, const int adds) {
  LANES_T sums[8][3];
  const float *a = p->a, *b = p->b;
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++)
      sums[r][j] = adds ? *(const LANES_T *)(p->c + (size_t)r * p->c_row + (size_t)j * LANES) : (LANES_T){0};
  for (size_t k = 0; k < p->n; k++, a += p->a_step, b += p->b_step) {
    LANES_T columns[3];
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) columns[j] = *(const LANES_T *)(b + (size_t)j * LANES);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      const float value = a[(size_t)r * p->a_row];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) sums[r][j] += value * columns[j];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) *(LANES_T *)(p->c + (size_t)r * p->c_row + (size_t)j * LANES) = sums[r][j];
}
#undef LANES_T
