/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One figure of several runs. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-run-figures.h"

GArray *
lds_run_figures_list_values (GArray *figures)
{
  GArray *values = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < figures->len; i++)
    g_array_append_val (values, g_array_index (figures, LdsRunFigure, i).value);
  return values;
}

void
lds_run_figures_list_pairs (GArray *a,
                            GArray *b,
                            GArray *values_a,
                            GArray *values_b)
{
  g_autoptr (GHashTable) by_repeat = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < a->len; i++)
    g_hash_table_insert (by_repeat, GUINT_TO_POINTER (g_array_index (a, LdsRunFigure, i).repeat),
                         &g_array_index (a, LdsRunFigure, i));
  for (guint i = 0; i < b->len; i++)
    {
      const LdsRunFigure *other = &g_array_index (b, LdsRunFigure, i);
      const LdsRunFigure *one = g_hash_table_lookup (by_repeat, GUINT_TO_POINTER (other->repeat));

      if (one == NULL)
        continue;
      g_hash_table_remove (by_repeat, GUINT_TO_POINTER (other->repeat)); /* each run once */
      g_array_append_val (values_a, one->value);
      g_array_append_val (values_b, other->value);
    }
}
