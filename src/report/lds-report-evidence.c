/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prior, evidence and posterior of each criterion that can be measured, as the report keeps them. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-findings.h"
#include "lds-json.h"

/* More than any rule pack has; a hostile file could have millions. */
#define MAX_ROWS 1000

void
lds_report_evidence_free (gpointer data)
{
  LdsReportEvidence *row = data;

  g_free (row->criterion);
  g_free (row->title);
  g_free (row->reason);
  g_free (row->basis);
  g_free (row->workload);
  g_free (row);
}

/* --- Writing --------------------------------------------------------------------------------- */

static void
add_option (JsonBuilder *builder,
            const char *member,
            LdsOption option)
{
  lds_json_add_string (builder, member,
                       option != LDS_OPTION_ABSTAIN ? lds_option_to_string (option) : NULL);
}

static void
add_figure (JsonBuilder *builder,
            const char *member,
            const LdsEstimate *figure,
            gboolean used)
{
  json_builder_set_member_name (builder, member);
  if (!used)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  lds_json_add_int (builder, "n", figure->n);
  lds_json_add_number (builder, "median", figure->median);
  lds_json_add_number (builder, "low", figure->low);
  lds_json_add_number (builder, "high", figure->high);
  json_builder_end_object (builder);
}

static void
add_cells (JsonBuilder *builder,
           const char *member,
           const double cells[LDS_N_OPTIONS],
           double points)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "cells");
  json_builder_begin_object (builder);
  for (int o = 0; o < LDS_N_OPTIONS; o++)
    lds_json_add_number (builder, lds_option_to_string ((LdsOption)o), cells[o]);
  json_builder_end_object (builder);
  lds_json_add_number (builder, "points", points);
  json_builder_end_object (builder);
}

static const LdsContribution *
find_contribution (const LdsVerdict *verdict,
                   const char *criterion)
{
  for (guint i = 0; i < verdict->contributions->len; i++)
    {
      const LdsContribution *contribution = verdict->contributions->pdata[i];

      if (strcmp (contribution->id, criterion) == 0)
        return contribution;
    }
  return NULL;
}

static void
add_row (JsonBuilder *builder,
         const LdsFinding *finding,
         const LdsVerdict *final)
{
  const LdsContribution *contribution = find_contribution (final, finding->criterion);
  const LdsInfluence *influence = &finding->influence;
  gboolean used = finding->used;

  if (contribution == NULL)
    return;
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "criterion", finding->criterion);
  lds_json_add_string (builder, "title", finding->title);
  lds_json_add_boolean (builder, "used", used);
  lds_json_add_string (builder, "reason", used ? NULL : finding->reason);
  lds_json_add_string (builder, "basis", used ? finding->basis : NULL);
  lds_json_add_string (builder, "provenance",
                       used ? lds_provenance_to_string (finding->node->provenance) : NULL);
  lds_json_add_string (builder, "node_lane", used ? finding->node->id : NULL);
  lds_json_add_string (builder, "python_lane", used ? finding->python->id : NULL);
  lds_json_add_string (builder, "workload", used ? finding->workload->id : NULL);
  lds_json_add_string (builder, "workload_title", used ? finding->workload->title : NULL);
  lds_json_add_string (builder, "metric", used ? finding->metric->json_key : NULL);
  add_figure (builder, "node_figure", &finding->node_figure, used);
  add_figure (builder, "python_figure", &finding->python_figure, used);
  lds_json_add_number (builder, "ratio", used ? finding->ratio : NAN);
  lds_json_add_number (builder, "low", used ? finding->low : NAN);
  lds_json_add_number (builder, "high", used ? finding->high : NAN);
  json_builder_set_member_name (builder, "detectable");
  if (used)
    json_builder_add_boolean_value (builder, finding->detectable);
  else
    json_builder_add_null_value (builder);
  lds_json_add_number (builder, "counted_ratio", contribution->ratio);
  lds_json_add_number (builder, "weight", contribution->weight);
  add_cells (builder, "prior", used ? influence->prior_cells : contribution->cells,
             used ? influence->prior_points : contribution->points);
  add_cells (builder, "posterior", contribution->cells, contribution->points);
  lds_json_add_number (builder, "effect", used ? influence->effect : 0);
  lds_json_add_number (builder, "lead_without", used ? influence->lead_without : NAN);
  add_option (builder, "verdict_without", used ? influence->winner_without : LDS_OPTION_ABSTAIN);
  add_option (builder, "verdict_within_interval",
              used && influence->unsure ? influence->winner_within : LDS_OPTION_ABSTAIN);
  json_builder_end_object (builder);
}

void
lds_report_evidence_add (JsonBuilder *builder,
                         LdsAnswers *answers,
                         const LdsVerdict *prior,
                         const LdsVerdict *final,
                         const LdsSession *session)
{
  g_autoptr (LdsFindings) findings = lds_findings_new (answers, session);
  g_autoptr (GPtrArray) moved = NULL;

  json_builder_set_member_name (builder, "evidence");
  json_builder_begin_array (builder);
  for (guint i = 0; final != NULL && i < findings->rows->len; i++)
    add_row (builder, findings->rows->pdata[i], final);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "moved");
  json_builder_begin_array (builder);
  moved = final != NULL ? lds_findings_explain (findings, prior, final) : g_ptr_array_new ();
  for (guint i = 0; i < moved->len; i++)
    json_builder_add_string_value (builder, moved->pdata[i]);
  json_builder_end_array (builder);
}

/* --- Reading --------------------------------------------------------------------------------- */

static void
read_cells (JsonObject *object,
            const char *member,
            double cells[LDS_N_OPTIONS],
            double *points,
            GError **error)
{
  JsonObject *side = lds_json_get_object (object, member, error), *three;

  if (side == NULL)
    return;
  *points = lds_json_get_double (side, "points", 0, error);
  three = lds_json_get_object (side, "cells", error);
  for (int o = 0; three != NULL && o < LDS_N_OPTIONS; o++)
    cells[o] = lds_json_get_double (three, lds_option_to_string ((LdsOption)o), 0, error);
}

static const LdsMetric *
find_metric (const char *json_key)
{
  guint n;
  const LdsMetric *metrics = lds_metric_list (&n);

  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (metrics[i].json_key, json_key) == 0)
      return &metrics[i];
  return NULL;
}

static LdsReportEvidence *
read_row (JsonObject *object,
          GError **error)
{
  LdsReportEvidence *row = g_new0 (LdsReportEvidence, 1);
  const char *lane;

  row->criterion = g_strdup (lds_json_get_string (object, "criterion", "", error));
  row->title = g_strdup (lds_json_get_string (object, "title", row->criterion, error));
  row->used = lds_json_get_boolean (object, "used", FALSE, error);
  row->reason = g_strdup (lds_json_get_string (object, "reason", NULL, error));
  row->basis = g_strdup (lds_json_get_string (object, "basis", NULL, error));
  row->workload = g_strdup (lds_json_get_string (object, "workload_title", NULL, error));
  lane = lds_json_get_string (object, "node_lane", NULL, error);
  row->node_lane = lane != NULL ? lds_lane_find (lane, NULL) : NULL;
  row->metric = find_metric (lds_json_get_string (object, "metric", NULL, error));
  row->ratio = lds_json_get_double (object, "ratio", NAN, error);
  row->low = lds_json_get_double (object, "low", NAN, error);
  row->high = lds_json_get_double (object, "high", NAN, error);
  row->detectable = lds_json_get_boolean (object, "detectable", FALSE, error);
  row->weight = lds_json_get_double (object, "weight", 0, error);
  read_cells (object, "prior", row->prior_cells, &row->prior_points, error);
  read_cells (object, "posterior", row->cells, &row->points, error);
  row->effect = lds_json_get_double (object, "effect", 0, error);
  return row;
}

GPtrArray *
lds_report_evidence_read (JsonObject *object,
                          GError **error)
{
  /* Reports of older forms have none. */
  JsonArray *array = lds_json_get_array (object, "evidence", error);
  GPtrArray *rows = g_ptr_array_new_with_free_func (lds_report_evidence_free);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_OBJECT (node) && i < MAX_ROWS)
        {
          g_ptr_array_add (rows, read_row (json_node_get_object (node), error));
          continue;
        }
      if (error != NULL && *error == NULL)
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("“%s” must be a list of at most %d objects."), "evidence", MAX_ROWS);
      break;
    }
  return rows;
}
