/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a primary and its workers say to each other, and the worker's side of it. */
#include "lds-cluster.h"

#include "lds-lifetime.h"
#include "lds-tally.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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

void
lds_cluster_send_relay (int fd,
                        const void *bytes,
                        size_t count)
{
  if (!has_room (fd, count) ||
      send (fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)count)
    lds_tally_add (LDS_TALLY_MESSAGES_DROPPED, 1);
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
  int control; /* 0: it is none */
  LdsLoop *loop;
  uv_poll_t poll;
  LdsClusterHearFunc hear;
  void *hear_data;
  char bytes[LDS_CLUSTER_BYTES];
} self;

void
lds_cluster_hear (LdsClusterHearFunc func,
                  void *data)
{
  self.hear = func;
  self.hear_data = data;
}

void
lds_cluster_relay (const char *topic,
                   unsigned char kind,
                   const void *bytes,
                   size_t count)
{
  size_t topic_bytes = strlen (topic) + 1;

  if (self.control <= 0)
    return;
  if (topic_bytes > LDS_CLUSTER_TOPIC_BYTES || count > LDS_CLUSTER_MESSAGE_BYTES)
    {
      lds_tally_add (LDS_TALLY_MESSAGES_DROPPED, 1);
      return;
    }
  self.bytes[0] = (char)LDS_CLUSTER_RELAY;
  memcpy (self.bytes + 1, topic, topic_bytes);
  self.bytes[1 + topic_bytes] = (char)kind;
  memcpy (self.bytes + 1 + topic_bytes + 1, bytes, count);
  lds_cluster_send_relay (self.control, self.bytes, 1 + topic_bytes + 1 + count);
}

static void
hear_relay (size_t count)
{
  const char *topic = self.bytes + 1, *end = memchr (topic, '\0', count - 1);

  if (self.hear == NULL || end == NULL || end + 1 >= self.bytes + count)
    return;
  self.hear (self.hear_data, topic, (unsigned char)end[1], end + 2,
             (size_t)(self.bytes + count - (end + 2)));
}

static void
control_cb (uv_poll_t *poll,
            int status,
            int events)
{
  size_t count;
  int descriptor;

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
      !lds_lifetime_watch (lds_loop_stop, self.loop))
    {
      lds_server_announce_error ("cannot set up a worker.");
      return 1;
    }
  /* It keeps no loop from ending. */
  uv_unref ((uv_handle_t *)&self.poll);
  lds_server_announce_ready (server);
  lds_loop_run (self.loop);
  return 0;
}
