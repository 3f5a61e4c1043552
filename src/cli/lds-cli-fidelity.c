/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “fidelity”: twins beside the real runtimes. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-columns.h"
#include "lds-cli-measure.h"
#include "lds-cli-options.h"
#include "lds-cli-outputs.h"
#include "lds-cli.h"
#include "lds-fidelity.h"
#include "lds-file.h"
#include "lds-format.h"
#include "lds-json.h"
#include "lds-runtime.h"
#include "lds-view.h"

/* A quick one takes less than 50 s: what else there is, is left out. Both sessions of one runtime, and some reserve. */
#define QUICK_BUDGET_MS 42000

typedef struct
{
  GPtrArray *reals;
  GPtrArray *twins; /* likewise */
} Pairs;

static void
pairs_clear (Pairs *self)
{
  g_clear_pointer (&self->reals, g_ptr_array_unref);
  g_clear_pointer (&self->twins, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pairs, pairs_clear)

/* What is asked for. */
typedef struct
{
  gboolean quick;
  char *duration;
  char *warm_up;
  int repeats; /* 0 = as the plan has it */
} Options;

static void
options_clear (Options *self)
{
  g_free (self->duration);
  g_free (self->warm_up);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Gives @plan, if there is one, what is asked for instead of its own. */
static gboolean
apply (const Options *options,
       LdsPlan *plan,
       GError **error)
{
  gint64 duration_ms = plan->duration_ms, warm_up_ms = plan->warm_up_ms;

  if (!lds_cli_check_count ("--repeats", options->repeats, 0, LDS_PLAN_MAX_REPEATS, error) ||
      !lds_cli_parse_duration ("--duration", options->duration, 1e3, &duration_ms, error) ||
      !lds_cli_parse_duration ("--warm-up", options->warm_up, 1e3, &warm_up_ms, error))
    return FALSE;
  plan->duration_ms = duration_ms;
  plan->warm_up_ms = warm_up_ms;
  if (options->repeats > 0)
    plan->repeats = (guint)options->repeats;
  return lds_plan_validate (plan, error);
}

/* Keeps those of @ids only, in that order. */
static gboolean
choose (Pairs *pairs,
        GStrv ids,
        GError **error)
{
  g_auto (Pairs) chosen = {g_ptr_array_new (), g_ptr_array_new ()};
  g_autoptr (GPtrArray) known = g_ptr_array_new ();

  for (guint i = 0; i < pairs->reals->len; i++)
    g_ptr_array_add (known, (gpointer)((const LdsLane *)pairs->reals->pdata[i])->runtime->id);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      const char *id = g_str_has_prefix (ids[i], "real:") ? ids[i] + strlen ("real:") : ids[i];
      guint index;

      if (!g_ptr_array_find_with_equal_func (known, id, g_str_equal, &index))
        {
          g_autofree char *names = NULL;

          g_ptr_array_add (known, NULL);
          names = g_strjoinv (", ", (char **)known->pdata);
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: what was typed, then names */
                       _ ("“%s” is no runtime that is on this machine and has a twin; those are: %s."), ids[i],
                       known->len > 1 ? names : _ ("none"));
          return FALSE;
        }
      g_ptr_array_add (chosen.reals, pairs->reals->pdata[index]);
      g_ptr_array_add (chosen.twins, pairs->twins->pdata[index]);
    }
  if (chosen.reals->len == 0)
    return TRUE;
  pairs_clear (pairs);
  pairs->reals = g_ptr_array_ref (chosen.reals);
  pairs->twins = g_ptr_array_ref (chosen.twins);
  return TRUE;
}

static char *
dup_error (const LdsFidelityValue *value)
{
  if (value->n == 0)
    return g_strdup ("–");
  /* Translators: by how much a twin is off: “+3.1 %” */
  return g_strdup_printf (_ ("%+.1f %%"), (value->ratio.ratio - 1) * 100);
}

static void
add_cells (GPtrArray *rows,
           const LdsFidelityRow *row)
{
  const LdsMetric *rate = lds_view_get_metric (lds_view_of (row->workload), LDS_VIEW_RATE);
  const LdsFidelityValue *throughput = &row->values[LDS_FIDELITY_THROUGHPUT];
  GStrv cells = g_new0 (char *, 4 + LDS_FIDELITY_N_FIGURES + 2);

  cells[0] = g_strdup (row->real->runtime->id);
  cells[1] = g_strdup (row->workload->id);
  cells[2] = g_strdup_printf ("%u", row->connections);
  cells[3] = throughput->n > 0 ? lds_format_value (throughput->real, rate->unit) : g_strdup ("–");
  for (int f = 0; f < LDS_FIDELITY_N_FIGURES; f++)
    cells[4 + f] = dup_error (&row->values[f]);
  cells[4 + LDS_FIDELITY_N_FIGURES] = g_strdup_printf ("%u", row->n_invalid);
  g_ptr_array_add (rows, cells);
}

static void
print_error (const char *title,
             double median,
             double median_mark,
             double worst,
             double worst_mark)
{
  if (isnan (median))
    return;
  if (isfinite (worst_mark))
    /* Translators: a figure, four numbers of percent */
    printf (_ ("%s: off by %.1f %% (median; at most %.0f %%) and %.1f %% (worst; at most %.0f %%)\n"), title,
            median * 100, median_mark * 100, worst * 100, worst_mark * 100);
  else if (isfinite (median_mark))
    /* Translators: a figure, three numbers of percent */
    printf (_ ("%s: off by %.1f %% (median; at most %.0f %%) and %.1f %% (worst)\n"), title, median * 100,
            median_mark * 100, worst * 100);
  else
    /* Translators: a figure, two numbers of percent */
    printf (_ ("%s: off by %.1f %% (median) and %.1f %% (worst)\n"), title, median * 100, worst * 100);
}

static void
print_summary (GArray *rows)
{
  static const double marks[LDS_FIDELITY_N_FIGURES][2] = {
      [LDS_FIDELITY_THROUGHPUT] = {LDS_FIDELITY_MARK_THROUGHPUT,
                                   LDS_FIDELITY_MARK_THROUGHPUT_WORST},
      [LDS_FIDELITY_P50] = {LDS_FIDELITY_MARK_P50, INFINITY},
      [LDS_FIDELITY_P99] = {LDS_FIDELITY_MARK_P99, INFINITY},
      [LDS_FIDELITY_RSS] = {INFINITY, INFINITY},
      [LDS_FIDELITY_START_UP] = {INFINITY, INFINITY},
  };
  LdsFidelitySummary summary = lds_fidelity_summarize (rows);

  putchar ('\n');
  for (int f = 0; f < LDS_FIDELITY_N_FIGURES; f++)
    print_error (_ (lds_fidelity_get_title ((LdsFidelityFigure)f)), summary.median[f], marks[f][0],
                 summary.worst[f], marks[f][1]);
  if (summary.n_ordered > 0)
    printf (g_dngettext (GETTEXT_PACKAGE,
                         /* Translators: two numbers of pairs of lanes */
                         "Order: right in %u of %u pair of lanes that differ by more than 10 %%\n",
                         "Order: right in %u of %u pairs of lanes that differ by more than 10 %%\n", summary.n_ordered),
            summary.n_ordered_right, summary.n_ordered);
  puts (lds_fidelity_keeps_marks (&summary) ? _ ("The twins are as true as they have to be.")
                                            : _ ("The twins are not as true as they have to be: read their figures with these errors."));
}

static void
print_rows (GArray *rows)
{
  g_autoptr (GPtrArray) table = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  GStrv head = g_new0 (char *, 4 + LDS_FIDELITY_N_FIGURES + 2);

  head[0] = g_strdup (_ ("Twin of"));
  head[1] = g_strdup (_ ("Workload"));
  head[2] = g_strdup (_ ("Connections"));
  head[3] = g_strdup (_ ("Real"));
  for (int f = 0; f < LDS_FIDELITY_N_FIGURES; f++)
    head[4 + f] = g_strdup (_ (lds_fidelity_get_title ((LdsFidelityFigure)f)));
  head[4 + LDS_FIDELITY_N_FIGURES] = g_strdup (_ ("INVALID"));
  g_ptr_array_add (table, head);
  for (guint i = 0; i < rows->len; i++)
    add_cells (table, &g_array_index (rows, LdsFidelityRow, i));
  lds_cli_print_columns (table, "llrrrrrrrr");
}

/* Both sessions of one pair. Returns %FALSE with an error when it was interrupted. */
static gboolean
measure (const LdsPlan *plan,
         gboolean is_quick,
         LdsCliRecord *record,
         GArray *rows,
         JsonObject **environment,
         GError **error)
{
  g_autoptr (LdsSession) closed = lds_cli_measure (plan, record, error), half = NULL;
  g_autoptr (LdsPlan) half_plan = NULL;
  g_autoptr (GArray) own = g_array_new (FALSE, FALSE, sizeof (LdsFidelityRow));

  if (closed == NULL)
    return FALSE;
  if (closed->complete)
    half_plan = lds_fidelity_new_half_plan (closed);
  if (half_plan != NULL)
    {
      half = lds_cli_measure (half_plan, record, error);
      if (half == NULL)
        return FALSE;
    }
  lds_fidelity_add_rows (own, closed, half);
  if (half != NULL && half->complete && !is_quick && lds_fidelity_summarize (own).n_rows > 0 &&
      !lds_fidelity_save (own, half->environment, error))
    return FALSE;
  g_array_append_vals (rows, own->data, own->len);
  g_clear_pointer (environment, json_object_unref);
  *environment = json_object_ref (closed->environment);
  return TRUE;
}

static gboolean
measure_all (const Pairs *pairs,
             const Options *options,
             LdsCliRecord *record,
             GArray *rows,
             JsonObject **environment,
             GError **error)
{
  gint64 budget_ms = QUICK_BUDGET_MS;

  for (guint i = 0; i < pairs->reals->len; i++)
    {
      const LdsLane *real = pairs->reals->pdata[i];
      g_autoptr (LdsPlan) plan =
          lds_fidelity_new_plan (real, pairs->twins->pdata[i], options->quick);
      g_autofree char *label = lds_lane_dup_label (real);
      gint64 needed_ms;

      if (plan == NULL)
        continue;
      if (!apply (options, plan, error))
        return FALSE;
      needed_ms = 2 * lds_plan_estimate_ms (plan);
      if (options->quick && needed_ms > budget_ms)
        {
          /* Translators: a lane */
          fprintf (stderr, _ ("Left out, for it would take too long: %s. Leave out --quick, or name it alone.\n"), label);
          continue;
        }
      budget_ms -= needed_ms;
      /* Translators: a lane, then a number of seconds */
      fprintf (stderr, _ ("%s beside its twin, about %d s:\n"), label, (int)((needed_ms + 999) / 1000));
      if (!measure (plan, options->quick, record, rows, environment, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
lds_cli_fidelity (int argc,
                  char **argv,
                  GError **error)
{
  gboolean json = FALSE;
  g_auto (Options) options = {.quick = FALSE};
  g_autofree char *output = NULL;
  g_auto (LdsCliRecord) record = {.kind = "fidelity"};
  const GOptionEntry entries[] = {
      {"quick", 0, 0, G_OPTION_ARG_NONE, &options.quick, N_ ("Fewer cases and shorter runs: less than 50 s"), NULL},
      {"duration", 'd', 0, G_OPTION_ARG_STRING, &options.duration, N_ ("Measure each run for this long: 10, 10s, 500ms, 2m"), N_ ("T")},
      {"warm-up", 'w', 0, G_OPTION_ARG_STRING, &options.warm_up, N_ ("Load each server for this long before: likewise"), N_ ("T")},
      {"repeats", 'r', 0, G_OPTION_ARG_INT, &options.repeats, N_ ("Runs of each lane on each workload"), N_ ("N")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_ ("Write JSON to this file as well"), N_ ("FILE")},
      LDS_CLI_RECORD_ENTRIES (&record),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) ids = NULL;
  g_auto (Pairs) pairs = {NULL, NULL};
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (LdsFidelityRow));
  g_autoptr (JsonObject) environment = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  lds_cli_set_summary (N_ ("Measures each twin beside the real runtime, on workloads and loads that its calibration did not use, and says by how much it is off; what a whole run finds is said wherever the twin is shown. Without a name: every runtime on this machine that has a twin"));
  if (!lds_cli_parse (argc, argv, _ ("[RUNTIME…]"), entries, &ids, error) ||
      !lds_cli_record_check_names (&record, error) ||
      !lds_cli_check_output ("--output", output, record.database, error))
    return FALSE;
  pairs.reals = lds_fidelity_list_pairs (&pairs.twins);
  if (!choose (&pairs, ids, error))
    return FALSE;
  if (pairs.reals->len == 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: “loadstone-cli lanes” is a command */
                   _ ("No runtime on this machine has a twin; “loadstone-cli lanes” says what is missing."));
      return FALSE;
    }
  if (!lds_cli_record_open (&record, error) ||
      !measure_all (&pairs, &options, &record, rows, &environment, error))
    return FALSE;
  if (environment == NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID, _ ("Nothing was measured."));
      return FALSE;
    }
  root = lds_fidelity_to_json (rows, environment, options.quick);
  text = lds_json_to_text (root, TRUE);
  if (output != NULL && !lds_file_write (output, text, strlen (text), error))
    return FALSE;
  if (json)
    fputs (text, stdout);
  else
    {
      print_rows (rows);
      print_summary (rows);
    }
  if (lds_fidelity_summarize (rows).n_rows == 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
                   _ ("No case has valid runs of both, so nothing is known; close other programs and measure again."));
      return FALSE;
    }
  return TRUE;
}
