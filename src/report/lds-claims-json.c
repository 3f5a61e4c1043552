/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims as JSON. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-claims-json.h"

#include <math.h>

#include "lds-bench-json.h"
#include "lds-claim-cards.h"
#include "lds-json.h"

/* Readers refuse a newer one. */
#define FORMAT  "loadstone-claims"
#define VERSION 1

static void
begin (JsonBuilder *builder,
       const char *array)
{
  json_builder_set_member_name (builder, array);
  json_builder_begin_array (builder);
}

/* A limit that there is not is left out. */
static void
add_number (JsonBuilder *builder,
            const char *member,
            double number)
{
  if (isfinite (number))
    lds_bench_json_set_number (builder, member, number);
}

static void
add_lane (JsonBuilder *builder,
          const char *member,
          const LdsLane *lane)
{
  lds_json_add_string (builder, member, lane != NULL ? lane->id : NULL);
}

/* The range turned so that above 1 favours Node.js, where that means anything. */
static void
add_turned (JsonBuilder *builder,
            const char *member,
            const LdsClaimFigure *figure,
            double low,
            double high)
{
  if (!lds_claim_figure_favours_node (figure, &low, &high) || (isnan (low) && isnan (high)))
    return;
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  add_number (builder, "low", low);
  add_number (builder, "high", high);
  json_builder_end_object (builder);
}

static void
add_figure (JsonBuilder *builder,
            const LdsClaimFigure *figure)
{
  lds_json_add_string (builder, "of", lds_claim_role_to_string (figure->of));
  lds_json_add_string (builder, "over",
                       figure->over_lanes != NULL ? lds_claim_role_to_string (figure->over) : NULL);
  lds_json_add_string (builder, "workload", figure->workload->id);
  lds_json_add_int (builder, "connections", figure->connections);
  lds_bench_json_set_number (builder, "rate_hz", figure->rate_hz);
  lds_json_add_int (builder, "workers", figure->workers);
  lds_json_add_string (builder, "metric", figure->metric->json_key);
  add_number (builder, "claimed_low", figure->low);
  add_number (builder, "claimed_high", figure->high);
  lds_bench_json_set_number (builder, "tolerance", figure->tolerance);
  lds_json_add_string (builder, "needs", lds_provenance_to_string (figure->needs));
  lds_json_add_boolean (builder, "travels", figure->travels);
  add_turned (builder, "claimed_for_node", figure, figure->low, figure->high);
}

static void
add_trial (JsonBuilder *builder,
           const LdsClaimTrial *trial)
{
  g_autofree char *label = lds_claim_trial_dup_lanes (trial);

  add_lane (builder, "lane", trial->lane);
  add_lane (builder, "over_lane", trial->over);
  lds_json_add_string (builder, "lanes_label", trial->lane != NULL ? label : NULL);
}

static void
add_outcome (JsonBuilder *builder,
             const LdsClaimOutcome *outcome)
{
  lds_json_add_string (builder, "verdict", lds_claim_verdict_to_string (outcome->verdict));
  lds_json_add_string (builder, "reason", outcome->reason);
  lds_json_add_int (builder, "n", outcome->n);
  lds_json_add_int (builder, "n_over", outcome->n_over);
  lds_json_add_int (builder, "n_refused", outcome->n_refused);
  add_number (builder, "value", outcome->value);
  add_number (builder, "low", outcome->low);
  add_number (builder, "high", outcome->high);
  add_turned (builder, "for_node", outcome->trial->figure, outcome->low, outcome->high);
}

static const LdsClaimTrial *
find_trial (const LdsClaimPlan *plan,
            const LdsClaimFigure *figure)
{
  for (guint i = 0; plan != NULL && i < plan->trials->len; i++)
    if (((LdsClaimTrial *)plan->trials->pdata[i])->figure == figure)
      return plan->trials->pdata[i];
  return NULL;
}

static void
add_figures (JsonBuilder *builder,
             const LdsClaim *claim,
             const LdsClaimFinding *finding,
             const LdsClaimPlan *plan)
{
  begin (builder, "figures");
  for (guint i = 0; i < claim->figures->len; i++)
    {
      const LdsClaimFigure *figure = claim->figures->pdata[i];
      const LdsClaimOutcome *outcome = finding != NULL ? finding->outcomes->pdata[i] : NULL;
      const LdsClaimTrial *trial = outcome != NULL ? outcome->trial : find_trial (plan, figure);

      json_builder_begin_object (builder);
      add_figure (builder, figure);
      if (trial != NULL)
        add_trial (builder, trial);
      if (outcome != NULL)
        add_outcome (builder, outcome);
      else if (trial != NULL)
        lds_json_add_string (builder, "reason", trial->obstacle);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_cards (JsonBuilder *builder,
           const LdsClaim *claim)
{
  g_autoptr (GPtrArray) cards = lds_claim_cards_new (claim);

  begin (builder, "cards");
  for (guint i = 0; i < cards->len; i++)
    {
      const LdsEntry *card = cards->pdata[i];

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "id", card->id);
      lds_json_add_string (builder, "kind", card->kind);
      lds_json_add_string (builder, "title", card->title);
      lds_json_add_string (builder, "body", card->body);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_sessions (JsonBuilder *builder,
              GArray *sessions)
{
  begin (builder, "sessions");
  for (guint i = 0; i < sessions->len; i++)
    json_builder_add_int_value (builder, g_array_index (sessions, gint64, i));
  json_builder_end_array (builder);
}

/* When, in which sessions, and what to know of those. */
static void
add_record (JsonBuilder *builder,
            const LdsClaimRecord *record)
{
  gint64 s = record->measured_at_us / G_USEC_PER_SEC;
  g_autoptr (GDateTime) time = s > 0 ? g_date_time_new_from_unix_utc (s) : NULL;
  g_autofree char *text = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

  lds_json_add_string (builder, "measured_at", text);
  lds_json_add_string (builder, "caveat", record->caveat);
  add_sessions (builder, record->sessions);
}

static void
add_claim (JsonBuilder *builder,
           const LdsClaim *claim,
           const LdsClaimFinding *finding,
           const LdsClaimPlan *plan,
           const LdsClaimRecord *record)
{
  g_auto (GStrv) articles = g_strsplit (claim->articles, ", ", -1);

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "id", claim->id);
  begin (builder, "articles");
  for (guint i = 0; articles[i] != NULL; i++)
    json_builder_add_string_value (builder, articles[i]);
  json_builder_end_array (builder);
  lds_json_add_string (builder, "title", claim->title);
  lds_json_add_string (builder, "plausibility", claim->body);
  lds_json_add_string (builder, "how", claim->how);
  lds_json_add_boolean (builder, "testable", lds_claim_is_testable (claim));
  lds_json_add_string (builder, "grade", finding != NULL ? finding->grade : claim->grade);
  if (finding != NULL)
    {
      lds_json_add_string (builder, "verdict", lds_claim_verdict_to_string (finding->verdict));
      begin (builder, "worked_out");
      for (guint i = 0; i < finding->texts->len; i++)
        json_builder_add_string_value (builder, finding->texts->pdata[i]);
      json_builder_end_array (builder);
    }
  if (record != NULL)
    add_record (builder, record);
  add_figures (builder, claim, finding, plan);
  add_cards (builder, claim);
  json_builder_end_object (builder);
}

JsonNode *
lds_claims_to_json (GPtrArray *claims,
                    GPtrArray *findings,
                    const LdsClaimPlan *plan,
                    GArray *sessions)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "format", FORMAT);
  lds_json_add_int (builder, "version", VERSION);
  if (plan != NULL)
    lds_json_add_int (builder, "estimated_ms", lds_claim_plan_estimate_ms (plan, 0));
  if (sessions != NULL)
    add_sessions (builder, sessions);
  begin (builder, "claims");
  for (guint i = 0; i < claims->len; i++)
    add_claim (builder, claims->pdata[i], findings != NULL ? findings->pdata[i] : NULL, plan, NULL);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

JsonNode *
lds_claims_records_to_json (GPtrArray *claims,
                            GPtrArray *records,
                            GPtrArray *notes)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  g_return_val_if_fail (claims != NULL && records != NULL && notes != NULL, NULL);
  g_return_val_if_fail (claims->len == records->len, NULL);

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "format", FORMAT);
  lds_json_add_int (builder, "version", VERSION);
  begin (builder, "notes");
  for (guint i = 0; i < notes->len; i++)
    json_builder_add_string_value (builder, notes->pdata[i]);
  json_builder_end_array (builder);
  begin (builder, "claims");
  for (guint i = 0; i < claims->len; i++)
    {
      const LdsClaimRecord *record = records->pdata[i];

      add_claim (builder, claims->pdata[i], record->is_known ? record->finding : NULL, NULL,
                 record);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
