/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “load”: the load generator by itself, with the flags that wrk and wrk2 made usual. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lds-cli-load-plan.h"
#include "lds-cli-load-text.h"
#include "lds-cli-outputs.h"
#include "lds-clock.h"
#include "lds-file.h"
#include "lds-hdr.h"
#include "lds-hgrm.h"
#include "lds-hlog.h"
#include "lds-json.h"
#include "lds-paths.h"

/* A load generator that is being listened to. */
typedef struct
{
  GMainLoop *loop;
  GSubprocess *process;
  GDataInputStream *lines;
  JsonNode *result; /* (nullable) */
  char *message;    /* (nullable): of its "error" event */
  GError *error;    /* (nullable): it could not be listened to */
  gboolean is_live;
  GString *log; /* (nullable): the interval log so far */
  gint64 measure_start_ns;
  guint interrupt_id;
} Child;

static void
child_clear (Child *child)
{
  if (child->interrupt_id != 0)
    g_source_remove (child->interrupt_id);
  if (child->process != NULL)
    g_subprocess_force_exit (child->process);
  g_clear_object (&child->process);
  g_clear_object (&child->lines);
  g_clear_pointer (&child->result, json_node_unref);
  g_clear_pointer (&child->loop, g_main_loop_unref);
  g_clear_error (&child->error);
  g_free (child->message);
  if (child->log != NULL)
    g_string_free (child->log, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Child, child_clear)

static void
show_frame (Child *child,
            JsonObject *frame)
{
  g_autofree char *line = NULL;

  if (!child->is_live)
    return;
  line = lds_cli_load_dup_live_line (frame);
  fprintf (stderr, "\r%s\033[K", line);
  fflush (stderr);
}

static void
log_phase (Child *child,
           JsonObject *phase)
{
  gint64 t_ns = lds_json_get_int (phase, "t_ns", 0, NULL);

  if (child->log == NULL || strcmp (lds_json_get_string (phase, "phase", "", NULL), "measure") != 0)
    return;
  child->measure_start_ns = t_ns;
  lds_hlog_append_header (child->log, g_get_real_time () / 1000 -
                                          (lds_clock_now_ns () - t_ns) / LDS_NS_PER_MS);
}

/* Two streams: response times without a tag, service times with one. All intervals of a stream together are
 * the result's histogram. */
static void
log_frame (Child *child,
           JsonObject *frame)
{
  static const char *const streams[][2] = {{"response", NULL}, {"service", "service"}};
  gint64 length_ns = lds_json_get_int (frame, "interval_ns", 0, NULL);
  gint64 start_ns = lds_json_get_int (frame, "t_ns", 0, NULL) - length_ns - child->measure_start_ns;

  if (child->log == NULL || child->measure_start_ns == 0 ||
      strcmp (lds_json_get_string (frame, "phase", "", NULL), "warm-up") == 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      LdsHistogram *histogram = lds_histogram_new ();

      if (histogram != NULL &&
          lds_histogram_decode_add (histogram,
                                    lds_json_get_string (frame, streams[i][0], "", NULL)))
        lds_hlog_append_interval (child->log, streams[i][1], MAX (start_ns, 0),
                                  MAX (length_ns, 0), histogram);
      lds_histogram_free (histogram);
    }
}

static void
take_event (Child *child,
            const char *line)
{
  g_autoptr (JsonNode) node = lds_json_parse (line, strlen (line), "loadstone-load", &child->error);
  JsonObject *object;
  const char *event;

  if (node == NULL)
    return;
  object = json_node_get_object (node);
  event = lds_json_get_string (object, "event", "", NULL);
  if (strcmp (event, "frame") == 0)
    {
      show_frame (child, object);
      log_frame (child, object);
    }
  else if (strcmp (event, "phase") == 0)
    log_phase (child, object);
  else if (strcmp (event, "error") == 0)
    {
      g_free (child->message);
      child->message = g_strdup (lds_json_get_string (object, "message", "", NULL));
    }
  else if (strcmp (event, "result") == 0)
    {
      g_clear_pointer (&child->result, json_node_unref);
      child->result = g_steal_pointer (&node);
    }
}

static void
line_cb (GObject *source,
         GAsyncResult *result,
         gpointer user_data)
{
  Child *child = user_data;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (child->lines, result, NULL, &child->error);

  if (line != NULL)
    take_event (child, line);
  if (line == NULL || child->error != NULL)
    g_main_loop_quit (child->loop);
  else
    g_data_input_stream_read_line_async (child->lines, G_PRIORITY_DEFAULT, NULL, line_cb, child);
}

/* The first interrupt ends the run early; a second one ends us, and the child with us. */
static gboolean
interrupt_cb (gpointer user_data)
{
  Child *child = user_data;

  child->interrupt_id = 0;
  g_output_stream_close (g_subprocess_get_stdin_pipe (child->process), NULL, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
listen_to (Child *child,
           const char *plan,
           GError **error)
{
  g_autofree char *program = lds_paths_find_program ("loadstone-load", error);

  if (program == NULL)
    return FALSE;
  child->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                     error, program, NULL);
  if (child->process == NULL)
    return FALSE;
  child->loop = g_main_loop_new (NULL, FALSE);
  child->is_live = isatty (STDERR_FILENO);
  child->interrupt_id = g_unix_signal_add (SIGINT, interrupt_cb, child);
  child->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child->process));
  /* The child reads all of its plan before it writes. A failure shows in what it does not say. */
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (child->process), plan, strlen (plan),
                             NULL, NULL, NULL);
  g_data_input_stream_read_line_async (child->lines, G_PRIORITY_DEFAULT, NULL, line_cb, child);
  g_main_loop_run (child->loop);
  if (child->is_live)
    fprintf (stderr, "\r\033[K");
  if (child->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&child->error));
      return FALSE;
    }
  if (!g_subprocess_wait (child->process, NULL, error))
    return FALSE;
  if (child->result != NULL)
    return TRUE;
  if (child->message != NULL)
    g_set_error_literal (error, LDS_ERROR,
                         g_subprocess_get_if_exited (child->process) &&
                                 g_subprocess_get_exit_status (child->process) == LDS_EXIT_USAGE
                             ? LDS_ERROR_INPUT
                             : LDS_ERROR_FAILED,
                         child->message);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 _ ("The load generator ended without a result. Run it again, and report this if it stays."));
  return FALSE;
}

static gboolean
write_text (const char *path,
            const char *text,
            GError **error)
{
  if (strcmp (path, "-") == 0)
    {
      fputs (text, stdout);
      return TRUE;
    }
  return lds_file_write (path, text, strlen (text), error);
}

static gboolean
write_json (const char *path,
            JsonNode *node,
            GError **error)
{
  g_autofree char *text = lds_json_to_text (node, TRUE);

  return write_text (path, text, error);
}

/* As the tools of the HdrHistogram family exchange them. */
static void
compress_histograms (JsonObject *result)
{
  static const char *const members[] = {"latency_histogram", "service_time_histogram", "schedule_lag_histogram"};

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      LdsHistogram *histogram = lds_histogram_new ();
      g_autofree char *encoded = NULL;

      if (histogram != NULL &&
          lds_histogram_decode_add (histogram, lds_json_get_string (result, members[i], "", NULL)))
        {
          encoded = lds_hdr_encode (histogram);
          json_object_set_string_member (result, members[i], encoded);
        }
      lds_histogram_free (histogram);
    }
}

static gboolean
write_hgrm (const char *path,
            JsonObject *result,
            GError **error)
{
  JsonObject *latency = lds_json_get_object (result, "latency_us", error);
  LdsHistogram *histogram = lds_histogram_new ();
  g_autofree char *text = NULL;

  if (histogram == NULL || latency == NULL ||
      !lds_hdr_decode_add (histogram, lds_json_get_string (result, "latency_histogram", "", error)))
    {
      lds_histogram_free (histogram);
      g_clear_error (error);
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   _ ("The load generator's result holds no readable histogram."));
      return FALSE;
    }
  text = lds_hgrm_to_text (histogram, 1e3 * lds_json_get_double (latency, "mean", 0, NULL),
                           1e3 * lds_json_get_double (latency, "max", 0, NULL));
  lds_histogram_free (histogram);
  return write_text (path, text, error);
}

/* Where the results go, and how much of them. */
typedef struct
{
  char *json_path;
  char *hgrm_path;
  char *hlog_path;
  gboolean latency;
  gboolean print_plan;
} Outputs;

static void
outputs_clear (Outputs *outputs)
{
  g_free (outputs->json_path);
  g_free (outputs->hgrm_path);
  g_free (outputs->hlog_path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outputs, outputs_clear)

static gboolean
parse (int argc,
       char **argv,
       LdsCliLoadOptions *o,
       Outputs *outputs,
       GStrv *rest,
       GError **error)
{
  const GOptionEntry entries[] = {
      {"connections", 'c', 0, G_OPTION_ARG_INT, &o->connections, N_ ("Open N connections (64)"), N_ ("N")},
      {"threads", 't', 0, G_OPTION_ARG_INT, &o->threads, N_ ("Use N client threads (1)"), N_ ("N")},
      {"duration", 'd', 0, G_OPTION_ARG_STRING, &o->duration, N_ ("Measure for this long: 10, 10s, 500ms, 2m (10 s)"), N_ ("T")},
      {"count", 'n', 0, G_OPTION_ARG_INT, &o->count, N_ ("Measure N requests, however long they take"), N_ ("N")},
      {"warm-up", 'w', 0, G_OPTION_ARG_STRING, &o->warm_up, N_ ("Load this long before, and throw it away (1 s)"), N_ ("T")},
      {"rate", 'R', 0, G_OPTION_ARG_DOUBLE, &o->rate_hz, N_ ("Send this many requests a second whatever comes back (open loop); 0 sends the next when the last is answered (closed loop)"), N_ ("RATE")},
      {"schedule", 0, 0, G_OPTION_ARG_STRING, &o->schedule, N_ ("Open loop in steps and ramps: 1000:5s,1000-5000:10s"), N_ ("STEPS")},
      {"poisson", 0, 0, G_OPTION_ARG_NONE, &o->poisson, N_ ("Open loop: at random moments instead of even ones"), NULL},
      {"think", 0, 0, G_OPTION_ARG_STRING, &o->think, N_ ("Closed loop: wait this many ms between an answer and the next request"), N_ ("MS")},
      {"think-random", 0, 0, G_OPTION_ARG_NONE, &o->think_random, N_ ("With --think: exponentially distributed times of that mean"), NULL},
      {"pipeline", 'p', 0, G_OPTION_ARG_INT, &o->pipeline, N_ ("Have N requests in flight on each connection (1)"), N_ ("N")},
      {"requests-per-connection", 0, 0, G_OPTION_ARG_INT, &o->requests_per_connection, N_ ("Make each connection anew after N requests"), N_ ("N")},
      {"timeout", 0, 0, G_OPTION_ARG_STRING, &o->timeout, N_ ("Give a request up after this long (2 s)"), N_ ("T")},
      {"method", 0, 0, G_OPTION_ARG_STRING, &o->method, N_ ("HTTP method (GET)"), N_ ("M")},
      {"header", 'H', 0, G_OPTION_ARG_STRING_ARRAY, &o->headers, N_ ("Add a header; may be repeated"), N_ ("'K: V'")},
      {"body", 0, 0, G_OPTION_ARG_STRING, &o->body, N_ ("Send this body"), N_ ("TEXT")},
      {"mix", 0, 0, G_OPTION_ARG_FILENAME, &o->mix_path, N_ ("Send the weighted requests that FILE names: {\"mix\": [{\"path\": \"/a\", \"weight\": 9}, …]}"), N_ ("FILE")},
      {"expect", 0, 0, G_OPTION_ARG_STRING, &o->expect, N_ ("The body that answers must have (that of the first good answer)"), N_ ("TEXT")},
      {"expect-length", 0, 0, G_OPTION_ARG_INT64, &o->expect_length, N_ ("How many bytes the body of answers must have"), N_ ("N")},
      {"expect-hash", 0, 0, G_OPTION_ARG_STRING, &o->expect_hash, N_ ("FNV-1a hash of the body that answers must have, 16 hexadecimal digits"), N_ ("HASH")},
      {"any-body", 0, 0, G_OPTION_ARG_NONE, &o->any_body, N_ ("Do not compare the bodies of answers"), NULL},
      {"idle", 0, 0, G_OPTION_ARG_INT, &o->idle, N_ ("Hold N idle connections beside"), N_ ("N")},
      {"slow-readers", 0, 0, G_OPTION_ARG_INT, &o->slow_readers, N_ ("Have N clients beside that read slowly"), N_ ("N")},
      {"slow-senders", 0, 0, G_OPTION_ARG_INT, &o->slow_senders, N_ ("Have N clients beside that send slowly"), N_ ("N")},
      {"askers", 0, 0, G_OPTION_ARG_INT, &o->askers, N_ ("Have N clients beside that ask, and ask again when they have their answer"), N_ ("N")},
      {"ask", 0, 0, G_OPTION_ARG_STRING, &o->ask, N_ ("What these ask for (the same as all others)"), N_ ("PATH")},
      {"stream", 0, 0, G_OPTION_ARG_STRING, &o->stream, N_ ("WebSocket: echo, broadcast or listen; events over http: listen"), N_ ("MODE")},
      {"payload", 0, 0, G_OPTION_ARG_INT, &o->payload_bytes, N_ ("Size of a WebSocket message in bytes"), N_ ("N")},
      {"allow-host", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->allowed_hosts, N_ ("Load this host, which is not this machine; may be repeated"), N_ ("NAME")},
      {"max-rate", 0, 0, G_OPTION_ARG_DOUBLE, &o->max_rate_hz, N_ ("Ceiling of the rate for another host (100); 0 for none"), N_ ("RATE")},
      {"max-duration", 0, 0, G_OPTION_ARG_STRING, &o->max_duration, N_ ("Ceiling of the duration for another host (60 s); 0 for none"), N_ ("T")},
      {"http", 0, 0, G_OPTION_ARG_STRING, &o->http_version, N_ ("HTTP version: 1.1, 2, or 2-prior-knowledge"), N_ ("VERSION")},
      {"cacert", 0, 0, G_OPTION_ARG_FILENAME, &o->ca_path, N_ ("Trust the certificates in FILE"), N_ ("FILE")},
      {"cert", 0, 0, G_OPTION_ARG_FILENAME, &o->certificate_path, N_ ("Show this client certificate"), N_ ("FILE")},
      {"key", 0, 0, G_OPTION_ARG_FILENAME, &o->key_path, N_ ("Private key of the client certificate"), N_ ("FILE")},
      {"insecure", 'k', 0, G_OPTION_ARG_NONE, &o->insecure, N_ ("Do not check the server's certificate"), NULL},
      {"proxy", 0, 0, G_OPTION_ARG_STRING, &o->proxy, N_ ("Go through a proxy; that of the environment is never used"), N_ ("URL")},
      {"engine", 0, 0, G_OPTION_ARG_STRING, &o->engine, N_ ("io_uring, epoll or auto"), N_ ("NAME")},
      {"client", 0, 0, G_OPTION_ARG_STRING, &o->client, N_ ("native, curl or auto"), N_ ("NAME")},
      {"plan", 0, 0, G_OPTION_ARG_FILENAME, &o->plan_path, N_ ("Begin with the plan in FILE; other options go over it"), N_ ("FILE")},
      {"print-plan", 0, 0, G_OPTION_ARG_NONE, &outputs->print_plan, N_ ("Only print the plan"), NULL},
      {"latency", 'L', 0, G_OPTION_ARG_NONE, &outputs->latency, N_ ("Print the table of percentiles"), NULL},
      {"json", 0, 0, G_OPTION_ARG_FILENAME, &outputs->json_path, N_ ("Write the result as JSON to FILE, or “-”"), N_ ("FILE")},
      {"hgrm", 0, 0, G_OPTION_ARG_FILENAME, &outputs->hgrm_path, N_ ("Write the percentile distribution to FILE, or “-”"), N_ ("FILE")},
      {"hlog", 0, 0, G_OPTION_ARG_FILENAME, &outputs->hlog_path, N_ ("Write a log of intervals, a histogram each, to FILE, or “-”"), N_ ("FILE")},
      G_OPTION_ENTRY_NULL};

  if (!lds_cli_parse (argc, argv, "[URL]", entries, rest, error))
    return FALSE;
  if (g_strv_length (*rest) == 1 || (g_strv_length (*rest) == 0 && o->plan_path != NULL))
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               _ ("Name one address to load: loadstone-cli load http://127.0.0.1:PORT/PATH."));
  return FALSE;
}

static gboolean
is_standard_output (const char *path)
{
  return g_strcmp0 (path, "-") == 0;
}

static gboolean
write_results (const Outputs *outputs,
               const Child *child,
               GError **error)
{
  JsonObject *result = json_node_get_object (child->result);

  json_object_remove_member (result, "event");
  if (!is_standard_output (outputs->json_path) && !is_standard_output (outputs->hgrm_path) &&
      !is_standard_output (outputs->hlog_path))
    lds_cli_load_print_result (stdout, result, outputs->latency);
  compress_histograms (result);
  return (outputs->json_path == NULL || write_json (outputs->json_path, child->result, error)) &&
         (outputs->hgrm_path == NULL || write_hgrm (outputs->hgrm_path, result, error)) &&
         (outputs->hlog_path == NULL || write_text (outputs->hlog_path, child->log->str, error));
}

static gboolean
check_valid (JsonObject *result,
             GError **error)
{
  JsonArray *reasons = lds_json_get_array (result, "invalid_reasons", NULL);
  guint n_reasons = reasons != NULL ? json_array_get_length (reasons) : 0;

  if (lds_json_get_boolean (result, "valid", FALSE, NULL))
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
               g_dngettext (GETTEXT_PACKAGE, "The measurement is invalid, for %u reason.",
                            "The measurement is invalid, for %u reasons.", n_reasons),
               n_reasons);
  return FALSE;
}

static gboolean
check_outputs (const Outputs *outputs,
               const LdsCliLoadOptions *options,
               GError **error)
{
  const struct
  {
    const char *option, *path;
  } files[] = {
      {"--json", outputs->json_path},
      {"--hgrm", outputs->hgrm_path},
      {"--hlog", outputs->hlog_path},
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      if ((!is_standard_output (files[i].path) &&
           !lds_cli_check_output (files[i].option, files[i].path, NULL, error)) ||
          !lds_cli_check_apart (files[i].option, files[i].path, NULL, options->plan_path, error) ||
          !lds_cli_check_apart (files[i].option, files[i].path, NULL, options->mix_path, error))
        return FALSE;
      for (guint j = 0; j < i; j++)
        if (!lds_cli_check_apart (files[i].option, files[i].path, files[j].option, files[j].path,
                                  error))
          return FALSE;
    }
  return TRUE;
}

gboolean
lds_cli_load (int argc,
              char **argv,
              GError **error)
{
  g_auto (LdsCliLoadOptions) options = {0};
  g_auto (Outputs) outputs = {0};
  g_auto (GStrv) rest = NULL;
  g_auto (Child) child = {0};
  g_autoptr (JsonNode) plan = NULL;
  g_autofree char *text = NULL, *line = NULL;

  lds_cli_load_options_init (&options);
  if (!parse (argc, argv, &options, &outputs, &rest, error) ||
      !check_outputs (&outputs, &options, error))
    return FALSE;
  plan = lds_cli_load_make_plan (&options, rest[0], error);
  if (plan == NULL)
    return FALSE;
  if (outputs.print_plan)
    return write_json ("-", plan, error);
  text = lds_json_to_text (plan, FALSE);
  line = g_strconcat (text, "\n", NULL);
  if (outputs.hlog_path != NULL)
    child.log = g_string_new (NULL);
  return listen_to (&child, line, error) && write_results (&outputs, &child, error) &&
         check_valid (json_node_get_object (child.result), error);
}
