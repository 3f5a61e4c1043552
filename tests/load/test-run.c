/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs against servers that behave, misbehave and die: every request is accounted for once, under
 * the right kind, and the run ends. */
#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-histogram.h"
#include "lds-json.h"
#include "lds-load-engine.h"
#include "lds-load-run.h"
#include "scripted-server.h"

#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

typedef struct
{
  JsonNode *result; /* the last line */
  guint n_frames;
  guint64 frames_sent; /* of measure and drain */
  guint64 frames_done;
  guint64 frames_errors;
} Report;

static void
report_clear (Report *report)
{
  g_clear_pointer (&report->result, json_node_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Report, report_clear)

static gint64
get (Report *report,
     const char *member)
{
  return lds_json_get_int (json_node_get_object (report->result), member, -1, NULL);
}

static gint64
get_error (Report *report,
           const char *member)
{
  JsonObject *errors = json_object_get_object_member (json_node_get_object (report->result), "errors");

  return lds_json_get_int (errors, member, -1, NULL);
}

static gint64
sum_members (Report *report,
             const char *member)
{
  JsonObject *object =
      json_object_get_object_member (json_node_get_object (report->result), member);
  g_autoptr (GList) values = json_object_get_values (object);
  gint64 sum = 0;

  for (GList *l = values; l != NULL; l = l->next)
    sum += json_node_get_int (l->data);
  return sum;
}

static LdsHistogram *
get_histogram (Report *report,
               const char *member)
{
  JsonObject *result = json_node_get_object (report->result);
  LdsHistogram *histogram = lds_histogram_new ();

  g_assert_true (
      lds_histogram_decode_add (histogram, json_object_get_string_member (result, member)));
  return histogram;
}

static guint64
count_above (Report *report,
             const char *member,
             gint64 value_ns)
{
  LdsHistogram *histogram = get_histogram (report, member);
  guint64 n = histogram->total - lds_histogram_count_at_or_below (histogram, value_ns);

  lds_histogram_free (histogram);
  return n;
}

static gboolean
has_reason (Report *report,
            const char *code)
{
  JsonArray *reasons = json_object_get_array_member (json_node_get_object (report->result), "invalid_reasons");

  for (guint i = 0; i < json_array_get_length (reasons); i++)
    if (g_str_equal (
            json_object_get_string_member (json_array_get_object_element (reasons, i), "code"),
            code))
      return TRUE;
  return FALSE;
}

/* How many requests were due and could be sent: on a busy machine some get no answer in time. */
static gint64
count_sent_well (Report *report)
{
  return get (report, "requests") + get (report, "unanswered");
}

/* What must hold of every run. */
static void
check_books (Report *report)
{
  JsonObject *result = json_node_get_object (report->result);
  gint64 errors = sum_members (report, "errors");
  LdsHistogram *response = get_histogram (report, "latency_histogram");
  LdsHistogram *service = get_histogram (report, "service_time_histogram");
  gint64 ended = get (report, "requests") + errors + get (report, "unanswered");

  g_assert_cmpint ((gint64)response->total, ==, ended);
  g_assert_cmpint (get (report, "sent"), ==, ended - get_error (report, "unsent"));
  g_assert_cmpint ((gint64)service->total, <=, get (report, "sent"));
  if (get (report, "unanswered") == 0 && get_error (report, "timeout") == 0)
    g_assert_cmpint ((gint64)service->total, ==, get (report, "sent") - get_error (report, "connect"));
  g_assert_cmpint (sum_members (report, "status_codes"), ==,
                   get (report, "requests") + get_error (report, "wrong_body") + get_error (report, "non_2xx"));
  g_assert_cmpint (json_object_get_boolean_member (result, "valid"), ==,
                   json_array_get_length (json_object_get_array_member (result, "invalid_reasons")) == 0);
  /* Frames tell the same story: they see what the result does, save for requests of the warm-up. */
  g_assert_cmpuint (report->n_frames, >, 0);
  g_assert_cmpint ((gint64)report->frames_sent, ==, get (report, "sent"));
  g_assert_cmpint ((gint64)report->frames_done, >=, get (report, "requests"));
  g_assert_cmpint ((gint64)report->frames_errors, >=, errors);
  lds_histogram_free (response);
  lds_histogram_free (service);
}

static void
read_lines (Report *report,
            const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n_lines = g_strv_length (lines);
  g_autoptr (GString) phases = g_string_new (NULL);

  g_assert_cmpstr (lines[n_lines - 1], ==, "");
  for (guint i = 0; i + 1 < n_lines; i++)
    {
      g_autoptr (GError) error = NULL;
      JsonNode *node = lds_json_parse (lines[i], strlen (lines[i]), "line", &error);
      const char *event;

      g_assert_no_error (error);
      event = json_object_get_string_member (json_node_get_object (node), "event");
      if (i == 0)
        g_assert_cmpstr (event, ==, "started");
      if (g_str_equal (event, "phase"))
        g_string_append_printf (
            phases, "%s ", json_object_get_string_member (json_node_get_object (node), "phase"));
      if (g_str_equal (event, "frame"))
        {
          JsonObject *frame = json_node_get_object (node);

          report->n_frames++;
          g_assert_cmpint (json_object_get_int_member (frame, "interval_ns"), >, 0);
          if (!g_str_equal (json_object_get_string_member (frame, "phase"), "warm-up"))
            {
              report->frames_sent += (guint64)json_object_get_int_member (frame, "sent");
              report->frames_done += (guint64)json_object_get_int_member (frame, "done");
              report->frames_errors += (guint64)json_object_get_int_member (frame, "errors");
            }
        }
      if (i + 2 == n_lines)
        {
          g_assert_cmpstr (event, ==, "result");
          report->result = node;
        }
      else
        json_node_unref (node);
    }
  g_assert_cmpstr (phases->str, ==, "warm-up measure drain ");
}

/* Runs a plan; @members come behind its url. @input_fd: -1 for one that stays open. */
static Report
run_with_input (ScriptedServer *server,
                const char *members,
                int input_fd)
{
  g_autofree char *url = scripted_server_dup_url (server);
  const char *engine = g_getenv ("LOADSTONE_TEST_ENGINE");
  g_autofree char *json = g_strdup_printf ("{\"url\":\"%s\",\"frame_interval_ms\":20,\"engine\":\"%s\",%s}", url,
                                           engine != NULL ? engine : "auto", members);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lds_json_parse (json, strlen (json), "plan", &error);
  g_autoptr (LdsLoadPlan) plan = NULL;
  Report report = {0};
  char *text = NULL;
  size_t size = 0;
  FILE *output = open_memstream (&text, &size);
  int pipe_fds[2];

  g_assert_no_error (error);
  plan = lds_load_plan_from_json (json_node_get_object (node), &error);
  g_assert_no_error (error);
  g_assert_true (g_unix_open_pipe (pipe_fds, FD_CLOEXEC, NULL));
  g_assert_true (lds_load_run (plan, input_fd >= 0 ? input_fd : pipe_fds[0], output, &error));
  g_assert_no_error (error);
  close (pipe_fds[0]);
  close (pipe_fds[1]);
  fclose (output);
  read_lines (&report, text);
  free (text);
  check_books (&report);
  return report;
}

static Report
run (ScriptFunc script,
     const char *members,
     guint *n_requests)
{
  ScriptedServer *server = scripted_server_new (script);
  Report report = run_with_input (server, members, -1);

  if (n_requests != NULL)
    *n_requests = scripted_server_get_n_requests (server);
  scripted_server_free (server);
  return report;
}

/* Every failure is of @kind, and nothing was answered well. */
static void
assert_all_fail (Report *report,
                 const char *kind)
{
  g_assert_cmpint (get (report, "requests"), ==, 0);
  g_assert_cmpint (get_error (report, kind), >, 0);
  g_assert_cmpint (get_error (report, kind), ==, sum_members (report, "errors"));
  g_assert_true (has_reason (report, "errors"));
  g_assert_true (has_reason (report, "no-good-answer"));
}

static void
good_script (ScriptedServer *server,
             int fd)
{
  while (scripted_server_read (server, fd) > 0 && scripted_server_answer (fd, GOOD))
    ;
}

static void
test_closed_loop (void)
{
  guint seen;
  g_auto (Report) report = run (good_script, "\"connections\":3,\"duration_ms\":150,\"warm_up_ms\":0", &seen);

  g_assert_cmpint (get (&report, "requests"), >, 0);
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
  g_assert_cmpint (get (&report, "sent"), ==, seen);
  g_assert_cmpint (get (&report, "bytes_received"), ==, get (&report, "requests") * (gint64)strlen (GOOD));
}

static void
test_warm_up_is_thrown_away (void)
{
  guint seen;
  g_auto (Report) report = run (good_script, "\"connections\":2,\"duration_ms\":100,\"warm_up_ms\":100", &seen);

  g_assert_cmpint (get (&report, "requests"), >, 0);
  g_assert_cmpint (get (&report, "sent"), <, seen);
}

static void
test_open_loop (void)
{
  guint seen;
  /* k / 400 s < 0.25 s: k = 0 to 99. */
  g_auto (Report) report = run (good_script, "\"connections\":6,\"threads\":2,\"rate_hz\":400,\"duration_ms\":250,\"warm_up_ms\":0", &seen);
  LdsHistogram *lag = get_histogram (&report, "schedule_lag_histogram");

  g_assert_cmpint (count_sent_well (&report), ==, 100);
  g_assert_cmpuint (seen, ==, 100);
  g_assert_cmpuint (lag->total, ==, 100);
  lds_histogram_free (lag);
}

static void
test_poisson (void)
{
  g_auto (Report) report = run (good_script, "\"connections\":4,\"threads\":2,\"rate_hz\":1000,\"arrivals\":\"poisson\",\"seed\":5,\"duration_ms\":200,\"warm_up_ms\":0", NULL);

  /* 200 in the mean, standard deviation 14: five of them either way. */
  g_assert_cmpint (get (&report, "sent") + get_error (&report, "unsent"), >, 130);
  g_assert_cmpint (get (&report, "sent") + get_error (&report, "unsent"), <, 270);
}

static void
chunked_script (ScriptedServer *server,
                int fd)
{
  guint n;

  while ((n = scripted_server_read (server, fd)) > 0)
    if (!scripted_server_answer (fd, n % 2 == 0 ? GOOD : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                                         "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"))
      return;
}

static void
test_chunked_equals_plain (void)
{
  g_auto (Report) report = run (chunked_script, "\"connections\":2,\"duration_ms\":100,\"warm_up_ms\":0", NULL);

  g_assert_cmpint (get (&report, "requests"), >, 1);
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
}

static void
wrong_body_script (ScriptedServer *server,
                   int fd)
{
  guint n;

  while ((n = scripted_server_read (server, fd)) > 0)
    if (!scripted_server_answer (fd, n % 10 == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhullo" : GOOD))
      return;
}

static void
test_wrong_body (void)
{
  guint seen;
  g_auto (Report) report = run (wrong_body_script, "\"connections\":1,\"rate_hz\":500,\"duration_ms\":200,\"warm_up_ms\":0", &seen);

  g_assert_cmpint (get_error (&report, "wrong_body"), ==, seen / 10);
  g_assert_cmpint (get_error (&report, "wrong_body"), ==, sum_members (&report, "errors"));
  g_assert_true (has_reason (&report, "wrong-body"));
}

static void
test_expectation_of_plan (void)
{
  g_auto (Report) wrong = run (good_script, "\"expect\":{\"text\":\"HELLO\"},\"duration_ms\":50,\"warm_up_ms\":0", NULL);
  g_auto (Report) right = run (good_script, "\"expect\":{\"text\":\"hello\"},\"duration_ms\":50,\"warm_up_ms\":0", NULL);
  /* FNV-1a of "hello". */
  g_auto (Report) hash = run (good_script, "\"expect\":{\"length\":5,\"hash\":\"a430d84680aabd0b\"},\"duration_ms\":50,\"warm_up_ms\":0", NULL);
  g_auto (Report) other = run (good_script, "\"expect\":{\"hash\":\"a430d84680aabd0c\"},\"duration_ms\":50,\"warm_up_ms\":0", NULL);
  g_auto (Report) length = run (good_script, "\"expect\":{\"length\":6},\"duration_ms\":50,\"warm_up_ms\":0", NULL);
  g_auto (Report) any = run (wrong_body_script, "\"expect\":{\"any\":true},\"duration_ms\":50,\"warm_up_ms\":0", NULL);

  assert_all_fail (&wrong, "wrong_body");
  assert_all_fail (&other, "wrong_body");
  assert_all_fail (&length, "wrong_body");
  g_assert_cmpint (sum_members (&right, "errors"), ==, 0);
  g_assert_cmpint (sum_members (&hash, "errors"), ==, 0);
  g_assert_cmpint (sum_members (&any, "errors"), ==, 0);
}

static void
failing_script (ScriptedServer *server,
                int fd)
{
  while (scripted_server_read (server, fd) > 0 &&
         scripted_server_answer (fd, "HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\nbad"))
    ;
}

static void
test_non_2xx (void)
{
  g_auto (Report) report = run (failing_script, "\"connections\":2,\"duration_ms\":100,\"warm_up_ms\":0", NULL);

  assert_all_fail (&report, "non_2xx");
}

static void
close_script (ScriptedServer *server,
              int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, GOOD);
}

static void
say_close_script (ScriptedServer *server,
                  int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
}

static void
until_close_script (ScriptedServer *server,
                    int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, "HTTP/1.1 200 OK\r\n\r\nhello");
}

/* A server that closes after each answer, said or not, is as good as another, only slower. */
static void
test_close_after_each (void)
{
  ScriptFunc scripts[] = {close_script, say_close_script, until_close_script};

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_auto (Report) report = run (scripts[i], "\"connections\":2,\"rate_hz\":200,\"duration_ms\":100,\"warm_up_ms\":0", NULL);

      g_assert_cmpint (count_sent_well (&report), ==, 20);
      g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
      /* Two were there before the run. */
      g_assert_cmpint (get (&report, "connects"), >=, get (&report, "requests") - 2);
    }
}

static void
reset_script (ScriptedServer *server,
              int fd)
{
  if (scripted_server_read (server, fd) == 0)
    return;
  scripted_server_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
  scripted_server_reset_on_close (fd);
}

static void
test_reset_in_mid_body (void)
{
  g_auto (Report) report = run (reset_script, "\"connections\":2,\"duration_ms\":150,\"warm_up_ms\":0", NULL);

  assert_all_fail (&report, "reset");
}

static void
short_script (ScriptedServer *server,
              int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
}

static void
test_short (void)
{
  g_auto (Report) report = run (short_script, "\"connections\":2,\"duration_ms\":150,\"warm_up_ms\":0", NULL);

  assert_all_fail (&report, "short");
}

static void
silent_script (ScriptedServer *server,
               int fd)
{
  while (scripted_server_read (server, fd) > 0)
    ;
}

static void
test_never_answering (void)
{
  g_auto (Report) closed = run (silent_script, "\"connections\":2,\"duration_ms\":150,\"warm_up_ms\":0,\"timeout_ms\":40", NULL);
  g_auto (Report) open = run (silent_script, "\"connections\":2,\"rate_hz\":200,\"duration_ms\":150,\"warm_up_ms\":0,\"timeout_ms\":1000", NULL);

  assert_all_fail (&closed, "timeout");
  g_assert_cmpuint (count_above (&closed, "latency_histogram", 39 * LDS_NS_PER_MS), ==,
                    (guint64)get_error (&closed, "timeout"));
  /* Two hold the connections up to their time-out, the other 28 never leave. */
  g_assert_cmpint (get (&open, "requests"), ==, 0);
  g_assert_cmpint (get_error (&open, "timeout"), ==, 2);
  g_assert_cmpint (get_error (&open, "unsent"), ==, 28);
  g_assert_true (has_reason (&open, "rate-missed"));
}

static void
garbage_script (ScriptedServer *server,
                int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, "I am not what you think I am.\r\n");
}

static void
infinite_script (ScriptedServer *server,
                 int fd)
{
  static const char header[] = "X-Again: and again\r\n";

  if (scripted_server_read (server, fd) == 0 || !scripted_server_answer (fd, "HTTP/1.1 200 OK\r\n"))
    return;
  while (scripted_server_write (fd, header, sizeof header - 1))
    ;
}

static void
lying_script (ScriptedServer *server,
              int fd)
{
  while (scripted_server_read (server, fd) > 0 &&
         scripted_server_answer (fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello"))
    ;
}

static void
chunk_bomb_script (ScriptedServer *server,
                   int fd)
{
  if (scripted_server_read (server, fd) > 0)
    scripted_server_answer (fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nx");
}

static void
test_malformed (void)
{
  ScriptFunc scripts[] = {garbage_script, infinite_script, lying_script, chunk_bomb_script};

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_auto (Report) report = run (scripts[i], "\"connections\":2,\"duration_ms\":100,\"warm_up_ms\":0", NULL);

      assert_all_fail (&report, "malformed");
    }
}

static gpointer
die_after_50 (gpointer data)
{
  scripted_server_wait_for (data, 50);
  scripted_server_die (data);
  return NULL;
}

static void
test_server_dies (void)
{
  const char *plans[] = {
      "\"connections\":3,\"duration_ms\":400,\"warm_up_ms\":0",
      "\"connections\":3,\"rate_hz\":500,\"duration_ms\":400,\"warm_up_ms\":0",
  };

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      ScriptedServer *server = scripted_server_new (good_script);
      GThread *killer = g_thread_new ("killer", die_after_50, server);
      g_auto (Report) report = run_with_input (server, plans[i], -1);

      g_thread_join (killer);
      g_assert_cmpint (get (&report, "requests"), >, 0);
      g_assert_cmpint (get_error (&report, "connect"), >, 0);
      /* Three connections that rest longer and longer: a handful each, not a storm. */
      g_assert_cmpint (get_error (&report, "connect"), <, 60);
      g_assert_true (has_reason (&report, "errors"));
      g_assert_true (has_reason (&report, "server-gone"));
      scripted_server_free (server);
    }
}

typedef struct
{
  ScriptedServer *server;
  int fd;
} Ender;

static gpointer
end_after_50 (gpointer data)
{
  Ender *ender = data;

  scripted_server_wait_for (ender->server, 50);
  close (ender->fd);
  return NULL;
}

static void
test_end_of_input (void)
{
  ScriptFunc scripts[] = {good_script, good_script, silent_script};
  const char *plans[] = {
      "\"connections\":2,\"duration_ms\":3600000,\"warm_up_ms\":0",
      "\"connections\":2,\"rate_hz\":2000,\"duration_ms\":3600000,\"warm_up_ms\":0",
      "\"connections\":60,\"duration_ms\":3600000,\"warm_up_ms\":0,\"timeout_ms\":600000",
  };

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      int fds[2];
      ScriptedServer *server = scripted_server_new (scripts[i]);
      Ender ender = {.server = server};
      GThread *thread;

      g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
      ender.fd = fds[1];
      thread = g_thread_new ("ender", end_after_50, &ender);
      {
        g_auto (Report) report = run_with_input (server, plans[i], fds[0]);

        g_thread_join (thread);
        close (fds[0]);
        g_assert_true (json_object_get_boolean_member (json_node_get_object (report.result), "ended_early"));
        if (i < 2)
          g_assert_cmpint (get (&report, "requests"), >=, 40);
        else
          g_assert_cmpint (get (&report, "unanswered"), ==, 60);
      }
      scripted_server_free (server);
    }
}

typedef struct
{
  LdsLoadPlan *plan;
  int input_fd;
  FILE *output;
} Runner;

static gpointer
run_thread (gpointer data)
{
  Runner *runner = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (lds_load_run (runner->plan, runner->input_fd, runner->output, &error));
  g_assert_no_error (error);
  fclose (runner->output);
  return NULL;
}

/* A phase is said when it begins: here no frame is due for a minute, and no answer ever comes. */
static void
test_phases_are_said_in_time (void)
{
  ScriptedServer *server = scripted_server_new (silent_script);
  g_autofree char *url = scripted_server_dup_url (server);
  g_autofree char *json = g_strdup_printf ("{\"url\":\"%s\",\"connections\":200,\"rate_hz\":1000,"
                                           "\"warm_up_ms\":20,\"duration_ms\":20,"
                                           "\"timeout_ms\":600000,\"frame_interval_ms\":60000}",
                                           url);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lds_json_parse (json, strlen (json), "plan", &error);
  g_autoptr (LdsLoadPlan) plan = lds_load_plan_from_json (json_node_get_object (node), &error);
  int input[2], output[2];
  Runner runner = {.plan = plan};
  GThread *thread;
  FILE *lines;
  char *line = NULL;
  size_t size = 0;

  g_assert_no_error (error);
  g_assert_true (g_unix_open_pipe (input, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_open_pipe (output, FD_CLOEXEC, NULL));
  runner.input_fd = input[0];
  runner.output = fdopen (output[1], "w");
  lines = fdopen (output[0], "r");
  thread = g_thread_new ("run", run_thread, &runner);
  do
    g_assert_cmpint (getline (&line, &size, lines), >, 0);
  while (strstr (line, "\"phase\":\"measure\"") == NULL);
  do
    g_assert_cmpint (getline (&line, &size, lines), >, 0);
  while (strstr (line, "\"event\":\"phase\",\"phase\":\"drain\"") == NULL);
  close (input[1]);
  while (getline (&line, &size, lines) > 0)
    ;
  g_thread_join (thread);
  free (line);
  fclose (lines);
  close (input[0]);
  scripted_server_free (server);
}

/* "loadstone-load < PLAN": the file's end is no reason to stop. */
static void
test_plan_in_a_file (void)
{
  ScriptedServer *server = scripted_server_new (good_script);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("lds-plan-XXXXXX", &path, &error);

  g_assert_no_error (error);
  {
    g_auto (Report) report = run_with_input (server, "\"connections\":1,\"duration_ms\":50,\"warm_up_ms\":0", fd);

    g_assert_false (json_object_get_boolean_member (json_node_get_object (report.result), "ended_early"));
  }
  close (fd);
  g_unlink (path);
  scripted_server_free (server);
}

static GMutex stall_mutex;

/* Stops whole for a second, once: every connection waits. */
static void
stall_script (ScriptedServer *server,
              int fd)
{
  guint n;

  while ((n = scripted_server_read (server, fd)) > 0)
    {
      g_mutex_lock (&stall_mutex);
      if (n == 20)
        g_usleep (G_USEC_PER_SEC);
      g_mutex_unlock (&stall_mutex);
      if (!scripted_server_answer (fd, GOOD))
        return;
    }
}

static void
test_stall_is_seen_whole (void)
{
  g_auto (Report) report = run (stall_script, "\"connections\":4,\"rate_hz\":200,\"duration_ms\":1500,\"warm_up_ms\":0", NULL);
  guint64 late = count_above (&report, "latency_histogram", LDS_NS_PER_S / 2);

  g_assert_cmpint (count_sent_well (&report), ==, 300);
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
  /* The stalled request itself saw the whole second. */
  g_assert_cmpuint (count_above (&report, "latency_histogram", 999 * LDS_NS_PER_MS), >=, 1);
  g_assert_cmpuint (count_above (&report, "service_time_histogram", 999 * LDS_NS_PER_MS), >=, 1);
  /* Whatever was due in its first half waited for half a second or more: 100 at 200 a second. */
  g_assert_cmpuint (late, >=, 99);
  /* Service time alone, as closed-loop tools have it, would show but the four in flight. */
  g_assert_cmpuint (count_above (&report, "service_time_histogram", LDS_NS_PER_S / 2), <, late / 2);
}

static void
test_nobody_there (void)
{
  ScriptedServer *server = scripted_server_new (good_script);
  g_autofree char *url = scripted_server_dup_url (server);
  g_autofree char *json = g_strdup_printf ("{\"url\":\"%s\"}", url);
  g_autoptr (JsonNode) node = lds_json_parse (json, strlen (json), "plan", NULL);
  g_autoptr (LdsLoadPlan) plan = lds_load_plan_from_json (json_node_get_object (node), NULL);
  g_autoptr (GError) error = NULL;

  scripted_server_free (server);
  g_assert_false (lds_load_run (plan, -1, stdout, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, url));
}

int
main (int argc,
      char *argv[])
{
  const char *engine = g_getenv ("LOADSTONE_TEST_ENGINE");

  if (engine != NULL && !lds_load_engine_find (engine)->probe ())
    {
      g_print ("1..0 # SKIP %s is refused here: %s\n", engine, g_strerror (errno));
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/run/closed-loop", test_closed_loop);
  g_test_add_func ("/load/run/warm-up-is-thrown-away", test_warm_up_is_thrown_away);
  g_test_add_func ("/load/run/open-loop", test_open_loop);
  g_test_add_func ("/load/run/poisson", test_poisson);
  g_test_add_func ("/load/run/chunked-equals-plain", test_chunked_equals_plain);
  g_test_add_func ("/load/run/wrong-body", test_wrong_body);
  g_test_add_func ("/load/run/expectation-of-plan", test_expectation_of_plan);
  g_test_add_func ("/load/run/non-2xx", test_non_2xx);
  g_test_add_func ("/load/run/close-after-each", test_close_after_each);
  g_test_add_func ("/load/run/reset-in-mid-body", test_reset_in_mid_body);
  g_test_add_func ("/load/run/short", test_short);
  g_test_add_func ("/load/run/never-answering", test_never_answering);
  g_test_add_func ("/load/run/malformed", test_malformed);
  g_test_add_func ("/load/run/server-dies", test_server_dies);
  g_test_add_func ("/load/run/plan-in-a-file", test_plan_in_a_file);
  g_test_add_func ("/load/run/phases-are-said-in-time", test_phases_are_said_in_time);
  g_test_add_func ("/load/run/end-of-input", test_end_of_input);
  g_test_add_func ("/load/run/stall-is-seen-whole", test_stall_is_seen_whole);
  g_test_add_func ("/load/run/nobody-there", test_nobody_there);
  return g_test_run ();
}
