/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “compare --self-test”: how often a difference is found that is not there. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-measure.h"
#include "lds-cli-session.h"
#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-self-test.h"

#define FORMAT  "loadstone-self-test"
#define VERSION 1

/* Of the simulation that goes with a session. */
#define N_SIMULATED 200
#define MAX_RUNS    32

/* What is compared of measured runs, by id: the figures that rankings and objectives rest on. */
static const char *const measured[] = {"throughput", "cpu_per_request", "p50", "p99"};

static void
simulate (GArray *tests,
          guint n_comparisons,
          guint n_runs)
{
  LdsSelfTest pairs = lds_self_test_simulate (n_comparisons, n_runs, LDS_COMPARE_PAIRS);
  LdsSelfTest ranks = lds_self_test_simulate (n_comparisons, n_runs, LDS_COMPARE_RANKS);

  g_array_append_val (tests, pairs);
  g_array_append_val (tests, ranks);
}

void
lds_cli_add_self_tests (LdsSession *session)
{
  simulate (session->self_tests, N_SIMULATED,
            CLAMP (session->plan->repeats, LDS_SESSION_MIN_RUNS, MAX_RUNS));
}

static gboolean
measure (GArray *tests,
         guint n_comparisons,
         LdsSession **session,
         GError **error)
{
  g_autoptr (LdsPlan) plan = lds_self_test_new_plan (n_comparisons);
  LdsCliRecord none = {.off = TRUE};

  *session = lds_cli_measure (plan, &none, error);
  if (*session == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (measured); i++)
    {
      LdsSelfTest test = lds_self_test_measure (*session, lds_metric_find (measured[i]));

      g_array_append_val (tests, test);
    }
  return TRUE;
}

/* Returns: (transfer full): the tests, and the runs that measured ones rest on */
static JsonNode *
wrap (GArray *tests,
      const LdsSession *session)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "format", FORMAT);
  json_object_set_int_member (object, "version", VERSION);
  json_object_set_member (object, "self_test", lds_self_test_list_to_json (tests));
  if (session != NULL)
    json_object_set_member (object, "session", lds_session_to_json (session));
  else
    json_object_set_null_member (object, "session");
  json_node_take_object (node, object);
  return node;
}

static gboolean
check (GArray *tests,
       GError **error)
{
  for (guint i = 0; i < tests->len; i++)
    {
      const LdsSelfTest *test = &g_array_index (tests, LdsSelfTest, i);
      g_autofree char *sentence = NULL;

      if (test->n_comparisons == 0)
        {
          g_set_error_literal (error, LDS_ERROR, LDS_ERROR_INVALID,
                               _ ("The self-test is invalid: no comparison had enough valid runs."));
          return FALSE;
        }
      if (!lds_self_test_fails (test))
        continue;
      sentence = lds_self_test_dup_sentence (test);
      g_set_error_literal (error, LDS_ERROR, LDS_ERROR_THRESHOLD, sentence);
      return FALSE;
    }
  return TRUE;
}

gboolean
lds_cli_run_self_test (const LdsCliSelfTest *options,
                       GError **error)
{
  g_autoptr (GArray) tests = g_array_new (FALSE, FALSE, sizeof (LdsSelfTest));
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (JsonNode) json = NULL;
  g_autofree char *text = NULL;

  if (options->simulates)
    simulate (tests, options->n_simulated, LDS_SELF_TEST_RUNS);
  if (options->measures && !measure (tests, options->n_measured, &session, error))
    return FALSE;
  json = wrap (tests, session);
  text = lds_json_to_text (json, TRUE);
  if (options->json)
    fputs (text, stdout);
  else
    for (guint i = 0; i < tests->len; i++)
      {
        g_autofree char *sentence =
            lds_self_test_dup_sentence (&g_array_index (tests, LdsSelfTest, i));

        puts (sentence);
      }
  if (options->output != NULL && !lds_file_write (options->output, text, strlen (text), error))
    return FALSE;
  return check (tests, error);
}
