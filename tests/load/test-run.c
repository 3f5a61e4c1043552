/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs against servers that behave, misbehave and die: every request is accounted for once, under
 * the right kind, and the run ends. */
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
#include "lds-load-run.h"
#include "run.h"

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

  g_assert_cmpint (count_due (&report), ==, 100);
  g_assert_cmpuint (seen, ==, 100 - (guint)get_error (&report, "unsent"));
  g_assert_cmpuint (lag->total, ==, 100);
  lds_histogram_free (lag);
}

/* Two steps and a ramp: 40 + 100 requests in 0.2 s each, then 40 while 400 Hz become 0. */
static void
test_schedule (void)
{
  guint seen;
  g_auto (Report) report = run (good_script, "\"connections\":6,\"threads\":3,\"warm_up_ms\":0,"
                                             "\"schedule\":[{\"rate_hz\":200,\"duration_ms\":200},"
                                             "{\"rate_hz\":500,\"duration_ms\":200},"
                                             "{\"rate_hz\":400,\"to_hz\":0,\"duration_ms\":200}]",
                                &seen);
  JsonObject *result = json_node_get_object (report.result);
  JsonArray *schedule = json_object_get_array_member (result, "schedule");
  JsonArray *steps = json_object_get_array_member (result, "steps");
  static const gint64 expected[] = {40, 100, 40};

  g_assert_cmpint (count_due (&report), ==, 180);
  g_assert_cmpuint (seen, ==, 180 - (guint)get_error (&report, "unsent"));
  g_assert_cmpstr (json_object_get_string_member (result, "mode"), ==, "open");
  g_assert_cmpfloat (json_object_get_double_member (result, "target_rate"), ==, 300);
  g_assert_cmpfloat (json_object_get_double_member (result, "duration_s"), ==, 0.6);
  g_assert_cmpuint (json_array_get_length (schedule), ==, 3);
  g_assert_cmpfloat (
      json_object_get_double_member (json_array_get_object_element (schedule, 1), "rate_hz"), ==,
      500);
  g_assert_cmpuint (json_array_get_length (steps), ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);

      g_assert_cmpint (json_object_get_int_member (step, "requests") +
                           json_object_get_int_member (step, "errors"),
                       ==, expected[i]);
    }
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

      g_assert_cmpint (count_due (&report), ==, 20);
      g_assert_cmpint (sum_members (&report, "errors"), ==, get_error (&report, "unsent"));
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

  g_assert_cmpint (count_due (&report), ==, 300);
  g_assert_cmpint (sum_members (&report, "errors"), ==, get_error (&report, "unsent"));
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
  if (!can_run ())
    return 0;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/run/closed-loop", test_closed_loop);
  g_test_add_func ("/load/run/warm-up-is-thrown-away", test_warm_up_is_thrown_away);
  g_test_add_func ("/load/run/open-loop", test_open_loop);
  g_test_add_func ("/load/run/schedule", test_schedule);
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
