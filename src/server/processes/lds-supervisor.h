/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A master and its worker processes: for models that are several processes.
 *
 * The master forks the workers, starts a new one for each that ends, says that the server is ready
 * once all of them are, and ends them when it is asked to end. It has one thread, which waits for
 * all this in one poll(); hooks are called from there and must not block.
 *
 * A worker is tied to the master. Its standard input is /dev/null, as is its standard output: both
 * are the master's alone, so that nobody who waits for their end waits for a worker. It ends on
 * SIGTERM (lds_lifetime_watch() hears it) and is killed when it has not after
 * LDS_LIFETIME_DRAIN_NS.
 *
 * Sources: gunicorn, arbiter.py (fork, reap, spawn again; workers that fail to start halt it), and
 * Node.js, lib/internal/cluster/primary.js; accessed 2026-11-21. Written anew from their behaviour.
 */
#pragma once

#include "lds-server.h"

typedef struct _LdsSupervisor LdsSupervisor;

/* What a worker knows of itself: LdsServer.worker in its process. */
struct _LdsWorker
{
  unsigned index; /* 0 to workers - 1; who takes another's place takes its index */
  /* Its end of a pair of sockets (SOCK_SEQPACKET: messages, with descriptors where needed),
   * non-blocking, close-on-exec, end of file when the master is gone; -1 when not asked for. */
  int control;
  int ready_fd; /* private, see lds_server_announce_ready() */
};

/* What a model of several processes is made of. All but @work may be NULL. */
typedef struct
{
  /* Every worker gets a control socket. */
  bool control;

  /* In a worker, on its only thread, with SIGTERM, SIGINT and SIGCHLD blocked: serves until asked
   * to end, and returns the exit code. Must call lds_server_announce_ready() when it serves. */
  int (*work) (LdsServer *server, void *data);

  /* All that follows: in the master. */

  /* Worker @index serves; also called for one that has taken another's place. */
  void (*ready) (LdsSupervisor *self, unsigned index, void *data);
  /* Worker @index has ended, its control socket with it; another one will be started. */
  void (*ended) (LdsSupervisor *self, unsigned index, void *data);
  /* lds_supervisor_control() of worker @index is readable: read until there is no more. */
  void (*control_readable) (LdsSupervisor *self, unsigned index, void *data);
  /* The listening socket is readable; asked for with lds_supervisor_watch_listener(). */
  void (*listener_readable) (LdsSupervisor *self, void *data);
  /* The workers will be asked to end right after this. */
  void (*stopping) (LdsSupervisor *self, void *data);

  void *data; /* of all of these */
} LdsSupervisorHooks;

/**
 * lds_supervisor_run:
 * @server: `options.workers` says how many
 *
 * Is the master until it is asked to end. When a worker ends LDS_SUPERVISOR_BOOT_ATTEMPTS times
 * before it served once, prints an error line and gives up.
 *
 * Returns the exit code of the process.
 */
int lds_supervisor_run (LdsServer *server, const LdsSupervisorHooks *hooks);

#define LDS_SUPERVISOR_BOOT_ATTEMPTS 3

/** Returns the master's end of worker @index's control socket, non-blocking; -1 when there is no
 * such worker now. */
int lds_supervisor_control (const LdsSupervisor *self, unsigned index);

/** Has `listener_readable` called from now on, or no longer; at first it is not. */
void lds_supervisor_watch_listener (LdsSupervisor *self, bool watch);
