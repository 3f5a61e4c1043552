/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of a process pool share. */
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
  const LdsServerWorkload *workload; /* (nullable): NULL when there was not enough memory */
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

/* What the manager waits for. */
enum
{
  LDS_PROCESS_POOL_POLL_RESULT,
  LDS_PROCESS_POOL_POLL_WAKE,
  LDS_PROCESS_POOL_POLL_WORKERS, /* and one more for each */
};

typedef struct
{
  pid_t pid;    /* 0: there is none */
  int sentinel; /* a pipe that ends when the worker does; -1: there is none */
} LdsProcessPoolWorker;

struct _LdsProcessPool
{
  LdsOffload offload;
  LdsGil *gil; /* (nullable) */
  LdsProcessPoolShared *shared;
  int call_fd;
  int result_fd;
  int wake_fd; /* eventfd: a job has been submitted, or quit */
  unsigned n_workers, n_slots;
  LdsProcessPoolWorker *workers;
  struct pollfd *fds;
  pthread_t manager, feeder;

  /* The result that is being read; of the manager alone. */
  LdsProcessPoolResult result;
  LdsTask *result_task; /* whose it is, once its head has been read */
  uint64_t result_read; /* bytes, with the head */

  pthread_mutex_t mutex; /* protects all below; nobody waits for the global lock with it */
  pthread_cond_t fed;    /* there is something for the feeder, or it should end */
  LdsTask *first_submitted, *last_submitted;
  LdsTask **slots;  /* (array length=n_slots): tasks with the workers */
  unsigned *unused; /* (array length=n_unused): slots with no task */
  unsigned n_unused;
  unsigned *feed; /* ring of n_slots: slots whose jobs are to be written */
  unsigned feed_first, n_feed;
  bool broken, quit;
};

/** The threads; @data is the pool. */
void *lds_process_pool_manage (void *data);
void *lds_process_pool_feed (void *data);

/** Waits until all workers have ended. */
void lds_process_pool_reap (LdsProcessPool *self);

/** Writes the head and then the rest, both whole. Returns false when nobody reads any more. */
bool lds_process_pool_write (
    int fd, const void *head, size_t head_bytes, const void *rest, size_t rest_bytes);

/** Is a worker until the call pipe ends. Returns the exit code. */
int lds_process_pool_work (LdsProcessPoolShared *shared, int call_fd, int result_fd);
