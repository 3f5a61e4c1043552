/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Back ends that move the bytes of many connections to one address. A client decides what is sent
 * when and what an answer is worth; a back end knows sockets only. One instance a worker, used by its
 * thread alone.
 *
 * It tells what happened through LdsLoadEngineEvents, from within wait(), or from within connect()
 * and send() when it is known at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* One connection. Its first owner is the client, which keeps it as a member of more; it is zero but for
 * its index to begin with, and fd is -1. */
typedef struct
{
  int fd;         /* -1 when there is none */
  uint32_t index; /* among the client's */
  bool is_connecting;
  bool is_sending; /* the kernel has not taken everything of the last send() yet */
  bool is_hung_up; /* the server has sent all that it will: no use for another request */

  /* The back end's. */
  bool is_receiving;
  uint32_t generation;
  const char *out;
  size_t out_bytes;
} LdsLoadLink;

/* What a client wants to hear; each is called with its own pointer. */
typedef struct
{
  /* A wait is over: what is reported now became known at this moment. */
  void (*woke) (void *client);
  /* @link is connected, its fd is set. May send at once. */
  void (*connected) (void *client, LdsLoadLink *link);
  /* @link could not connect, its fd is -1. */
  void (*connect_failed) (void *client, LdsLoadLink *link, int error_number);
  /* Bytes came; they may be changed in place and are gone afterwards. May disconnect, connect and send. */
  void (*received) (void *client, LdsLoadLink *link, char *data, size_t size);
  /* is_sending was true when send() returned, and is so no more. May send at once. */
  void (*sent) (void *client, LdsLoadLink *link);
  /* The server ended the connection: @error_number is 0 for an orderly end. The client has to
   * disconnect @link, and may connect it again at once. */
  void (*closed) (void *client, LdsLoadLink *link, int error_number);
} LdsLoadEngineEvents;

typedef struct
{
  const LdsLoadEngineEvents *events;
  void *client;
  const struct sockaddr *address;
  socklen_t address_size;
  unsigned n_links;
  unsigned first_link; /* connections of other instances to the same address, numbered before these */
} LdsLoadEngineSetup;

typedef struct LdsLoadEngine LdsLoadEngine; /* each back end's own */

typedef struct
{
  const char *name; /* "epoll": as in plan and result */

  /* Whether kernel and sandbox let it work; errno says why not. Any thread. */
  bool (*probe) (void);
  /* Returns NULL, with errno set, when it cannot work. Copies @setup. */
  LdsLoadEngine *(*open) (const LdsLoadEngineSetup *setup);
  void (*close) (LdsLoadEngine *self);

  /* Begins to connect: ends in connected() or connect_failed(). */
  void (*connect) (LdsLoadEngine *self, LdsLoadLink *link);
  /* Sends, in parts if the socket does not take it whole. Not while is_sending. @is_constant: @data
   * never changes and outlives the back end; otherwise it must stay as it is until is_sending ends. */
  void (*send) (LdsLoadEngine *self,
                LdsLoadLink *link,
                const char *data,
                size_t size,
                bool is_constant);
  /* Drops the connection, if there is one; fd is -1 afterwards and nothing more is heard of it. */
  void (*disconnect) (LdsLoadEngine *self, LdsLoadLink *link);
  /* Waits for events up to @until_ns (CLOCK_MONOTONIC, ns precision) and reports them; returns at
   * once when @until_ns has passed, after reporting what there is. Calls woke() first. */
  void (*wait) (LdsLoadEngine *self, int64_t until_ns);
} LdsLoadEngineClass;

extern const LdsLoadEngineClass lds_load_engine_epoll;
extern const LdsLoadEngineClass lds_load_engine_uring;

/**
 * lds_load_engine_find:
 * @name: "auto" for the best that works here, or a back end's name
 *
 * Returns: (nullable): the back end; NULL when there is none of that name
 */
const LdsLoadEngineClass *lds_load_engine_find (const char *name);

/**
 * lds_load_engine_open_socket:
 * @flags: beside SOCK_STREAM and SOCK_CLOEXEC
 *
 * Returns a socket as every back end makes it, TCP_NODELAY set (METHOD section 2); -1 with errno set.
 * Of very many connections to this machine each few thousand get a source address of their own.
 */
int
lds_load_engine_open_socket (const LdsLoadEngineSetup *setup, const LdsLoadLink *link, int flags);
