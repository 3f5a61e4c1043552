/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What loadstone-load is told and what it answers. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-load-protocol.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-bench-json.h"
#include "lds-child-process.h"
#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"

/* Ten a second, as the sampler. */
#define FRAME_INTERVAL_MS 100
/* No rate that can be measured comes near: more is a broken load generator. */
#define MAX_RATE_HZ 1e9
/* The last frame of a phase may be cut short: a count over less than this is no rate. */
#define MIN_INTERVAL_S 0.01

/* What is done on connections that stay open. */
static void
add_stream (JsonBuilder *builder,
            const LdsWorkload *workload)
{
  json_builder_set_member_name (builder, "stream");
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "mode", workload->stream);
  if (workload->payload_bytes > 0)
    lds_json_add_int (builder, "payload_bytes", workload->payload_bytes);
  json_builder_end_object (builder);
}

static void
add_type (JsonBuilder *builder,
          const char *type)
{
  json_builder_set_member_name (builder, "headers");
  json_builder_begin_object (builder);
  if (type != NULL)
    lds_json_add_string (builder, "Content-Type", type);
  json_builder_end_object (builder);
}

/* What other clients do meanwhile. */
static void
add_beside (JsonBuilder *builder,
            const LdsWorkloadBeside *beside)
{
  json_builder_set_member_name (builder, "background");
  json_builder_begin_object (builder);
  lds_json_add_int (builder, "askers", beside->connections);
  lds_json_add_int (builder, "ask_interval_ms", beside->interval_ms);
  json_builder_set_member_name (builder, "request");
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "method", beside->method);
  lds_json_add_string (builder, "path", beside->path);
  lds_json_add_string (builder, "body", beside->body);
  add_type (builder, beside->type);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

/* Returns: (transfer full): where the workload is on the server at @address */
static char *
make_url (const LdsWorkload *workload,
          const LdsAddress *address)
{
  const char *rest = strchr (address->url, ':');

  if (workload->kind == LDS_WORKLOAD_WEBSOCKET && g_ascii_strncasecmp (address->url, "http:", 5) == 0)
    return g_strconcat ("ws", rest, workload->path, NULL);
  return g_strconcat (address->url, workload->path, NULL);
}

char *
lds_load_plan_line (const LdsRunSpec *spec,
                    const LdsAddress *address,
                    GArray *client_cores)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *url = make_url (spec->workload, address);
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "url", url);
  if (!address->is_loopback)
    {
      json_builder_set_member_name (builder, "allow_hosts");
      json_builder_begin_array (builder);
      json_builder_add_string_value (builder, address->host);
      json_builder_end_array (builder);
    }
  lds_json_add_string (builder, "method", spec->workload->method);
  add_type (builder, spec->workload->type);
  lds_json_add_string (builder, "body", spec->workload->body);
  if (spec->workload->varies)
    {
      json_builder_set_member_name (builder, "expect");
      json_builder_begin_object (builder);
      lds_json_add_boolean (builder, "any", TRUE);
      json_builder_end_object (builder);
    }
  if (spec->workload->stream != NULL)
    add_stream (builder, spec->workload);
  if (spec->workload->beside.connections > 0)
    add_beside (builder, &spec->workload->beside);
  lds_json_add_int (builder, "connections", spec->connections);
  lds_json_add_int (builder, "threads", spec->client_threads);
  lds_bench_json_set_number (builder, "rate_hz", spec->rate_hz);
  lds_json_add_string (builder, "arrivals", "constant");
  lds_json_add_int (builder, "seed", spec->seed);
  lds_json_add_int (builder, "duration_ms", spec->duration_ms);
  lds_json_add_int (builder, "warm_up_ms", spec->warm_up_ms);
  lds_json_add_int (builder, "timeout_ms", spec->timeout_ms);
  lds_json_add_string (builder, "engine", "auto");
  lds_json_add_int (builder, "frame_interval_ms", FRAME_INTERVAL_MS);
  json_builder_set_member_name (builder, "cpus");
  json_builder_begin_array (builder);
  for (guint i = 0; client_cores != NULL && i < client_cores->len; i++)
    json_builder_add_int_value (builder, g_array_index (client_cores, int, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = lds_json_to_text (root, FALSE);
  return g_strconcat (text, "\n", NULL);
}

static void
set_error (GError **error,
           const char *what)
{
  if (*error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a member of a line of JSON */
                 _ ("“%s” is missing or out of range."), what);
}

static gint64
get_time_ns (JsonObject *object,
             GError **error)
{
  gint64 t_ns = lds_json_get_int (object, "t_ns", -1, error);
  gint64 now_ns = lds_clock_now_ns ();

  /* One clock on one machine: what is an hour away is no reading of it. */
  if (ABS ((double)t_ns - (double)now_ns) > 3600.0 * (double)LDS_NS_PER_S)
    set_error (error, "t_ns");
  return t_ns;
}

static LdsPhase
get_phase (JsonObject *object,
           GError **error)
{
  static const char *const names[] = {"warm-up", "measure", "drain"};
  const char *name = lds_json_get_string (object, "phase", "", error);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return (LdsPhase)i;
  set_error (error, "phase");
  return LDS_PHASE_WARM_UP;
}

static double
get_rate_hz (JsonObject *object,
             const char *member,
             double interval_s,
             GError **error)
{
  gint64 count = lds_json_get_int (object, member, -1, error);
  double rate_hz = (double)count / MAX (interval_s, MIN_INTERVAL_S);

  if (!(rate_hz >= 0 && rate_hz <= MAX_RATE_HZ))
    set_error (error, member);
  return interval_s >= MIN_INTERVAL_S ? rate_hz : NAN;
}

/* The percentiles of the encoded histogram @member; NaN when it is empty. */
static void
get_percentiles (JsonObject *object,
                 const char *member,
                 LdsHistogram *scratch,
                 double *p50_ns,
                 double *p99_ns,
                 GError **error)
{
  const char *text = lds_json_get_string (object, member, NULL, error);

  *p50_ns = *p99_ns = NAN;
  lds_histogram_reset (scratch);
  if (text == NULL || !lds_histogram_decode_add (scratch, text))
    set_error (error, member);
  else if (scratch->total > 0)
    {
      *p50_ns = (double)lds_histogram_quantile_ns (scratch, 0.5);
      *p99_ns = (double)lds_histogram_quantile_ns (scratch, 0.99);
    }
}

static void
parse_frame (LdsLoadEvent *event,
             JsonObject *object,
             LdsHistogram *scratch,
             GError **error)
{
  gint64 interval_ns = lds_json_get_int (object, "interval_ns", -1, error);
  double interval_s = (double)interval_ns / (double)LDS_NS_PER_S;

  event->t_ns = get_time_ns (object, error);
  event->phase = get_phase (object, error);
  if (interval_ns < 0)
    set_error (error, "interval_ns");
  event->rate_hz = get_rate_hz (object, "done", interval_s, error);
  event->error_rate_hz = get_rate_hz (object, "errors", interval_s, error);
  get_percentiles (object, "response", scratch, &event->p50_ns, &event->p99_ns, error);
  event->deliveries_hz = event->delivery_p50_ns = event->delivery_p99_ns = NAN;
  if (!json_object_has_member (object, "deliveries"))
    return;
  event->deliveries_hz = get_rate_hz (object, "deliveries", interval_s, error);
  get_percentiles (object, "delivery", scratch, &event->delivery_p50_ns, &event->delivery_p99_ns, error);
}

gboolean
lds_load_event_parse (LdsLoadEvent *event,
                      const char *line,
                      gsize length,
                      LdsHistogram *scratch,
                      GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *object;
  const char *name;

  memset (event, 0, sizeof *event);
  event->root = lds_json_parse (line, length, "loadstone-load", &local);
  if (event->root == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  object = json_node_get_object (event->root);
  name = lds_json_get_string (object, "event", "", &local);
  event->type = LDS_LOAD_EVENT_OTHER;
  if (strcmp (name, "started") == 0)
    {
      event->type = LDS_LOAD_EVENT_STARTED;
      event->t_ns = get_time_ns (object, &local);
      event->engine = lds_json_get_string (object, "engine", NULL, &local);
    }
  else if (strcmp (name, "phase") == 0)
    {
      event->type = LDS_LOAD_EVENT_PHASE;
      event->t_ns = get_time_ns (object, &local);
      event->phase = get_phase (object, &local);
    }
  else if (strcmp (name, "frame") == 0)
    {
      event->type = LDS_LOAD_EVENT_FRAME;
      parse_frame (event, object, scratch, &local);
    }
  else if (strcmp (name, "result") == 0)
    event->type = LDS_LOAD_EVENT_RESULT;
  else if (strcmp (name, "error") == 0)
    {
      event->type = LDS_LOAD_EVENT_ERROR;
      event->message = lds_json_get_string (object, "message", "", &local);
    }
  else if (*name == '\0')
    set_error (&local, "event");
  if (local == NULL)
    return TRUE;
  lds_load_event_clear (event);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

void
lds_load_event_clear (LdsLoadEvent *event)
{
  g_clear_pointer (&event->root, json_node_unref);
}

/* The sum of all counts in the object "errors". */
static guint64
sum_errors (JsonObject *result,
            GError **error)
{
  JsonObject *errors = lds_json_get_object (result, "errors", error);
  guint64 sum = 0;

  if (errors != NULL)
    {
      g_autoptr (GList) names = json_object_get_members (errors);

      for (GList *l = names; l != NULL; l = l->next)
        {
          gint64 count = lds_json_get_int (errors, l->data, 0, error);

          if (count < 0 || (guint64)count > G_MAXINT64 - sum)
            set_error (error, "errors");
          else
            sum += (guint64)count;
        }
    }
  return sum;
}

/* An encoded histogram, with the exact figures that the object beside it gives in µs. */
static LdsHistogram *
get_histogram (JsonObject *result,
               const char *histogram_member,
               const char *figures_member,
               GError **error)
{
  const char *text = lds_json_get_string (result, histogram_member, NULL, error);
  JsonObject *figures = lds_json_get_object (result, figures_member, error);
  LdsHistogram *histogram = lds_histogram_new ();

  if (histogram == NULL || text == NULL || !lds_histogram_decode_add (histogram, text))
    {
      set_error (error, histogram_member);
      lds_histogram_free (histogram);
      return NULL;
    }
  if (figures != NULL)
    {
      const double us = (double)LDS_NS_PER_US;
      double mean_us = lds_bench_json_get_number (figures, "mean", error);

      lds_bench_histogram_refine (histogram,
                                  round (lds_bench_json_get_number (figures, "min", error) * us),
                                  round (lds_bench_json_get_number (figures, "max", error) * us),
                                  round (mean_us * us * (double)histogram->total));
    }
  return histogram;
}

/* Who only listens has sent nothing: what came is what was measured. */
static void
apply_listening (JsonObject *stream,
                 LdsRun *run,
                 GError **error)
{
  gint64 deliveries = lds_json_get_int (stream, "deliveries", -1, error);

  if (deliveries < 0)
    {
      set_error (error, "deliveries");
      return;
    }
  run->requests = (guint64)deliveries;
  run->achieved_rate_hz = (double)deliveries / run->duration_s;
  lds_histogram_free (run->response);
  run->response = get_histogram (stream, "delivery_histogram", "delivery_us", error);
  g_clear_pointer (&run->service, lds_histogram_free);
}

/* What came on connections that stay open. */
static void
apply_stream (JsonObject *stream,
              LdsRun *run,
              GError **error)
{
  const char *mode = lds_json_get_string (stream, "mode", NULL, error);

  run->delivery = get_histogram (stream, "delivery_histogram", "delivery_us", error);
  if (g_strcmp0 (mode, "listen") == 0)
    apply_listening (stream, run, error);
}

/* Passes on what the list @member says, through @add, as text that is safe to show. */
static void
apply_reasons (JsonObject *result,
               const char *member,
               void (*add) (LdsRun *run, const char *code, const char *text),
               LdsRun *run,
               GError **error)
{
  g_autoptr (GPtrArray) reasons =
      g_ptr_array_new_with_free_func ((GDestroyNotify)lds_invalid_reason_free);

  lds_bench_json_get_reasons (result, member, reasons, error);
  for (guint i = 0; i < reasons->len; i++)
    {
      const LdsInvalidReason *reason = reasons->pdata[i];
      g_autofree char *code = lds_child_process_sanitize (reason->code, -1);
      g_autofree char *text = lds_child_process_sanitize (reason->text, -1);

      add (run, code, text);
    }
}

gboolean
lds_load_result_apply (JsonObject *result,
                       LdsRun *run,
                       GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *stream;
  gint64 requests;

  run->load_result = json_object_ref (result);
  g_free (run->engine);
  run->engine = g_strdup (lds_json_get_string (result, "engine", NULL, &local));
  run->duration_s = lds_bench_json_get_number (result, "duration_s", &local);
  if (!(run->duration_s > 0))
    set_error (&local, "duration_s");
  requests = lds_json_get_int (result, "requests", -1, &local);
  if (requests < 0)
    set_error (&local, "requests");
  run->requests = (guint64)MAX (requests, 0);
  run->achieved_rate_hz = lds_bench_json_get_number (result, "achieved_rate", &local);
  if (!(run->achieved_rate_hz >= 0 && run->achieved_rate_hz <= MAX_RATE_HZ))
    set_error (&local, "achieved_rate");
  run->client_cpu_s = lds_bench_json_get_number (result, "client_cpu_seconds", &local);
  run->errors = sum_errors (result, &local);
  run->response = get_histogram (result, "latency_histogram", "latency_us", &local);
  run->service = get_histogram (result, "service_time_histogram", "service_time_us", &local);
  stream = lds_json_get_object (result, "stream", &local);
  if (stream != NULL && local == NULL)
    apply_stream (stream, run, &local);
  apply_reasons (result, "invalid_reasons", lds_run_invalidate, run, &local);
  /* It is good for what was asked of it; a replicate as long as the others it is not. */
  if (lds_json_get_boolean (result, "ended_early", FALSE, &local))
    lds_run_invalidate (run, "ended-early",
                        _ ("The load generator was stopped before the measured interval was over; measure again."));
  apply_reasons (result, "warnings", lds_run_warn, run, &local);
  if (!lds_json_get_boolean (result, "valid", FALSE, &local) && run->valid)
    lds_run_invalidate (run, "load-invalid",
                        _ ("The load generator calls this run invalid, and does not say why."));
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
