/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Server-sent events over a back end: one request a connection, whose answer goes on for as long as
 * the run does. Each event is a delivery, told to the worker. Being connected includes the head of the
 * answer. What was cut off is not asked for again: what it misses is what the run tells. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-event-stream.h"
#include "lds-http-response.h"
#include "lds-load-worker.h"

typedef struct
{
  LdsLoadLink link;
  bool was_prepared;  /* made, or tried, ahead of the run */
  bool is_open;       /* the answer has begun, and is one of events */
  int64_t connect_ns; /* when connecting began */
  LdsLoadMember member;
  LdsHttpResponse response;
  LdsEventStream events;
} Connection;

struct LdsLoadClient
{
  LdsLoadWorker *worker;
  LdsLoadPlan *plan;
  const LdsLoadEngineClass *engine_class;
  LdsLoadEngine *engine;
  Connection *connections;
  unsigned n_connections;
  unsigned n_prepared; /* of the connections, in order */
  unsigned n_preparing;
};

static void
end_preparing (LdsLoadClient *self,
               Connection *connection)
{
  if (!connection->was_prepared)
    return;
  connection->was_prepared = false;
  self->n_preparing--;
}

/* @refusal: (nullable): static: why it is of no use, if it was not open yet */
static void
lose (LdsLoadClient *self,
      Connection *connection,
      LdsLoadOutcome outcome,
      const char *refusal)
{
  end_preparing (self, connection);
  if (!connection->is_open && refusal != NULL)
    lds_load_worker_connect_failed (self->worker, 0, refusal);
  lds_load_worker_left (self->worker, &connection->member, outcome);
  self->engine_class->disconnect (self->engine, &connection->link);
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
      lose (self, connection, LDS_LOAD_MALFORMED, reason);
      return false;
    }
  connection->is_open = true;
  end_preparing (self, connection);
  lds_load_worker_connected (self->worker, now_ns - connection->connect_ns);
  lds_load_worker_joined (self->worker, &connection->member);
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

      lds_load_worker_delivered (self->worker, &connection->member, is_stamped ? &stamp : NULL,
                                 now_ns);
    }
  return event == LDS_EVENT_STREAM_MORE;
}

/* --- What the back end tells ----------------------------------------------------------------- */

static void
woke (void *client)
{
  LdsLoadClient *self = client;

  lds_load_worker_woke (self->worker);
}

static void
connected (void *client,
           LdsLoadLink *link)
{
  LdsLoadClient *self = client;
  const LdsLoadStream *stream = &self->plan->stream;

  self->engine_class->send (self->engine, link, stream->request, stream->request_size, true);
}

static void
connect_failed (void *client,
                LdsLoadLink *link,
                int error_number)
{
  LdsLoadClient *self = client;

  lds_load_worker_connect_failed (self->worker, error_number, NULL);
  lose (self, (Connection *)link, LDS_LOAD_CONNECT, NULL);
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

  lds_load_worker_get_tally (self->worker)->bytes_received += size;
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
    lose (self, connection, LDS_LOAD_RESET, NULL);
  else if (event == LDS_HTTP_RESPONSE_MALFORMED)
    lose (self, connection, LDS_LOAD_MALFORMED, "the answer is not HTTP/1.1");
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
  LdsLoadClient *self = client;
  Connection *connection = (Connection *)link;

  if (!connection->is_open && error_number != 0)
    lds_load_worker_connect_failed (self->worker, error_number, NULL);
  lose (self, connection, LDS_LOAD_RESET,
        error_number == 0 ? "the server closed the connection before it had answered" : NULL);
}

static const LdsLoadEngineEvents engine_events = {
    .woke = woke,
    .connected = connected,
    .connect_failed = connect_failed,
    .received = received,
    .sent = sent,
    .closed = closed,
};

/* --- Life ------------------------------------------------------------------------------------ */

static unsigned
events_prepare (LdsLoadClient *self)
{
  while (self->n_prepared < self->n_connections && self->n_preparing < LDS_LOAD_MAX_PREPARING)
    {
      Connection *connection = &self->connections[self->n_prepared++];

      connection->was_prepared = true;
      self->n_preparing++;
      connection->connect_ns = lds_clock_now_ns ();
      self->engine_class->connect (self->engine, &connection->link);
    }
  return self->n_preparing + (self->n_connections - self->n_prepared);
}

static bool
events_is_connected (LdsLoadClient *self,
                     const LdsLoadSlot *slot)
{
  return self->connections[slot->index].is_open;
}

static void
events_wait (LdsLoadClient *self,
             int64_t until_ns)
{
  self->engine_class->wait (self->engine, until_ns);
}

static void
events_close (LdsLoadClient *self)
{
  for (unsigned i = 0; self->connections != NULL && i < self->n_connections; i++)
    {
      if (self->engine != NULL)
        self->engine_class->disconnect (self->engine, &self->connections[i].link);
      lds_http_response_clear (&self->connections[i].response);
      lds_event_stream_clear (&self->connections[i].events);
    }
  if (self->engine != NULL)
    self->engine_class->close (self->engine);
  free (self->connections);
  free (self);
}

static bool
set_up (LdsLoadClient *self)
{
  LdsLoadEngineSetup setup = {
      .events = &engine_events,
      .client = self,
      .address = (const struct sockaddr *)&self->plan->target.address,
      .address_size = self->plan->target.address_size,
      .n_links = self->n_connections,
      .first_link = lds_load_worker_get_first_slot (self->worker),
  };

  self->connections = calloc (self->n_connections, sizeof *self->connections);
  if (self->connections == NULL)
    return false;
  for (unsigned i = 0; i < self->n_connections; i++)
    {
      Connection *connection = &self->connections[i];

      connection->link.fd = -1;
      connection->link.index = i;
      /* No cache of heads: what the field lines say has to be looked at, once a connection. */
      lds_http_response_init (&connection->response, NULL);
      lds_http_response_begin (&connection->response, false);
      lds_event_stream_init (&connection->events, LDS_LOAD_MAX_PAYLOAD_BYTES);
    }
  self->engine = self->engine_class->open (&setup);
  return self->engine != NULL;
}

static LdsLoadClient *
events_open (LdsLoadWorker *worker,
             LdsLoadSlot *slots,
             unsigned n_slots)
{
  LdsLoadClient *self = calloc (1, sizeof *self);
  int saved_errno;

  if (self == NULL)
    return NULL;
  self->worker = worker;
  self->plan = lds_load_worker_get_plan (worker);
  self->engine_class = lds_load_worker_get_engine_class (worker);
  self->n_connections = n_slots;
  if (set_up (self))
    return self;
  saved_errno = errno;
  events_close (self);
  errno = saved_errno;
  return NULL;
}

const LdsLoadClientClass lds_load_client_events = {
    .name = "events",
    .n_files = 3,
    .open = events_open,
    .close = events_close,
    .prepare = events_prepare,
    .is_connected = events_is_connected,
    .wait = events_wait,
};
