/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many files this process may have open. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-files.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <sys/resource.h>

#include "lds-error.h"

gboolean
lds_load_files_allow (const char *member,
                      guint n_connections,
                      guint n_others,
                      GError **error)
{
  rlim_t wanted = (rlim_t)n_connections + n_others;
  struct rlimit limit, higher;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
    return TRUE;
  higher = (struct rlimit){.rlim_cur = wanted, .rlim_max = MAX (limit.rlim_max, wanted)};
  if (setrlimit (RLIMIT_NOFILE, &higher) == 0)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a member of the plan, connections, files, connections that are possible */
               _ ("“%s” is %u, but this system lets a program open only %" PRIu64
                  " files: use at most %" PRIu64 " connections, or raise the limit (ulimit -Hn)."),
               member, n_connections, (guint64)limit.rlim_max,
               (guint64)(limit.rlim_max > n_others ? limit.rlim_max - n_others : 0));
  return FALSE;
}
