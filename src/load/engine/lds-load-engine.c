/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The back ends there are, best first. */
#include "lds-load-engine.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

static const LdsLoadEngineClass *const engines[] = {&lds_load_engine_uring, &lds_load_engine_epoll};

const LdsLoadEngineClass *
lds_load_engine_find (const char *name)
{
  for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
    if (strcmp (name, "auto") == 0 ? engines[i]->probe () : strcmp (engines[i]->name, name) == 0)
      return engines[i];
  return NULL;
}

int
lds_load_engine_open_socket (const LdsLoadEngineSetup *setup,
                             int flags)
{
  int one = 1, fd = socket (setup->address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

  if (fd >= 0)
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}
