/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two selections of runs, compared metric by metric. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-comparison.h"

#include <math.h>

#include "lds-bench-json.h"
#include "lds-view.h"

/* More than any plan has; a hostile file could have millions. */
#define MAX_RUNS LDS_PLAN_MAX_REPEATS

/* Valid runs of @selection, in the order they ran. */
static GPtrArray *
list_valid (const LdsSelection *selection,
            guint *n_invalid)
{
  GPtrArray *valid = g_ptr_array_new ();

  *n_invalid = 0;
  for (guint i = 0; i < selection->session->runs->len; i++)
    {
      LdsRun *run = selection->session->runs->pdata[i];

      if (run->spec.lane != selection->lane || run->spec.workload != selection->workload ||
          run->spec.purpose != LDS_PURPOSE_COMPARE)
        continue;
      if (!run->valid)
        (*n_invalid)++;
      else if (valid->len < MAX_RUNS)
        g_ptr_array_add (valid, run);
    }
  return valid;
}

/* Those of @a and @b that were the same repeat, one beside the other in both lists. */
static void
list_pairs (GPtrArray *a,
            GPtrArray *b,
            GPtrArray *paired_a,
            GPtrArray *paired_b)
{
  g_autoptr (GHashTable) by_repeat = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < a->len; i++)
    g_hash_table_insert (by_repeat, GUINT_TO_POINTER (((LdsRun *)a->pdata[i])->spec.repeat),
                         a->pdata[i]);
  for (guint i = 0; i < b->len; i++)
    {
      gpointer repeat = GUINT_TO_POINTER (((LdsRun *)b->pdata[i])->spec.repeat);
      LdsRun *partner = g_hash_table_lookup (by_repeat, repeat);

      if (partner == NULL)
        continue;
      g_hash_table_remove (by_repeat, repeat); /* each run once */
      g_ptr_array_add (paired_a, partner);
      g_ptr_array_add (paired_b, b->pdata[i]);
    }
}

static double *
list_figures (const LdsMetric *metric,
              GPtrArray *runs)
{
  double *figures = g_new (double, runs->len + 1);

  for (guint i = 0; i < runs->len; i++)
    figures[i] = metric->of_run != NULL ? metric->of_run (runs->pdata[i]) : NAN;
  return figures;
}

LdsComparison *
lds_comparison_new (const LdsSelection *reference,
                    const LdsSelection *other,
                    guint family)
{
  g_autoptr (GPtrArray) a = NULL, b = NULL;
  g_autoptr (GPtrArray) paired_a = g_ptr_array_new (), paired_b = g_ptr_array_new ();
  LdsComparison *comparison;
  gboolean in_pairs;
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);

  g_return_val_if_fail (reference != NULL && other != NULL && family >= 1, NULL);

  comparison = g_new0 (LdsComparison, 1);
  comparison->reference = *reference;
  comparison->other = *other;
  comparison->alpha = LDS_COMPARE_ALPHA / family;
  comparison->differences = g_new0 (LdsDifference, n_metrics);
  a = list_valid (reference, &comparison->n_invalid_reference);
  b = list_valid (other, &comparison->n_invalid_other);
  comparison->n_valid_reference = a->len;
  comparison->n_valid_other = b->len;
  if (reference->session == other->session && reference->workload == other->workload)
    list_pairs (a, b, paired_a, paired_b);
  in_pairs = paired_a->len >= LDS_COMPARE_MIN_PAIRS;
  for (guint i = 0; i < n_metrics; i++)
    {
      g_autofree double *of_a = list_figures (&metrics[i], in_pairs ? paired_a : a);
      g_autofree double *of_b = list_figures (&metrics[i], in_pairs ? paired_b : b);

      comparison->differences[i] =
          in_pairs ? lds_stats_compare_pairs (of_a, of_b, paired_a->len, comparison->alpha)
                   : lds_stats_compare_ranks (of_a, a->len, of_b, b->len, comparison->alpha);
    }
  return comparison;
}

void
lds_comparison_free (LdsComparison *comparison)
{
  if (comparison == NULL)
    return;
  g_free (comparison->differences);
  g_free (comparison);
}

static guint
metric_index (const LdsMetric *metric)
{
  guint n_metrics;

  return (guint)(metric - lds_metric_list (&n_metrics));
}

const LdsDifference *
lds_comparison_get (const LdsComparison *comparison,
                    const LdsMetric *metric)
{
  g_return_val_if_fail (comparison != NULL && metric != NULL, NULL);

  return &comparison->differences[metric_index (metric)];
}

LdsComparisonVerdict
lds_comparison_verdict (const LdsDifference *difference,
                        const LdsMetric *metric)
{
  g_return_val_if_fail (difference != NULL && metric != NULL, LDS_VERDICT_TOO_FEW);

  if (difference->kind == LDS_DIFFERENCE_TOO_FEW)
    return LDS_VERDICT_TOO_FEW;
  if (difference->kind == LDS_DIFFERENCE_NONE)
    return LDS_VERDICT_NONE;
  return (difference->kind == LDS_DIFFERENCE_LOWER) == metric->lower_is_better ? LDS_VERDICT_BETTER
                                                                               : LDS_VERDICT_WORSE;
}

/* The median of @metric over the valid runs of @selection; NaN when there is none. */
static double
median_of (const LdsMetric *metric,
           const LdsSelection *selection)
{
  guint n_invalid;
  g_autoptr (GPtrArray) runs = list_valid (selection, &n_invalid);
  g_autofree double *figures = list_figures (metric, runs);
  guint n = 0;

  for (guint i = 0; i < runs->len; i++)
    if (isfinite (figures[i]))
      figures[n++] = figures[i];
  return lds_stats_median (figures, n);
}

/* Whether every lane with valid runs has a figure. */
static gboolean
is_known (const LdsSession *session,
          const LdsWorkload *workload,
          const LdsMetric *metric)
{
  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      if (run->valid && run->spec.workload == workload &&
          run->spec.purpose == LDS_PURPOSE_COMPARE && !isfinite (metric->of_run (run)))
        return FALSE;
    }
  return TRUE;
}

const LdsMetric *
lds_comparison_main_metric (const LdsSession *session,
                            const LdsWorkload *workload)
{
  const LdsMetric *cpu = lds_metric_find ("cpu_per_request"), *rate, *p99;
  const LdsView *view;
  gboolean is_listening;

  g_return_val_if_fail (session != NULL && workload != NULL, NULL);

  view = lds_view_of (workload);
  rate = lds_view_get_metric (view, LDS_VIEW_RATE);
  p99 = lds_view_get_metric (view, LDS_VIEW_P99);
  is_listening = g_strcmp0 (workload->stream, "listen") == 0;
  if (lds_plan_get_load (session->plan, workload).rate_hz <= 0 && !is_listening)
    return rate;
  if (workload->stream == NULL)
    return is_known (session, workload, cpu) ? cpu : p99;
  return is_known (session, workload, p99) ? p99 : lds_view_get_metric (view, LDS_VIEW_P50);
}

GPtrArray *
lds_comparison_list_best (const LdsSession *session,
                          const LdsWorkload *workload)
{
  GPtrArray *comparisons =
      g_ptr_array_new_with_free_func ((GDestroyNotify)lds_comparison_free);
  LdsSelection best = {session, NULL, workload};
  const LdsMetric *metric;
  double best_median = NAN;
  guint n_lanes = 0;

  g_return_val_if_fail (session != NULL && workload != NULL, comparisons);

  metric = lds_comparison_main_metric (session, workload);
  for (guint i = 0; i < session->plan->lanes->len; i++)
    {
      LdsSelection lane = {session, session->plan->lanes->pdata[i], workload};
      double median = median_of (metric, &lane);

      if (!isfinite (median))
        continue;
      n_lanes++;
      if (best.lane == NULL ||
          (metric->lower_is_better ? median < best_median : median > best_median))
        {
          best = lane;
          best_median = median;
        }
    }
  for (guint i = 0; n_lanes >= 2 && i < session->plan->lanes->len; i++)
    {
      LdsSelection lane = {session, session->plan->lanes->pdata[i], workload};

      if (lane.lane != best.lane && isfinite (median_of (metric, &lane)))
        g_ptr_array_add (comparisons,
                         lds_comparison_new (&best, &lane, n_lanes * (n_lanes - 1) / 2));
    }
  return comparisons;
}

static void
add_difference (JsonBuilder *builder,
                const LdsComparison *comparison,
                const LdsMetric *metric)
{
  const LdsDifference *difference = lds_comparison_get (comparison, metric);
  LdsComparisonVerdict verdict = lds_comparison_verdict (difference, metric);

  json_builder_set_member_name (builder, metric->json_key);
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "test", difference->test == LDS_COMPARE_PAIRS ? "pairs" : "ranks");
  lds_json_add_int (builder, "n_reference", difference->n_a);
  lds_json_add_int (builder, "n", difference->n_b);
  lds_bench_json_set_number (builder, "median_reference", median_of (metric, &comparison->reference));
  lds_bench_json_set_number (builder, "median", median_of (metric, &comparison->other));
  lds_bench_json_set_number (builder, "ratio", difference->ratio);
  lds_bench_json_set_number (builder, "low", difference->low);
  lds_bench_json_set_number (builder, "high", difference->high);
  lds_bench_json_set_number (builder, "p", difference->p);
  lds_bench_json_set_number (builder, "level", difference->level);
  lds_bench_json_set_number (builder, "superiority", difference->superiority);
  lds_json_add_string (builder, "verdict", lds_comparison_verdict_to_string (verdict));
  json_builder_end_object (builder);
}

JsonNode *
lds_comparison_to_json (const LdsComparison *comparison)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);
  const LdsMetric *main_metric;

  g_return_val_if_fail (comparison != NULL, NULL);

  main_metric =
      lds_comparison_main_metric (comparison->reference.session, comparison->reference.workload);
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "workload", comparison->other.workload->id);
  lds_json_add_string (builder, "reference", comparison->reference.lane->id);
  lds_json_add_string (builder, "lane", comparison->other.lane->id);
  lds_json_add_string (builder, "main_metric", main_metric->json_key);
  lds_json_add_int (builder, "n_valid_reference", comparison->n_valid_reference);
  lds_json_add_int (builder, "n_invalid_reference", comparison->n_invalid_reference);
  lds_json_add_int (builder, "n_valid", comparison->n_valid_other);
  lds_json_add_int (builder, "n_invalid", comparison->n_invalid_other);
  lds_bench_json_set_number (builder, "alpha", comparison->alpha);
  json_builder_set_member_name (builder, "metrics");
  json_builder_begin_object (builder);
  for (guint i = 0; i < n_metrics; i++)
    if (comparison->differences[i].n_a > 0 && comparison->differences[i].n_b > 0)
      add_difference (builder, comparison, &metrics[i]);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
