/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a session to evidence: lanes, figures and ratios of each criterion. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-findings.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-stats-ratio.h"
#include "lds-yardstick.h"

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
  GArray *comparisons;
  LdsFinding *finding;
  Stage stage;
} Search;

static void
finding_free (gpointer data)
{
  LdsFinding *finding = data;

  g_free (finding->reason);
  g_free (finding->basis);
  g_free (finding);
}

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

/* The figures of the valid runs; @n_valid counts those runs, with a figure or without. */
static GArray *
collect (const LdsSession *session,
         const LdsLane *lane,
         const LdsWorkload *workload,
         const LdsMetric *metric,
         guint *n_valid)
{
  GArray *values = g_array_new (FALSE, FALSE, sizeof (double));

  *n_valid = 0;
  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];
      double value;

      if (!run->valid || run->spec.lane != lane || run->spec.workload != workload ||
          run->spec.purpose != LDS_PURPOSE_COMPARE)
        continue;
      (*n_valid)++;
      value = metric->of_run != NULL ? metric->of_run (run) : NAN;
      if (isfinite (value) && value > 0)
        g_array_append_val (values, value);
    }
  return values;
}

/* The figures of one side; %NULL with a reason when there are too few. */
static GArray *
collect_enough (Search *search,
                const LdsLane *lane,
                const LdsWorkload *workload,
                const LdsMetric *metric)
{
  guint n_valid;
  g_autoptr (GArray) values = collect (search->session, lane, workload, metric, &n_valid);
  g_autofree char *label = lds_lane_dup_label (lane);

  if (values->len >= LDS_SESSION_MIN_RUNS)
    return g_steal_pointer (&values);
  if (n_valid < LDS_SESSION_MIN_RUNS)
    give_up (search, STAGE_NO_FIGURES,
             /* Translators: a lane, a number of runs, a workload, a number of runs */
             g_strdup_printf (_ ("%s has %u valid runs of “%s”, and %d are needed."), label, n_valid,
                              workload->title, LDS_SESSION_MIN_RUNS));
  else
    give_up (search, STAGE_NO_FIGURES,
             /* Translators: a lane, a number of runs, a metric, a workload, a number of runs */
             g_strdup_printf (_ ("%s has only %u runs of “%s” with a figure of %s, and %d are needed."),
                              label, values->len, workload->title, _ (metric->title),
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
describe_basis (const LdsSession *session,
                const LdsFinding *finding)
{
  LdsPlanLoad load = lds_plan_get_load (session->plan, finding->workload);
  g_autofree char *node =
      describe_side (finding->node, &finding->node_figure, finding->metric->unit);
  g_autofree char *python =
      describe_side (finding->python, &finding->python_figure, finding->metric->unit);
  g_autofree char *rate = NULL;

  if (load.rate_hz <= 0)
    /* Translators: a metric, a workload, connections, two lanes with figures */
    return g_strdup_printf (_ ("%s on “%s”, %u connections, closed loop: %s, %s."), _ (finding->metric->title),
                            finding->workload->title, load.connections, node, python);
  rate = lds_format_value (load.rate_hz, LDS_UNIT_RATE_HZ);
  /* Translators: a metric, a workload, connections, a rate, two lanes with figures */
  return g_strdup_printf (_ ("%s on “%s”, %u connections, %s offered: %s, %s."), _ (finding->metric->title),
                          finding->workload->title, load.connections, rate, node, python);
}

static gboolean
is_too_vague (const LdsRatio *ratio)
{
  return ratio->low <= 1 && ratio->high >= 1 &&
         (ratio->low < 1 / MAX_VAGUE_RATIO || ratio->high > MAX_VAGUE_RATIO);
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
  ratio = metric->lower_is_better ? lds_stats_ratio ((const double *)(gpointer)b->data, b->len,
                                                     (const double *)(gpointer)a->data, a->len)
                                  : lds_stats_ratio ((const double *)(gpointer)a->data, a->len,
                                                     (const double *)(gpointer)b->data, b->len);
  if (is_too_vague (&ratio))
    {
      give_up (search, STAGE_NO_FIGURES,
               /* Translators: a workload, two ratios */
               g_strdup_printf (_ ("The runs of “%s” differ too much among themselves: the ratio lies anywhere from %.2f to %.2f. Measure longer, or on a quieter machine."),
                                workload->title, ratio.low, ratio.high));
      return FALSE;
    }
  finding->node = node;
  finding->python = python;
  finding->workload = workload;
  finding->metric = metric;
  finding->node_figure = lds_stats_estimate ((const double *)(gpointer)a->data, a->len);
  finding->python_figure = lds_stats_estimate ((const double *)(gpointer)b->data, b->len);
  finding->ratio = ratio.ratio;
  finding->low = ratio.low;
  finding->high = ratio.high;
  finding->detectable = ratio.low > 1 || ratio.high < 1;
  finding->used = TRUE;
  g_clear_pointer (&finding->reason, g_free);
  finding->basis = describe_basis (search->session, finding);
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
              LdsProvenance provenance)
{
  const LdsMetric *metric = lds_metric_find (search->yardstick->metric);
  const LdsPlan *plan = search->session->plan;

  if (metric == NULL)
    {
      give_up (search, STAGE_NO_FIGURES,
               /* Translators: a figure's name in the rules: “fan-out” */
               g_strdup_printf (_ ("Its figure “%s” cannot be taken yet."), search->yardstick->metric));
      return FALSE;
    }
  /* Offered the same rate, all lanes give the same: how much they could do does not show. */
  if (strcmp (metric->id, "throughput") == 0 && lds_plan_get_load (plan, workload).rate_hz > 0)
    {
      give_up (search, STAGE_NO_PAIR,
               /* Translators: a workload */
               g_strdup_printf (_ ("“%s” was offered at the same rate to every lane, which says nothing about how much each can do; measure it in a closed loop."),
                                workload->title));
      return FALSE;
    }
  for (guint i = 0; i < search->comparisons->len; i++)
    {
      const LdsComparison *comparison = &g_array_index (search->comparisons, LdsComparison, i);
      const LdsLane *node = find_lane (plan, comparison->node, provenance);
      const LdsLane *python = find_lane (plan, comparison->python, provenance);

      if (node != NULL && python != NULL && compare_lanes (search, node, python, workload, metric))
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
try_provenance (Search *search,
                LdsProvenance provenance)
{
  const LdsPlan *plan = search->session->plan;
  g_auto (GStrv) codes = g_strsplit (search->yardstick->workloads, ", ", -1);

  for (guint c = 0; codes[c] != NULL; c++)
    for (guint w = 0; w < plan->workloads->len; w++)
      {
        const LdsWorkload *workload = plan->workloads->pdata[w];

        if (strcmp (workload->code, codes[c]) == 0 && try_workload (search, workload, provenance))
          return TRUE;
      }
  for (guint w = 0; w < plan->workloads->len && search->yardstick->any; w++)
    if (try_workload (search, plan->workloads->pdata[w], provenance))
      return TRUE;
  return FALSE;
}

static void
find (Search *search)
{
  static const LdsProvenance order[] = {LDS_PROVENANCE_REAL, LDS_PROVENANCE_TWIN,
                                        LDS_PROVENANCE_MODEL};
  const LdsYardstick *yardstick = search->yardstick;

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

static void
add_to_overlay (LdsOverlay *overlay,
                LdsFinding *finding)
{
  LdsMeasuredRatio measurement = {
      .criterion = (char *)finding->criterion,
      .ratio = finding->ratio,
      .low = finding->low,
      .high = finding->high,
      .evidence =
          finding->node->provenance == LDS_PROVENANCE_REAL ? LDS_EVIDENCE_REAL : LDS_EVIDENCE_MODEL,
      .workload = (char *)finding->workload->code,
      .basis = finding->basis,
  };
  g_autoptr (GError) error = NULL;

  if (lds_overlay_set (overlay, &measurement, &error))
    return;
  finding->used = FALSE;
  finding->reason = g_strdup (error->message);
}

static void
add_influences (LdsFindings *self,
                LdsAnswers *answers)
{
  const LdsAdviceOptions options = {.overlay = self->overlay};
  g_autoptr (GArray) influences = lds_influence_list (answers, &options, NULL);

  for (guint i = 0; i < influences->len; i++)
    {
      const LdsInfluence *influence = &g_array_index (influences, LdsInfluence, i);

      for (guint r = 0; r < self->rows->len; r++)
        {
          LdsFinding *finding = self->rows->pdata[r];

          if (strcmp (finding->criterion, influence->criterion) == 0)
            finding->influence = *influence;
        }
    }
}

LdsFindings *
lds_findings_new (LdsAnswers *answers,
                  const LdsSession *session)
{
  LdsFindings *self = g_new0 (LdsFindings, 1);
  g_autoptr (GArray) yardsticks = NULL, comparisons = NULL;

  g_return_val_if_fail (LDS_IS_ANSWERS (answers), NULL);

  self->rows = g_ptr_array_new_with_free_func (finding_free);
  self->overlay = lds_overlay_new (lds_answers_get_pack (answers));
  if (session == NULL)
    return self;
  yardsticks = lds_yardstick_list (lds_answers_get_pack (answers));
  comparisons = lds_comparison_list (answers);
  for (guint i = 0; i < yardsticks->len; i++)
    {
      const LdsYardstick *yardstick = &g_array_index (yardsticks, LdsYardstick, i);
      LdsFinding *finding = g_new0 (LdsFinding, 1);
      Search search = {session, yardstick, comparisons, finding, STAGE_NO_WORKLOAD};

      finding->criterion = yardstick->criterion;
      finding->title = yardstick->title;
      g_ptr_array_add (self->rows, finding);
      find (&search);
      if (finding->used)
        add_to_overlay (self->overlay, finding);
    }
  add_influences (self, answers);
  return self;
}

void
lds_findings_free (LdsFindings *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rows);
  lds_overlay_free (self->overlay);
  g_free (self);
}

guint
lds_findings_n_used (const LdsFindings *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return lds_overlay_list (self->overlay)->len;
}

LdsVerdict *
lds_findings_advise (const LdsFindings *self,
                     LdsAnswers *answers,
                     LdsEvidence evidence)
{
  const LdsAdviceOptions options = {.evidence = evidence, .overlay = self->overlay};

  return lds_advise_with (answers, &options, NULL);
}
