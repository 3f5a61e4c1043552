/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that look like chance, and that a seed makes again everywhere: SplitMix64. Not for secrets.
 *
 * Source: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
 * figure 17; accessed 2026-11-21.
 */
#pragma once

#include <stdint.h>

/** Returns the next number of the sequence that @state, any number at first, stands for. */
static inline uint64_t
lds_random_next (uint64_t *state)
{
  uint64_t z = (*state += UINT64_C (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/** Returns the next one as a number from 0 to less than 1. */
static inline double
lds_random_unit (uint64_t *state)
{
  return (double)(lds_random_next (state) >> 11) * 0x1p-53;
}

/** Returns the next one as a number from -1 to less than 1. */
static inline double
lds_random_signed (uint64_t *state)
{
  return (double)(lds_random_next (state) >> 11) * 0x1p-52 - 1;
}

/** Returns one of exponential distribution, mean 1: at least 0, and finite. */
double lds_random_exponential (uint64_t *state);

/** The state at which sequence @index of @seed begins: those of one seed begin far apart. */
uint64_t lds_random_stream (uint64_t seed, uint64_t index);
