#ifndef TEAM_H
#define TEAM_H
#include "CKernels.h"

// One function, compiled for each instruction set; the loader picks.
#if defined(__x86_64__)
#define CLONES __attribute__((target_clones("avx512f", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

// A part of a job: elements from..<to, by that thread of the team.
typedef void (*team_body)(const void *job, size_t from, size_t to, int thread);

// Splits 0..<n over the team, in order, evenly, and waits for all. Each element costs about as much as touching `floats`
// floats: what is too little to share, the calling thread does alone.
void team_run(team_body body, const void *job, size_t n, size_t floats);

#define TEAM_LIMIT 256

#endif
