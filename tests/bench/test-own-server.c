/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers of the user's own: what is an address, whose servers are loaded, and a run against one that
 * this test has started. */
#include <math.h>
#include <string.h>

#include "lds-conductor.h"
#include "lds-error.h"
#include "lds-json.h"

static void
check_address (const char *text,
               const char *url,
               const char *host,
               const char *authority,
               const char *path,
               guint port,
               gboolean is_loopback)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LdsAddress) address = lds_address_parse (text, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (address->url, ==, url);
  g_assert_cmpstr (address->host, ==, host);
  g_assert_cmpstr (address->authority, ==, authority);
  g_assert_cmpstr (address->path, ==, path);
  g_assert_cmpuint (address->port, ==, port);
  g_assert_cmpint (address->is_loopback, ==, is_loopback);
}

static void
check_no_address (const char *text,
                  const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lds_address_parse (text, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_address (void)
{
  g_autofree char *name = g_strnfill (LDS_ADDRESS_MAX_LENGTH, 'a');
  g_autofree char *text = g_strconcat ("http://", name, NULL);

  check_address ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1", "127.0.0.1:8080", "", 8080, TRUE);
  check_address ("http://localhost/", "http://localhost", "localhost", "localhost", "", 80, TRUE);
  check_address ("HTTP://LocalHost//", "HTTP://LocalHost", "LocalHost", "LocalHost", "", 80, TRUE);
  check_address ("http://[::1]:3000/api/v1/", "http://[::1]:3000/api/v1", "::1", "[::1]:3000", "/api/v1", 3000, TRUE);
  check_address ("http://127.9.9.9", "http://127.9.9.9", "127.9.9.9", "127.9.9.9", "", 80, TRUE);
  check_address ("http://192.0.2.1:65535", "http://192.0.2.1:65535", "192.0.2.1", "192.0.2.1:65535", "", 65535, FALSE);
  check_address ("http://[2001:db8::1]", "http://[2001:db8::1]", "2001:db8::1", "[2001:db8::1]", "", 80, FALSE);
  check_address ("http://server.example", "http://server.example", "server.example", "server.example", "", 80, FALSE);
  /* A name says nothing of where it leads. */
  check_address ("http://127.0.0.1.example", "http://127.0.0.1.example", "127.0.0.1.example", "127.0.0.1.example", "", 80, FALSE);
  check_no_address ("", "no address");
  check_no_address ("127.0.0.1:8080", "write it as");
  check_no_address ("https://127.0.0.1", "“https:”");
  check_no_address ("file:///etc", "“file:”");
  check_no_address ("http://", "no host");
  check_no_address ("http:///path", "no host");
  check_no_address ("http://me@127.0.0.1", "user name");
  check_no_address ("http://127.0.0.1/?a", "“?”");
  check_no_address ("http://127.0.0.1/#a", "“#”");
  check_no_address ("http://127.0.0.1/a,b", "comma");
  check_no_address ("http://127.0.0.1:0", "port 0");
  check_no_address ("http://127.0.0.1:65536", "no address");
  check_no_address ("http://127.0.0.1/ HTTP/1.1\r\nX: y", "blank");
  check_no_address ("http://b\303\266se.example", "ASCII");
  check_no_address (text, "longer than");
}

static void
test_lane (void)
{
  g_autoptr (GError) error = NULL;
  const LdsLane *lane = lds_lane_find ("url:http://127.0.0.1:8080", &error);
  g_autofree char *label = NULL;
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  g_assert_no_error (error);
  g_assert_cmpstr (lane->id, ==, "url:http://127.0.0.1:8080");
  g_assert_cmpint (lane->provenance, ==, LDS_PROVENANCE_URL);
  g_assert_cmpint (lane->family, ==, LDS_FAMILY_URL);
  g_assert_null (lane->model_id);
  label = lds_lane_dup_label (lane);
  g_assert_cmpstr (label, ==, "http://127.0.0.1:8080");
  g_assert_true (lds_lane_find ("url:http://127.0.0.1:8080", NULL) == lane);
  g_assert_true (lds_lane_find ("url:http://127.0.0.1:8081", NULL) != lane);
  for (guint i = 0; i < n_lanes; i++)
    g_assert_null (lanes[i].address);
  g_assert_null (lds_lane_find ("url:gopher://127.0.0.1", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_null (lds_lane_find ("http://127.0.0.1", &error));
  g_assert_nonnull (strstr (error->message, "“url:http://127.0.0.1”"));
}

static LdsPlan *
new_plan (const char *lane)
{
  LdsPlan *plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find (lane, NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->connections = 1;
  plan->rate_hz = 100;
  plan->duration_ms = 400;
  plan->warm_up_ms = 200;
  plan->repeats = 1;
  return plan;
}

static void
check_plan (const LdsPlan *plan,
            const char *part)
{
  g_autoptr (GError) error = NULL;

  if (part == NULL)
    {
      g_assert_true (lds_plan_validate (plan, &error));
      g_assert_no_error (error);
      return;
    }
  g_assert_false (lds_plan_validate (plan, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, part));
}

/* Only servers of this machine and those that are allowed by name are loaded, the latter gently. */
static void
test_hosts (void)
{
  g_autoptr (LdsPlan) plan = new_plan ("url:http://server.example:8080"), copy = NULL, back = NULL;
  const LdsWorkload *hello = lds_workload_find ("hello", NULL);
  g_autoptr (JsonNode) json = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;

  check_plan (plan, "--allow-host server.example");
  lds_plan_allow_host (plan, "other.example");
  check_plan (plan, "--allow-host server.example");
  lds_plan_allow_host (plan, "Server.Example");
  lds_plan_allow_host (plan, "server.example");
  g_assert_cmpuint (plan->allow_hosts->len, ==, 2);
  check_plan (plan, NULL);

  copy = lds_plan_copy (plan);
  json = lds_plan_to_json (copy);
  back = lds_plan_from_json (json_node_get_object (json), &error);
  g_assert_no_error (error);
  g_assert_true (back->lanes->pdata[0] == plan->lanes->pdata[0]);
  again = lds_plan_to_json (back);
  before = lds_json_to_text (json, FALSE);
  after = lds_json_to_text (again, FALSE);
  g_assert_cmpstr (before, ==, after);

  lds_plan_allow_host (plan, "two words");
  check_plan (plan, "“allow_hosts”");
  g_ptr_array_set_size (plan->allow_hosts, 2);
  plan->rate_hz = 101;
  check_plan (plan, "ceiling of 100 requests");
  plan->rate_hz = 0;
  check_plan (plan, "“hello”");
  plan->rate_hz = 100;
  lds_plan_set_load (plan, hello, 1, 0);
  check_plan (plan, "“hello”");
  plan->duration_ms = 60000;
  check_plan (plan, "ceiling of 60 s");
  lds_plan_apply_ceilings (plan);
  check_plan (plan, NULL);
  g_assert_cmpfloat (lds_plan_get_load (plan, hello).rate_hz, ==, 100);
  g_assert_cmpint (plan->duration_ms + plan->warm_up_ms, ==, 60000);
  plan->warm_up_ms = 600000;
  lds_plan_apply_ceilings (plan);
  check_plan (plan, NULL);

  /* This machine has no ceiling. */
  plan->lanes->pdata[0] = (gpointer)lds_lane_find ("url:http://localhost:8080", NULL);
  plan->rate_hz = 5000;
  lds_plan_set_load (plan, hello, 1, 0);
  lds_plan_apply_ceilings (plan);
  g_assert_cmpfloat (plan->rate_hz, ==, 5000);
  g_assert_cmpfloat (lds_plan_get_load (plan, hello).rate_hz, ==, 0);
  check_plan (plan, NULL);
}

static void
finished_cb (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  LdsSession **session = user_data;
  g_autoptr (GError) error = NULL;

  *session = lds_conductor_run_finish (LDS_CONDUCTOR (source), result, &error);
  g_assert_no_error (error);
}

static LdsSession *
run (const LdsPlan *plan)
{
  g_autoptr (LdsConductor) conductor = lds_conductor_new ();
  LdsSession *session = NULL;

  lds_conductor_run_async (conductor, plan, NULL, finished_cb, &session);
  while (session == NULL)
    g_main_context_iteration (NULL, TRUE);
  return session;
}

/* Starts loadstone-server; returns its port. */
static guint
start_server (GSubprocess **server)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (JsonNode) ready = NULL;
  g_autofree char *line = NULL;

  *server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                              &error, g_getenv ("LOADSTONE_SERVER"), "--model", "event-loop",
                              "--port", "0", NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (*server));
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  ready = lds_json_parse (line, strlen (line), "loadstone-server", &error);
  g_assert_no_error (error);
  return (guint)json_object_get_int_member (json_node_get_object (ready), "port");
}

static void
test_run (void)
{
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (LdsSession) session = NULL, back = NULL;
  g_autoptr (LdsPlan) plan = NULL;
  g_autoptr (JsonNode) json = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *lane = g_strdup_printf ("url:http://127.0.0.1:%u", start_server (&server));
  const LdsRun *one;
  const char *text;

  plan = new_plan (lane);
  session = run (plan);
  one = session->runs->pdata[0];
  /* How late a busy machine sends is no matter of this test. */
  for (guint i = 0; i < one->reasons->len; i++)
    {
      const char *code = ((LdsInvalidReason *)one->reasons->pdata[i])->code;

      g_assert_false (g_str_has_prefix (code, "server-") || g_str_has_prefix (code, "load-"));
    }
  g_assert_cmpuint (one->requests, >, 0);
  g_assert_cmpuint (one->response->total, >, 0);
  g_assert_cmpuint (one->samples->len, >, 0);
  for (guint i = 0; i < one->samples->len; i++)
    {
      const LdsSample *sample = &g_array_index (one->samples, LdsSample, i);

      g_assert_true (isnan (sample->rss_bytes) && isnan (sample->pss_bytes));
      g_assert_true (isnan (sample->server_cpu_cores) && isnan (sample->loop_lag_p99_ns));
      g_assert_cmpuint (sample->n_processes, ==, 0);
    }
  /* Of a server that is not ours nothing is known but its answers. */
  g_assert_true (isnan (one->server_cpu_s) && isnan (one->other_cpu_cores));
  g_assert_true (isnan (one->start_up_ms) && isnan (one->base_rss_bytes));
  g_assert_true (isnan (one->peak_rss_bytes) && isnan (one->peak_pss_bytes));
  g_assert_true (isnan (lds_metric_find ("rss_per_connection")->of_run (one)));
  g_assert_null (one->loop_lag);
  g_assert_cmpint (one->server_core, ==, -1);
  json = lds_session_to_json (session);
  back = lds_session_from_json (json_node_get_object (json), &error);
  g_assert_no_error (error);
  g_assert_true (((LdsRun *)back->runs->pdata[0])->spec.lane == plan->lanes->pdata[0]);

  /* It is left as it was: still there, until whoever started it ends it. */
  g_clear_pointer (&session, lds_session_free);
  session = run (plan);
  g_assert_cmpuint (((LdsRun *)session->runs->pdata[0])->requests, >, 0);
  g_assert_true (g_output_stream_close (g_subprocess_get_stdin_pipe (server), NULL, &error));
  g_assert_true (g_subprocess_wait (server, NULL, &error));
  g_assert_no_error (error);

  /* Now nobody is there. */
  g_clear_pointer (&session, lds_session_free);
  session = run (plan);
  one = session->runs->pdata[0];
  g_assert_false (one->valid);
  g_assert_cmpuint (one->reasons->len, ==, 1);
  text = ((LdsInvalidReason *)one->reasons->pdata[0])->text;
  g_assert_nonnull (strstr (text, lane + strlen ("url:")));
  g_assert_nonnull (strstr (text, "refused"));
}

/* What an own server serves below a path is measured there, and what it lacks is told. */
static void
test_path (void)
{
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (LdsPlan) plan = NULL;
  g_autofree char *lane = g_strdup_printf ("url:http://127.0.0.1:%u/api", start_server (&server));
  const LdsRun *one;

  plan = new_plan (lane);
  session = run (plan);
  one = session->runs->pdata[0];
  g_assert_false (one->valid);
  g_assert_nonnull (strstr (((LdsInvalidReason *)one->reasons->pdata[0])->text, "status 404"));
  g_subprocess_force_exit (server);
  g_subprocess_wait (server, NULL, NULL);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/own-server/address", test_address);
  g_test_add_func ("/bench/own-server/lane", test_lane);
  g_test_add_func ("/bench/own-server/hosts", test_hosts);
  g_test_add_func ("/bench/own-server/run", test_run);
  g_test_add_func ("/bench/own-server/path", test_path);
  return g_test_run ();
}
