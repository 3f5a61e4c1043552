/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One server: its options, its model, its listening socket, and what it tells its parent. */
#pragma once

#include "lds-exchange.h"
#include "lds-http-request.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct _LdsServer LdsServer;
typedef struct _LdsHub LdsHub;
typedef struct _LdsWorker LdsWorker;

/* Options that only some models know; a model names those that it knows. */
enum
{
  LDS_OPTION_WORKERS = 1 << 0,
  LDS_OPTION_THREADS = 1 << 1,
  LDS_OPTION_SWITCH_INTERVAL = 1 << 2,
  LDS_OPTION_MAX_CONNECTIONS = 1 << 3,
  LDS_OPTION_POOL_THREADS = 1 << 4,
  LDS_OPTION_TAX = 1 << 5,
  LDS_OPTION_ACCEPT = 1 << 6,
  LDS_OPTION_PORTS = 1 << 16,
  LDS_OPTION_LINK = 1 << 17,
};

/* Who accepts, of several processes with a loop. */
enum
{
  LDS_ACCEPT_ROUND_ROBIN,
  LDS_ACCEPT_REUSEPORT,
};

/* As a default of `workers` or `threads`: as many as there are CPUs that may be used. */
#define LDS_SERVER_CPUS 0u

#define LDS_SERVER_MAX_PORTS 64

typedef struct
{
  int port;                        /* 0 to 65535; 0 = any free one */
  unsigned workers;                /* processes, 1 to 256 */
  unsigned threads;                /* 1 to 1024 */
  unsigned switch_interval_us;     /* 1 to 1000000 */
  unsigned backlog;                /* connections waiting to be accepted, 1 to 65535 */
  unsigned max_connections;        /* open at a time in one process; 0 = no limit of its own */
  unsigned pool_threads;           /* of libuv, for blocking calls; 1 to 1024 */
  unsigned database_connections;   /* of the pool of one process; 1 to 1024 */
  unsigned database_timeout_ms;    /* wait for another's lock of the database, 0 to 60000 */
  unsigned ports;                  /* to listen on, 1 to LDS_SERVER_MAX_PORTS; 0 is 1 */
  unsigned upstreams;              /* to be started by the server, 0 to LDS_SERVER_MAX_PORTS */
  unsigned fetch_timeout_ms;       /* for an upstream's answer, 1 to 3600000; 0 = the usual one */
  unsigned accept;                 /* LDS_ACCEPT_ */
  unsigned max_body_bytes;         /* of a request, 1 to 128 MiB */
  unsigned stats_interval_ms;      /* time between two lines of counts, 1 to 60000; 0 = none */
  unsigned profile_scale_permille; /* 0: 1000 */
  unsigned tax_percent;            /* of CPU time, used in addition; 0 to 100; see lds-cost.h */
} LdsServerOptions;

/* What a model file defines. Its id must be in the list in src/server/meson.build. */
typedef struct
{
  const char *id;      /* "event-loop" */
  const char *summary; /* one clause for people */
  unsigned options;    /* which of LDS_OPTION_ it knows */
  LdsServerOptions defaults;
  /* Serves until asked to end; the process's exit code. Called on the main thread, once, with no
   * other thread running, SIGTERM, SIGINT and SIGCHLD blocked, and the socket listening. Must call
   * lds_server_announce_ready() when it serves. */
  int (*run) (LdsServer *server);
} LdsServerModel;

struct _LdsServer
{
  const LdsServerModel *model;
  LdsServerOptions options;
  const char *database; /* (nullable): file; NULL is a temporary one */
  /* With LDS_OPTION_LINK: how computations get to the workers ("http", "queue" or "rpc"), what model
   * those are of over HTTP, and (nullable) their profile. */
  const char *link, *worker_model, *worker_profile;
  const char *events; /* (nullable): address of a broker; NULL is a queue of the server's own */
  LdsHttpLimits limits;
  bool one_request;     /* every answer ends its connection */
  atomic_bool draining; /* the same, from now on: the server is asked to end */
  int listener;         /* non-blocking, close-on-exec, listening on 127.0.0.1 */
  int port;             /* the one it got */
  const LdsCost *cost;  /* (nullable): of the profile; the connection layer spends it */
  LdsBreaker breaker;   /* checked meanwhile; set by models with a global lock, before they serve */
  /* Further ports, for models with LDS_OPTION_PORTS; (array length=n_more). */
  unsigned n_more;
  int more_listeners[LDS_SERVER_MAX_PORTS - 1];
  int more_ports[LDS_SERVER_MAX_PORTS - 1];
  /* (nullable): topics that its WebSockets and event streams are members of; %NULL where a connection
   * would hold a thread or a process for as long as it is open: those are refused with 501 */
  LdsHub *hub;
  /* (nullable): in a worker process, what it knows of itself; see lds-supervisor.h */
  const LdsWorker *worker;
  /* When the phases of starting up began, CLOCK_MONOTONIC; see lds_server_announce_ready(). */
  int64_t main_ns, listen_ns, run_ns;
};

/* Whether GET /crash kills the process; set before anything is served. */
extern bool lds_server_may_crash;

/**
 * lds_server_listen:
 *
 * Opens @self's listening socket as its options say.
 *
 * Returns false, with a sentence in @message (at least 256 bytes), when that is not possible.
 */
bool lds_server_listen (LdsServer *self, char *message, size_t message_bytes);

/** Prints the ready line of src/DESIGN.md, or, in a worker process, tells the master. To be called
 * once, when connections are served. */
void lds_server_announce_ready (const LdsServer *self);

/** Prints the error line of src/DESIGN.md, and @message for people on standard error. */
void lds_server_announce_error (const char *message);

/** Sets what every accepted socket needs: TCP_NODELAY (METHOD section 2). */
void lds_server_prepare_socket (int fd);
