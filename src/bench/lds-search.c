/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an adaptive plan runs next. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-search.h"

#include <math.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-metric.h"
#include "lds-view.h"

#define LITTLE_LOAD      0.1
#define LITTLE_LOAD_RUNS 3
#define MAX_SLOWER       10.0
#define MIN_LIMIT_NS     (10.0 * LDS_NS_PER_MS)
#define FIRST_OF_PROBE   0.8
#define LOWEST_OF_PROBE  1e-3
#define MIN_REQUESTS     10 /* in a run, so that it says something */
#define MAX_RATE_HZ      1e7
#define BUSY_CORES       0.2 /* of others: what was late may be due to them */

void
lds_knee_summary_free (LdsKneeSummary *summary)
{
  g_free (summary);
}

/* --- What a run says ------------------------------------------------------------------------- */

static gboolean
is_of (const LdsRun *run,
       const LdsKneeSummary *self,
       LdsPurpose purpose)
{
  return run->spec.lane == self->lane && run->spec.workload == self->workload &&
         run->spec.purpose == purpose;
}

static gboolean
has_reason (const LdsRun *run,
            const char *code)
{
  return lds_run_find_reason (run, code) != NULL;
}

/* Returns: (nullable): the code of what kept the load generator from asking for more */
static const char *
find_client_limit (const LdsRun *run)
{
  if (has_reason (run, "client-saturated"))
    return "client-saturated";
  if (has_reason (run, "schedule-lag") && !has_reason (run, "rate-missed"))
    return "schedule-lag";
  if (lds_run_lacks_connections (run))
    return "connections";
  return NULL;
}

/* Nothing was heard of the server, or others had the machine. */
static gboolean
is_void (const LdsRun *run)
{
  if (run->response == NULL || has_reason (run, "ended-early"))
    return TRUE;
  return !run->valid && run->other_cpu_cores > BUSY_CORES &&
         (has_reason (run, "schedule-lag") || has_reason (run, "measured-short")) &&
         !has_reason (run, "rate-missed");
}

static LdsKneeVote
vote (const LdsRun *run,
      double limit_ns)
{
  if (run->valid && lds_metric_slo_p99_ns (run) <= limit_ns)
    return LDS_KNEE_GOOD;
  return find_client_limit (run) != NULL ? LDS_KNEE_CLIENT : LDS_KNEE_BAD;
}

gboolean
lds_search_read_step (const LdsRun *run,
                      double limit_ns,
                      LdsKneeVote *said,
                      double *p99_ns)
{
  g_return_val_if_fail (run != NULL && said != NULL && p99_ns != NULL, FALSE);

  if (run->spec.purpose != LDS_PURPOSE_KNEE || is_void (run))
    return FALSE;
  *said = vote (run, limit_ns);
  *p99_ns = lds_metric_slo_p99_ns (run);
  return TRUE;
}

/* --- What all of them say -------------------------------------------------------------------- */

static LdsEstimate
estimate (GPtrArray *runs,
          const LdsKneeSummary *self,
          LdsPurpose purpose,
          const char *metric)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = runs->pdata[i];
      double value;

      if (!is_of (run, self, purpose) || !run->valid)
        continue;
      value = lds_metric_find (metric)->of_run (run);
      if (isfinite (value))
        g_array_append_val (values, value);
    }
  if (values->len == 0)
    return (LdsEstimate){0, NAN, NAN, NAN};
  return lds_stats_estimate ((const double *)(gconstpointer)values->data, values->len);
}

/* What was answered in the good runs at the highest rate that is good. */
static LdsEstimate
estimate_throughput (GPtrArray *runs,
                     const LdsKneeSummary *self)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = runs->pdata[i];

      if (is_of (run, self, LDS_PURPOSE_KNEE) && vote (run, self->limit_ns) == LDS_KNEE_GOOD &&
          fabs (run->spec.rate_hz / self->knee.low_hz - 1) < 1e-3)
        g_array_append_val (values, run->achieved_rate_hz);
    }
  if (values->len == 0)
    return (LdsEstimate){0, NAN, NAN, NAN};
  return lds_stats_estimate ((const double *)(gconstpointer)values->data, values->len);
}

/* Counts the runs that say nothing, and takes the rate of the first probe that says something. */
static void
read_probe (LdsKneeSummary *self,
            GPtrArray *runs,
            guint *n_little)
{
  guint n_in_row = 0;

  *n_little = 0;
  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = runs->pdata[i];
      gboolean is_probe = is_of (run, self, LDS_PURPOSE_PROBE);
      gboolean is_first = is_probe && isnan (self->probe_rate_hz);

      if (!is_probe && !is_of (run, self, LDS_PURPOSE_KNEE))
        continue;
      if (is_first ? run->response != NULL && run->achieved_rate_hz > 0
                   : !is_void (run) && (!is_probe || run->valid))
        n_in_row = 0;
      else
        {
          self->n_void++;
          if (run->reasons->len > 0)
            self->void_text = ((const LdsInvalidReason *)run->reasons->pdata[0])->text;
          self->is_given_up |= ++n_in_row >= LDS_SEARCH_MAX_VOID;
          continue;
        }
      if (is_first)
        self->probe_rate_hz = run->achieved_rate_hz;
      else
        *n_little += is_probe;
    }
}

static void
set_limit (LdsKneeSummary *self,
           const LdsPlan *plan,
           GPtrArray *runs)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
  gboolean is_first = TRUE;

  self->is_default_limit = plan->slo_p99_ms <= 0;
  self->limit_ns = plan->slo_p99_ms * (double)LDS_NS_PER_MS;
  if (!self->is_default_limit)
    return;
  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = runs->pdata[i];
      double p99_ns = lds_metric_slo_p99_ns (run);

      if (!is_of (run, self, LDS_PURPOSE_PROBE))
        continue;
      if (!is_first && run->valid && isfinite (p99_ns))
        g_array_append_val (values, p99_ns);
      if (run->response != NULL && run->achieved_rate_hz > 0)
        is_first = FALSE;
    }
  self->limit_ns = NAN;
  if (values->len > 0)
    self->limit_ns = fmax (
        MAX_SLOWER *
            lds_stats_estimate ((const double *)(gconstpointer)values->data, values->len).median,
        MIN_LIMIT_NS);
}

/* From so many runs of the workload's searches on they count: none is forgotten any more once something was measured
 * below the knees. */
static guint
find_memory (const LdsKneeSummary *self,
             const LdsPlan *plan,
             GPtrArray *runs)
{
  guint n_steps = 0, n_remembered = LDS_SEARCH_MEMORY * plan->lanes->len;

  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = runs->pdata[i];

      if (run->spec.workload != self->workload)
        continue;
      if (run->spec.purpose == LDS_PURPOSE_HALF_KNEE || run->spec.purpose == LDS_PURPOSE_EQUAL_RATE)
        return 0;
      n_steps += run->spec.purpose == LDS_PURPOSE_KNEE;
    }
  return n_steps > n_remembered ? n_steps - n_remembered : 0;
}

static void
search (LdsKneeSummary *self,
        const LdsPlan *plan,
        GPtrArray *runs)
{
  g_autoptr (GArray) outcomes = g_array_new (FALSE, FALSE, sizeof (LdsKneeOutcome));
  double max_hz = lds_plan_get_load (plan, self->workload).rate_hz;
  LdsKneeLimits limits = {.accuracy = plan->knee_accuracy, .max_runs = plan->knee_max_runs};
  guint nth = 0, first = find_memory (self, plan, runs);

  limits.max_hz = max_hz > 0 ? max_hz : MAX_RATE_HZ;
  limits.first_hz = fmin (FIRST_OF_PROBE * self->probe_rate_hz, limits.max_hz);
  limits.min_hz = fmin (fmax (LOWEST_OF_PROBE * self->probe_rate_hz,
                              MIN_REQUESTS * 1e3 / (double)plan->duration_ms),
                        limits.first_hz);
  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = runs->pdata[i];
      LdsKneeOutcome outcome = {run->spec.rate_hz, LDS_KNEE_GOOD, FALSE};

      if (run->spec.purpose != LDS_PURPOSE_KNEE || run->spec.workload != self->workload)
        continue;
      outcome.is_old = nth++ < first;
      if (run->spec.lane != self->lane || is_void (run))
        continue;
      outcome.vote = vote (run, self->limit_ns);
      g_array_append_val (outcomes, outcome);
    }
  self->knee = lds_knee_search (&limits, (const LdsKneeOutcome *)(gconstpointer)outcomes->data,
                                outcomes->len);
}

/* What the last run above the knee says of the reason. */
static void
find_limit (LdsKneeSummary *self,
            GPtrArray *runs)
{
  if (self->knee.state != LDS_KNEE_AT_LEAST)
    return;
  self->limited_by = "rate";
  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = runs->pdata[i];
      const char *code = find_client_limit (run);

      if (is_of (run, self, LDS_PURPOSE_KNEE) && run->spec.rate_hz > self->knee.low_hz * 1.001 &&
          code != NULL && !is_void (run))
        self->limited_by = code;
    }
}

static gboolean
is_searching (const LdsKneeSummary *self)
{
  return !self->is_given_up && self->knee.state == LDS_KNEE_SEARCHING;
}

/* Returns whether there is a rate that is good, so that there is something to measure below. */
static gboolean
has_knee (const LdsKneeSummary *self)
{
  return !is_searching (self) && self->knee.low_hz > 0;
}

static const LdsKnee nothing = {.state = LDS_KNEE_SEARCHING,
                                .high_hz = INFINITY,
                                .to_hz = INFINITY,
                                .estimate_hz = NAN,
                                .next_hz = NAN};

static LdsKneeSummary *
examine (const LdsPlan *plan,
         GPtrArray *runs,
         const LdsLane *lane,
         const LdsWorkload *workload)
{
  LdsKneeSummary *self = g_new0 (LdsKneeSummary, 1);
  const LdsView *view = lds_view_of (workload);
  guint n_little;

  self->lane = lane;
  self->workload = workload;
  self->probe_rate_hz = self->half_rate_hz = self->equal_rate_hz = NAN;
  self->knee = nothing;
  read_probe (self, runs, &n_little);
  set_limit (self, plan, runs);
  if (!isnan (self->probe_rate_hz) && (!self->is_default_limit || n_little >= LITTLE_LOAD_RUNS))
    search (self, plan, runs);
  /* Where a search was given up half-way nothing is sure, and nothing is to be built on it. */
  if (self->is_given_up && self->knee.state == LDS_KNEE_SEARCHING)
    self->knee = nothing;
  find_limit (self, runs);
  self->throughput = (LdsEstimate){0, NAN, NAN, NAN};
  if (has_knee (self))
    {
      self->throughput = estimate_throughput (runs, self);
      self->half_rate_hz = lds_knee_round_hz (self->knee.estimate_hz / 2);
    }
  self->half_p50 = estimate (runs, self, LDS_PURPOSE_HALF_KNEE, view->columns[LDS_VIEW_P50]);
  self->half_p99 = estimate (runs, self, LDS_PURPOSE_HALF_KNEE, view->columns[LDS_VIEW_P99]);
  self->half_p99_9 = estimate (runs, self, LDS_PURPOSE_HALF_KNEE, view->p99_9);
  self->cpu_per_request = estimate (runs, self, LDS_PURPOSE_EQUAL_RATE, "cpu_per_request");
  self->equal_rss_bytes = estimate (runs, self, LDS_PURPOSE_EQUAL_RATE, "rss");
  return self;
}

/* Half of the lowest knee of @summaries, all of one workload, once all are known. */
static void
set_equal_rate (GPtrArray *summaries)
{
  double lowest_hz = INFINITY;

  for (guint i = 0; i < summaries->len; i++)
    {
      const LdsKneeSummary *self = summaries->pdata[i];

      if (is_searching (self))
        return;
      if (has_knee (self))
        lowest_hz = fmin (lowest_hz, self->half_rate_hz);
    }
  for (guint i = 0; isfinite (lowest_hz) && i < summaries->len; i++)
    if (has_knee (summaries->pdata[i]))
      ((LdsKneeSummary *)summaries->pdata[i])->equal_rate_hz = lowest_hz;
}

/* Returns: (transfer full) (element-type LdsKneeSummary) */
static GPtrArray *
examine_workload (const LdsPlan *plan,
                  GPtrArray *runs,
                  const LdsWorkload *workload)
{
  GPtrArray *summaries = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_knee_summary_free);

  for (guint l = 0; l < plan->lanes->len; l++)
    g_ptr_array_add (summaries, examine (plan, runs, plan->lanes->pdata[l], workload));
  set_equal_rate (summaries);
  return summaries;
}

GPtrArray *
lds_search_summarize (const LdsPlan *plan,
                      GPtrArray *runs)
{
  GPtrArray *summaries;

  g_return_val_if_fail (plan != NULL && runs != NULL, NULL);

  summaries = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_knee_summary_free);
  for (guint w = 0; plan->find_knee && w < plan->workloads->len; w++)
    g_ptr_array_extend_and_steal (summaries,
                                  examine_workload (plan, runs, plan->workloads->pdata[w]));
  return summaries;
}

/* --- What is next ---------------------------------------------------------------------------- */

static guint
count_runs (GPtrArray *runs,
            const LdsKneeSummary *self,
            LdsPurpose purpose)
{
  guint n = 0;

  for (guint i = 0; i < runs->len; i++)
    n += is_of (runs->pdata[i], self, purpose);
  return n;
}

/* Of several lanes with something to do the one with fewest runs is next; of equals the first, in every
 * second round the last, so that a drift of the machine falls on all alike. */
typedef struct
{
  LdsRunSpec spec;
  guint n_runs;
  gboolean is_set;
} Choice;

static void
offer (Choice *choice,
       const LdsRunSpec *spec,
       guint n_runs)
{
  if (choice->is_set && n_runs >= choice->n_runs && !(n_runs == choice->n_runs && n_runs % 2 == 1))
    return;
  choice->spec = *spec;
  choice->n_runs = n_runs;
  choice->is_set = TRUE;
}

/* Steps 1 and 2. */
static void
offer_search (Choice *choice,
              const LdsPlan *plan,
              GPtrArray *runs,
              const LdsKneeSummary *self)
{
  guint n_probes = count_runs (runs, self, LDS_PURPOSE_PROBE);
  guint n_steps = count_runs (runs, self, LDS_PURPOSE_KNEE);
  LdsRunSpec spec = lds_plan_make_spec (plan, self->lane, self->workload);

  if (!is_searching (self))
    return;
  spec.purpose = LDS_PURPOSE_PROBE;
  spec.repeat = n_probes;
  if (!isnan (self->knee.next_hz))
    {
      spec.purpose = LDS_PURPOSE_KNEE;
      spec.repeat = n_steps;
      spec.rate_hz = self->knee.next_hz;
    }
  else if (!isnan (self->probe_rate_hz))
    spec.rate_hz = lds_knee_round_hz (fmin (
        fmax (LITTLE_LOAD * self->probe_rate_hz, MIN_REQUESTS * 1e3 / (double)plan->duration_ms),
        self->probe_rate_hz));
  offer (choice, &spec, n_probes + n_steps);
}

/* Step 3: one of the two kinds after the other. */
static void
offer_below (Choice *choice,
             const LdsPlan *plan,
             GPtrArray *runs,
             const LdsKneeSummary *self)
{
  guint n_half = count_runs (runs, self, LDS_PURPOSE_HALF_KNEE);
  guint n_equal = count_runs (runs, self, LDS_PURPOSE_EQUAL_RATE);
  LdsRunSpec spec = lds_plan_make_spec (plan, self->lane, self->workload);

  if (!has_knee (self) || (n_half >= plan->repeats && n_equal >= plan->repeats))
    return;
  spec.purpose = n_equal < n_half ? LDS_PURPOSE_EQUAL_RATE : LDS_PURPOSE_HALF_KNEE;
  spec.repeat = MIN (n_half, n_equal);
  spec.rate_hz = n_equal < n_half ? self->equal_rate_hz : self->half_rate_hz;
  offer (choice, &spec, spec.repeat);
}

/* Step 4. @is_over_workers: of the two series */
static void
offer_scale (Choice *choice,
             const LdsPlan *plan,
             GPtrArray *runs,
             const LdsLane *lane,
             const LdsWorkload *workload,
             gboolean is_over_workers)
{
  GArray *points = is_over_workers ? plan->scale_workers : plan->scale_connections;

  for (guint p = 0; p < points->len && (!is_over_workers || lane->has_workers); p++)
    {
      LdsRunSpec spec = lds_plan_make_spec (plan, lane, workload);

      spec.purpose = LDS_PURPOSE_SCALE;
      spec.rate_hz = 0;
      if (is_over_workers)
        spec.workers = g_array_index (points, guint, p);
      else
        spec.connections = g_array_index (points, guint, p);
      for (guint i = 0; i < runs->len; i++)
        {
          const LdsRun *run = runs->pdata[i];

          spec.repeat += run->spec.purpose == LDS_PURPOSE_SCALE && run->spec.lane == lane &&
                         run->spec.workload == workload &&
                         run->spec.connections == spec.connections &&
                         run->spec.workers == spec.workers;
        }
      if (spec.repeat < plan->repeats)
        offer (choice, &spec, spec.repeat);
    }
}

static gboolean
choose_in_workload (Choice *choice,
                    const LdsPlan *plan,
                    GPtrArray *runs,
                    const LdsWorkload *workload)
{
  if (plan->find_knee)
    {
      g_autoptr (GPtrArray) summaries = examine_workload (plan, runs, workload);

      gboolean is_searched;

      for (guint l = 0; l < summaries->len; l++)
        offer_search (choice, plan, runs, summaries->pdata[l]);
      is_searched = !choice->is_set;
      for (guint l = 0; is_searched && l < summaries->len; l++)
        offer_below (choice, plan, runs, summaries->pdata[l]);
    }
  for (int series = 0; !choice->is_set && series < 2; series++)
    for (guint l = 0; l < plan->lanes->len; l++)
      offer_scale (choice, plan, runs, plan->lanes->pdata[l], workload, series == 1);
  return choice->is_set;
}

gboolean
lds_search_next (const LdsPlan *plan,
                 GPtrArray *runs,
                 LdsRunSpec *spec)
{
  Choice choice = {.is_set = FALSE};

  g_return_val_if_fail (plan != NULL && runs != NULL && spec != NULL, FALSE);

  for (guint w = 0; w < plan->workloads->len; w++)
    if (choose_in_workload (&choice, plan, runs, plan->workloads->pdata[w]))
      {
        *spec = choice.spec;
        spec->seed = plan->seed + spec->repeat;
        return TRUE;
      }
  return FALSE;
}

/* Runs that @self is expected to need yet. */
static guint
count_left_of (const LdsPlan *plan,
               GPtrArray *runs,
               const LdsKneeSummary *self)
{
  guint n_search =
      count_runs (runs, self, LDS_PURPOSE_PROBE) + count_runs (runs, self, LDS_PURPOSE_KNEE);
  guint n_below = count_runs (runs, self, LDS_PURPOSE_HALF_KNEE) +
                  count_runs (runs, self, LDS_PURPOSE_EQUAL_RATE);
  guint n = 0;

  if (is_searching (self))
    n += n_search < LDS_PLAN_EXPECTED_KNEE_RUNS ? LDS_PLAN_EXPECTED_KNEE_RUNS - n_search : 1;
  if (is_searching (self) || has_knee (self))
    n += 2 * plan->repeats > n_below ? 2 * plan->repeats - n_below : 0;
  return n;
}

guint
lds_search_count_left (const LdsPlan *plan,
                       GPtrArray *runs)
{
  g_autoptr (GPtrArray) summaries = NULL;
  guint n_scale = 0, n_done = 0, n = 0;

  g_return_val_if_fail (plan != NULL && runs != NULL, 0);

  summaries = lds_search_summarize (plan, runs);
  for (guint i = 0; i < summaries->len; i++)
    n += count_left_of (plan, runs, summaries->pdata[i]);
  for (guint l = 0; l < plan->lanes->len; l++)
    {
      const LdsLane *lane = plan->lanes->pdata[l];

      n_scale += plan->scale_connections->len + (lane->has_workers ? plan->scale_workers->len : 0);
    }
  n_scale *= plan->repeats * plan->workloads->len;
  for (guint i = 0; i < runs->len; i++)
    n_done += ((const LdsRun *)runs->pdata[i])->spec.purpose == LDS_PURPOSE_SCALE;
  return n + (n_scale > n_done ? n_scale - n_done : 0);
}
