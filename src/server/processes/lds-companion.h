/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another loadstone-server that this one needs, starts, and ends: the upstreams of a gateway, the
 * workers behind an edge.
 *
 * It is tied to this process, so that it ends with it, also when this is killed with -9; and it
 * hears the end of its standard input, which this process holds open. One that ends by itself is
 * started again, by a thread that looks after all companions once the server is ready.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LDS_COMPANION_ARGUMENTS 32
#define LDS_COMPANION_MAX_PORTS 64
/* Of one server. */
#define LDS_COMPANIONS_MAX 2

/* It must say that it is ready within this time. */
#define LDS_COMPANION_READY_MS 10000

typedef struct _LdsCompanion LdsCompanion;

/* @self listens at @ports, (nullable) (array length=n_ports); NULL: nowhere, for it has ended. Called
 * by lds_companion_start(), later on the thread that looks after companions. */
typedef void (*LdsCompanionFunc) (const LdsCompanion *self, const int *ports);

struct _LdsCompanion
{
  /* (array zero-terminated=1): of loadstone-server, without its name; they live as long as @self */
  const char *arguments[LDS_COMPANION_ARGUMENTS];
  const char *variable; /* (nullable): "NAME=value", for its environment, which only this user may read */
  unsigned n_ports;     /* 1 for a server of one port, else what its --ports says */
  bool beside;          /* it is not part of what this server is, and is not measured with it */
  LdsCompanionFunc moved;

  /* private: */
  pid_t pid; /* 0 when there is none */
  int pidfd;
  int input; /* its standard input */
  int64_t born_ns;
  char **environment;
};

/**
 * lds_companion_start:
 * @self: with its public members set; must live until lds_companion_end() or the end of the process
 * @message: (out): a sentence on failure
 *
 * To be used on the main thread, before any other thread. Returns false when it could not be
 * started, or did not say in time that it is ready.
 */
bool lds_companion_start (LdsCompanion *self, char *message, size_t message_bytes);

/** Ends it, and waits until it has ended; it has a moment to do so by itself. Main thread. */
void lds_companion_end (LdsCompanion *self);

/** From now on companions that end are started again. To be called once, when connections are
 * served; does nothing when there are none. */
void lds_companions_watch (void);

/** Puts the ids of those that run beside this server into @pids (array length=LDS_COMPANIONS_MAX).
 * Returns how many; any thread of the process that started them. */
unsigned lds_companions_list (pid_t *pids);
