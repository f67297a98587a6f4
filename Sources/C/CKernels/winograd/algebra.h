#ifndef WINOGRAD_ALGEBRA_H
#define WINOGRAD_ALGEBRA_H
#include <stddef.h>

// Winograd's minimal filtering F(2, 3) along each of three axes: S. Winograd, Arithmetic Complexity of Computations (1980);
// A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks (2016), equations (5) to (8). Two neighbouring
// outputs of a filter g of three taps over four inputs d take four products in place of six:
//
//       y = Aᵀ [(G g) ⊙ (Bᵀ d)]
//
//            1  0 -1  0           1   0   0
//       Bᵀ = 0  1  1  0      G =  ½   ½   ½      Aᵀ = 1  1  1  0
//            0 -1  1  0           ½  -½   ½           0  1 -1 -1
//            0  1  0 -1           0   0   1
//
// Nested over z, y and x: a tile of 4³ inputs becomes 64 "frequencies" (number 16 z + 4 y + x), 2³ outputs take 64
// products in place of 216, and over all channels the products of one frequency are a matrix product.
//
// y is linear in g and in d, so the gradients are the transposes (Lavin and Gray, section 6):
//       the input's:    the same convolution of dy with the filter turned round, inputs and outputs changed over;
//       the filter's:   dg = Gᵀ [(Bᵀ d) ⊙ (A dy)], summed over the tiles.
//
// Memory: tensors are one sample, channels-last (D, H, W, C). Edges are even; what lies outside counts as zero.
#define FREQUENCIES 64
// Frequencies of one z. Bᵀ takes two of four slices for each, Aᵀ gives to one or two: blocks go plane by plane, so that the
// transforms of four times as many tiles fit into the cache, and the filter is read a quarter as often.
#define PLANE 16

// A value a channel: LANES neighbouring channels at a time. Every transform is compiled for the lanes that are included.
#define WINOGRAD_JOINED(name, lanes) name##_##lanes
#define WINOGRAD_JOIN(name, lanes) WINOGRAD_JOINED(name, lanes)
#define OF(name) WINOGRAD_JOIN(name, LANES)
#define INLINE static inline __attribute__((always_inline))

typedef float lanes_8 __attribute__((vector_size(32), aligned(4)));
typedef float lanes_16 __attribute__((vector_size(64), aligned(4)));

#endif
