#ifndef WINOGRAD_ALGEBRA_H
#define WINOGRAD_ALGEBRA_H
#include <stddef.h>

// Winograd's minimal filtering: S. Winograd, Arithmetic Complexity of Computations (1980); A. Lavin and S. Gray, Fast
// Algorithms for Convolutional Neural Networks (2016), equations (5) to (8). EDGE neighbouring outputs of a filter g of
// three taps over SPAN = EDGE + 2 inputs d take SPAN products in place of 3 EDGE:
//
//       y = Aᵀ [(G g) ⊙ (Bᵀ d)]
//
// F(2, 3), over the points 0, 1, -1 and infinity:
//
//            1  0 -1  0           1   0   0
//       Bᵀ = 0  1  1  0      G =  ½   ½   ½      Aᵀ = 1  1  1  0
//            0 -1  1  0           ½  -½   ½           0  1 -1 -1
//            0  1  0 -1           0   0   1
//
// F(4, 3), over 0, ±a, ±b and infinity. With a² = ½, b² = 2 it rounds by half of what the usual 1 and 2 do, three times as
// much as F(2, 3) (on the choice of points: B. Barabasz, A. Anderson, K. Soodhalter and D. Gregg, Error Analysis and Improving
// the Accuracy of Winograd Convolution for Deep Neural Networks, 2020). Row i of G is (1, p, p²) / Nᵢ, Nᵢ the product of p's distances to the others:
// 1, -1.5 for ±a, 6 for ±b; column i of Aᵀ is (1, p, p², p³); row i of Bᵀ has the coefficients of the product of x - q over
// the other points q.
//
// Here they are nested: F(2, 3) along z, F(EDGE, 3) along y and x. Over all channels the products of one frequency
// (z, y, x), number (z SPAN + y) SPAN + x, are a matrix product. An output takes 8 products with EDGE 2, 4.5 with EDGE 4, and 27
// as the sum is written.
//
// y is linear in g and in d, so the gradients are the transposes (Lavin and Gray, section 6):
//       the input's:    the same convolution of dy with the filter turned round, inputs and outputs changed over;
//       the filter's:   dg = Gᵀ [(Bᵀ d) ⊙ (A dy)], summed over the tiles.
//
// Memory: tensors are one sample, channels-last (D, H, W, C). What lies outside counts as zero.
//
// Frequencies of one z are a plane. Bᵀ takes two of four slices for each, Aᵀ gives to one or two: blocks go plane by plane,
// so that the transforms of four times as many tiles fit into the cache, and the filter is read a quarter as often.
#define PLANES 4
#define SPAN (EDGE + 2)

// A value a channel: LANES neighbouring channels at a time. What is included is compiled for numbers of lanes, and for edges.
#define WINOGRAD_JOINED(name, lanes) name##_##lanes
#define WINOGRAD_JOIN(name, lanes) WINOGRAD_JOINED(name, lanes)
#define OF(name) WINOGRAD_JOIN(name, LANES)
#define TILED(name) OF(WINOGRAD_JOIN(name, EDGE))
#define INLINE static inline __attribute__((always_inline))

typedef float lanes_8 __attribute__((vector_size(32), aligned(4)));
typedef float lanes_16 __attribute__((vector_size(64), aligned(4)));

#endif
