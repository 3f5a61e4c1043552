/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Publishing to Redis or Valkey, and one consumer for the whole server. */
#include "lds-events-private.h"

#include "lds-clock.h"
#include "lds-pool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Connections of one process: as many as there are tokens for blocking calls in Starlette, so that
 * none waits for another. Source: anyio, default thread limiter, 40; accessed 2026-11-21. */
#define CONNECTIONS 40
/* A broker on this machine answers within microseconds, or is not well. */
#define TIMEOUT_S 1
/* Source: node-redis 5, client-configuration.md, reconnectStrategy: 50 ms doubled up to 2 s (its jitter
 * is for many clients that lose one broker); accessed 2026-11-21. */
#define BACK_OFF_MIN_NS (50 * LDS_NS_PER_MS)
#define BACK_OFF_MAX_NS (2 * LDS_NS_PER_S)
/* How often a consumer in waiting looks whether it should end. */
#define TURN_NS (250 * LDS_NS_PER_MS)

#define STACK_BYTES ((size_t)128 * 1024)

struct _LdsEventsRedis
{
  LdsEventsShared *shared;
  char host[48]; /* an address in figures */
  int port;
  char channel[101];
  LdsPool pool; /* of redisContext */
  /* Of this process; relaxed, for whoever tries too early or too late does no harm. */
  atomic_int_fast64_t back_off_ns; /* 0: the last connection could be made */
  atomic_int_fast64_t next_try_ns;
  /* The consumer, in waiting or not. */
  pid_t consumer_owner; /* 0: none was started */
  pthread_t consumer;
  int wake; /* eventfd: @stop has been set */
  atomic_bool stop;
};

/* Splits "redis://127.0.0.1:6379/product_events". Returns NULL, or what is wrong with it, a clause. */
static const char *
parse_address (LdsEventsRedis *self,
               const char *address)
{
  char name[48], *end;
  const char *rest = address, *slash, *colon;
  struct in6_addr parsed;
  size_t length;
  long port;

  if (strncmp (rest, "redis://", 8) == 0)
    rest += 8;
  else if (strncmp (rest, "valkey://", 9) == 0)
    rest += 9;
  else
    return "must begin with redis:// or valkey://";
  slash = strchr (rest, '/');
  length = slash == NULL ? strlen (rest) : (size_t)(slash - rest);
  if (memchr (rest, '@', length) != NULL)
    return "must not have a user or password: use a broker that asks for none";
  if (length >= sizeof name)
    return "is too long";
  memcpy (name, rest, length);
  name[length] = '\0';

  self->port = 6379;
  colon = strrchr (name, ':');
  if (colon != NULL && strchr (colon, ']') == NULL)
    {
      errno = 0;
      port = colon[1] >= '0' && colon[1] <= '9' ? strtol (colon + 1, &end, 10) : 0;
      if (port < 1 || port > 65535 || *end != '\0')
        return "must have a port from 1 to 65535";
      self->port = (int)port;
      name[colon - name] = '\0';
    }
  if (strcmp (name, "localhost") == 0)
    strcpy (self->host, "127.0.0.1");
  else if (strcmp (name, "[::1]") == 0)
    strcpy (self->host, "::1");
  else if (strncmp (name, "127.", 4) == 0 && inet_pton (AF_INET, name, &parsed) == 1)
    strcpy (self->host, name);
  else
    return "must name this machine: 127.0.0.1, localhost or [::1]";

  strcpy (self->channel, LDS_EVENTS_CHANNEL);
  if (slash == NULL || slash[1] == '\0')
    return NULL;
  if (strlen (slash + 1) >= sizeof self->channel)
    return "must have a channel of at most 100 characters";
  for (const char *p = slash + 1; *p != '\0'; p++)
    if (*p <= ' ' || *p >= 0x7f || strchr ("/?#%", *p) != NULL)
      return "must have a channel of letters, digits and signs other than / ? # %";
  strcpy (self->channel, slash + 1);
  return NULL;
}

/* Returns a connection that works, or NULL with @reason (at least 160 bytes) saying why not. */
static redisContext *
connect_to_broker (LdsEventsRedis *self,
                   char *reason)
{
  const struct timeval timeout = {.tv_sec = TIMEOUT_S};
  redisContext *context = redisConnectWithTimeout (self->host, self->port, timeout);

  if (context != NULL && context->err == 0 && redisSetTimeout (context, timeout) == REDIS_OK &&
      fcntl (context->fd, F_SETFD, FD_CLOEXEC) == 0)
    return context;
  snprintf (reason, 160, "%s", context == NULL ? "out of memory" : context->errstr);
  if (context != NULL)
    redisFree (context);
  return NULL;
}

/* The same, unless the last attempt is not long enough ago. */
static redisContext *
connect_again (LdsEventsRedis *self,
               char *reason)
{
  int64_t now_ns = lds_clock_now_ns ();
  int64_t back_off_ns = atomic_load_explicit (&self->back_off_ns, memory_order_relaxed);
  redisContext *context;

  if (back_off_ns > 0 && now_ns < atomic_load_explicit (&self->next_try_ns, memory_order_relaxed))
    {
      snprintf (reason, 160, "it did not answer a moment ago");
      return NULL;
    }
  context = connect_to_broker (self, reason);
  if (context != NULL)
    back_off_ns = 0;
  else
    {
      back_off_ns = back_off_ns == 0 ? BACK_OFF_MIN_NS : back_off_ns * 2;
      if (back_off_ns > BACK_OFF_MAX_NS)
        back_off_ns = BACK_OFF_MAX_NS;
      atomic_store_explicit (&self->next_try_ns, lds_clock_now_ns () + back_off_ns,
                             memory_order_relaxed);
    }
  atomic_store_explicit (&self->back_off_ns, back_off_ns, memory_order_relaxed);
  return context;
}

LdsEventsRedis *
lds_events_redis_new (LdsEventsShared *shared,
                      const char *address,
                      bool *bad_address,
                      char *message,
                      size_t message_bytes)
{
  LdsEventsRedis *self = calloc (1, sizeof *self);
  redisContext *context;
  redisReply *reply;
  const char *wrong;
  char reason[160];

  if (self == NULL || !lds_pool_init (&self->pool, CONNECTIONS))
    {
      free (self);
      snprintf (message, message_bytes, "out of memory.");
      return NULL;
    }
  self->shared = shared;
  wrong = parse_address (self, address);
  if (wrong != NULL)
    {
      *bad_address = true;
      snprintf (message, message_bytes, "--events: \"%.100s\" %s.", address, wrong);
      lds_events_redis_free (self);
      return NULL;
    }

  context = connect_to_broker (self, reason);
  reply = context == NULL ? NULL : redisCommand (context, "PING");
  if (context != NULL && reply == NULL)
    snprintf (reason, sizeof reason, "%s", context->errstr);
  else if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
    snprintf (reason, sizeof reason, "%s", reply->str);
  if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
    {
      snprintf (message, message_bytes,
                "--events: no broker answers on port %d of %s (%s); start Redis or Valkey there, or "
                "leave the option out for a queue of the server's own.",
                self->port, self->host, reason);
      lds_events_redis_free (self);
      self = NULL;
    }
  if (reply != NULL)
    freeReplyObject (reply);
  if (context != NULL)
    redisFree (context);
  return self;
}

/* Whether a connection that lay idle is still one. Not a byte may come unasked. */
static bool
is_alive (const redisContext *context)
{
  char byte;

  return recv (context->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EINTR);
}

/* Returns a connection to publish on; NULL when there is none to be had. */
static redisContext *
take_connection (LdsEventsRedis *self,
                 char *reason)
{
  void *thing = NULL;
  redisContext *context;

  for (;;)
    switch (lds_pool_take (&self->pool, TIMEOUT_S * LDS_NS_PER_S, &thing))
      {
      case LDS_POOL_TAKEN:
        if (is_alive (thing))
          return thing;
        redisFree (thing);
        lds_pool_give (&self->pool, NULL);
        continue;
      case LDS_POOL_MAKE:
        context = connect_again (self, reason);
        if (context == NULL)
          lds_pool_give (&self->pool, NULL);
        return context;
      case LDS_POOL_NONE:
      default:
        snprintf (reason, 160, "all connections were in use");
        return NULL;
      }
}

/* FNV-1a, 64 bits; never 0. Source: draft-eastlake-fnv, section 2 and 5. */
static uint64_t
hash_of (const char *bytes,
         size_t length)
{
  uint64_t hash = UINT64_C (0xcbf29ce484222325);

  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C (0x100000001b3);
  return hash | 1;
}

/* How many places from that of its hash on an event may have. */
#define PROBES 32

static LdsEventsStamp *
place (LdsEventsRedis *self,
       uint64_t hash,
       unsigned probe)
{
  return &self->shared->stamps[(hash / 2 + probe) % LDS_EVENTS_STAMPS];
}

/* Notes when an event leaves, if there is a consumer who will hear it. One for which there is no room is
 * not waited for either. */
static LdsEventsStamp *
stamp (LdsEventsRedis *self,
       const char *event,
       size_t length)
{
  uint64_t hash;

  if (!atomic_load_explicit (&self->shared->subscribed, memory_order_relaxed))
    return NULL;
  hash = hash_of (event, length);
  for (unsigned probe = 0; probe < PROBES; probe++)
    {
      LdsEventsStamp *at = place (self, hash, probe);
      int_fast64_t free_ns = 0;

      if (!atomic_compare_exchange_strong_explicit (&at->published_ns, &free_ns, LDS_EVENTS_CLAIMED,
                                                    memory_order_acquire, memory_order_relaxed))
        continue;
      atomic_store_explicit (&at->hash, hash, memory_order_relaxed);
      atomic_fetch_add_explicit (&self->shared->expected, 1, memory_order_relaxed);
      /* Release: who sees the time sees the hash. */
      atomic_store_explicit (&at->published_ns, lds_clock_now_ns (), memory_order_release);
      return at;
    }
  return NULL;
}

/* Returns when an event of that @hash was published, and forgets it; 0 when it is none of ours. */
static int64_t
take_stamp (LdsEventsRedis *self,
            uint64_t hash)
{
  for (unsigned probe = 0; probe < PROBES; probe++)
    {
      LdsEventsStamp *at = place (self, hash, probe);
      int64_t published_ns = atomic_load_explicit (&at->published_ns, memory_order_acquire);

      if (published_ns > 0 && atomic_load_explicit (&at->hash, memory_order_relaxed) == hash)
        {
          atomic_store_explicit (&at->published_ns, 0, memory_order_release);
          return published_ns;
        }
    }
  return 0;
}

/* What the last consumer has not heard, nobody will: a channel keeps nothing. */
static void
forget_stamps (LdsEventsRedis *self)
{
  LdsEventsShared *shared = self->shared;

  atomic_store_explicit (&shared->subscribed, false, memory_order_relaxed);
  for (unsigned i = 0; i < LDS_EVENTS_STAMPS; i++)
    atomic_store_explicit (&shared->stamps[i].published_ns, 0, memory_order_relaxed);
  atomic_store_explicit (&shared->expected,
                         atomic_load_explicit (&shared->consumed, memory_order_relaxed),
                         memory_order_relaxed);
}

bool
lds_events_redis_publish (LdsEventsRedis *self,
                          const char *event,
                          size_t length)
{
  const char *words[] = {"PUBLISH", self->channel, event};
  const size_t lengths[] = {7, strlen (self->channel), length};
  char reason[160] = "";
  redisContext *context = take_connection (self, reason);
  LdsEventsStamp *stamped = context == NULL ? NULL : stamp (self, event, length);
  redisReply *reply = context == NULL ? NULL : redisCommandArgv (context, 3, words, lengths);
  bool published = reply != NULL && reply->type == REDIS_REPLY_INTEGER;

  if (!published)
    {
      if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
        snprintf (reason, sizeof reason, "%s", reply->str);
      else if (context != NULL)
        snprintf (reason, sizeof reason, "%s", context->errstr);
      if (stamped != NULL &&
          atomic_exchange_explicit (&stamped->published_ns, 0, memory_order_relaxed) != 0)
        atomic_fetch_sub_explicit (&self->shared->expected, 1, memory_order_relaxed);
      if (!atomic_exchange_explicit (&self->shared->told, true, memory_order_relaxed))
        fprintf (stderr, "loadstone-server: cannot publish to the broker on port %d of %s: %s.\n",
                 self->port, self->host, reason);
    }
  if (context != NULL && reply == NULL)
    {
      redisFree (context);
      lds_pool_give (&self->pool, NULL);
    }
  else if (context != NULL)
    lds_pool_give (&self->pool, context);
  if (reply != NULL)
    freeReplyObject (reply);
  return published;
}

/* Takes note of one message of the channel: ["message", channel, event]. */
static void
consume (LdsEventsRedis *self,
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
  published_ns = take_stamp (self, hash_of (event->str, (size_t)event->len));
  if (published_ns > 0)
    lds_events_consumed (self->shared, event->str, (size_t)event->len, published_ns);
}

/* Hears the channel until the broker is gone or this should end. */
static void
listen_to (LdsEventsRedis *self,
           redisContext *context)
{
  struct pollfd fds[] = {{.fd = context->fd, .events = POLLIN},
                         {.fd = self->wake, .events = POLLIN}};

  if (redisAppendCommand (context, "SUBSCRIBE %s", self->channel) != REDIS_OK)
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
take_turn (LdsEventsRedis *self)
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
  LdsEventsRedis *self = data;
  int64_t back_off_ns = BACK_OFF_MIN_NS;

  if (!take_turn (self))
    return NULL;
  while (!atomic_load_explicit (&self->stop, memory_order_acquire))
    {
      struct pollfd woken = {.fd = self->wake, .events = POLLIN};
      char reason[160];
      redisContext *context;

      forget_stamps (self);
      context = connect_to_broker (self, reason);
      if (context != NULL)
        {
          back_off_ns = BACK_OFF_MIN_NS;
          listen_to (self, context);
          atomic_store_explicit (&self->shared->subscribed, false, memory_order_relaxed);
          redisFree (context);
        }
      poll (&woken, 1, (int)(back_off_ns / LDS_NS_PER_MS));
      back_off_ns = back_off_ns * 2 > BACK_OFF_MAX_NS ? BACK_OFF_MAX_NS : back_off_ns * 2;
    }
  pthread_mutex_unlock (&self->shared->turn);
  return NULL;
}

bool
lds_events_redis_start_consumer (LdsEventsRedis *self)
{
  size_t stack_bytes = STACK_BYTES;
  pthread_attr_t attributes;
  sigset_t all, before;
  int error;

  self->wake = eventfd (0, EFD_CLOEXEC);
  if (self->wake < 0)
    return false;
  if (stack_bytes < (size_t)PTHREAD_STACK_MIN)
    stack_bytes = (size_t)PTHREAD_STACK_MIN;
  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, stack_bytes);
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, &before);
  error = pthread_create (&self->consumer, &attributes, consumer_thread, self);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  pthread_attr_destroy (&attributes);
  if (error == 0)
    self->consumer_owner = getpid ();
  else
    close (self->wake);
  return error == 0;
}

void
lds_events_redis_free (LdsEventsRedis *self)
{
  const uint64_t one = 1;
  redisContext *context;

  if (self->consumer_owner == getpid ())
    {
      atomic_store_explicit (&self->stop, true, memory_order_release);
      if (write (self->wake, &one, sizeof one) == sizeof one)
        pthread_join (self->consumer, NULL);
      close (self->wake);
    }
  while ((context = lds_pool_steal (&self->pool)) != NULL)
    redisFree (context);
  lds_pool_clear (&self->pool);
  free (self);
}
