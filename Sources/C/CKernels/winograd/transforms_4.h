// The transforms of F(4, 3), algebra.h, along one axis of arrays in registers: element i at [i * from], result j at [j * to].
// Those of a point and of its negative share their even and odd terms.
#define LANES_T OF(lanes)
#define A 0.70710678118654752f
#define B 1.41421356237309505f

// Bᵀ d
INLINE void OF(input_transform_4)(const LANES_T *d, LANES_T *t, size_t from, size_t to) {
  const LANES_T even_a = d[4 * from] - 2.0f * d[2 * from], odd_a = A * (d[3 * from] - 2.0f * d[from]);
  const LANES_T even_b = d[4 * from] - 0.5f * d[2 * from], odd_b = B * (d[3 * from] - 0.5f * d[from]);
  t[0] = d[0] - 2.5f * d[2 * from] + d[4 * from];
  t[to] = even_a + odd_a;
  t[2 * to] = even_a - odd_a;
  t[3 * to] = even_b + odd_b;
  t[4 * to] = even_b - odd_b;
  t[5 * to] = d[from] - 2.5f * d[3 * from] + d[5 * from];
}

// G g
INLINE void OF(filter_transform_4)(const LANES_T *g, LANES_T *t, size_t from, size_t to) {
  const LANES_T even_a = (g[0] + 0.5f * g[2 * from]) * (1 / -1.5f), odd_a = A / -1.5f * g[from];
  const LANES_T even_b = (g[0] + 2.0f * g[2 * from]) * (1 / 6.0f), odd_b = B / 6 * g[from];
  t[0] = g[0];
  t[to] = even_a + odd_a;
  t[2 * to] = even_a - odd_a;
  t[3 * to] = even_b + odd_b;
  t[4 * to] = even_b - odd_b;
  t[5 * to] = g[2 * from];
}

// Aᵀ m
INLINE void OF(output_transform_4)(const LANES_T *m, LANES_T *y, size_t from, size_t to) {
  const LANES_T even_a = m[from] + m[2 * from], odd_a = A * (m[from] - m[2 * from]);
  const LANES_T even_b = m[3 * from] + m[4 * from], odd_b = B * (m[3 * from] - m[4 * from]);
  y[0] = m[0] + even_a + even_b;
  y[to] = odd_a + odd_b;
  y[2 * to] = 0.5f * even_a + 2.0f * even_b;
  y[3 * to] = 0.5f * odd_a + 2.0f * odd_b + m[5 * from];
}

// A dy
INLINE void OF(output_gradient_transform_4)(const LANES_T *dy, LANES_T *t, size_t from, size_t to) {
  const LANES_T even_a = dy[0] + 0.5f * dy[2 * from], odd_a = A * (dy[from] + 0.5f * dy[3 * from]);
  const LANES_T even_b = dy[0] + 2.0f * dy[2 * from], odd_b = B * (dy[from] + 2.0f * dy[3 * from]);
  t[0] = dy[0];
  t[to] = even_a + odd_a;
  t[2 * to] = even_a - odd_a;
  t[3 * to] = even_b + odd_b;
  t[4 * to] = even_b - odd_b;
  t[5 * to] = dy[3 * from];
}

// Gᵀ u
INLINE void OF(filter_gradient_transform_4)(const LANES_T *u, LANES_T *dg, size_t from, size_t to) {
  const LANES_T even_a = (u[from] + u[2 * from]) * (1 / -1.5f), odd_a = A / -1.5f * (u[from] - u[2 * from]);
  const LANES_T even_b = (u[3 * from] + u[4 * from]) * (1 / 6.0f), odd_b = B / 6 * (u[3 * from] - u[4 * from]);
  dg[0] = u[0] + even_a + even_b;
  dg[to] = odd_a + odd_b;
  dg[2 * to] = 0.5f * even_a + 2.0f * even_b + u[5 * from];
}
#undef A
#undef B
#undef LANES_T
