/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One slot's easy handle. */
#include "lds-load-curl-transfer.h"

#include "lds-clock.h"
#include "lds-load-curl-easy.h"

/* The request was sent, and the connection ended before any of the answer: libcurl sends it again, but
 * for what may not be: RFC 9110, section 9.2.2. Returns false for that. */
static bool
may_begin_again (LdsLoadTransfer *self)
{
  LdsLoadSlot *slot = self->slot;

  if (slot == NULL || slot->sent_ns < 0)
    return true;
  if (!self->request->may_resend || slot->was_resent)
    return false;
  slot->was_resent = true;
  slot->sent_ns = -1;
  lds_load_worker_get_tally (self->worker)->retries++;
  return true;
}

static curl_socket_t
open_socket (void *data,
             curlsocktype purpose,
             struct curl_sockaddr *address)
{
  LdsLoadTransfer *self = data;

  if (!may_begin_again (self))
    return CURL_SOCKET_BAD;
  self->connect_ns = lds_clock_now_ns ();
  return socket (address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The connection is ready and the request about to be sent. */
static int
about_to_send (void *data,
               char *remote,
               char *local,
               int remote_port,
               int local_port)
{
  LdsLoadTransfer *self = data;
  int64_t now_ns = lds_clock_now_ns ();

  if (!may_begin_again (self))
    return CURL_PREREQFUNC_ABORT;
  if (self->connect_ns != 0)
    lds_load_worker_connected (self->worker, now_ns - self->connect_ns);
  self->connect_ns = 0;
  if (self->slot != NULL)
    self->slot->sent_ns = now_ns;
  return CURL_PREREQFUNC_OK;
}

static size_t
take_body (char *data,
           size_t size,
           size_t n,
           void *self)
{
  lds_load_body_check_add (&((LdsLoadTransfer *)self)->check, data, size * n);
  return size * n;
}

bool
lds_load_transfer_init (LdsLoadTransfer *self,
                        LdsLoadWorker *worker,
                        LdsLoadSlot *slot,
                        struct curl_slist *hosts)
{
  CURLcode code = CURLE_OK;

  self->worker = worker;
  self->slot = slot;
  self->easy = lds_load_curl_easy_new (lds_load_worker_get_plan (worker), hosts);
  if (self->easy == NULL)
    return false;
  code |= curl_easy_setopt (self->easy, CURLOPT_PRIVATE, self);
  code |= curl_easy_setopt (self->easy, CURLOPT_ERRORBUFFER, self->message);
  code |= curl_easy_setopt (self->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  code |= curl_easy_setopt (self->easy, CURLOPT_OPENSOCKETDATA, self);
  code |= curl_easy_setopt (self->easy, CURLOPT_PREREQFUNCTION, about_to_send);
  code |= curl_easy_setopt (self->easy, CURLOPT_PREREQDATA, self);
  code |= curl_easy_setopt (self->easy, CURLOPT_WRITEFUNCTION, take_body);
  code |= curl_easy_setopt (self->easy, CURLOPT_WRITEDATA, self);
  return code == CURLE_OK;
}

void
lds_load_transfer_clear (LdsLoadTransfer *self)
{
  curl_easy_cleanup (self->easy);
  self->easy = NULL;
  lds_load_body_check_clear (&self->check);
}

void
lds_load_transfer_report_failure (LdsLoadTransfer *self)
{
  long error_number = 0;
  const char *message =
      *self->message != '\0' ? self->message : curl_easy_strerror (self->code);

  if (self->code == CURLE_COULDNT_CONNECT)
    curl_easy_getinfo (self->easy, CURLINFO_OS_ERRNO, &error_number);
  lds_load_worker_connect_failed (self->worker, (int)error_number,
                                  error_number == 0 ? message : NULL);
}

LdsLoadOutcome
lds_load_transfer_judge (LdsLoadTransfer *self,
                         unsigned *status)
{
  LdsLoadExpectation *expectation =
      &lds_load_worker_get_plan (self->worker)->requests[self->slot->request].expectation;
  long response_code = 0;

  *status = 0;
  if (self->slot->sent_ns < 0)
    {
      lds_load_transfer_report_failure (self);
      return LDS_LOAD_CONNECT;
    }
  if (self->code != CURLE_OK)
    return lds_load_curl_outcome (self->easy, self->code, self->message);
  curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &response_code);
  if (response_code < LDS_LOAD_STATUS_MIN || response_code > LDS_LOAD_STATUS_MAX)
    return LDS_LOAD_MALFORMED;
  *status = (unsigned)response_code;
  if (response_code < 200 || response_code > 299)
    return LDS_LOAD_NON_2XX;
  return lds_load_body_check_end (&self->check, expectation) ? LDS_LOAD_OK : LDS_LOAD_WRONG_BODY;
}
