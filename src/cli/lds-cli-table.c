/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables on a terminal. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-table.h"

#include <stdio.h>

void
lds_cli_print_table (GPtrArray *rows)
{
  g_autofree glong *widths = NULL;
  guint n_columns;

  g_return_if_fail (rows != NULL && rows->len > 0);

  n_columns = g_strv_length (rows->pdata[0]);
  widths = g_new0 (glong, n_columns);
  for (guint r = 0; r < rows->len; r++)
    for (guint c = 0; c < n_columns; c++)
      widths[c] = MAX (widths[c], g_utf8_strlen (((char **)rows->pdata[r])[c], -1));
  for (guint r = 0; r < rows->len; r++)
    {
      fputs (" ", stdout);
      for (guint c = 0; c < n_columns; c++)
        {
          const char *text = ((char **)rows->pdata[r])[c];
          int padding = (int)(widths[c] - g_utf8_strlen (text, -1));

          if (c == 0)
            printf (" %s%*s", text, padding, "");
          else
            printf ("  %*s%s", padding, "", text);
        }
      putchar ('\n');
    }
}
