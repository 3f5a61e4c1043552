/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which run of a plan that is not adaptive is next. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-turn.h"

#define PLANNED_A_SPARE 12

static gboolean
is_same (const LdsRunSpec *a,
         const LdsRunSpec *b)
{
  return a->lane == b->lane && a->workload == b->workload && a->repeat == b->repeat;
}

/* Counts the runs of @spec among the first @n. */
static guint
count (GPtrArray *runs,
       guint n,
       const LdsRunSpec *spec,
       const LdsRun **last)
{
  guint n_found = 0;

  for (guint i = 0; i < n; i++)
    {
      const LdsRun *run = runs->pdata[i];

      if (!is_same (&run->spec, spec))
        continue;
      n_found++;
      *last = run;
    }
  return n_found;
}

guint
lds_turn_n_spare (const LdsPlan *plan)
{
  g_return_val_if_fail (plan != NULL, 0);

  return lds_plan_n_runs (plan) / PLANNED_A_SPARE;
}

guint
lds_turn_count_done (GPtrArray *runs)
{
  const LdsRun *earlier;
  guint n_done = 0;

  g_return_val_if_fail (runs != NULL, 0);

  for (guint i = 0; i < runs->len; i++)
    n_done += count (runs, i, &((const LdsRun *)runs->pdata[i])->spec, &earlier) == 0;
  return n_done;
}

gboolean
lds_turn_next (const LdsPlan *plan,
               GPtrArray *runs,
               guint *index,
               LdsRunSpec *spec)
{
  guint n_planned;

  g_return_val_if_fail (plan != NULL && runs != NULL && index != NULL && spec != NULL, FALSE);

  n_planned = lds_plan_n_runs (plan);
  for (; *index < n_planned; (*index)++)
    {
      const LdsRun *last = NULL;
      guint n;

      *spec = lds_plan_run_spec (plan, *index);
      n = count (runs, runs->len, spec, &last);
      if (n == 0)
        return TRUE;
      if (n == 1 && lds_run_was_held_up (last) &&
          runs->len - lds_turn_count_done (runs) < lds_turn_n_spare (plan))
        return TRUE;
    }
  return FALSE;
}
