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

#include "lds-cli-load-text.h"
#include "lds-cli-options.h"
#include "lds-file.h"
#include "lds-hgrm.h"
#include "lds-json.h"
#include "lds-paths.h"

typedef struct
{
  int connections;
  int threads;
  double rate_hz;
  char *duration;
  char *warm_up;
  char *timeout;
  char *method;
  char **headers;
  char *body;
  char *expect;
  char *engine;
  char *json_path;
  char *hgrm_path;
  gboolean poisson;
  gboolean any_body;
  gboolean latency;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->duration);
  g_free (options->warm_up);
  g_free (options->timeout);
  g_free (options->method);
  g_strfreev (options->headers);
  g_free (options->body);
  g_free (options->expect);
  g_free (options->engine);
  g_free (options->json_path);
  g_free (options->hgrm_path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
add_headers (JsonObject *plan,
             char **headers,
             GError **error)
{
  JsonObject *object = json_object_new ();

  json_object_set_object_member (plan, "headers", object);
  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    {
      const char *colon = strchr (headers[i], ':');
      g_autofree char *name = NULL, *value = NULL;

      if (colon == NULL)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       _ ("--header is “%s”, which has no colon: write 'Name: value'."), headers[i]);
          return FALSE;
        }
      name = g_strndup (headers[i], (gsize)(colon - headers[i]));
      value = g_strstrip (g_strdup (colon + 1));
      json_object_set_string_member (object, name, value);
    }
  return TRUE;
}

/* Returns: (transfer full): the plan as one line with its newline */
static char *
make_plan (const Options *options,
           const char *url,
           GError **error)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  JsonObject *plan = json_object_new ();
  gint64 duration_ms = 10000, warm_up_ms = 1000, timeout_ms = 2000;

  json_node_take_object (node, plan);
  if (!lds_cli_parse_duration ("--duration", options->duration, 1e3, &duration_ms, error) ||
      !lds_cli_parse_duration ("--warm-up", options->warm_up, 1e3, &warm_up_ms, error) ||
      !lds_cli_parse_duration ("--timeout", options->timeout, 1, &timeout_ms, error) ||
      !add_headers (plan, options->headers, error))
    return NULL;
  json_object_set_string_member (plan, "url", url);
  json_object_set_string_member (plan, "method", options->method != NULL ? options->method : "GET");
  json_object_set_string_member (plan, "body", options->body != NULL ? options->body : "");
  json_object_set_int_member (plan, "connections", options->connections);
  json_object_set_int_member (plan, "threads", options->threads);
  json_object_set_double_member (plan, "rate_hz", options->rate_hz);
  json_object_set_string_member (plan, "arrivals", options->poisson ? "poisson" : "constant");
  json_object_set_int_member (plan, "duration_ms", duration_ms);
  json_object_set_int_member (plan, "warm_up_ms", warm_up_ms);
  json_object_set_int_member (plan, "timeout_ms", timeout_ms);
  json_object_set_string_member (plan, "engine", options->engine != NULL ? options->engine : "auto");
  if (options->any_body || options->expect != NULL)
    {
      JsonObject *expect = json_object_new ();

      if (options->any_body)
        json_object_set_boolean_member (expect, "any", TRUE);
      if (options->expect != NULL)
        json_object_set_string_member (expect, "text", options->expect);
      json_object_set_object_member (plan, "expect", expect);
    }
  text = lds_json_to_text (node, FALSE);
  return g_strconcat (text, "\n", NULL);
}

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
    show_frame (child, object);
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

static gboolean
write_hgrm (const char *path,
            JsonObject *result,
            GError **error)
{
  JsonObject *latency = lds_json_get_object (result, "latency_us", error);
  LdsHistogram *histogram = lds_histogram_new ();
  g_autofree char *text = NULL;

  if (histogram == NULL || latency == NULL ||
      !lds_histogram_decode_add (histogram, lds_json_get_string (result, "latency_histogram", "", error)))
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

gboolean
lds_cli_load (int argc,
              char **argv,
              GError **error)
{
  g_auto (Options) options = {.connections = 64, .threads = 1};
  const GOptionEntry entries[] = {
      {"connections", 'c', 0, G_OPTION_ARG_INT, &options.connections, N_ ("Open N connections (64)"), N_ ("N")},
      {"threads", 't', 0, G_OPTION_ARG_INT, &options.threads, N_ ("Use N client threads (1)"), N_ ("N")},
      {"duration", 'd', 0, G_OPTION_ARG_STRING, &options.duration, N_ ("Measure for this long: 10, 10s, 500ms, 2m (10 s)"), N_ ("S")},
      {"warm-up", 'w', 0, G_OPTION_ARG_STRING, &options.warm_up, N_ ("Load this long before, and throw it away (1 s)"), N_ ("S")},
      {"rate", 'R', 0, G_OPTION_ARG_DOUBLE, &options.rate_hz, N_ ("Send this many requests a second whatever comes back (open loop); 0 sends the next when the last is answered (closed loop)"), N_ ("RATE")},
      {"poisson", 0, 0, G_OPTION_ARG_NONE, &options.poisson, N_ ("With --rate: at random moments instead of even ones"), NULL},
      {"timeout", 0, 0, G_OPTION_ARG_STRING, &options.timeout, N_ ("Give a request up after this many ms (2000)"), N_ ("MS")},
      {"method", 0, 0, G_OPTION_ARG_STRING, &options.method, N_ ("HTTP method (GET)"), N_ ("M")},
      {"header", 'H', 0, G_OPTION_ARG_STRING_ARRAY, &options.headers, N_ ("Add a header; may be repeated"), N_ ("'K: V'")},
      {"body", 0, 0, G_OPTION_ARG_STRING, &options.body, N_ ("Send this body"), N_ ("TEXT")},
      {"expect", 0, 0, G_OPTION_ARG_STRING, &options.expect, N_ ("The body that answers must have (that of the first good answer)"), N_ ("TEXT")},
      {"any-body", 0, 0, G_OPTION_ARG_NONE, &options.any_body, N_ ("Do not compare the bodies of answers"), NULL},
      {"latency", 0, 0, G_OPTION_ARG_NONE, &options.latency, N_ ("Print the table of percentiles"), NULL},
      {"json", 0, 0, G_OPTION_ARG_FILENAME, &options.json_path, N_ ("Write the result as JSON to FILE, or “-”"), N_ ("FILE")},
      {"hgrm", 0, 0, G_OPTION_ARG_FILENAME, &options.hgrm_path, N_ ("Write the percentile distribution to FILE, or “-”"), N_ ("FILE")},
      {"engine", 0, 0, G_OPTION_ARG_STRING, &options.engine, N_ ("epoll or auto"), N_ ("NAME")},
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) rest = NULL;
  g_auto (Child) child = {0};
  g_autofree char *plan = NULL;
  JsonObject *result;
  JsonArray *reasons;

  if (!lds_cli_parse (argc, argv, "URL", entries, &rest, error))
    return FALSE;
  if (g_strv_length (rest) != 1)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("Name one address to load: loadstone-cli load http://127.0.0.1:PORT/PATH."));
      return FALSE;
    }
  plan = make_plan (&options, rest[0], error);
  if (plan == NULL || !listen_to (&child, plan, error))
    return FALSE;

  result = json_node_get_object (child.result);
  json_object_remove_member (result, "event");
  if (g_strcmp0 (options.json_path, "-") != 0 && g_strcmp0 (options.hgrm_path, "-") != 0)
    lds_cli_load_print_result (stdout, result, options.latency);
  if (options.json_path != NULL && !write_json (options.json_path, child.result, error))
    return FALSE;
  if (options.hgrm_path != NULL && !write_hgrm (options.hgrm_path, result, error))
    return FALSE;
  if (lds_json_get_boolean (result, "valid", FALSE, NULL))
    return TRUE;
  reasons = lds_json_get_array (result, "invalid_reasons", NULL);
  g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
               g_dngettext (GETTEXT_PACKAGE, "The measurement is invalid, for %u reason.",
                            "The measurement is invalid, for %u reasons.",
                            reasons != NULL ? json_array_get_length (reasons) : 0),
               reasons != NULL ? json_array_get_length (reasons) : 0);
  return FALSE;
}
