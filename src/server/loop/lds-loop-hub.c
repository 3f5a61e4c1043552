/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Topics of one loop: gathering, writing to many, ticks. */
#include "lds-loop-private.h"

#include "lds-clock.h"
#include "lds-cost.h"
#include "lds-tally.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* What is gathered in one turn before it is written in the middle of it: as much as a socket of the
 * loopback takes at once. */
#define FULL_BYTES (64 * 1024)

/* All that writing to a member touches, in one dense array. */
typedef struct
{
  LdsLoopClient *client;
  int fd;
  bool lags; /* has, or had, a backlog: what comes must go behind it */
} Member;

/* Of one topic: those that want their messages framed in the same way. */
typedef struct
{
  Member *members;
  uint32_t n_members, room;
  LdsBuffer gathered;  /* frames that are still to be written */
  unsigned n_gathered; /* messages */
} Group;

struct _LdsTopic
{
  LdsHub *hub;
  LdsTopic *next;
  const char *name; /* static */
  unsigned tick_hz;
  void (*tick) (uint64_t sequence, int64_t now_ns, LdsBuffer *out);
  uv_timer_t timer;
  bool ticking;
  uint64_t next_tick; /* sequence number of the one that is due next */
  Group groups[LDS_MEMBER_KINDS];
};

struct _LdsHub
{
  LdsLoop *loop;
  uv_prepare_t prepare; /* at the end of a turn in which something was published */
  bool gathering;
  LdsTopic *topics;
  LdsBuffer scratch; /* of ticks */
  LdsHubRelay relay;
  void *relay_data;
};

void
lds_hub_set_relay (LdsHub *self,
                   LdsHubRelay relay,
                   void *data)
{
  self->relay = relay;
  self->relay_data = data;
}

/* Takes the next line of @text; its end may be any of CR, LF and both. */
static LdsSpan
next_line (LdsSpan *text)
{
  const char *p = text->data, *end = p + text->length;
  LdsSpan line;

  while (p < end && *p != '\n' && *p != '\r')
    p++;
  line = (LdsSpan){text->data, (size_t)(p - text->data)};
  if (p < end)
    p += p[0] == '\r' && end - p > 1 && p[1] == '\n' ? 2 : 1;
  *text = (LdsSpan){p, (size_t)(end - p)};
  return line;
}

#define FIELD       "data: "
#define FIELD_BYTES (sizeof FIELD - 1)
/* Of a chunk: its size in hexadecimal, two line ends, the ends of event and line. */
#define CHUNK_BYTES 32

/* One event as one chunk. Source: HTML Standard, section 9.2.6 (one data field a line, an empty line
 * at the end); accessed 2026-11-21. */
static void
append_event (LdsBuffer *out,
              LdsSpan payload)
{
  size_t event_bytes = 1;
  LdsSpan rest = payload;
  char *to;

  do
    event_bytes += FIELD_BYTES + next_line (&rest).length + 1;
  while (rest.length > 0);
  to = lds_buffer_reserve (out, event_bytes + CHUNK_BYTES);
  if (to == NULL)
    return;
  to += snprintf (to, CHUNK_BYTES, "%zx\r\n", event_bytes);
  rest = payload;
  do
    {
      LdsSpan line = next_line (&rest);

      memcpy (to, FIELD, FIELD_BYTES);
      to += FIELD_BYTES;
      if (line.length > 0)
        memcpy (to, line.data, line.length);
      to += line.length;
      *to++ = '\n';
    }
  while (rest.length > 0);
  memcpy (to, "\n\r\n", 3);
  out->end = (size_t)(to + 3 - out->data);
}

static void
append_frame (LdsBuffer *out,
              LdsSpan payload,
              bool text)
{
  char *to = lds_buffer_reserve (out, LDS_WEBSOCKET_HEAD_MAX_BYTES + payload.length);

  if (to == NULL)
    return;
  out->end +=
      lds_websocket_write_head (to, text ? LDS_WEBSOCKET_OPCODE_TEXT : LDS_WEBSOCKET_OPCODE_BINARY,
                                true, payload.length, NULL);
  lds_buffer_append (out, payload.data, payload.length);
}

static void prepare_cb (uv_prepare_t *prepare);

static void
gather (LdsTopic *topic,
        LdsSpan payload,
        bool text)
{
  LdsHub *hub = topic->hub;

  for (unsigned kind = 0; kind < LDS_MEMBER_KINDS; kind++)
    {
      Group *group = &topic->groups[kind];

      if (group->n_members == 0 || (kind == LDS_MEMBER_EVENTS && !text))
        continue;
      if (kind == LDS_MEMBER_EVENTS)
        append_event (&group->gathered, payload);
      else
        append_frame (&group->gathered, payload, text);
      group->n_gathered++;
      if (lds_buffer_size (&group->gathered) >= FULL_BYTES)
        hub->loop->hub_is_full = true;
      if (!hub->gathering)
        uv_prepare_start (&hub->prepare, prepare_cb);
      hub->gathering = true;
    }
}

void
lds_topic_publish (LdsTopic *self,
                   LdsSpan payload,
                   bool text)
{
  LdsHub *hub = self->hub;

  gather (self, payload, text);
  if (hub->relay != NULL)
    hub->relay (hub->relay_data, (LdsSpan){self->name, strlen (self->name)}, payload, text);
}

void
lds_hub_deliver (LdsHub *self,
                 LdsSpan topic,
                 LdsSpan payload,
                 bool text)
{
  for (LdsTopic *t = self->topics; t != NULL; t = t->next)
    if (t->tick_hz == 0 && lds_span_equal (topic, t->name))
      gather (t, payload, text);
}

/* Writes what @member takes of @gathered. The rest goes to memory that all members have in common,
 * @bytes, made when it is first needed. */
static void
write_to (LdsHub *hub,
          Member *member,
          const LdsBuffer *gathered,
          LdsLoopBytes **bytes)
{
  size_t size = lds_buffer_size (gathered), written = 0;

  if (member->lags)
    {
      size_t backlog_bytes = lds_loop_client_backlog (member->client);

      member->lags = backlog_bytes > 0;
      if (backlog_bytes + size > LDS_HUB_BACKLOG_BYTES && backlog_bytes > 0)
        {
          lds_tally_add (LDS_TALLY_MEMBERS_CLOSED, 1);
          lds_loop_client_close (member->client);
          return;
        }
    }
  if (!member->lags)
    {
      ssize_t n;

      do
        n = send (member->fd, gathered->data + gathered->start, size, MSG_DONTWAIT | MSG_NOSIGNAL);
      while (n < 0 && errno == EINTR);
      if (n < 0 && errno != EAGAIN && errno != ENOBUFS)
        {
          lds_loop_client_close (member->client);
          return;
        }
      if (n > 0)
        written = (size_t)n;
      if (written == size)
        return;
    }
  if (*bytes == NULL)
    *bytes = lds_loop_bytes_new (gathered->data + gathered->start, size);
  if (*bytes == NULL)
    lds_loop_client_close (member->client);
  else
    lds_loop_client_queue (member->client, *bytes, written);
}

static void
flush_group (LdsHub *hub,
             Group *group)
{
  const LdsServer *server = hub->loop->server;
  LdsLoopBytes *bytes = NULL;
  unsigned n_messages = group->n_gathered;

  if (n_messages == 0)
    return;
  lds_tally_add (LDS_TALLY_MESSAGES_OUT, (uint64_t)n_messages * group->n_members);
  lds_tally_add (LDS_TALLY_BYTES_OUT,
                 (uint64_t)lds_buffer_size (&group->gathered) * group->n_members);
  group->n_gathered = 0;
  /* From the last one on, for one that is closed is replaced by the last one. */
  for (uint32_t i = group->n_members; i-- > 0;)
    {
      if (server->cost != NULL)
        for (unsigned n = n_messages; n > 0; n--)
          lds_cost_message (server->cost, &server->breaker);
      if (group->gathered.failed)
        lds_loop_client_close (group->members[i].client);
      else
        write_to (hub, &group->members[i], &group->gathered, &bytes);
    }
  if (bytes != NULL)
    lds_loop_bytes_unref (bytes);
  lds_buffer_clear (&group->gathered);
}

void
lds_hub_flush (LdsHub *self)
{
  if (!self->gathering)
    return;
  self->gathering = self->loop->hub_is_full = false;
  uv_prepare_stop (&self->prepare);
  for (LdsTopic *topic = self->topics; topic != NULL; topic = topic->next)
    for (unsigned kind = 0; kind < LDS_MEMBER_KINDS; kind++)
      flush_group (self, &topic->groups[kind]);
}

static void
prepare_cb (uv_prepare_t *prepare)
{
  LdsHub *self = prepare->data;

  lds_loop_enter (self->loop);
  lds_hub_flush (self);
  lds_loop_leave (self->loop);
}

static void tick_cb (uv_timer_t *timer);

static uint64_t
period_ns (const LdsTopic *topic)
{
  return LDS_NS_PER_S / topic->tick_hz;
}

/* Ticks have their places on the clock, the same in all processes of the machine, and do not wander
 * however late one is. The loop counts whole milliseconds from a time that is some way back: round
 * up from now, so that none is early. */
static void
start_timer (LdsTopic *topic)
{
  uint64_t due_ns = topic->next_tick * period_ns (topic);
  uint64_t due_ms = (due_ns + LDS_NS_PER_MS - 1) / LDS_NS_PER_MS;
  uint64_t now_ms = uv_now (&topic->hub->loop->uv);

  uv_timer_start (&topic->timer, tick_cb, due_ms > now_ms ? due_ms - now_ms : 0, 0);
}

static uint64_t
tick_at (const LdsTopic *topic,
         int64_t now_ns)
{
  return (uint64_t)now_ns / period_ns (topic);
}

static void
tick (LdsTopic *topic)
{
  LdsHub *hub = topic->hub;
  int64_t now_ns = lds_clock_now_ns ();
  uint64_t sequence = tick_at (topic, now_ns);

  if (sequence >= topic->next_tick)
    {
      lds_tally_add (LDS_TALLY_TICKS, 1);
      lds_tally_add (LDS_TALLY_TICKS_MISSED, sequence - topic->next_tick);
      topic->tick (sequence, now_ns, &hub->scratch);
      if (!hub->scratch.failed)
        gather (topic,
                (LdsSpan){hub->scratch.data + hub->scratch.start, lds_buffer_size (&hub->scratch)},
                true);
      lds_buffer_clear (&hub->scratch);
      topic->next_tick = sequence + 1;
    }
  start_timer (topic);
}

static void
tick_cb (uv_timer_t *timer)
{
  LdsTopic *topic = timer->data;

  lds_loop_enter (topic->hub->loop);
  tick (topic);
  lds_loop_leave (topic->hub->loop);
}

bool
lds_topic_join (LdsTopic *self,
                LdsLoopClient *client,
                LdsMemberKind kind)
{
  Group *group = &self->groups[kind];
  LdsHub *hub = self->hub;
  uv_os_fd_t fd;

  /* Of what was published before it joined it gets nothing. */
  if (group->n_gathered > 0)
    lds_hub_flush (hub);
  if (group->n_members == group->room)
    {
      uint32_t room = group->room > 0 ? group->room * 2 : 16;
      Member *members = realloc (group->members, room * sizeof *members);

      if (members == NULL)
        return false;
      group->members = members;
      group->room = room;
    }
  if (uv_fileno ((uv_handle_t *)lds_loop_client_handle (client), &fd) != 0)
    return false;
  *lds_loop_client_membership (client) =
      (LdsMembership){.topic = self, .index = group->n_members, .kind = (uint8_t)kind};
  group->members[group->n_members++] =
      (Member){.client = client, .fd = fd, .lags = lds_loop_client_backlog (client) > 0};
  if (self->tick_hz > 0 && !self->ticking)
    {
      self->ticking = true;
      self->next_tick = tick_at (self, lds_clock_now_ns ()) + 1;
      start_timer (self);
    }
  return true;
}

void
lds_hub_leave (LdsLoopClient *client)
{
  LdsMembership *membership = lds_loop_client_membership (client);
  LdsTopic *topic = membership->topic;
  Group *group;
  Member *last;

  if (topic == NULL)
    return;
  membership->topic = NULL;
  group = &topic->groups[membership->kind];
  last = &group->members[--group->n_members];
  group->members[membership->index] = *last;
  lds_loop_client_membership (last->client)->index = membership->index;
  if (group->n_members > 0)
    return;
  free (group->members);
  group->members = NULL;
  group->room = 0;
  for (unsigned kind = 0; kind < LDS_MEMBER_KINDS; kind++)
    if (topic->groups[kind].n_members > 0)
      return;
  topic->ticking = false;
  uv_timer_stop (&topic->timer);
}

void
lds_hub_lags (LdsLoopClient *client)
{
  LdsMembership *membership = lds_loop_client_membership (client);

  membership->topic->groups[membership->kind].members[membership->index].lags = true;
}

LdsTopic *
lds_hub_topic (LdsHub *self,
               const LdsServerWorkload *workload,
               unsigned tick_hz)
{
  const char *name = workload->topic != NULL ? workload->topic : workload->id;
  LdsTopic *topic;

  for (topic = self->topics; topic != NULL; topic = topic->next)
    if (topic->tick_hz == tick_hz && strcmp (topic->name, name) == 0)
      return topic;
  topic = calloc (1, sizeof *topic);
  if (topic == NULL)
    return NULL;
  topic->hub = self;
  topic->name = name;
  topic->tick_hz = tick_hz;
  topic->tick = workload->tick;
  uv_timer_init (&self->loop->uv, &topic->timer);
  topic->timer.data = topic;
  topic->next = self->topics;
  self->topics = topic;
  return topic;
}

LdsHub *
lds_hub_new (LdsLoop *loop)
{
  LdsHub *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  self->loop = loop;
  uv_prepare_init (&loop->uv, &self->prepare);
  self->prepare.data = self;
  return self;
}

void
lds_hub_close (LdsHub *self)
{
  uv_close ((uv_handle_t *)&self->prepare, NULL);
  for (LdsTopic *topic = self->topics; topic != NULL; topic = topic->next)
    uv_close ((uv_handle_t *)&topic->timer, NULL);
}

void
lds_hub_free (LdsHub *self)
{
  LdsTopic *next;

  for (LdsTopic *topic = self->topics; topic != NULL; topic = next)
    {
      next = topic->next;
      for (unsigned kind = 0; kind < LDS_MEMBER_KINDS; kind++)
        {
          free (topic->groups[kind].members);
          lds_buffer_free (&topic->groups[kind].gathered);
        }
      free (topic);
    }
  lds_buffer_free (&self->scratch);
  free (self);
}
