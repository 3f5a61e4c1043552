/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run's values, and their JSON. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-run.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-bench-json.h"
#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-run-processes.h"

/* An hour at ten a second, with room to spare: bounds what a file can make us allocate. */
#define MAX_SAMPLES 100000

#define ALL_WAITING      0.9 /* of the connections */
#define NEAR_MIN_SERVICE 1.5 /* times: the server adds next to nothing to what the workload waits */

static const char *const purposes[] = {"compare", "probe", "knee", "half-knee", "equal-rate", "scale"};

const char *
lds_purpose_to_string (LdsPurpose purpose)
{
  g_return_val_if_fail (purpose < G_N_ELEMENTS (purposes), purposes[0]);

  return purposes[purpose];
}

gboolean
lds_purpose_from_string (const char *name,
                         LdsPurpose *purpose)
{
  g_return_val_if_fail (name != NULL && purpose != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (purposes); i++)
    if (strcmp (name, purposes[i]) == 0)
      {
        *purpose = (LdsPurpose)i;
        return TRUE;
      }
  return FALSE;
}

gboolean
lds_purpose_is_search (LdsPurpose purpose)
{
  return purpose == LDS_PURPOSE_PROBE || purpose == LDS_PURPOSE_KNEE;
}

static LdsPurpose
get_purpose (JsonObject *object,
             GError **error)
{
  /* Sessions of before have none, and no other runs. */
  const char *name = lds_json_get_string (object, "purpose", purposes[0], error);
  LdsPurpose purpose;

  if (lds_purpose_from_string (name, &purpose))
    return purpose;
  if (*error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a value of a member of a file, then that member */
                 _ ("“%s” is no “%s” of a run that this Loadstone knows; update Loadstone."), name, "purpose");
  return LDS_PURPOSE_COMPARE;
}

LdsRun *
lds_run_new (const LdsRunSpec *spec)
{
  LdsRun *run = g_new0 (LdsRun, 1);

  g_return_val_if_fail (spec != NULL, NULL);

  run->spec = *spec;
  run->valid = TRUE;
  run->reasons = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_invalid_reason_free);
  run->warnings = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_invalid_reason_free);
  run->commits = g_ptr_array_new_with_free_func (g_free);
  run->libraries = g_ptr_array_new_with_free_func (g_free);
  run->target_rate_hz = spec->rate_hz;
  run->duration_s = run->achieved_rate_hz = NAN;
  run->client_cpu_s = run->server_cpu_s = run->other_cpu_cores = NAN;
  run->sampling_cpu_s = NAN;
  run->base_rss_bytes = run->peak_rss_bytes = run->peak_pss_bytes = NAN;
  run->start_up_ms = NAN;
  run->gil_waiting = run->max_queue_depth = NAN;
  run->broad_pace_hz = run->narrow_pace_hz = NAN;
  run->server_core = run->client_core = -1;
  run->samples = g_array_new (FALSE, FALSE, sizeof (LdsSample));
  run->processes = g_array_new (FALSE, FALSE, sizeof (LdsProcessUsage));
  return run;
}

void
lds_run_free (LdsRun *run)
{
  if (run == NULL)
    return;
  g_ptr_array_unref (run->reasons);
  g_ptr_array_unref (run->warnings);
  g_ptr_array_unref (run->commits);
  g_ptr_array_unref (run->libraries);
  g_free (run->engine);
  g_clear_pointer (&run->load_result, json_object_unref);
  lds_histogram_free (run->response);
  lds_histogram_free (run->service);
  lds_histogram_free (run->delivery);
  lds_histogram_free (run->loop_lag);
  g_array_unref (run->samples);
  g_array_unref (run->processes);
  g_free (run);
}

void
lds_run_invalidate (LdsRun *run,
                    const char *code,
                    const char *text)
{
  g_return_if_fail (run != NULL && code != NULL && text != NULL);

  run->valid = FALSE;
  lds_invalid_reasons_add (run->reasons, code, text);
}

void
lds_run_warn (LdsRun *run,
              const char *code,
              const char *text)
{
  g_return_if_fail (run != NULL && code != NULL && text != NULL);

  lds_invalid_reasons_add (run->warnings, code, text);
}

const LdsInvalidReason *
lds_run_find_reason (const LdsRun *run,
                     const char *code)
{
  g_return_val_if_fail (run != NULL && code != NULL, NULL);

  for (guint i = 0; i < run->reasons->len; i++)
    if (strcmp (((LdsInvalidReason *)run->reasons->pdata[i])->code, code) == 0)
      return run->reasons->pdata[i];
  return NULL;
}

gboolean
lds_run_was_held_up (const LdsRun *run)
{
  for (guint i = 0; i < run->reasons->len; i++)
    {
      const char *code = ((const LdsInvalidReason *)run->reasons->pdata[i])->code;

      if (strcmp (code, "schedule-lag") != 0 && strcmp (code, "measured-short") != 0)
        return FALSE;
    }
  return !run->valid;
}

gboolean
lds_run_lacks_connections (const LdsRun *run)
{
  double least_ns = (double)run->spec.workload->min_service_ns;
  double mean_ns;

  if (least_ns <= 0 || run->service == NULL || run->service->total == 0)
    return FALSE;
  mean_ns = lds_histogram_mean_ns (run->service);
  return mean_ns <= NEAR_MIN_SERVICE * least_ns &&
         run->achieved_rate_hz * mean_ns / (double)LDS_NS_PER_S >=
             ALL_WAITING * run->spec.connections;
}

/* The columns of the samples. One row a member of LdsSample: name, getter, setter. */
#define COLUMNS(X)                    \
  X (t_ns, gint64)                    \
  X (phase, LdsPhase)                 \
  X (rate_hz, double)                 \
  X (error_rate_hz, double)           \
  X (p50_ns, double)                  \
  X (p99_ns, double)                  \
  X (rss_bytes, double)               \
  X (pss_bytes, double)               \
  X (server_cpu_cores, double)        \
  X (client_cpu_cores, double)        \
  X (n_processes, guint)              \
  X (n_threads, guint)                \
  X (loop_lag_p99_ns, double)         \
  X (gil_waiting, double)             \
  X (queue_depth, double)             \
  X (n_files, double)                 \
  X (voluntary_switches_hz, double)   \
  X (involuntary_switches_hz, double) \
  X (deliveries_hz, double)           \
  X (delivery_p50_ns, double)         \
  X (delivery_p99_ns, double)

/* The first that reports of before may lack; so they may all that follow. */
#define FIRST_LATER_COLUMN "loop_lag_p99_ns"

typedef struct
{
  const char *name;
  double (*get) (const LdsSample *sample);
  void (*set) (LdsSample *sample, double value);
  gboolean is_count; /* a whole number that is always there */
} Column;

#define DEFINE_COLUMN(name, type)                 \
  static double get_##name (const LdsSample *s)   \
  {                                               \
    return (double)s->name;                       \
  }                                               \
  static void set_##name (LdsSample *s, double v) \
  {                                               \
    s->name = (type)v;                            \
  }
#define LIST_COLUMN(name, type) {#name, get_##name, set_##name, (type)0.5 == (type)0},

/* clang-format off */
COLUMNS (DEFINE_COLUMN)

static const Column columns[] = {COLUMNS (LIST_COLUMN)};
/* clang-format on */

static void
add_samples (JsonBuilder *builder,
             const GArray *samples)
{
  json_builder_set_member_name (builder, "samples");
  json_builder_begin_object (builder);
  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    {
      json_builder_set_member_name (builder, columns[c].name);
      json_builder_begin_array (builder);
      for (guint i = 0; i < samples->len; i++)
        lds_bench_json_add_number (builder,
                                   columns[c].get (&g_array_index (samples, LdsSample, i)));
      json_builder_end_array (builder);
    }
  json_builder_end_object (builder);
}

static gboolean
is_in_range (const Column *column,
             double value)
{
  if (!column->is_count)
    return !isinf (value);
  if (strcmp (column->name, "t_ns") == 0)
    return fabs (value) < 1e18;
  return value >= 0 && value <= (strcmp (column->name, "phase") == 0 ? LDS_PHASE_DRAIN : 1e6);
}

static gboolean
read_samples (JsonObject *object,
              GArray *samples,
              GError **error)
{
  gboolean is_later = FALSE;

  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    {
      JsonArray *array = lds_json_get_array (object, columns[c].name, NULL);

      is_later |= strcmp (columns[c].name, FIRST_LATER_COLUMN) == 0;
      if (array == NULL && is_later)
        {
          for (guint i = 0; i < samples->len; i++)
            columns[c].set (&g_array_index (samples, LdsSample, i), NAN);
          continue;
        }
      if (array == NULL || json_array_get_length (array) > MAX_SAMPLES ||
          (c > 0 && json_array_get_length (array) != samples->len))
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: a member of a run's samples, then the largest number of them */
                       _ ("The samples' “%s” must be a list as long as the others, of at most %d numbers."),
                       columns[c].name, MAX_SAMPLES);
          return FALSE;
        }
      if (c == 0)
        g_array_set_size (samples, json_array_get_length (array));
      for (guint i = 0; i < samples->len; i++)
        {
          JsonNode *node = json_array_get_element (array, i);
          GType type =
              JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
          double value =
              type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : NAN;

          if ((type == G_TYPE_INVALID && !JSON_NODE_HOLDS_NULL (node)) ||
              !is_in_range (&columns[c], value))
            {
              g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                           /* Translators: a member of a run's samples, then a position from 0 */
                           _ ("The samples' “%s” has no usable number at %u."), columns[c].name, i);
              return FALSE;
            }
          columns[c].set (&g_array_index (samples, LdsSample, i), value);
        }
    }
  return TRUE;
}

/* Returns: (transfer full): @object without @names, a list that ends with NULL */
static JsonNode *
copy_without (JsonObject *object,
              const char *const *names)
{
  JsonObject *rest = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    if (!g_strv_contains (names, name))
      json_object_set_member (rest, name, json_node_copy (value));
  value = json_node_init_object (json_node_alloc (), rest);
  json_object_unref (rest);
  return value;
}

/* The load generator's result without the histograms that the run itself gives. */
static void
add_load_result (JsonBuilder *builder,
                 JsonObject *result)
{
  static const char *const given[] = {"latency_histogram", "service_time_histogram", NULL};
  static const char *const given_of_stream[] = {"delivery_histogram", NULL};
  JsonObject *stream;
  JsonNode *node;

  json_builder_set_member_name (builder, "load_result");
  if (result == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  node = copy_without (result, given);
  stream = lds_json_get_object (result, "stream", NULL);
  if (stream != NULL)
    json_object_set_member (json_node_get_object (node), "stream",
                            copy_without (stream, given_of_stream));
  json_builder_add_value (builder, node);
}

JsonNode *
lds_run_to_json (const LdsRun *run)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const LdsRunSpec *spec;

  g_return_val_if_fail (run != NULL, NULL);

  spec = &run->spec;
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "lane", spec->lane->id);
  lds_json_add_string (builder, "workload", spec->workload->id);
  lds_json_add_string (builder, "purpose", lds_purpose_to_string (spec->purpose));
  lds_json_add_int (builder, "repeat", spec->repeat);
  lds_json_add_int (builder, "connections", spec->connections);
  lds_json_add_int (builder, "client_threads", spec->client_threads);
  lds_bench_json_set_number (builder, "rate_hz", spec->rate_hz);
  lds_json_add_int (builder, "duration_ms", spec->duration_ms);
  lds_json_add_int (builder, "warm_up_ms", spec->warm_up_ms);
  lds_json_add_int (builder, "timeout_ms", spec->timeout_ms);
  lds_json_add_int (builder, "workers", spec->workers);
  lds_json_add_int (builder, "seed", spec->seed);
  lds_json_add_boolean (builder, "valid", run->valid);
  lds_bench_json_set_reasons (builder, "invalid_reasons", run->reasons);
  lds_bench_json_set_reasons (builder, "warnings", run->warnings);
  lds_json_add_string (builder, "engine", run->engine);
  lds_bench_json_set_number (builder, "duration_s", run->duration_s);
  lds_json_add_int (builder, "requests", (gint64)run->requests);
  lds_json_add_int (builder, "errors", (gint64)run->errors);
  lds_bench_json_set_number (builder, "target_rate_hz", run->target_rate_hz);
  lds_bench_json_set_number (builder, "achieved_rate_hz", run->achieved_rate_hz);
  lds_bench_json_set_number (builder, "client_cpu_s", run->client_cpu_s);
  lds_bench_json_set_number (builder, "server_cpu_s", run->server_cpu_s);
  lds_bench_json_set_number (builder, "sampling_cpu_s", run->sampling_cpu_s);
  lds_bench_json_set_number (builder, "other_cpu_cores", run->other_cpu_cores);
  lds_bench_json_set_number (builder, "base_rss_bytes", run->base_rss_bytes);
  lds_bench_json_set_number (builder, "peak_rss_bytes", run->peak_rss_bytes);
  lds_bench_json_set_number (builder, "peak_pss_bytes", run->peak_pss_bytes);
  lds_bench_json_set_number (builder, "start_up_ms", run->start_up_ms);
  lds_json_add_int (builder, "server_core", run->server_core);
  lds_json_add_int (builder, "client_core", run->client_core);
  lds_json_add_int (builder, "started_at_us", run->started_at_us);
  lds_bench_json_set_histogram (builder, "response", run->response);
  lds_bench_json_set_histogram (builder, "service", run->service);
  lds_bench_json_set_histogram (builder, "delivery", run->delivery);
  lds_bench_json_set_histogram (builder, "loop_lag", run->loop_lag);
  lds_bench_json_set_number (builder, "gil_waiting", run->gil_waiting);
  lds_bench_json_set_number (builder, "max_queue_depth", run->max_queue_depth);
  lds_bench_json_set_number (builder, "broad_pace_hz", run->broad_pace_hz);
  lds_bench_json_set_number (builder, "narrow_pace_hz", run->narrow_pace_hz);
  add_load_result (builder, run->load_result);
  add_samples (builder, run->samples);
  lds_run_processes_set (builder, run->processes);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static guint64
get_count (JsonObject *object,
           const char *member,
           GError **error)
{
  gint64 value = lds_json_get_int (object, member, 0, error);

  if (value < 0 && error != NULL && *error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” must not be negative."), member);
  return value < 0 ? 0 : (guint64)value;
}

/* Like get_count(), for what is kept in a guint. */
static guint
get_uint (JsonObject *object,
          const char *member,
          GError **error)
{
  guint64 value = get_count (object, member, error);

  if (value > G_MAXINT && error != NULL && *error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” is too large."), member);
  return (guint)MIN (value, G_MAXINT);
}

/* Reports of before have it with the load generator's result only. */
static LdsHistogram *
get_delivery_of_before (JsonObject *load_result,
                        GError **error)
{
  JsonObject *stream = lds_json_get_object (load_result, "stream", NULL);

  return stream != NULL ? lds_bench_json_get_histogram (stream, "delivery", error) : NULL;
}

LdsRun *
lds_run_from_json (JsonObject *object,
                   GError **error)
{
  LdsRunSpec spec = {0};
  g_autoptr (LdsRun) run = NULL;
  g_autoptr (GError) local = NULL;
  const char *lane, *workload;
  JsonObject *samples, *load_result;

  g_return_val_if_fail (object != NULL, NULL);

  lane = lds_json_get_string (object, "lane", "", &local);
  workload = lds_json_get_string (object, "workload", "", &local);
  spec.purpose = get_purpose (object, &local);
  spec.repeat = get_uint (object, "repeat", &local);
  spec.connections = get_uint (object, "connections", &local);
  spec.client_threads = get_uint (object, "client_threads", &local);
  spec.rate_hz = lds_json_get_double (object, "rate_hz", 0, &local);
  spec.duration_ms = lds_json_get_int (object, "duration_ms", 0, &local);
  spec.warm_up_ms = lds_json_get_int (object, "warm_up_ms", 0, &local);
  spec.timeout_ms = lds_json_get_int (object, "timeout_ms", 0, &local);
  spec.workers = get_uint (object, "workers", &local);
  spec.seed = get_uint (object, "seed", &local);
  if (local == NULL)
    spec.lane = lds_lane_find (lane, &local);
  if (local == NULL)
    spec.workload = lds_workload_find (workload, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }

  run = lds_run_new (&spec);
  run->valid = lds_json_get_boolean (object, "valid", FALSE, &local);
  lds_bench_json_get_reasons (object, "invalid_reasons", run->reasons, &local);
  lds_bench_json_get_reasons (object, "warnings", run->warnings, &local);
  run->engine = g_strdup (lds_json_get_string (object, "engine", NULL, &local));
  run->duration_s = lds_bench_json_get_number (object, "duration_s", &local);
  run->requests = get_count (object, "requests", &local);
  run->errors = get_count (object, "errors", &local);
  run->target_rate_hz = lds_bench_json_get_number (object, "target_rate_hz", &local);
  run->achieved_rate_hz = lds_bench_json_get_number (object, "achieved_rate_hz", &local);
  run->client_cpu_s = lds_bench_json_get_number (object, "client_cpu_s", &local);
  run->server_cpu_s = lds_bench_json_get_number (object, "server_cpu_s", &local);
  run->other_cpu_cores = lds_bench_json_get_number (object, "other_cpu_cores", &local);
  run->sampling_cpu_s = lds_bench_json_get_number (object, "sampling_cpu_s", &local);
  run->base_rss_bytes = lds_bench_json_get_number (object, "base_rss_bytes", &local);
  run->peak_rss_bytes = lds_bench_json_get_number (object, "peak_rss_bytes", &local);
  run->peak_pss_bytes = lds_bench_json_get_number (object, "peak_pss_bytes", &local);
  run->start_up_ms = lds_bench_json_get_number (object, "start_up_ms", &local);
  run->server_core = (int)CLAMP (lds_json_get_int (object, "server_core", -1, &local), -1, G_MAXINT);
  run->client_core = (int)CLAMP (lds_json_get_int (object, "client_core", -1, &local), -1, G_MAXINT);
  run->started_at_us = lds_json_get_int (object, "started_at_us", 0, &local);
  run->response = lds_bench_json_get_histogram (object, "response", &local);
  run->service = lds_bench_json_get_histogram (object, "service", &local);
  run->delivery = lds_bench_json_get_histogram (object, "delivery", &local);
  run->loop_lag = lds_bench_json_get_histogram (object, "loop_lag", &local);
  run->gil_waiting = lds_bench_json_get_number (object, "gil_waiting", &local);
  run->max_queue_depth = lds_bench_json_get_number (object, "max_queue_depth", &local);
  run->broad_pace_hz = lds_bench_json_get_number (object, "broad_pace_hz", &local);
  run->narrow_pace_hz = lds_bench_json_get_number (object, "narrow_pace_hz", &local);
  load_result = lds_json_get_object (object, "load_result", &local);
  if (load_result != NULL)
    run->load_result = json_object_ref (load_result);
  if (run->delivery == NULL && load_result != NULL)
    run->delivery = get_delivery_of_before (load_result, &local);
  samples = lds_json_get_object (object, "samples", &local);
  if (local == NULL && samples != NULL)
    read_samples (samples, run->samples, &local);
  if (local == NULL)
    lds_run_processes_get (object, run->processes, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return g_steal_pointer (&run);
}
