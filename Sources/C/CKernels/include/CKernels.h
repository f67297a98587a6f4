#ifndef CKERNELS_H
#define CKERNELS_H
#include <stddef.h>
#include <stdint.h>

// One step of Adam over n values: m and v are the moments, rate is rate / (1 - beta1^t),
// rootLeft is sqrt(1 - beta2^t). value -= rate m / (sqrt(v) / rootLeft + epsilon).
void kernels_adam(float *values, const float *gradients, float *first, float *second, size_t n, float beta1,
                  float beta2, float rate, float rootLeft, float epsilon);

#endif
