#include "CKernels.h"
#include <math.h>
void kernels_adam(float *values, const float *gradients, float *first, float *second, size_t n, float beta1,
                  float beta2, float rate, float rootLeft, float epsilon) {
  for (size_t i = 0; i < n; i++) {
    float g = gradients[i];
    first[i] += (1 - beta1) * (g - first[i]);
    second[i] = beta2 * second[i] + (1 - beta2) * g * g;
    values[i] -= rate * first[i] / (sqrtf(second[i]) / rootLeft + epsilon);
  }
}
