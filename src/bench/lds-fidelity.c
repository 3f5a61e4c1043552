/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How true a twin is. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-fidelity.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-bench-json.h"
#include "lds-error.h"
#include "lds-file.h"
#include "lds-metric.h"
#include "lds-runtime.h"
#include "lds-stats.h"
#include "lds-twin.h"
#include "lds-view.h"

#define SCHEMA_VERSION 1

/* What calibration must not use: other loads, shares of computing, sizes and waits than its own. Not one that
 * reaches the load generator's limit before the server's: of that a closed loop says nothing. */
static const struct
{
  const char *workload;
  guint connections;
  gboolean is_quick;
} cases[] = {
    {"hello", 256, FALSE},
    {"users", 64, TRUE},
    {"mix?cpu=10&total_ms=10", 64, TRUE},
    {"mix?cpu=50&total_ms=10", 32, FALSE},
    {"report?rows=2000", 32, FALSE},
    {"tasks?chunk=1000", 32, FALSE},
    {"slow?ms=20", 256, FALSE},
    {"chat?bytes=1024", 100, FALSE},
    {"ws-echo", 256, FALSE},
};

/* Where each figure comes from; a new one is a row. */
static const struct
{
  const char *title;
  const char *json_key;
  gboolean is_closed; /* of the closed loop */
  const char *metric; /* (nullable): id; NULL: what the view of the workload shows in */
  guint column;
} figures[LDS_FIDELITY_N_FIGURES] = {
    [LDS_FIDELITY_THROUGHPUT] = {N_ ("Throughput"), "throughput", TRUE, NULL, LDS_VIEW_RATE},
    [LDS_FIDELITY_P50] = {N_ ("p50"), "p50", FALSE, NULL, LDS_VIEW_P50},
    [LDS_FIDELITY_P99] = {N_ ("p99"), "p99", FALSE, NULL, LDS_VIEW_P99},
    [LDS_FIDELITY_RSS] = {N_ ("RSS"), "rss", FALSE, "rss", 0},
    [LDS_FIDELITY_START_UP] = {N_ ("Start-up"), "start_up", FALSE, "start_up", 0},
};

const char *
lds_fidelity_get_title (LdsFidelityFigure figure)
{
  g_return_val_if_fail (figure < LDS_FIDELITY_N_FIGURES, NULL);

  return figures[figure].title;
}

/* --- What is run ----------------------------------------------------------------------------- */

static const LdsLane *
find_twin (const LdsLane *real)
{
  g_autofree char *id = g_strdup_printf ("twin:%s", real->runtime->id);
  const LdsLane *twin;

  if (lds_twin_find (real->runtime->id, NULL) == NULL)
    return NULL;
  twin = lds_lane_find (id, NULL);
  return twin != NULL && lds_lane_check (twin, NULL) ? twin : NULL;
}

GPtrArray *
lds_fidelity_list_pairs (GPtrArray **twins)
{
  GPtrArray *reals = g_ptr_array_new ();
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  g_return_val_if_fail (twins != NULL, reals);

  *twins = g_ptr_array_new ();
  for (guint i = 0; i < n_lanes; i++)
    {
      const LdsLane *twin = lanes[i].runtime != NULL ? find_twin (&lanes[i]) : NULL;

      if (twin == NULL || !lds_lane_check (&lanes[i], NULL))
        continue;
      g_ptr_array_add (reals, (gpointer)&lanes[i]);
      g_ptr_array_add (*twins, (gpointer)twin);
    }
  return reals;
}

static gboolean
serve_both (const LdsLane *real,
            const LdsLane *twin,
            const LdsWorkload *workload)
{
  return lds_runtime_serves (real->runtime, workload) &&
         (workload->stream == NULL || !twin->holds_no_streams);
}

LdsPlan *
lds_fidelity_new_plan (const LdsLane *real,
                       const LdsLane *twin,
                       gboolean is_quick)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();

  g_return_val_if_fail (real != NULL && real->runtime != NULL && twin != NULL, NULL);

  g_ptr_array_add (plan->lanes, (gpointer)real);
  g_ptr_array_add (plan->lanes, (gpointer)twin);
  /* A just-in-time compiler needs its warm-up whatever the time. */
  plan->duration_ms = is_quick ? 700 : 2000;
  plan->warm_up_ms = is_quick ? 500 : 1000;
  plan->repeats = is_quick ? 3 : LDS_SESSION_MIN_RUNS;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const LdsWorkload *workload = lds_workload_find (cases[i].workload, NULL);

      if ((is_quick && !cases[i].is_quick) || !serve_both (real, twin, workload))
        continue;
      g_ptr_array_add (plan->workloads, (gpointer)workload);
      lds_plan_set_load (plan, workload, cases[i].connections, 0);
    }
  return plan->workloads->len > 0 ? g_steal_pointer (&plan) : NULL;
}

/* The median of what was answered in the valid runs; NaN when there are none. */
static double
get_rate (const LdsSession *session,
          const LdsLane *lane,
          const LdsWorkload *workload)
{
  g_autoptr (GArray) rates = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      if (run->valid && run->spec.lane == lane && run->spec.workload == workload)
        g_array_append_val (rates, run->achieved_rate_hz);
    }
  return lds_stats_median ((double *)(gpointer)rates->data, rates->len);
}

LdsPlan *
lds_fidelity_new_half_plan (const LdsSession *closed)
{
  g_autoptr (LdsPlan) plan = NULL;

  g_return_val_if_fail (closed != NULL && closed->plan->lanes->len == 2, NULL);

  plan = lds_plan_copy (closed->plan);
  for (guint i = plan->workloads->len; i > 0; i--)
    {
      const LdsWorkload *workload = plan->workloads->pdata[i - 1];
      double lower_hz = INFINITY;

      for (guint l = 0; l < 2; l++)
        {
          double rate_hz = get_rate (closed, plan->lanes->pdata[l], workload);

          lower_hz = isnan (rate_hz) ? rate_hz : fmin (lower_hz, rate_hz);
          if (isnan (lower_hz))
            break;
        }
      if (isfinite (lower_hz) && lower_hz > 0)
        lds_plan_set_load (plan, workload, lds_plan_get_load (plan, workload).connections,
                           ceil (lower_hz / 2));
      else
        g_ptr_array_remove_index (plan->workloads, i - 1);
    }
  return plan->workloads->len > 0 ? g_steal_pointer (&plan) : NULL;
}

/* --- What it says ---------------------------------------------------------------------------- */

static const LdsMetric *
get_metric (LdsFidelityFigure figure,
            const LdsWorkload *workload)
{
  return figures[figure].metric != NULL
             ? lds_metric_find (figures[figure].metric)
             : lds_view_get_metric (lds_view_of (workload), figures[figure].column);
}

/* The figure of the run of @lane that was the @repeat; NaN when it is not valid or has none. */
static double
get_value (const LdsSession *session,
           const LdsLane *lane,
           const LdsWorkload *workload,
           guint repeat,
           const LdsMetric *metric)
{
  for (guint i = session->runs->len; i > 0; i--)
    {
      const LdsRun *run = session->runs->pdata[i - 1];

      if (run->valid && run->spec.lane == lane && run->spec.workload == workload &&
          run->spec.repeat == repeat)
        return metric->of_run (run);
    }
  return NAN;
}

static LdsFidelityValue
compare (const LdsSession *session,
         const LdsWorkload *workload,
         const LdsMetric *metric)
{
  LdsFidelityValue value = {0, NAN, NAN, {NAN, NAN, NAN}};
  g_autoptr (GArray) reals = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) twins = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < session->plan->repeats; i++)
    {
      double real = get_value (session, session->plan->lanes->pdata[0], workload, i, metric);
      double twin = get_value (session, session->plan->lanes->pdata[1], workload, i, metric);

      if (!isfinite (real) || !isfinite (twin) || real <= 0 || twin <= 0)
        continue;
      g_array_append_val (reals, real);
      g_array_append_val (twins, twin);
    }
  value.n = reals->len;
  if (value.n == 0)
    return value;
  value.ratio = lds_stats_ratio_pairs ((const double *)(gpointer)twins->data,
                                       (const double *)(gpointer)reals->data, value.n);
  value.real = lds_stats_median ((double *)(gpointer)reals->data, value.n);
  value.twin = lds_stats_median ((double *)(gpointer)twins->data, value.n);
  return value;
}

static guint
count_invalid (const LdsSession *session,
               const LdsWorkload *workload)
{
  guint n = 0;

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      n += !run->valid && run->spec.workload == workload;
    }
  return n;
}

void
lds_fidelity_add_rows (GArray *rows,
                       const LdsSession *closed,
                       const LdsSession *half)
{
  g_return_if_fail (rows != NULL && closed != NULL && closed->plan->lanes->len == 2);

  for (guint w = 0; w < closed->plan->workloads->len; w++)
    {
      const LdsWorkload *workload = closed->plan->workloads->pdata[w];
      gboolean has_half = half != NULL && g_ptr_array_find (half->plan->workloads, workload, NULL);
      LdsFidelityRow row = {.real = closed->plan->lanes->pdata[0],
                            .twin = closed->plan->lanes->pdata[1],
                            .workload = workload};

      row.connections = lds_plan_get_load (closed->plan, workload).connections;
      row.n_invalid = count_invalid (closed, workload);
      if (has_half)
        {
          row.rate_hz = lds_plan_get_load (half->plan, workload).rate_hz;
          row.n_invalid += count_invalid (half, workload);
        }
      for (int f = 0; f < LDS_FIDELITY_N_FIGURES; f++)
        if (figures[f].is_closed || has_half)
          row.values[f] = compare (figures[f].is_closed ? closed : half, workload,
                                   get_metric ((LdsFidelityFigure)f, workload));
        else
          row.values[f] = (LdsFidelityValue){0, NAN, NAN, {NAN, NAN, NAN}};
      g_array_append_val (rows, row);
    }
}

/* Whether twins of two lanes stand to each other as these do, on one case. */
static void
count_order (LdsFidelitySummary *summary,
             const LdsFidelityRow *a,
             const LdsFidelityRow *b)
{
  const LdsFidelityValue *one = &a->values[LDS_FIDELITY_THROUGHPUT],
                         *other = &b->values[LDS_FIDELITY_THROUGHPUT];
  double real = one->real / other->real, twin = one->twin / other->twin;

  if (a->workload != b->workload || a->connections != b->connections || one->n == 0 ||
      other->n == 0 || (real <= LDS_FIDELITY_MIN_ORDER && real >= 1 / LDS_FIDELITY_MIN_ORDER))
    return;
  summary->n_ordered++;
  summary->n_ordered_right += (real > 1) == (twin > 1);
}

LdsFidelitySummary
lds_fidelity_summarize (GArray *rows)
{
  LdsFidelitySummary summary = {0};

  g_return_val_if_fail (rows != NULL, summary);

  for (int f = 0; f < LDS_FIDELITY_N_FIGURES; f++)
    {
      g_autoptr (GArray) errors = g_array_new (FALSE, FALSE, sizeof (double));

      summary.worst[f] = NAN;
      for (guint i = 0; i < rows->len; i++)
        {
          const LdsFidelityValue *value = &g_array_index (rows, LdsFidelityRow, i).values[f];
          double error = fabs (value->ratio.ratio - 1);

          if (value->n == 0)
            continue;
          g_array_append_val (errors, error);
          summary.worst[f] = fmax (summary.worst[f], error);
        }
      summary.median[f] = lds_stats_median ((double *)(gpointer)errors->data, errors->len);
      if (f == LDS_FIDELITY_THROUGHPUT)
        summary.n_rows = errors->len;
    }
  for (guint i = 0; i < rows->len; i++)
    for (guint j = 0; j < i; j++)
      count_order (&summary, &g_array_index (rows, LdsFidelityRow, i),
                   &g_array_index (rows, LdsFidelityRow, j));
  return summary;
}

gboolean
lds_fidelity_keeps_marks (const LdsFidelitySummary *summary)
{
  g_return_val_if_fail (summary != NULL, FALSE);

  return summary->median[LDS_FIDELITY_THROUGHPUT] <= LDS_FIDELITY_MARK_THROUGHPUT &&
         summary->worst[LDS_FIDELITY_THROUGHPUT] <= LDS_FIDELITY_MARK_THROUGHPUT_WORST &&
         summary->median[LDS_FIDELITY_P50] <= LDS_FIDELITY_MARK_P50 &&
         summary->median[LDS_FIDELITY_P99] <= LDS_FIDELITY_MARK_P99 &&
         summary->n_ordered_right == summary->n_ordered;
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void
add_value (JsonBuilder *builder,
           const char *name,
           const LdsFidelityValue *value)
{
  json_builder_set_member_name (builder, name);
  if (value->n == 0)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  lds_json_add_int (builder, "n", value->n);
  lds_bench_json_set_number (builder, "real", value->real);
  lds_bench_json_set_number (builder, "twin", value->twin);
  lds_bench_json_set_number (builder, "ratio", value->ratio.ratio);
  lds_bench_json_set_number (builder, "low", value->ratio.low);
  lds_bench_json_set_number (builder, "high", value->ratio.high);
  json_builder_end_object (builder);
}

static void
add_row (JsonBuilder *builder,
         const LdsFidelityRow *row)
{
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "real", row->real->id);
  lds_json_add_string (builder, "twin", row->twin->id);
  lds_json_add_string (builder, "workload", row->workload->id);
  lds_json_add_int (builder, "connections", row->connections);
  json_builder_set_member_name (builder, "rate_hz");
  if (row->rate_hz > 0)
    lds_bench_json_add_number (builder, row->rate_hz);
  else
    json_builder_add_null_value (builder);
  lds_json_add_int (builder, "n_invalid", row->n_invalid);
  for (int f = 0; f < LDS_FIDELITY_N_FIGURES; f++)
    add_value (builder, figures[f].json_key, &row->values[f]);
  json_builder_end_object (builder);
}

JsonNode *
lds_fidelity_to_json (GArray *rows,
                      JsonObject *environment,
                      gboolean is_quick)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  LdsFidelitySummary summary;

  g_return_val_if_fail (rows != NULL && environment != NULL, NULL);

  summary = lds_fidelity_summarize (rows);
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "format", "loadstone-fidelity");
  lds_json_add_int (builder, "version", SCHEMA_VERSION);
  lds_json_add_boolean (builder, "quick", is_quick);
  lds_json_add_int (builder, "n_rows", summary.n_rows);
  for (int f = 0; f < LDS_FIDELITY_N_FIGURES; f++)
    {
      g_autofree char *median = g_strdup_printf ("%s_error_median", figures[f].json_key);
      g_autofree char *worst = g_strdup_printf ("%s_error_worst", figures[f].json_key);

      lds_bench_json_set_number (builder, median, summary.median[f]);
      lds_bench_json_set_number (builder, worst, summary.worst[f]);
    }
  lds_json_add_int (builder, "n_ordered", summary.n_ordered);
  lds_json_add_int (builder, "n_ordered_right", summary.n_ordered_right);
  lds_json_add_boolean (builder, "keeps_marks", lds_fidelity_keeps_marks (&summary));
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < rows->len; i++)
    add_row (builder, &g_array_index (rows, LdsFidelityRow, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "environment");
  json_builder_add_value (
      builder, json_node_init_object (json_node_alloc (), json_object_ref (environment)));
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

gboolean
lds_fidelity_save (GArray *rows,
                   JsonObject *environment,
                   GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *path = NULL, *text = NULL, *folder = NULL;

  g_return_val_if_fail (rows != NULL && rows->len > 0 && environment != NULL, FALSE);

  root = lds_fidelity_to_json (rows, environment, FALSE);
  text = lds_json_to_text (root, TRUE);
  path = lds_twin_dup_fidelity_path (g_array_index (rows, LdsFidelityRow, 0).twin->twin->id);
  folder = g_path_get_dirname (path);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED, _ ("The folder “%s” cannot be made: %s"), folder,
                   g_strerror (errno));
      return FALSE;
    }
  return lds_file_write (path, text, strlen (text), error);
}
