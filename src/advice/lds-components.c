/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A system as components. */
#define G_LOG_DOMAIN "lds-components"

#include "config.h"
#include "lds-components.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"
#include "lds-nearest.h"
#include "lds-verdict-private.h"

#define MAX_COMPONENTS 16
#define MAX_NAME       64

static void
component_free (gpointer data)
{
  LdsComponent *component = data;

  g_free (component->name);
  g_clear_object (&component->answers);
  g_clear_pointer (&component->verdict, lds_verdict_unref);
  g_free (component);
}

void
lds_components_free (LdsComponents *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->components);
  g_free (self->headline);
  g_free (self);
}

gboolean
lds_components_is_json (JsonObject *object)
{
  return json_object_has_member (object, "components");
}

/* The shared answers, and over them the component's own. */
static JsonObject *
merge_answers (JsonObject *shared,
               JsonObject *own)
{
  JsonObject *object = json_object_new (), *merged = json_object_new ();
  JsonObject *const parts[] = {shared, own};

  for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
    {
      g_autoptr (GList) names = parts[p] != NULL ? json_object_get_members (parts[p]) : NULL;

      for (GList *l = names; l != NULL; l = l->next)
        json_object_set_member (merged, l->data,
                                json_node_copy (json_object_get_member (parts[p], l->data)));
    }
  json_object_set_object_member (object, "answers", merged);
  return object;
}

static gboolean
add_component (LdsComponents *self,
               LdsRulePack *pack,
               JsonObject *shared,
               const char *name,
               JsonNode *node,
               const LdsAdviceOptions *options,
               GError **error)
{
  LdsComponent *component;
  g_autoptr (JsonObject) object = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node) || *name == '\0' || g_utf8_strlen (name, -1) > MAX_NAME)
    {
      g_set_error (
          error, LDS_ERROR, LDS_ERROR_INPUT,
          _ ("Component “%.64s” needs a name of at most %d characters and an object of answers."),
          name, MAX_NAME);
      return FALSE;
    }
  component = g_new0 (LdsComponent, 1);
  g_ptr_array_add (self->components, component);
  component->name = g_strdup (name);
  object = merge_answers (shared, json_node_get_object (node));
  component->answers = lds_answers_from_json (pack, object, error);
  if (component->answers != NULL)
    component->verdict = lds_advise_with (component->answers, options, error);
  if (component->verdict != NULL)
    return TRUE;
  /* Translators: a component's name; the sentence that says what is wrong follows */
  g_prefix_error (error, _ ("In component “%s”: "), name);
  return FALSE;
}

/* The verdict on all: the least certain component bounds the certainty. */
static void
combine (LdsComponents *self)
{
  const LdsComponent *first = g_ptr_array_index (self->components, 0);
  gboolean split_refused = FALSE;

  self->winner = first->verdict->winner;
  self->confidence = first->verdict->confidence;
  self->band = first->verdict->band;
  for (guint i = 0; i < self->components->len; i++)
    {
      const LdsComponent *component = g_ptr_array_index (self->components, i);

      if (component->verdict->winner != first->verdict->winner)
        self->winner = LDS_OPTION_POLYGLOT;
      if (component->verdict->confidence < self->confidence)
        {
          self->confidence = component->verdict->confidence;
          self->band = component->verdict->band;
        }
      split_refused |= g_strcmp0 (lds_answers_get (component->answers, "split"), "no") == 0;
    }
  self->refused = split_refused && self->winner == LDS_OPTION_POLYGLOT;
  if (self->refused)
    self->headline =
        g_strdup (_ ("The components ask for different runtimes, but two stacks are refused: "
                     "change that answer, or the component that may give way."));
  else if (self->band == LDS_BAND_TOO_CLOSE)
    self->headline = g_strdup_printf (
        _ ("No recommendation yet: %s leads, but a component is too close to call."),
        lds_option_title (self->winner));
  else
    self->headline = g_strdup_printf (
        _ ("%s, certainty %s (%.0f/100, that of the least certain component)."),
        lds_option_title (self->winner), lds_band_title (self->band), self->confidence);
}

static gboolean
check_members (JsonObject *object,
               GError **error)
{
  static const char *const members[] = {"components", "shared", "name", "$schema", NULL};
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    if (!g_strv_contains (members, l->data))
      {
        const char *nearest = lds_nearest (l->data, members);

        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("There is no member “%s” beside the components. Did you mean “%s”?"),
                     (char *)l->data, nearest != NULL ? nearest : "shared");
        return FALSE;
      }
  return TRUE;
}

LdsComponents *
lds_components_advise (LdsRulePack *pack,
                       JsonObject *object,
                       const LdsAdviceOptions *options,
                       GError **error)
{
  g_autoptr (LdsComponents) self = NULL;
  g_autoptr (GList) names = NULL;
  g_autoptr (GError) local = NULL;
  LdsAdviceOptions single = options != NULL ? *options : (LdsAdviceOptions){0};
  JsonObject *components, *shared;

  g_return_val_if_fail (LDS_IS_RULE_PACK (pack), NULL);
  g_return_val_if_fail (object != NULL, NULL);

  if (!check_members (object, error))
    return NULL;
  components = lds_json_get_object (object, "components", &local);
  shared = lds_json_get_object (object, "shared", &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  names = components != NULL ? json_object_get_members (components) : NULL;
  if (names == NULL || g_list_length (names) > MAX_COMPONENTS)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“components” must hold 1 to %d components."), MAX_COMPONENTS);
      return NULL;
    }
  self = g_new0 (LdsComponents, 1);
  self->components = g_ptr_array_new_with_free_func (component_free);
  single.single = TRUE;
  for (GList *l = names; l != NULL; l = l->next)
    if (!add_component (self, pack, shared, l->data, json_object_get_member (components, l->data),
                        &single, error))
      return NULL;
  combine (self);
  return g_steal_pointer (&self);
}

JsonNode *
lds_components_to_json (const LdsComponents *self)
{
  JsonObject *object = json_object_new (), *components = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_int_member (object, "schema_version", 1);
  json_object_set_string_member (object, "verdict", lds_option_to_string (self->winner));
  json_object_set_string_member (object, "headline", self->headline);
  json_object_set_double_member (object, "confidence", self->confidence);
  json_object_set_string_member (object, "band", lds_band_to_string (self->band));
  json_object_set_boolean_member (object, "refused", self->refused);
  for (guint i = 0; i < self->components->len; i++)
    {
      const LdsComponent *component = g_ptr_array_index (self->components, i);
      JsonNode *verdict = lds_verdict_to_json (component->verdict);

      json_object_set_member (json_node_get_object (verdict), "answers",
                              lds_answers_to_json (component->answers));
      json_object_set_member (components, component->name, verdict);
    }
  json_object_set_object_member (object, "components", components);
  json_node_take_object (node, object);
  return node;
}
