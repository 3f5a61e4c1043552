/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two ends of a process pool's pipes share. */
#pragma once

#include "lds-process-pool.h"

#include <semaphore.h>

/* In memory that all processes of the pool share. */
typedef struct
{
  sem_t call_lock;    /* of who reads the call pipe */
  sem_t result_lock;  /* of who writes the result pipe */
  atomic_uint queued; /* jobs in the call queue: put, and not yet read by a worker */
} LdsProcessPoolShared;

/* A job in the call pipe; its input follows. The pointers mean the same to a forked process. */
typedef struct
{
  const LdsServerWorkload *workload;
  const LdsCost *cost;
  uint64_t input_bytes;
  uint64_t slot; /* comes back with the result */
  _Alignas(16) unsigned char state[LDS_EXCHANGE_STATE_BYTES];
} LdsProcessPoolCall;

/* A result in the result pipe; the output follows. */
typedef struct
{
  uint64_t output_bytes;
  uint64_t slot;
  uint64_t failed; /* not 0: the worker had not enough memory */
  _Alignas(16) unsigned char state[LDS_EXCHANGE_STATE_BYTES];
} LdsProcessPoolResult;

/** Writes the head and then the rest, both whole. Returns false when nobody reads any more. */
bool lds_process_pool_write (
    int fd, const void *head, size_t head_bytes, const void *rest, size_t rest_bytes);

/** Is a worker until the call pipe ends. Returns the exit code. */
int lds_process_pool_work (LdsProcessPoolShared *shared, int call_fd, int result_fd);
