/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of upstreams. */
#include "lds-upstreams.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

/* Shared by all processes of this server: one that is started again has another port. */
static atomic_int *ports;
static unsigned n_upstreams;
static unsigned upstream_timeout_ms = LDS_UPSTREAM_TIMEOUT_MS;

static bool
make_table (void)
{
  void *pages;

  if (ports != NULL)
    return true;
  pages = mmap (NULL, LDS_UPSTREAM_SLOTS * sizeof *ports, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED)
    return false;
  ports = pages;
  return true;
}

bool
lds_upstreams_add (int port)
{
  if (n_upstreams == LDS_UPSTREAMS_MAX || !make_table ())
    return false;
  lds_upstreams_move (n_upstreams++, port);
  return true;
}

bool
lds_upstreams_add_own (int port)
{
  if (!make_table ())
    return false;
  lds_upstreams_move (LDS_UPSTREAM_OWN, port);
  return true;
}

void
lds_upstreams_move (unsigned index,
                    int port)
{
  /* Relaxed: who reads the old one meets a port where nobody listens. */
  atomic_store_explicit (&ports[index], port, memory_order_relaxed);
}

unsigned
lds_upstreams_count (void)
{
  return n_upstreams;
}

int
lds_upstreams_port (unsigned index)
{
  if (index >= LDS_UPSTREAM_SLOTS || ports == NULL)
    return 0;
  return atomic_load_explicit (&ports[index], memory_order_relaxed);
}

void
lds_upstreams_set_timeout (unsigned timeout_ms)
{
  upstream_timeout_ms = timeout_ms;
}

unsigned
lds_upstreams_timeout_ms (void)
{
  return upstream_timeout_ms;
}
