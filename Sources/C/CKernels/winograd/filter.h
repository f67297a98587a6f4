// The filter's transform G g and its transpose, for one input channel and LANES output channels.
#define LANES_T OF(lanes)

// Weights lie at [lane * lane_step + tap], taps (3, 3, 3) in (z, y, x) order or `turned` round; frequency f of a lane goes
// to [f * frequency_step + lane].
static void TILED(filter_lanes)(const float *weights, size_t lane_step, int turned, float *u, size_t frequency_step) {
  LANES_T g[27], over_z[PLANES * 9], over_y[PLANES * SPAN * 3];
  for (int tap = 0; tap < 27; tap++)
    for (int lane = 0; lane < LANES; lane++) g[tap][lane] = weights[(size_t)lane * lane_step + (turned ? 26 - tap : tap)];
  for (int i = 0; i < 9; i++) OF(filter_transform_2)(g + i, over_z + i, 9, 9);
  for (int i = 0; i < PLANES * 3; i++)
    TILED(filter_transform)(over_z + i / 3 * 9 + i % 3, over_y + i / 3 * SPAN * 3 + i % 3, 3, 3);
  for (size_t i = 0; i < PLANES * SPAN; i++) {
    LANES_T f[SPAN];
    TILED(filter_transform)(over_y + 3 * i, f, 1, 1);
    for (size_t x = 0; x < SPAN; x++) *(LANES_T *)(u + (SPAN * i + x) * frequency_step) = f[x];
  }
}

// Gᵀ of the sum of `parts` arrays that lie `part_step` apart, frequency f of a lane at [f * frequency_step + lane]; the
// gradient of a tap goes to [lane * lane_step + tap].
static void TILED(filter_gradient_lanes)(const float *sums, size_t parts, size_t part_step, size_t frequency_step,
                                         float *gradient, size_t lane_step) {
  LANES_T u[PLANES * SPAN * SPAN], over_x[PLANES * SPAN * 3], over_y[PLANES * 9], g[27];
  for (size_t f = 0; f < PLANES * SPAN * SPAN; f++) {
    u[f] = *(const LANES_T *)(sums + f * frequency_step);
    for (size_t p = 1; p < parts; p++) u[f] += *(const LANES_T *)(sums + p * part_step + f * frequency_step);
  }
  for (int i = 0; i < PLANES * SPAN; i++) TILED(filter_gradient_transform)(u + SPAN * i, over_x + 3 * i, 1, 1);
  for (int i = 0; i < PLANES * 3; i++)
    TILED(filter_gradient_transform)(over_x + i / 3 * SPAN * 3 + i % 3, over_y + i / 3 * 9 + i % 3, 3, 3);
  for (int i = 0; i < 9; i++) OF(filter_gradient_transform_2)(over_y + i, g + i, 9, 9);
  for (int tap = 0; tap < 27; tap++)
    for (int lane = 0; lane < LANES; lane++) gradient[(size_t)lane * lane_step + (size_t)tap] = g[tap][lane];
}
#undef LANES_T
