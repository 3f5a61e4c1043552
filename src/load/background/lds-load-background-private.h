/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the thread of background connections works on. It is made before the thread begins, and is the
 * thread's alone until that has been joined; the descriptors at its beginning are for both sides. */
#pragma once

#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "lds-load-background-dialer.h"
#include "lds-load-background-slow.h"

/* In the place of a connection's number: no connection, and the event of the stop descriptor. */
#define LDS_LOAD_BACKGROUND_NONE G_MAXUINT32
#define LDS_LOAD_BACKGROUND_STOP G_MAXUINT32

typedef enum
{
  LDS_LOAD_BACKGROUND_WAITING, /* to be connected */
  LDS_LOAD_BACKGROUND_CONNECTING,
  LDS_LOAD_BACKGROUND_OPEN,
  LDS_LOAD_BACKGROUND_RESTING, /* until rested_ns, then it waits */
  LDS_LOAD_BACKGROUND_GONE,    /* for good */
} LdsLoadBackgroundState;

/* There are tens of thousands: it is small. Its kind follows from its number. */
typedef struct
{
  int64_t rested_ns;
  int fd;        /* -1 when there is none */
  uint32_t next; /* in the queue that it is in, or LDS_LOAD_BACKGROUND_NONE */
  uint8_t state;
  uint8_t n_failed; /* connects in a row */
  bool is_settled;  /* was open once, or is abandoned */
} LdsLoadBackgroundConnection;

/* First in, first out: all rest for as long. */
typedef struct
{
  uint32_t first;
  uint32_t last;
} LdsLoadBackgroundQueue;

struct _LdsLoadBackground
{
  int epoll_fd;
  int stop_fd;
  int ready_fd;
  pthread_t thread;

  LdsLoadBackgroundOptions options;
  LdsLoadBackgroundDialer dialer;
  LdsLoadBackgroundWork work[LDS_LOAD_BACKGROUND_N_KINDS];
  LdsLoadBackgroundFigures figures;
  LdsLoadBackgroundConnection *connections; /* idle ones, slow readers, slow senders */
  LdsLoadBackgroundSlow *slow;              /* of connection n_idle and those behind it */
  uint32_t n_connections;
  uint32_t n_idle;
  uint32_t n_unsettled;
  uint32_t n_connecting;
  uint32_t next_turn; /* of the slow ones */
  LdsLoadBackgroundQueue waiting;
  LdsLoadBackgroundQueue resting;
  int64_t turns_ns;   /* when the next turns are */
  int64_t connect_ns; /* when the next connect is, at a limited rate */
  struct epoll_event events[256];
  char buffer[64 * 1024]; /* for what is received and thrown away */
};

/** Puts connection @i at the end of @queue. */
void lds_load_background_push (LdsLoadBackground *self, LdsLoadBackgroundQueue *queue, uint32_t i);

/** Makes @event_fd readable. */
void lds_load_background_ring (int event_fd);

/** Runs until the stop descriptor is readable. @data: the LdsLoadBackground. Returns %NULL. */
void *lds_load_background_thread (void *data);
