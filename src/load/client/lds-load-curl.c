/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP through libcurl: for TLS, HTTP/2 and proxies.
 *
 * A slot is an easy handle, all of which share one multi handle. libcurl tells which sockets and which
 * time it waits for, and the waiting is done here, to the ns: its own has a grid of 1 ms.
 *
 * Connections are libcurl's: as many as the plan says at most, kept alive, with one request at a time
 * on each, or in HTTP/2 as many as the plan's pipelining depth says, which are streams. They are made
 * when requests want them and not ahead: libcurl puts none into its pool that has carried no request,
 * and one more request that nobody asked for would be load. So the warm-up pays for them; without one
 * the first responses do (not their service times, which begin when the request is sent). Ahead of the
 * run a single connection is made, handshakes and all, and dropped, to see whether and why not it can.
 */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <stdlib.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-load-curl-easy.h"
#include "lds-load-curl-transfer.h"
#include "lds-load-poll.h"
#include "lds-load-worker.h"

#define MAX_EVENTS 64

struct LdsLoadClient
{
  LdsLoadWorker *worker;
  LdsLoadPlan *plan;
  CURLM *multi;
  LdsLoadPoll poll;
  int64_t timer_ns;       /* when libcurl wants to be called next; INT64_MAX for never */
  LdsLoadTransfer *ended; /* what ended as soon as it began: not reported yet */
  bool is_reporting;
  bool was_prepared;
  LdsLoadTransfer trial; /* the connection made ahead */
  LdsLoadTransfer *transfers;
  unsigned n_transfers;
  struct curl_slist *hosts;
  struct curl_slist **headers; /* of each request of the plan */
};

/* --- What libcurl waits for ------------------------------------------------------------------ */

static int
watch_socket (CURL *easy,
              curl_socket_t fd,
              int what,
              void *client,
              void *known)
{
  LdsLoadClient *self = client;
  struct epoll_event event = {.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) |
                                        (what & CURL_POLL_OUT ? EPOLLOUT : 0u),
                              .data.u64 = (uint64_t)fd + 1};

  if (what == CURL_POLL_REMOVE)
    /* It may have been closed already, which has the same effect. */
    epoll_ctl (self->poll.epoll_fd, EPOLL_CTL_DEL, fd, NULL);
  else if (epoll_ctl (self->poll.epoll_fd, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd,
                      &event) < 0)
    return -1;
  else
    curl_multi_assign (self->multi, fd, self);
  return 0;
}

static int
watch_time (CURLM *multi,
            long timeout_ms,
            void *client)
{
  LdsLoadClient *self = client;

  self->timer_ns = timeout_ms < 0 ? INT64_MAX : lds_clock_now_ns () + timeout_ms * LDS_NS_PER_MS;
  return 0;
}

/* --- Transfers ------------------------------------------------------------------------------- */

static void
act (LdsLoadClient *self,
     curl_socket_t fd,
     int events)
{
  int n_alive;

  curl_multi_socket_action (self->multi, fd, events, &n_alive);
}

/* Appends to @list what has ended. */
static void
collect (LdsLoadClient *self,
         LdsLoadTransfer **list)
{
  CURLMsg *message;
  int n_left;

  while (*list != NULL)
    list = &(*list)->next;
  while ((message = curl_multi_info_read (self->multi, &n_left)) != NULL)
    {
      LdsLoadTransfer *transfer = NULL;

      curl_easy_getinfo (message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
      transfer->code = message->data.result;
      transfer->next = NULL;
      *list = transfer;
      list = &transfer->next;
    }
}

/* Sends what was begun. What is answered meanwhile is reported later: one fast connection must not keep
 * the others waiting. */
static void
send_begun (LdsLoadClient *self)
{
  /* It rings once: libcurl says so if there is another time to come. */
  self->timer_ns = INT64_MAX;
  act (self, CURL_SOCKET_TIMEOUT, 0);
  collect (self, &self->ended);
}

static bool
begin (LdsLoadClient *self,
       LdsLoadTransfer *transfer)
{
  transfer->connect_ns = 0;
  *transfer->message = '\0';
  if (curl_multi_add_handle (self->multi, transfer->easy) != CURLM_OK)
    return false;
  transfer->is_running = true;
  if (!self->is_reporting)
    send_begun (self);
  return true;
}

static void
end (LdsLoadClient *self,
     LdsLoadTransfer *transfer)
{
  if (!transfer->is_running)
    return;
  for (LdsLoadTransfer **at = &self->ended; *at != NULL; at = &(*at)->next)
    if (*at == transfer)
      {
        *at = transfer->next;
        break;
      }
  curl_multi_remove_handle (self->multi, transfer->easy);
  transfer->is_running = false;
}

static void
drop (LdsLoadClient *self,
      LdsLoadTransfer *transfer)
{
  if (transfer->easy == NULL)
    return;
  end (self, transfer);
  lds_load_transfer_clear (transfer);
}

static void
trial_ended (LdsLoadClient *self,
             LdsLoadTransfer *trial)
{
  if (trial->code != CURLE_OK)
    lds_load_transfer_report_failure (trial);
  drop (self, trial);
}

static void
ended (LdsLoadClient *self,
       LdsLoadTransfer *transfer)
{
  curl_off_t n_body_bytes = 0;
  long n_head_bytes = 0;
  unsigned status;
  LdsLoadOutcome outcome = lds_load_transfer_judge (transfer, &status);

  curl_easy_getinfo (transfer->easy, CURLINFO_HEADER_SIZE, &n_head_bytes);
  curl_easy_getinfo (transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &n_body_bytes);
  lds_load_worker_get_tally (self->worker)->bytes_received +=
      (uint64_t)(n_head_bytes + n_body_bytes);
  if (status != 0)
    lds_load_worker_saw_version (self->worker, lds_load_curl_version (transfer->easy));
  transfer->is_lost = status == 0;
  end (self, transfer);
  lds_load_worker_ended (self->worker, transfer->slot, outcome, status);
}

/* Tells the worker of what ended, and sends what it then begins. */
static void
report (LdsLoadClient *self,
        LdsLoadTransfer *list)
{
  if (list == NULL)
    return;
  self->is_reporting = true;
  while (list != NULL)
    {
      LdsLoadTransfer *transfer = list;

      list = transfer->next;
      if (transfer->slot == NULL)
        trial_ended (self, transfer);
      else
        ended (self, transfer);
    }
  self->is_reporting = false;
  send_begun (self);
}

/* --- The client ------------------------------------------------------------------------------ */

/* From 7.88.0 to 7.88.1 only the first request of a connection is one to libcurl. Source: curl, issue
 * 10634, "Error in the HTTP2 framing layer", mended in 8.0.0. */
static bool
has_prior_knowledge (void)
{
  unsigned version = curl_version_info (CURLVERSION_NOW)->version_num;

  return version < 0x075800 || version >= 0x080000;
}

static bool
curl_can_carry (const LdsLoadPlan *plan,
                GError **error)
{
  const char *reason = NULL;

  if (plan->target.is_websocket)
    reason = _ ("“client” is “curl”, which does not carry WebSockets: use http or https.");
  else if (plan->pipeline > 1 && plan->transport.http_version == LDS_LOAD_HTTP_1_1)
    reason = _ ("“pipeline” is more than 1, and “curl” carries one request at a time on a connection, but for HTTP/2: leave it out.");
  else if (plan->requests_per_connection > 1 || (plan->requests_per_connection == 1 &&
                                                 plan->transport.http_version != LDS_LOAD_HTTP_1_1))
    reason = _ ("“requests_per_connection” can be 0, or 1 in HTTP/1.1, when “client” is “curl”.");
  else if (plan->transport.http_version == LDS_LOAD_HTTP_2_PRIOR_KNOWLEDGE &&
           !has_prior_knowledge ())
    reason = _ ("“http_version” is “2-prior-knowledge”, which libcurl 7.88 gets wrong: use https and “2”, or libcurl 8.");
  else if (plan->transport.http_version == LDS_LOAD_HTTP_2_PRIOR_KNOWLEDGE &&
           lds_load_transport_has_proxy (&plan->transport))
    reason = _ ("“http_version” is “2-prior-knowledge”, which a proxy does not pass on: leave one of them out.");
  for (guint i = 0; reason == NULL && i < plan->n_requests; i++)
    if (plan->requests[i].is_head && plan->requests[i].body_size > 0)
      reason = _ ("“method” is HEAD with a body, which “curl” does not send: leave the body out.");
  if (reason == NULL)
    return true;
  g_set_error_literal (error, LDS_ERROR, LDS_ERROR_INPUT, reason);
  return false;
}

static unsigned
curl_prepare (LdsLoadClient *self)
{
  if (!self->was_prepared)
    {
      LdsLoadTransfer *trial = &self->trial;

      self->was_prepared = true;
      if (!lds_load_transfer_init (trial, self->worker, NULL, self->hosts) ||
          !lds_load_curl_easy_set_request (trial->easy, self->plan, &self->plan->requests[0],
                                           self->headers[0]) ||
          curl_easy_setopt (trial->easy, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK ||
          !begin (self, trial))
        {
          lds_load_worker_connect_failed (self->worker, ENOMEM, NULL);
          drop (self, trial);
        }
    }
  return self->trial.easy != NULL;
}

static void
curl_start (LdsLoadClient *self,
            LdsLoadSlot *slot,
            int64_t now_ns)
{
  LdsLoadTransfer *transfer = &self->transfers[slot->index];
  LdsLoadRequest *request = &self->plan->requests[slot->request];
  bool is_set = transfer->request == request;

  /* One that has not come to an end by now is given up: it would take a connection from the others. */
  drop (self, &self->trial);
  slot->was_resent = false;
  lds_load_body_check_begin (&transfer->check, &request->expectation);
  transfer->request = NULL;
  if (!is_set && !lds_load_curl_easy_set_request (transfer->easy, self->plan, request,
                                                  self->headers[slot->request]))
    lds_load_worker_ended (self->worker, slot, LDS_LOAD_CONNECT, 0);
  else
    {
      transfer->request = request;
      if (!begin (self, transfer))
        lds_load_worker_ended (self->worker, slot, LDS_LOAD_CONNECT, 0);
    }
}

static void
curl_give_up (LdsLoadClient *self,
              LdsLoadSlot *slot)
{
  end (self, &self->transfers[slot->index]);
  self->transfers[slot->index].is_lost = slot->sent_ns < 0;
}

static bool
curl_is_connected (LdsLoadClient *self,
                   const LdsLoadSlot *slot)
{
  const LdsLoadTransfer *transfer = &self->transfers[slot->index];

  return transfer->is_running || !transfer->is_lost;
}

static void
curl_wait (LdsLoadClient *self,
           int64_t until_ns)
{
  struct epoll_event events[MAX_EVENTS];
  LdsLoadTransfer *list;
  int n;

  if (self->timer_ns < until_ns)
    until_ns = self->timer_ns;
  if (self->ended != NULL)
    until_ns = 0;
  n = lds_load_poll_wait (&self->poll, events, MAX_EVENTS, until_ns);
  lds_load_worker_woke (self->worker);
  list = self->ended;
  self->ended = NULL;
  report (self, list);
  for (int i = 0; i < n; i++)
    {
      uint32_t what = events[i].events;

      if (events[i].data.u64 == 0)
        continue;
      act (self, (curl_socket_t)(events[i].data.u64 - 1),
           (what & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
               (what & EPOLLOUT ? CURL_CSELECT_OUT : 0) | (what & EPOLLERR ? CURL_CSELECT_ERR : 0));
      list = NULL;
      collect (self, &list);
      report (self, list);
    }
  if (self->timer_ns <= lds_clock_now_ns ())
    send_begun (self);
}

/* --- Life ------------------------------------------------------------------------------------ */

static void
curl_close (LdsLoadClient *self)
{
  drop (self, &self->trial);
  for (unsigned i = 0; self->transfers != NULL && i < self->n_transfers; i++)
    drop (self, &self->transfers[i]);
  if (self->multi != NULL)
    curl_multi_cleanup (self->multi);
  for (guint i = 0; self->headers != NULL && i < self->plan->n_requests; i++)
    curl_slist_free_all (self->headers[i]);
  curl_slist_free_all (self->hosts);
  lds_load_poll_clear (&self->poll);
  free (self->headers);
  free (self->transfers);
  free (self);
}

static bool
set_up_multi (LdsLoadClient *self)
{
  bool is_multiplexed = self->plan->transport.http_version != LDS_LOAD_HTTP_1_1;
  long n_connections = (long)(self->n_transfers / self->plan->pipeline);
  CURLMcode code = CURLM_OK;

  self->multi = curl_multi_init ();
  if (self->multi == NULL)
    return false;
  code |= curl_multi_setopt (self->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
  code |= curl_multi_setopt (self->multi, CURLMOPT_SOCKETDATA, self);
  code |= curl_multi_setopt (self->multi, CURLMOPT_TIMERFUNCTION, watch_time);
  code |= curl_multi_setopt (self->multi, CURLMOPT_TIMERDATA, self);
  code |= curl_multi_setopt (self->multi, CURLMOPT_PIPELINING,
                             is_multiplexed ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
  code |=
      curl_multi_setopt (self->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)self->plan->pipeline);
  code |= curl_multi_setopt (self->multi, CURLMOPT_MAX_HOST_CONNECTIONS, n_connections);
  code |= curl_multi_setopt (self->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, n_connections);
  code |= curl_multi_setopt (self->multi, CURLMOPT_MAXCONNECTS, n_connections);
  return code == CURLM_OK;
}

static bool
set_up (LdsLoadClient *self,
        LdsLoadSlot *slots)
{
  if (!lds_load_poll_init (&self->poll))
    return false;
  errno = ENOMEM;
  self->transfers = calloc (self->n_transfers, sizeof *self->transfers);
  self->headers = calloc (self->plan->n_requests, sizeof *self->headers);
  if (self->transfers == NULL || self->headers == NULL || !set_up_multi (self))
    return false;
  self->hosts = lds_load_curl_hosts_new (self->plan);
  for (guint i = 0; i < self->plan->n_requests; i++)
    if ((self->headers[i] = lds_load_curl_headers_new (self->plan, &self->plan->requests[i])) ==
        NULL)
      return false;
  for (unsigned i = 0; i < self->n_transfers; i++)
    if (!lds_load_transfer_init (&self->transfers[i], self->worker, &slots[i], self->hosts))
      return false;
  return true;
}

static void
begin_library (void)
{
  curl_global_init (CURL_GLOBAL_DEFAULT);
}

static LdsLoadClient *
curl_open (LdsLoadWorker *worker,
           LdsLoadSlot *slots,
           unsigned n_slots)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  LdsLoadClient *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  pthread_once (&once, begin_library);
  self->worker = worker;
  self->plan = lds_load_worker_get_plan (worker);
  self->n_transfers = n_slots;
  self->timer_ns = INT64_MAX;
  self->poll = (LdsLoadPoll){.epoll_fd = -1, .timer_fd = -1};
  if (!set_up (self, slots))
    {
      int saved_errno = errno;

      curl_close (self);
      errno = saved_errno;
      return NULL;
    }
  return self;
}

const LdsLoadClientClass lds_load_client_curl = {
    .name = "curl",
    .n_files = 6,
    .engine = "libcurl",
    .can_carry = curl_can_carry,
    .open = curl_open,
    .close = curl_close,
    .prepare = curl_prepare,
    .start = curl_start,
    .give_up = curl_give_up,
    .is_connected = curl_is_connected,
    .wait = curl_wait,
};
