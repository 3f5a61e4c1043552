/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that makes background connections and holds them.
 *
 * Idle ones are heard through epoll, for as long as they are open. Slow ones leave it once they are
 * connected and have their turns instead, one after the other, by the clock.
 */
#include "lds-load-background-private.h"

#include <errno.h>
#include <unistd.h>

#include "lds-clock.h"

/* Connects on their way at a time, and tried before events are looked at: a server's queue of
 * connections to be accepted is seldom shorter, and what finds it full is tried again after a second. */
#define MAX_CONNECTING 64
/* Slow connections have turns so often; with more than MAX_TURNS of them each has one less often, but
 * moves as many bytes. So the turns take less than a tenth of a core, however many there are. */
#define TURNS_INTERVAL_NS (20 * LDS_NS_PER_MS)
#define MAX_TURNS         200u
#define REST_NS           (LDS_LOAD_BACKGROUND_REST_MS * LDS_NS_PER_MS)

void
lds_load_background_push (LdsLoadBackground *self,
                          LdsLoadBackgroundQueue *queue,
                          uint32_t i)
{
  self->connections[i].next = LDS_LOAD_BACKGROUND_NONE;
  if (queue->first == LDS_LOAD_BACKGROUND_NONE)
    queue->first = i;
  else
    self->connections[queue->last].next = i;
  queue->last = i;
}

void
lds_load_background_ring (int event_fd)
{
  const uint64_t one = 1;

  while (write (event_fd, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

static uint32_t
pop (LdsLoadBackground *self,
     LdsLoadBackgroundQueue *queue)
{
  uint32_t i = queue->first;

  queue->first = self->connections[i].next;
  return i;
}

static LdsLoadBackgroundKind
get_kind (const LdsLoadBackground *self,
          uint32_t i)
{
  if (i < self->n_idle)
    return LDS_LOAD_BACKGROUND_IDLE;
  i -= self->n_idle;
  for (int kind = LDS_LOAD_BACKGROUND_SLOW_READER; kind < LDS_LOAD_BACKGROUND_N_KINDS; kind++)
    {
      if (i < self->options.n_connections[kind])
        return (LdsLoadBackgroundKind)kind;
      i -= self->options.n_connections[kind];
    }
  return LDS_LOAD_BACKGROUND_ASKER;
}

static LdsLoadBackgroundCount *
get_count (LdsLoadBackground *self,
           uint32_t i)
{
  return &self->figures.kinds[get_kind (self, i)];
}

static void
settle (LdsLoadBackground *self,
        LdsLoadBackgroundConnection *connection)
{
  if (connection->is_settled)
    return;
  connection->is_settled = true;
  if (--self->n_unsettled == 0)
    lds_load_background_ring (self->ready_fd);
}

static void
rest (LdsLoadBackground *self,
      uint32_t i)
{
  self->connections[i].state = LDS_LOAD_BACKGROUND_RESTING;
  self->connections[i].rested_ns = lds_clock_now_ns () + REST_NS;
  lds_load_background_push (self, &self->resting, i);
}

static void
close_connection (LdsLoadBackgroundConnection *connection)
{
  close (connection->fd);
  connection->fd = -1;
}

static void
fail_connect (LdsLoadBackground *self,
              uint32_t i,
              int error_number)
{
  LdsLoadBackgroundConnection *connection = &self->connections[i];
  LdsLoadBackgroundCount *count = get_count (self, i);

  count->refused++;
  count->refused_errno = error_number;
  if (++connection->n_failed < LDS_LOAD_BACKGROUND_MAX_TRIES)
    {
      rest (self, i);
      return;
    }
  connection->state = LDS_LOAD_BACKGROUND_GONE;
  count->abandoned++;
  settle (self, connection);
}

static void
begin_connect (LdsLoadBackground *self,
               uint32_t i)
{
  struct epoll_event event = {.events = EPOLLOUT, .data.u32 = i};
  int fd = lds_load_background_dialer_dial (&self->dialer, get_kind (self, i));
  int error_number;

  if (fd >= 0 && epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    {
      self->connections[i].fd = fd;
      self->connections[i].state = LDS_LOAD_BACKGROUND_CONNECTING;
      self->n_connecting++;
      return;
    }
  error_number = errno;
  if (fd >= 0)
    close (fd);
  fail_connect (self, i, error_number);
}

static bool
may_connect (const LdsLoadBackground *self)
{
  return self->waiting.first != LDS_LOAD_BACKGROUND_NONE && self->n_connecting < MAX_CONNECTING;
}

static void
connect_some (LdsLoadBackground *self,
              int64_t now_ns)
{
  double rate_hz = self->options.connect_rate_hz;

  /* What could not be done in time is not made up for at once. */
  if (self->connect_ns < now_ns - TURNS_INTERVAL_NS)
    self->connect_ns = now_ns - TURNS_INTERVAL_NS;
  for (int n = 0; n < MAX_CONNECTING && may_connect (self); n++)
    {
      if (rate_hz > 0)
        {
          if (self->connect_ns > now_ns)
            return;
          self->connect_ns += (int64_t)((double)LDS_NS_PER_S / rate_hz);
        }
      begin_connect (self, pop (self, &self->waiting));
    }
}

static void
finish_connect (LdsLoadBackground *self,
                uint32_t i,
                int64_t now_ns)
{
  LdsLoadBackgroundConnection *connection = &self->connections[i];
  LdsLoadBackgroundKind kind = get_kind (self, i);
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.u32 = i};
  bool is_idle = kind == LDS_LOAD_BACKGROUND_IDLE;
  int error_number = 0;
  socklen_t size = sizeof error_number;

  self->n_connecting--;
  if (getsockopt (connection->fd, SOL_SOCKET, SO_ERROR, &error_number, &size) < 0 ||
      (error_number == 0 && epoll_ctl (self->epoll_fd, is_idle ? EPOLL_CTL_MOD : EPOLL_CTL_DEL,
                                       connection->fd, &event) < 0))
    error_number = errno;
  if (error_number != 0)
    {
      close_connection (connection);
      fail_connect (self, i, error_number);
      return;
    }
  connection->state = LDS_LOAD_BACKGROUND_OPEN;
  connection->n_failed = 0;
  self->figures.kinds[kind].opened++;
  if (!is_idle)
    lds_load_background_slow_begin (&self->slow[i - self->n_idle], &self->work[kind], now_ns);
  settle (self, connection);
}

/* What a server has to say to one who said nothing, before it ends the connection perhaps. */
static void
hear_idle (LdsLoadBackground *self,
           uint32_t i)
{
  LdsLoadBackgroundConnection *connection = &self->connections[i];
  LdsLoadBackgroundCount *count = get_count (self, i);
  ssize_t n = recv (connection->fd, self->buffer, sizeof self->buffer, 0);

  if (n > 0)
    count->bytes_received += (uint64_t)n;
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    {
      close_connection (connection);
      connection->state = LDS_LOAD_BACKGROUND_GONE;
      count->closed_by_server++;
    }
}

static void
take_turn (LdsLoadBackground *self,
           uint32_t i,
           int64_t now_ns)
{
  LdsLoadBackgroundConnection *connection = &self->connections[i];
  LdsLoadBackgroundTurn turn;

  if (connection->state != LDS_LOAD_BACKGROUND_OPEN)
    return;
  turn = lds_load_background_slow_take_turn (
      &self->slow[i - self->n_idle], &self->work[get_kind (self, i)], connection->fd, now_ns);
  if (turn == LDS_LOAD_BACKGROUND_GOES_ON)
    return;
  if (turn == LDS_LOAD_BACKGROUND_CLOSED)
    get_count (self, i)->closed_by_server++;
  close_connection (connection);
  rest (self, i);
}

static void
take_turns (LdsLoadBackground *self,
            int64_t now_ns)
{
  uint32_t n_slow = self->n_connections - self->n_idle;

  if (n_slow == 0 || now_ns < self->turns_ns)
    return;
  self->turns_ns = now_ns + TURNS_INTERVAL_NS;
  for (uint32_t n = MIN (n_slow, MAX_TURNS); n > 0; n--)
    {
      take_turn (self, self->n_idle + self->next_turn, now_ns);
      self->next_turn = (self->next_turn + 1) % n_slow;
    }
}

static void
wake_rested (LdsLoadBackground *self,
             int64_t now_ns)
{
  while (self->resting.first != LDS_LOAD_BACKGROUND_NONE &&
         self->connections[self->resting.first].rested_ns <= now_ns)
    {
      uint32_t i = pop (self, &self->resting);

      self->connections[i].state = LDS_LOAD_BACKGROUND_WAITING;
      lds_load_background_push (self, &self->waiting, i);
    }
}

/* Until something is due by the clock; -1 while only events matter. */
static int
get_wait_ms (const LdsLoadBackground *self,
             int64_t now_ns)
{
  int64_t until_ns = G_MAXINT64;

  if (self->n_connections > self->n_idle)
    until_ns = self->turns_ns;
  if (self->resting.first != LDS_LOAD_BACKGROUND_NONE)
    until_ns = MIN (until_ns, self->connections[self->resting.first].rested_ns);
  if (may_connect (self))
    until_ns = MIN (until_ns, self->options.connect_rate_hz > 0 ? self->connect_ns : now_ns);
  if (until_ns == G_MAXINT64)
    return -1;
  /* Rounded up, not to come too early and wait again. */
  return until_ns <= now_ns
             ? 0
             : (int)MIN ((until_ns - now_ns + LDS_NS_PER_MS - 1) / LDS_NS_PER_MS, G_MAXINT);
}

/* Returns false when the thread is to end; what came before that was handled. */
static bool
handle_events (LdsLoadBackground *self,
               int n_events)
{
  int64_t now_ns = lds_clock_now_ns ();
  bool goes_on = true;

  for (int n = 0; n < n_events; n++)
    {
      uint32_t i = self->events[n].data.u32;

      if (i == LDS_LOAD_BACKGROUND_STOP)
        goes_on = false;
      else if (self->connections[i].state == LDS_LOAD_BACKGROUND_CONNECTING)
        finish_connect (self, i, now_ns);
      else if (self->connections[i].state == LDS_LOAD_BACKGROUND_OPEN)
        hear_idle (self, i);
    }
  return goes_on;
}

static void
close_all (LdsLoadBackground *self)
{
  for (uint32_t i = 0; i < self->n_connections; i++)
    {
      if (self->connections[i].state == LDS_LOAD_BACKGROUND_OPEN)
        get_count (self, i)->open_at_end++;
      if (self->connections[i].fd >= 0)
        close_connection (&self->connections[i]);
    }
}

void *
lds_load_background_thread (void *data)
{
  LdsLoadBackground *self = data;
  int n_events;

  do
    {
      int64_t now_ns = lds_clock_now_ns ();

      take_turns (self, now_ns);
      wake_rested (self, now_ns);
      connect_some (self, now_ns);
      n_events = epoll_wait (self->epoll_fd, self->events, G_N_ELEMENTS (self->events),
                             get_wait_ms (self, now_ns));
    }
  while (handle_events (self, n_events));
  self->figures.cpu_ns = lds_clock_thread_cpu_ns ();
  close_all (self);
  return NULL;
}
