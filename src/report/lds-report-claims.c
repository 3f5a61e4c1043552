/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The articles' claims that bear on a verdict, as the report keeps them. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-claim-cards.h"
#include "lds-error.h"
#include "lds-json.h"

/* More than any register has; a hostile file could have millions. */
#define MAX_ROWS 1000

/* Less than this is no reason. Source: the reference model lists contributions from 0.05 points. */
#define MIN_POINTS 0.05

/* A claim and what of the verdict rests on it. */
typedef struct
{
  const LdsClaimRecord *record;
  GPtrArray *rests; /* (element-type utf8), not owned: criteria's titles and ids of rules */
} Bearing;

static void
bearing_free (gpointer data)
{
  Bearing *bearing = data;

  g_ptr_array_unref (bearing->rests);
  g_free (bearing);
}

static void
figure_free (gpointer data)
{
  LdsReportClaimFigure *figure = data;

  g_free (figure->title);
  g_free (figure->claimed);
  g_free (figure->measured);
  g_free (figure->lanes);
  g_free (figure->verdict);
  g_free (figure->reason);
  g_free (figure);
}

static void
claim_free (gpointer data)
{
  LdsReportClaim *claim = data;

  g_free (claim->id);
  g_free (claim->title);
  g_free (claim->grade);
  g_free (claim->verdict);
  g_free (claim->date);
  g_free (claim->rests);
  g_free (claim->caveat);
  g_ptr_array_unref (claim->figures);
  g_free (claim);
}

void
lds_report_claims_free (LdsReportClaims *claims)
{
  if (claims == NULL)
    return;
  g_ptr_array_unref (claims->bearing);
  g_ptr_array_unref (claims->ratios);
  g_ptr_array_unref (claims->cards);
  g_ptr_array_unref (claims->untested);
  g_ptr_array_unref (claims->notes);
  g_free (claims->command);
  g_free (claims);
}

/* --- What bears on a verdict ----------------------------------------------------------------- */

static Bearing *
find_bearing (GPtrArray *bearing,
              const LdsClaimRecord *record)
{
  Bearing *found;

  for (guint i = 0; i < bearing->len; i++)
    if (((Bearing *)bearing->pdata[i])->record == record)
      return bearing->pdata[i];
  found = g_new (Bearing, 1);
  *found = (Bearing){record, g_ptr_array_new ()};
  g_ptr_array_add (bearing, found);
  return found;
}

/* @ids: (nullable): claims on which @what rests */
static void
add_bearing (GPtrArray *bearing,
             const LdsClaimEvidence *evidence,
             const char *ids,
             const char *what)
{
  g_auto (GStrv) words = g_strsplit (ids != NULL ? ids : "", ",", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      const LdsClaimRecord *record = lds_claim_evidence_find (evidence, g_strstrip (words[i]));
      Bearing *found = record != NULL ? find_bearing (bearing, record) : NULL;

      if (found != NULL &&
          !g_ptr_array_find_with_equal_func (found->rests, what, g_str_equal, NULL))
        g_ptr_array_add (found->rests, (gpointer)what);
    }
}

static void
add_ids (GPtrArray *ids,
         const char *list)
{
  g_auto (GStrv) words = g_strsplit (list, ",", -1);

  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (ids, g_strdup (g_strstrip (words[i])));
}

/*
 * collect:
 * @ids: (element-type utf8): gets what fired: claims, rules behind the weights, trees that lead to the verdict
 *
 * Returns: (transfer full) (element-type Bearing): the criteria that move the verdict, the largest first, and their rules
 */
static GPtrArray *
collect (const LdsVerdict *verdict,
         const LdsClaimEvidence *evidence,
         GPtrArray *ids)
{
  GPtrArray *bearing = g_ptr_array_new_with_free_func (bearing_free);

  for (guint i = 0; i < verdict->contributions->len; i++)
    {
      const LdsContribution *contribution = verdict->contributions->pdata[i];
      g_auto (GStrv) sources = g_strsplit (contribution->sources, ",", -1);

      /* What was measured equal moves nothing, and the claims say that it should. */
      if (contribution->weight <= 0 ||
          (fabs (contribution->points) < MIN_POINTS && contribution->evidence == LDS_EVIDENCE_NONE))
        continue;
      add_bearing (bearing, evidence, contribution->claims, contribution->title);
      for (guint s = 0; sources[s] != NULL; s++)
        {
          const LdsEntry *entry =
              lds_knowledge_find (lds_rule_pack_get_default (), g_strstrip (sources[s]));

          if (entry != NULL)
            add_bearing (bearing, evidence, entry->claims, entry->id);
        }
      add_ids (ids, contribution->sources);
    }
  for (guint i = 0; i < verdict->advisors->len; i++)
    {
      const LdsAdvice *advice = verdict->advisors->pdata[i];

      if (advice->vote == verdict->winner)
        add_ids (ids, advice->sources);
    }
  for (guint i = 0; i < bearing->len; i++)
    g_ptr_array_add (ids, g_strdup (((Bearing *)bearing->pdata[i])->record->finding->claim->id));
  g_ptr_array_add (ids, NULL);
  return bearing;
}

/* --- Writing --------------------------------------------------------------------------------- */

static void
begin (JsonBuilder *builder,
       const char *array)
{
  json_builder_set_member_name (builder, array);
  json_builder_begin_array (builder);
}

static void
add_outcome (JsonBuilder *builder,
             const LdsClaimOutcome *outcome)
{
  const LdsClaimFigure *figure = outcome->trial->figure;
  gboolean measured = outcome->trial->lane != NULL;
  g_autofree char *claimed = lds_claim_figure_dup_claimed (figure);
  g_autofree char *text = lds_claim_outcome_dup_measured (outcome);
  g_autofree char *lanes = lds_claim_trial_dup_lanes (outcome->trial);

  json_builder_begin_object (builder);
  lds_json_add_string (builder, "metric", figure->metric->json_key);
  lds_json_add_string (builder, "title", _ (figure->metric->short_title));
  lds_json_add_string (builder, "workload", figure->workload->id);
  lds_json_add_string (builder, "claimed", claimed);
  lds_json_add_string (builder, "measured", measured ? text : NULL);
  lds_json_add_string (builder, "lanes", measured ? lanes : NULL);
  lds_json_add_string (
      builder, "provenance",
      measured ? lds_provenance_to_string (outcome->trial->lane->provenance) : NULL);
  lds_json_add_string (builder, "verdict", lds_claim_verdict_to_string (outcome->verdict));
  lds_json_add_string (builder, "verdict_title", lds_claim_verdict_title (outcome->verdict));
  lds_json_add_int (builder, "n", outcome->n);
  lds_json_add_number (builder, "value", outcome->value);
  lds_json_add_number (builder, "low", outcome->low);
  lds_json_add_number (builder, "high", outcome->high);
  lds_json_add_string (builder, "reason", outcome->reason);
  json_builder_end_object (builder);
}

static void
add_time (JsonBuilder *builder,
          const char *member,
          gint64 time_us)
{
  g_autoptr (GDateTime) time =
      time_us > 0 ? g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC) : NULL;
  g_autofree char *text = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

  lds_json_add_string (builder, member, text);
}

static void
add_claim (JsonBuilder *builder,
           const Bearing *bearing)
{
  const LdsClaimRecord *record = bearing->record;
  const LdsClaimFinding *finding = record->finding;
  g_autoptr (GString) rests = g_string_new (NULL);

  for (guint i = 0; i < bearing->rests->len; i++)
    g_string_append_printf (rests, "%s%s", i > 0 ? ", " : "", (char *)bearing->rests->pdata[i]);
  json_builder_begin_object (builder);
  lds_json_add_string (builder, "id", finding->claim->id);
  lds_json_add_string (builder, "articles", finding->claim->articles);
  lds_json_add_string (builder, "title", finding->claim->title);
  lds_json_add_string (builder, "rests", rests->str);
  lds_json_add_string (builder, "grade", finding->grade);
  lds_json_add_string (builder, "verdict", lds_claim_verdict_to_string (finding->verdict));
  lds_json_add_string (builder, "verdict_title", lds_claim_verdict_title (finding->verdict));
  add_time (builder, "measured_at", record->measured_at_us);
  lds_json_add_string (builder, "caveat", record->caveat);
  begin (builder, "sessions");
  for (guint i = 0; i < record->sessions->len; i++)
    json_builder_add_int_value (builder, g_array_index (record->sessions, gint64, i));
  json_builder_end_array (builder);
  begin (builder, "figures");
  for (guint i = 0; i < finding->outcomes->len; i++)
    add_outcome (builder, finding->outcomes->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* Every ratio that the articles claim, whether it bears on the verdict or not: beside each other they show how far apart
 * the articles are. */
static void
add_ratios (JsonBuilder *builder,
            const LdsClaimEvidence *evidence)
{
  g_autoptr (GPtrArray) rows = lds_ratio_rows_new (evidence->claims, evidence->findings);

  begin (builder, "ratios");
  for (guint i = 0; i < rows->len; i++)
    {
      const LdsRatioRow *row = rows->pdata[i];

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "label", row->label);
      lds_json_add_number (builder, "claimed_low", row->claimed_low);
      lds_json_add_number (builder, "claimed_high", row->claimed_high);
      lds_json_add_string (builder, "lane", row->lane != NULL ? row->lane->id : NULL);
      lds_json_add_number (builder, "value", row->value);
      lds_json_add_number (builder, "low", row->low);
      lds_json_add_number (builder, "high", row->high);
      lds_json_add_string (builder, "verdict_title", row->lane != NULL ? row->note : NULL);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_cards (JsonBuilder *builder,
           GPtrArray *ids)
{
  g_autoptr (GPtrArray) cards = lds_claim_cards_new_for ((const char *const *)ids->pdata);

  begin (builder, "cards");
  for (guint i = 0; i < cards->len; i++)
    {
      const LdsEntry *card = cards->pdata[i];
      g_autofree char *text = lds_claim_card_dup_text (card);

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "id", card->id);
      lds_json_add_string (builder, "kind", card->kind);
      lds_json_add_string (builder, "text", text);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_untested (JsonBuilder *builder,
              GPtrArray *bearing)
{
  g_autoptr (GString) command = g_string_new ("loadstone-cli claims run");
  guint n = 0;

  begin (builder, "untested");
  for (guint i = 0; i < bearing->len; i++)
    {
      const LdsClaimRecord *record = ((Bearing *)bearing->pdata[i])->record;

      if (record->is_known)
        continue;
      json_builder_add_string_value (builder, record->finding->claim->id);
      g_string_append_printf (command, " %s", record->finding->claim->id);
      n++;
    }
  json_builder_end_array (builder);
  lds_json_add_string (builder, "command", n > 0 ? command->str : NULL);
}

void
lds_report_claims_add (JsonBuilder *builder,
                       const LdsVerdict *verdict,
                       const LdsClaimEvidence *evidence)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) bearing = evidence != NULL ? collect (verdict, evidence, ids) : NULL;

  json_builder_set_member_name (builder, "claims");
  if (bearing == NULL || bearing->len == 0)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  begin (builder, "bearing");
  for (guint i = 0; i < bearing->len; i++)
    if (((Bearing *)bearing->pdata[i])->record->is_known)
      add_claim (builder, bearing->pdata[i]);
  json_builder_end_array (builder);
  add_untested (builder, bearing);
  add_ratios (builder, evidence);
  add_cards (builder, ids);
  begin (builder, "notes");
  for (guint i = 0; i < evidence->notes->len; i++)
    json_builder_add_string_value (builder, evidence->notes->pdata[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* --- Reading --------------------------------------------------------------------------------- */

static char *
dup_string (JsonObject *object,
            const char *member,
            GError **error)
{
  return g_strdup (lds_json_get_string (object, member, NULL, error));
}

typedef gpointer (*ReadRow) (JsonObject *object, GError **error);

static void
read_rows (JsonObject *object,
           const char *member,
           ReadRow read_row,
           GPtrArray *rows,
           GError **error)
{
  JsonArray *array = lds_json_get_array (object, member, error);

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
                     _ ("“%s” must be a list of at most %d objects."), member, MAX_ROWS);
      return;
    }
}

static gpointer
read_figure (JsonObject *object,
             GError **error)
{
  LdsReportClaimFigure *figure = g_new0 (LdsReportClaimFigure, 1);

  figure->title = dup_string (object, "title", error);
  figure->claimed = dup_string (object, "claimed", error);
  figure->measured = dup_string (object, "measured", error);
  figure->lanes = dup_string (object, "lanes", error);
  figure->verdict = dup_string (object, "verdict_title", error);
  figure->reason = dup_string (object, "reason", error);
  return figure;
}

static gpointer
read_claim (JsonObject *object,
            GError **error)
{
  LdsReportClaim *claim = g_new0 (LdsReportClaim, 1);
  const char *time;

  claim->id = g_strdup (lds_json_get_string (object, "id", "", error));
  claim->title = g_strdup (lds_json_get_string (object, "title", claim->id, error));
  claim->grade = dup_string (object, "grade", error);
  claim->verdict = dup_string (object, "verdict_title", error);
  /* Of “2026-11-28T11:05:00Z” the day. */
  time = lds_json_get_string (object, "measured_at", NULL, error);
  claim->date =
      time != NULL ? g_utf8_substring (time, 0, MIN (g_utf8_strlen (time, -1), 10)) : NULL;
  claim->rests = dup_string (object, "rests", error);
  claim->caveat = dup_string (object, "caveat", error);
  claim->figures = g_ptr_array_new_with_free_func (figure_free);
  read_rows (object, "figures", read_figure, claim->figures, error);
  return claim;
}

static gpointer
read_ratio (JsonObject *object,
            GError **error)
{
  LdsRatioRow *row = g_new0 (LdsRatioRow, 1);
  const char *lane = lds_json_get_string (object, "lane", NULL, error);

  row->label = g_strdup (lds_json_get_string (object, "label", "", error));
  row->claimed_low = lds_json_get_double (object, "claimed_low", NAN, error);
  row->claimed_high = lds_json_get_double (object, "claimed_high", NAN, error);
  row->value = lds_json_get_double (object, "value", NAN, error);
  row->low = lds_json_get_double (object, "low", NAN, error);
  row->high = lds_json_get_double (object, "high", NAN, error);
  row->note = dup_string (object, "verdict_title", error);
  row->lane =
      lane != NULL ? lds_lane_find (lane, error != NULL && *error == NULL ? error : NULL) : NULL;
  row->family = row->lane != NULL ? row->lane->family : LDS_FAMILY_EVENT_LOOP;
  row->provenance = row->lane != NULL ? row->lane->provenance : LDS_PROVENANCE_CLAIM;
  return row;
}

static gpointer
read_card (JsonObject *object,
           GError **error)
{
  return g_strdup (lds_json_get_string (object, "text", "", error));
}

LdsReportClaims *
lds_report_claims_read (JsonObject *object,
                        GError **error)
{
  /* Reports of older forms have none. */
  JsonObject *member = lds_json_get_object (object, "claims", error);
  LdsReportClaims *claims;

  if (member == NULL)
    return NULL;
  claims = g_new0 (LdsReportClaims, 1);
  claims->bearing = g_ptr_array_new_with_free_func (claim_free);
  claims->ratios = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_ratio_row_free);
  claims->cards = g_ptr_array_new_with_free_func (g_free);
  claims->untested = g_ptr_array_new_with_free_func (g_free);
  claims->notes = g_ptr_array_new_with_free_func (g_free);
  read_rows (member, "bearing", read_claim, claims->bearing, error);
  read_rows (member, "ratios", read_ratio, claims->ratios, error);
  read_rows (member, "cards", read_card, claims->cards, error);
  lds_report_read_texts (member, "untested", claims->untested, error);
  lds_report_read_texts (member, "notes", claims->notes, error);
  claims->command = dup_string (member, "command", error);
  return claims;
}
