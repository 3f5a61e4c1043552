/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP/1.1 over a back end: connections, the requests on them, and what the answers are worth.
 *
 * A connection carries as many requests at a time as the plan's pipelining depth says, one by default.
 * Its slots that have a request form a queue in the order of their answers: those that were sent, then
 * those that were not. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-http-response.h"
#include "lds-load-expectation.h"
#include "lds-load-links.h"

typedef struct
{
  LdsLoadConnection base;
  bool is_reused;    /* has carried an answer before */
  bool is_expecting; /* the parser is ready for the answer of the queue's first */
  unsigned n_sent;   /* of the queue */
  unsigned n_queued;
  unsigned n_requests; /* sent since it was made */
  LdsLoadSlot *first;
  LdsLoadSlot *last;
  LdsHttpResponse response;
  LdsLoadBodyCheck check;
  char *outbox; /* with pipelining: requests that leave together */
} Connection;

struct LdsLoadClient
{
  LdsLoadLinks links;
  size_t outbox_bytes;
  LdsHttpHeadCache head_cache;
};

static Connection *
connection_of (LdsLoadClient *self,
               const LdsLoadSlot *slot)
{
  return (Connection *)self->links.connections + slot->index / self->links.plan->pipeline;
}

static LdsLoadRequest *
request_of (LdsLoadClient *self,
            const LdsLoadSlot *slot)
{
  return &self->links.plan->requests[slot->request];
}

static void
push (Connection *connection,
      LdsLoadSlot *slot)
{
  slot->next = NULL;
  if (connection->first == NULL)
    connection->first = slot;
  else
    connection->last->next = slot;
  connection->last = slot;
  connection->n_queued++;
}

static LdsLoadSlot *
pop (Connection *connection)
{
  LdsLoadSlot *slot = connection->first;

  connection->first = slot->next;
  connection->n_queued--;
  if (connection->n_sent > 0)
    connection->n_sent--;
  connection->is_expecting = false;
  return slot;
}

static void
drop (Connection *connection,
      LdsLoadSlot *slot)
{
  LdsLoadSlot *before = NULL;

  for (LdsLoadSlot *at = connection->first; at != slot; at = at->next)
    before = at;
  if (before != NULL)
    before->next = slot->next;
  else
    connection->first = slot->next;
  if (connection->last == slot)
    connection->last = before;
  connection->n_queued--;
}

/* --- Sending --------------------------------------------------------------------------------- */

static void
expect (LdsLoadClient *self,
        Connection *connection)
{
  LdsLoadRequest *request = request_of (self, connection->first);

  lds_http_response_begin (&connection->response, request->is_head);
  lds_load_body_check_begin (&connection->check, &request->expectation);
  connection->is_expecting = true;
}

/* How many more requests the connection may carry before it is made anew. */
static unsigned
count_left (LdsLoadClient *self,
            const Connection *connection)
{
  return self->links.plan->requests_per_connection > 0
             ? self->links.plan->requests_per_connection - connection->n_requests
             : UINT32_MAX;
}

static void
send_queued (LdsLoadClient *self,
             Connection *connection,
             int64_t now_ns)
{
  unsigned n = connection->n_queued - connection->n_sent, n_left = count_left (self, connection);
  LdsLoadSlot *slot = connection->first;
  LdsLoadRequest *request;
  size_t size = 0;

  if (n > n_left)
    n = n_left;
  if (n == 0 || connection->base.link.is_sending)
    return;
  for (unsigned i = 0; i < connection->n_sent; i++)
    slot = slot->next;
  request = request_of (self, slot);
  for (unsigned i = 0; i < n; i++, slot = slot->next)
    {
      slot->sent_ns = now_ns;
      if (self->outbox_bytes > 0)
        {
          request = request_of (self, slot);
          memcpy (connection->outbox + size, request->bytes, request->size);
          size += request->size;
        }
    }
  connection->n_sent += n;
  connection->n_requests += n;
  if (!connection->is_expecting)
    expect (self, connection);
  if (self->outbox_bytes > 0)
    lds_load_links_send (&self->links, &connection->base, connection->outbox, size, false);
  else
    lds_load_links_send (&self->links, &connection->base, request->bytes, request->size, true);
}

static void
http_start (LdsLoadClient *self,
            LdsLoadSlot *slot,
            int64_t now_ns)
{
  Connection *connection = connection_of (self, slot);

  slot->was_resent = false;
  push (connection, slot);
  if (connection->base.link.fd < 0)
    lds_load_links_connect (&self->links, &connection->base);
  else if (!connection->base.link.is_connecting)
    send_queued (self, connection, now_ns);
}

/* --- The end of requests and connections ----------------------------------------------------- */

/* The connection is gone, or goes. What it carried is sent again on a new one where that does no harm:
 * RFC 9112, sections 9.3.1 and 9.3.2. Requests keep their intended time, so that the detour is
 * measured. @excused: the server said that it would end the connection, or answered on it before. */
static void
disconnect (LdsLoadClient *self,
            Connection *connection,
            bool excused)
{
  LdsLoadSlot *lost = NULL, *slot = connection->first;
  unsigned n_sent = connection->n_sent;

  lds_load_links_disconnect (&self->links, &connection->base);
  connection->first = connection->last = NULL;
  connection->n_queued = connection->n_sent = 0;
  connection->is_expecting = false;
  for (unsigned i = 0; slot != NULL; i++)
    {
      LdsLoadSlot *next = slot->next;
      bool was_sent = i < n_sent;

      if (was_sent && (!request_of (self, slot)->may_resend || (slot->was_resent && !excused)))
        {
          slot->next = lost;
          lost = slot;
        }
      else
        {
          if (was_sent)
            {
              slot->was_resent = true;
              lds_load_worker_get_tally (self->links.worker)->retries++;
            }
          slot->sent_ns = -1;
          push (connection, slot);
        }
      slot = next;
    }
  if (connection->first != NULL)
    lds_load_links_connect (&self->links, &connection->base);
  while (lost != NULL)
    {
      LdsLoadSlot *next = lost->next;

      lds_load_worker_ended (self->links.worker, lost, LDS_LOAD_RESET, 0);
      lost = next;
    }
}

static LdsLoadOutcome
judge (Connection *connection,
       LdsLoadExpectation *expectation)
{
  if (connection->response.head.status < 200 || connection->response.head.status > 299)
    return LDS_LOAD_NON_2XX;
  return lds_load_body_check_end (&connection->check, expectation) ? LDS_LOAD_OK
                                                                   : LDS_LOAD_WRONG_BODY;
}

/* The answer of the queue's first is whole. */
static void
complete (LdsLoadClient *self,
          Connection *connection,
          bool keep)
{
  LdsLoadSlot *slot = pop (connection);
  LdsLoadOutcome outcome = judge (connection, &request_of (self, slot)->expectation);
  unsigned status = connection->response.head.status;

  lds_load_worker_saw_version (self->links.worker, "1.1");
  connection->is_reused = true;
  if (!keep)
    disconnect (self, connection, true);
  else if (connection->n_sent > 0)
    expect (self, connection);
  lds_load_worker_ended (self->links.worker, slot, outcome, status);
}

static void
fail (LdsLoadClient *self,
      Connection *connection,
      LdsLoadOutcome outcome)
{
  LdsLoadSlot *slot = pop (connection);

  disconnect (self, connection, false);
  lds_load_worker_ended (self->links.worker, slot, outcome, 0);
}

static void
http_give_up (LdsLoadClient *self,
              LdsLoadSlot *slot)
{
  Connection *connection = connection_of (self, slot);

  if (slot->sent_ns < 0)
    {
      drop (connection, slot);
      if (connection->base.link.is_connecting && connection->first == NULL)
        lds_load_links_disconnect (&self->links, &connection->base);
      return;
    }
  /* Answers come in order: nothing behind it can be had from this connection either. */
  drop (connection, slot);
  connection->n_sent--;
  disconnect (self, connection, true);
}

/* --- What the back end tells ----------------------------------------------------------------- */

static void
connected (void *client,
           LdsLoadLink *link)
{
  LdsLoadClient *self = client;
  Connection *connection = (Connection *)link;
  int64_t now_ns = lds_clock_now_ns ();

  connection->n_requests = 0;
  connection->is_reused = false;
  lds_load_links_connected (&self->links, &connection->base, now_ns);
  send_queued (self, connection, now_ns);
}

static void
connect_failed (void *client,
                LdsLoadLink *link,
                int error_number)
{
  LdsLoadClient *self = client;
  Connection *connection = (Connection *)link;
  LdsLoadSlot *slot = connection->first;

  lds_load_links_connect_failed (&self->links, &connection->base, error_number, NULL);
  connection->first = connection->last = NULL;
  connection->n_queued = connection->n_sent = 0;
  while (slot != NULL)
    {
      LdsLoadSlot *next = slot->next;

      lds_load_worker_ended (self->links.worker, slot, LDS_LOAD_CONNECT, 0);
      slot = next;
    }
}

/* Takes the bytes of one answer. Returns how many of them were used. */
static size_t
feed (LdsLoadClient *self,
      Connection *connection,
      const char *data,
      size_t size)
{
  size_t at = 0, span_size = 0;
  const char *span = NULL;

  for (;;)
    switch (lds_http_response_next (&connection->response, data, size, &at, &span, &span_size))
      {
      case LDS_HTTP_RESPONSE_BODY:
        lds_load_body_check_add (&connection->check, span, span_size);
        break;
      case LDS_HTTP_RESPONSE_MORE:
        return size;
      case LDS_HTTP_RESPONSE_DONE:
        /* More than was announced, and nothing else was asked for: who knows where the answer ends. */
        if (at < size && connection->n_sent == 1)
          fail (self, connection, LDS_LOAD_MALFORMED);
        else
          complete (self, connection,
                    connection->response.head.keep_alive && !connection->base.link.is_hung_up &&
                        !(connection->n_sent == 1 && connection->base.link.is_sending) &&
                        (connection->n_sent > 1 || count_left (self, connection) > 0));
        return at;
      case LDS_HTTP_RESPONSE_MALFORMED:
      default:
        fail (self, connection, LDS_LOAD_MALFORMED);
        return size;
      }
}

static void
received (void *client,
          LdsLoadLink *link,
          char *data,
          size_t size)
{
  LdsLoadClient *self = client;
  Connection *connection = (Connection *)link;
  uint32_t generation = link->generation;
  size_t at = 0;

  lds_load_worker_get_tally (self->links.worker)->bytes_received += size;
  while (at < size && link->generation == generation && link->fd >= 0)
    {
      if (connection->n_sent == 0)
        {
          /* Nobody asked: whatever follows would be taken for the next answer. */
          disconnect (self, connection, false);
          return;
        }
      at += feed (self, connection, data + at, size - at);
    }
}

static void
sent (void *client,
      LdsLoadLink *link)
{
  send_queued (client, (Connection *)link, lds_clock_now_ns ());
}

static void
closed (void *client,
        LdsLoadLink *link,
        int error_number)
{
  LdsLoadClient *self = client;
  Connection *connection = (Connection *)link;
  bool has_begun = lds_http_response_has_begun (&connection->response);

  if (connection->n_sent == 0 ||
      (!has_begun && connection->is_reused && !connection->first->was_resent &&
       request_of (self, connection->first)->may_resend))
    /* The server closed an idle connection, perhaps while the request was on its way, as it may. */
    disconnect (self, connection, false);
  else if (error_number != 0 || !has_begun)
    fail (self, connection, LDS_LOAD_RESET);
  else if (lds_http_response_end (&connection->response))
    complete (self, connection, false);
  else
    fail (self, connection, LDS_LOAD_SHORT);
}

/* --- Life ------------------------------------------------------------------------------------ */

static bool
http_can_carry (const LdsLoadPlan *plan,
                GError **error)
{
  if (strcmp (plan->target.scheme, "http") == 0 &&
      plan->transport.http_version == LDS_LOAD_HTTP_1_1 &&
      !lds_load_transport_has_proxy (&plan->transport))
    return true;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               _ ("“client” is “native”, which speaks HTTP/1.1 without TLS and without proxies only: use “curl”."));
  return false;
}

static bool
init (LdsLoadClient *self,
      LdsLoadConnection *base)
{
  Connection *connection = (Connection *)base;

  lds_http_response_init (&connection->response, &self->head_cache);
  return self->outbox_bytes == 0 || (connection->outbox = malloc (self->outbox_bytes)) != NULL;
}

static void
clear (LdsLoadConnection *base)
{
  Connection *connection = (Connection *)base;

  lds_http_response_clear (&connection->response);
  lds_load_body_check_clear (&connection->check);
  free (connection->outbox);
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
http_open (LdsLoadWorker *worker,
           LdsLoadSlot *slots,
           unsigned n_slots)
{
  LdsLoadClient *self = calloc (1, sizeof *self);
  const LdsLoadPlan *plan = lds_load_worker_get_plan (worker);

  if (self != NULL && plan->pipeline > 1)
    for (unsigned i = 0; i < plan->n_requests; i++)
      if (plan->requests[i].size * plan->pipeline > self->outbox_bytes)
        self->outbox_bytes = plan->requests[i].size * plan->pipeline;
  return lds_load_links_open (self, &links_class, worker, n_slots);
}

const LdsLoadClientClass lds_load_client_http = {
    .name = "native",
    .n_files = 3,
    .can_carry = http_can_carry,
    .open = http_open,
    .close = lds_load_links_close,
    .prepare = lds_load_links_prepare,
    .start = http_start,
    .give_up = http_give_up,
    .is_connected = lds_load_links_is_connected,
    .wait = lds_load_links_wait,
};
