/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims judged from sessions that the history holds: which session decides, and what is said of the others. */
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "lds-environment.h"
#include "lds-error.h"
#include "lds-history-claims.h"
#include "lds-history-edit.h"

/* Three requests of 250 ms at once take as long as one. */
#define CLAIM "C-000-4"
#define FITS  250
#define WRONG 750

static LdsSession *
new_session (const char *lane,
             double p50_ms,
             guint n_runs)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (JsonObject) environment = lds_environment_read ();
  g_autoptr (JsonArray) runtimes = json_array_new ();
  LdsSession *session;

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find (lane, NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("user", NULL));
  plan->connections = 3;
  session = lds_session_new (plan);
  json_object_unref (session->environment);
  session->environment = g_steal_pointer (&environment);
  json_array_add_string_element (runtimes, "node-http 1.2.3");
  json_object_set_array_member (session->environment, "runtimes", g_steal_pointer (&runtimes));
  for (guint i = 0; i < n_runs; i++)
    {
      LdsRun *run = fixture_run (plan, i, 0);

      /* The fixture's own figures are of another length. */
      lds_histogram_reset (run->response);
      for (guint r = 0; r < 100; r++)
        lds_histogram_record (run->response, (guint64)(p50_ms * 1e6) + 1000 * i);
      run->valid = TRUE;
      g_ptr_array_set_size (run->reasons, 0);
      g_ptr_array_add (session->runs, run);
    }
  session->complete = n_runs == lds_plan_n_runs (session->plan);
  return session;
}

/* Records a session that began @hour hours after some day; returns its number. */
static gint64
record (LdsHistory *history,
        const char *kind,
        guint hour,
        LdsSession *session)
{
  const LdsHistoryAbout about = {.kind = kind, .title = "Claims"};
  g_autoptr (GError) error = NULL;
  g_autofree char *started = g_strdup_printf ("2026-11-28T%02u:00:00Z", hour);
  gint64 id;

  json_object_set_string_member (session->environment, "started_at", started);
  for (guint i = 0; i < session->runs->len; i++)
    ((LdsRun *)session->runs->pdata[i])->started_at_us += (gint64)hour * 3600 * G_USEC_PER_SEC;
  id = lds_history_import (history, &about, session, &error);
  g_assert_no_error (error);
  lds_session_free (session);
  return id;
}

static LdsClaimEvidence *
judge (LdsHistory *history)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) claims = g_ptr_array_new ();
  LdsClaimEvidence *evidence;

  g_ptr_array_add (claims, (gpointer)lds_claim_find (CLAIM, NULL));
  evidence = lds_history_judge_claims (history, claims, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (evidence->records->len, ==, 1);
  return evidence;
}

static void
check (LdsHistory *history,
       LdsClaimVerdict verdict,
       const char *grade,
       gint64 session)
{
  g_autoptr (LdsClaimEvidence) evidence = judge (history);
  const LdsClaimRecord *known = lds_claim_evidence_find (evidence, CLAIM);

  g_assert_true (known->is_known);
  g_assert_cmpint (known->finding->verdict, ==, verdict);
  g_assert_cmpstr (known->finding->grade, ==, grade);
  g_assert_cmpuint (known->sessions->len, ==, 1);
  g_assert_cmpint (g_array_index (known->sessions, gint64, 0), ==, session);
  g_assert_null (known->caveat);
  g_assert_cmpuint (evidence->notes->len, ==, 0);
}

static void
test_which (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (GError) error = NULL;
  gint64 id;

  id = record (history, LDS_HISTORY_KIND_CLAIMS, 1, new_session ("model:event-loop", WRONG, 5));
  check (history, LDS_CLAIM_REFUTED, "E-", id);
  /* The newest counts, and no other kind. */
  id = record (history, LDS_HISTORY_KIND_CLAIMS, 2, new_session ("model:event-loop", FITS, 5));
  record (history, "bench", 3, new_session ("model:event-loop", WRONG, 5));
  check (history, LDS_CLAIM_CONFIRMED, "E2", id);
  /* One that was stopped takes nothing away. */
  record (history, LDS_HISTORY_KIND_CLAIMS, 4, new_session ("model:event-loop", WRONG, 3));
  check (history, LDS_CLAIM_CONFIRMED, "E2", id);
  /* The real runtime counts before a twin, and a twin before a model, though the model is newer. */
  id = record (history, LDS_HISTORY_KIND_CLAIMS, 5, new_session ("real:node-http", FITS, 5));
  record (history, LDS_HISTORY_KIND_CLAIMS, 6, new_session ("twin:node-http", WRONG, 5));
  record (history, LDS_HISTORY_KIND_CLAIMS, 7, new_session ("model:event-loop", WRONG, 5));
  check (history, LDS_CLAIM_CONFIRMED, "E3", id);
  /* What is deleted says nothing. */
  g_assert_true (lds_history_delete (history, &id, 1, &error));
  check (history, LDS_CLAIM_REFUTED, "E-", id + 1);
  g_clear_pointer (&history, lds_history_close);
  fixture_remove (path);
}

/* The version of then is told, not that of now. */
static void
test_told (void)
{
  g_autofree char *path = fixture_path (), *status = NULL, *lanes = NULL;
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsClaimEvidence) evidence = NULL;
  const LdsClaimRecord *known;
  LdsSession *session = new_session ("real:node-http", FITS, 5);

  json_object_set_string_member (session->environment, "kernel", "Linux 2.0");
  record (history, LDS_HISTORY_KIND_CLAIMS, 12, session);
  evidence = judge (history);
  known = evidence->records->pdata[0];
  status = lds_claim_record_dup_status (known);
  g_assert_cmpstr (status, ==, "confirmed, E3, measured 2026-11-18");
  lanes =
      lds_claim_trial_dup_lanes (((LdsClaimOutcome *)known->finding->outcomes->pdata[0])->trial);
  g_assert_nonnull (strstr (lanes, "version 1.2.3"));
  g_assert_cmpstr (known->caveat, ==, "Session 1 was measured when this machine was set up otherwise.");
  g_clear_pointer (&history, lds_history_close);
  fixture_remove (path);
}

static void
test_elsewhere (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (LdsHistory) history = fixture_open (path);
  g_autoptr (LdsClaimEvidence) evidence = NULL;
  const LdsClaimRecord *known;

  for (guint i = 1; i <= 2; i++)
    {
      LdsSession *session = new_session ("real:node-http", FITS, 5);

      json_object_set_string_member (session->environment, "cpu_model", "Abacus");
      record (history, LDS_HISTORY_KIND_CLAIMS, i, session);
    }
  evidence = judge (history);
  known = evidence->records->pdata[0];
  g_assert_false (known->is_known);
  g_assert_cmpstr (known->finding->grade, ==, "E1");
  g_assert_cmpint (known->measured_at_us, ==, 0);
  g_assert_cmpuint (evidence->notes->len, ==, 1);
  g_assert_cmpstr (evidence->notes->pdata[0], ==,
                   "Sessions 2, 1 were measured on another machine, so they say nothing of this one.");
  g_clear_pointer (&history, lds_history_close);
  fixture_remove (path);
}

/* Without a history nothing is known but what needs no run, and none is made. */
static void
test_none (void)
{
  g_autofree char *path = fixture_path (), *status = NULL, *slip = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LdsClaimEvidence) evidence =
      lds_history_judge_claims_at (path, lds_claim_list (), &error);

  g_assert_no_error (error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (evidence->records->len, ==, lds_claim_list ()->len);
  status = lds_claim_record_dup_status (lds_claim_evidence_find (evidence, CLAIM));
  g_assert_cmpstr (status, ==, "E1, not measured yet");
  slip = lds_claim_record_dup_status (lds_claim_evidence_find (evidence, "C-004-1"));
  g_assert_cmpstr (slip, ==, "refuted, E-, without a run");
  g_assert_null (lds_claim_evidence_find (evidence, "C-9"));
  for (guint i = 0; i < evidence->records->len; i++)
    {
      const LdsClaimRecord *known = evidence->records->pdata[i];

      g_assert_true (!known->is_known || known->finding->outcomes->len == 0);
      g_assert_cmpuint (known->sessions->len, ==, 0);
    }
  fixture_remove (path);
}

/* What is no database is refused in a sentence. */
static void
test_damaged (void)
{
  g_autofree char *path = fixture_path ();
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "No database at all, but long enough for one to be looked for.", -1, &error));
  g_assert_null (lds_history_judge_claims_at (path, lds_claim_list (), &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  fixture_remove (path);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history-claims/which", test_which);
  g_test_add_func ("/history-claims/told", test_told);
  g_test_add_func ("/history-claims/elsewhere", test_elsewhere);
  g_test_add_func ("/history-claims/none", test_none);
  g_test_add_func ("/history-claims/damaged", test_damaged);
  return g_test_run ();
}
