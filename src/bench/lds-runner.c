/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run from the first process to the last. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-runner.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-child-process.h"
#include "lds-clock.h"
#include "lds-companions.h"
#include "lds-error.h"
#include "lds-format.h"
#include "lds-http-check.h"
#include "lds-json.h"
#include "lds-load-protocol.h"
#include "lds-program.h"
#include "lds-runtime.h"
#include "lds-sampler.h"
#include "lds-server-command.h"
#include "lds-server-stats.h"
#include "lds-timer.h"

#define TICK_MS 100
/* How often it is looked whether a server accepts connections that does not say so. */
#define LOOK_MS 2
/* A frame this late leaves a gap in the chart: a sample without a rate is taken then. */
#define LATE_FRAME_NS (250 * LDS_NS_PER_MS)
/* What connecting, draining and reporting may take beyond the times of the plan. */
#define LOAD_SLACK_MS 10000
/* The first request may be slow: caches are cold and the machine may be busy. */
#define MIN_CHECK_TIMEOUT_MS 5000
/* Memory that grows by so much from the first sample of the measured interval to its last is not that of
 * caches and pools that fill. */
#define GROWTH_RATIO 1.5
#define GROWTH_BYTES (16.0 * 1024 * 1024)
/* Two samples a tick at most: more comes from a broken load generator. */
#define MAX_SAMPLES_PER_TICK 2

typedef enum
{
  STATE_STARTING,
  STATE_CHECKING,
  STATE_LOADING,
  STATE_STOPPING,
  STATE_FINISHED,
} State;

struct _LdsRunner
{
  const LdsRunnerSetup *setup;
  const LdsRunnerEvents *events;
  gpointer user_data;
  GMainContext *context;

  State state;
  gboolean cancelled;
  gboolean checking; /* the callback of the check has not come yet */
  LdsRun *run;

  LdsServerCommand command;
  LdsChildProcess *server;
  LdsChildProcess *load;
  GCancellable *check_cancellable;
  GSource *deadline;
  GSource *ticker;
  GSource *finish_source;
  LdsAddress *own_address;   /* (nullable): of the server that was started */
  const LdsAddress *address; /* of the server under load, once it is known */
  gint64 spawned_ns;

  LdsHistogram *scratch;
  LdsServerStats *stats; /* (nullable): nothing more is heard of them */
  LdsCompanions *companions;
  LdsSampler *server_sampler; /* (nullable): whose processes are not known */
  LdsSampler *client_sampler;
  LdsUsage server_usage; /* at the last sample */
  LdsUsage client_usage;
  LdsUsage switches_usage; /* when context switches were last read */
  double voluntary_hz, involuntary_hz;
  gint64 zero_ns; /* the time axis' zero: predicted while warming up; 0 = not known yet */
  guint max_samples;

  gboolean measuring;         /* the measured interval has begun */
  double server_cpu_s_before; /* then; NaN = not known */
  double machine_cpu_s_before;
  double companion_cpu_s_before;
};

/* --- Ending ---------------------------------------------------------------------------------- */

static gboolean
finish_cb (gpointer user_data)
{
  LdsRunner *self = user_data;

  lds_timer_clear (&self->finish_source);
  self->state = STATE_FINISHED;
  self->events->finished (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
finish_when_done (LdsRunner *self)
{
  if (self->state == STATE_STOPPING && !self->checking && self->finish_source == NULL &&
      (self->server == NULL || lds_child_process_has_ended (self->server)) &&
      (self->load == NULL || lds_child_process_has_ended (self->load)))
    lds_timer_set (&self->finish_source, self->context, 0, finish_cb, self);
}

/* @load_is_done: it gave its result and ends by itself; otherwise it is killed */
static void
stop (LdsRunner *self,
      gboolean load_is_done)
{
  if (self->state >= STATE_STOPPING)
    return;
  self->state = STATE_STOPPING;
  lds_timer_clear (&self->deadline);
  lds_timer_clear (&self->ticker);
  if (self->stats != NULL)
    lds_server_stats_apply (self->stats, self->run);
  if (self->server_sampler != NULL)
    {
      g_array_unref (self->run->processes);
      self->run->processes = lds_sampler_list (self->server_sampler);
      self->run->sampling_cpu_s = lds_sampler_get_cost_s (self->server_sampler);
      if (self->client_sampler != NULL)
        self->run->sampling_cpu_s += lds_sampler_get_cost_s (self->client_sampler);
    }
  g_cancellable_cancel (self->check_cancellable);
  if (self->load != NULL && load_is_done)
    lds_child_process_let_end (self->load, self->setup->stop_grace_ms);
  else if (self->load != NULL)
    lds_child_process_stop (self->load, 0);
  if (self->server != NULL)
    lds_child_process_stop (self->server, self->setup->stop_grace_ms);
  finish_when_done (self);
}

static void
fail (LdsRunner *self,
      const char *code,
      const char *text)
{
  if (self->state >= STATE_STOPPING)
    return;
  lds_run_invalidate (self->run, code, text);
  stop (self, FALSE);
}

G_GNUC_PRINTF (3, 4)
static void
fail_printf (LdsRunner *self,
             const char *code,
             const char *format,
             ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  fail (self, code, text);
}

static void
fail_with_end (LdsRunner *self,
               LdsChildProcess *child,
               const char *code,
               const char *format,
               const char *format_with_diagnostics)
{
  g_autofree char *end = lds_child_process_describe_end (child);
  g_autofree char *diagnostics = lds_child_process_dup_diagnostics (child);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  if (*diagnostics == '\0')
    fail_printf (self, code, format, end);
  else
    fail_printf (self, code, format_with_diagnostics, end, diagnostics);
#pragma GCC diagnostic pop
}

/* --- Sampling -------------------------------------------------------------------------------- */

static LdsUsage
read_server (LdsRunner *self,
             gboolean with_memory)
{
  LdsUsage unknown = {.t_ns = lds_clock_now_ns (),
                      .cpu_s = NAN,
                      .rss_bytes = NAN,
                      .pss_bytes = NAN,
                      .n_files = NAN};

  if (self->server_sampler == NULL)
    return unknown;
  return lds_sampler_read (self->server_sampler, with_memory);
}

static double
cores_between (const LdsUsage *before,
               const LdsUsage *after)
{
  double seconds = (double)(after->t_ns - before->t_ns) / (double)LDS_NS_PER_S;

  return seconds > 0 && after->n_processes > 0 ? (after->cpu_s - before->cpu_s) / seconds : NAN;
}

/* Context switches are not read each time: their rates hold until they are read again. */
static void
take_switches (LdsRunner *self,
               const LdsUsage *now,
               LdsSample *sample)
{
  const LdsUsage *before = &self->switches_usage;
  double seconds = (double)(now->dear_t_ns - before->dear_t_ns) / (double)LDS_NS_PER_S;

  if (before->dear_t_ns != 0 && seconds > 0)
    {
      self->voluntary_hz = (now->voluntary_switches - before->voluntary_switches) / seconds;
      self->involuntary_hz = (now->involuntary_switches - before->involuntary_switches) / seconds;
    }
  if (before->dear_t_ns != now->dear_t_ns)
    self->switches_usage = *now;
  sample->voluntary_switches_hz = now->n_processes > 0 ? self->voluntary_hz : NAN;
  sample->involuntary_switches_hz = now->n_processes > 0 ? self->involuntary_hz : NAN;
}

static void
fail_of_memory (LdsRunner *self,
                double rss_bytes)
{
  g_autofree char *used = lds_format_value (rss_bytes, LDS_UNIT_BYTES);

  fail_printf (self, "server-memory",
               /* Translators: a size such as “12 GiB” */
               _ ("The server had come to %s of memory and was ended before the machine had none left."), used);
}

/* Completes @sample with what /proc says now, keeps it and shows it. */
static void
take_sample (LdsRunner *self,
             LdsSample *sample)
{
  LdsUsage server = read_server (self, TRUE);
  LdsUsage client = lds_sampler_read (self->client_sampler, FALSE);

  sample->rss_bytes = server.rss_bytes;
  sample->pss_bytes = server.pss_bytes;
  sample->n_processes = server.n_processes;
  sample->n_threads = server.n_threads;
  sample->loop_lag_p99_ns =
      self->stats != NULL ? lds_server_stats_get_lag_p99_ns (self->stats) : NAN;
  sample->gil_waiting = self->stats != NULL ? lds_server_stats_get_gil_waiting (self->stats) : NAN;
  sample->queue_depth = self->stats != NULL ? lds_server_stats_get_queue_depth (self->stats) : NAN;
  sample->n_files = server.n_files;
  take_switches (self, &server, sample);
  sample->server_cpu_cores = cores_between (&self->server_usage, &server);
  sample->client_cpu_cores = cores_between (&self->client_usage, &client);
  self->server_usage = server;
  self->client_usage = client;
  self->run->peak_rss_bytes = fmax (self->run->peak_rss_bytes, server.rss_bytes);
  self->run->peak_pss_bytes = fmax (self->run->peak_pss_bytes, server.pss_bytes);
  g_array_append_val (self->run->samples, *sample);
  self->events->sample (sample, self->user_data);
  if (server.rss_bytes > self->setup->max_server_bytes)
    fail_of_memory (self, server.rss_bytes);
}

static gboolean
tick_cb (gpointer user_data)
{
  LdsRunner *self = user_data;
  gint64 now_ns = lds_clock_now_ns ();
  LdsSample sample = {.rate_hz = NAN,
                      .error_rate_hz = NAN,
                      .p50_ns = NAN,
                      .p99_ns = NAN,
                      .deliveries_hz = NAN,
                      .delivery_p50_ns = NAN,
                      .delivery_p99_ns = NAN};
  guint n = self->run->samples->len;

  if (self->zero_ns == 0 || now_ns - self->server_usage.t_ns < LATE_FRAME_NS ||
      n >= self->max_samples)
    return G_SOURCE_CONTINUE;
  sample.t_ns = now_ns - self->zero_ns;
  sample.phase = self->measuring ? LDS_PHASE_MEASURE : LDS_PHASE_WARM_UP;
  if (n > 0 && g_array_index (self->run->samples, LdsSample, n - 1).phase == LDS_PHASE_DRAIN)
    sample.phase = LDS_PHASE_DRAIN;
  take_sample (self, &sample);
  return G_SOURCE_CONTINUE;
}

/* --- Loading --------------------------------------------------------------------------------- */

static void
begin_measuring (LdsRunner *self,
                 gint64 t_ns)
{
  /* The zero was predicted while warming up: move what is drawn already. */
  for (guint i = 0; self->zero_ns != 0 && i < self->run->samples->len; i++)
    g_array_index (self->run->samples, LdsSample, i).t_ns += self->zero_ns - t_ns;
  self->zero_ns = t_ns;
  if (self->stats != NULL)
    lds_server_stats_begin (self->stats, t_ns);
  self->measuring = TRUE;
  self->server_cpu_s_before = read_server (self, FALSE).cpu_s;
  self->machine_cpu_s_before = lds_sampler_read_machine_cpu_s ();
  self->companion_cpu_s_before = lds_companions_read_cpu_s (self->companions);
}

static void
end_measuring (LdsRunner *self,
               gint64 t_ns)
{
  double seconds = (double)(t_ns - self->zero_ns) / (double)LDS_NS_PER_S;
  double machine_cpu_s = lds_sampler_read_machine_cpu_s () - self->machine_cpu_s_before;
  double companion_cpu_s;

  if (self->stats != NULL)
    lds_server_stats_end (self->stats, t_ns);
  if (!self->measuring || !isnan (self->run->server_cpu_s) || seconds <= 0)
    return;
  self->run->server_cpu_s = read_server (self, FALSE).cpu_s - self->server_cpu_s_before;
  companion_cpu_s = lds_companions_read_cpu_s (self->companions) - self->companion_cpu_s_before;
  /* The load generator's part is taken off when its result is there. Where the server's is not known,
   * nor is what is left. */
  self->run->other_cpu_cores =
      (machine_cpu_s - self->run->server_cpu_s - companion_cpu_s) / seconds;
}

static void
take_phase (LdsRunner *self,
            const LdsLoadEvent *event)
{
  switch (event->phase)
    {
    case LDS_PHASE_WARM_UP:
      if (!self->measuring)
        self->zero_ns = event->t_ns + self->run->spec.warm_up_ms * LDS_NS_PER_MS;
      break;
    case LDS_PHASE_MEASURE:
      if (!self->measuring)
        begin_measuring (self, event->t_ns);
      break;
    case LDS_PHASE_DRAIN:
    default:
      end_measuring (self, event->t_ns);
      break;
    }
}

static void
take_frame (LdsRunner *self,
            const LdsLoadEvent *event)
{
  LdsSample sample = {
      .t_ns = event->t_ns - self->zero_ns,
      .phase = event->phase,
      .rate_hz = event->rate_hz,
      .error_rate_hz = event->error_rate_hz,
      .p50_ns = event->p50_ns,
      .p99_ns = event->p99_ns,
      .deliveries_hz = event->deliveries_hz,
      .delivery_p50_ns = event->delivery_p50_ns,
      .delivery_p99_ns = event->delivery_p99_ns};

  /* The last frame of the warm-up is told when that is over already. */
  if (event->phase == LDS_PHASE_WARM_UP)
    sample.t_ns = MIN (sample.t_ns, -1);
  if (self->zero_ns == 0)
    fail (self, "load-malformed", _ ("The load generator sent figures before it began."));
  else if (self->run->samples->len >= self->max_samples)
    fail (self, "load-malformed", _ ("The load generator sent far more figures than it was asked for."));
  else
    take_sample (self, &sample);
}

/* Whether it would stop growing is not known: what is measured so is said to be so. */
static void
warn_of_growth (LdsRun *run)
{
  double first = NAN, last = NAN;
  g_autofree char *before = NULL, *after = NULL, *text = NULL;

  for (guint i = 0; i < run->samples->len; i++)
    {
      const LdsSample *sample = &g_array_index (run->samples, LdsSample, i);

      if (sample->phase != LDS_PHASE_MEASURE || !isfinite (sample->rss_bytes))
        continue;
      first = isfinite (first) ? first : sample->rss_bytes;
      last = sample->rss_bytes;
    }
  if (!(last > first * GROWTH_RATIO && last - first > GROWTH_BYTES))
    return;
  before = lds_format_value (first, LDS_UNIT_BYTES);
  after = lds_format_value (last, LDS_UNIT_BYTES);
  /* Translators: two sizes */
  text = g_strdup_printf (_ ("The server's memory grew from %s to %s while it was measured; measure longer to see whether it stops."),
                          before, after);
  lds_run_warn (run, "memory-growing", text);
}

static void
take_result (LdsRunner *self,
             JsonObject *result)
{
  g_autoptr (GError) error = NULL;
  LdsRun *run = self->run;

  if (!lds_load_result_apply (result, run, &error))
    {
      fail_printf (self, "load-malformed",
                   /* Translators: the reason, a sentence */
                   _ ("The load generator's result cannot be used: %s"), error->message);
      return;
    }
  if (run->duration_s > 0 && isfinite (run->other_cpu_cores)) /* fmax() would make 0 of NaN */
    run->other_cpu_cores = fmax (run->other_cpu_cores - run->client_cpu_s / run->duration_s, 0);
  warn_of_growth (run);
  stop (self, TRUE);
}

/* What it runs on decides no figure: nonsense is only not believed. */
static void
take_program (LdsRunner *self,
              JsonObject *line)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (lds_program_take (self->run, line, &error))
    return;
  /* Translators: the reason, a sentence */
  text = g_strdup_printf (_ ("What a program of the run tells of itself cannot be used: %s"), error->message);
  lds_run_warn (self->run, "program-malformed", text);
}

static void
load_line_cb (const char *line,
              gsize length,
              gpointer user_data)
{
  LdsRunner *self = user_data;
  LdsLoadEvent event;
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;

  if (self->state != STATE_LOADING)
    return;
  if (!lds_load_event_parse (&event, line, length, self->scratch, &error))
    {
      fail_printf (self, "load-malformed",
                   /* Translators: the reason, a sentence */
                   _ ("A line of the load generator cannot be used: %s"), error->message);
      return;
    }
  switch (event.type)
    {
    case LDS_LOAD_EVENT_STARTED:
      g_free (self->run->engine);
      self->run->engine = g_strdup (event.engine);
      take_program (self, json_node_get_object (event.root));
      break;
    case LDS_LOAD_EVENT_PHASE:
      take_phase (self, &event);
      break;
    case LDS_LOAD_EVENT_FRAME:
      take_frame (self, &event);
      break;
    case LDS_LOAD_EVENT_RESULT:
      take_result (self, json_node_get_object (event.root));
      break;
    case LDS_LOAD_EVENT_ERROR:
      message = lds_child_process_sanitize (event.message, -1);
      fail_printf (self, "load-error", _ ("The load generator failed: %s"), message);
      break;
    case LDS_LOAD_EVENT_OTHER:
    default:
      break;
    }
  lds_load_event_clear (&event);
}

static void
load_flood_cb (gpointer user_data)
{
  fail (user_data, "load-malformed", _ ("The load generator sent a line without end."));
}

static void
load_ended_cb (gpointer user_data)
{
  LdsRunner *self = user_data;

  if (self->state < STATE_STOPPING)
    fail_with_end (self, self->load, "load-died",
                   /* Translators: “with exit status 3” or “by signal 9 (Killed)” */
                   _ ("The load generator ended %s before it gave a result."),
                   _ ("The load generator ended %s before it gave a result; it said: “%s”."));
  finish_when_done (self);
}

static const LdsChildProcessEvents load_events = {load_line_cb, load_flood_cb, load_ended_cb};

static gboolean
load_deadline_cb (gpointer user_data)
{
  fail (user_data, "load-silent", _ ("The load generator gave no result in the time it had."));
  return G_SOURCE_REMOVE;
}

static void
begin_loading (LdsRunner *self)
{
  const LdsRunSpec *spec = &self->run->spec;
  const char *argv[] = {self->setup->load_path, NULL};
  g_autoptr (GError) error = NULL;
  g_autofree char *plan = NULL;
  gint64 limit_ms = spec->warm_up_ms + spec->duration_ms + spec->timeout_ms + LOAD_SLACK_MS;

  self->load =
      lds_child_process_spawn (argv, NULL, self->setup->client_cores, &load_events, self, &error);
  if (self->load == NULL)
    {
      fail (self, "load-not-started", error->message);
      return;
    }
  self->state = STATE_LOADING;
  self->client_sampler = lds_sampler_new (lds_child_process_get_pid (self->load));
  self->server_usage = read_server (self, FALSE);
  self->client_usage = lds_sampler_read (self->client_sampler, FALSE);
  self->max_samples = (guint)(limit_ms / TICK_MS) * MAX_SAMPLES_PER_TICK;
  plan = lds_load_plan_line (spec, self->address, self->setup->client_cores);
  lds_child_process_write (self->load, plan);
  lds_timer_set (&self->deadline, self->context, (guint)limit_ms, load_deadline_cb, self);
  lds_timer_set (&self->ticker, self->context, TICK_MS, tick_cb, self);
}

/* --- Starting and checking ------------------------------------------------------------------- */

/* A connection of its own, but for a WebSocket's handshake. Source of the key: RFC 6455, section 1.3. */
static const char check_fields[] = "Connection: close\r\n";
static const char handshake_fields[] = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                       "Sec-WebSocket-Version: 13\r\n"
                                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

static gboolean
is_success (const LdsWorkload *workload,
            guint status)
{
  return workload->kind == LDS_WORKLOAD_WEBSOCKET ? status == 101 : status >= 200 && status <= 299;
}

static gboolean
has_expected_text (const LdsWorkload *workload,
                   GBytes *body)
{
  gsize size;
  const char *text = g_bytes_get_data (body, &size);

  if (workload->kind != LDS_WORKLOAD_REQUESTS)
    return TRUE;
  return size > 0 && g_strstr_len (text, (gssize)size, workload->expect) != NULL;
}

static void
check_cb (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  LdsRunner *self = user_data;
  const LdsWorkload *workload = self->run->spec.workload;
  g_autoptr (GError) error = NULL;
  guint status = 0;
  g_autoptr (GBytes) body = lds_http_check_finish (result, &status, &error);

  self->checking = FALSE;
  if (self->state != STATE_CHECKING)
    finish_when_done (self);
  else if (body == NULL && self->own_address == NULL)
    fail_printf (self, "server-wrong-answer",
                 /* Translators: an address, a request such as “GET /json”, then the reason */
                 _ ("The server at “%s” did not answer “%s %s” as it should: %s. Start it, or correct its address."),
                 self->address->url, workload->method, workload->path, error->message);
  else if (body == NULL)
    fail_printf (self, "server-wrong-answer",
                 /* Translators: a request such as “GET /json”, then the reason */
                 _ ("The server did not answer “%s %s” as it should: %s."), workload->method,
                 workload->path, error->message);
  else if (!is_success (workload, status) || !has_expected_text (workload, body))
    fail_printf (self, "server-wrong-answer",
                 /* Translators: a request such as “GET /json”, then an HTTP status and a size */
                 _ ("The server answered “%s %s” with status %u and %zu bytes, not with success and what the workload asks for."),
                 workload->method, workload->path, status, g_bytes_get_size (body));
  else
    begin_loading (self);
}

static void
begin_checking (LdsRunner *self)
{
  const LdsRunSpec *spec = &self->run->spec;

  self->state = STATE_CHECKING;
  self->checking = TRUE;
  lds_http_check_async (self->address, spec->workload->method, spec->workload->path,
                        spec->workload->type, spec->workload->body,
                        spec->workload->kind == LDS_WORKLOAD_WEBSOCKET ? handshake_fields
                                                                       : check_fields,
                        (guint)MAX (spec->timeout_ms, MIN_CHECK_TIMEOUT_MS),
                        self->check_cancellable, check_cb, self);
}

/* The server listens; @object: (nullable): its ready line */
static void
begin_serving (LdsRunner *self,
               guint port,
               JsonObject *object,
               GError **error)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", port);

  lds_timer_clear (&self->deadline);
  self->run->start_up_ms = (double)(lds_clock_now_ns () - self->spawned_ns) / (double)LDS_NS_PER_MS;
  self->address = self->own_address = lds_address_parse (url, NULL);
  self->server_sampler = lds_sampler_new (lds_child_process_get_pid (self->server));
  if (object != NULL &&
      !lds_companions_take (self->companions, object, self->server_sampler, error))
    return;
  if (object != NULL)
    take_program (self, object);
  self->run->base_rss_bytes = lds_sampler_read (self->server_sampler, TRUE).rss_bytes;
  begin_checking (self);
}

static void
take_ready (LdsRunner *self,
            JsonObject *object,
            GError **error)
{
  gint64 port = lds_json_get_int (object, "port", 0, error);

  if (port >= 1 && port <= G_MAXUINT16)
    begin_serving (self, (guint)port, object, error);
  else if (*error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("“port” must be from 1 to 65535."));
}

/* Of a server that does not say so: whether it accepts connections yet. */
static gboolean
look_for_port_cb (gpointer user_data)
{
  LdsRunner *self = user_data;

  if (!lds_server_command_is_accepting (self->command.port))
    return G_SOURCE_CONTINUE;
  lds_timer_clear (&self->ticker);
  begin_serving (self, self->command.port, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* A server that says nonsense of itself may serve well: it is only not listened to any more. */
static void
take_stats (LdsRunner *self,
            JsonObject *object)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (self->stats == NULL || self->state > STATE_LOADING ||
      (lds_server_stats_take (self->stats, object, &error) &&
       lds_companions_take (self->companions, object, self->server_sampler, &error)))
    return;
  g_clear_pointer (&self->stats, lds_server_stats_free);
  /* Translators: the reason, a sentence */
  text = g_strdup_printf (_ ("What the server tells of itself cannot be used: %s"), error->message);
  lds_run_warn (self->run, "server-stats-malformed", text);
}

static void
server_line_cb (const char *line,
                gsize length,
                gpointer user_data)
{
  LdsRunner *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;
  const char *event;

  root = lds_json_parse (line, length, "loadstone-server", &error);
  /* What a program of others says besides is its own business. */
  if (self->run->spec.lane->runtime != NULL &&
      (root == NULL || !self->run->spec.lane->runtime->speaks))
    return;
  event = root == NULL ? "" : lds_json_get_string (json_node_get_object (root), "event", "", &error);
  if (self->state != STATE_STARTING)
    {
      if (g_strcmp0 (event, "stats") == 0)
        take_stats (self, json_node_get_object (root));
      return;
    }
  if (strcmp (event, "error") == 0)
    {
      const char *text = lds_json_get_string (json_node_get_object (root), "message", "", &error);
      g_autofree char *message = lds_child_process_sanitize (text, -1);

      fail_printf (self, "server-error", _ ("The server could not start: %s"), message);
    }
  else if (strcmp (event, "ready") == 0)
    take_ready (self, json_node_get_object (root), &error);
  if (error != NULL)
    fail_printf (self, "server-malformed",
                 /* Translators: the reason, a sentence */
                 _ ("A line of the server cannot be used: %s"), error->message);
}

static void
server_flood_cb (gpointer user_data)
{
  fail (user_data, "server-malformed", _ ("The server sent a line without end."));
}

static void
server_ended_cb (gpointer user_data)
{
  LdsRunner *self = user_data;

  if (self->state == STATE_STARTING)
    fail_with_end (self, self->server, "server-not-ready",
                   /* Translators: “with exit status 3” or “by signal 9 (Killed)” */
                   _ ("The server ended %s before it was ready."),
                   _ ("The server ended %s before it was ready; it said: “%s”."));
  else
    fail_with_end (self, self->server, "server-died",
                   /* Translators: “with exit status 3” or “by signal 9 (Killed)” */
                   _ ("The server ended %s in the middle of the run."),
                   _ ("The server ended %s in the middle of the run; it said: “%s”."));
  finish_when_done (self);
}

static const LdsChildProcessEvents server_events = {server_line_cb, server_flood_cb,
                                                    server_ended_cb};

static gboolean
ready_deadline_cb (gpointer user_data)
{
  LdsRunner *self = user_data;

  double timeout_s = self->setup->ready_timeout_ms / 1000.0;

  if (self->run->spec.lane->runtime != NULL)
    {
      g_autofree char *command = g_strjoinv (" ", self->command.argv);

      /* Translators: a time in seconds, a command */
      fail_printf (self, "server-not-ready", _ ("The server was not ready after %g s; try it by itself: %s"), timeout_s, command);
    }
  else
    /* Translators: a time in seconds */
    fail_printf (self, "server-not-ready", _ ("The server was not ready after %g s; try it by itself with “loadstone-cli serve”."), timeout_s);
  return G_SOURCE_REMOVE;
}

static void
spawn_server (LdsRunner *self)
{
  const LdsRunSpec *spec = &self->run->spec;
  g_autoptr (GArray) cores = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GError) error = NULL;

  if (self->setup->server_core >= 0)
    g_array_append_val (cores, self->setup->server_core);
  self->run->server_core = self->setup->server_core;
  if (spec->lane->runtime == NULL)
    self->stats = lds_server_stats_new ();
  if (lds_server_command_init (&self->command, spec, self->setup->server_path, &error))
    {
      self->spawned_ns = lds_clock_now_ns ();
      self->server = lds_child_process_spawn ((const char *const *)self->command.argv,
                                              (const char *const *)self->command.environment, cores,
                                              &server_events, self, &error);
    }
  if (self->server == NULL)
    {
      fail (self, "server-not-started", error->message);
      return;
    }
  lds_timer_set (&self->deadline, self->context, self->setup->ready_timeout_ms, ready_deadline_cb,
                 self);
  if (self->command.port != 0)
    lds_timer_set (&self->ticker, self->context, LOOK_MS, look_for_port_cb, self);
}

LdsRunner *
lds_runner_start (const LdsRunSpec *spec,
                  const LdsRunnerSetup *setup,
                  const LdsRunnerEvents *events,
                  gpointer user_data)
{
  LdsRunner *self;

  g_return_val_if_fail (spec != NULL && setup != NULL && events != NULL, NULL);

  self = g_new0 (LdsRunner, 1);
  self->setup = setup;
  self->events = events;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  self->state = STATE_STARTING;
  self->check_cancellable = g_cancellable_new ();
  self->scratch = lds_histogram_new ();
  self->companions = lds_companions_new (setup->companion_cores);
  self->voluntary_hz = self->involuntary_hz = NAN;
  self->server_cpu_s_before = self->machine_cpu_s_before = NAN;
  self->run = lds_run_new (spec);
  self->run->started_at_us = g_get_real_time ();
  if (setup->client_cores != NULL && setup->client_cores->len > 0)
    self->run->client_core = g_array_index (setup->client_cores, int, 0);
  self->address = spec->lane->address;
  if (self->address != NULL)
    begin_checking (self);
  else
    spawn_server (self);
  return self;
}

void
lds_runner_cancel (LdsRunner *self)
{
  g_return_if_fail (self != NULL);

  if (self->state == STATE_FINISHED)
    return;
  self->cancelled = TRUE;
  stop (self, FALSE);
  if (self->load != NULL)
    lds_child_process_stop (self->load, 0);
  if (self->server != NULL)
    lds_child_process_stop (self->server, 0);
}

LdsRun *
lds_runner_steal_run (LdsRunner *self)
{
  g_return_val_if_fail (self != NULL && self->state == STATE_FINISHED, NULL);

  return self->cancelled ? NULL : g_steal_pointer (&self->run);
}

void
lds_runner_free (LdsRunner *self)
{
  if (self == NULL)
    return;
  g_return_if_fail (self->state == STATE_FINISHED);
  lds_child_process_free (self->server);
  lds_child_process_free (self->load);
  g_clear_object (&self->check_cancellable);
  lds_server_command_clear (&self->command);
  lds_address_free (self->own_address);
  lds_sampler_free (self->server_sampler);
  lds_sampler_free (self->client_sampler);
  lds_histogram_free (self->scratch);
  lds_server_stats_free (self->stats);
  lds_companions_free (self->companions);
  lds_run_free (self->run);
  g_main_context_unref (self->context);
  g_free (self);
}
