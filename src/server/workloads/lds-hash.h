/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FNV-1a, 64 bits: a byte after the other, so that it takes the time of as many multiplications.
 *
 * Source: draft-eastlake-fnv, accessed 2026-11-21.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define LDS_HASH_SEED UINT64_C (0xcbf29ce484222325)

/** Returns the hash that goes on from @hash, LDS_HASH_SEED at first, over @bytes. */
static inline uint64_t
lds_hash_add (uint64_t hash,
              const void *bytes,
              size_t length)
{
  const unsigned char *p = bytes;

  for (size_t i = 0; i < length; i++)
    hash = (hash ^ p[i]) * UINT64_C (0x100000001b3);
  return hash;
}
