/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The consumer of a broker's channel: one for the whole server.
 *
 * Each process that publishes has one of these, but only that which holds the shared mutex subscribes;
 * the mutex is robust, so that when its holder is killed the next one takes its place.
 */
#include "lds-events-private.h"

#include "lds-clock.h"
#include "lds-thread.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How often one in waiting looks whether it should end. */
#define TURN_NS (250 * LDS_NS_PER_MS)
/* Its calls are shallow, and memory is what the user looks at. */
#define STACK_BYTES ((size_t)128 * 1024)

struct _LdsEventsConsumer
{
  LdsEventsShared *shared;
  LdsEventsBroker broker;
  pthread_t thread;
  int wake; /* eventfd: @stop has been set */
  atomic_bool stop;
};

/* Takes note of one message of the channel: ["message", channel, event]. */
static void
consume (LdsEventsConsumer *self,
         const redisReply *reply)
{
  const redisReply *event;
  int64_t published_ns;

  if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3)
    return;
  event = reply->element[2];
  if (event->type != REDIS_REPLY_STRING)
    {
      /* ["subscribe", channel, 1]: from here on all is heard. */
      if (event->type == REDIS_REPLY_INTEGER)
        atomic_store_explicit (&self->shared->subscribed, true, memory_order_relaxed);
      return;
    }
  published_ns = lds_events_take_stamp (self->shared, event->str, (size_t)event->len);
  if (published_ns > 0)
    lds_events_consumed (self->shared, event->str, (size_t)event->len, published_ns);
}

/* Hears the channel until the broker is gone or this should end. */
static void
listen_to (LdsEventsConsumer *self,
           redisContext *context)
{
  struct pollfd fds[] = {{.fd = context->fd, .events = POLLIN},
                         {.fd = self->wake, .events = POLLIN}};

  if (redisAppendCommand (context, "SUBSCRIBE %s", self->broker.channel) != REDIS_OK)
    return;
  for (int written = 0; !written;)
    if (redisBufferWrite (context, &written) != REDIS_OK)
      return;
  while (!atomic_load_explicit (&self->stop, memory_order_acquire))
    {
      void *reply;

      if (poll (fds, 2, -1) < 0 && errno != EINTR)
        return;
      if (fds[0].revents == 0)
        continue;
      if (redisBufferRead (context) != REDIS_OK)
        return;
      while (redisGetReplyFromReader (context, &reply) == REDIS_OK && reply != NULL)
        {
          consume (self, reply);
          freeReplyObject (reply);
        }
      if (context->err != 0)
        return;
    }
}

/* Waits until no other process of this server is the consumer. Returns false when this should end. */
static bool
take_turn (LdsEventsConsumer *self)
{
  while (!atomic_load_explicit (&self->stop, memory_order_acquire))
    {
      int64_t until_ns = lds_clock_now_ns () + TURN_NS;
      const struct timespec until = {until_ns / LDS_NS_PER_S, until_ns % LDS_NS_PER_S};

      switch (pthread_mutex_clocklock (&self->shared->turn, CLOCK_MONOTONIC, &until))
        {
        case EOWNERDEAD:
          pthread_mutex_consistent (&self->shared->turn);
          return true;
        case 0:
          return true;
        case ETIMEDOUT:
          break;
        default:
          return false;
        }
    }
  return false;
}

static void *
consumer_thread (void *data)
{
  LdsEventsConsumer *self = data;
  int64_t back_off_ns = 0;

  if (!take_turn (self))
    return NULL;
  while (!atomic_load_explicit (&self->stop, memory_order_acquire))
    {
      struct pollfd woken = {.fd = self->wake, .events = POLLIN};
      char reason[LDS_EVENTS_REASON_BYTES];
      redisContext *context;

      lds_events_forget_stamps (self->shared);
      context = lds_events_broker_connect (&self->broker, reason);
      if (context != NULL)
        {
          back_off_ns = 0;
          listen_to (self, context);
          atomic_store_explicit (&self->shared->subscribed, false, memory_order_relaxed);
          redisFree (context);
        }
      back_off_ns = lds_events_longer_ns (back_off_ns);
      poll (&woken, 1, (int)(back_off_ns / LDS_NS_PER_MS));
    }
  pthread_mutex_unlock (&self->shared->turn);
  return NULL;
}

LdsEventsConsumer *
lds_events_consumer_new (LdsEventsShared *shared,
                         const LdsEventsBroker *broker)
{
  LdsEventsConsumer *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  self->shared = shared;
  self->broker = *broker;
  self->wake = eventfd (0, EFD_CLOEXEC);
  if (self->wake < 0)
    {
      free (self);
      return NULL;
    }
  if (lds_thread_start_small (&self->thread, STACK_BYTES, consumer_thread, self) == 0)
    return self;
  close (self->wake);
  free (self);
  return NULL;
}

void
lds_events_consumer_free (LdsEventsConsumer *self)
{
  const uint64_t one = 1;

  atomic_store_explicit (&self->stop, true, memory_order_release);
  while (write (self->wake, &one, sizeof one) < 0 && errno == EINTR)
    ;
  pthread_join (self->thread, NULL);
  close (self->wake);
  free (self);
}
