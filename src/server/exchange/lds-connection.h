/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One HTTP/1.1 or WebSocket connection without its socket: bytes in, exchanges, bytes out.
 *
 * Models move the bytes and carry out operations, each in its own way; everything else about a
 * connection is here, so that all models give the same answers. A connection that waits for its
 * next request or message holds no memory but this struct.
 *
 * A connection belongs to one thread at a time.
 */
#pragma once

#include "lds-exchange.h"
#include "lds-loop-hub.h"
#include "lds-server.h"
#include "lds-websocket.h"

/* What must happen next. Before any of it, send what is in the output buffer. */
typedef enum
{
  LDS_CONNECTION_READ,    /* read, lds_connection_received(), advance again */
  LDS_CONNECTION_FLUSH,   /* much is waiting to be sent: send it, then advance again */
  LDS_CONNECTION_OPERATE, /* carry out @operation of @exchange, then advance again */
  LDS_CONNECTION_CLOSE,   /* close it, see lds_connection_must_linger() */
} LdsConnectionNeed;

typedef enum
{
  LDS_CONNECTION_HTTP,
  LDS_CONNECTION_WEBSOCKET, /* for good, from UPGRADE on */
  LDS_CONNECTION_EVENTS,    /* for good, from SUBSCRIBE on */
} LdsConnectionMode;

typedef struct
{
  const LdsServer *server;
  /* Bytes from the first one of the current request on: @start to @end of @input. */
  char *input;
  uint32_t start, end;
  uint32_t capacity; /* of @input when it is our own; 0 when it is a caller's, or none */
  bool active;       /* an exchange is being carried out */
  bool closing;      /* the last answer has been written */
  bool closes_after; /* the answer that is going out in parts is the last one */
  bool linger;
  bool continued; /* 100 (Continue) has been sent for this request */
  uint8_t mode;   /* LdsConnectionMode */
  LdsOperation operation;
  void *ballast; /* (nullable): memory that the profile's runtime would use; see lds-cost.h */
  const LdsServerWorkload *workload;
  LdsTopic *topic; /* (nullable): unless @mode is HTTP, what it is a member of */
  LdsHttpRequest request;
  LdsWebsocketReader reader; /* of a WebSocket */
  LdsExchange exchange;
} LdsConnection;

/** Begins a connection of @server, which must outlive it. */
void lds_connection_init (LdsConnection *self, const LdsServer *server);

/** Ends @self and frees what it holds. */
void lds_connection_clear (LdsConnection *self);

/** Whether @self is between two requests or messages, with no byte of the next one. */
bool lds_connection_is_idle (const LdsConnection *self);

/**
 * lds_connection_room:
 * @scratch: (array length=scratch_bytes): memory of the caller's
 * @room: (out): where to read to: @scratch when @self keeps no bytes, else behind those it keeps
 * @room_bytes: (out): at least 1
 *
 * Returns false when out of memory: close the connection.
 */
bool lds_connection_room (LdsConnection *self,
                          char *scratch,
                          size_t scratch_bytes,
                          char **room,
                          size_t *room_bytes);

/**
 * lds_connection_received:
 * @bytes: where they were read to, as lds_connection_room() said
 * @count: how many
 *
 * Takes note of bytes read. Those in the caller's scratch memory must stay there until
 * lds_connection_settle(), or until advancing has asked for READ and the connection is idle.
 */
void lds_connection_received (LdsConnection *self, char *bytes, size_t count);

/** Bytes received that no exchange has used yet. */
size_t lds_connection_pending (const LdsConnection *self);

/**
 * lds_connection_advance:
 * @out: where to append answers; may hold earlier ones
 *
 * Goes on until something must happen that only the model can do. After OPERATE, the next call tells
 * the workload that it has been done; after UPGRADE and SUBSCRIBE, which make @self a member of its
 * topic, it goes on with what has come since. The exchange's input is where it says until then,
 * unless @self is settled.
 */
LdsConnectionNeed lds_connection_advance (LdsConnection *self, LdsBuffer *out);

/** Whether @self is a WebSocket or an event stream. Once its server drains, advancing ends it. */
static inline bool
lds_connection_is_member (const LdsConnection *self)
{
  return self->mode != LDS_CONNECTION_HTTP;
}

/**
 * lds_connection_settle:
 *
 * Moves what @self needs of the caller's scratch memory into memory of its own, or frees that.
 *
 * Returns false when out of memory: close the connection.
 */
bool lds_connection_settle (LdsConnection *self);

/**
 * lds_connection_must_linger:
 *
 * Returns true when the client may still be sending: closing at once would reset the connection
 * and could take the answer from the client. Shut down sending, read and drop what comes until the
 * end or a limit, then close (RFC 9112 section 9.6).
 */
bool lds_connection_must_linger (const LdsConnection *self);

/* Limits of lingering. */
#define LDS_LINGER_NS    (500 * INT64_C (1000000))
#define LDS_LINGER_BYTES (1024 * 1024)
