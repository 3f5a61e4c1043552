/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way of a calibration with synthetic runs: plan after plan, a twin that spends what is known so far, in the end a
 * profile that is a twin and a file, and no trace of what was tried. */
#include "lds-calibrator.h"

#include <glib/gstdio.h>
#include <string.h>

#include "lds-calibration-text.h"
#include "lds-clock.h"
#include "lds-error.h"

#define RATE_HZ 20000

/* Every request costs as much CPU time: so much of the runtime, less of anything else. */
static LdsSession *
measure (const LdsPlan *plan,
         const LdsLane *subject,
         guint requests)
{
  LdsSession *session = lds_session_new (plan);

  for (guint i = 0; i < lds_plan_n_runs (plan); i++)
    {
      LdsRunSpec spec = lds_plan_run_spec (plan, i);
      LdsRun *run = lds_run_new (&spec);
      LdsProcessUsage process = {.pid = 1};

      run->duration_s = 1;
      run->requests = requests;
      run->server_cpu_s = requests * (spec.lane == subject ? 30e3 : 20e3) / LDS_NS_PER_S;
      run->service = lds_histogram_new ();
      lds_histogram_record (run->service, 100000);
      run->base_rss_bytes = run->peak_rss_bytes = 40e6;
      run->start_up_ms = 50;
      g_array_append_val (run->processes, process);
      g_ptr_array_add (session->runs, run);
    }
  return session;
}

/* Folders of trials in the temporary folder, which is this test's own. */
static guint
count_trials (void)
{
  g_autoptr (GDir) dir = g_dir_open (g_get_tmp_dir (), 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_prefix (name, "loadstone-");
  return n;
}

static void
test_way (void)
{
  const LdsLane *subject = lds_lane_find ("twin:node-http", NULL);
  LdsCalibrator *calibrator = lds_calibrator_new (subject, TRUE);
  gint64 left_ms = lds_calibrator_get_left_ms (calibrator);
  g_autofree char *folder = g_build_filename (g_get_tmp_dir (), "profiles", NULL), *path = NULL;
  g_autoptr (LdsTwin) twin = NULL;
  g_autoptr (GPtrArray) figures = NULL, residuals = NULL;
  g_autoptr (GError) error = NULL;
  const LdsPlan *plan;
  guint n_plans = 0;

  g_assert_cmpint (left_ms, >, 60 * 1000);
  while (lds_calibrator_next (calibrator, &plan, &error) && plan != NULL)
    {
      g_autoptr (LdsSession) session = measure (plan, subject, RATE_HZ);
      guint stage = lds_calibrator_get_stage (calibrator);
      gboolean has_trial = FALSE;

      for (guint i = 0; i < plan->lanes->len; i++)
        has_trial |= ((const LdsLane *)plan->lanes->pdata[i])->provenance == LDS_PROVENANCE_TWIN &&
                     plan->lanes->pdata[i] != subject;
      g_assert_cmpint (has_trial, ==, stage > LDS_CALIBRATION_FIT);
      g_assert_cmpuint (count_trials (), ==, has_trial);
      g_assert_null (lds_calibrator_get_profile (calibrator));
      g_assert_true (lds_calibrator_take (calibrator, session, &error));
      g_assert_no_error (error);
      g_assert_cmpint (lds_calibrator_get_left_ms (calibrator), <, left_ms);
      left_ms = lds_calibrator_get_left_ms (calibrator);
      n_plans++;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (n_plans, >=, 3 * LDS_CALIBRATION_N_STAGES);
  g_assert_cmpint (left_ms, ==, 0);
  g_assert_cmpuint (lds_calibrator_get_stage (calibrator), ==, LDS_CALIBRATION_N_STAGES);

  path = lds_calibrator_save (calibrator, folder, &error);
  g_assert_no_error (error);
  twin = lds_twin_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (twin->id, ==, "node-http");
  figures = lds_calibration_text_list_figures (lds_calibrator_get_profile (calibrator));
  residuals = lds_calibration_text_list_residuals (lds_calibrator_get_profile (calibrator));
  g_assert_cmpuint (figures->len, >, 1);
  g_assert_cmpuint (residuals->len, >, 1);
  g_assert_cmpuint (g_strv_length (figures->pdata[1]), ==, 3);
  g_assert_nonnull (strstr (((char **)figures->pdata[1])[2], " – "));
  g_assert_cmpstr (((char **)residuals->pdata[1])[0], ==, "hello, 64, cpu_per_request");
  g_assert_cmpstr (((char **)residuals->pdata[1])[3], ==, "-33.3 %");
  lds_calibrator_free (calibrator);
  g_assert_cmpuint (count_trials (), ==, 0);
  g_unlink (path);
  g_rmdir (folder);
}

/* Nothing was answered: there is no profile, and nothing stays behind. */
static void
test_nothing (void)
{
  const LdsLane *subject = lds_lane_find ("twin:node-http", NULL);
  LdsCalibrator *calibrator = lds_calibrator_new (subject, TRUE);
  g_autoptr (GError) error = NULL;
  const LdsPlan *plan;

  while (lds_calibrator_next (calibrator, &plan, NULL) && plan != NULL)
    {
      g_autoptr (LdsSession) session = measure (plan, subject, 0);

      if (!lds_calibrator_take (calibrator, session, &error))
        break;
    }
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INVALID);
  g_assert_null (lds_calibrator_get_profile (calibrator));
  lds_calibrator_free (calibrator);
  g_assert_cmpuint (count_trials (), ==, 0);
}

int
main (int argc,
      char *argv[])
{
  const char *parent = g_getenv ("TMPDIR");
  g_autofree char *folder =
      g_build_filename (parent != NULL ? parent : "/tmp", "lds-calibrator-XXXXXX", NULL);
  int status;

  /* Before GLib is asked where temporary files go, for it asks once. */
  g_assert_nonnull (g_mkdtemp (folder));
  g_setenv ("TMPDIR", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/calibrator/way", test_way);
  g_test_add_func ("/bench/calibrator/nothing", test_nothing);
  status = g_test_run ();
  g_rmdir (folder);
  return status;
}
