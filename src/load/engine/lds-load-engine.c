/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The back ends there are, best first. */
#include "lds-load-engine.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define LINKS_PER_SOURCE 8192

static const LdsLoadEngineClass *const engines[] = {&lds_load_engine_uring, &lds_load_engine_epoll};

const LdsLoadEngineClass *
lds_load_engine_find (const char *name)
{
  for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
    if (strcmp (name, "auto") == 0 ? engines[i]->probe () : strcmp (engines[i]->name, name) == 0)
      return engines[i];
  return NULL;
}

/* Past half of the ports that there are for one pair of addresses the kernel searches long for a free one,
 * and there is an end to them. All of 127.0.0.0/8 is this machine. */
static void
choose_source (const LdsLoadEngineSetup *setup,
               const LdsLoadLink *link,
               int fd)
{
  const struct sockaddr_in *to = (const struct sockaddr_in *)(const void *)setup->address;
  struct sockaddr_in from = {.sin_family = AF_INET};
  unsigned nth = (setup->first_link + link->index) / LINKS_PER_SOURCE;
  int one = 1;

  if (nth == 0 || to->sin_family != AF_INET || ntohl (to->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
    return;
  from.sin_addr.s_addr = htonl (INADDR_LOOPBACK + nth);
  /* Without it the port would be chosen now, for any destination. Not vital, either of them. */
  setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind (fd, (const struct sockaddr *)&from, sizeof from) < 0)
    return;
}

int
lds_load_engine_open_socket (const LdsLoadEngineSetup *setup,
                             const LdsLoadLink *link,
                             int flags)
{
  int one = 1, fd = socket (setup->address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

  if (fd < 0)
    return -1;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  choose_source (setup, link, fd);
  return fd;
}
