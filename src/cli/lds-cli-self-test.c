/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “--self-test” of what measures and compares: how often a difference is found that is not there. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-measure.h"
#include "lds-cli-options.h"
#include "lds-cli-self-test.h"
#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-self-test.h"

#define FORMAT  "loadstone-self-test"
#define VERSION 1

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

/* Returns: (transfer full): what came of @n_comparisons; or NULL with an error */
static LdsSession *
measure (guint n_comparisons,
         GError **error)
{
  g_autoptr (LdsPlan) plan = lds_self_test_new_plan (n_comparisons);
  LdsCliRecord none = {.off = TRUE, .kind = LDS_CLI_SELF_TEST_KIND};

  /* Translators: number of runs, then seconds */
  fprintf (stderr, _ ("Self-test: %u runs, about %d s.\n"), lds_plan_n_runs (plan),
           (int)((lds_plan_estimate_ms (plan) + 999) / 1000));
  return lds_cli_measure (plan, &none, error);
}

gboolean
lds_cli_session_test_check (LdsCliSessionTest *self,
                            GError **error)
{
  if (self->n_measured == G_MININT)
    {
      self->n_measured = LDS_SELF_TEST_N_MEASURED;
      return TRUE;
    }
  self->wanted = TRUE;
  return lds_cli_check_count ("--self-test-real", self->n_measured, 0, LDS_SELF_TEST_MAX_REAL, error);
}

gboolean
lds_cli_session_test_run (const LdsCliSessionTest *self,
                          LdsSession *session,
                          LdsCliRecord *record,
                          GError **error)
{
  g_autoptr (LdsSession) runs = NULL;

  if (!self->wanted)
    return TRUE;
  /* A session of the history may be of a time when it was given none. */
  lds_self_test_add_simulated (session);
  if (self->n_measured > 0)
    runs = measure ((guint)self->n_measured, error);
  if (runs != NULL)
    lds_self_test_add_measured (session, runs);
  lds_cli_record_self_tests (record, session);
  return runs != NULL || self->n_measured == 0;
}

void
lds_cli_print_self_tests (const LdsSession *session)
{
  if (session->self_tests->len > 0)
    putchar ('\n');
  for (guint i = 0; i < session->self_tests->len; i++)
    {
      g_autofree char *sentence =
          lds_self_test_dup_sentence (&g_array_index (session->self_tests, LdsSelfTest, i));

      puts (sentence);
    }
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
  if (options->measures)
    {
      session = measure (options->n_measured, error);
      if (session == NULL)
        return FALSE;
      lds_self_test_add_measured (session, session);
      for (guint i = 0; i < session->self_tests->len; i++)
        if (g_array_index (session->self_tests, LdsSelfTest, i).metric != NULL)
          g_array_append_val (tests, g_array_index (session->self_tests, LdsSelfTest, i));
    }
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
