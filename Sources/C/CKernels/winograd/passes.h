// The passes of winograd.h over the transforms of one instruction set. It defines, before this is included,
// PICK(function, channels, edge), which takes the widest lanes that divide the channels; panel_width; multiply_panel.

static float *inputs_of(const winograd_job *j, int thread) { return j->scratch + (size_t)thread * j->scratch_step; }

static float *outputs_of(const winograd_job *j, int thread) {
  return inputs_of(j, thread) + j->frequencies * j->input_step;
}

static float *sums_of(const winograd_job *j, int thread) {
  return outputs_of(j, thread) + j->frequencies * j->output_step;
}

static size_t rows_from(const winograd_job *j, size_t first) {
  return first + j->block_rows < j->rows ? j->block_rows : j->rows - first;
}

// Row `row` of the scan as row `at` of a block.
static void transform_inputs(const winograd_job *j, size_t row, size_t at, int plane, float *v) {
  const size_t rows_y = j->size.height / j->edge;
  PICK(input_row, j->inputs, j->edge)
  (j, row / rows_y, row % rows_y, plane, v + at * j->row_tiles * j->inputs);
}

static void transform_gradients(const winograd_job *j, size_t row, size_t at, int plane, float *w) {
  const size_t rows_y = j->size.height / j->edge;
  PICK(gradient_row, j->outputs, j->edge)
  (j->dy, j->size, j->outputs, row / rows_y, row % rows_y, plane, w + at * j->row_tiles * j->outputs, j->output_step);
}

static void transform_outputs(const winograd_job *j, size_t row, size_t at, int plane, const float *m) {
  const size_t rows_y = j->size.height / j->edge;
  PICK(output_row, j->outputs, j->edge)
  (m + at * j->row_tiles * j->outputs, j->output_step, j->bias, j->rectified, j->y, j->size, j->outputs, row / rows_y,
   row % rows_y, plane);
}

// m = v u for one frequency: tiles x inputs by inputs x outputs. Tiles are counted up to whole rows of the micro-kernel:
// what the last ones hold is not used. Inputs come in runs, so that a panel of the filter stays in the nearest cache.
static void multiply(const winograd_job *j, size_t frequency, size_t tiles, const float *v, float *m) {
  const size_t C = j->inputs, K = j->outputs;
  const float *filter = j->filter + frequency * C * K;
  const size_t runs = (C + RUN - 1) / RUN, run = (C / 8 + runs - 1) / runs * 8;
  winograd_product p = {.a_row = C, .a_step = 1, .c_row = K};
  for (size_t c = 0; c < C; c += run) {
    p.n = c + run < C ? run : C - c;
    for (size_t k = 0, width; k < K; k += width) {
      width = panel_width(K - k);
      p.b = filter + k * C + c * width;
      p.b_step = width;
      for (size_t t = 0; t < tiles; t += PRODUCT_ROWS) {
        p.a = v + t * C + c;
        p.c = m + t * K + k;
        multiply_panel(width, &p, c > 0);
      }
    }
  }
}

// sums += vᵀ w for one frequency: inputs x tiles by tiles x outputs.
static void accumulate(const winograd_job *j, size_t tiles, const float *v, const float *w, float *sums) {
  const size_t C = j->inputs, K = j->outputs;
  winograd_product p = {.a_row = 1, .a_step = C, .b_step = K, .c_row = K, .n = tiles};
  for (size_t k = 0, width; k < K; k += width) {
    width = panel_width(K - k);
    p.b = w + k;
    for (size_t c = 0; c < C; c += PRODUCT_ROWS) {
      p.a = v + c;
      p.c = sums + c * K + k;
      multiply_panel(width, &p, 1);
    }
  }
}

static void forward(const void *job, size_t from, size_t to, int thread) {
  const winograd_job *j = job;
  float *v = inputs_of(j, thread), *m = outputs_of(j, thread);
  for (size_t block = from; block < to; block++) {
    const size_t first = block * j->block_rows, rows = rows_from(j, first);
    for (int plane = 0; plane < 4; plane++) {
      for (size_t r = 0; r < rows; r++) transform_inputs(j, first + r, r, plane, v);
      for (size_t f = 0; f < j->plane; f++)
        multiply(j, (size_t)plane * j->plane + f, rows * j->row_tiles, v + f * j->input_step, m + f * j->output_step);
      for (size_t r = 0; r < rows; r++) transform_outputs(j, first + r, r, plane, m);
    }
  }
}

static void gradient(const void *job, size_t from, size_t to, int thread) {
  const winograd_job *j = job;
  float *v = inputs_of(j, thread), *w = outputs_of(j, thread), *sums = sums_of(j, thread);
  for (size_t block = from; block < to; block++) {
    const size_t first = block * j->block_rows, rows = rows_from(j, first), tiles = rows * j->row_tiles;
    for (int plane = 0; plane < 4; plane++) {
      for (size_t r = 0; r < rows; r++) {
        transform_inputs(j, first + r, r, plane, v);
        transform_gradients(j, first + r, r, plane, w);
      }
      for (size_t f = 0; f < j->plane; f++)
        accumulate(j, tiles, v + f * j->input_step, w + f * j->output_step,
                   sums + ((size_t)plane * j->plane + f) * j->inputs * j->outputs);
    }
  }
}

static void shared_inputs(const void *job, size_t from, size_t to, int thread) {
  const winograd_job *j = job;
  (void)thread;
  for (size_t r = from; r < to; r++)
    for (int plane = 0; plane < 4; plane++)
      transform_inputs(j, j->first_row + r, r, plane, inputs_of(j, 0) + (size_t)plane * j->plane * j->input_step);
}

static void shared_products(const void *job, size_t from, size_t to, int thread) {
  const winograd_job *j = job;
  const size_t tiles = rows_from(j, j->first_row) * j->row_tiles;
  (void)thread;
  for (size_t f = from; f < to; f++)
    multiply(j, f, tiles, inputs_of(j, 0) + f * j->input_step, outputs_of(j, 0) + f * j->output_step);
}

static void shared_outputs(const void *job, size_t from, size_t to, int thread) {
  const winograd_job *j = job;
  (void)thread;
  for (size_t r = from; r < to; r++)
    for (int plane = 0; plane < 4; plane++)
      transform_outputs(j, j->first_row + r, r, plane, outputs_of(j, 0) + (size_t)plane * j->plane * j->output_step);
}

static void shared_gradients(const void *job, size_t from, size_t to, int thread) {
  const winograd_job *j = job;
  (void)thread;
  for (size_t r = from; r < to; r++)
    for (int plane = 0; plane < 4; plane++) {
      transform_inputs(j, j->first_row + r, r, plane, inputs_of(j, 0) + (size_t)plane * j->plane * j->input_step);
      transform_gradients(j, j->first_row + r, r, plane, outputs_of(j, 0) + (size_t)plane * j->plane * j->output_step);
    }
}

static void shared_sums(const void *job, size_t from, size_t to, int thread) {
  const winograd_job *j = job;
  const size_t tiles = rows_from(j, j->first_row) * j->row_tiles;
  (void)thread;
  for (size_t f = from; f < to; f++) {
    const float *w = outputs_of(j, 0) + f * j->output_step;
    accumulate(j, tiles, inputs_of(j, 0) + f * j->input_step, w, sums_of(j, 0) + f * j->inputs * j->outputs);
  }
}

static void filter_gradient(const void *job, size_t from, size_t to, int thread) {
  const winograd_job *j = job;
  const size_t C = j->inputs, K = j->outputs;
  (void)thread;
  for (size_t c = from; c < to; c++)
    for (size_t k = 0; k < K; k += 8)
      (j->edge == 4 ? filter_gradient_lanes_4_8 : filter_gradient_lanes_2_8)
      (sums_of(j, 0) + c * K + k, j->parts, j->scratch_step, C * K, j->gradient + (k * C + c) * 27, C * 27);
}

// Input channels from..<to of the filter of this pass: in panels of outputs, [frequency][panel][input][output in panel].
static void filter(const void *job, size_t from, size_t to, int thread) {
  const winograd_filter_job *j = job;
  const size_t C = j->inputs, K = j->outputs;
  (void)thread;
  for (size_t c = from; c < to; c++)
    for (size_t k = 0, width; k < K; k += width) {
      width = panel_width(K - k);
      for (size_t i = 0; i < width; i += 8) {
        const size_t at = j->transposed ? (c * K + k + i) * 27 : ((k + i) * C + c) * 27;
        (j->edge == 4 ? filter_lanes_4_8 : filter_lanes_2_8)
        (j->weights + at, j->transposed ? 27 : C * 27, j->transposed, j->filter + k * C + c * width + i, C * K);
      }
    }
}

const winograd_kernels KERNELS = {
    .filter = filter,
    .forward = forward,
    .shared_inputs = shared_inputs,
    .shared_products = shared_products,
    .shared_outputs = shared_outputs,
    .gradient = gradient,
    .shared_gradients = shared_gradients,
    .shared_sums = shared_sums,
    .filter_gradient = filter_gradient,
};
