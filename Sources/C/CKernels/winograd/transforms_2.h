// The transforms of F(2, 3), algebra.h, along one axis of arrays in registers: element i at [i * from], result j at [j * to].
#define LANES_T OF(lanes)

// Bᵀ d
INLINE void OF(input_transform_2)(const LANES_T *d, LANES_T *t, size_t from, size_t to) {
  t[0] = d[0] - d[2 * from];
  t[to] = d[from] + d[2 * from];
  t[2 * to] = d[2 * from] - d[from];
  t[3 * to] = d[from] - d[3 * from];
}

// G g
INLINE void OF(filter_transform_2)(const LANES_T *g, LANES_T *t, size_t from, size_t to) {
  const LANES_T ends = 0.5f * (g[0] + g[2 * from]), middle = 0.5f * g[from];
  t[0] = g[0];
  t[to] = ends + middle;
  t[2 * to] = ends - middle;
  t[3 * to] = g[2 * from];
}

// Aᵀ m
INLINE void OF(output_transform_2)(const LANES_T *m, LANES_T *y, size_t from, size_t to) {
  y[0] = m[0] + m[from] + m[2 * from];
  y[to] = m[from] - m[2 * from] - m[3 * from];
}

// A dy
INLINE void OF(output_gradient_transform_2)(const LANES_T *dy, LANES_T *t, size_t from, size_t to) {
  t[0] = dy[0];
  t[to] = dy[0] + dy[from];
  t[2 * to] = dy[0] - dy[from];
  t[3 * to] = -dy[from];
}

// Gᵀ u
INLINE void OF(filter_gradient_transform_2)(const LANES_T *u, LANES_T *dg, size_t from, size_t to) {
  const LANES_T sum = 0.5f * (u[from] + u[2 * from]);
  dg[0] = u[0] + sum;
  dg[to] = 0.5f * (u[from] - u[2 * from]);
  dg[2 * to] = sum + u[3 * from];
}
#undef LANES_T
