#ifndef WINOGRAD_H
#define WINOGRAD_H
#include "../team.h"
#include "algebra.h"

// One pass of one layer. A block is some rows of tiles (all tiles of one z and y) whose transforms stay in the cache.
typedef struct {
  const float *x, *along, *beyond, *dy, *filter, *bias;
  float *y, *gradient;
  kernels_size size;
  size_t inputs, outputs;
  int rectified;

  size_t edge;             // outputs of a tile along y and x, 2 or 4; along z they are 2
  size_t plane;            // frequencies of one z
  size_t rows;             // of tiles
  size_t row_tiles;        // tiles of a row
  size_t block_rows;       // rows of a block
  size_t blocks;
  size_t first_row;        // of the block that all threads share
  size_t frequencies;      // that are in memory together: a plane, or all
  size_t parts;            // threads with sums of their own
  float *scratch;          // of thread 0
  size_t scratch_step;     // floats of one thread
  size_t input_step;       // floats from one frequency to the next, transformed inputs
  size_t output_step;      // the same, products or transformed gradients
} winograd_job;

// Several rows of a matrix product: c[r][j] (+)= Σ over k < n of a[r][k] b[k][j], where a[r][k] is at
// [r * a_row + k * a_step], b[k][j] at [k * b_step + j], c[r][j] at [r * c_row + j].
typedef struct {
  const float *a, *b;
  float *c;
  size_t a_row, a_step, b_step, c_row, n;
} winograd_product;

// Rows that the micro-kernel computes together, and the most inputs it sums over in one go.
#define PRODUCT_ROWS 8
#define RUN 192

// A filter to be transformed: weights (O, I, 27) of a layer. `transposed` is the filter of its input's gradient, whose
// inputs are the layer's outputs.
typedef struct {
  const float *weights;
  float *filter;
  size_t inputs, outputs, edge;
  int transposed;
} winograd_filter_job;

// What is compiled for each instruction set.
typedef struct {
  team_body filter;            // elements: input channels of a winograd_filter_job
  team_body forward;           // elements: blocks of a winograd_job, as all that follow
  team_body shared_inputs;     // elements: rows of the shared block
  team_body shared_products;   // elements: frequencies
  team_body shared_outputs;    // elements: rows of the shared block
  team_body gradient;          // elements: blocks
  team_body shared_gradients;  // elements: rows of the shared block
  team_body shared_sums;       // elements: frequencies
  team_body filter_gradient;   // elements: input channels
} winograd_kernels;

extern const winograd_kernels winograd_avx512, winograd_avx2, winograd_generic;

#endif
