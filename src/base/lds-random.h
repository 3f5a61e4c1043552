/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that look random and that a seed makes again: SplitMix64. Not for secrets.
 * Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014,
 * figure 17. */
#pragma once

#include <stdint.h>

/** The next number of the stream that @state is at. */
uint64_t lds_random_next (uint64_t *state);

/** From 0, which can be, to 1, which cannot. */
double lds_random_unit (uint64_t *state);

/** Exponentially distributed, of mean 1; above 0 or 0, and finite. */
double lds_random_exponential (uint64_t *state);

/** The state at which stream @index of @seed begins: streams of one seed begin far apart. */
uint64_t lds_random_stream (uint64_t seed, uint64_t index);
