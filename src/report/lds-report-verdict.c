/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict as a report keeps it, read from its JSON. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"

/* More than any rule pack has; a hostile file could have millions. */
#define MAX_ROWS 1000

static void
advisor_free (LdsReportAdvisor *advisor)
{
  g_free (advisor->id);
  g_free (advisor->title);
  g_free (advisor->sources);
  g_strfreev (advisor->path);
  g_free (advisor);
}

static void
contribution_free (LdsReportContribution *contribution)
{
  g_free (contribution->id);
  g_free (contribution->title);
  g_free (contribution->answer);
  g_free (contribution->sources);
  g_free (contribution->articles);
  g_free (contribution->grade);
  g_free (contribution->graded_by);
  g_free (contribution);
}

static void
flip_free (LdsReportFlip *flip)
{
  g_free (flip->question);
  g_free (flip->from);
  g_free (flip->to);
  g_free (flip);
}

void
lds_report_verdict_free (LdsReportVerdict *verdict)
{
  if (verdict == NULL)
    return;
  for (guint i = 0; i < LDS_N_OPTIONS; i++)
    g_free (verdict->gates[i]);
  g_free (verdict->headline);
  g_ptr_array_unref (verdict->advisors);
  g_ptr_array_unref (verdict->contributions);
  g_ptr_array_unref (verdict->flips);
  g_strfreev (verdict->conditions);
  g_strfreev (verdict->warnings);
  g_free (verdict);
}

static void
set_error_once (GError **error,
                const char *member,
                const char *value)
{
  if (error != NULL && *error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a member of a JSON object, then its value */
                 _ ("“%s” cannot be “%s”."), member, value != NULL ? value : "");
}

/* Reads a word out of @names; returns its index, plus @first. */
static int
get_word (JsonObject *object,
          const char *member,
          const char *const *names,
          int first,
          GError **error)
{
  const char *word = lds_json_get_string (object, member, NULL, error);

  for (int i = 0; names[i] != NULL; i++)
    if (g_strcmp0 (names[i], word) == 0)
      return i + first;
  set_error_once (error, member, word);
  return 0;
}

static LdsOption
get_option (JsonObject *object,
            const char *member,
            GError **error)
{
  static const char *const names[] = {"abstain", "node", "python", "polyglot", NULL};

  /* The second is null when there is none. */
  if (!json_object_has_member (object, member) || json_object_get_null_member (object, member))
    return LDS_OPTION_ABSTAIN;
  return (LdsOption)get_word (object, member, names, LDS_OPTION_ABSTAIN, error);
}

static void
get_three (JsonObject *object,
           const char *member,
           double values[LDS_N_OPTIONS],
           GError **error)
{
  JsonObject *three = lds_json_get_object (object, member, error);

  for (int i = 0; three != NULL && i < LDS_N_OPTIONS; i++)
    values[i] = lds_json_get_double (three, lds_option_to_string ((LdsOption)i), 0, error);
}

static char *
dup_string (JsonObject *object,
            const char *member,
            const char *fallback,
            GError **error)
{
  return g_strdup (lds_json_get_string (object, member, fallback, error));
}

static GStrv
get_strings (JsonObject *object,
             const char *member,
             GError **error)
{
  JsonArray *array = lds_json_get_array (object, member, error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; array != NULL && i < MIN (json_array_get_length (array), MAX_ROWS); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        g_strv_builder_add (builder, json_node_get_string (node));
      else
        set_error_once (error, member, _ ("something that is not text"));
    }
  return g_strv_builder_end (builder);
}

typedef gpointer (*ReadRow) (JsonObject *object, GError **error);

static GPtrArray *
get_rows (JsonObject *object,
          const char *member,
          ReadRow read_row,
          GDestroyNotify free_row,
          GError **error)
{
  JsonArray *array = lds_json_get_array (object, member, error);
  GPtrArray *rows = g_ptr_array_new_with_free_func (free_row);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_OBJECT (node) || i >= MAX_ROWS)
        {
          set_error_once (error, member, _ ("something other than a short list of objects"));
          break;
        }
      g_ptr_array_add (rows, read_row (json_node_get_object (node), error));
    }
  return rows;
}

static gpointer
read_advisor (JsonObject *object,
              GError **error)
{
  LdsReportAdvisor *advisor = g_new0 (LdsReportAdvisor, 1);

  advisor->id = dup_string (object, "id", "", error);
  advisor->title = dup_string (object, "title", advisor->id, error);
  advisor->sources = dup_string (object, "sources", "", error);
  advisor->vote = get_option (object, "vote", error);
  advisor->path = get_strings (object, "path", error);
  return advisor;
}

static const char *const evidences[] = {"none", "model", "real", NULL};

static gpointer
read_contribution (JsonObject *object,
                   GError **error)
{
  LdsReportContribution *contribution = g_new0 (LdsReportContribution, 1);

  contribution->id = dup_string (object, "criterion", "", error);
  contribution->title = dup_string (object, "title", contribution->id, error);
  contribution->answer = dup_string (object, "answer", "", error);
  contribution->sources = dup_string (object, "sources", "", error);
  contribution->articles = dup_string (object, "articles", "", error);
  contribution->grade = dup_string (object, "grade", "", error);
  contribution->graded_by = dup_string (object, "graded_by", NULL, error);
  contribution->weight = lds_json_get_double (object, "weight", 0, error);
  contribution->points = lds_json_get_double (object, "points", 0, error);
  get_three (object, "cells", contribution->cells, error);
  contribution->ratio = lds_json_get_double (object, "ratio", NAN, error);
  contribution->evidence = (LdsEvidence)get_word (object, "evidence", evidences, 0, error);
  return contribution;
}

static gpointer
read_flip (JsonObject *object,
           GError **error)
{
  LdsReportFlip *flip = g_new0 (LdsReportFlip, 1);

  flip->question = dup_string (object, "question", "", error);
  flip->from = dup_string (object, "from", "", error);
  flip->to = dup_string (object, "to", "", error);
  flip->assumed = lds_json_get_boolean (object, "assumed", FALSE, error);
  flip->winner = get_option (object, "verdict", error);
  flip->distance = (guint)CLAMP (lds_json_get_int (object, "distance", 1, error), 0, G_MAXINT);
  return flip;
}

static guint
get_count (JsonObject *object,
           const char *member,
           GError **error)
{
  return (guint)CLAMP (lds_json_get_int (object, member, 0, error), 0, G_MAXINT);
}

/* [{"option": "python", "reason": "…"}] */
static void
read_gates (LdsReportVerdict *verdict,
            JsonObject *object,
            GError **error)
{
  JsonArray *gates = lds_json_get_array (object, "gates", error);

  for (guint i = 0; gates != NULL && i < MIN (json_array_get_length (gates), LDS_N_OPTIONS); i++)
    {
      JsonNode *node = json_array_get_element (gates, i);
      LdsOption option;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          set_error_once (error, "gates", _ ("something other than a short list of objects"));
          return;
        }
      option = get_option (json_node_get_object (node), "option", error);
      if (option == LDS_OPTION_ABSTAIN || verdict->gates[option] != NULL)
        continue;
      verdict->gates[option] = dup_string (json_node_get_object (node), "reason", "", error);
    }
}

LdsReportVerdict *
lds_report_verdict_from_json (JsonObject *object,
                              GError **error)
{
  static const char *const bands[] = {"too-close", "low", "moderate", "high", NULL};
  static const char *const strengths[] = {"conditional", "strong", NULL};
  LdsReportVerdict *verdict = g_new0 (LdsReportVerdict, 1);
  g_autoptr (GError) local = NULL;

  verdict->winner = get_option (object, "verdict", &local);
  verdict->second = get_option (object, "second", &local);
  get_three (object, "scores", verdict->scores, &local);
  read_gates (verdict, object, &local);
  verdict->margin = lds_json_get_double (object, "margin", 0, &local);
  verdict->agreement = lds_json_get_double (object, "agreement", 0, &local);
  verdict->robustness = lds_json_get_double (object, "robustness", 0, &local);
  verdict->completeness = lds_json_get_double (object, "completeness", 0, &local);
  verdict->confidence_raw = lds_json_get_double (object, "confidence_raw", 0, &local);
  verdict->confidence = lds_json_get_double (object, "confidence", 0, &local);
  verdict->cap = lds_json_get_double (object, "cap", 100, &local);
  verdict->contested = lds_json_get_boolean (object, "contested", FALSE, &local);
  verdict->band = (LdsBand)get_word (object, "band", bands, 0, &local);
  verdict->strength = (LdsStrength)get_word (object, "strength", strengths, 0, &local);
  verdict->evidence = (LdsEvidence)get_word (object, "evidence", evidences, 0, &local);
  verdict->headline = dup_string (object, "headline", "", &local);
  verdict->n_answered = get_count (object, "questions_answered", &local);
  verdict->n_questions = get_count (object, "questions_applicable", &local);
  verdict->advisors = get_rows (object, "advisors", read_advisor, (GDestroyNotify)advisor_free, &local);
  verdict->contributions = get_rows (object, "contributions", read_contribution,
                                     (GDestroyNotify)contribution_free, &local);
  verdict->flips = get_rows (object, "flips", read_flip, (GDestroyNotify)flip_free, &local);
  verdict->conditions = get_strings (object, "conditions", &local);
  verdict->warnings = get_strings (object, "warnings", &local);
  if (local == NULL && verdict->winner == LDS_OPTION_ABSTAIN)
    set_error_once (&local, "verdict", "abstain");
  if (local == NULL)
    return verdict;
  lds_report_verdict_free (verdict);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}
