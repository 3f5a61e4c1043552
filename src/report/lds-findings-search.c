/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session says of one criterion: workload, metric and lanes that tell most, or why none does. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-findings-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-run-figures.h"
#include "lds-stats-ratio.h"

/* An interval that holds 1 and reaches beyond a doubling, 25 points of a cell (DOMAIN D.4), neither
 * shows a difference nor that there is none. Ours. */
#define MAX_VAGUE_RATIO 2.0

/* How far the search for a pair of lanes came; the reason of the farthest is told. */
typedef enum
{
  STAGE_NO_WORKLOAD,
  STAGE_NO_PAIR,
  STAGE_NO_KIND,
  STAGE_NO_FIGURES,
} Stage;

typedef struct
{
  const LdsSession *session;
  const LdsYardstick *yardstick;
  GPtrArray *knees; /* (element-type LdsKneeSummary): of a session that searched them */
  GArray *comparisons;
  LdsFinding *finding;
  Stage stage;
} Search;

/* Keeps the first reason of the farthest stage. Takes @text. */
static void
give_up (Search *search,
         Stage stage,
         char *text)
{
  if (search->finding->reason != NULL && stage <= search->stage)
    {
      g_free (text);
      return;
    }
  g_free (search->finding->reason);
  search->finding->reason = text;
  search->stage = stage;
}

/* Which runs of a session that searched knees give a metric: how fast a lane answers shows at half of its own
 * knee, what it costs at one rate for all. */
static LdsPurpose
get_purpose (const LdsPlan *plan,
             const LdsMetric *metric)
{
  if (!plan->find_knee)
    return LDS_PURPOSE_COMPARE;
  /* All that are drawn on such an axis are times of response. */
  return metric->log_axis ? LDS_PURPOSE_HALF_KNEE : LDS_PURPOSE_EQUAL_RATE;
}

/* The figures of the valid runs, of type LdsRunFigure; @n_valid counts those runs, with a figure or without. */
static GArray *
collect (const LdsSession *session,
         const LdsLane *lane,
         const LdsWorkload *workload,
         const LdsMetric *metric,
         guint *n_valid)
{
  LdsPurpose purpose = get_purpose (session->plan, metric);
  GArray *figures = g_array_new (FALSE, FALSE, sizeof (LdsRunFigure));

  *n_valid = 0;
  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];
      LdsRunFigure figure = {run->spec.repeat, NAN};

      if (!run->valid || run->spec.lane != lane || run->spec.workload != workload ||
          run->spec.purpose != purpose)
        continue;
      (*n_valid)++;
      if (metric->of_run != NULL)
        figure.value = metric->of_run (run);
      if (isfinite (figure.value) && figure.value > 0)
        g_array_append_val (figures, figure);
    }
  return figures;
}

/* The figures of one side; %NULL with a reason when there are too few. */
static GArray *
collect_enough (Search *search,
                const LdsLane *lane,
                const LdsWorkload *workload,
                const LdsMetric *metric)
{
  guint n_valid;
  g_autoptr (GArray) figures = collect (search->session, lane, workload, metric, &n_valid);
  g_autofree char *label = lds_lane_dup_label (lane);

  if (figures->len >= LDS_SESSION_MIN_RUNS)
    return g_steal_pointer (&figures);
  if (n_valid < LDS_SESSION_MIN_RUNS)
    give_up (search, STAGE_NO_FIGURES,
             /* Translators: a lane, a number of runs, a workload, a number of runs */
             g_strdup_printf (_ ("%s has %u valid runs of “%s”, and %d are needed."), label, n_valid,
                              workload->title, LDS_SESSION_MIN_RUNS));
  else
    give_up (search, STAGE_NO_FIGURES,
             /* Translators: a lane, a number of runs, a metric, a workload, a number of runs */
             g_strdup_printf (_ ("%s has only %u runs of “%s” with a figure of %s, and %d are needed."),
                              label, figures->len, workload->title, _ (metric->title),
                              LDS_SESSION_MIN_RUNS));
  return NULL;
}

static char *
describe_side (const LdsLane *lane,
               const LdsEstimate *figure,
               LdsUnit unit)
{
  g_autofree char *label = lds_lane_dup_label (lane);
  g_autofree char *median = lds_format_value (figure->median, unit);
  g_autofree char *range = lds_format_range (figure->low, figure->high, figure->median, unit);

  /* Translators: a lane, a figure, its interval, a number of runs: “Event loop (model) 249/s (248–250/s, 5 runs)” */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s %s (%s, %u run)", "%s %s (%s, %u runs)", figure->n),
                          label, median, range, figure->n);
}

static char *
describe_knees (const LdsFinding *finding)
{
  g_autofree char *node = describe_side (finding->node, &finding->node_figure, LDS_UNIT_RATE_HZ);
  g_autofree char *python =
      describe_side (finding->python, &finding->python_figure, LDS_UNIT_RATE_HZ);

  /* Translators: a workload, two lanes with their knees */
  return g_strdup_printf (_ ("Knee on “%s”, the highest rate that keeps the limit of response time: %s, %s."),
                          finding->workload->title, node, python);
}

static gboolean
is_too_vague (const LdsRatio *ratio)
{
  return ratio->low <= 1 && ratio->high >= 1 &&
         (ratio->low < 1 / MAX_VAGUE_RATIO || ratio->high > MAX_VAGUE_RATIO);
}

static void
use (Search *search,
     const LdsLane *node,
     const LdsLane *python,
     const LdsWorkload *workload,
     const LdsMetric *metric,
     LdsRatio ratio)
{
  LdsFinding *finding = search->finding;

  finding->node = node;
  finding->python = python;
  finding->workload = workload;
  finding->metric = metric;
  finding->ratio = ratio.ratio;
  finding->low = ratio.low;
  finding->high = ratio.high;
  finding->detectable = ratio.low > 1 || ratio.high < 1;
  finding->used = TRUE;
  g_clear_pointer (&finding->reason, g_free);
}

static const LdsKneeSummary *
find_knee (const Search *search,
           const LdsLane *lane,
           const LdsWorkload *workload)
{
  for (guint i = 0; i < search->knees->len; i++)
    {
      const LdsKneeSummary *summary = search->knees->pdata[i];

      if (summary->lane == lane && summary->workload == workload)
        return summary;
    }
  g_assert_not_reached (); /* there is one for each lane and workload of the plan */
}

static char *
describe_basis (const Search *search,
                const LdsFinding *finding)
{
  LdsPlanLoad load = lds_plan_get_load (search->session->plan, finding->workload);
  g_autofree char *node =
      describe_side (finding->node, &finding->node_figure, finding->metric->unit);
  g_autofree char *python =
      describe_side (finding->python, &finding->python_figure, finding->metric->unit);
  g_autofree char *rate = NULL;

  if (get_purpose (search->session->plan, finding->metric) == LDS_PURPOSE_HALF_KNEE)
    /* Translators: a metric, a workload, two lanes with figures */
    return g_strdup_printf (_ ("%s on “%s”, each lane at half of its own knee: %s, %s."), _ (finding->metric->title),
                            finding->workload->title, node, python);
  if (search->session->plan->find_knee)
    load.rate_hz = find_knee (search, finding->node, finding->workload)->equal_rate_hz;
  if (load.rate_hz <= 0)
    /* Translators: a metric, a workload, connections, two lanes with figures */
    return g_strdup_printf (_ ("%s on “%s”, %u connections, closed loop: %s, %s."), _ (finding->metric->title),
                            finding->workload->title, load.connections, node, python);
  rate = lds_format_value (load.rate_hz, LDS_UNIT_RATE_HZ);
  /* Translators: a metric, a workload, connections, a rate, two lanes with figures */
  return g_strdup_printf (_ ("%s on “%s”, %u connections, %s offered: %s, %s."), _ (finding->metric->title),
                          finding->workload->title, load.connections, rate, node, python);
}

static LdsEstimate
estimate_knee (const LdsKnee *knee)
{
  return (LdsEstimate){knee->n_runs, knee->estimate_hz, knee->from_hz, knee->to_hz};
}

/* How much each can do, by the intervals of their knees: from the lowest of one by the highest of the other to
 * the reverse, which is wider than 95 %. */
static gboolean
compare_knees (Search *search,
               const LdsLane *node,
               const LdsLane *python,
               const LdsWorkload *workload,
               const LdsMetric *metric)
{
  const LdsKneeSummary *a = find_knee (search, node, workload);
  const LdsKneeSummary *b = find_knee (search, python, workload);
  const LdsKneeSummary *lacking = a->knee.state != LDS_KNEE_FOUND ? a : b;

  if (lacking->knee.state != LDS_KNEE_FOUND)
    {
      g_autofree char *label = lds_lane_dup_label (lacking->lane);

      give_up (search, STAGE_NO_FIGURES,
               /* Translators: a lane, a workload */
               g_strdup_printf (_ ("The knee of %s on “%s” was not found, so how much it can do is not known."),
                                label, workload->title));
      return FALSE;
    }
  use (search, node, python, workload, metric,
       (LdsRatio){.ratio = a->knee.estimate_hz / b->knee.estimate_hz,
                  .low = a->knee.from_hz / b->knee.to_hz,
                  .high = a->knee.to_hz / b->knee.from_hz});
  search->finding->node_figure = estimate_knee (&a->knee);
  search->finding->python_figure = estimate_knee (&b->knee);
  search->finding->basis = describe_knees (search->finding);
  return TRUE;
}

/* In a closed loop of too few connections. */
static gboolean
is_limited_by_connections (const LdsSession *session,
                           const LdsLane *lane,
                           const LdsWorkload *workload)
{
  guint n_valid = 0, n_limited = 0;

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      if (!run->valid || run->spec.lane != lane || run->spec.workload != workload ||
          run->spec.purpose != LDS_PURPOSE_COMPARE)
        continue;
      n_valid++;
      n_limited += lds_run_lacks_connections (run);
    }
  return n_valid > 0 && n_limited == n_valid;
}

/* Whether a closed loop shows how much each can do. */
static gboolean
check_throughput (Search *search,
                  const LdsLane *node,
                  const LdsLane *python,
                  const LdsWorkload *workload)
{
  if (!is_limited_by_connections (search->session, node, workload) ||
      !is_limited_by_connections (search->session, python, workload))
    return TRUE;
  give_up (search, STAGE_NO_FIGURES,
           /* Translators: a workload, a number */
           g_strdup_printf (_ ("On “%s” neither lane was the limit, for all %u connections were waiting: it shows that both hold so many, not how many they can. Use more connections, or find the knee."),
                            workload->title,
                            lds_plan_get_load (search->session->plan, workload).connections));
  return FALSE;
}

/* How many times @a is @b: by pairs of the same repeat, which ran beside each other, where there are enough of
 * them, so that a machine whose speed changes from minute to minute changes both sides alike; else by the medians. */
static LdsRatio
get_ratio (GArray *a,
           GArray *b)
{
  g_autoptr (GArray) values_a = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) values_b = g_array_new (FALSE, FALSE, sizeof (double));

  lds_run_figures_list_pairs (a, b, values_a, values_b);
  if (values_a->len >= LDS_SESSION_MIN_RUNS)
    return lds_stats_ratio_pairs ((const double *)(gpointer)values_a->data,
                                  (const double *)(gpointer)values_b->data, values_a->len);
  g_array_unref (values_a);
  g_array_unref (values_b);
  values_a = lds_run_figures_list_values (a);
  values_b = lds_run_figures_list_values (b);
  return lds_stats_ratio ((const double *)(gpointer)values_a->data, values_a->len,
                          (const double *)(gpointer)values_b->data, values_b->len);
}

static LdsEstimate
estimate (GArray *figures)
{
  g_autoptr (GArray) values = lds_run_figures_list_values (figures);

  return lds_stats_estimate ((const double *)(gpointer)values->data, values->len);
}

static gboolean
compare_lanes (Search *search,
               const LdsLane *node,
               const LdsLane *python,
               const LdsWorkload *workload,
               const LdsMetric *metric)
{
  LdsFinding *finding = search->finding;
  g_autoptr (GArray) a = collect_enough (search, node, workload, metric);
  g_autoptr (GArray) b = a != NULL ? collect_enough (search, python, workload, metric) : NULL;
  LdsRatio ratio;

  if (b == NULL)
    return FALSE;
  ratio = metric->lower_is_better ? get_ratio (b, a) : get_ratio (a, b);
  if (is_too_vague (&ratio))
    {
      give_up (search, STAGE_NO_FIGURES,
               /* Translators: a workload, two ratios */
               g_strdup_printf (_ ("The runs of “%s” differ too much among themselves: the ratio lies anywhere from %.2f to %.2f. Measure longer, or on a quieter machine."),
                                workload->title, ratio.low, ratio.high));
      return FALSE;
    }
  use (search, node, python, workload, metric, ratio);
  finding->node_figure = estimate (a);
  finding->python_figure = estimate (b);
  finding->basis = describe_basis (search, finding);
  return TRUE;
}

/* The plan's first lane of that model and provenance. */
static const LdsLane *
find_lane (const LdsPlan *plan,
           const char *model,
           LdsProvenance provenance)
{
  for (guint i = 0; i < plan->lanes->len; i++)
    {
      const LdsLane *lane = plan->lanes->pdata[i];

      if (lane->provenance == provenance && g_strcmp0 (lane->model_id, model) == 0)
        return lane;
    }
  return NULL;
}

/* A lane's name by its model; the model's id when there is no such lane. */
static const char *
title_of_model (const char *model)
{
  const LdsLane *lane = lds_lane_find (model, NULL);

  return lane != NULL ? _ (lane->title) : model;
}

static gboolean
try_workload (Search *search,
              const LdsWorkload *workload,
              const char *metric_id,
              LdsProvenance provenance)
{
  const LdsMetric *metric = lds_metric_find (metric_id);
  const LdsPlan *plan = search->session->plan;
  gboolean is_throughput = metric != NULL && strcmp (metric->id, "throughput") == 0;

  if (metric == NULL)
    {
      give_up (search, STAGE_NO_FIGURES,
               /* Translators: a figure's name in the rules: “fan-out” */
               g_strdup_printf (_ ("Its figure “%s” cannot be taken yet."), metric_id));
      return FALSE;
    }
  /* Offered the same rate, all lanes give the same: how much they could do does not show. */
  if (is_throughput && !plan->find_knee && lds_plan_get_load (plan, workload).rate_hz > 0)
    {
      give_up (search, STAGE_NO_PAIR,
               /* Translators: a workload */
               g_strdup_printf (_ ("“%s” was offered at the same rate to every lane, which says nothing about how much each can do; measure it in a closed loop, or find the knee."),
                                workload->title));
      return FALSE;
    }
  for (guint i = 0; i < search->comparisons->len; i++)
    {
      const LdsComparison *comparison = &g_array_index (search->comparisons, LdsComparison, i);
      const LdsLane *node = find_lane (plan, comparison->node, provenance);
      const LdsLane *python = find_lane (plan, comparison->python, provenance);

      if (node == NULL || python == NULL)
        continue;
      if (is_throughput && plan->find_knee
              ? compare_knees (search, node, python, workload, metric)
              : (!is_throughput || check_throughput (search, node, python, workload)) &&
                    compare_lanes (search, node, python, workload, metric))
        return TRUE;
    }
  if (search->comparisons->len > 0)
    {
      const LdsComparison *first = &g_array_index (search->comparisons, LdsComparison, 0);

      give_up (search, STAGE_NO_PAIR,
               /* Translators: two lanes */
               g_strdup_printf (_ ("No two lanes that stand for the runtimes in these answers were measured; best would be “%s” and “%s”."),
                                title_of_model (first->node), title_of_model (first->python)));
    }
  else
    give_up (search, STAGE_NO_PAIR, g_strdup (_ ("With these answers no two lanes stand for the runtimes.")));
  return FALSE;
}

static gboolean
try_metric (Search *search,
            const char *metric,
            LdsProvenance provenance)
{
  const LdsPlan *plan = search->session->plan;
  g_auto (GStrv) codes = g_strsplit (search->yardstick->workloads, ", ", -1);

  for (guint c = 0; codes[c] != NULL; c++)
    for (guint w = 0; w < plan->workloads->len; w++)
      {
        const LdsWorkload *workload = plan->workloads->pdata[w];

        if (strcmp (workload->code, codes[c]) == 0 &&
            try_workload (search, workload, metric, provenance))
          return TRUE;
      }
  for (guint w = 0; w < plan->workloads->len && search->yardstick->any; w++)
    if (try_workload (search, plan->workloads->pdata[w], metric, provenance))
      return TRUE;
  return FALSE;
}

static gboolean
try_provenance (Search *search,
                LdsProvenance provenance)
{
  const LdsYardstick *yardstick = search->yardstick;
  LdsFinding *finding = search->finding;
  g_autofree char *reason = NULL;
  Stage stage;

  if (try_metric (search, yardstick->metric, provenance))
    return TRUE;
  if (yardstick->instead == NULL)
    return FALSE;
  /* Where neither can tell, it is told what kept the better one from it. */
  reason = g_steal_pointer (&finding->reason);
  stage = search->stage;
  if (try_metric (search, yardstick->instead, provenance))
    return TRUE;
  if (reason == NULL)
    return FALSE;
  g_free (finding->reason);
  finding->reason = g_steal_pointer (&reason);
  search->stage = stage;
  return FALSE;
}

static void
find (Search *search)
{
  static const LdsProvenance order[] = {LDS_PROVENANCE_REAL, LDS_PROVENANCE_TWIN,
                                        LDS_PROVENANCE_MODEL};
  const LdsYardstick *yardstick = search->yardstick;

  if (lds_plan_is_adaptive (search->session->plan) && !search->session->plan->find_knee)
    {
      give_up (search, STAGE_NO_FIGURES,
               g_strdup (_ ("Only series were measured, which say how a lane scales; find its knee, or compare lanes under one load.")));
      return;
    }
  /* The best that may count is tried first, so its reason is told first. */
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      gboolean allowed = order[i] == LDS_PROVENANCE_REAL ||
                         (yardstick->needs != LDS_EVIDENCE_REAL &&
                          (order[i] == LDS_PROVENANCE_TWIN || yardstick->bare));

      if (allowed && try_provenance (search, order[i]))
        return;
    }
  if (search->stage == STAGE_NO_FIGURES)
    return;
  if (yardstick->needs == LDS_EVIDENCE_REAL)
    give_up (search, STAGE_NO_KIND,
             g_strdup (_ ("Only real runtimes can measure it: a model of concurrency says nothing about it.")));
  else if (!yardstick->bare)
    give_up (search, STAGE_NO_KIND,
             g_strdup (_ ("Only twins and real runtimes can measure it: a bare model has none of a runtime’s costs.")));
  else
    give_up (search, STAGE_NO_WORKLOAD,
             /* Translators: codes of workloads: “W-002-7, W-000-2” */
             g_strdup_printf (_ ("Nothing that measures it was measured: %s."), yardstick->workloads));
}

void
lds_findings_search (LdsFinding *finding,
                     const LdsYardstick *yardstick,
                     GArray *comparisons,
                     const LdsSession *session,
                     GPtrArray *knees)
{
  Search search = {session, yardstick, knees, comparisons, finding, STAGE_NO_WORKLOAD};

  finding->criterion = yardstick->criterion;
  finding->title = yardstick->title;
  find (&search);
}
