#ifndef CONEDNN_H
#define CONEDNN_H
#include <stddef.h>

// One direction of a 3x3x3 convolution with padding 1 for one size of one sample, made once and run often. Activations
// are channels-last (D, H, W, C), float32. Weights lie in the layout the library likes best; pack and unpack go
// between that and (O, I, D, H, W). Every function that can fail returns the library's status, 0 being success.

typedef struct onednn_plan onednn_plan;

// Has the library use no more than these instructions: "avx512", "avx2" or "generic". Before its first use.
void onednn_limit(const char *isa);

// The library's version, major, minor and patch.
void onednn_version(int *major, int *minor, int *patch);

typedef enum { onednn_forward, onednn_backward_data, onednn_backward_weights } onednn_direction;

typedef struct {
  long inputs, outputs;
  long depth, height, width;
  int rectified; // ReLU after the bias, forward only
} onednn_shape;

int onednn_plan_make(onednn_plan **plan, onednn_direction direction, const onednn_shape *shape);
void onednn_plan_free(onednn_plan *plan);

// Bytes of the weights in the plan's layout (of their gradient for backward weights), and of its scratch memory.
size_t onednn_plan_weights(const onednn_plan *plan);
size_t onednn_plan_scratch(const onednn_plan *plan);
// What the library runs, for example "jit:avx512_core". Valid as long as the plan.
const char *onednn_plan_kernel(const onednn_plan *plan);

// (O, I, D, H, W) to the plan's layout: forward and backward data. And back: backward weights.
int onednn_plan_pack(onednn_plan *plan, const float *plain, float *packed);
int onednn_plan_unpack(onednn_plan *plan, const float *packed, float *plain);

// Reads x, w and bias, writes y (forward); reads y and w, writes x (backward data); reads x and y, writes w and bias
// (backward weights). Pointers are to activations, packed weights and the plain bias; unused ones may be null.
int onednn_plan_run(onednn_plan *plan, float *x, float *weights, float *bias, float *y, void *scratch);

#endif
