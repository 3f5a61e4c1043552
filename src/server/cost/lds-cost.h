/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spending what a profile says: CPU time under whatever lock is held, memory, start-up.
 *
 * A request or message costs in all what the profile says, as far as the thread goes that serves it:
 * what this server itself has used since the last one - to poll, read, parse, answer, write, the
 * kernel's part included - counts towards it, and only the rest is spun away. So the profile's
 * figure is the one that can be measured of the real thing, 1 / (requests a second of one saturated
 * core), and nobody has to know what this server costs. A request that took more than the profile
 * says - an interrupt, a fault - is made good by those after it, up to LDS_COST_CREDIT_NS. What other
 * threads of a model use (a dispatcher, a pool) comes on top, as does what a job of the workload uses.
 *
 * A profile that was measured says instead what a request or message costs in addition to what this server uses
 * (request_ns), and at which pace of work that was (broad_pace_hz). Then it is work that is spent, so many rounds, and not
 * time: it takes longer where what it stands for would.
 *
 * All other figures - bytes, timers, calls, dispatch - are spent in full when they are due.
 *
 * Pauses to collect garbage are part of what requests cost on average: each request spends so much less, and who serves
 * every pause_requests-th one of a process spends the pause in one go, without letting anybody else have the lock. Memory
 * grows with the requests of a process from what it has at first to what it has in the end.
 *
 * Every function may be called on any thread, with %NULL for a server without profile: then each
 * is one branch. The breaker is checked while spending: with the check of a global lock others get
 * their turn as between two instructions of an interpreter.
 */
#pragma once

#include "lds-exchange.h"
#include "lds-profile.h"

#include <string.h>

struct _LdsCost
{
  LdsProfile profile; /* all 0, and ratios of 1, when there is only a tax */
  double each_ns;     /* of a request, without its part of the pauses */
  bool counts;        /* requests are counted, for pauses or memory */
  double tax;         /* used in addition, as a part of all CPU time: 0.08 for 8 % */
};

/* What free threading costs a thread that has no use for it, in percent of its CPU time: within the
 * 5 to 10 % of CPython 3.14's release notes ("What's New In Python 3.14", free-threaded mode), and
 * what its how-to for free threading measures on Linux x86-64; accessed 2026-11-21.
 *
 * A model asks for it with LDS_OPTION_TAX and this default; what is given on the command line comes
 * before what a profile says, and that before the default. */
#define LDS_COST_TAX_PERCENT 8

#define LDS_COST_CREDIT_NS 500000

/**
 * lds_cost_init:
 * @profile: (nullable): copied
 * @tax_percent: 0 to 100
 *
 * Returns: (nullable): @self, or %NULL when there is nothing to spend
 */
const LdsCost *lds_cost_init (LdsCost *self, const LdsProfile *profile, double tax_percent);

/** Behind the functions below. */
void lds_cost_spend_total (const LdsCost *self, const LdsBreaker *breaker, double total_ns);
void lds_cost_spend (const LdsCost *self, const LdsBreaker *breaker, double cpu_ns);
void lds_cost_run_measured (const LdsCost *self, LdsJobFunc run, LdsJob *job, double ratio);
void *lds_cost_allocate (const LdsCost *self, size_t own_bytes);
void lds_cost_count (const LdsCost *self);
double lds_cost_ratio (const LdsCost *self, LdsComputeKind kind);
double lds_cost_take_turn (const LdsCost *self);

/** A request has been answered, but not yet sent: @request_bytes and @response_bytes of body, this of
 * @content_type (nullable). */
static inline void
lds_cost_request (const LdsCost *self,
                  const LdsBreaker *breaker,
                  size_t request_bytes,
                  size_t response_bytes,
                  const char *content_type)
{
  if (__builtin_expect (self != NULL, 0))
    {
      double response_byte_ns =
          self->profile.response_byte_ns +
          (content_type != NULL && strcmp (content_type, "application/json") == 0
               ? self->profile.json_byte_ns
               : 0);

      lds_cost_spend (self, breaker,
                      self->profile.request_byte_ns * (double)request_bytes +
                          response_byte_ns * (double)response_bytes +
                          (request_bytes > 0 ? self->profile.body_ns : 0) +
                          (self->profile.turn_ns > 0 ? lds_cost_take_turn (self) : 0));
      if (self->profile.request_ns > 0)
        lds_cost_spend (self, breaker, self->each_ns);
      else
        lds_cost_spend_total (self, breaker, self->each_ns);
      if (self->counts)
        lds_cost_count (self);
    }
}

/**
 * lds_cost_begin_turn:
 *
 * The thread's loop has waited, and goes on with what has come: the next request costs the profile's turn in addition,
 * those that came with it do not. For loops; where a thread serves one request at a time each costs the same.
 */
void lds_cost_begin_turn (void);

/** A WebSocket message has been taken, or is about to be sent to one client. */
static inline void
lds_cost_message (const LdsCost *self,
                  const LdsBreaker *breaker)
{
  if (__builtin_expect (self == NULL, 1))
    return;
  if (self->profile.message_ns > 0)
    lds_cost_spend (self, breaker, self->profile.message_ns);
  else
    lds_cost_spend_total (self, breaker, self->profile.message_total_ns);
}

/**
 * lds_cost_operation:
 * @database: calls of the workload are calls of the database
 *
 * An operation is about to begin, with its branches. Called by LdsConnection for all of them.
 */
static inline void
lds_cost_operation (const LdsCost *self,
                    const LdsBreaker *breaker,
                    LdsOperation operation,
                    unsigned branches,
                    bool database)
{
  if (__builtin_expect (self != NULL, 0))
    {
      if (operation == LDS_OPERATION_WAIT)
        lds_cost_spend (self, breaker, self->profile.timer_ns * branches);
      else if (operation == LDS_OPERATION_CALL)
        lds_cost_spend (self, breaker,
                        (self->profile.call_ns + (database ? self->profile.database_ns : 0)) *
                            branches);
    }
}

/** A computation goes to another thread or process; on the thread that hands it over. */
static inline void
lds_cost_dispatch (const LdsCost *self,
                   const LdsBreaker *breaker)
{
  if (__builtin_expect (self != NULL, 0))
    lds_cost_spend (self, breaker, self->profile.dispatch_ns);
}

/** For models that start a thread or process for one job: in that, before the job. */
static inline void
lds_cost_worker_spawn (const LdsCost *self,
                       const LdsBreaker *breaker)
{
  if (__builtin_expect (self != NULL, 0))
    lds_cost_spend (self, breaker, self->profile.worker_spawn_ns);
}

/**
 * lds_cost_run_compute:
 * @workload: has a compute()
 *
 * Runs the job with it and makes the thread spend as much more as the runtime is slower than C, and the tax.
 * Wherever a computation is carried out it must be through this, also in another process.
 */
static inline void
lds_cost_run_compute (const LdsCost *self,
                      const LdsServerWorkload *workload,
                      LdsJob *job)
{
  if (__builtin_expect (self == NULL, 1))
    workload->compute (job);
  else
    lds_cost_run_measured (self, workload->compute, job,
                           lds_cost_ratio (self, workload->compute_kind));
}

/** The same for a workload's call(): what it uses is that of a library in C, and not the request's. */
static inline void
lds_cost_run_call (const LdsCost *self,
                   LdsJobFunc run,
                   LdsJob *job)
{
  if (__builtin_expect (self == NULL, 1))
    run (job);
  else
    lds_cost_run_measured (self, run, job, 1);
}

/**
 * lds_cost_tax:
 * @begin_ns: lds_clock_thread_cpu_ns() when the work began
 *
 * For work that none of the above covers: spends the tax on what the thread has used since
 * @begin_ns. Requests, messages and jobs are taxed without it.
 */
void lds_cost_tax (const LdsCost *self, const LdsBreaker *breaker, int64_t begin_ns);

/**
 * lds_cost_start_process:
 * @is_worker: a worker process rather than the first one
 *
 * Spends the CPU time that the process still lacks to the profile's start-up, and allocates what it
 * lacks to the profile's resident memory; that is not inherited by processes forked later.
 * Called by lds_server_announce_ready(), so in each process that serves and before anybody knows.
 */
void lds_cost_start_process (const LdsCost *self, bool is_worker);

/**
 * lds_cost_connection:
 * @own_bytes: what the server keeps for a connection anyway
 *
 * Returns: (transfer full) (nullable): touched memory, up to the profile's for a connection; free()
 *   it with the connection
 */
static inline void *
lds_cost_connection (const LdsCost *self,
                     size_t own_bytes)
{
  return __builtin_expect (self == NULL, 1) ? NULL : lds_cost_allocate (self, own_bytes);
}
