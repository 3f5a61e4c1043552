/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs themselves: loadstone-load on its pipes, and “loadstone-cli load” with its exit codes
 * and files. Their paths come in LOADSTONE_LOAD and LOADSTONE_CLI. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lds-error.h"
#include "lds-hdr.h"
#include "lds-hlog.h"
#include "lds-json.h"
#include "scripted-server.h"

#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static void
good_script (ScriptedServer *server,
             int fd)
{
  while (scripted_server_read (server, fd) > 0 && scripted_server_answer (fd, GOOD))
    ;
}

static void
failing_script (ScriptedServer *server,
                int fd)
{
  while (scripted_server_read (server, fd) > 0 &&
         scripted_server_answer (fd, "HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\nbad"))
    ;
}

/* Runs a program with @input on its standard input, which then ends. Returns the exit code. */
static int
run (const char *const *argv,
     const char *input,
     char **output,
     char **errors)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_newv (argv,
                         G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                             G_SUBPROCESS_FLAGS_STDERR_PIPE,
                         &error);

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, input, NULL, output, errors, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  return g_subprocess_get_exit_status (process);
}

static int
run_load (const char *input,
          char **output)
{
  return run ((const char *[]){g_getenv ("LOADSTONE_LOAD"), NULL}, input, output, NULL);
}

/* Where no more files can be had, it says how many connections can; whoever may raise the limit does. */
static void
test_file_limit (void)
{
  static const char plan[] = "{\"url\":\"http://127.0.0.1:1/\",\"connections\":500}";
  g_autofree char *raised = NULL, *output = NULL;
  const char *load = g_getenv ("LOADSTONE_LOAD");

  if (geteuid () == 0)
    g_assert_cmpint (run ((const char *[]){"prlimit", "--nofile=60:60", "setpriv", "--bounding-set=-sys_resource", load, NULL},
                          plan, &output, NULL),
                     ==, LDS_EXIT_USAGE);
  else
    g_assert_cmpint (run ((const char *[]){"prlimit", "--nofile=60:60", load, NULL}, plan, &output, NULL), ==,
                     LDS_EXIT_USAGE);
  g_assert_nonnull (strstr (output, "use at most 33 connections"));

  /* What happens then, with nobody there and the input at its end, is another matter. */
  run ((const char *[]){"prlimit", "--nofile=100:600", load, NULL}, plan, &raised, NULL);
  g_assert_null (strstr (raised, "use at most"));
}

static void
test_load_refuses (void)
{
  static const char *const inputs[] = {
      "",
      "\n",
      "not a plan\n",
      "[]\n",
      "{\"url\":\"http://127.0.0.1:1/\",\"connections\":0}\n",
      "{\"url\":\"http://example.com/\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      g_autofree char *output = NULL;
      g_autoptr (JsonNode) node = NULL;

      g_assert_cmpint (run_load (inputs[i], &output), ==, LDS_EXIT_USAGE);
      node = lds_json_parse (output, strlen (output), "output", NULL);
      g_assert_nonnull (node);
      g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "event"), ==, "error");
    }
}

static void
test_load_ends_with_its_input (void)
{
  ScriptedServer *server = scripted_server_new (good_script);
  g_autofree char *url = scripted_server_dup_url (server);
  g_autofree char *plan = g_strdup_printf ("{\"url\":\"%s\",\"duration_ms\":3600000}\n", url);
  g_autofree char *output = NULL;

  g_assert_cmpint (run_load (plan, &output), ==, LDS_EXIT_DONE);
  g_assert_nonnull (strstr (output, "\"event\":\"result\""));
  g_assert_nonnull (strstr (output, "\"ended_early\":true"));
  g_assert_nonnull (strstr (output, "\"nothing-measured\""));
  scripted_server_free (server);
}

static void
test_help_and_version (void)
{
  const char *load = g_getenv ("LOADSTONE_LOAD"), *cli = g_getenv ("LOADSTONE_CLI");
  g_autofree char *help = NULL, *version = NULL, *command = NULL, *wrong = NULL;

  g_assert_cmpint (run ((const char *[]){load, "--help", NULL}, NULL, &help, NULL), ==, 0);
  g_assert_nonnull (strstr (help, "loadstone-load"));
  g_assert_cmpint (run ((const char *[]){load, "--version", NULL}, NULL, &version, NULL), ==, 0);
  g_assert_true (g_str_has_prefix (version, "Loadstone "));
  g_assert_cmpint (run ((const char *[]){load, "--what", NULL}, NULL, NULL, &wrong), ==, LDS_EXIT_USAGE);
  g_assert_nonnull (strstr (wrong, "--what"));
  g_assert_cmpint (run ((const char *[]){cli, "load", "--help", NULL}, NULL, &command, NULL), ==, 0);
  g_assert_nonnull (strstr (command, "--latency"));
}

static void
test_cli_refuses (void)
{
  const char *cli = g_getenv ("LOADSTONE_CLI");
  const char *const wrong[][6] = {
      {cli, "load", NULL},
      {cli, "load", "http://127.0.0.1:1/", "http://127.0.0.1:2/", NULL},
      {cli, "load", "http://127.0.0.1:1/", "--what", NULL},
      {cli, "load", "http://127.0.0.1:1/", "-c", "many", NULL},
      {cli, "load", "http://127.0.0.1:1/", "-c", "0", NULL},
      {cli, "load", "http://127.0.0.1:1/", "-d", "soon", NULL},
      {cli, "load", "http://127.0.0.1:1/", "-d", "10x", NULL},
      {cli, "load", "http://127.0.0.1:1/", "-d", "-1", NULL},
      {cli, "load", "http://127.0.0.1:1/", "-d", "nan", NULL},
      {cli, "load", "http://127.0.0.1:1/", "-H", "no colon", NULL},
      {cli, "load", "http://127.0.0.1:1/", "--engine", "steam", NULL},
      {cli, "load", "ftp://127.0.0.1/", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *output = NULL, *errors = NULL;

      g_assert_cmpint (run (wrong[i], NULL, &output, &errors), ==, LDS_EXIT_USAGE);
      g_assert_cmpstr (output, ==, "");
      g_assert_true (g_str_has_prefix (errors, "loadstone-cli load: "));
    }
}

static void
test_cli_nobody_there (void)
{
  ScriptedServer *server = scripted_server_new (good_script);
  g_autofree char *url = scripted_server_dup_url (server), *errors = NULL;

  scripted_server_free (server);
  g_assert_cmpint (
      run ((const char *[]){g_getenv ("LOADSTONE_CLI"), "load", url, NULL}, NULL, NULL, &errors),
      ==, LDS_EXIT_FAILED);
  g_assert_nonnull (strstr (errors, url));
}

/* The members that src/DESIGN.md promises. */
static const char *const members[] = {
    "engine", "mode", "connections", "threads", "duration_s", "requests", "target_rate", "achieved_rate",
    "rate_ratio", "error_rate", "max_schedule_lag_us", "latency_us", "service_time_us", "schedule_lag_us",
    "status_codes", "errors", "sent", "unanswered", "connects", "retries", "ended_early", "bytes_received",
    "client_cpu_seconds", "client_cpu_fraction", "valid", "invalid_reasons", "warnings", "latency_histogram",
    "service_time_histogram", "schedule_lag_histogram", "pipeline", "requests_per_connection",
    "think_time_ms", "busy_poll_us", "client_threads", "connect_us", "client", "http_version"};

static void
test_cli_files (void)
{
  ScriptedServer *server = scripted_server_new (good_script);
  g_autofree char *url = scripted_server_dup_url (server), *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char *json = g_build_filename (folder, "r.json", NULL),
                  *hgrm = g_build_filename (folder, "r.hgrm", NULL),
                  *hlog = g_build_filename (folder, "r.hlog", NULL);
  g_autofree char *output = NULL, *text = NULL, *total = NULL, *log = NULL;
  g_autoptr (JsonNode) node = NULL;
  LdsHistogram *whole = lds_histogram_new (), *sum = lds_histogram_new ();
  JsonObject *result;
  int code = run ((const char *[]){g_getenv ("LOADSTONE_CLI"), "load", url, "-c", "2", "-d", "100ms", "-w", "0", "-R", "500",
                                   "--timeout", "30s", "--latency", "-H", "Accept: */*", "--json", json, "--hgrm", hgrm, "--hlog", hlog, NULL},
                  NULL, &output, NULL);

  /* Whether the run is valid depends on the machine's mood; that the files are whole does not. */
  g_assert_true (code == LDS_EXIT_DONE || code == LDS_EXIT_INVALID);
  node = lds_json_read (json, 1 << 20, NULL);
  g_assert_nonnull (node);
  result = json_node_get_object (node);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    g_assert_true (json_object_has_member (result, members[i]));
  g_assert_cmpuint (json_object_get_size (result), ==, G_N_ELEMENTS (members));
  g_assert_cmpint (json_object_get_int_member (result, "requests"), ==, 50);
  g_assert_cmpint (json_object_get_boolean_member (result, "valid"), ==, code == LDS_EXIT_DONE);
  g_assert_nonnull (strstr (output, "50 answered well"));
  g_assert_nonnull (strstr (output, "needs 10000 requests"));
  g_assert_true (g_file_get_contents (hgrm, &text, NULL, NULL));
  total = g_strdup_printf ("Total count    = %12d]", 50);
  g_assert_nonnull (strstr (text, total));
  /* The intervals of the log are the whole, in each of its streams. */
  g_assert_true (g_file_get_contents (hlog, &log, NULL, NULL));
  g_assert_true (lds_hdr_decode_add (whole, json_object_get_string_member (result, "latency_histogram")));
  g_assert_true (lds_hlog_merge (log, strlen (log), hlog, NULL, sum, NULL));
  g_assert_cmpmem (sum->counts, sizeof sum->counts, whole->counts, sizeof whole->counts);
  g_assert_cmpuint (sum->total, ==, 50);
  g_assert_true (lds_hlog_merge (log, strlen (log), hlog, "service", sum, NULL));
  g_assert_cmpuint (sum->total, ==, 100);
  lds_histogram_free (whole);
  lds_histogram_free (sum);
  g_unlink (json);
  g_unlink (hgrm);
  g_unlink (hlog);
  g_rmdir (folder);
  scripted_server_free (server);
}

/* Every option that says something of the load says it in the plan, and a plan from a file is one. */
static void
test_cli_plan (void)
{
  static const char mix[] = "{\"mix\":[{\"path\":\"/a\",\"weight\":2},{\"path\":\"/b\"}]}";
  ScriptedServer *server = scripted_server_new (good_script);
  g_autofree char *url = scripted_server_dup_url (server), *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char *mix_path = g_build_filename (folder, "mix.json", NULL),
                  *plan_path = g_build_filename (folder, "plan.json", NULL);
  g_autofree char *printed = NULL, *output = NULL, *errors = NULL;
  g_autoptr (JsonNode) node = NULL, result = NULL;
  JsonObject *plan;
  const char *cli = g_getenv ("LOADSTONE_CLI");

  g_assert_true (g_file_set_contents (mix_path, mix, -1, NULL));
  g_assert_cmpint (run ((const char *[]){cli, "load", url, "-c", "3", "-t", "2", "-n", "40", "-w", "0", "-p", "2",
                                         "--requests-per-connection", "7", "--think", "1", "--think-random",
                                         "--timeout", "60", "--mix", mix_path, "-H", "X-A: b", "--idle", "4",
                                         "--max-duration", "2m", "--print-plan", NULL},
                        NULL, &printed, NULL),
                   ==, LDS_EXIT_DONE);
  node = lds_json_parse (printed, strlen (printed), "plan", NULL);
  g_assert_nonnull (node);
  plan = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (plan, "connections"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (plan, "count"), ==, 40);
  g_assert_cmpint (json_object_get_int_member (plan, "pipeline"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (plan, "think_time_ms"), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (plan, "think_time"), ==, "exponential");
  /* A number without a unit is in seconds, as wrk has it. */
  g_assert_cmpint (json_object_get_int_member (plan, "timeout_ms"), ==, 60000);
  g_assert_cmpint (json_object_get_int_member (plan, "max_duration_ms"), ==, 120000);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (plan, "mix")), ==, 2);
  g_assert_false (json_object_has_member (plan, "duration_ms"));

  g_assert_true (g_file_set_contents (plan_path, printed, -1, NULL));
  /* This server knows nothing of pipelining. */
  run ((const char *[]){cli, "load", "--plan", plan_path, "-n", "30", "-p", "1", "--json", "-", NULL}, NULL, &output, NULL);
  result = lds_json_parse (output, strlen (output), "result", NULL);
  g_assert_nonnull (result);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (result), "count"), ==, 30);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (result), "pipeline"), ==, 1);
  g_assert_true (json_object_has_member (json_node_get_object (result), "background"));

  /* What contradicts itself is refused before anything is sent. */
  g_assert_cmpint (run ((const char *[]){cli, "load", url, "--schedule", "10:1s", "-R", "5", NULL},
                        NULL, NULL, &errors),
                   ==, LDS_EXIT_USAGE);
  g_assert_nonnull (strstr (errors, "--schedule"));
  g_unlink (mix_path);
  g_unlink (plan_path);
  g_rmdir (folder);
  scripted_server_free (server);
}

static void
test_cli_invalid (void)
{
  ScriptedServer *server = scripted_server_new (failing_script);
  g_autofree char *url = scripted_server_dup_url (server), *output = NULL, *errors = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_cmpint (run ((const char *[]){g_getenv ("LOADSTONE_CLI"), "load", url, "-d", "50ms", "-w", "0", "--json", "-", NULL},
                        NULL, &output, &errors),
                   ==, LDS_EXIT_INVALID);
  node = lds_json_parse (output, strlen (output), "output", NULL);
  g_assert_nonnull (node);
  g_assert_false (json_object_get_boolean_member (json_node_get_object (node), "valid"));
  g_assert_nonnull (strstr (errors, "invalid"));
  scripted_server_free (server);
}

/* Ctrl-C ends the run early and shows what was measured. */
static void
test_cli_interrupt (void)
{
  ScriptedServer *server = scripted_server_new (good_script);
  g_autofree char *url = scripted_server_dup_url (server), *output = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, g_getenv ("LOADSTONE_CLI"),
      "load", url, "-w", "0", "-d", "1h", "-c", "2", "-R", "200", NULL);

  g_assert_no_error (error);
  scripted_server_wait_for (server, 30);
  g_subprocess_send_signal (process, SIGINT);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_nonnull (strstr (output, "Ended early"));
  g_assert_nonnull (strstr (output, "answered well"));
  scripted_server_free (server);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/programs/load-refuses", test_load_refuses);
  g_test_add_func ("/load/programs/file-limit", test_file_limit);
  g_test_add_func ("/load/programs/load-ends-with-its-input", test_load_ends_with_its_input);
  g_test_add_func ("/load/programs/help-and-version", test_help_and_version);
  g_test_add_func ("/load/programs/cli-refuses", test_cli_refuses);
  g_test_add_func ("/load/programs/cli-nobody-there", test_cli_nobody_there);
  g_test_add_func ("/load/programs/cli-files", test_cli_files);
  g_test_add_func ("/load/programs/cli-plan", test_cli_plan);
  g_test_add_func ("/load/programs/cli-invalid", test_cli_invalid);
  g_test_add_func ("/load/programs/cli-interrupt", test_cli_interrupt);
  return g_test_run ();
}
