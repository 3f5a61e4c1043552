/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Server-sent events over a back end: one request a connection, whose answer goes on for as long as
 * the run does. Each event is a delivery, told to the worker. Being connected includes the head of the
 * answer. What was cut off is not asked for again: what it misses is what the run tells. */
#include <stdlib.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-event-stream.h"
#include "lds-http-response.h"
#include "lds-load-links.h"

typedef struct
{
  LdsLoadConnection base;
  bool is_open; /* the answer has begun, and is one of events */
  LdsLoadMember member;
  LdsHttpResponse response;
  LdsEventStream events;
} Connection;

struct LdsLoadClient
{
  LdsLoadLinks links;
};

/* If it was not open yet: why, by @error_number or, static, @refusal: (nullable). */
static void
lose (LdsLoadClient *self,
      Connection *connection,
      LdsLoadOutcome outcome,
      int error_number,
      const char *refusal)
{
  if (!connection->is_open)
    lds_load_links_connect_failed (&self->links, &connection->base, error_number, refusal);
  lds_load_worker_left (self->links.worker, &connection->member, outcome);
  lds_load_links_disconnect (&self->links, &connection->base);
  connection->is_open = false;
}

/* "text/event-stream", whatever parameters stand behind it. */
static bool
is_event_stream (LdsSpan type)
{
  const char *end = memchr (type.data, ';', type.length);

  if (end != NULL)
    type.length = (size_t)(end - type.data);
  while (type.length > 0 &&
         (type.data[type.length - 1] == ' ' || type.data[type.length - 1] == '\t'))
    type.length--;
  return lds_span_equal_ignoring_case (type, "text/event-stream");
}

/* Returns: (nullable): why the answer is not one of events */
static const char *
judge (Connection *connection)
{
  LdsSpan head = lds_http_response_head_text (&connection->response), name, value;
  size_t cursor = 0;

  if (connection->response.head.status != 200)
    return "the server does not answer with status 200";
  while (lds_http_response_next_field (head, &cursor, &name, &value))
    if (lds_span_equal_ignoring_case (name, "Content-Type") && value.length > 0 && is_event_stream (value))
      return NULL;
  return "the answer is not of type text/event-stream";
}

/* The final head of the answer may have become whole. Returns false when the connection is of no use. */
static bool
look_at_head (LdsLoadClient *self,
              Connection *connection,
              int64_t now_ns)
{
  const char *reason;

  if (connection->is_open || connection->response.head.status < 200)
    return true;
  reason = judge (connection);
  if (reason != NULL)
    {
      lose (self, connection, LDS_LOAD_MALFORMED, 0, reason);
      return false;
    }
  connection->is_open = true;
  lds_load_links_connected (&self->links, &connection->base, now_ns);
  lds_load_worker_joined (self->links.worker, &connection->member);
  return true;
}

/* Returns false when there is too much in one event. */
static bool
take_events (LdsLoadClient *self,
             Connection *connection,
             LdsSpan body,
             int64_t now_ns)
{
  LdsEventStreamEvent event;
  size_t at = 0;

  while ((event = lds_event_stream_next (&connection->events, body.data, body.length, &at)) ==
         LDS_EVENT_STREAM_EVENT)
    {
      LdsLoadStamp stamp;
      bool is_stamped = lds_load_stamp_read (connection->events.data, &stamp);

      lds_load_worker_delivered (self->links.worker, &connection->member,
                                 is_stamped ? &stamp : NULL, now_ns);
    }
  return event == LDS_EVENT_STREAM_MORE;
}

/* --- What the back end tells ----------------------------------------------------------------- */

static void
connected (void *client,
           LdsLoadLink *link)
{
  LdsLoadClient *self = client;
  Connection *connection = (Connection *)link;
  const LdsLoadStream *stream = &self->links.plan->stream;

  lds_load_links_send (&self->links, &connection->base, stream->request, stream->request_size,
                       true);
}

static void
connect_failed (void *client,
                LdsLoadLink *link,
                int error_number)
{
  lose (client, (Connection *)link, LDS_LOAD_CONNECT, error_number, NULL);
}

static void
received (void *client,
          LdsLoadLink *link,
          char *data,
          size_t size)
{
  LdsLoadClient *self = client;
  Connection *connection = (Connection *)link;
  int64_t now_ns = lds_clock_now_ns ();
  LdsHttpResponseEvent event;
  LdsSpan body = {0};
  size_t at = 0;

  lds_load_worker_get_tally (self->links.worker)->bytes_received += size;
  do
    {
      event =
          lds_http_response_next (&connection->response, data, size, &at, &body.data, &body.length);
      if (!look_at_head (self, connection, now_ns))
        return;
      if (event == LDS_HTTP_RESPONSE_BODY && !take_events (self, connection, body, now_ns))
        event = LDS_HTTP_RESPONSE_MALFORMED;
    }
  while (event == LDS_HTTP_RESPONSE_BODY);
  if (event == LDS_HTTP_RESPONSE_DONE)
    lose (self, connection, LDS_LOAD_RESET, 0, NULL);
  else if (event == LDS_HTTP_RESPONSE_MALFORMED)
    lose (self, connection, LDS_LOAD_MALFORMED, 0, "the answer is not HTTP/1.1");
}

/* The request is constant and its end of no interest. */
static void
sent (void *client,
      LdsLoadLink *link)
{
}

static void
closed (void *client,
        LdsLoadLink *link,
        int error_number)
{
  lose (client, (Connection *)link, LDS_LOAD_RESET, error_number,
        error_number == 0 ? "the server closed the connection before it had answered" : NULL);
}

/* --- Life ------------------------------------------------------------------------------------ */

static bool
events_is_connected (LdsLoadClient *self,
                     const LdsLoadSlot *slot)
{
  return ((Connection *)self->links.connections)[slot->index].is_open;
}

static bool
init (LdsLoadClient *self,
      LdsLoadConnection *base)
{
  Connection *connection = (Connection *)base;

  /* No cache of heads: what the field lines say has to be looked at, once a connection. */
  lds_http_response_init (&connection->response, NULL);
  lds_http_response_begin (&connection->response, false);
  lds_event_stream_init (&connection->events, LDS_LOAD_MAX_PAYLOAD_BYTES);
  return true;
}

static void
clear (LdsLoadConnection *base)
{
  Connection *connection = (Connection *)base;

  lds_http_response_clear (&connection->response);
  lds_event_stream_clear (&connection->events);
}

static const LdsLoadLinksClass links_class = {
    .connection_bytes = sizeof (Connection),
    .init = init,
    .clear = clear,
    .events = {
        .woke = lds_load_links_woke,
        .connected = connected,
        .connect_failed = connect_failed,
        .received = received,
        .sent = sent,
        .closed = closed,
    },
};

static LdsLoadClient *
events_open (LdsLoadWorker *worker,
             LdsLoadSlot *slots,
             unsigned n_slots)
{
  return lds_load_links_open (calloc (1, sizeof (LdsLoadClient)), &links_class, worker, n_slots);
}

const LdsLoadClientClass lds_load_client_events = {
    .name = "events",
    .n_files = 3,
    .open = events_open,
    .close = lds_load_links_close,
    .prepare = lds_load_links_prepare,
    .is_connected = events_is_connected,
    .wait = lds_load_links_wait,
};
