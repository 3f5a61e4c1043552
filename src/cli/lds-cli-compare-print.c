/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What “compare” says. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-compare.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-columns.h"
#include "lds-json.h"
#include "lds-view.h"

#define FORMAT  "loadstone-comparison"
#define VERSION 1

/* What a side is called: a lane, and its file where there are two. */
static char *
dup_label (const LdsCliCompare *compare,
           const LdsSelection *side)
{
  g_autofree char *lane = lds_lane_dup_label (side->lane);

  if (compare->sessions[1] == NULL)
    return g_steal_pointer (&lane);
  /* Translators: a lane, then a file: “Event loop (model) in before.json” */
  return g_strdup_printf (_ ("%s in %s"), lane,
                          compare->paths[side->session == compare->sessions[0] ? 0 : 1]);
}

static const LdsSummary *
find_summary (GPtrArray *summaries,
              const LdsSelection *side)
{
  for (guint i = 0; summaries != NULL && i < summaries->len; i++)
    {
      const LdsSummary *summary = summaries->pdata[i];

      if (summary->lane == side->lane && summary->workload == side->workload)
        return summary;
    }
  return NULL;
}

static char **
new_row (const LdsComparison *comparison,
         const LdsMetric *metric,
         const LdsSummary *reference,
         const LdsSummary *other)
{
  const LdsDifference *difference = lds_comparison_get (comparison, metric);
  guint n_metrics, index = (guint)(metric - lds_metric_list (&n_metrics));
  char **row = g_new0 (char *, 7);

  row[0] = g_strdup (_ (metric->title));
  row[1] = lds_format_value (reference->estimates[index].median, metric->unit);
  row[2] = lds_format_value (other->estimates[index].median, metric->unit);
  row[3] = lds_comparison_dup_ratio (difference);
  row[4] = lds_comparison_dup_p (difference);
  row[5] = g_strdup (
      lds_comparison_verdict_title (lds_comparison_verdict (difference, metric)));
  return row;
}

static char **
new_heading (const LdsComparison *comparison)
{
  char **row = g_new0 (char *, 7);

  row[0] = g_strdup (_ ("Median of"));
  row[1] = g_strdup (_ ("the first"));
  row[2] = g_strdup (_ ("the second"));
  /* Translators: of a ratio: “Second / first (95 %)” */
  row[3] = g_strdup_printf (_ ("Second / first (%.3g %%)"), (1 - comparison->alpha) * 100);
  row[4] = g_strdup (_ ("p"));
  row[5] = g_strdup (_ ("The second is"));
  return row;
}

static void
print_invalid (const char *label,
               guint n_invalid)
{
  if (n_invalid == 0)
    return;
  /* Translators: a lane, then a number of runs */
  printf (g_dngettext (GETTEXT_PACKAGE, "  %s: %u run is INVALID and counts nowhere.\n",
                       "  %s: %u runs are INVALID and count nowhere.\n", n_invalid),
          label, n_invalid);
}

/* Which test it is follows from the main metric; others may lack figures, or have zeros. */
static void
print_test (const LdsComparison *comparison)
{
  const LdsDifference *difference = lds_comparison_get (
      comparison,
      lds_comparison_main_metric (comparison->reference.session, comparison->reference.workload));

  if (difference->test == LDS_COMPARE_PAIRS)
    /* Translators: a number of pairs */
    printf (_ ("  Pairs of runs beside each other: %u. Student’s test of the logarithms of their ratios.\n"),
            difference->n_a);
  else
    /* Translators: two numbers of runs */
    printf (_ ("  Runs: %u and %u, not in pairs. Exact Mann-Whitney test.\n"), difference->n_a,
            difference->n_b);
}

/* Whether the table has @metric: as asked for, or what is seen of such a workload first, and what may be odd. */
static gboolean
is_shown (const LdsCliCompare *compare,
          const LdsComparison *comparison,
          const LdsMetric *metric)
{
  static const char *const besides[] = {"errors", "rss", "start_up", NULL};
  const LdsView *view = lds_view_of (comparison->other.workload);

  if (lds_comparison_get (comparison, metric)->n_a == 0 ||
      lds_comparison_get (comparison, metric)->n_b == 0)
    return FALSE;
  if (compare->metrics != NULL)
    return g_ptr_array_find (compare->metrics, metric, NULL);
  return lds_view_has_column (view, metric->id) || strcmp (metric->id, view->p99_9) == 0 ||
         g_strv_contains (besides, metric->id);
}

static void
print_comparison (const LdsCliCompare *compare,
                  const LdsComparison *comparison,
                  GPtrArray *summaries[2])
{
  const LdsSelection *sides[] = {&comparison->reference, &comparison->other};
  const LdsSummary *of_side[2];
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  g_autofree char *reference = dup_label (compare, sides[0]),
                  *other = dup_label (compare, sides[1]);

  for (guint i = 0; i < 2; i++)
    of_side[i] =
        find_summary (summaries[sides[i]->session == compare->sessions[0] ? 0 : 1], sides[i]);
  /* Translators: a workload, a lane, another */
  printf (_ ("\n%s: first %s, second %s\n"), comparison->other.workload->title, reference, other);
  print_test (comparison);
  print_invalid (reference, comparison->n_invalid_reference);
  print_invalid (other, comparison->n_invalid_other);
  g_ptr_array_add (rows, new_heading (comparison));
  for (guint i = 0; i < n_metrics; i++)
    if (is_shown (compare, comparison, &metrics[i]))
      g_ptr_array_add (rows, new_row (comparison, &metrics[i], of_side[0], of_side[1]));
  if (rows->len > 1)
    lds_cli_print_table (rows);
}

/* What a comparison comes down to: that by which lanes are ranked, of an open loop the p99 as well. */
static guint
list_telling (const LdsComparison *comparison,
              const LdsMetric *metrics[2])
{
  const LdsSelection *side = &comparison->reference;
  gboolean is_open = lds_plan_get_load (side->session->plan, side->workload).rate_hz > 0;

  metrics[0] = lds_comparison_main_metric (side->session, side->workload);
  metrics[1] = lds_view_get_metric (lds_view_of (side->workload), LDS_VIEW_P99);
  return is_open && metrics[0] != metrics[1] ? 2 : 1;
}

static void
add_conclusions (const LdsCliCompare *compare,
                 const LdsComparison *comparison,
                 GPtrArray *sentences)
{
  const LdsMetric *metrics[2];
  guint n_metrics = list_telling (comparison, metrics);
  g_autofree char *reference = dup_label (compare, &comparison->reference);
  g_autofree char *other = dup_label (compare, &comparison->other);

  for (guint i = 0; i < n_metrics; i++)
    g_ptr_array_add (sentences,
                     lds_comparison_dup_sentence (comparison, metrics[i], reference, other));
}

gboolean
lds_cli_compare_is_worse (const LdsCliCompare *compare)
{
  for (guint i = 0; i < compare->comparisons->len; i++)
    {
      const LdsComparison *comparison = compare->comparisons->pdata[i];
      const LdsMetric *metrics[2];
      guint n_metrics = list_telling (comparison, metrics);

      for (guint m = 0; m < n_metrics; m++)
        if (lds_comparison_verdict (lds_comparison_get (comparison, metrics[m]), metrics[m]) ==
            LDS_VERDICT_WORSE)
          return TRUE;
    }
  return FALSE;
}

static GPtrArray *
list_conclusions (const LdsCliCompare *compare)
{
  GPtrArray *sentences = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < compare->comparisons->len; i++)
    add_conclusions (compare, compare->comparisons->pdata[i], sentences);
  return sentences;
}

void
lds_cli_compare_print (const LdsCliCompare *compare)
{
  g_autoptr (GPtrArray) conclusions = list_conclusions (compare);
  GPtrArray *summaries[2] = {lds_session_summarize (compare->sessions[0]),
                             compare->sessions[1] != NULL
                                 ? lds_session_summarize (compare->sessions[1])
                                 : NULL};

  for (guint i = 0; i < compare->caveats->len; i++)
    printf ("%s\n", (char *)compare->caveats->pdata[i]);
  for (guint i = 0; i < compare->comparisons->len; i++)
    print_comparison (compare, compare->comparisons->pdata[i], summaries);
  putchar ('\n');
  for (guint i = 0; i < conclusions->len; i++)
    printf ("%s\n", (char *)conclusions->pdata[i]);
  for (guint i = 0; i < G_N_ELEMENTS (summaries); i++)
    g_clear_pointer (&summaries[i], g_ptr_array_unref);
}

static void
add_texts (JsonBuilder *builder,
           const char *name,
           GPtrArray *texts)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < texts->len; i++)
    json_builder_add_string_value (builder, texts->pdata[i]);
  json_builder_end_array (builder);
}

JsonNode *
lds_cli_compare_to_json (const LdsCliCompare *compare)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GPtrArray) conclusions = list_conclusions (compare);

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "format", FORMAT);
  lds_json_add_int (builder, "version", VERSION);
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  for (guint i = 0; i < 2 && compare->paths[i] != NULL; i++)
    json_builder_add_string_value (builder, compare->paths[i]);
  json_builder_end_array (builder);
  add_texts (builder, "caveats", compare->caveats);
  json_builder_set_member_name (builder, "comparisons");
  json_builder_begin_array (builder);
  for (guint i = 0; i < compare->comparisons->len; i++)
    json_builder_add_value (builder, lds_comparison_to_json (compare->comparisons->pdata[i]));
  json_builder_end_array (builder);
  add_texts (builder, "conclusions", conclusions);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
