/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sessions do to verdicts, for the comparison with the reference; one JSON object a line in, one
 * out. In: {"answers": {…}, "runs": [{"lane", "workload", "repeat", "valid", "rate_hz", "response_ms"}, …]}, the
 * last two null where a run has no such figure. Out: verdict and rows of findings, unrounded. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-findings.h"
#include "lds-json.h"

static void
add_once (GPtrArray *array,
          gconstpointer item)
{
  if (!g_ptr_array_find (array, item, NULL))
    g_ptr_array_add (array, (gpointer)item);
}

static LdsRun *
read_run (const LdsPlan *plan,
          JsonObject *object)
{
  LdsRunSpec spec = lds_plan_run_spec (plan, 0);
  double response_ms = lds_json_get_double (object, "response_ms", NAN, NULL);
  LdsRun *run;

  spec.lane = lds_lane_find (lds_json_get_string (object, "lane", "", NULL), NULL);
  spec.workload = lds_workload_find (lds_json_get_string (object, "workload", "", NULL), NULL);
  spec.repeat = (guint)lds_json_get_int (object, "repeat", 0, NULL);
  run = lds_run_new (&spec);
  run->achieved_rate_hz = lds_json_get_double (object, "rate_hz", NAN, NULL);
  if (isfinite (response_ms))
    {
      run->response = lds_histogram_new ();
      /* As many as a p99 needs. */
      for (guint i = 0; i < 100; i++)
        lds_histogram_record (run->response, (gint64)(response_ms * (double)LDS_NS_PER_MS));
    }
  if (!lds_json_get_boolean (object, "valid", TRUE, NULL))
    lds_run_invalidate (run, "server-died", "It died.");
  return run;
}

static LdsSession *
read_session (JsonArray *runs)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  LdsSession *session;

  for (guint i = 0; i < json_array_get_length (runs); i++)
    {
      JsonObject *object = json_array_get_object_element (runs, i);

      add_once (plan->lanes, lds_lane_find (json_object_get_string_member (object, "lane"), NULL));
      add_once (plan->workloads,
                lds_workload_find (json_object_get_string_member (object, "workload"), NULL));
    }
  session = lds_session_new (plan);
  for (guint i = 0; i < json_array_get_length (runs); i++)
    g_ptr_array_add (session->runs, read_run (plan, json_array_get_object_element (runs, i)));
  return session;
}

static JsonObject *
row_to_json (const LdsFinding *finding)
{
  JsonObject *row = json_object_new ();

  json_object_set_boolean_member (row, "used", finding->used);
  if (!finding->used)
    return row;
  json_object_set_string_member (row, "node", finding->node->model_id);
  json_object_set_string_member (row, "python", finding->python->model_id);
  json_object_set_double_member (row, "ratio", finding->ratio);
  json_object_set_double_member (row, "low", finding->low);
  json_object_set_double_member (row, "high", finding->high);
  json_object_set_double_member (row, "effect", finding->influence.effect);
  json_object_set_double_member (row, "lead_without", finding->influence.lead_without);
  json_object_set_string_member (row, "winner_without",
                                 lds_option_to_string (finding->influence.winner_without));
  return row;
}

static gboolean
answer_line (const char *line,
             GError **error)
{
  g_autoptr (JsonNode) root = lds_json_parse (line, strlen (line), "standard input", error), node = NULL;
  g_autoptr (JsonObject) only = json_object_new (), out = json_object_new (),
                         rows = json_object_new ();
  g_autoptr (LdsAnswers) answers = NULL;
  g_autoptr (LdsSession) session = NULL;
  g_autoptr (LdsFindings) findings = NULL;
  g_autoptr (LdsVerdict) verdict = NULL;
  g_autofree char *text = NULL;
  JsonObject *object;

  if (root == NULL)
    return FALSE;
  object = json_node_get_object (root);
  json_object_set_member (only, "answers", json_node_copy (json_object_get_member (object, "answers")));
  answers = lds_answers_from_json (lds_rule_pack_get_default (), only, error);
  if (answers == NULL)
    return FALSE;
  session = read_session (json_object_get_array_member (object, "runs"));
  findings = lds_findings_new (answers, session);
  verdict = lds_findings_advise (findings, answers, LDS_EVIDENCE_NONE, NULL);
  for (guint i = 0; i < findings->rows->len; i++)
    {
      const LdsFinding *finding = findings->rows->pdata[i];

      json_object_set_object_member (rows, finding->criterion, row_to_json (finding));
    }
  json_object_set_object_member (out, "rows", json_object_ref (rows));
  json_object_set_string_member (out, "win", lds_option_to_string (verdict->winner));
  for (int o = 0; o < LDS_N_OPTIONS; o++)
    json_object_set_double_member (out, lds_option_to_string ((LdsOption)o), verdict->scores[o]);
  node = json_node_init_object (json_node_alloc (), out);
  text = lds_json_to_text (node, FALSE);
  puts (text);
  return TRUE;
}

int
main (void)
{
  char *line = NULL;
  size_t size = 0;

  while (getline (&line, &size, stdin) > 0)
    {
      g_autoptr (GError) error = NULL;

      if (!answer_line (line, &error))
        {
          fprintf (stderr, "%s\n", error->message);
          return 1;
        }
    }
  free (line);
  return 0;
}
