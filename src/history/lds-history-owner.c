/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who records a session. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-owner.h"

#include <string.h>
#include <unistd.h>

/* The field of /proc/PID/stat, counted from behind the name, that is the start time in ticks since
 * the boot; proc(5) counts it as the 22nd. */
#define START_TIME_FIELD 19

/* Returns: (transfer full) (nullable): "BOOT PID START"; %NULL when there is no such process */
static char *
describe (gint64 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%" G_GINT64_FORMAT "/stat", pid);
  g_autofree char *stat = NULL, *boot = NULL;
  g_auto (GStrv) fields = NULL;
  const char *behind_name;

  if (!g_file_get_contents (path, &stat, NULL, NULL))
    return NULL;
  behind_name = strrchr (stat, ')');
  if (behind_name == NULL || strlen (behind_name) < 2)
    return NULL;
  fields = g_strsplit (behind_name + 2, " ", START_TIME_FIELD + 2);
  /* A zombie does nothing any more. */
  if (g_strv_length (fields) <= START_TIME_FIELD || *fields[0] == 'Z')
    return NULL;
  if (g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL))
    g_strstrip (boot);
  return g_strdup_printf ("%s %" G_GINT64_FORMAT " %s", boot != NULL ? boot : "-", pid,
                          fields[START_TIME_FIELD]);
}

char *
lds_history_owner_new (void)
{
  char *owner = describe (getpid ());

  /* Without /proc nobody can tell, and a session that cannot be resumed would be the worse mistake. */
  return owner != NULL ? owner : g_strdup ("-");
}

gboolean
lds_history_owner_is_alive (const char *owner)
{
  g_auto (GStrv) words = NULL;
  g_autofree char *now = NULL;

  if (owner == NULL)
    return FALSE;
  words = g_strsplit (owner, " ", 3);
  if (g_strv_length (words) != 3)
    return FALSE;
  now = describe (g_ascii_strtoll (words[1], NULL, 10));
  return now != NULL && strcmp (now, owner) == 0;
}
