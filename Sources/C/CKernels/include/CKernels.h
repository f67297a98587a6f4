#ifndef CKERNELS_H
#define CKERNELS_H
#include <stddef.h>
#include <stdint.h>

// The operations that oneDNN does not have, or not as fast. Tensors are one sample, channels-last (D, H, W, C), float32.
// Work is split over the OpenMP team that oneDNN uses; for one number of threads the result is always the same bits.

// Threads of the team: OMP_NUM_THREADS, or all processors.
int kernels_threads(void);
// Has the team be of so many threads, denormals flushed on each. Call it from the thread that computes, before it does.
void kernels_use_threads(int threads);
// Instruction sets that kernels are compiled for; a processor that has one has those before it. The best is what the
// processor has, or less where POPCORN_ISA in the environment says so: "generic", "avx2" or "avx512".
typedef enum { kernels_generic, kernels_avx2, kernels_avx512 } kernels_isa;
kernels_isa kernels_best_isa(void);
// Flush denormals to zero on every thread of the team: a saturated softmax makes gradients that small, and each would
// cost a hundred cycles. Call it from the thread that computes.
void kernels_flush_denormals(void);

// Multiplies and adds in registers, on the whole team; returns how many floating-point operations that were.
double kernels_multiply_and_add(size_t rounds);

typedef struct { size_t depth, height, width; } kernels_size;

// Adam over n values: first and second are the moments; first_new is 1 - beta1, second_kept beta2, second_new 1 - beta2,
// each rounded once from the exact; rate is rate / (1 - beta1^t), root_left is sqrt(1 - beta2^t);
// value -= rate first / (sqrt(second) / root_left + epsilon).
void kernels_adam(float *values, const float *gradients, float *first, float *second, size_t n,
                  float first_new, float second_kept, float second_new, float rate, float root_left, float epsilon);
// y += x.
void kernels_add(const float *x, float *y, size_t n);
// dy = 0 where y is not positive.
void kernels_rectify_backward(const float *y, float *dy, size_t n);
// y = x kept where the hash of key and element is at least threshold, 0 elsewhere.
void kernels_drop(const float *x, float *y, size_t n, uint32_t low, uint32_t high, uint32_t threshold, float kept);

// Planar (C, D, H, W) to channels-last, and back.
void kernels_to_channels_last(const float *planar, float *last, size_t voxels, size_t channels);
void kernels_to_planar(const float *last, float *planar, size_t voxels, size_t channels);

// values[v, c] along[c] + beyond[c]; plain values where along is null.
typedef struct { const float *values, *along, *beyond; } kernels_scaled;
void kernels_scale(kernels_scaled x, float *y, size_t voxels, size_t channels);
// What makes x scale (x - mean) inverse + shift over groups of channels; and each group's mean and inverse deviation.
void kernels_normalize(const float *x, size_t voxels, size_t channels, size_t groups, double epsilon,
                       const float *scale, const float *shift, double *means, double *inverses, float *along,
                       float *beyond);
// dy becomes dx; writes the gradients of scale and shift.
void kernels_normalize_backward(float *dy, const float *x, size_t voxels, size_t channels, size_t groups,
                                const float *scale, const double *means, const double *inverses, float *scale_gradient,
                                float *shift_gradient);

// Largest of each 2x2x2 block of x, whose size is given; and dx, written whole, from dy and x.
void kernels_pool(const float *x, float *y, kernels_size size, size_t channels);
void kernels_pool_backward(const float *dy, const float *x, float *dx, kernels_size size, size_t channels);

// [x at twice its size, skip] into y; size is that of x. And back: dx and dskip, written whole, from dy. Without channels
// of a skip its pointers are not looked at.
void kernels_upsample(const float *x, const float *skip, float *y, kernels_size size, size_t channels,
                      size_t skip_channels);
void kernels_upsample_backward(const float *dy, float *dx, float *dskip, kernels_size size, size_t channels,
                               size_t skip_channels);

// Over the channels of each voxel. dy becomes dx.
void kernels_softmax(const float *x, float *y, size_t voxels, size_t channels);
void kernels_softmax_backward(float *dy, const float *y, size_t voxels, size_t channels);

// Sum of each channel. Mean of each channel; and dx = dy / voxels everywhere.
void kernels_channel_sums(const float *x, float *sums, size_t voxels, size_t channels);
void kernels_channel_mean(const float *x, float *mean, size_t voxels, size_t channels);
void kernels_channel_mean_backward(const float *dy, float *dx, size_t voxels, size_t channels);

// A 3x3x3 convolution to few channels (at most 4), weights (O, I, 3, 3, 3): y = x * w + b; and dw, db from x and dy.
// Inputs are a multiple of 16.
void kernels_narrow(const float *x, const float *weights, const float *bias, float *y, kernels_size size, size_t inputs,
                    size_t outputs);
void kernels_narrow_backward_weights(const float *x, const float *dy, float *weights_gradient, float *bias_gradient,
                                     kernels_size size, size_t inputs, size_t outputs);

// 3x3x3 convolutions with padding 1 by Winograd's algorithm (winograd/algebra.h): tiles of 2 outputs along z and `edge`, 2 or 4,
// along y and x, which divide the size; channels in eights. A filter is made from weights (O, I, 3, 3, 3), and is for one
// instruction set; `transposed` is that of the input's gradient, which is kernels_winograd with inputs and outputs changed
// over, no bias and no ReLU. The input of the layer may be scaled on the way. Scratch is in floats, aligned to 64 bytes.
int kernels_winograd_suits(kernels_size size, size_t edge, size_t inputs, size_t outputs);
size_t kernels_winograd_filter_floats(size_t edge, size_t inputs, size_t outputs);
void kernels_winograd_filter(kernels_isa isa, const float *weights, float *filter, size_t edge, size_t inputs,
                             size_t outputs, int transposed);
size_t kernels_winograd_scratch(kernels_size size, size_t edge, size_t inputs, size_t outputs);
void kernels_winograd(kernels_isa isa, kernels_scaled x, const float *filter, const float *bias, int rectified, float *y,
                      kernels_size size, size_t edge, size_t inputs, size_t outputs, float *scratch);
size_t kernels_winograd_gradient_scratch(kernels_size size, size_t edge, size_t inputs, size_t outputs);
void kernels_winograd_backward_weights(kernels_isa isa, kernels_scaled x, const float *dy, float *weights_gradient,
                                       kernels_size size, size_t edge, size_t inputs, size_t outputs, float *scratch);

/// The first i from `from` on with norms[i] - 2 products[i] <= limit; `count` where there is none. On the calling thread.
size_t kernels_next_key(const float *products, const float *norms, size_t from, size_t count, float limit);

#endif
