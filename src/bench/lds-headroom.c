/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this machine can hold. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-headroom.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "lds-plan.h"

/* Files besides connections: the event queue, pipes, databases, connections to services. */
#define OTHER_FILES 100
/* Ports that connections closed a moment ago still occupy, and other programs. */
#define OTHER_PORTS 2000

#define BYTES_A_CONNECTION 65536.0
#define MEMORY_FRACTION    0.25

static void
limit (LdsHeadroom *capacity,
       double connections,
       const char *format)
{
  guint rounded = (guint)CLAMP (connections, 1, LDS_PLAN_MAX_CONNECTIONS);

  if (rounded >= capacity->connections)
    return;
  capacity->connections = rounded;
  g_free (capacity->reason);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  capacity->reason = g_strdup_printf (format, rounded);
#pragma GCC diagnostic pop
}

static void
limit_by_files (LdsHeadroom *capacity)
{
  struct rlimit files;

  if (getrlimit (RLIMIT_NOFILE, &files) < 0 || files.rlim_max == RLIM_INFINITY)
    return;
  limit (capacity, (double)files.rlim_max - OTHER_FILES,
         /* Translators: a number */
         _ ("The limit of open files allows %u connections on this machine."));
}

static void
limit_by_ports (LdsHeadroom *capacity)
{
  g_autofree char *text = NULL;
  unsigned first, last;

  if (!g_file_get_contents ("/proc/sys/net/ipv4/ip_local_port_range", &text, NULL, NULL) ||
      sscanf (text, "%u %u", &first, &last) != 2)
    return;
  limit (capacity, (double)last - first - OTHER_PORTS,
         /* Translators: a number */
         _ ("The range of ports allows %u connections to one server on this machine."));
}

static void
limit_by_memory (LdsHeadroom *capacity)
{
  g_autofree char *text = NULL;
  const char *line;
  unsigned long long kib;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL))
    return;
  line = strstr (text, "MemAvailable:");
  if (line == NULL || sscanf (line, "MemAvailable: %llu", &kib) != 1)
    return;
  limit (capacity, (double)kib * 1024 * MEMORY_FRACTION / BYTES_A_CONNECTION,
         /* Translators: a number */
         _ ("The memory that is free allows %u connections on this machine."));
}

void
lds_headroom_read (LdsHeadroom *capacity)
{
  g_return_if_fail (capacity != NULL);

  capacity->connections = LDS_PLAN_MAX_CONNECTIONS;
  /* Translators: a number */
  capacity->reason = g_strdup_printf (_ ("A plan opens %u connections at most."), LDS_PLAN_MAX_CONNECTIONS);
  limit_by_files (capacity);
  limit_by_ports (capacity);
  limit_by_memory (capacity);
}

void
lds_headroom_clear (LdsHeadroom *capacity)
{
  g_clear_pointer (&capacity->reason, g_free);
}
