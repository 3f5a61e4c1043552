/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plan says of connections that stay open: WebSockets, and streams of server-sent events. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-load-request.h"
#include "lds-load-target.h"

G_BEGIN_DECLS

/* The smallest message has room for its members, the largest is what a member keeps of one. */
#define LDS_LOAD_MIN_PAYLOAD_BYTES 64
#define LDS_LOAD_MAX_PAYLOAD_BYTES (1u << 20)

typedef enum
{
  LDS_LOAD_STREAM_NONE,      /* requests and answers */
  LDS_LOAD_STREAM_ECHO,      /* a message comes back to its sender */
  LDS_LOAD_STREAM_BROADCAST, /* a message comes to everybody, its sender included */
  LDS_LOAD_STREAM_LISTEN,    /* nothing is sent; the server ticks */
} LdsLoadStreamMode;

typedef struct
{
  LdsLoadStreamMode mode;
  guint payload_bytes; /* of a message */
  char *host;          /* WebSockets: what Host says */
  char *fields;        /* WebSockets: further header lines of the handshake, each with its end */
  char *request;       /* events: as sent */
  gsize request_size;
} LdsLoadStream;

/**
 * lds_load_stream_init_from_json:
 * @self: zeroed
 * @plan: the whole plan: its member “stream”, and what does not go together with that
 * @request: the plan's first: its header lines are sent
 *
 * Without “stream”, and with an address that is no WebSocket's, the mode is NONE.
 *
 * Returns %FALSE with LDS_ERROR_INPUT naming the member.
 */
gboolean lds_load_stream_init_from_json (LdsLoadStream *self,
                                         JsonObject *plan,
                                         const LdsLoadTarget *target,
                                         const LdsLoadRequest *request,
                                         GError **error);

void lds_load_stream_clear (LdsLoadStream *self);

/** As plans and results call it. */
const char *lds_load_stream_mode_name (LdsLoadStreamMode mode);

G_END_DECLS
