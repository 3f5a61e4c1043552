/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets of background connections. */
#include "lds-load-background-dialer.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

/* About a page, which the kernel doubles: what it then holds of an answer is little beside what the
 * server still does. */
#define READER_BUFFER_BYTES 4096
/* The last byte of the address in 127.0.0.0/24 that connections come from. */
#define FIRST_SOURCE 2
#define LAST_SOURCE  254

void
lds_load_background_dialer_init (LdsLoadBackgroundDialer *self,
                                 const struct sockaddr_storage *address,
                                 socklen_t address_size)
{
  const struct sockaddr_in *in = (const struct sockaddr_in *)&self->address;

  memset (self, 0, sizeof *self);
  memcpy (&self->address, address, address_size);
  self->address_size = address_size;
  if (self->address.ss_family == AF_INET && ntohl (in->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
    self->source = FIRST_SOURCE;
}

/* Where the system does not want it, connections come from wherever it likes from now on. */
static void
bind_source (LdsLoadBackgroundDialer *self,
             int fd)
{
  struct sockaddr_in from = {
      .sin_family = AF_INET,
      .sin_addr.s_addr = htonl ((INADDR_LOOPBACK & ~0xffu) | (uint32_t)self->source),
  };
  int one = 1;

  /* The port is chosen in connect(), which knows the other end: one serves for many of those. */
  setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind (fd, (const struct sockaddr *)&from, sizeof from) < 0)
    self->source = 0;
}

static int
open_socket (LdsLoadBackgroundDialer *self,
             LdsLoadBackgroundKind kind)
{
  int fd = socket (self->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int one = 1, size = READER_BUFFER_BYTES;

  if (fd < 0)
    return -1;
  if (self->source != 0)
    bind_source (self, fd);
  /* Before it connects: the window that is offered then follows from it. */
  if (kind == LDS_LOAD_BACKGROUND_SLOW_READER)
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  /* Each byte goes out by itself. */
  if (kind == LDS_LOAD_BACKGROUND_SLOW_SENDER)
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static int
dial_once (LdsLoadBackgroundDialer *self,
           LdsLoadBackgroundKind kind)
{
  int fd = open_socket (self, kind);
  int saved_errno;

  if (fd < 0 ||
      connect (fd, (const struct sockaddr *)&self->address, self->address_size) == 0 ||
      errno == EINPROGRESS)
    return fd;
  saved_errno = errno;
  close (fd);
  errno = saved_errno;
  return -1;
}

int
lds_load_background_dialer_dial (LdsLoadBackgroundDialer *self,
                                 LdsLoadBackgroundKind kind)
{
  int fd = dial_once (self, kind);

  if (fd >= 0 || errno != EADDRNOTAVAIL || self->source == 0)
    return fd;
  self->source = self->source == LAST_SOURCE ? FIRST_SOURCE : self->source + 1;
  return dial_once (self, kind);
}
