/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lds-loop.c, lds-loop-client.c and lds-loop-hub.c share. */
#pragma once

#include "lds-connection.h"
#include "lds-loop-fetch.h"
#include "lds-loop-hub.h"

/* One read takes at most this much; libuv suggests the same. */
#define LDS_LOOP_SCRATCH_BYTES (64 * 1024)

typedef struct _LdsLoopClient LdsLoopClient;
typedef struct _LdsLoopPorts LdsLoopPorts;

/* Bytes that clients have not taken yet, each from some place on. */
typedef struct
{
  unsigned users;
  size_t size;
  char bytes[];
} LdsLoopBytes;

/* Of a client that is a member of a topic. */
typedef enum
{
  LDS_MEMBER_WEBSOCKET,
  LDS_MEMBER_EVENTS,
  LDS_MEMBER_KINDS,
} LdsMemberKind;

typedef struct
{
  LdsTopic *topic; /* (nullable): NULL while it is none */
  uint32_t index;  /* among the topic's members of its kind */
  uint8_t kind;    /* LdsMemberKind */
} LdsMembership;

struct _LdsLoop
{
  LdsServer *server;
  LdsLoopOptions options;
  LdsBreaker breaker; /* for computations on the loop */
  uv_loop_t uv;
  uv_tcp_t listener;
  uv_async_t stop;      /* wakes the loop from another thread: to end, */
  uv_async_t completed; /* or because tasks have come back */
  uv_idle_t turn;       /* keeps the loop turning while stopping */
  uv_poll_t probe;      /* of @probe_fd, a timer */
  uv_check_t cost_turn; /* of each turn, when it costs something */
  int probe_fd;         /* -1: there is none */
  unsigned turns;
  bool listening;
  bool stopping;
  bool accept_postponed; /* a connection waits because there are max_connections */
  unsigned connections;
  LdsLoopClient *clients;  /* all open ones, in no order */
  unsigned tasks;          /* away */
  LdsLoopFetches *fetches; /* (nullable): until the first one */
  LdsLoopPorts *ports;     /* (nullable): more than the one */
  LdsHub *hub;
  bool hub_is_full; /* flush it as soon as no connection is being advanced */
  LdsBuffer out;    /* used by one client at a time, empty in between */
  char scratch[LDS_LOOP_SCRATCH_BYTES];

  pthread_mutex_t mutex; /* protects those below */
  LdsTask *first_completed, *last_completed;
};

/* Around every callback of libuv that runs code of the modelled runtime. */
static inline void
lds_loop_enter (LdsLoop *self)
{
  if (self->options.gil != NULL)
    lds_gil_take (self->options.gil);
}

static inline void
lds_loop_leave (LdsLoop *self)
{
  if (self->options.gil != NULL)
    lds_gil_drop (self->options.gil);
}

/** Sends @task to @offload. Takes @task. */
void lds_loop_submit (LdsLoop *self, LdsOffload *offload, LdsTask *task);

/** Starts to measure how late @self is, if that is observed; to be stopped on the loop's thread. */
void lds_loop_probe_start (LdsLoop *self);
void lds_loop_probe_stop (LdsLoop *self);

/** Listens on the server's further ports. */
bool lds_loop_ports_open (LdsLoop *loop);
void lds_loop_ports_close (LdsLoop *loop);
void lds_loop_ports_free (LdsLoop *loop);

/** Accepts what has connected, now that there is room for it. */
void lds_loop_accept (LdsLoop *self);

/**
 * lds_loop_client_new:
 *
 * Returns: (transfer none) (nullable): a client whose handle is ready for uv_accept() or
 *   uv_tcp_open(), to be followed by lds_loop_client_begin() or _close(); %NULL when out of memory
 */
LdsLoopClient *lds_loop_client_new (LdsLoop *loop);
uv_tcp_t *lds_loop_client_handle (LdsLoopClient *self);

/** Starts to serve @self, whose handle has a socket. */
void lds_loop_client_begin (LdsLoopClient *self);

/** Closes @self; it frees itself when nothing needs it any more. */
void lds_loop_client_close (LdsLoopClient *self);

/** Closes those that wait for their next request, and tells members that the server is ending. */
void lds_loop_close_idle_clients (LdsLoop *loop);

/** Returns: (transfer full) (nullable): a copy of @bytes with one user; %NULL when out of memory */
LdsLoopBytes *lds_loop_bytes_new (const char *bytes, size_t size);
void lds_loop_bytes_unref (LdsLoopBytes *self);

LdsMembership *lds_loop_client_membership (LdsLoopClient *self);

/** What has been queued for @self and not been taken, in bytes: memory of the queue included. */
size_t lds_loop_client_backlog (const LdsLoopClient *self);

/** Writes @bytes from @offset on as soon as @self takes them; closes it when that is not possible. */
void lds_loop_client_queue (LdsLoopClient *self, LdsLoopBytes *bytes, size_t offset);

/** Returns: (transfer full) (nullable): the hub of @loop; %NULL when out of memory */
LdsHub *lds_hub_new (LdsLoop *loop);

/** Closes the handles of @self, so that its loop can end. */
void lds_hub_close (LdsHub *self);

/** Frees @self, whose loop has closed all handles. */
void lds_hub_free (LdsHub *self);

/** Writes to the members what has been published so far; may close some. Not while a connection is
 * being advanced. */
void lds_hub_flush (LdsHub *self);

/** Makes @client a member. Returns false when out of memory. */
bool lds_topic_join (LdsTopic *self, LdsLoopClient *client, LdsMemberKind kind);

/** Takes @client out of the topic that it is a member of, if any. */
void lds_hub_leave (LdsLoopClient *client);

/** Takes note that @client, a member, has a backlog. */
void lds_hub_lags (LdsLoopClient *client);

/** A task of a client's has come back. Takes @task. */
void lds_loop_client_completed (LdsTask *task);
