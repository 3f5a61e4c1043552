/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers in and out of JSON. */
#define G_LOG_DOMAIN "lds-answers"

#include "config.h"
#include "lds-rule-pack-private.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-nearest.h"
#include "lds-upgrade.h"

static gboolean
set_from_value (LdsAnswers *answers,
                const char *question,
                JsonNode *node,
                GError **error)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    return lds_answers_set (answers, question, json_node_get_string (node), error);
  if (type == G_TYPE_BOOLEAN)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a question's id */
                   _ ("“%s” must be a value in quotes or a number, not true or false."), question);
      return FALSE;
    }
  return lds_answers_set (answers, question,
                          g_ascii_dtostr (buffer, sizeof buffer, json_node_get_double (node)),
                          error);
}

static gboolean
set_from_node (LdsAnswers *answers,
               const char *question,
               JsonNode *node,
               GError **error)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return lds_answers_set (answers, question, "unknown", error);
  if (JSON_NODE_HOLDS_VALUE (node))
    return set_from_value (answers, question, node, error);
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      const char *reason = lds_json_get_string (object, "not_applicable", NULL, NULL);

      if (reason != NULL && json_object_get_size (object) == 1)
        return lds_answers_set_not_applicable (answers, question, reason, error);
    }
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a question's id; not_applicable is a JSON member */
               _ ("“%s” must be a value, \"unknown\", or {\"not_applicable\": \"the reason\"}."),
               question);
  return FALSE;
}

/* Sets one answer of an older version of the rules; what is gone is left out. */
static gboolean
set_upgraded (LdsAnswers *answers,
              guint version,
              const char *question,
              JsonNode *node,
              GError **error)
{
  LdsRulePack *pack = lds_answers_get_pack (answers);
  const char *value;

  question = lds_rule_pack_upgrade_question (pack, version, question);
  if (question == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return set_from_node (answers, question, node, error);
  value = lds_rule_pack_upgrade_value (pack, version, question, json_node_get_string (node));
  return value == NULL || lds_answers_set (answers, question, value, error);
}

LdsAnswers *
lds_answers_from_json (LdsRulePack *pack,
                       JsonObject *object,
                       GError **error)
{
  static const char *const members[] = {"answers", "name", "rule_pack", "$schema", NULL};
  g_autoptr (LdsAnswers) answers = lds_answers_new (pack);
  g_autoptr (GList) names = json_object_get_members (object);
  g_autoptr (GList) questions = NULL;
  g_autoptr (GError) local = NULL;
  JsonNode *node = json_object_get_member (object, "answers");
  gint64 version;

  for (GList *l = names; l != NULL; l = l->next)
    if (!g_strv_contains (members, l->data))
      {
        const char *nearest = lds_nearest (l->data, members);

        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     /* Translators: two JSON members */
                     _ ("There is no member “%s” beside the answers. Did you mean “%s”?"),
                     (char *)l->data, nearest != NULL ? nearest : "answers");
        return NULL;
      }
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“answers” must be an object: {\"answers\": {\"mix\": \"io\", …}}."));
      return NULL;
    }
  version = lds_json_get_int (object, "rule_pack", lds_rule_pack_get_version (pack), &local);
  if (local != NULL || !lds_rule_pack_check_version (pack, version, &local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  lds_rule_pack_list_changes (pack, (guint)version, lds_answers_get_upgrades (answers));
  questions = json_object_get_members (json_node_get_object (node));
  for (GList *l = questions; l != NULL; l = l->next)
    if (!set_upgraded (answers, (guint)version, l->data,
                       json_object_get_member (json_node_get_object (node), l->data), error))
      return NULL;
  return g_steal_pointer (&answers);
}

LdsAnswers *
lds_answers_load (LdsRulePack *pack,
                  const char *path,
                  GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  LdsAnswers *answers;

  g_return_val_if_fail (LDS_IS_RULE_PACK (pack), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  root = lds_json_read (path, LDS_FILE_MAX_INPUT_BYTES, error);
  if (root == NULL)
    return NULL;
  answers = lds_answers_from_json (pack, json_node_get_object (root), error);
  if (answers == NULL)
    /* Translators: a file name; the sentence that says what is wrong follows */
    g_prefix_error (error, _ ("In “%s”: "), path);
  return answers;
}

LdsAnswers *
lds_answers_new_sample (LdsRulePack *pack)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;
  LdsAnswers *answers = NULL;
  gsize size;
  const char *text;

  /* Registers the bundle. */
  lds_rule_pack_get_default ();
  bytes = g_resources_lookup_data (LDS_RESOURCE_BASE "/sample-answers.json",
                                   G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  if (bytes != NULL)
    {
      text = g_bytes_get_data (bytes, &size);
      root = lds_json_parse (text, size, "sample-answers.json", &error);
    }
  if (root != NULL)
    answers = lds_answers_from_json (pack, json_node_get_object (root), &error);
  if (answers == NULL)
    g_error ("%s", error->message);
  return answers;
}

JsonNode *
lds_answers_to_json (LdsAnswers *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  LdsRulePack *pack;

  g_return_val_if_fail (LDS_IS_ANSWERS (self), NULL);

  pack = lds_answers_get_pack (self);
  json_builder_begin_object (builder);
  for (guint i = 0; i < pack->questions->len; i++)
    {
      const LdsQuestionRule *rule = lds_rule_pack_rule (pack, i);
      const char *value = lds_answers_get (self, rule->public.id);
      const char *reason = lds_answers_get_not_applicable (self, rule->public.id);

      if (value == NULL && reason == NULL)
        continue;
      json_builder_set_member_name (builder, rule->public.id);
      if (reason != NULL)
        {
          json_builder_begin_object (builder);
          lds_json_add_string (builder, "not_applicable", reason);
          json_builder_end_object (builder);
        }
      else if (rule->value_ids != NULL || strcmp (value, "unknown") == 0)
        json_builder_add_string_value (builder, value);
      else if (rule->public.type == LDS_QUESTION_SCALE)
        json_builder_add_int_value (builder, (gint64)g_ascii_strtod (value, NULL));
      else
        json_builder_add_double_value (builder, g_ascii_strtod (value, NULL));
    }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
