/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bounded pool of things that one thread uses at a time: connections to a database or a broker.
 *
 * The pool does not make or destroy anything itself; it says when its user should. The thing given
 * back last is taken first, so that few stay warm and not all grow cold. After a fork the child
 * begins with an empty pool of its own: what the parent had open is never touched there.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Any thread may use it through the functions below; the members are private. */
typedef struct
{
  pthread_mutex_t mutex; /* protects all but the next two */
  unsigned maximum;
  void **idle; /* (array length=n_idle): room for @maximum */
  pthread_cond_t given;
  unsigned n_idle;
  unsigned n_out;      /* taken and not given back, or being made */
  _Atomic pid_t owner; /* the process that all this is true of */
} LdsPool;

typedef enum
{
  LDS_POOL_TAKEN, /* a thing of the pool's */
  LDS_POOL_MAKE,  /* make one, and give it back as if it had been taken */
  LDS_POOL_NONE,  /* all were in use for as long as the caller would wait */
} LdsPoolResult;

/**
 * lds_pool_init:
 * @maximum: things at a time in one process, 1 to 1024
 *
 * Returns false when out of memory.
 */
bool lds_pool_init (LdsPool *self, unsigned maximum);

/**
 * lds_pool_take:
 * @timeout_ns: how long to wait for one, at least 0
 * @thing: (out): set when LDS_POOL_TAKEN is returned
 */
LdsPoolResult lds_pool_take (LdsPool *self, int64_t timeout_ns, void **thing);

/**
 * lds_pool_give:
 * @thing: (transfer full) (nullable): what was taken or made; NULL when it could not be made, or
 *   has been destroyed
 */
void lds_pool_give (LdsPool *self, void *thing);

/** Returns: (transfer full) (nullable): a thing that nobody uses, to be destroyed; or NULL */
void *lds_pool_steal (LdsPool *self);

/** Frees what @self holds; the things must have been stolen before. */
void lds_pool_clear (LdsPool *self);
