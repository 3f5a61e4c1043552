/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A slow connection's turn. */
#include "lds-load-background-slow.h"

#include <errno.h>

#include "lds-clock.h"

/* Of an answer to an asker, in one turn: as good as at once. */
#define MAX_ANSWER_BYTES ((size_t)1 << 20)
/* A turn may come this late and nothing is lost; it also keeps the products below within 64 bits. */
#define MAX_SAVED_NS (10 * LDS_NS_PER_S)

static void
begin_request (LdsLoadBackgroundSlow *self,
               const LdsLoadBackgroundWork *work)
{
  self->written = 0;
  lds_http_response_begin (&self->response, work->is_head);
}

void
lds_load_background_slow_begin (LdsLoadBackgroundSlow *self,
                                const LdsLoadBackgroundWork *work,
                                int64_t now_ns)
{
  lds_http_response_clear (&self->response);
  lds_http_response_init (&self->response, NULL);
  begin_request (self, work);
  self->spent_ns = now_ns;
}

void
lds_load_background_slow_clear (LdsLoadBackgroundSlow *self)
{
  lds_http_response_clear (&self->response);
}

static size_t
count_allowed (LdsLoadBackgroundSlow *self,
               const LdsLoadBackgroundWork *work,
               int64_t now_ns)
{
  if (self->spent_ns < now_ns - MAX_SAVED_NS)
    self->spent_ns = now_ns - MAX_SAVED_NS;
  return (size_t)((now_ns - self->spent_ns) * work->bytes_per_s / LDS_NS_PER_S);
}

/* Rounded up, so that fractions never add up to a byte too many. */
static void
spend (LdsLoadBackgroundSlow *self,
       const LdsLoadBackgroundWork *work,
       size_t bytes)
{
  self->spent_ns +=
      ((int64_t)bytes * LDS_NS_PER_S + work->bytes_per_s - 1) / work->bytes_per_s;
}

static bool
is_whole (const LdsLoadBackgroundSlow *self,
          const LdsLoadBackgroundWork *work)
{
  return self->written == work->request_size;
}

/* Sends at most @limit bytes; what goes wrong is for the receiving side to say, which may have an
 * answer as well. Returns the bytes sent. */
static size_t
send_some (LdsLoadBackgroundSlow *self,
           const LdsLoadBackgroundWork *work,
           int fd,
           size_t limit)
{
  size_t left = work->request_size - self->written;
  ssize_t n;

  if (left > limit)
    left = limit;
  if (left == 0)
    return 0;
  n = send (fd, work->request + self->written, left, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n <= 0)
    return 0;
  self->written += (size_t)n;
  work->count->bytes_sent += (size_t)n;
  return (size_t)n;
}

/* The answer is whole. */
static LdsLoadBackgroundTurn
end_answer (LdsLoadBackgroundSlow *self,
            const LdsLoadBackgroundWork *work)
{
  LdsLoadBackgroundCount *count = work->count;
  const LdsHttpResponseHead *head = &self->response.head;
  bool was_whole = is_whole (self, work);

  if (!was_whole || head->status == 408)
    count->cut_off++;
  else
    {
      count->answers++;
      if (head->status < 200 || head->status > 299)
        count->non_2xx++;
    }
  if (!head->keep_alive)
    return LDS_LOAD_BACKGROUND_CLOSED;
  /* The rest of a request that is answered already would be taken for the next one. */
  if (!was_whole)
    return LDS_LOAD_BACKGROUND_DROPPED;
  begin_request (self, work);
  return LDS_LOAD_BACKGROUND_GOES_ON;
}

static LdsLoadBackgroundTurn
feed (LdsLoadBackgroundSlow *self,
      const LdsLoadBackgroundWork *work,
      size_t size)
{
  size_t at = 0, span_size;
  const char *span;

  for (;;)
    switch (lds_http_response_next (&self->response, work->buffer, size, &at, &span, &span_size))
      {
      case LDS_HTTP_RESPONSE_BODY:
        break;
      case LDS_HTTP_RESPONSE_MORE:
        return LDS_LOAD_BACKGROUND_GOES_ON;
      case LDS_HTTP_RESPONSE_DONE:
        if (at == size)
          return end_answer (self, work);
        G_GNUC_FALLTHROUGH; /* more than the server announced */
      case LDS_HTTP_RESPONSE_MALFORMED:
      default:
        work->count->malformed++;
        return LDS_LOAD_BACKGROUND_DROPPED;
      }
}

/* The connection ended, which may be how an answer ends. Between two requests nothing is cut off. */
static LdsLoadBackgroundTurn
end_connection (LdsLoadBackgroundSlow *self,
                const LdsLoadBackgroundWork *work,
                bool in_order)
{
  if (in_order && lds_http_response_has_begun (&self->response) &&
      lds_http_response_end (&self->response))
    end_answer (self, work);
  else if (self->written > 0 || lds_http_response_has_begun (&self->response))
    work->count->cut_off++;
  return LDS_LOAD_BACKGROUND_CLOSED;
}

/* Receives at most @limit bytes, and adds what came to @received. */
static LdsLoadBackgroundTurn
receive_some (LdsLoadBackgroundSlow *self,
              const LdsLoadBackgroundWork *work,
              int fd,
              size_t limit,
              size_t *received)
{
  LdsLoadBackgroundTurn turn = LDS_LOAD_BACKGROUND_GOES_ON;

  while (limit > 0 && turn == LDS_LOAD_BACKGROUND_GOES_ON)
    {
      size_t wanted = limit < work->buffer_bytes ? limit : work->buffer_bytes;
      ssize_t n = recv (fd, work->buffer, wanted, MSG_DONTWAIT);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        break;
      if (n <= 0)
        return end_connection (self, work, n == 0);
      work->count->bytes_received += (size_t)n;
      *received += (size_t)n;
      limit -= (size_t)n;
      turn = feed (self, work, (size_t)n);
      if ((size_t)n < wanted)
        break;
    }
  return turn;
}

static LdsLoadBackgroundTurn
take_reader_turn (LdsLoadBackgroundSlow *self,
                  const LdsLoadBackgroundWork *work,
                  int fd,
                  int64_t now_ns)
{
  size_t allowed = count_allowed (self, work, now_ns), received = 0;
  LdsLoadBackgroundTurn turn;

  if (send_some (self, work, fd, work->request_size) > 0 || allowed == 0)
    return LDS_LOAD_BACKGROUND_GOES_ON;
  turn = receive_some (self, work, fd, allowed, &received);
  if (turn != LDS_LOAD_BACKGROUND_GOES_ON)
    return turn;
  /* An answer that ended is not the server's delay: the rest counts towards the next one, which is
   * asked for now to be there at the next turn. */
  if (self->written == 0)
    send_some (self, work, fd, work->request_size);
  else if (received < allowed)
    {
      self->spent_ns = now_ns;
      return turn;
    }
  spend (self, work, received);
  return turn;
}

static LdsLoadBackgroundTurn
take_sender_turn (LdsLoadBackgroundSlow *self,
                  const LdsLoadBackgroundWork *work,
                  int fd,
                  int64_t now_ns)
{
  bool was_whole = is_whole (self, work);
  size_t allowed = count_allowed (self, work, now_ns), received = 0, sent;
  LdsLoadBackgroundTurn turn;

  if (!was_whole && allowed == 0)
    return LDS_LOAD_BACKGROUND_GOES_ON;
  /* First, for the server may have lost its patience. One buffer a turn is as good as at once. */
  turn = receive_some (self, work, fd, work->buffer_bytes, &received);
  if (turn != LDS_LOAD_BACKGROUND_GOES_ON)
    return turn;
  if (was_whole)
    {
      /* The time until the answer was whole is no credit for the next request. */
      self->spent_ns = now_ns;
      return turn;
    }
  sent = send_some (self, work, fd, allowed);
  if (sent > 0)
    spend (self, work, sent);
  else
    self->spent_ns = now_ns;
  return turn;
}

static LdsLoadBackgroundTurn
take_asker_turn (LdsLoadBackgroundSlow *self,
                 const LdsLoadBackgroundWork *work,
                 int fd,
                 int64_t now_ns)
{
  size_t received = 0;
  LdsLoadBackgroundTurn turn = receive_some (self, work, fd, MAX_ANSWER_BYTES, &received);

  if (turn != LDS_LOAD_BACKGROUND_GOES_ON)
    return turn;
  if (self->written == 0 && now_ns < self->spent_ns)
    return turn;
  if (self->written == 0)
    self->spent_ns = now_ns + work->interval_ns;
  send_some (self, work, fd, work->request_size);
  return turn;
}

LdsLoadBackgroundTurn
lds_load_background_slow_take_turn (LdsLoadBackgroundSlow *self,
                                    const LdsLoadBackgroundWork *work,
                                    int fd,
                                    int64_t now_ns)
{
  switch (work->kind)
    {
    case LDS_LOAD_BACKGROUND_SLOW_READER:
      return take_reader_turn (self, work, fd, now_ns);
    case LDS_LOAD_BACKGROUND_ASKER:
      return take_asker_turn (self, work, fd, now_ns);
    case LDS_LOAD_BACKGROUND_SLOW_SENDER:
    case LDS_LOAD_BACKGROUND_IDLE:
    case LDS_LOAD_BACKGROUND_N_KINDS:
    default:
      return take_sender_turn (self, work, fd, now_ns);
    }
}
