/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a primary and its workers say to each other, and the worker's side of it. */
#include "lds-cluster.h"

#include "lds-lifetime.h"
#include "lds-loop-hub.h"
#include "lds-tally.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* What kind of message it is, and how many broadcasts there are in it. */
#define RELAY_HEAD_BYTES (1 + sizeof (uint32_t))

bool
lds_cluster_send (int fd,
                  LdsClusterMessage message,
                  int descriptor)
{
  unsigned char kind = (unsigned char)message;
  struct iovec bytes = {.iov_base = &kind, .iov_len = 1};
  union
  {
    struct cmsghdr align;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control = {0};
  struct msghdr header = {.msg_iov = &bytes, .msg_iovlen = 1};
  ssize_t n;

  if (descriptor >= 0)
    {
      struct cmsghdr *rights;

      header.msg_control = control.bytes;
      header.msg_controllen = sizeof control.bytes;
      rights = CMSG_FIRSTHDR (&header);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN (sizeof (int));
      memcpy (CMSG_DATA (rights), &descriptor, sizeof (int));
    }
  do
    n = sendmsg (fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n == 1;
}

/* Half of the room stays free for what must not be left out. */
static bool
has_room (int fd,
          size_t count)
{
  int unread = 0, room = 0;
  socklen_t length = sizeof room;

  if (ioctl (fd, SIOCOUTQ, &unread) < 0 ||
      getsockopt (fd, SOL_SOCKET, SO_SNDBUF, &room, &length) < 0)
    return false;
  /* What is unread is counted with what the kernel needs to keep it; a message of nearly half the
   * room still goes when nothing else waits. */
  return (size_t)unread + count <= (size_t)room / 2;
}

bool
lds_cluster_send_relay (int fd,
                        const char *bytes,
                        size_t count)
{
  return has_room (fd, count) &&
         send (fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)count;
}

uint32_t
lds_cluster_count_relay (const char *bytes,
                         size_t count)
{
  uint32_t messages = 0;

  if (count >= RELAY_HEAD_BYTES)
    memcpy (&messages, bytes + 1, sizeof messages);
  return messages;
}

LdsClusterMessage
lds_cluster_receive (int fd,
                     char *bytes,
                     size_t *count,
                     int *descriptor)
{
  struct iovec room = {.iov_base = bytes, .iov_len = LDS_CLUSTER_BYTES};
  union
  {
    struct cmsghdr align;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control;
  struct msghdr header = {
      .msg_iov = &room,
      .msg_iovlen = 1,
      .msg_control = control.bytes,
      .msg_controllen = sizeof control.bytes,
  };
  struct cmsghdr *rights;
  ssize_t n;

  *descriptor = -1;
  *count = 0;
  do
    n = recvmsg (fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return errno == EAGAIN ? LDS_CLUSTER_NOTHING : LDS_CLUSTER_ENDED;
  rights = CMSG_FIRSTHDR (&header);
  if (rights != NULL && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
      rights->cmsg_len == CMSG_LEN (sizeof (int)))
    memcpy (descriptor, CMSG_DATA (rights), sizeof (int));
  if (n == 0 || (unsigned char)bytes[0] >= LDS_CLUSTER_NOTHING)
    {
      if (*descriptor >= 0)
        close (*descriptor);
      *descriptor = -1;
      return LDS_CLUSTER_ENDED;
    }
  *count = (size_t)n;
  return (LdsClusterMessage)(unsigned char)bytes[0];
}

/* Of this worker. */
static struct
{
  int control;
  LdsLoop *loop;
  uv_poll_t poll;
  uv_prepare_t prepare; /* sends what one turn of the loop has gathered */
  bool waiting;         /* until there is room for it */
  uint32_t messages;    /* gathered */
  size_t gathered;      /* bytes of them in @relayed, with the head; 0 when there are none */
  char relayed[LDS_CLUSTER_BYTES];
  char bytes[LDS_CLUSTER_BYTES]; /* received */
} self;

static void control_cb (uv_poll_t *poll, int status, int events);

static void
send_gathered (void)
{
  bool sent;

  if (self.gathered == 0)
    return;
  self.relayed[0] = (char)LDS_CLUSTER_RELAY;
  memcpy (self.relayed + 1, &self.messages, sizeof self.messages);
  sent = lds_cluster_send_relay (self.control, self.relayed, self.gathered);
  if (sent)
    {
      self.gathered = 0;
      self.messages = 0;
    }
  if (self.waiting == !sent)
    return;
  self.waiting = !sent;
  uv_poll_start (&self.poll, sent ? UV_READABLE : UV_READABLE | UV_WRITABLE, control_cb);
}

static void
prepare_cb (uv_prepare_t *prepare)
{
  if (!self.waiting)
    send_gathered ();
}

/* An LdsHubRelay. */
static void
relay (void *data,
       LdsSpan topic,
       LdsSpan payload,
       bool text)
{
  uint32_t record_bytes = (uint32_t)(topic.length + 2 + payload.length);
  bool fits = topic.length < LDS_CLUSTER_TOPIC_BYTES && payload.length <= LDS_CLUSTER_MESSAGE_BYTES;
  char *at;

  if (fits && self.gathered + sizeof record_bytes + record_bytes > sizeof self.relayed &&
      !self.waiting)
    send_gathered ();
  if (self.gathered == 0)
    self.gathered = RELAY_HEAD_BYTES;
  if (!fits || self.gathered + sizeof record_bytes + record_bytes > sizeof self.relayed)
    {
      if (self.messages == 0)
        self.gathered = 0;
      lds_tally_add (LDS_TALLY_MESSAGES_DROPPED, 1);
      return;
    }
  at = self.relayed + self.gathered;
  memcpy (at, &record_bytes, sizeof record_bytes);
  at += sizeof record_bytes;
  memcpy (at, topic.data, topic.length);
  at += topic.length;
  *at++ = '\0';
  *at++ = text ? 't' : 'b';
  if (payload.length > 0)
    memcpy (at, payload.data, payload.length);
  self.gathered += sizeof record_bytes + record_bytes;
  self.messages++;
}

/* Whatever is not as it should be ends the reading of it. */
static void
hear_relay (size_t count)
{
  const char *at = self.bytes + RELAY_HEAD_BYTES, *last = self.bytes + count;
  uint32_t record_bytes;

  while (count > RELAY_HEAD_BYTES && (size_t)(last - at) >= sizeof record_bytes)
    {
      const char *topic = at + sizeof record_bytes, *end;

      memcpy (&record_bytes, at, sizeof record_bytes);
      if (record_bytes > (size_t)(last - topic))
        return;
      at = topic + record_bytes;
      end = memchr (topic, '\0', record_bytes);
      if (end == NULL || end + 2 > at)
        return;
      lds_hub_deliver (lds_loop_hub (self.loop), (LdsSpan){topic, (size_t)(end - topic)},
                       (LdsSpan){end + 2, (size_t)(at - (end + 2))}, end[1] == 't');
    }
}

static void
control_cb (uv_poll_t *poll,
            int status,
            int events)
{
  size_t count;
  int descriptor;

  if ((events & UV_WRITABLE) != 0)
    send_gathered ();
  for (;;)
    switch (lds_cluster_receive (self.control, self.bytes, &count, &descriptor))
      {
      case LDS_CLUSTER_CONNECTION:
        /* Without a descriptor this process has no room for one: the client has been closed. */
        if (descriptor >= 0)
          lds_loop_adopt (self.loop, descriptor);
        lds_cluster_send (self.control, LDS_CLUSTER_ACCEPTED, -1);
        break;

      case LDS_CLUSTER_RELAY:
        hear_relay (count);
        break;

      case LDS_CLUSTER_ACCEPTED:
        break;

      case LDS_CLUSTER_NOTHING:
        return;

      case LDS_CLUSTER_ENDED:
        /* The kernel ends this process with its master; should that not have been, so does this. */
        uv_poll_stop (poll);
        lds_loop_stop (self.loop);
        return;
      }
}

int
lds_cluster_work (LdsServer *server,
                  const LdsLoopOptions *options)
{
  self.control = server->worker->control;
  self.loop = lds_loop_new (server, options);
  if (self.loop == NULL)
    return 1;
  if (uv_poll_init (lds_loop_uv (self.loop), &self.poll, self.control) != 0 ||
      uv_poll_start (&self.poll, UV_READABLE, control_cb) != 0 ||
      uv_prepare_init (lds_loop_uv (self.loop), &self.prepare) != 0 ||
      uv_prepare_start (&self.prepare, prepare_cb) != 0 ||
      !lds_lifetime_watch (lds_loop_stop, self.loop))
    {
      lds_server_announce_error ("cannot set up a worker.");
      return 1;
    }
  /* They keep no loop from ending. */
  uv_unref ((uv_handle_t *)&self.poll);
  uv_unref ((uv_handle_t *)&self.prepare);
  lds_hub_set_relay (lds_loop_hub (self.loop), relay, NULL);
  lds_server_announce_ready (server);
  lds_loop_run (self.loop);
  return 0;
}
