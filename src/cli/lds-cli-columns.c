/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables on a terminal. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-columns.h"

#include <stdio.h>
#include <string.h>

static void
print_rows (GPtrArray *rows,
            const char *alignment,
            const char *indentation)
{
  gsize n_columns = strlen (alignment);
  g_autofree glong *widths = g_new0 (glong, n_columns);

  for (guint r = 0; r < rows->len; r++)
    for (gsize c = 0; c < n_columns; c++)
      widths[c] = MAX (widths[c], g_utf8_strlen (((char **)rows->pdata[r])[c], -1));
  for (guint r = 0; r < rows->len; r++)
    {
      g_autoptr (GString) line = g_string_new (indentation);

      for (gsize c = 0; c < n_columns; c++)
        {
          const char *text = ((char **)rows->pdata[r])[c];
          int padding = (int)(widths[c] - g_utf8_strlen (text, -1));

          g_string_append (line, c > 0 ? "  " : "");
          if (alignment[c] == 'r')
            g_string_append_printf (line, "%*s%s", padding, "", text);
          else
            g_string_append_printf (line, "%s%*s", text, padding, "");
        }
      puts (g_strchomp (line->str));
    }
}

void
lds_cli_print_columns (GPtrArray *rows,
                       const char *alignment)
{
  print_rows (rows, alignment, "");
}

void
lds_cli_print_table (GPtrArray *rows)
{
  g_autofree char *alignment = NULL;

  g_return_if_fail (rows != NULL && rows->len > 0);

  alignment = g_strnfill (g_strv_length (rows->pdata[0]), 'r');
  alignment[0] = 'l';
  print_rows (rows, alignment, "  ");
}
