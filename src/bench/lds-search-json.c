/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Knees as JSON. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-search.h"

#include <math.h>

#include "lds-bench-json.h"
#include "lds-json.h"

const char *
lds_knee_summary_get_state (const LdsKneeSummary *summary)
{
  static const char *const names[] = {"searching", "found", "at-least", "below", "unsettled"};

  g_return_val_if_fail (summary != NULL, names[0]);

  if (summary->is_given_up && summary->knee.state == LDS_KNEE_SEARCHING)
    return "given-up";
  return names[summary->knee.state];
}

/* null where there is no such rate */
static void
set_rate (JsonBuilder *builder,
          const char *name,
          double rate_hz)
{
  lds_bench_json_set_number (builder, name, rate_hz > 0 ? rate_hz : NAN);
}

static void
add_summary (JsonBuilder *builder,
             const LdsKneeSummary *summary)
{
  const LdsKnee *knee = &summary->knee;

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "lane", summary->lane->id);
  lds_json_add_string (builder, "workload", summary->workload->id);
  lds_json_add_string (builder, "state", lds_knee_summary_get_state (summary));
  set_rate (builder, "knee_hz", knee->estimate_hz);
  set_rate (builder, "from_hz", knee->from_hz);
  set_rate (builder, "to_hz", knee->to_hz);
  set_rate (builder, "highest_good_hz", knee->low_hz);
  set_rate (builder, "lowest_bad_hz", knee->high_hz);
  lds_bench_json_set_number (builder, "confidence", knee->confidence);
  lds_json_add_int (builder, "n_steps", knee->n_runs);
  lds_json_add_int (builder, "n_void", summary->n_void);
  lds_json_add_string (builder, "void_reason", summary->void_text);
  lds_json_add_string (builder, "limited_by", summary->limited_by);
  lds_bench_json_set_number (builder, "limit_p99_ns", summary->limit_ns);
  lds_json_add_boolean (builder, "is_default_limit", summary->is_default_limit);
  set_rate (builder, "probe_rate_hz", summary->probe_rate_hz);
  lds_bench_json_set_estimate (builder, "throughput_hz", &summary->throughput);
  set_rate (builder, "half_rate_hz", summary->half_rate_hz);
  lds_bench_json_set_estimate (builder, "half_p50_ns", &summary->half_p50);
  lds_bench_json_set_estimate (builder, "half_p99_ns", &summary->half_p99);
  lds_bench_json_set_estimate (builder, "half_p99_9_ns", &summary->half_p99_9);
  set_rate (builder, "equal_rate_hz", summary->equal_rate_hz);
  lds_bench_json_set_estimate (builder, "cpu_per_request_ns", &summary->cpu_per_request);
  lds_bench_json_set_estimate (builder, "rss_bytes", &summary->equal_rss_bytes);
  json_builder_end_object (builder);
}

JsonNode *
lds_search_to_json (GPtrArray *summaries)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  g_return_val_if_fail (summaries != NULL, NULL);

  json_builder_begin_array (builder);
  for (guint i = 0; i < summaries->len; i++)
    add_summary (builder, summaries->pdata[i]);
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}
