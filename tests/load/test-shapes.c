/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shapes that load can have: pipelining, mixes, think time, a fixed count, new connections. What
 * arrives at the server is counted there. */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lds-clock.h"
#include "run.h"

/* What connections of a server have seen, all together. */
static struct
{
  GMutex mutex;
  guint n_connections;
  guint n_requests;
  guint n_of_a;
  guint most_on_one;  /* requests */
  guint most_at_once; /* requests that lay there unanswered */
} seen;

static void
forget (void)
{
  seen.n_connections = seen.n_requests = seen.n_of_a = seen.most_on_one = seen.most_at_once = 0;
}

/* Reads a request off @file, however many came together. Returns FALSE at the end. */
static gboolean
read_head (FILE *file,
           char *first,
           int size)
{
  char line[256];

  if (fgets (first, size, file) == NULL)
    return FALSE;
  while (fgets (line, sizeof line, file) != NULL)
    if (strcmp (line, "\r\n") == 0)
      return TRUE;
  return FALSE;
}

static void
note_request (const char *first,
              guint n_here)
{
  g_mutex_lock (&seen.mutex);
  seen.n_connections += n_here == 1;
  seen.n_requests++;
  seen.n_of_a += g_str_has_prefix (first, "GET /a ");
  seen.most_on_one = MAX (seen.most_on_one, n_here);
  g_mutex_unlock (&seen.mutex);
}

/* Answers each request with what it asked for: "a" for /a, "bb" for the others. */
static void
by_path_script (ScriptedServer *server,
                int fd)
{
  FILE *file = fdopen (dup (fd), "r");
  char first[256];
  guint n = 0;

  while (read_head (file, first, sizeof first))
    {
      note_request (first, ++n);
      if (!scripted_server_answer (fd, g_str_has_prefix (first, "GET /a ")
                                           ? "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
                                           : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nbb"))
        break;
    }
  fclose (file);
}

/* Answers only when four requests lie there, all of them in one write, and then in three pieces. */
static void
by_fours_script (ScriptedServer *server,
                 int fd)
{
  FILE *file = fdopen (dup (fd), "r");
  g_autofree char *four = g_strconcat (GOOD, GOOD, GOOD, GOOD, NULL);
  const gsize size = strlen (four), pieces[] = {10, strlen (GOOD) + 5, size};
  char first[256];
  guint n = 0;

  while (read_head (file, first, sizeof first))
    {
      note_request (first, ++n);
      if (n % 4 != 0)
        continue;
      if (n % 8 == 0)
        {
          if (!scripted_server_answer (fd, four))
            break;
          continue;
        }
      for (gsize i = 0, at = 0; i < G_N_ELEMENTS (pieces); at = pieces[i++])
        if (!scripted_server_write (fd, four + at, pieces[i] - at))
          break;
    }
  fclose (file);
}

static void
test_pipeline (void)
{
  g_auto (Report) report = {0};

  forget ();
  report = run (by_fours_script, "\"connections\":3,\"pipeline\":4,\"duration_ms\":100,\"warm_up_ms\":20", NULL);
  g_assert_cmpint (get (&report, "requests"), >, 0);
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
  g_assert_cmpint (get (&report, "pipeline"), ==, 4);
  g_assert_cmpuint (seen.n_connections, ==, 3);
}

/* Every third answer is a connection's last, said or not: what was behind it is asked for again, and each
 * request is counted once. */
static void
close_after_three_script (ScriptedServer *server,
                          int fd)
{
  FILE *file = fdopen (dup (fd), "r");
  char first[256];

  for (guint n = 1; n <= 3 && read_head (file, first, sizeof first); n++)
    {
      note_request (first, n);
      if (!scripted_server_answer (fd, n == 3 ? "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello" : GOOD))
        break;
    }
  /* Reading what is left keeps the end from becoming a reset, which would throw answers away. */
  shutdown (fd, SHUT_WR);
  while (read_head (file, first, sizeof first))
    ;
  fclose (file);
}

static void
test_pipeline_that_is_cut (void)
{
  g_auto (Report) report = {0};

  forget ();
  report = run (close_after_three_script, "\"connections\":2,\"pipeline\":5,\"count\":60,\"warm_up_ms\":0", NULL);
  g_assert_cmpint (get (&report, "requests"), ==, 60);
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
  g_assert_cmpint (get (&report, "retries"), >, 0);
  g_assert_cmpuint (seen.most_on_one, ==, 3);
}

static void
test_mix (void)
{
  g_auto (Report) report = {0};
  JsonArray *mix;
  gint64 n_a, n_b;

  forget ();
  report = run (by_path_script,
                "\"connections\":4,\"count\":4000,\"warm_up_ms\":0,\"headers\":{\"X-All\":\"1\"},"
                "\"mix\":[{\"path\":\"/a\",\"weight\":3,\"name\":\"first\"},{\"path\":\"/b\",\"expect\":{\"text\":\"bb\"}}]",
                NULL);
  mix = json_object_get_array_member (json_node_get_object (report.result), "mix");
  g_assert_cmpint (get (&report, "requests"), ==, 4000);
  g_assert_cmpuint (json_array_get_length (mix), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (mix, 0), "name"),
                   ==, "first");
  g_assert_cmpstr (json_object_get_string_member (json_array_get_object_element (mix, 1), "name"),
                   ==, "GET /b");
  n_a = json_object_get_int_member (json_array_get_object_element (mix, 0), "requests");
  n_b = json_object_get_int_member (json_array_get_object_element (mix, 1), "requests");
  g_assert_cmpint (n_a + n_b, ==, 4000);
  g_assert_cmpint (n_a, ==, seen.n_of_a);
  /* Three of four, within six standard deviations; the seed is fixed. */
  g_assert_cmpint (ABS (n_a - 3000), <, 165);
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
}

/* Each request of a mix has an answer of its own: what is right for one is wrong for another. */
static void
test_mix_with_a_wrong_answer (void)
{
  g_auto (Report) report = run (by_path_script,
                                "\"connections\":2,\"count\":200,\"warm_up_ms\":0,"
                                "\"mix\":[{\"path\":\"/a\"},{\"path\":\"/b\",\"expect\":{\"text\":\"a\"}}]",
                                NULL);
  JsonArray *mix = json_object_get_array_member (json_node_get_object (report.result), "mix");

  g_assert_cmpint (get_error (&report, "wrong_body"), >, 0);
  g_assert_cmpint (get_error (&report, "wrong_body") + get (&report, "requests"), ==, 200);
  g_assert_cmpint (json_object_get_int_member (json_array_get_object_element (mix, 0), "errors"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (json_array_get_object_element (mix, 1), "requests"), ==, 0);
  g_assert_true (has_reason (&report, "wrong-body"));
}

static void
test_count (void)
{
  static const char *const members[] = {
      "\"connections\":4,\"count\":101,\"warm_up_ms\":0",
      "\"connections\":4,\"count\":101,\"warm_up_ms\":30",
      "\"connections\":4,\"threads\":3,\"count\":101,\"warm_up_ms\":30",
      "\"connections\":4,\"rate_hz\":2000,\"count\":101,\"warm_up_ms\":0",
      "\"connections\":4,\"threads\":2,\"rate_hz\":2000,\"arrivals\":\"poisson\",\"count\":101,\"warm_up_ms\":0",
      "\"connections\":200,\"count\":101,\"warm_up_ms\":0",
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_auto (Report) report = {0};

      g_test_message ("%s", members[i]);
      forget ();
      report = run (by_path_script, members[i], NULL);
      g_assert_cmpint (get (&report, "requests"), ==, 101);
      g_assert_cmpint (get (&report, "sent"), ==, 101);
      g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
      if (strstr (members[i], "\"warm_up_ms\":0") != NULL)
        g_assert_cmpuint (seen.n_requests, ==, 101);
      else
        g_assert_cmpuint (seen.n_requests, >=, 101);
    }
}

/* A limit of time holds for a fixed count as well. */
static void
test_count_that_takes_too_long (void)
{
  g_auto (Report) report = run (by_path_script,
                                "\"connections\":1,\"rate_hz\":100,\"count\":100000,\"duration_ms\":100,\"warm_up_ms\":0", NULL);

  g_assert_cmpint (count_due (&report), ==, 10);
}

static void
test_new_connections (void)
{
  static const guint depths[] = {1, 4};

  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_autofree char *members = g_strdup_printf (
          "\"connections\":2,\"pipeline\":%u,\"requests_per_connection\":5,\"count\":100,\"warm_up_ms\":0", depths[i]);
      g_auto (Report) report = {0};

      forget ();
      report = run (by_path_script, members, NULL);
      g_assert_cmpint (get (&report, "requests"), ==, 100);
      g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
      g_assert_cmpint (get (&report, "retries"), ==, 0);
      g_assert_cmpuint (seen.most_on_one, ==, 5);
      g_assert_cmpuint (seen.n_connections, >=, 20);
      g_assert_cmpuint (seen.n_requests, ==, 100);
    }
}

/* Customers who think: N = X * (R + Z) bounds what they can ask for. */
static void
test_think_time (void)
{
  static const char *const kinds[] = {"constant", "exponential"};

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *members = g_strdup_printf (
          "\"connections\":20,\"think_time_ms\":10,\"think_time\":\"%s\",\"duration_ms\":200,\"warm_up_ms\":20", kinds[i]);
      g_auto (Report) report = run (by_path_script, members, NULL);
      LdsHistogram *lag = get_histogram (&report, "schedule_lag_histogram");

      g_assert_cmpint (get (&report, "requests"), >, 0);
      g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
      /* No more than 20 each 10 ms; at random that is a mean. */
      if (i == 0)
        g_assert_cmpint (get (&report, "sent"), <=, 20 * 21);
      /* How late the client is, is known of each that was thought about. */
      g_assert_cmpuint (lag->total, >, 0);
      g_assert_cmpint (
          json_object_get_int_member (json_node_get_object (report.result), "think_time_ms"), ==,
          10);
      lds_histogram_free (lag);
    }
}

/* The answer is cut, in order or with a reset, behind each of its bytes in turn. */
static guint cut_at;
static gboolean cut_with_reset;

static void
cut_script (ScriptedServer *server,
            int fd)
{
  if (scripted_server_read (server, fd) == 0)
    return;
  scripted_server_write (fd, GOOD, cut_at);
  if (cut_with_reset)
    scripted_server_reset_on_close (fd);
}

static void
test_cut_at_any_byte (void)
{
  for (cut_at = 0; cut_at < strlen (GOOD); cut_at++)
    for (guint with_reset = 0; with_reset < 2; with_reset++)
      {
        g_auto (Report) report = {0};

        cut_with_reset = with_reset != 0;
        report = run (cut_script, "\"connections\":1,\"count\":3,\"warm_up_ms\":0", NULL);
        g_assert_cmpint (get (&report, "requests"), ==, 0);
        g_assert_cmpint (get_error (&report, "reset") + get_error (&report, "short"), ==, 3);
        if (cut_at == 0)
          g_assert_cmpint (get_error (&report, "reset"), ==, 3);
        else if (!cut_with_reset)
          g_assert_cmpint (get_error (&report, "short"), ==, 3);
      }
}

/* Clients beside: what is measured goes on, and what became of them is told. */
static void
test_background (void)
{
  g_auto (Report) report = run (by_path_script,
                                "\"connections\":2,\"count\":100,\"warm_up_ms\":0,"
                                "\"background\":{\"idle\":20,\"slow_readers\":2,\"slow_senders\":3}",
                                NULL);
  JsonObject *background =
      json_object_get_object_member (json_node_get_object (report.result), "background");
  JsonObject *idle = json_object_get_object_member (background, "idle");

  g_assert_cmpint (get (&report, "requests"), ==, 100);
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (idle, "asked"), ==, 20);
  g_assert_cmpint (json_object_get_int_member (idle, "open_at_end"), ==, 20);
  g_assert_cmpint (json_object_get_int_member (
                       json_object_get_object_member (background, "slow_senders"), "opened"),
                   >=, 3);
}

/* Who asks beside asks for something else, and is no part of the figures. */
static void
test_askers (void)
{
  g_auto (Report) report = {0};
  JsonObject *askers;

  forget ();
  report = run (by_path_script,
                "\"connections\":1,\"duration_ms\":400,\"warm_up_ms\":0,\"expect\":{\"text\":\"bb\"},"
                "\"background\":{\"askers\":2,\"request\":{\"path\":\"/a\"}}",
                NULL);
  askers = json_object_get_object_member (
      json_object_get_object_member (json_node_get_object (report.result), "background"), "askers");
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
  g_assert_false (has_reason (&report, "background-unanswered"));
  g_assert_cmpint (json_object_get_int_member (askers, "answers"), >=, 1);
  g_assert_cmpuint (seen.n_of_a, >=, (guint)json_object_get_int_member (askers, "answers"));
}

static void
refusing_a_script (ScriptedServer *server,
                   int fd)
{
  FILE *file = fdopen (dup (fd), "r");
  char first[256];

  while (read_head (file, first, sizeof first) &&
         scripted_server_answer (fd, g_str_has_prefix (first, "GET /a ")
                                         ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                                         : GOOD))
    ;
  fclose (file);
}

/* Without what is to be seen the effect of, the figures are no figures of it. */
static void
test_askers_that_are_refused (void)
{
  g_auto (Report) report = run (refusing_a_script,
                                "\"connections\":1,\"duration_ms\":400,\"warm_up_ms\":0,"
                                "\"background\":{\"askers\":1,\"request\":{\"path\":\"/a\"}}",
                                NULL);

  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
  g_assert_true (has_reason (&report, "background-unanswered"));
}

#define LARGE_BYTES (16 << 20)

/* Says yes before it has read the whole request: the rest must not be taken for the next one. */
static void
early_script (ScriptedServer *server,
              int fd)
{
  g_autofree char *body = g_malloc (LARGE_BYTES);
  FILE *file = fdopen (dup (fd), "r");
  char first[256];

  while (fgetc (file) != EOF && scripted_server_answer (fd, GOOD) &&
         read_head (file, first, sizeof first) &&
         fread (body, 1, LARGE_BYTES, file) == LARGE_BYTES)
    ;
  fclose (file);
}

static void
test_early_answer (void)
{
  g_autofree char *body = g_strnfill (LARGE_BYTES, 'x');
  g_autofree char *members = g_strdup_printf (
      "\"connections\":1,\"count\":3,\"warm_up_ms\":0,\"timeout_ms\":60000,\"method\":\"PUT\",\"body\":\"%s\"", body);
  g_auto (Report) report = run (early_script, members, NULL);

  g_assert_cmpint (get (&report, "requests"), ==, 3);
  g_assert_cmpint (sum_members (&report, "errors"), ==, 0);
}

int
main (int argc,
      char *argv[])
{
  if (!can_run ())
    return 0;
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/shapes/pipeline", test_pipeline);
  g_test_add_func ("/load/shapes/pipeline-that-is-cut", test_pipeline_that_is_cut);
  g_test_add_func ("/load/shapes/mix", test_mix);
  g_test_add_func ("/load/shapes/mix-with-a-wrong-answer", test_mix_with_a_wrong_answer);
  g_test_add_func ("/load/shapes/count", test_count);
  g_test_add_func ("/load/shapes/count-that-takes-too-long", test_count_that_takes_too_long);
  g_test_add_func ("/load/shapes/new-connections", test_new_connections);
  g_test_add_func ("/load/shapes/think-time", test_think_time);
  g_test_add_func ("/load/shapes/cut-at-any-byte", test_cut_at_any_byte);
  g_test_add_func ("/load/shapes/background", test_background);
  g_test_add_func ("/load/shapes/askers", test_askers);
  g_test_add_func ("/load/shapes/askers-that-are-refused", test_askers_that_are_refused);
  g_test_add_func ("/load/shapes/early-answer", test_early_answer);
  return g_test_run ();
}
