/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was measured on this machine, as the model takes it in. */
#define G_LOG_DOMAIN "lds-overlay"

#include "config.h"
#include "lds-overlay.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-json.h"
#include "lds-nearest.h"
#include "lds-rule-pack-private.h"

struct _LdsOverlay
{
  LdsRulePack *pack;
  GPtrArray *measurements; /* (element-type LdsMeasuredRatio) */
};

static void
measurement_free (gpointer data)
{
  LdsMeasuredRatio *measurement = data;

  g_free (measurement->criterion);
  g_free (measurement->workload);
  g_free (measurement->basis);
  g_free (measurement);
}

LdsOverlay *
lds_overlay_new (LdsRulePack *pack)
{
  LdsOverlay *self;

  g_return_val_if_fail (LDS_IS_RULE_PACK (pack), NULL);

  self = g_new0 (LdsOverlay, 1);
  self->pack = g_object_ref (pack);
  self->measurements = g_ptr_array_new_with_free_func (measurement_free);
  return self;
}

void
lds_overlay_free (LdsOverlay *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->pack);
  g_ptr_array_unref (self->measurements);
  g_free (self);
}

static gboolean
check_figures (const LdsMeasuredRatio *measurement,
               GError **error)
{
  gboolean interval = !isnan (measurement->low) || !isnan (measurement->high);

  if (!isfinite (measurement->ratio) || measurement->ratio <= 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a criterion's id */
                   _ ("The measured ratio of “%s” must be a number above 0."),
                   measurement->criterion);
      return FALSE;
    }
  if (interval && !(measurement->low > 0 && measurement->low <= measurement->ratio &&
                    measurement->high >= measurement->ratio && isfinite (measurement->high)))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a criterion's id */
                   _ ("The interval of “%s” must hold its ratio and lie above 0."),
                   measurement->criterion);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_criterion (const LdsOverlay *self,
                 const LdsMeasuredRatio *measurement,
                 GError **error)
{
  const LdsCriterion *criterion =
      lds_rule_pack_find_criterion (self->pack, measurement->criterion, error);

  if (criterion == NULL)
    return FALSE;
  if (!criterion->measurable)
    {
      g_set_error (
          error, LDS_ERROR, LDS_ERROR_INPUT,
          /* Translators: a criterion's id */
          _ ("“%s” cannot be measured: it is about people and libraries, not about speed."),
          criterion->id);
      return FALSE;
    }
  if (measurement->evidence < criterion->needs)
    {
      g_set_error (
          error, LDS_ERROR, LDS_ERROR_INPUT,
          /* Translators: a criterion's id */
          _ ("“%s” can only be measured on real runtimes: a model of concurrency says nothing about it."),
          criterion->id);
      return FALSE;
    }
  return TRUE;
}

gboolean
lds_overlay_set (LdsOverlay *self,
                 const LdsMeasuredRatio *measurement,
                 GError **error)
{
  LdsMeasuredRatio *copy;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (measurement != NULL && measurement->criterion != NULL, FALSE);

  if (!check_criterion (self, measurement, error) || !check_figures (measurement, error))
    return FALSE;
  for (guint i = 0; i < self->measurements->len; i++)
    {
      const LdsMeasuredRatio *other = g_ptr_array_index (self->measurements, i);

      if (strcmp (other->criterion, measurement->criterion) == 0)
        {
          g_ptr_array_remove_index (self->measurements, i);
          break;
        }
    }
  copy = g_new0 (LdsMeasuredRatio, 1);
  *copy = *measurement;
  copy->criterion = g_strdup (measurement->criterion);
  copy->workload = g_strdup (measurement->workload != NULL ? measurement->workload : "");
  copy->basis = g_strdup (measurement->basis != NULL ? measurement->basis : "");
  g_ptr_array_add (self->measurements, copy);
  return TRUE;
}

double
lds_measured_ratio_counted (const LdsMeasuredRatio *measurement)
{
  return measurement->low <= 1 && measurement->high >= 1 ? 1 : measurement->ratio;
}

const LdsMeasuredRatio *
lds_overlay_get (const LdsOverlay *self,
                 const char *criterion)
{
  for (guint i = 0; i < self->measurements->len; i++)
    {
      const LdsMeasuredRatio *measurement = g_ptr_array_index (self->measurements, i);

      if (strcmp (measurement->criterion, criterion) == 0)
        return measurement;
    }
  return NULL;
}

GPtrArray *
lds_overlay_list (const LdsOverlay *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->measurements;
}

LdsEvidence
lds_overlay_get_evidence (const LdsOverlay *self)
{
  LdsEvidence strongest = LDS_EVIDENCE_NONE;

  for (guint i = 0; i < self->measurements->len; i++)
    strongest =
        MAX (strongest, ((LdsMeasuredRatio *)g_ptr_array_index (self->measurements, i))->evidence);
  return strongest;
}

static gboolean
set_from_node (LdsOverlay *self,
               const char *criterion,
               JsonNode *node,
               GError **error)
{
  LdsMeasuredRatio measurement = {.criterion = (char *)criterion};
  g_autoptr (GError) local = NULL;
  const char *evidence;
  JsonObject *object;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“%s” must be an object: {\"ratio\": 1.3, \"evidence\": \"model\"}."),
                   criterion);
      return FALSE;
    }
  object = json_node_get_object (node);
  measurement.ratio = lds_json_get_double (object, "ratio", NAN, &local);
  measurement.low = lds_json_get_double (object, "low", NAN, &local);
  measurement.high = lds_json_get_double (object, "high", NAN, &local);
  measurement.workload = (char *)lds_json_get_string (object, "workload", "", &local);
  measurement.basis = (char *)lds_json_get_string (object, "basis", "", &local);
  evidence = lds_json_get_string (object, "evidence", NULL, &local);
  if (local != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), "“%s”: ", criterion);
      return FALSE;
    }
  if (g_strcmp0 (evidence, "model") != 0 && g_strcmp0 (evidence, "real") != 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a criterion's id; the words in quotes are JSON */
                   _ ("The “evidence” of “%s” must be “model” or “real”."), criterion);
      return FALSE;
    }
  measurement.evidence = strcmp (evidence, "real") == 0 ? LDS_EVIDENCE_REAL : LDS_EVIDENCE_MODEL;
  return lds_overlay_set (self, &measurement, error);
}

LdsOverlay *
lds_overlay_from_json (LdsRulePack *pack,
                       JsonObject *object,
                       GError **error)
{
  g_autoptr (LdsOverlay) self = lds_overlay_new (pack);
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    if (!set_from_node (self, l->data, json_object_get_member (object, l->data), error))
      return NULL;
  return g_steal_pointer (&self);
}

JsonNode *
lds_overlay_to_json (const LdsOverlay *self)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  for (guint i = 0; i < self->measurements->len; i++)
    {
      const LdsMeasuredRatio *measurement = g_ptr_array_index (self->measurements, i);
      JsonObject *row = json_object_new ();

      json_object_set_double_member (row, "ratio", measurement->ratio);
      if (!isnan (measurement->low))
        {
          json_object_set_double_member (row, "low", measurement->low);
          json_object_set_double_member (row, "high", measurement->high);
        }
      json_object_set_string_member (row, "evidence",
                                     lds_evidence_to_string (measurement->evidence));
      json_object_set_string_member (row, "workload", measurement->workload);
      json_object_set_string_member (row, "basis", measurement->basis);
      json_object_set_object_member (object, measurement->criterion, row);
    }
  json_node_take_object (node, object);
  return node;
}

const char *
lds_evidence_to_string (LdsEvidence evidence)
{
  static const char *const names[] = {"none", "model", "real"};

  return names[evidence];
}

const char *
lds_evidence_title (LdsEvidence evidence)
{
  switch (evidence)
    {
    case LDS_EVIDENCE_REAL:
      return C_ ("source of a figure", "real runtimes");
    case LDS_EVIDENCE_MODEL:
      return C_ ("source of a figure", "model or twin");
    case LDS_EVIDENCE_NONE:
    default:
      return C_ ("source of a figure", "opinion of the articles");
    }
}
