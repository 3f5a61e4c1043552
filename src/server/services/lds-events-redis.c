/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Publishing to Redis or Valkey. */
#include "lds-events-private.h"

#include "lds-clock.h"
#include "lds-pool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections of one process: as many as there are tokens for blocking calls in Starlette, so that
 * none waits for another. Source: anyio, default thread limiter, 40; accessed 2026-11-21. */
#define CONNECTIONS 40

struct _LdsEventsRedis
{
  LdsEventsShared *shared;
  LdsEventsBroker broker;
  LdsPool pool; /* of redisContext */
  /* Of this process; relaxed, for whoever tries too early or too late does no harm. */
  atomic_int_fast64_t back_off_ns; /* 0: the last connection could be made */
  atomic_int_fast64_t next_try_ns;
  LdsEventsConsumer *consumer; /* (nullable): of the process @owner */
  pid_t owner;
};

/* Splits "redis://127.0.0.1:6379/product_events". Returns NULL, or what is wrong with it, a clause. */
static const char *
parse_address (LdsEventsBroker *self,
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

struct redisContext *
lds_events_broker_connect (const LdsEventsBroker *broker,
                           char *reason)
{
  const struct timeval timeout = {.tv_sec = LDS_EVENTS_TIMEOUT_S};
  redisContext *context = redisConnectWithTimeout (broker->host, broker->port, timeout);

  if (context != NULL && context->err == 0 && redisSetTimeout (context, timeout) == REDIS_OK &&
      fcntl (context->fd, F_SETFD, FD_CLOEXEC) == 0)
    return context;
  snprintf (reason, LDS_EVENTS_REASON_BYTES, "%s", context == NULL ? "out of memory" : context->errstr);
  if (context != NULL)
    redisFree (context);
  return NULL;
}

int64_t
lds_events_longer_ns (int64_t back_off_ns)
{
  if (back_off_ns < LDS_EVENTS_BACK_OFF_MIN_NS)
    return LDS_EVENTS_BACK_OFF_MIN_NS;
  return back_off_ns * 2 < LDS_EVENTS_BACK_OFF_MAX_NS ? back_off_ns * 2
                                                      : LDS_EVENTS_BACK_OFF_MAX_NS;
}

/* Connects unless the last attempt is not long enough ago. */
static redisContext *
connect_again (LdsEventsRedis *self,
               char *reason)
{
  int64_t now_ns = lds_clock_now_ns ();
  int64_t back_off_ns = atomic_load_explicit (&self->back_off_ns, memory_order_relaxed);
  redisContext *context;

  if (back_off_ns > 0 && now_ns < atomic_load_explicit (&self->next_try_ns, memory_order_relaxed))
    {
      snprintf (reason, LDS_EVENTS_REASON_BYTES, "it did not answer a moment ago");
      return NULL;
    }
  context = lds_events_broker_connect (&self->broker, reason);
  if (context != NULL)
    back_off_ns = 0;
  else
    {
      back_off_ns = lds_events_longer_ns (back_off_ns);
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
  char reason[LDS_EVENTS_REASON_BYTES];

  if (self == NULL || !lds_pool_init (&self->pool, CONNECTIONS))
    {
      free (self);
      snprintf (message, message_bytes, "out of memory.");
      return NULL;
    }
  self->shared = shared;
  wrong = parse_address (&self->broker, address);
  if (wrong != NULL)
    {
      *bad_address = true;
      snprintf (message, message_bytes, "--events: \"%.100s\" %s.", address, wrong);
      lds_events_redis_free (self);
      return NULL;
    }

  context = lds_events_broker_connect (&self->broker, reason);
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
                self->broker.port, self->broker.host, reason);
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
    switch (lds_pool_take (&self->pool, LDS_EVENTS_TIMEOUT_S * LDS_NS_PER_S, &thing))
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
        snprintf (reason, LDS_EVENTS_REASON_BYTES, "all connections were in use");
        return NULL;
      }
}

bool
lds_events_redis_publish (LdsEventsRedis *self,
                          const char *event,
                          size_t length)
{
  const char *words[] = {"PUBLISH", self->broker.channel, event};
  const size_t lengths[] = {7, strlen (self->broker.channel), length};
  char reason[LDS_EVENTS_REASON_BYTES] = "";
  redisContext *context = take_connection (self, reason);
  LdsEventsStamp *stamped = context == NULL ? NULL : lds_events_stamp (self->shared, event, length);
  redisReply *reply = context == NULL ? NULL : redisCommandArgv (context, 3, words, lengths);
  bool published = reply != NULL && reply->type == REDIS_REPLY_INTEGER;

  if (!published)
    {
      if (reply != NULL && reply->type == REDIS_REPLY_ERROR)
        snprintf (reason, sizeof reason, "%s", reply->str);
      else if (context != NULL)
        snprintf (reason, sizeof reason, "%s", context->errstr);
      if (stamped != NULL)
        lds_events_unstamp (self->shared, stamped);
      if (!atomic_exchange_explicit (&self->shared->told, true, memory_order_relaxed))
        fprintf (stderr, "loadstone-server: cannot publish to the broker on port %d of %s: %s.\n",
                 self->broker.port, self->broker.host, reason);
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

bool
lds_events_redis_start_consumer (LdsEventsRedis *self)
{
  self->consumer = lds_events_consumer_new (self->shared, &self->broker);
  self->owner = getpid ();
  return self->consumer != NULL;
}

void
lds_events_redis_free (LdsEventsRedis *self)
{
  redisContext *context;

  /* One that a fork has brought along runs elsewhere. */
  if (self->consumer != NULL && self->owner == getpid ())
    lds_events_consumer_free (self->consumer);
  while ((context = lds_pool_steal (&self->pool)) != NULL)
    redisFree (context);
  lds_pool_clear (&self->pool);
  free (self);
}
