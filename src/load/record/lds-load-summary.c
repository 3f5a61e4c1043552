/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of a run as JSON. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-summary.h"

#include <math.h>
#include <stdlib.h>

#include "lds-clock.h"

static const struct
{
  const char *name;
  double quantile;
} quantiles[] = {
    {"p50", 0.5},
    {"p75", 0.75},
    {"p90", 0.9},
    {"p99", 0.99},
    {"p99_9", 0.999},
    {"p99_99", 0.9999},
};

static const char *const failure_names[LDS_LOAD_N_FAILURES] = {
    [LDS_LOAD_CONNECT] = "connect",
    [LDS_LOAD_RESET] = "reset",
    [LDS_LOAD_TIMEOUT] = "timeout",
    [LDS_LOAD_SHORT] = "short",
    [LDS_LOAD_MALFORMED] = "malformed",
    [LDS_LOAD_WRONG_BODY] = "wrong_body",
    [LDS_LOAD_NON_2XX] = "non_2xx",
    [LDS_LOAD_UNSENT] = "unsent",
};

/* Nanoseconds as microseconds, without the dust of binary fractions. */
static double
to_us (double ns)
{
  return round (ns) / (double)LDS_NS_PER_US;
}

static void
add_percentiles (JsonObject *result,
                 const char *member,
                 const LdsHistogram *histogram)
{
  JsonObject *object = json_object_new ();

  json_object_set_double_member (object, "min",
                                 histogram->total > 0 ? to_us ((double)histogram->min_ns) : 0);
  json_object_set_double_member (object, "mean", to_us (lds_histogram_mean_ns (histogram)));
  json_object_set_double_member (object, "stddev", to_us (lds_histogram_stddev_ns (histogram)));
  for (guint i = 0; i < G_N_ELEMENTS (quantiles); i++)
    json_object_set_double_member (
        object, quantiles[i].name,
        to_us ((double)lds_histogram_quantile_ns (histogram, quantiles[i].quantile)));
  json_object_set_double_member (object, "max", to_us ((double)histogram->max_ns));
  json_object_set_object_member (result, member, object);
}

static void
add_histogram (JsonObject *result,
               const char *member,
               const char *encoded_member,
               const LdsHistogram *histogram)
{
  char *encoded = lds_histogram_encode (histogram);

  add_percentiles (result, member, histogram);
  json_object_set_string_member (result, encoded_member, encoded != NULL ? encoded : "");
  free (encoded);
}

static JsonArray *
findings_to_json (GPtrArray *findings)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < findings->len; i++)
    {
      const LdsLoadFinding *finding = g_ptr_array_index (findings, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "code", finding->code);
      json_object_set_string_member (object, "text", finding->text);
      json_array_add_object_element (array, object);
    }
  return array;
}

static void
add_counts (JsonObject *result,
            const LdsLoadTally *total)
{
  JsonObject *statuses = json_object_new (), *errors = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (total->statuses); i++)
    if (total->statuses[i] > 0)
      {
        char name[8];

        g_snprintf (name, sizeof name, "%u", i + LDS_LOAD_STATUS_MIN);
        json_object_set_int_member (statuses, name, (gint64)total->statuses[i]);
      }
  for (guint i = 0; i < LDS_LOAD_N_FAILURES; i++)
    json_object_set_int_member (errors, failure_names[i], (gint64)total->failures[i]);
  json_object_set_object_member (result, "status_codes", statuses);
  json_object_set_object_member (result, "errors", errors);
  json_object_set_int_member (result, "sent", (gint64)total->sent);
  json_object_set_int_member (result, "unanswered", (gint64)total->unanswered);
  json_object_set_int_member (result, "connects", (gint64)total->connects);
  json_object_set_int_member (result, "retries", (gint64)total->retries);
  json_object_set_int_member (result, "bytes_received", (gint64)total->bytes_received);
}

/* How the load was: what a figure means depends on all of it (METHOD, rule 19). */
static void
add_load (JsonObject *result,
          const LdsLoadPlan *plan)
{
  json_object_set_string_member (result, "mode",
                                 plan->stream.mode == LDS_LOAD_STREAM_LISTEN ? "listen"
                                 : plan->rate_hz > 0                         ? "open"
                                                                             : "closed");
  json_object_set_int_member (result, "connections", plan->connections);
  json_object_set_int_member (result, "threads", plan->threads);
  json_object_set_int_member (result, "pipeline", plan->pipeline);
  json_object_set_int_member (result, "requests_per_connection", plan->requests_per_connection);
  json_object_set_double_member (result, "think_time_ms", (double)plan->think_ns / (double)LDS_NS_PER_MS);
  json_object_set_double_member (result, "busy_poll_us",
                                 (double)plan->busy_poll_ns / (double)LDS_NS_PER_US);
  if (plan->count > 0)
    json_object_set_int_member (result, "count", (gint64)plan->count);
}

static void
add_part (JsonArray *parts,
          JsonObject *object,
          const LdsLoadPart *part)
{
  json_object_set_int_member (object, "requests", (gint64)part->done);
  json_object_set_int_member (object, "errors", (gint64)part->failures);
  add_percentiles (object, "latency_us", &part->response);
  json_array_add_object_element (parts, object);
}

/* Each request of a mix by itself. */
static void
add_mix (JsonObject *result,
         const LdsLoadPlan *plan,
         const LdsLoadTally *total)
{
  JsonArray *mix;

  if (lds_load_plan_count_mix_parts (plan) == 0)
    return;
  mix = json_array_new ();
  for (guint i = 0; i < plan->n_requests; i++)
    {
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "name", plan->requests[i].name);
      json_object_set_double_member (object, "weight", plan->requests[i].weight);
      add_part (mix, object, &total->parts[i]);
    }
  json_object_set_array_member (result, "mix", mix);
}

/* Each step of a schedule by itself: under a schedule the figures of the whole are of no rate in
 * particular. */
static void
add_steps (JsonObject *result,
           const LdsLoadPlan *plan,
           const LdsLoadTally *total)
{
  guint n = lds_load_plan_count_step_parts (plan);
  JsonArray *steps;

  if (plan->schedule != NULL && !lds_load_schedule_is_constant (plan->schedule))
    json_object_set_array_member (result, "schedule", lds_load_schedule_to_json (plan->schedule));
  if (n == 0)
    return;
  steps = json_array_new ();
  for (guint i = 0; i < n; i++)
    {
      const LdsLoadSegment *segment = lds_load_schedule_get_segment (plan->schedule, i);
      const LdsLoadPart *part = &total->parts[lds_load_plan_count_mix_parts (plan) + i];
      double seconds = (double)segment->duration_ns / (double)LDS_NS_PER_S;
      JsonObject *object = json_object_new ();

      json_object_set_double_member (object, "rate_hz", segment->from_hz);
      json_object_set_double_member (object, "to_hz", segment->to_hz);
      json_object_set_double_member (object, "duration_s", seconds);
      json_object_set_double_member (object, "achieved_rate", (double)part->done / seconds);
      add_part (steps, object, part);
    }
  json_object_set_array_member (result, "steps", steps);
}

/* What connections received without having asked for it. */
static void
add_stream (JsonObject *result,
            const LdsLoadSummary *summary)
{
  const LdsLoadTally *total = summary->total;
  LdsLoadStreamMode mode = summary->plan->stream.mode;
  JsonObject *stream;

  if (mode == LDS_LOAD_STREAM_NONE)
    return;
  stream = json_object_new ();
  json_object_set_string_member (stream, "mode", lds_load_stream_mode_name (mode));
  json_object_set_int_member (stream, "payload_bytes", summary->plan->stream.payload_bytes);
  json_object_set_int_member (stream, "members", summary->n_members);
  json_object_set_int_member (stream, "messages", (gint64)total->messages);
  json_object_set_int_member (stream, "deliveries", (gint64)total->deliveries);
  json_object_set_int_member (stream, "expected", (gint64)lds_load_summary_expected (summary));
  json_object_set_double_member (stream, "reach", lds_load_summary_reach (summary));
  json_object_set_int_member (stream, "missed_ticks", (gint64)total->missed_ticks);
  json_object_set_int_member (stream, "unstamped", (gint64)total->unstamped);
  json_object_set_int_member (stream, "cut", (gint64)total->cut);
  add_histogram (stream, "delivery_us", "delivery_histogram", &total->delivery);
  json_object_set_object_member (result, "stream", stream);
}

static void
add_usage (JsonObject *result,
           const LdsLoadSummary *summary)
{
  JsonArray *threads = json_array_new ();

  for (guint i = 0; i < summary->n_threads; i++)
    {
      JsonObject *object = json_object_new ();

      json_object_set_double_member (object, "cpu_seconds", summary->threads[i].cpu_s);
      json_object_set_double_member (object, "busy_poll_seconds", summary->threads[i].spun_s);
      json_object_set_double_member (object, "cpu_fraction", summary->threads[i].cpu_fraction);
      json_array_add_object_element (threads, object);
    }
  json_object_set_double_member (result, "client_cpu_seconds", lds_load_summary_cpu_s (summary));
  json_object_set_double_member (result, "client_cpu_fraction", lds_load_summary_cpu_fraction (summary));
  json_object_set_array_member (result, "client_threads", threads);
}

JsonNode *
lds_load_summary_to_json (const LdsLoadSummary *summary)
{
  g_autoptr (GPtrArray) reasons = lds_load_summary_invalid_reasons (summary);
  g_autoptr (GPtrArray) warnings = lds_load_summary_warnings (summary);
  const LdsLoadTally *total = summary->total;
  const LdsLoadPlan *plan = summary->plan;
  JsonObject *result = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, result);
  json_object_set_string_member (result, "event", "result");
  json_object_set_string_member (result, "client", summary->client);
  json_object_set_string_member (result, "engine", summary->engine);
  if (summary->http_version != NULL)
    json_object_set_string_member (result, "http_version", summary->http_version);
  add_load (result, plan);
  json_object_set_double_member (result, "duration_s", summary->duration_s);
  json_object_set_boolean_member (result, "ended_early", summary->ended_early);
  json_object_set_int_member (result, "requests", (gint64)total->done);
  json_object_set_double_member (result, "target_rate", plan->rate_hz);
  json_object_set_double_member (result, "achieved_rate", lds_load_summary_achieved_rate (summary));
  json_object_set_double_member (result, "rate_ratio", lds_load_summary_rate_ratio (summary));
  json_object_set_double_member (result, "error_rate", lds_load_summary_error_rate (summary));
  json_object_set_double_member (result, "max_schedule_lag_us", to_us ((double)total->lag.max_ns));
  add_counts (result, total);
  add_mix (result, plan, total);
  add_steps (result, plan, total);
  add_stream (result, summary);
  add_usage (result, summary);
  json_object_set_boolean_member (result, "valid", reasons->len == 0);
  json_object_set_array_member (result, "invalid_reasons", findings_to_json (reasons));
  json_object_set_array_member (result, "warnings", findings_to_json (warnings));
  add_histogram (result, "latency_us", "latency_histogram", &total->response);
  add_histogram (result, "service_time_us", "service_time_histogram", &total->service);
  add_histogram (result, "schedule_lag_us", "schedule_lag_histogram", &total->lag);
  if (summary->background != NULL)
    json_object_set_member (result, "background", lds_load_background_figures_to_json (summary->background));
  if (summary->connect != NULL)
    add_percentiles (result, "connect_us", summary->connect);
  return node;
}
