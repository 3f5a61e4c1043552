/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions that nobody measured, and histories in a folder of their own. */
#include "fixture.h"

#include <glib/gstdio.h>
#include <math.h>

/* µs since 1970 of a day in 2026. */
#define DAY_US G_GINT64_CONSTANT (1795000000000000)

LdsPlan *
fixture_plan (guint repeats)
{
  LdsPlan *plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->repeats = repeats;
  return plan;
}

LdsRun *
fixture_run (const LdsPlan *plan,
             guint index,
             guint second)
{
  LdsRunSpec spec = lds_plan_run_spec (plan, index);
  LdsRun *run = lds_run_new (&spec);

  run->response = lds_histogram_new ();
  for (guint i = 0; i < 100; i++)
    lds_histogram_record (run->response, 1000000 + 1000 * i * (index + 1));
  run->engine = g_strdup ("epoll");
  run->duration_s = 1;
  run->requests = 100;
  run->achieved_rate_hz = 100 + index;
  run->server_cpu_s = 0.5;
  run->started_at_us = DAY_US + (gint64)second * G_USEC_PER_SEC + index;
  if (index % 4 == 3)
    lds_run_invalidate (run, "server-died", "The server died.");
  return run;
}

LdsSession *
fixture_session (guint repeats,
                 guint n_runs,
                 guint second)
{
  g_autoptr (LdsPlan) plan = fixture_plan (repeats);
  LdsSession *session = lds_session_new (plan);

  json_object_set_string_member (session->environment, "cpu_model", "Äbacus 3000");
  json_object_set_int_member (session->environment, "cpus", 2);
  for (guint i = 0; i < n_runs; i++)
    g_ptr_array_add (session->runs, fixture_run (plan, i, second));
  session->complete = n_runs == lds_plan_n_runs (plan);
  return session;
}

char *
fixture_path (void)
{
  g_autofree char *folder = g_dir_make_tmp ("loadstone-test-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return g_build_filename (folder, "history.sqlite", NULL);
}

void
fixture_remove (const char *path)
{
  g_autofree char *name = g_path_get_dirname (path);
  g_autoptr (GDir) folder = g_dir_open (name, 0, NULL);
  const char *entry;

  while ((entry = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (name, entry, NULL);

      g_assert_cmpint (g_unlink (file), ==, 0);
    }
  g_assert_cmpint (g_rmdir (name), ==, 0);
}

LdsHistory *
fixture_open (const char *path)
{
  g_autoptr (GError) error = NULL;
  LdsHistory *history = lds_history_open (path, LDS_HISTORY_USUAL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (history);
  return history;
}

gint64
fixture_record (LdsHistory *history,
                const char *title,
                const LdsSession *session)
{
  const LdsHistoryAbout about = {.kind = "bench", .title = title};
  g_autoptr (GError) error = NULL;
  gint64 id = lds_history_record_begin (history, &about, session, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < session->runs->len; i++)
    g_assert_true (lds_history_record_run (history, id, session->runs->pdata[i], &error));
  g_assert_true (lds_history_record_finish (history, id, session, &error));
  g_assert_no_error (error);
  return id;
}
