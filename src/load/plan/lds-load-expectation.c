/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body that every good answer must have. */
#include "lds-load-expectation.h"

#include <stdlib.h>
#include <string.h>

uint64_t
lds_load_body_hash (uint64_t hash,
                    const void *data,
                    size_t size)
{
  const unsigned char *bytes = data;

  for (size_t i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * UINT64_C (0x100000001b3);
  return hash;
}

static LdsLoadBody *
body_new (const char *kept,
          size_t n_kept,
          uint64_t size,
          uint64_t rest_hash)
{
  LdsLoadBody *body = malloc (sizeof *body + n_kept);

  if (body == NULL)
    return NULL;
  body->size = size;
  body->rest_hash = rest_hash;
  body->n_kept = n_kept;
  if (n_kept > 0)
    memcpy (body->kept, kept, n_kept);
  return body;
}

bool
lds_load_expectation_set_text (LdsLoadExpectation *self,
                               const char *text,
                               size_t size)
{
  size_t n_kept = size < LDS_LOAD_BODY_KEPT_BYTES ? size : LDS_LOAD_BODY_KEPT_BYTES;
  uint64_t rest = lds_load_body_hash (LDS_LOAD_BODY_HASH_SEED, text + n_kept, size - n_kept);
  LdsLoadBody *body = body_new (text, n_kept, size, rest);

  free (atomic_exchange (&self->body, body));
  return body != NULL;
}

void
lds_load_expectation_clear (LdsLoadExpectation *self)
{
  free (atomic_exchange (&self->body, NULL));
}

/* Keeps the bytes of a body that may become the expected one. */
static void
keep (LdsLoadBodyCheck *self,
      const char *data,
      size_t size)
{
  size_t room = LDS_LOAD_BODY_KEPT_BYTES - self->n_kept, n = size < room ? size : room;

  self->hash = lds_load_body_hash (self->hash, data, size);
  if (n > 0)
    {
      char *bigger = realloc (self->kept, self->n_kept + n);

      if (bigger == NULL)
        {
          self->is_wrong = true;
          return;
        }
      self->kept = bigger;
      memcpy (self->kept + self->n_kept, data, n);
      self->n_kept += n;
    }
  self->rest_hash = lds_load_body_hash (self->rest_hash, data + n, size - n);
}

void
lds_load_body_check_add (LdsLoadBodyCheck *self,
                         const char *data,
                         size_t size)
{
  const LdsLoadBody *body = self->body;

  if (body != NULL && !self->is_wrong)
    {
      if (size > body->size - self->seen)
        self->is_wrong = true;
      else
        {
          size_t room = self->seen < body->n_kept ? body->n_kept - (size_t)self->seen : 0;
          size_t n = size < room ? size : room;

          if (n > 0 && memcmp (data, body->kept + self->seen, n) != 0)
            self->is_wrong = true;
          if (n < size)
            self->rest_hash = lds_load_body_hash (self->rest_hash, data + n, size - n);
        }
    }
  else if (self->keep && !self->is_wrong)
    keep (self, data, size);
  self->seen += size;
}

bool
lds_load_body_check_end (LdsLoadBodyCheck *self,
                         LdsLoadExpectation *expectation)
{
  LdsLoadBody *learnt, *known = NULL;

  if (expectation->has_size && self->seen != expectation->size)
    return false;
  if (self->body != NULL)
    return !self->is_wrong && self->seen == self->body->size &&
           self->rest_hash == self->body->rest_hash;
  if (!self->keep)
    return !self->is_wrong;
  if (self->is_wrong || (expectation->has_hash && self->hash != expectation->hash))
    return false;
  learnt = body_new (self->kept, self->n_kept, self->seen, self->rest_hash);
  lds_load_body_check_clear (self);
  if (learnt == NULL)
    return false;
  if (!atomic_compare_exchange_strong (&expectation->body, &known, learnt))
    {
      /* Another answer was first: is this one equal to it? */
      bool equal = known->size == learnt->size && known->rest_hash == learnt->rest_hash &&
                   memcmp (known->kept, learnt->kept, learnt->n_kept) == 0;

      free (learnt);
      return equal;
    }
  return true;
}

void
lds_load_body_check_clear (LdsLoadBodyCheck *self)
{
  free (self->kept);
  self->kept = NULL;
  self->n_kept = 0;
}
