/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a stated load takes of each lane, and how each scales. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-capacity.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-metric.h"
#include "lds-search.h"

static const LdsCapacityRange unknown = {NAN, NAN};

void
lds_scaling_free (LdsScaling *scaling)
{
  if (scaling == NULL)
    return;
  g_array_unref (scaling->points);
  lds_usl_free (scaling->usl);
  g_free (scaling->why_not);
  g_free (scaling);
}

static gboolean
holds (GArray *points,
       guint point)
{
  for (guint i = 0; i < points->len; i++)
    if (g_array_index (points, guint, i) == point)
      return TRUE;
  return FALSE;
}

/* Whether @run is a point of the series; one of the plan's own load may be of both. */
static gboolean
is_in_series (const LdsPlan *plan,
              const LdsRunSpec *spec,
              gboolean is_over_workers)
{
  if (spec->purpose != LDS_PURPOSE_SCALE)
    return FALSE;
  if (is_over_workers)
    return spec->connections == lds_plan_get_load (plan, spec->workload).connections &&
           holds (plan->scale_workers, spec->workers);
  return spec->workers == plan->workers && holds (plan->scale_connections, spec->connections);
}

static int
compare_points (gconstpointer a,
                gconstpointer b)
{
  const LdsUslPoint *x = a, *y = b;

  return x->n < y->n ? -1 : x->n > y->n;
}

static LdsScaling *
fit_series (const LdsPlan *plan,
            GPtrArray *runs,
            const LdsLane *lane,
            const LdsWorkload *workload,
            gboolean is_over_workers)
{
  LdsScaling *scaling = g_new0 (LdsScaling, 1);
  g_autoptr (GError) error = NULL;

  scaling->points = g_array_new (FALSE, FALSE, sizeof (LdsUslPoint));
  scaling->lane = lane;
  scaling->workload = workload;
  scaling->is_over_workers = is_over_workers;
  for (guint i = 0; i < runs->len; i++)
    {
      const LdsRun *run = runs->pdata[i];
      LdsUslPoint point = {is_over_workers ? run->spec.workers : run->spec.connections,
                           run->achieved_rate_hz};

      if (run->spec.lane != lane || run->spec.workload != workload ||
          !is_in_series (plan, &run->spec, is_over_workers))
        continue;
      if (run->valid && run->achieved_rate_hz > 0)
        g_array_append_val (scaling->points, point);
      else
        scaling->n_invalid++;
    }
  if (scaling->points->len + scaling->n_invalid == 0)
    {
      scaling->why_not = g_strdup (_ ("Not measured: the session was stopped before the first run of this series."));
      return scaling;
    }
  if (scaling->points->len == 0)
    {
      scaling->why_not = g_strdup (_ ("None of its runs is valid, so that there is no law."));
      return scaling;
    }
  g_array_sort (scaling->points, compare_points);
  scaling->usl = lds_usl_fit ((const LdsUslPoint *)(gconstpointer)scaling->points->data,
                              scaling->points->len, &error);
  if (error != NULL)
    scaling->why_not = g_strdup (error->message);
  return scaling;
}

double
lds_scaling_get_residual (const LdsScaling *scaling,
                          const LdsUslPoint *point)
{
  g_return_val_if_fail (scaling != NULL && point != NULL, NAN);

  if (scaling->usl == NULL)
    return NAN;
  return point->throughput_hz / lds_usl_predict (scaling->usl, point->n).value - 1;
}

GPtrArray *
lds_capacity_list_scaling (const LdsPlan *plan,
                           GPtrArray *runs)
{
  GPtrArray *scalings;

  g_return_val_if_fail (plan != NULL && runs != NULL, NULL);

  scalings = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_scaling_free);
  for (guint w = 0; w < plan->workloads->len; w++)
    for (guint l = 0; l < plan->lanes->len; l++)
      {
        const LdsLane *lane = plan->lanes->pdata[l];
        const LdsWorkload *workload = plan->workloads->pdata[w];

        if (plan->scale_connections->len > 0)
          g_ptr_array_add (scalings, fit_series (plan, runs, lane, workload, FALSE));
        if (plan->scale_workers->len > 0 && lane->has_workers)
          g_ptr_array_add (scalings, fit_series (plan, runs, lane, workload, TRUE));
      }
  return scalings;
}

/* --- What a load takes ----------------------------------------------------------------------- */

/* What the valid runs of one lane on one workload say of its memory and processes. */
typedef struct
{
  guint max_connections; /* 0 = no run says anything */
  LdsEstimate base_rss;
  LdsEstimate rss_per_connection;
  LdsEstimate processes;
} Footprint;

static LdsEstimate
estimate (GArray *values)
{
  if (values->len == 0)
    return (LdsEstimate){0, NAN, NAN, NAN};
  return lds_stats_estimate ((const double *)(gconstpointer)values->data, values->len);
}

static void
add_finite (GArray *values,
            double value)
{
  if (isfinite (value))
    g_array_append_val (values, value);
}

/* Closed loops of few connections grow by more than their connections: what one adds is read where there were
 * most of them. */
static Footprint
read_footprint (const LdsPlan *plan,
                GPtrArray *runs,
                const LdsKneeSummary *knee)
{
  g_autoptr (GArray) base = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) slope = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) processes = g_array_new (FALSE, FALSE, sizeof (double));
  Footprint footprint = {0};

  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < runs->len; i++)
      {
        const LdsRun *run = runs->pdata[i];

        if (run->spec.lane != knee->lane || run->spec.workload != knee->workload || !run->valid ||
            run->spec.workers != plan->workers)
          continue;
        if (pass == 0)
          {
            footprint.max_connections = MAX (footprint.max_connections, run->spec.connections);
            add_finite (base, run->base_rss_bytes);
            add_finite (processes, lds_metric_find ("processes")->of_run (run));
          }
        else if (run->spec.connections == footprint.max_connections)
          add_finite (slope, lds_metric_find ("rss_per_connection")->of_run (run));
      }
  footprint.base_rss = estimate (base);
  footprint.rss_per_connection = estimate (slope);
  footprint.processes = estimate (processes);
  return footprint;
}

static LdsCapacityRange
multiply (LdsCapacityRange range,
          const LdsEstimate *by)
{
  return (LdsCapacityRange){range.low * by->low, range.high * by->high};
}

static LdsCapacity *
make_capacity (const LdsPlan *plan,
               GPtrArray *runs,
               const LdsKneeSummary *knee)
{
  LdsCapacity *self = g_new0 (LdsCapacity, 1);
  Footprint footprint = read_footprint (plan, runs, knee);
  double rate_hz = plan->demand_rate_hz, from_hz = knee->knee.from_hz, to_hz = knee->knee.to_hz;
  guint connections = plan->demand_connections;

  self->lane = knee->lane;
  self->workload = knee->workload;
  self->instances = self->processes = self->cores = self->memory_bytes = unknown;
  self->rate_factor = NAN;
  /* What a search that is not over has found may still turn out otherwise. */
  if (knee->knee.state != LDS_KNEE_SEARCHING && knee->knee.low_hz > 0)
    self->rate_factor = rate_hz / knee->knee.estimate_hz;
  self->connections_factor = footprint.max_connections > 0
                                 ? fmax (connections, 1) / footprint.max_connections
                                 : NAN;
  if (!(self->rate_factor <= LDS_CAPACITY_MAX_FACTOR) || !(from_hz > 0))
    return self;
  /* Of a knee that is known from below only, one instance may do. */
  self->instances.low = isfinite (to_hz) ? ceil (rate_hz / to_hz) : 1;
  self->instances.high = ceil (2 * rate_hz / from_hz);
  self->processes = multiply (self->instances, &footprint.processes);
  if (knee->cpu_per_request.n > 0)
    self->cores = (LdsCapacityRange){rate_hz * knee->cpu_per_request.low / 1e9,
                                     rate_hz * knee->cpu_per_request.high / 1e9};
  if (!(self->connections_factor <= LDS_CAPACITY_MAX_FACTOR))
    return self;
  self->memory_bytes = multiply (self->instances, &footprint.base_rss);
  /* Without a number each instance has as many as were measured. */
  self->memory_bytes.low +=
      footprint.rss_per_connection.low *
      (connections > 0 ? connections : self->instances.low * footprint.max_connections);
  self->memory_bytes.high +=
      footprint.rss_per_connection.high *
      (connections > 0 ? connections : self->instances.high * footprint.max_connections);
  return self;
}

GPtrArray *
lds_capacity_list (const LdsPlan *plan,
                   GPtrArray *runs)
{
  g_autoptr (GPtrArray) knees = NULL;
  GPtrArray *capacities;

  g_return_val_if_fail (plan != NULL && runs != NULL, NULL);

  capacities = g_ptr_array_new_with_free_func (g_free);
  if (plan->demand_rate_hz <= 0)
    return capacities;
  knees = lds_search_summarize (plan, runs);
  for (guint i = 0; i < knees->len; i++)
    g_ptr_array_add (capacities, make_capacity (plan, runs, knees->pdata[i]));
  return capacities;
}
