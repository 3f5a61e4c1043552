/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body that every good answer must have.
 *
 * Named by the plan (its text, or its length and hash), or learnt: the first good answer of a run
 * sets it. Once the bytes are known every answer is compared with them where it lies in the receive
 * buffer; that is both cheaper and stricter than a hash.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a longer body the bytes up to here are compared, and a hash of the rest. */
#define LDS_LOAD_BODY_KEPT_BYTES (1u << 20)
#define LDS_LOAD_BODY_HASH_SEED  UINT64_C (0xcbf29ce484222325)

/* FNV-1a, 64 bits. Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm",
 * draft-eastlake-fnv. @hash is the seed above or what the bytes before gave. */
uint64_t lds_load_body_hash (uint64_t hash, const void *data, size_t size);

/* An immutable body. */
typedef struct
{
  uint64_t size;
  uint64_t rest_hash; /* of the bytes behind the kept ones */
  size_t n_kept;
  char kept[];
} LdsLoadBody;

/* What a run expects; shared by its threads. Only body changes, once. */
typedef struct
{
  bool any; /* bodies are not compared */
  bool has_size;
  bool has_hash;
  uint64_t size;
  uint64_t hash;                /* of the whole body */
  _Atomic (LdsLoadBody *) body; /* (nullable) */
} LdsLoadExpectation;

/** Sets the body from its bytes. Returns false when memory is short. */
bool lds_load_expectation_set_text (LdsLoadExpectation *self, const char *text, size_t size);
void lds_load_expectation_clear (LdsLoadExpectation *self);

/* The check of one answer: one a connection. */
typedef struct
{
  const LdsLoadBody *body; /* (nullable) as known when the answer began */
  uint64_t seen;
  uint64_t hash;      /* while learning: of the whole */
  uint64_t rest_hash; /* of the bytes behind the kept ones */
  bool is_wrong;
  bool keep; /* learning */
  char *kept;
  size_t n_kept;
} LdsLoadBodyCheck;

/** Begins an answer. */
static inline void
lds_load_body_check_begin (LdsLoadBodyCheck *self,
                           LdsLoadExpectation *expectation)
{
  self->seen = 0;
  self->is_wrong = false;
  self->rest_hash = LDS_LOAD_BODY_HASH_SEED;
  self->body = atomic_load_explicit (&expectation->body, memory_order_acquire);
  if (self->body == NULL)
    {
      self->keep = !expectation->any;
      self->n_kept = 0;
      self->hash = LDS_LOAD_BODY_HASH_SEED;
    }
}

/** Takes a span of the body. */
void lds_load_body_check_add (LdsLoadBodyCheck *self, const char *data, size_t size);

/**
 * lds_load_body_check_end:
 *
 * The answer, a good one, is whole. Returns true when its body is the expected one; the first body of
 * a run that fits what the plan names becomes the expected one.
 */
bool lds_load_body_check_end (LdsLoadBodyCheck *self, LdsLoadExpectation *expectation);

void lds_load_body_check_clear (LdsLoadBodyCheck *self);
