/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs of the load generator within a test. */
#include "run.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lds-load-engine.h"
#include "lds-load-run.h"

void
report_clear (Report *report)
{
  g_clear_pointer (&report->result, json_node_unref);
  g_clear_pointer (&report->frames_delivery, lds_histogram_free);
}

gint64
get (Report *report,
     const char *member)
{
  return lds_json_get_int (json_node_get_object (report->result), member, -1, NULL);
}

gint64
get_error (Report *report,
           const char *member)
{
  JsonObject *errors = json_object_get_object_member (json_node_get_object (report->result), "errors");

  return lds_json_get_int (errors, member, -1, NULL);
}

gint64
get_stream (Report *report,
            const char *member)
{
  JsonObject *stream = json_object_get_object_member (json_node_get_object (report->result), "stream");

  return lds_json_get_int (stream, member, -1, NULL);
}

gint64
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

LdsHistogram *
get_histogram (Report *report,
               const char *member)
{
  JsonObject *result = json_node_get_object (report->result);
  LdsHistogram *histogram = lds_histogram_new ();

  g_assert_true (
      lds_histogram_decode_add (histogram, json_object_get_string_member (result, member)));
  return histogram;
}

guint64
count_above (Report *report,
             const char *member,
             gint64 value_ns)
{
  LdsHistogram *histogram = get_histogram (report, member);
  guint64 n = histogram->total - lds_histogram_count_at_or_below (histogram, value_ns);

  lds_histogram_free (histogram);
  return n;
}

gboolean
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

gint64
count_due (Report *report)
{
  return get (report, "requests") + get (report, "unanswered") + get_error (report, "unsent");
}

/* What must hold of every run of requests. */
static void
check_requests (Report *report)
{
  gint64 errors = sum_members (report, "errors");
  LdsHistogram *response = get_histogram (report, "latency_histogram");
  LdsHistogram *service = get_histogram (report, "service_time_histogram");
  gint64 ended = get (report, "requests") + errors + get (report, "unanswered");

  g_assert_cmpint ((gint64)response->total, ==, ended);
  g_assert_cmpint (get (report, "sent"), ==, ended - get_error (report, "unsent"));
  g_assert_cmpint ((gint64)service->total, <=, get (report, "sent"));
  if (get (report, "unanswered") == 0 && get_error (report, "timeout") == 0)
    g_assert_cmpint ((gint64)service->total, ==, get (report, "sent") - get_error (report, "connect"));
  /* Messages have no status. */
  if (!json_object_has_member (json_node_get_object (report->result), "stream"))
    g_assert_cmpint (sum_members (report, "status_codes"), ==,
                     get (report, "requests") + get_error (report, "wrong_body") + get_error (report, "non_2xx"));
  /* Frames tell the same story: they see what the result does, save for requests of the warm-up. */
  g_assert_cmpint ((gint64)report->frames_sent, ==, get (report, "sent"));
  g_assert_cmpint ((gint64)report->frames_done, >=, get (report, "requests"));
  g_assert_cmpint ((gint64)report->frames_errors, >=, errors);
  lds_histogram_free (response);
  lds_histogram_free (service);
}

/* What must hold of every stream. */
static void
check_stream (Report *report,
              JsonObject *stream)
{
  LdsHistogram *delivery = lds_histogram_new ();
  gint64 deliveries = json_object_get_int_member (stream, "deliveries");
  gint64 expected = json_object_get_int_member (stream, "expected");

  g_assert_true (lds_histogram_decode_add (delivery, json_object_get_string_member (stream, "delivery_histogram")));
  g_assert_cmpuint (delivery->total, ==, deliveries);
  g_assert_cmpfloat (json_object_get_double_member (stream, "reach"), ==,
                     expected > 0 ? (double)deliveries / (double)expected : 0);
  g_assert_cmpint ((gint64)report->frames_deliveries, >=, deliveries);
  /* Of several threads one may be measuring already when another still warms up. */
  g_assert_cmpuint (report->frames_delivery->total, >=, deliveries);
  if (json_object_get_int_member (json_node_get_object (report->result), "threads") == 1)
    g_assert_cmpuint (report->frames_delivery->total, ==, deliveries);
  for (guint percent = 0; percent <= 100 && report->frames_delivery->total == (guint64)deliveries;
       percent++)
    g_assert_cmpint (lds_histogram_quantile_ns (report->frames_delivery, percent / 100.0), ==,
                     lds_histogram_quantile_ns (delivery, percent / 100.0));
  lds_histogram_free (delivery);
}

/* What must hold of every run. */
static void
check_books (Report *report)
{
  JsonObject *result = json_node_get_object (report->result);
  JsonObject *stream = lds_json_get_object (result, "stream", NULL);

  g_assert_cmpint (json_object_get_boolean_member (result, "valid"), ==,
                   json_array_get_length (json_object_get_array_member (result, "invalid_reasons")) == 0);
  g_assert_cmpuint (report->n_frames, >, 0);
  if (stream == NULL || !g_str_equal (json_object_get_string_member (stream, "mode"), "listen"))
    check_requests (report);
  if (stream != NULL)
    check_stream (report, stream);
}

/* What a frame says of deliveries; nothing unless connections stay open. */
static void
read_deliveries (Report *report,
                 JsonObject *frame)
{
  LdsHistogram *delivery = lds_histogram_new ();
  const char *text = lds_json_get_string (frame, "delivery", NULL, NULL);

  g_assert_true (json_object_has_member (frame, "deliveries") == (text != NULL));
  if (text != NULL)
    {
      g_assert_true (lds_histogram_decode_add (delivery, text));
      g_assert_cmpuint (delivery->total, <=, json_object_get_int_member (frame, "deliveries"));
    }
  if (!g_str_equal (json_object_get_string_member (frame, "phase"), "warm-up"))
    {
      report->frames_deliveries += (guint64)lds_json_get_int (frame, "deliveries", 0, NULL);
      lds_histogram_add (report->frames_delivery, delivery);
    }
  lds_histogram_free (delivery);
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
          read_deliveries (report, frame);
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

Report
run_plan (const char *members,
          int input_fd)
{
  const char *engine = g_getenv ("LOADSTONE_TEST_ENGINE");
  g_autofree char *json = g_strdup_printf ("{\"frame_interval_ms\":20,\"engine\":\"%s\",%s}",
                                           engine != NULL ? engine : "auto", members);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lds_json_parse (json, strlen (json), "plan", &error);
  g_autoptr (LdsLoadPlan) plan = NULL;
  Report report = {.frames_delivery = lds_histogram_new ()};
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

Report
run_with_input (ScriptedServer *server,
                const char *members,
                int input_fd)
{
  g_autofree char *url = scripted_server_dup_url (server);
  g_autofree char *all = g_strdup_printf ("\"url\":\"%s\",%s", url, members);

  return run_plan (all, input_fd);
}

Report
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
void
assert_all_fail (Report *report,
                 const char *kind)
{
  g_assert_cmpint (get (report, "requests"), ==, 0);
  g_assert_cmpint (get_error (report, kind), >, 0);
  g_assert_cmpint (get_error (report, kind), ==, sum_members (report, "errors"));
  g_assert_true (has_reason (report, "errors"));
  g_assert_true (has_reason (report, "no-good-answer"));
}

gboolean
can_run (void)
{
  const char *engine = g_getenv ("LOADSTONE_TEST_ENGINE");

  if (engine == NULL || lds_load_engine_find (engine)->probe ())
    return TRUE;
  g_print ("1..0 # SKIP %s is refused here: %s\n", engine, g_strerror (errno));
  return FALSE;
}
