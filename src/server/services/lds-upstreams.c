/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of upstreams. */
#include "lds-upstreams.h"

static int ports[LDS_UPSTREAM_SLOTS];
static unsigned n_upstreams;
static unsigned upstream_timeout_ms = LDS_UPSTREAM_TIMEOUT_MS;

bool
lds_upstreams_add (int port)
{
  if (n_upstreams == LDS_UPSTREAMS_MAX)
    return false;
  ports[n_upstreams++] = port;
  return true;
}

void
lds_upstreams_set_own (int port)
{
  ports[LDS_UPSTREAM_OWN] = port;
}

unsigned
lds_upstreams_count (void)
{
  return n_upstreams;
}

int
lds_upstreams_port (unsigned index)
{
  return index < LDS_UPSTREAM_SLOTS ? ports[index] : 0;
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
