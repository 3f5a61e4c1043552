/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session, its summary, its JSON. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-session.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lds-bench-json.h"
#include "lds-capacity.h"
#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-self-test.h"
#include "lds-search.h"
#include "lds-view.h"

LdsSession *
lds_session_new (const LdsPlan *plan)
{
  LdsSession *session;

  g_return_val_if_fail (plan != NULL, NULL);

  session = g_new0 (LdsSession, 1);
  session->plan = lds_plan_copy (plan);
  session->environment = json_object_new ();
  session->runs = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_run_free);
  session->warnings = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_invalid_reason_free);
  session->self_tests = g_array_new (FALSE, FALSE, sizeof (LdsSelfTest));
  return session;
}

void
lds_session_free (LdsSession *session)
{
  if (session == NULL)
    return;
  lds_plan_free (session->plan);
  json_object_unref (session->environment);
  g_ptr_array_unref (session->runs);
  g_ptr_array_unref (session->warnings);
  g_array_unref (session->self_tests);
  g_free (session);
}

void
lds_summary_free (LdsSummary *summary)
{
  if (summary == NULL)
    return;
  g_free (summary->estimates);
  lds_histogram_free (summary->response);
  lds_histogram_free (summary->delivery);
  g_ptr_array_unref (summary->reasons);
  g_ptr_array_unref (summary->notes);
  g_free (summary);
}

/* Adds the texts of @reasons to @texts, one of each code: figures in them differ from run to run. */
static void
add_texts_of (GPtrArray *reasons,
              GHashTable *seen,
              GPtrArray *texts)
{
  for (guint i = 0; i < reasons->len; i++)
    {
      const LdsInvalidReason *reason = reasons->pdata[i];

      if (g_hash_table_add (seen, reason->code))
        g_ptr_array_add (texts, g_strdup (reason->text));
    }
}

static LdsEstimate
estimate (const LdsMetric *metric,
          GPtrArray *runs)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; metric->of_run != NULL && i < runs->len; i++)
    {
      double value = metric->of_run (runs->pdata[i]);

      if (isfinite (value))
        g_array_append_val (values, value);
    }
  if (values->len == 0)
    return (LdsEstimate){0, NAN, NAN, NAN};
  return lds_stats_estimate ((const double *)(gconstpointer)values->data, values->len);
}

/* However few answers a run has; 99 of 100 that are fast enough need no hundred. */
static double
estimate_slo_p99 (GPtrArray *runs)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < runs->len; i++)
    {
      double value = lds_metric_slo_p99_ns (runs->pdata[i]);

      if (isfinite (value))
        g_array_append_val (values, value);
    }
  return lds_stats_median ((double *)(gpointer)values->data, values->len);
}

/* Says on how few answers a p99 rests, or that there is none. */
static void
note_rough_p99 (LdsSummary *summary,
                GPtrArray *runs)
{
  const LdsView *view = lds_view_of (summary->workload);
  gboolean is_stream = summary->workload->stream != NULL;
  guint64 fewest = G_MAXUINT64;

  for (guint i = 0; i < runs->len; i++)
    if (view->of_run (runs->pdata[i]) != NULL)
      fewest = MIN (fewest, view->of_run (runs->pdata[i])->total);
  if (fewest >= LDS_METRIC_FIRM_SAMPLES_P99)
    return;
  if (fewest < LDS_METRIC_MIN_SAMPLES_P99)
    g_ptr_array_add (summary->notes,
                     g_strdup_printf (is_stream
                                          /* Translators: two numbers of deliveries */
                                          ? _ ("A run of %" PRIu64 " deliveries has no p99: it takes %d.")
                                          /* Translators: two numbers of answers */
                                          : _ ("A run of %" PRIu64 " answers has no p99: it takes %d."),
                                      fewest, LDS_METRIC_MIN_SAMPLES_P99));
  else
    g_ptr_array_add (summary->notes,
                     g_strdup_printf (is_stream
                                          /* Translators: two numbers of deliveries */
                                          ? _ ("The p99 is rough: a run had only %" PRIu64 " deliveries, and it takes %d for ten beyond it.")
                                          /* Translators: two numbers of answers */
                                          : _ ("The p99 is rough: a run had only %" PRIu64 " answers, and it takes %d for ten beyond it."),
                                      fewest, LDS_METRIC_FIRM_SAMPLES_P99));
}

static void
merge (LdsHistogram **merged,
       const LdsHistogram *histogram)
{
  if (histogram == NULL)
    return;
  if (*merged == NULL)
    *merged = lds_histogram_new ();
  lds_histogram_add (*merged, histogram);
}

static LdsSummary *
summarize (const LdsSession *session,
           const LdsLane *lane,
           const LdsWorkload *workload)
{
  LdsSummary *summary = g_new0 (LdsSummary, 1);
  g_autoptr (GPtrArray) valid = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal); /* codes */
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);

  summary->lane = lane;
  summary->workload = workload;
  summary->reasons = g_ptr_array_new_with_free_func (g_free);
  summary->notes = g_ptr_array_new_with_free_func (g_free);
  summary->estimates = g_new0 (LdsEstimate, n_metrics);
  for (guint i = 0; i < session->runs->len; i++)
    {
      LdsRun *run = session->runs->pdata[i];

      if (run->spec.lane != lane || run->spec.workload != workload ||
          run->spec.purpose != LDS_PURPOSE_COMPARE)
        continue;
      add_texts_of (run->reasons, seen, summary->reasons);
      add_texts_of (run->warnings, seen, summary->notes);
      if (!run->valid)
        {
          summary->n_invalid++;
          continue;
        }
      g_ptr_array_add (valid, run);
      merge (&summary->response, run->response);
      merge (&summary->delivery, run->delivery);
    }
  summary->n_valid = valid->len;
  for (guint i = 0; i < n_metrics; i++)
    summary->estimates[i] = estimate (&metrics[i], valid);
  summary->slo_p99_ns = estimate_slo_p99 (valid);
  note_rough_p99 (summary, valid);
  if (valid->len > 0 && valid->len < LDS_SESSION_MIN_RUNS)
    {
      g_autofree char *note = NULL;

      /* Translators: the second number is at least 2 */
      note = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                           "Only %u valid run: a verdict needs at least %u.",
                                           "Only %u valid runs: a verdict needs at least %u.", valid->len),
                              valid->len, LDS_SESSION_MIN_RUNS);
      g_ptr_array_insert (summary->notes, 0, g_steal_pointer (&note));
    }
  return summary;
}

GPtrArray *
lds_session_summarize (const LdsSession *session)
{
  GPtrArray *summaries;

  g_return_val_if_fail (session != NULL, NULL);

  summaries = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_summary_free);
  for (guint w = 0; w < session->plan->workloads->len; w++)
    for (guint l = 0; l < session->plan->lanes->len; l++)
      g_ptr_array_add (summaries, summarize (session, session->plan->lanes->pdata[l],
                                             session->plan->workloads->pdata[w]));
  return summaries;
}

gboolean
lds_summary_misses_slo (const LdsSummary *summary,
                        const LdsPlan *plan)
{
  g_return_val_if_fail (summary != NULL && plan != NULL, FALSE);

  return plan->slo_p99_ms > 0 && summary->slo_p99_ns > plan->slo_p99_ms * (double)LDS_NS_PER_MS;
}

/* Whether no rate at all keeps the plan's SLO. */
static gboolean
is_below (const LdsKneeSummary *knee,
          const LdsPlan *plan)
{
  return plan->slo_p99_ms > 0 && knee->knee.state == LDS_KNEE_BELOW;
}

gboolean
lds_session_misses_slo (const LdsSession *session)
{
  g_autoptr (GPtrArray) summaries = lds_session_summarize (session);
  g_autoptr (GPtrArray) knees = lds_search_summarize (session->plan, session->runs);

  for (guint i = 0; i < knees->len; i++)
    if (is_below (knees->pdata[i], session->plan))
      return TRUE;
  for (guint i = 0; i < summaries->len; i++)
    if (lds_summary_misses_slo (summaries->pdata[i], session->plan))
      return TRUE;
  return FALSE;
}

const LdsWorkload *
lds_session_find_beyond_slo (const LdsSession *session)
{
  g_autoptr (GPtrArray) summaries = lds_session_summarize (session);
  g_autoptr (GPtrArray) knees = lds_search_summarize (session->plan, session->runs);
  double slo_ns = session->plan->slo_p99_ms * (double)LDS_NS_PER_MS;

  for (guint w = 0; w < session->plan->workloads->len; w++)
    {
      const LdsWorkload *workload = session->plan->workloads->pdata[w];
      gboolean is_measured = FALSE, is_kept = (double)workload->min_service_ns >= slo_ns;

      for (guint i = 0; i < summaries->len; i++)
        {
          const LdsSummary *summary = summaries->pdata[i];

          if (summary->workload != workload || summary->n_valid == 0)
            continue;
          is_measured = TRUE;
          is_kept |= !lds_summary_misses_slo (summary, session->plan);
        }
      for (guint i = 0; i < knees->len; i++)
        {
          const LdsKneeSummary *knee = knees->pdata[i];

          if (knee->workload != workload || knee->knee.state == LDS_KNEE_SEARCHING)
            continue;
          is_measured = TRUE;
          is_kept |= !is_below (knee, session->plan);
        }
      if (slo_ns > 0 && is_measured && !is_kept)
        return workload;
    }
  return NULL;
}

guint
lds_session_count_refused (const LdsSession *session)
{
  guint n = 0;

  g_return_val_if_fail (session != NULL, 0);

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      n += !run->valid && !lds_purpose_is_search (run->spec.purpose);
    }
  return n;
}

gboolean
lds_session_has_gaps (const LdsSession *session)
{
  g_autoptr (GPtrArray) summaries = lds_session_summarize (session);

  for (guint i = 0; i < summaries->len; i++)
    if (((const LdsSummary *)summaries->pdata[i])->n_valid == 0)
      return TRUE;
  return FALSE;
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

static void
add_summary (JsonBuilder *builder,
             const LdsSummary *summary)
{
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "lane", summary->lane->id);
  lds_json_add_string (builder, "workload", summary->workload->id);
  lds_json_add_int (builder, "n_valid", summary->n_valid);
  lds_json_add_int (builder, "n_invalid", summary->n_invalid);
  json_builder_set_member_name (builder, "metrics");
  json_builder_begin_object (builder);
  for (guint i = 0; i < n_metrics; i++)
    {
      const LdsEstimate *figures = &summary->estimates[i];

      if (figures->n > 0)
        lds_bench_json_set_estimate (builder, metrics[i].json_key, figures);
    }
  json_builder_end_object (builder);
  lds_bench_json_set_histogram (builder, "response", summary->response);
  lds_bench_json_set_histogram (builder, "delivery", summary->delivery);
  add_texts (builder, "invalid_reasons", summary->reasons);
  add_texts (builder, "notes", summary->notes);
  json_builder_end_object (builder);
}

static void
add_comparisons (JsonBuilder *builder,
                 const LdsSession *session)
{
  json_builder_set_member_name (builder, "comparisons");
  json_builder_begin_array (builder);
  for (guint w = 0; w < session->plan->workloads->len; w++)
    {
      g_autoptr (GPtrArray) comparisons =
          lds_comparison_list_best (session, session->plan->workloads->pdata[w]);

      for (guint i = 0; i < comparisons->len; i++)
        json_builder_add_value (builder, lds_comparison_to_json (comparisons->pdata[i]));
    }
  json_builder_end_array (builder);
}

JsonNode *
lds_session_to_json (const LdsSession *session)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GPtrArray) summaries = NULL;

  g_return_val_if_fail (session != NULL, NULL);

  summaries = lds_session_summarize (session);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "plan");
  json_builder_add_value (builder, lds_plan_to_json (session->plan));
  json_builder_set_member_name (builder, "environment");
  json_builder_add_value (builder,
                          json_node_init_object (json_node_alloc (), session->environment));
  lds_json_add_boolean (builder, "complete", session->complete);
  lds_bench_json_set_reasons (builder, "warnings", session->warnings);
  json_builder_set_member_name (builder, "summary");
  json_builder_begin_array (builder);
  for (guint i = 0; i < summaries->len; i++)
    add_summary (builder, summaries->pdata[i]);
  json_builder_end_array (builder);
  add_comparisons (builder, session);
  if (session->self_tests->len > 0)
    {
      json_builder_set_member_name (builder, "self_test");
      json_builder_add_value (builder, lds_self_test_list_to_json (session->self_tests));
    }
  if (session->plan->find_knee)
    {
      g_autoptr (GPtrArray) knees = lds_search_summarize (session->plan, session->runs);

      json_builder_set_member_name (builder, "knees");
      json_builder_add_value (builder, lds_search_to_json (knees));
    }
  if (session->plan->scale_connections->len + session->plan->scale_workers->len > 0)
    {
      g_autoptr (GPtrArray) scalings = lds_capacity_list_scaling (session->plan, session->runs);

      json_builder_set_member_name (builder, "scaling");
      json_builder_add_value (builder, lds_capacity_scaling_to_json (scalings));
    }
  if (session->plan->demand_rate_hz > 0)
    {
      g_autoptr (GPtrArray) capacities = lds_capacity_list (session->plan, session->runs);

      json_builder_set_member_name (builder, "capacity");
      json_builder_add_value (builder, lds_capacity_to_json (session->plan, capacities));
    }
  json_builder_set_member_name (builder, "runs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < session->runs->len; i++)
    json_builder_add_value (builder, lds_run_to_json (session->runs->pdata[i]));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static gboolean
read_runs (JsonObject *object,
           GPtrArray *runs,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonArray *array = lds_json_get_array (object, "runs", &local);

  for (guint i = 0; local == NULL && array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      LdsRun *run = NULL;

      if (JSON_NODE_HOLDS_OBJECT (node))
        run = lds_run_from_json (json_node_get_object (node), &local);
      else
        g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” must be an object."), "runs");
      if (run != NULL)
        g_ptr_array_add (runs, run);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

LdsSession *
lds_session_from_json (JsonObject *object,
                       GError **error)
{
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (LdsPlan) plan = NULL;
  g_autoptr (GError) local = NULL;
  JsonObject *member;

  g_return_val_if_fail (object != NULL, NULL);

  member = lds_json_get_object (object, "plan", &local);
  if (member == NULL)
    {
      if (local == NULL)
        g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” is missing."), "plan");
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  plan = lds_plan_from_json (member, error);
  if (plan == NULL)
    return NULL;
  session = lds_session_new (plan);
  member = lds_json_get_object (object, "environment", &local);
  if (member != NULL)
    {
      json_object_unref (session->environment);
      session->environment = json_object_ref (member);
    }
  session->complete = lds_json_get_boolean (object, "complete", FALSE, &local);
  lds_bench_json_get_reasons (object, "warnings", session->warnings, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (!read_runs (object, session->runs, error) ||
      !lds_self_test_list_from_json (object, session->self_tests, error))
    return NULL;
  return g_steal_pointer (&session);
}
