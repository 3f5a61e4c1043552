/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server counts while it serves, for whoever watches it: in memory that all its processes
 * share, so that one of them can tell of all.
 *
 * Every thread that counts has a block of its own and is its only writer, so that counting is one
 * load and one store, both relaxed: no thread waits for another, and no cache line is fought for.
 * Counts only grow; what goes up and down is the difference of two of them. A reader adds up the
 * blocks; what it reads is never torn, but is not all of one instant.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum
{
  LDS_TALLY_REQUESTS_BEGUN, /* a whole request has come */
  LDS_TALLY_REQUESTS_DONE,  /* its answer has been written, or never will be */
  LDS_TALLY_REQUESTS_LOST,  /* begun by a worker that has died */
  LDS_TALLY_RESPONSES_1XX,  /* answers by class of their status; malformed requests have one as well */
  LDS_TALLY_RESPONSES_2XX,
  LDS_TALLY_RESPONSES_3XX,
  LDS_TALLY_RESPONSES_4XX,
  LDS_TALLY_RESPONSES_5XX,
  LDS_TALLY_CONNECTIONS_OPENED,
  LDS_TALLY_CONNECTIONS_CLOSED,
  LDS_TALLY_BYTES_IN,         /* read from clients */
  LDS_TALLY_BYTES_OUT,        /* written for clients */
  LDS_TALLY_JOBS_QUEUED,      /* handed to a pool of threads or processes */
  LDS_TALLY_JOBS_BEGUN,       /* taken up there, as far as that can be seen from here */
  LDS_TALLY_JOBS_DONE,        /* come back from there */
  LDS_TALLY_JOBS_LOST,        /* without a result: the worker ended, was away, or took too long */
  LDS_TALLY_JOBS_REDELIVERED, /* given to another worker, for the first one ended */
  LDS_TALLY_RESTARTS,         /* workers and companions that were started in place of one that ended */
  LDS_TALLY_GIL_TAKES,        /* of the global lock, as LdsGilCounts */
  LDS_TALLY_GIL_CONTENDED,    /* takes that had to wait */
  LDS_TALLY_GIL_WAIT_NS,      /* in all takes together */
  LDS_TALLY_GIL_REQUESTS,     /* switch intervals that ran out */
  LDS_TALLY_GIL_FORCED,       /* drops that had to hand the lock over */
  LDS_TALLY_MESSAGES_IN,      /* of WebSockets */
  LDS_TALLY_MESSAGES_OUT,     /* of WebSockets and of server-sent events */
  LDS_TALLY_MESSAGES_DROPPED, /* that could not be passed on in time, e.g. to another worker */
  LDS_TALLY_MEMBERS_CLOSED,   /* of a topic, because they did not take what was sent */
  LDS_TALLY_TICKS,            /* of topics, that were published */
  LDS_TALLY_TICKS_MISSED,     /* that were not: the loop stood still when they were due */
  LDS_TALLY_EVENTS_PUBLISHED,
  LDS_TALLY_EVENTS_CONSUMED,
  LDS_TALLY_EVENTS_FAILED, /* that could not be published */
  LDS_TALLY_EVENT_LAG_NS,  /* from publishing to consuming, all events together */
  LDS_TALLY_DATABASE_BUSY, /* calls of the database that another's lock kept out for too long */
  LDS_TALLY_BROAD_ROUNDS,  /* of work that a profile makes the server do, see lds-work.h; those that were timed */
  LDS_TALLY_BROAD_NS,      /* that they took, CPU time */
  LDS_TALLY_NARROW_ROUNDS, /* likewise */
  LDS_TALLY_NARROW_NS,
  LDS_TALLY_PROBES_MISSED, /* stalls of the loop that were not written down: nobody had read */
  LDS_TALLY_N,
} LdsTally;

/* The counts of one thread. */
typedef struct
{
  _Alignas(64) _Atomic uint64_t values[LDS_TALLY_N];
} LdsTallyBlock;

/* (nullable): of this thread; see lds_tally_add() */
extern _Thread_local LdsTallyBlock *lds_tally_mine;

/** Gives the calling thread a block, to be given back by itself when the thread ends. Returns one
 * that nobody reads when nothing is observed. */
LdsTallyBlock *lds_tally_join (void);

/** Adds @count to @which. Any thread; wait-free but for a thread's first call. */
static inline void
lds_tally_add (LdsTally which,
               uint64_t count)
{
  LdsTallyBlock *block = lds_tally_mine;
  uint64_t value;

  if (__builtin_expect (block == NULL, 0))
    block = lds_tally_join ();
  /* Relaxed: one writer, and readers want each value for itself. */
  value = atomic_load_explicit (&block->values[which], memory_order_relaxed);
  atomic_store_explicit (&block->values[which], value + count, memory_order_relaxed);
}

/** Counts an answer of @status. */
static inline void
lds_tally_add_response (int status)
{
  int class = status / 100;

  if (class >= 1 && class <= 5)
    lds_tally_add (LDS_TALLY_RESPONSES_1XX + (LdsTally)(class - 1), 1);
}

/**
 * lds_tally_observe:
 * @processes: at least 1; number 0 is the calling process until it calls lds_tally_be_process()
 * @threads: that count at the same time in one process, at least 1
 *
 * From now on what is counted can be read. To be called before any fork and any counting.
 *
 * Returns false when out of memory.
 */
bool lds_tally_observe (unsigned processes, unsigned threads);

/** Whether lds_tally_observe() has been called. */
bool lds_tally_observed (void);

/** How many processes there may be; 0 when nothing is observed. */
unsigned lds_tally_processes (void);

/**
 * lds_tally_be_process:
 * @index: below lds_tally_processes(); of a process that has ended, or that nobody was
 *
 * In a forked process, on its only thread: counts there from now on.
 */
void lds_tally_be_process (unsigned index);

/** Process @index has ended, or never counts: what it had open is closed, what it had begun is
 * lost. Not while such a process counts. Does nothing when nothing is observed. */
void lds_tally_bury (unsigned index);

/**
 * lds_tally_read:
 * @sums: (out) (array length=LDS_TALLY_N): of all threads that process @index has had
 *
 * Returns its process id, 0 when nobody is that process.
 */
pid_t lds_tally_read (unsigned index, uint64_t *sums);

/* What @begun and @ended, two counts, leave in between; they are not of the same instant. */
static inline uint64_t
lds_tally_between (uint64_t begun,
                   uint64_t ended)
{
  return begun > ended ? begun - ended : 0;
}

/* The lag of a loop: it should look at points in time LDS_TALLY_PROBE_NS apart, and is late. */
#define LDS_TALLY_PROBE_NS (10 * INT64_C (1000000))

/**
 * lds_tally_probe_started:
 * @first_ns: the first point in time, CLOCK_MONOTONIC
 *
 * This process has a loop that is probed. At most one a process; @first_ns 0: no longer.
 */
void lds_tally_probe_started (int64_t first_ns);

/**
 * lds_tally_probed:
 * @now_ns: CLOCK_MONOTONIC
 *
 * The loop has come to look. Writes down how late it is for each point in time up to @now_ns that
 * it has not looked at: none is left out. The loop's thread only; wait-free.
 */
void lds_tally_probed (int64_t now_ns);

/** Is given each lag in ns, never negative. */
typedef void (*LdsTallyLagFunc) (void *data, int64_t lag_ns);

/**
 * lds_tally_read_lags:
 * @func: called for each point in time since the last call
 *
 * To be called by one thread of all processes at a time.
 *
 * Returns for how long process @index's loop has been due to look by @now_ns, in ns: 0 when it is
 * not; -1 when it has no loop.
 */
int64_t lds_tally_read_lags (unsigned index, int64_t now_ns, LdsTallyLagFunc func, void *data);
