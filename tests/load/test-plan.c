/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan: defaults, the bytes of the request, and one sentence that names what is wrong. */
#include <arpa/inet.h>
#include <glib.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "lds-error.h"
#include "lds-json.h"
#include "lds-load-plan.h"

static LdsLoadPlan *
parse (const char *json,
       GError **error)
{
  g_autoptr (GError) json_error = NULL;
  g_autoptr (JsonNode) node = lds_json_parse (json, strlen (json), "plan", &json_error);

  g_assert_no_error (json_error);
  return lds_load_plan_from_json (json_node_get_object (node), error);
}

static LdsLoadPlan *
parse_good (const char *json)
{
  g_autoptr (GError) error = NULL;
  LdsLoadPlan *plan = parse (json, &error);

  g_assert_no_error (error);
  return plan;
}

static void
test_defaults (void)
{
  g_autoptr (LdsLoadPlan) plan = parse_good ("{\"url\":\"http://127.0.0.1:8080\"}");
  const struct sockaddr_in *in = (const struct sockaddr_in *)&plan->target.address;

  g_assert_cmpstr (plan->requests[0].bytes, ==, "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n");
  g_assert_cmpuint (plan->requests[0].size, ==, strlen (plan->requests[0].bytes));
  g_assert_cmpint (in->sin_family, ==, AF_INET);
  g_assert_cmpuint (ntohs (in->sin_port), ==, 8080);
  g_assert_cmpuint (ntohl (in->sin_addr.s_addr), ==, INADDR_LOOPBACK);
  g_assert_cmpuint (plan->connections, ==, 64);
  g_assert_cmpuint (plan->threads, ==, 1);
  g_assert_cmpfloat (plan->rate_hz, ==, 0);
  g_assert_null (plan->schedule);
  g_assert_cmpint (plan->duration_ns, ==, G_GINT64_CONSTANT (5000000000));
  g_assert_cmpint (plan->warm_up_ns, ==, G_GINT64_CONSTANT (1000000000));
  g_assert_cmpint (plan->timeout_ns, ==, G_GINT64_CONSTANT (2000000000));
  g_assert_true (plan->requests[0].may_resend);
}

/* A closed loop is polled only on a core that somebody has set apart, for elsewhere it may be the server's. */
static void
test_busy_poll (void)
{
  g_autoptr (LdsLoadPlan) closed = parse_good ("{\"url\":\"http://127.0.0.1/\"}");
  g_autoptr (LdsLoadPlan) own = parse_good ("{\"url\":\"http://127.0.0.1/\",\"cpus\":[0]}");
  g_autoptr (LdsLoadPlan) open = parse_good ("{\"url\":\"http://127.0.0.1/\",\"rate_hz\":10}");
  g_autoptr (LdsLoadPlan) asked = parse_good ("{\"url\":\"http://127.0.0.1/\",\"busy_poll_us\":7}");
  gboolean one_core = sysconf (_SC_NPROCESSORS_ONLN) < 2;
  cpu_set_t allowed;

  CPU_ZERO (&allowed);
  g_assert_cmpint (sched_getaffinity (0, sizeof allowed, &allowed), ==, 0);
  if (CPU_COUNT (&allowed) == sysconf (_SC_NPROCESSORS_ONLN))
    g_assert_cmpint (closed->busy_poll_ns, ==, 0);
  g_assert_cmpint (own->busy_poll_ns, ==, one_core ? 0 : 1000000);
  g_assert_cmpint (open->busy_poll_ns, ==, one_core ? 0 : 100000);
  g_assert_cmpint (asked->busy_poll_ns, ==, one_core ? 0 : 7000);
}

static void
test_schedule (void)
{
  g_autoptr (LdsLoadPlan) steps = parse_good (
      "{\"url\":\"http://127.0.0.1/\",\"schedule\":[{\"rate_hz\":100,\"duration_ms\":1000},{\"rate_hz\":0,\"to_hz\":100,\"duration_ms\":3000}]}");
  g_autoptr (LdsLoadPlan) constant = parse_good (
      "{\"url\":\"http://127.0.0.1/\",\"rate_hz\":0.1,\"duration_ms\":30}");

  g_assert_cmpint (steps->duration_ns, ==, G_GINT64_CONSTANT (4000000000));
  g_assert_cmpfloat (steps->rate_hz, ==, 62.5);
  g_assert_cmpuint (lds_load_schedule_get_n_segments (steps->schedule), ==, 2);
  g_assert_cmpfloat (constant->rate_hz, ==, 0.1);
  g_assert_cmpint (lds_load_schedule_get_duration_ns (constant->schedule), ==, 30000000);
}

static void
test_mix (void)
{
  g_autoptr (LdsLoadPlan) plan = parse_good (
      "{\"url\":\"http://127.0.0.1/base\",\"headers\":{\"A\":\"all\",\"B\":\"all\"},\"mix\":["
      "{\"weight\":1,\"headers\":{\"b\":\"own\"}},{\"path\":\"/p?q\",\"method\":\"PUT\",\"body\":\"x\",\"weight\":3}]}");

  g_assert_cmpuint (plan->n_requests, ==, 2);
  g_assert_cmpstr (plan->requests[0].bytes, ==, "GET /base HTTP/1.1\r\nHost: 127.0.0.1\r\nA: all\r\nb: own\r\n\r\n");
  g_assert_cmpstr (plan->requests[1].bytes, ==,
                   "PUT /p?q HTTP/1.1\r\nHost: 127.0.0.1\r\nA: all\r\nB: all\r\nContent-Length: 1\r\n\r\nx");
  g_assert_cmpuint (lds_load_plan_choose (plan, 0), ==, 0);
  g_assert_cmpuint (lds_load_plan_choose (plan, 0.2499), ==, 0);
  g_assert_cmpuint (lds_load_plan_choose (plan, 0.25), ==, 1);
  g_assert_cmpuint (lds_load_plan_choose (plan, 0.9999), ==, 1);
}

/* A host of the user's own, by name or in figures, and what a slip of the hand may do to it. */
static void
test_other_hosts (void)
{
  g_autoptr (LdsLoadPlan) plan = parse_good (
      "{\"url\":\"http://192.0.2.7:81/\",\"allow_hosts\":[\"example.org\",\"192.0.2.7\"],\"rate_hz\":100}");
  g_autoptr (LdsLoadPlan) raised = parse_good (
      "{\"url\":\"http://192.0.2.7/\",\"allow_hosts\":[\"192.0.2.7\"],\"max_rate_hz\":0,\"max_duration_ms\":0,\"duration_ms\":86400000}");

  g_assert_false (plan->target.is_loopback);
  g_assert_cmpfloat (raised->rate_hz, ==, 0);
}

static void
test_request (void)
{
  g_autoptr (LdsLoadPlan) post = parse_good (
      "{\"url\":\"http://localhost/a/b?c=%20d#e\",\"method\":\"POST\",\"body\":\"h\\u00e9\",\"headers\":{\"Accept\":\"*/*\"}}");
  g_autoptr (LdsLoadPlan) head = parse_good (
      "{\"url\":\"http://[::1]:81/?x\",\"method\":\"HEAD\",\"headers\":{\"host\":\"example.org\"}}");

  g_assert_cmpstr (post->requests[0].bytes, ==,
                   "POST /a/b?c=%20d HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Length: 3\r\n\r\nh\xc3\xa9");
  g_assert_false (post->requests[0].may_resend);
  g_assert_cmpstr (head->requests[0].bytes, ==, "HEAD /?x HTTP/1.1\r\nhost: example.org\r\n\r\n");
  g_assert_true (head->requests[0].is_head);
  g_assert_cmpint (head->target.address.ss_family, ==, AF_INET6);
}

static void
test_streams (void)
{
  g_autoptr (LdsLoadPlan) none = parse_good ("{\"url\":\"http://127.0.0.1/\"}");
  g_autoptr (LdsLoadPlan) echo = parse_good (
      "{\"url\":\"ws://127.0.0.1:81/ws?a\",\"pipeline\":1,\"method\":\"GET\",\"body\":\"\",\"think_time_ms\":5,"
      "\"headers\":{\"Cookie\":\"c=d\",\"host\":\"example.org\",\"Origin\":\"e\"}}");
  g_autoptr (LdsLoadPlan) broadcast = parse_good (
      "{\"url\":\"ws://localhost/\",\"stream\":{\"mode\":\"broadcast\",\"payload_bytes\":1048576},\"connections\":1024,\"rate_hz\":3}");
  g_autoptr (LdsLoadPlan) ticks = parse_good ("{\"url\":\"ws://127.0.0.1/\",\"stream\":{\"mode\":\"listen\"}}");
  g_autoptr (LdsLoadPlan) events = parse_good ("{\"url\":\"http://127.0.0.1/e\",\"stream\":{}}");
  g_autoptr (LdsLoadPlan) wanted = parse_good (
      "{\"url\":\"http://127.0.0.1/e\",\"stream\":{\"mode\":\"listen\"},\"headers\":{\"accept\":\"*/*\"}}");

  g_assert_cmpint (none->stream.mode, ==, LDS_LOAD_STREAM_NONE);
  g_assert_cmpint (echo->stream.mode, ==, LDS_LOAD_STREAM_ECHO);
  g_assert_cmpuint (echo->stream.payload_bytes, ==, 64);
  g_assert_cmpstr (echo->stream.host, ==, "example.org");
  g_assert_cmpstr (echo->stream.fields, ==, "Cookie: c=d\r\nOrigin: e\r\n");
  g_assert_cmpint (broadcast->stream.mode, ==, LDS_LOAD_STREAM_BROADCAST);
  g_assert_cmpuint (broadcast->stream.payload_bytes, ==, 1 << 20);
  g_assert_cmpstr (broadcast->stream.host, ==, "localhost");
  g_assert_cmpstr (broadcast->stream.fields, ==, "");
  g_assert_cmpint (ticks->stream.mode, ==, LDS_LOAD_STREAM_LISTEN);
  g_assert_cmpint (events->stream.mode, ==, LDS_LOAD_STREAM_LISTEN);
  g_assert_cmpstr (events->stream.request, ==, "GET /e HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n");
  g_assert_cmpuint (events->stream.request_size, ==, strlen (events->stream.request));
  g_assert_cmpstr (wanted->stream.request, ==, "GET /e HTTP/1.1\r\nHost: 127.0.0.1\r\naccept: */*\r\n\r\n");
}

static void
test_refused (void)
{
  /* What is wrong, and the word that the message must hold. */
  static const char *const bad[][2] = {
      {"{}", "url"},
      {"{\"url\":5}", "url"},
      {"{\"url\":\"http://127.0.0.1/\",\"conections\":5}", "“connections”"},
      {"{\"url\":\"http://127.0.0.1/\",\"\":5}", "take it out"},
      {"{\"url\":\"http://127.0.0.1/\",\"arrivals\":\"poisson\"}", "poisson"},
      {"{\"url\":\"http://127.0.0.1/\",\"think_time\":\"exponential\"}", "think_time_ms"},
      {"{\"url\":\"http://127.0.0.1/\",\"max_rate_hz\":-1}", "max_rate_hz"},
      {"{\"url\":\"\"}", "url"},
      {"{\"url\":\"127.0.0.1:80\"}", "url"},
      {"{\"url\":\"ftp://127.0.0.1/\"}", "ftp"},
      {"{\"url\":\"http://\"}", "url"},
      {"{\"url\":\"http://u:p@127.0.0.1/\"}", "url"},
      {"{\"url\":\"http://127.0.0.1:0/\"}", "port"},
      {"{\"url\":\"http://127.0.0.1:70000/\"}", "url"},
      {"{\"url\":\"http://127.0.0.1/\\r\\nX: y\"}", "url"},
      {"{\"url\":\"http://127.0.0.1/a b\"}", "url"},
      {"{\"url\":\"http://example.com/\"}", "example.com"},
      {"{\"url\":\"http://128.0.0.1/\"}", "128.0.0.1"},
      {"{\"url\":\"http://127.0.0.1.example.com/\"}", "127.0.0.1.example.com"},
      {"{\"url\":\"http://localhost.example.com/\"}", "localhost.example.com"},
      {"{\"url\":\"http://[::2]/\"}", "::2"},
      {"{\"url\":\"http://0.0.0.0/\"}", "0.0.0.0"},
      {"{\"url\":\"http://[::ffff:8.8.8.8]/\"}", "url"},
      {"{\"url\":\"http://127.0.0.1/\",\"connections\":0}", "connections"},
      {"{\"url\":\"http://127.0.0.1/\",\"connections\":65536}", "connections"},
      {"{\"url\":\"http://127.0.0.1/\",\"connections\":-1}", "connections"},
      {"{\"url\":\"http://127.0.0.1/\",\"connections\":\"64\"}", "connections"},
      {"{\"url\":\"http://127.0.0.1/\",\"connections\":6.5}", "connections"},
      {"{\"url\":\"http://127.0.0.1/\",\"connections\":2,\"threads\":3}", "threads"},
      {"{\"url\":\"http://127.0.0.1/\",\"threads\":0}", "threads"},
      {"{\"url\":\"http://127.0.0.1/\",\"rate_hz\":-1}", "rate_hz"},
      {"{\"url\":\"http://127.0.0.1/\",\"rate_hz\":1e300}", "rate_hz"},
      {"{\"url\":\"http://127.0.0.1/\",\"rate_hz\":1e-9}", "rate_hz"},
      {"{\"url\":\"http://127.0.0.1/\",\"rate_hz\":true}", "rate_hz"},
      {"{\"url\":\"http://127.0.0.1/\",\"rate_hz\":1,\"schedule\":[]}", "schedule"},
      {"{\"url\":\"http://127.0.0.1/\",\"schedule\":\"1:1s\"}", "schedule"},
      {"{\"url\":\"http://127.0.0.1/\",\"rate_hz\":1,\"think_time_ms\":1}", "think_time_ms"},
      {"{\"url\":\"http://127.0.0.1/\",\"think_time\":\"never\"}", "think_time"},
      {"{\"url\":\"http://127.0.0.1/\",\"pipeline\":0}", "pipeline"},
      {"{\"url\":\"http://127.0.0.1/\",\"pipeline\":65}", "pipeline"},
      {"{\"url\":\"http://127.0.0.1/\",\"count\":-1}", "count"},
      {"{\"url\":\"http://127.0.0.1/\",\"threads\":4,\"count\":3}", "count"},
      {"{\"url\":\"http://127.0.0.1/\",\"requests_per_connection\":-1}", "requests_per_connection"},
      {"{\"url\":\"http://127.0.0.1/\",\"mix\":[]}", "mix"},
      {"{\"url\":\"http://127.0.0.1/\",\"mix\":[1]}", "mix"},
      {"{\"url\":\"http://127.0.0.1/\",\"mix\":[{}],\"body\":\"\"}", "body"},
      {"{\"url\":\"http://127.0.0.1/\",\"mix\":[{},{\"weight\":0}]}", "Request 2"},
      {"{\"url\":\"http://127.0.0.1/\",\"mix\":[{\"path\":\"a\"}]}", "path"},
      {"{\"url\":\"http://127.0.0.1/\",\"mix\":[{\"path\":\"/a b\"}]}", "path"},
      {"{\"url\":\"http://192.0.2.7/\",\"allow_hosts\":\"192.0.2.7\"}", "allow_hosts"},
      {"{\"url\":\"http://192.0.2.7/\",\"allow_hosts\":[\"192.0.2.8\"],\"rate_hz\":1}", "192.0.2.7"},
      {"{\"url\":\"http://192.0.2.7/\",\"allow_hosts\":[\"192.0.2.7\"]}", "closed loop"},
      {"{\"url\":\"http://192.0.2.7/\",\"allow_hosts\":[\"192.0.2.7\"],\"rate_hz\":101}", "ceiling"},
      {"{\"url\":\"http://192.0.2.7/\",\"allow_hosts\":[\"192.0.2.7\"],\"rate_hz\":1,\"duration_ms\":60000}", "ceiling"},
      {"{\"url\":\"wss://127.0.0.1/\"}", "ws:"},
      {"{\"url\":\"https://127.0.0.1/\",\"stream\":{}}", "http:"},
      {"{\"url\":\"ws://127.0.0.1/\",\"stream\":[]}", "stream"},
      {"{\"url\":\"ws://127.0.0.1/\",\"stream\":{\"mode\":\"none\"}}", "mode"},
      {"{\"url\":\"ws://127.0.0.1/\",\"stream\":{\"mode\":1}}", "mode"},
      {"{\"url\":\"http://127.0.0.1/\",\"stream\":{\"mode\":\"echo\"}}", "ws:"},
      {"{\"url\":\"ws://127.0.0.1/\",\"stream\":{\"payload_bytes\":63}}", "payload_bytes"},
      {"{\"url\":\"ws://127.0.0.1/\",\"stream\":{\"payload_bytes\":1048577}}", "payload_bytes"},
      {"{\"url\":\"ws://127.0.0.1/\",\"stream\":{\"payload_bytes\":1048576},\"connections\":1025}", "payload_bytes"},
      {"{\"url\":\"ws://127.0.0.1/\",\"pipeline\":2}", "pipeline"},
      {"{\"url\":\"ws://127.0.0.1/\",\"requests_per_connection\":1}", "requests_per_connection"},
      {"{\"url\":\"ws://127.0.0.1/\",\"mix\":[{}]}", "mix"},
      {"{\"url\":\"ws://127.0.0.1/\",\"method\":\"POST\"}", "method"},
      {"{\"url\":\"ws://127.0.0.1/\",\"body\":\"a\"}", "body"},
      {"{\"url\":\"ws://127.0.0.1/\",\"expect\":{\"any\":true}}", "expect"},
      {"{\"url\":\"ws://127.0.0.1/\",\"client\":\"curl\"}", "client"},
      {"{\"url\":\"http://127.0.0.1/\",\"stream\":{},\"http_version\":\"2-prior-knowledge\"}", "http_version"},
      {"{\"url\":\"ws://127.0.0.1/\",\"proxy\":\"http://127.0.0.1:1\"}", "proxy"},
      {"{\"url\":\"ws://127.0.0.1/\",\"headers\":{\"upgrade\":\"a\"}}", "upgrade"},
      {"{\"url\":\"ws://127.0.0.1/\",\"headers\":{\"Sec-WebSocket-Protocol\":\"a\"}}", "Sec-WebSocket-Protocol"},
      {"{\"url\":\"http://127.0.0.1/\",\"stream\":{\"payload_bytes\":64}}", "payload_bytes"},
      {"{\"url\":\"ws://127.0.0.1/\",\"stream\":{\"mode\":\"listen\"},\"rate_hz\":1}", "rate_hz"},
      {"{\"url\":\"ws://127.0.0.1/\",\"stream\":{\"mode\":\"listen\"},\"count\":1}", "count"},
      {"{\"url\":\"ws://127.0.0.1/\",\"stream\":{\"mode\":\"listen\"},\"think_time_ms\":1}", "think_time_ms"},
      {"{\"url\":\"ws://192.0.2.7/\",\"allow_hosts\":[\"192.0.2.7\"],\"stream\":{\"mode\":\"listen\"}}", "clock"},
      {"{\"url\":\"http://127.0.0.1/\",\"arrivals\":\"never\"}", "arrivals"},
      {"{\"url\":\"http://127.0.0.1/\",\"duration_ms\":0}", "duration_ms"},
      {"{\"url\":\"http://127.0.0.1/\",\"duration_ms\":9223372036854775807}", "duration_ms"},
      {"{\"url\":\"http://127.0.0.1/\",\"warm_up_ms\":-1}", "warm_up_ms"},
      {"{\"url\":\"http://127.0.0.1/\",\"timeout_ms\":0}", "timeout_ms"},
      {"{\"url\":\"http://127.0.0.1/\",\"frame_interval_ms\":1}", "frame_interval_ms"},
      {"{\"url\":\"http://127.0.0.1/\",\"engine\":\"steam\"}", "steam"},
      {"{\"url\":\"http://127.0.0.1/\",\"method\":\"GE T\"}", "method"},
      {"{\"url\":\"http://127.0.0.1/\",\"method\":\"\"}", "method"},
      {"{\"url\":\"http://127.0.0.1/\",\"method\":\"CONNECT\"}", "CONNECT"},
      {"{\"url\":\"http://127.0.0.1/\",\"headers\":[]}", "headers"},
      {"{\"url\":\"http://127.0.0.1/\",\"headers\":{\"A b\":\"c\"}}", "A b"},
      {"{\"url\":\"http://127.0.0.1/\",\"headers\":{\"A\":\"b\\r\\nC: d\"}}", "headers"},
      {"{\"url\":\"http://127.0.0.1/\",\"headers\":{\"A\":1}}", "headers"},
      {"{\"url\":\"http://127.0.0.1/\",\"headers\":{\"content-length\":\"9\"}}", "content-length"},
      {"{\"url\":\"http://127.0.0.1/\",\"cpus\":[-1]}", "cpus"},
      {"{\"url\":\"http://127.0.0.1/\",\"cpus\":[\"0\"]}", "cpus"},
      {"{\"url\":\"http://127.0.0.1/\",\"cpus\":[1000000]}", "cpus"},
      {"{\"url\":\"http://127.0.0.1/\",\"expect\":{\"hash\":\"12\"}}", "hash"},
      {"{\"url\":\"http://127.0.0.1/\",\"expect\":{\"hash\":\"xyzxyzxyzxyzxyzx\"}}", "hash"},
      {"{\"url\":\"http://127.0.0.1/\",\"expect\":{\"length\":-1}}", "length"},
      {"{\"url\":\"http://127.0.0.1/\",\"expect\":{\"any\":true,\"text\":\"a\"}}", "any"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LdsLoadPlan) plan = parse (bad[i][0], &error);

      g_test_message ("%s: %s", bad[i][0], error != NULL ? error->message : "accepted");
      g_assert_null (plan);
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_nonnull (strstr (error->message, bad[i][1]));
      g_assert_null (strchr (error->message, '\n'));
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/plan/defaults", test_defaults);
  g_test_add_func ("/load/plan/busy-poll", test_busy_poll);
  g_test_add_func ("/load/plan/schedule", test_schedule);
  g_test_add_func ("/load/plan/mix", test_mix);
  g_test_add_func ("/load/plan/other-hosts", test_other_hosts);
  g_test_add_func ("/load/plan/request", test_request);
  g_test_add_func ("/load/plan/streams", test_streams);
  g_test_add_func ("/load/plan/refused", test_refused);
  return g_test_run ();
}
