/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scaling and capacity as JSON. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-capacity.h"

#include <math.h>

#include "lds-bench-json.h"
#include "lds-json.h"

static void
set_figure (JsonBuilder *builder,
            const char *name,
            const LdsUslFigure *figure)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  lds_bench_json_set_number (builder, "value", figure->value);
  lds_bench_json_set_number (builder, "low", figure->low);
  lds_bench_json_set_number (builder, "high", figure->high);
  json_builder_end_object (builder);
}

/* What was measured, and how far each run is from the law. */
static void
add_points (JsonBuilder *builder,
            const LdsScaling *scaling)
{
  json_builder_set_member_name (builder, "points");
  json_builder_begin_array (builder);
  for (guint i = 0; i < scaling->points->len; i++)
    {
      const LdsUslPoint *point = &g_array_index (scaling->points, LdsUslPoint, i);

      json_builder_begin_object (builder);
      lds_bench_json_set_number (builder, "n", point->n);
      lds_bench_json_set_number (builder, "throughput_hz", point->throughput_hz);
      lds_bench_json_set_number (builder, "residual_fraction",
                                 lds_scaling_get_residual (scaling, point));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_scaling (JsonBuilder *builder,
             const LdsScaling *scaling)
{
  const LdsUsl *usl = scaling->usl;

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "lane", scaling->lane->id);
  lds_json_add_string (builder, "workload", scaling->workload->id);
  lds_json_add_string (builder, "over", scaling->is_over_workers ? "workers" : "connections");
  lds_json_add_int (builder, "n_invalid", scaling->n_invalid);
  lds_json_add_string (builder, "why_not", scaling->why_not);
  add_points (builder, scaling);
  if (usl != NULL)
    {
      lds_json_add_int (builder, "n_runs", usl->n_points);
      lds_json_add_int (builder, "n_points", usl->n_distinct);
      set_figure (builder, "lambda_hz", &usl->lambda_hz);
      set_figure (builder, "alpha", &usl->alpha);
      set_figure (builder, "beta", &usl->beta);
      set_figure (builder, "n_max", &usl->n_max);
      lds_bench_json_set_number (builder, "r_squared", usl->r_squared);
      lds_bench_json_set_number (builder, "max_residual_fraction", usl->max_residual);
      lds_bench_json_set_number (builder, "max_measured", usl->max_n);
    }
  json_builder_end_object (builder);
}

JsonNode *
lds_capacity_scaling_to_json (GPtrArray *scalings)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  g_return_val_if_fail (scalings != NULL, NULL);

  json_builder_begin_array (builder);
  for (guint i = 0; i < scalings->len; i++)
    add_scaling (builder, scalings->pdata[i]);
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}

static void
set_range (JsonBuilder *builder,
           const char *name,
           LdsCapacityRange range)
{
  json_builder_set_member_name (builder, name);
  if (isnan (range.low) || isnan (range.high))
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  lds_bench_json_set_number (builder, "low", range.low);
  lds_bench_json_set_number (builder, "high", range.high);
  json_builder_end_object (builder);
}

/* The larger of both; unlike fmax() of what is not known, NaN. */
static double
get_larger (double a,
            double b)
{
  return isnan (a) || isnan (b) ? NAN : fmax (a, b);
}

static const char *
name_basis (double factor)
{
  if (!(factor <= LDS_CAPACITY_MAX_FACTOR))
    return "refused";
  return factor <= 1 ? "measured" : "extrapolated";
}

JsonNode *
lds_capacity_to_json (const LdsPlan *plan,
                      GPtrArray *capacities)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  g_return_val_if_fail (plan != NULL && capacities != NULL, NULL);

  json_builder_begin_object (builder);
  lds_bench_json_set_number (builder, "rate_hz", plan->demand_rate_hz);
  lds_json_add_int (builder, "connections", plan->demand_connections);
  lds_bench_json_set_number (builder, "max_factor", LDS_CAPACITY_MAX_FACTOR);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < capacities->len; i++)
    {
      const LdsCapacity *capacity = capacities->pdata[i];

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "lane", capacity->lane->id);
      lds_json_add_string (builder, "workload", capacity->workload->id);
      lds_json_add_string (builder, "basis", name_basis (capacity->rate_factor));
      lds_json_add_string (
          builder, "memory_basis",
          name_basis (get_larger (capacity->rate_factor, capacity->connections_factor)));
      lds_bench_json_set_number (builder, "rate_factor", capacity->rate_factor);
      lds_bench_json_set_number (builder, "connections_factor", capacity->connections_factor);
      set_range (builder, "instances", capacity->instances);
      set_range (builder, "processes", capacity->processes);
      set_range (builder, "cores", capacity->cores);
      set_range (builder, "memory_bytes", capacity->memory_bytes);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
