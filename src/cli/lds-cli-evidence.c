/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prior, evidence and verdict side by side, for people. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-evidence.h"

#include <glib/gi18n.h>
#include <stdio.h>

#define N_COLUMNS 5

static char *
format_cells (const double cells[LDS_N_OPTIONS])
{
  return g_strdup_printf ("%.0f : %.0f", cells[LDS_OPTION_NODE], cells[LDS_OPTION_PYTHON]);
}

static char **
new_row (const LdsFinding *finding)
{
  char **row = g_new0 (char *, N_COLUMNS + 1);

  row[0] = g_strdup (finding->title);
  row[1] = format_cells (finding->influence.prior_cells);
  row[2] = g_strdup_printf ("%.2f (%.2f–%.2f)", finding->ratio, finding->low, finding->high);
  row[3] = format_cells (finding->influence.cells);
  row[4] = g_strdup_printf ("%+.1f", finding->influence.effect);
  return row;
}

static char **
new_heading (void)
{
  char **row = g_new0 (char *, N_COLUMNS + 1);

  row[0] = g_strdup (_ ("Criterion"));
  row[1] = g_strdup (_ ("Before"));
  row[2] = g_strdup (_ ("Measured ratio"));
  row[3] = g_strdup (_ ("After"));
  row[4] = g_strdup (_ ("Lead moved by"));
  return row;
}

static void
print_rows (GPtrArray *rows)
{
  glong widths[N_COLUMNS] = {0};

  for (guint r = 0; r < rows->len; r++)
    for (guint c = 0; c < N_COLUMNS; c++)
      widths[c] = MAX (widths[c], g_utf8_strlen (((char **)rows->pdata[r])[c], -1));
  for (guint r = 0; r < rows->len; r++)
    {
      for (guint c = 0; c < N_COLUMNS; c++)
        {
          const char *text = ((char **)rows->pdata[r])[c];
          int padding = (int)(widths[c] - g_utf8_strlen (text, -1));

          if (c == 0)
            printf ("  %s%*s", text, padding, "");
          else
            printf ("  %*s%s", padding, "", text);
        }
      putchar ('\n');
    }
}

void
lds_cli_print_evidence (const LdsFindings *findings,
                        const LdsVerdict *prior,
                        const LdsVerdict *final)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  g_autoptr (GPtrArray) moved = lds_findings_explain (findings, prior, final);

  printf ("%s", _ ("\nWhat the measurements moved; Node.js : Python of 100, ratio of the lanes that stand for them:\n"));
  g_ptr_array_add (rows, new_heading ());
  for (guint i = 0; i < findings->rows->len; i++)
    if (((LdsFinding *)findings->rows->pdata[i])->used)
      g_ptr_array_add (rows, new_row (findings->rows->pdata[i]));
  if (rows->len > 1)
    print_rows (rows);
  for (guint i = 0; i < findings->rows->len; i++)
    {
      const LdsFinding *finding = findings->rows->pdata[i];

      if (finding->used && !finding->detectable)
        /* Translators: a criterion, what it rests on in a sentence */
        printf (_ ("  %s: no detectable difference. %s\n"), finding->title, finding->basis);
      else if (finding->used)
        /* Translators: a criterion, what it rests on in a sentence */
        printf (_ ("  %s: %s\n"), finding->title, finding->basis);
    }
  for (guint i = 0; i < findings->rows->len; i++)
    {
      const LdsFinding *finding = findings->rows->pdata[i];

      if (!finding->used)
        /* Translators: a criterion, why no measurement replaces its opinion */
        printf (_ ("  %s: still opinion. %s\n"), finding->title, finding->reason);
    }
  for (guint i = 0; i < moved->len; i++)
    printf ("%s\n", (char *)moved->pdata[i]);
}
