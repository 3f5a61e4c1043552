/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schedules from plans, and back into results. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-load-schedule.h"

/* A member that is null counts as absent, as in lds-json.h. */
static gboolean
has (JsonObject *object,
     const char *member)
{
  return json_object_has_member (object, member) &&
         !JSON_NODE_HOLDS_NULL (json_object_get_member (object, member));
}

static LdsLoadSchedule *
read_rate (JsonObject *plan,
           gint64 duration_ns,
           GError **error)
{
  g_autoptr (GError) local = NULL;
  double rate_hz = lds_json_get_double (plan, "rate_hz", 0, &local);
  LdsLoadSegment segment = {rate_hz, rate_hz, duration_ns};

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (rate_hz == 0)
    return NULL;
  if (rate_hz < LDS_LOAD_MIN_RATE_HZ || rate_hz > LDS_LOAD_MAX_RATE_HZ)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“rate_hz” is %g: give 0 for a closed loop, or a rate from 0.001 to %.0f requests a second."),
                   rate_hz, LDS_LOAD_MAX_RATE_HZ);
      return NULL;
    }
  return lds_load_schedule_new (&segment, 1, error);
}

/* A name that is misspelt must not turn a ramp into a constant rate. */
static gboolean
check_members (JsonObject *object,
               guint index,
               GError **error)
{
  static const char *const known[] = {"rate_hz", "to_hz", "duration_ms", NULL};
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL))
    if (!g_strv_contains (known, name))
      {
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     /* Translators: which step of a schedule, a member of a JSON object */
                     _ ("“schedule”, step %u, has “%s”: a step has “rate_hz”, “duration_ms” and, for a ramp, “to_hz”."),
                     index, name);
        return FALSE;
      }
  if (has (object, "rate_hz") && has (object, "duration_ms"))
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: which step of a schedule, a member of a JSON object */
               _ ("“schedule”, step %u, has no “%s”: every step needs “rate_hz” and “duration_ms”."), index,
               has (object, "rate_hz") ? "duration_ms" : "rate_hz");
  return FALSE;
}

static gboolean
read_segment (LdsLoadSegment *segment,
              JsonNode *node,
              guint index,
              GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *object;
  gint64 duration_ms;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“schedule”, step %u, must be an object with “rate_hz” and “duration_ms”."), index);
      return FALSE;
    }
  object = json_node_get_object (node);
  if (!check_members (object, index, error))
    return FALSE;
  segment->from_hz = lds_json_get_double (object, "rate_hz", 0, &local);
  segment->to_hz = lds_json_get_double (object, "to_hz", segment->from_hz, &local);
  duration_ms = lds_json_get_int (object, "duration_ms", 0, &local);
  if (local == NULL && (duration_ms < 1 || duration_ms > LDS_LOAD_MAX_DURATION_MS))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: which step of a schedule, its duration, the longest allowed */
                   _ ("“schedule”, step %u, has a “duration_ms” of %" PRId64
                      ": give a whole number from 1 to %d."),
                   index, duration_ms, LDS_LOAD_MAX_DURATION_MS);
      return FALSE;
    }
  segment->duration_ns = duration_ms * LDS_NS_PER_MS;
  if (local == NULL)
    return TRUE;
  g_propagate_prefixed_error (error, g_steal_pointer (&local),
                              /* Translators: which step of a schedule; what is wrong follows */
                              _ ("“schedule”, step %u: "), index);
  return FALSE;
}

static LdsLoadSchedule *
read_segments (JsonArray *array,
               GError **error)
{
  LdsLoadSegment segments[LDS_LOAD_MAX_SEGMENTS];
  guint n = json_array_get_length (array);

  if (n == 0 || n > LDS_LOAD_MAX_SEGMENTS)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: two numbers of steps */
                   _ ("“schedule” has %u steps: give from 1 to %d."), n, LDS_LOAD_MAX_SEGMENTS);
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    if (!read_segment (&segments[i], json_array_get_element (array, i), i + 1, error))
      return NULL;
  return lds_load_schedule_new (segments, n, error);
}

LdsLoadSchedule *
lds_load_schedule_from_json (JsonObject *plan,
                             gint64 duration_ns,
                             GError **error)
{
  static const char *const implied[] = {"rate_hz", "duration_ms"};
  g_autoptr (GError) local = NULL;
  JsonArray *array = lds_json_get_array (plan, "schedule", &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (array == NULL)
    return read_rate (plan, duration_ns, error);
  for (guint i = 0; i < G_N_ELEMENTS (implied); i++)
    if (has (plan, implied[i]))
      {
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     /* Translators: a member of a JSON object */
                     _ ("“%s” follows from “schedule”: leave out one of the two."), implied[i]);
        return NULL;
      }
  return read_segments (array, error);
}

JsonArray *
lds_load_schedule_to_json (const LdsLoadSchedule *self)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < lds_load_schedule_get_n_segments (self); i++)
    {
      const LdsLoadSegment *segment = lds_load_schedule_get_segment (self, i);
      JsonObject *object = json_object_new ();

      json_object_set_double_member (object, "rate_hz", segment->from_hz);
      if (segment->to_hz != segment->from_hz)
        json_object_set_double_member (object, "to_hz", segment->to_hz);
      json_object_set_int_member (object, "duration_ms", segment->duration_ns / LDS_NS_PER_MS);
      json_array_add_object_element (array, object);
    }
  return array;
}
