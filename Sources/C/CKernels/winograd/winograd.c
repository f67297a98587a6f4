#include "winograd.h"
#include <string.h>

static const winograd_kernels *compiled_for(kernels_isa isa) {
#if defined(__x86_64__)
  if (isa == kernels_avx512) return &winograd_avx512;
  if (isa == kernels_avx2) return &winograd_avx2;
#endif
  (void)isa;
  return &winograd_generic;
}

static size_t plane_of(size_t edge) { return (edge + 2) * (edge + 2); }

// Tiles of a block: a plane's transforms should stay in the second-level cache.
#define CACHE (1000 << 10)
static size_t block_tiles(size_t inputs, size_t outputs, size_t edge) {
  const size_t tiles = CACHE / (plane_of(edge) * sizeof(float) * (inputs + outputs));
  return tiles < 32 ? 32 : tiles > 256 ? 256 : tiles;
}

// Where the filter is that large, threads share a block and divide the frequencies, so that each reads a part of it.
static int is_shared(size_t inputs, size_t outputs, size_t limit) { return inputs * outputs > limit; }
#define SHARED_FORWARD 32768
#define SHARED_GRADIENT 32768
#define SHARED_TILES 192

static size_t at_least_one(size_t n) { return n > 0 ? n : 1; }

static winograd_job plan(kernels_size size, size_t edge, size_t inputs, size_t outputs, int shared) {
  winograd_job j = {.size = size, .inputs = inputs, .outputs = outputs, .edge = edge, .plane = plane_of(edge)};
  j.frequencies = shared ? PLANES * j.plane : j.plane;
  j.rows = size.depth / 2 * (size.height / edge);
  j.row_tiles = size.width / edge;
  const size_t wanted = shared ? SHARED_TILES : block_tiles(inputs, outputs, edge);
  const size_t share = (j.rows + (size_t)kernels_threads() - 1) / (size_t)kernels_threads();
  j.block_rows = at_least_one(wanted / j.row_tiles);
  if (shared ? j.block_rows > j.rows : j.block_rows > share) j.block_rows = shared ? j.rows : share;
  j.blocks = (j.rows + j.block_rows - 1) / j.block_rows;
  const size_t tiles = (j.block_rows * j.row_tiles + PRODUCT_ROWS - 1) / PRODUCT_ROWS * PRODUCT_ROWS;
  // A cache line more than a power of two, so that frequencies do not fall upon one another in the cache.
  j.input_step = tiles * inputs + 16;
  j.output_step = tiles * outputs + 16;
  return j;
}

static size_t transforms(const winograd_job *j) { return j->frequencies * (j->input_step + j->output_step); }

// Sums of a thread, of each frequency.
static size_t sums(const winograd_job *j) {
  return (PLANES * j->plane * j->inputs * j->outputs + 15) / 16 * 16;
}

int kernels_winograd_suits(kernels_size size, size_t edge, size_t inputs, size_t outputs) {
  return (edge == 2 || edge == 4) && inputs % 8 == 0 && outputs % 8 == 0 && inputs > 0 && outputs > 0 &&
         size.depth % 2 == 0 && size.height % edge == 0 && size.width % edge == 0 && size.depth > 0 &&
         size.height > 0 && size.width > 0;
}

size_t kernels_winograd_filter_floats(size_t edge, size_t inputs, size_t outputs) {
  return PLANES * plane_of(edge) * inputs * outputs;
}

void kernels_winograd_filter(kernels_isa isa, const float *weights, float *filter, size_t edge, size_t inputs,
                             size_t outputs, int transposed) {
  const winograd_filter_job job = {.weights = weights,
                                   .filter = filter,
                                   .inputs = transposed ? outputs : inputs,
                                   .outputs = transposed ? inputs : outputs,
                                   .edge = edge,
                                   .transposed = transposed};
  team_run(compiled_for(isa)->filter, &job, job.inputs, PLANES * plane_of(edge) * job.outputs);
}

size_t kernels_winograd_scratch(kernels_size size, size_t edge, size_t inputs, size_t outputs) {
  const int shared = is_shared(inputs, outputs, SHARED_FORWARD);
  const winograd_job j = plan(size, edge, inputs, outputs, shared);
  return transforms(&j) * (shared ? 1 : (size_t)kernels_threads());
}

void kernels_winograd(kernels_isa isa, kernels_scaled x, const float *filter, const float *bias, int rectified, float *y,
                      kernels_size size, size_t edge, size_t inputs, size_t outputs, float *scratch) {
  const winograd_kernels *kernels = compiled_for(isa);
  const int shared = is_shared(inputs, outputs, SHARED_FORWARD);
  winograd_job j = plan(size, edge, inputs, outputs, shared);
  j.x = x.values, j.along = x.along, j.beyond = x.beyond;
  j.filter = filter, j.bias = bias, j.rectified = rectified, j.y = y;
  j.scratch = scratch;
  j.scratch_step = transforms(&j);
  const size_t tile = PLANES * j.plane * inputs * outputs;
  if (!shared) {
    team_run(kernels->forward, &j, j.blocks, j.block_rows * j.row_tiles * tile);
    return;
  }
  for (; j.first_row < j.rows; j.first_row += j.block_rows) {
    const size_t left = j.rows - j.first_row, rows = left < j.block_rows ? left : j.block_rows;
    team_run(kernels->shared_inputs, &j, rows, j.frequencies * j.row_tiles * inputs);
    team_run(kernels->shared_products, &j, j.frequencies, rows * j.row_tiles * inputs * outputs);
    team_run(kernels->shared_outputs, &j, rows, j.frequencies * j.row_tiles * outputs);
  }
}

size_t kernels_winograd_gradient_scratch(kernels_size size, size_t edge, size_t inputs, size_t outputs) {
  const int shared = is_shared(inputs, outputs, SHARED_GRADIENT);
  const winograd_job j = plan(size, edge, inputs, outputs, shared);
  return (transforms(&j) + sums(&j)) * (shared ? 1 : (size_t)kernels_threads());
}

static void clear_sums(const void *job, size_t from, size_t to, int thread) {
  const winograd_job *j = job;
  (void)thread;
  for (size_t part = from; part < to; part++)
    memset(j->scratch + part * j->scratch_step + transforms(j), 0, sums(j) * sizeof(float));
}

void kernels_winograd_backward_weights(kernels_isa isa, kernels_scaled x, const float *dy, float *weights_gradient,
                                       kernels_size size, size_t edge, size_t inputs, size_t outputs,
                                       float *scratch) {
  const winograd_kernels *kernels = compiled_for(isa);
  const int shared = is_shared(inputs, outputs, SHARED_GRADIENT);
  winograd_job j = plan(size, edge, inputs, outputs, shared);
  j.x = x.values, j.along = x.along, j.beyond = x.beyond;
  j.dy = dy, j.gradient = weights_gradient;
  j.scratch = scratch;
  j.scratch_step = transforms(&j) + sums(&j);
  j.parts = shared ? 1 : (size_t)kernels_threads();
  const size_t tile = PLANES * j.plane * inputs * outputs;
  team_run(clear_sums, &j, j.parts, sums(&j));
  if (shared) {
    for (; j.first_row < j.rows; j.first_row += j.block_rows) {
      const size_t left = j.rows - j.first_row, rows = left < j.block_rows ? left : j.block_rows;
      team_run(kernels->shared_gradients, &j, rows, j.frequencies * j.row_tiles * (inputs + outputs));
      team_run(kernels->shared_sums, &j, j.frequencies, rows * j.row_tiles * inputs * outputs);
    }
  } else {
    team_run(kernels->gradient, &j, j.blocks, j.block_rows * j.row_tiles * tile);
  }
  team_run(kernels->filter_gradient, &j, inputs, PLANES * j.plane * j.parts * outputs);
}
