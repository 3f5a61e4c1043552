/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A computation as bytes, for a worker service that is another process of this very program.
 *
 * A call is a head and the job's input; a result is a head and the job's output. Both say how long
 * they are, so that they can follow one another on a stream. Neither holds a pointer.
 */
#pragma once

#include "lds-task.h"

/* Larger ones are refused: larger than any request or answer may be. */
#define LDS_JOB_MAX_BYTES (192u * 1024 * 1024)

/* The same bytes at the head of a call and of a result. */
typedef struct
{
  uint32_t magic;
  uint32_t failed;   /* of a result: the worker could not do it; of a call: 0 */
  uint64_t bytes;    /* that follow: input or output */
  uint64_t ticket;   /* of the caller's, comes back with the result */
  char workload[32]; /* of a call: its id, ended by NUL */
  _Alignas(16) unsigned char state[LDS_EXCHANGE_STATE_BYTES];
} LdsJobHead;

/** Appends @task as a call. */
void lds_job_pack (LdsBuffer *to, const LdsTask *task, uint64_t ticket);

/** Whether @head may be that of a call or a result. */
bool lds_job_head_is_sound (const LdsJobHead *head);

/**
 * lds_job_run:
 * @call: a whole call, at any address
 * @cost: (nullable): spent as for any computation
 * @result: the result is appended; one that says that it failed when @call is not sound
 *
 * Any thread.
 */
void lds_job_run (LdsSpan call, const LdsCost *cost, const LdsBreaker *breaker, LdsBuffer *result);

/** Whether @result, whole, is sound and does not say that it failed. */
bool lds_job_succeeded (LdsSpan result);

/** Gives @task what @result, whole, says. Returns false when it is not sound or says that it failed. */
bool lds_job_unpack (LdsSpan result, LdsTask *task);

/* The argument that makes this program a worker that serves its standard input, a socket. */
#define LDS_JOB_WORKER_ARGUMENT "--job-worker"

/**
 * lds_job_worker:
 * @profile: (nullable): what its computations cost, see lds-profile.h
 *
 * Runs calls from standard input one after the other and writes the results there, until it ends.
 *
 * Returns the exit code.
 */
int lds_job_worker (const char *profile);

/* For the endpoint /job, which is there only for who knows the token. */
#define LDS_JOB_TOKEN_VARIABLE "LOADSTONE_JOB_TOKEN"
#define LDS_JOB_TOKEN_FIELD    "X-Loadstone-Token"
#define LDS_JOB_TOKEN_CHARS    32

/** Takes the token out of the environment, if there is one. To be called once, in main(). */
void lds_job_take_token (void);

/** Returns: (nullable): the workload of that endpoint, when there is a token */
const LdsServerWorkload *lds_job_endpoint (void);
