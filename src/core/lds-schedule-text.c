/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations and schedules of rates as people type them. */
#define G_LOG_DOMAIN "lds-schedule-text"

#include "config.h"
#include "lds-schedule-text.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"

gboolean
lds_parse_duration (const char *text,
                    double bare_ms,
                    gint64 *duration_ms)
{
  static const struct
  {
    const char *name;
    double ms;
  } units[] = {{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}};
  char *end = NULL;
  double value, unit_ms;

  value = g_ascii_strtod (text, &end);
  unit_ms = *end == '\0' ? bare_ms : 0;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (end, units[i].name) == 0)
      unit_ms = units[i].ms;
  if (end == text || unit_ms <= 0 || !(value >= 0 && value * unit_ms <= 1e12))
    return FALSE;
  *duration_ms = (gint64)round (value * unit_ms);
  return TRUE;
}

/* A rate begins with a digit: no sign, no blank, and neither "inf" nor "nan". */
static gboolean
read_rate (const char **text,
           double *rate_hz)
{
  char *end = NULL;

  if (!g_ascii_isdigit (**text))
    return FALSE;
  *rate_hz = g_ascii_strtod (*text, &end);
  *text = end;
  return isfinite (*rate_hz);
}

/* Returns: (transfer full): the step, or NULL */
static JsonObject *
read_step (const char *text)
{
  double from_hz, to_hz;
  gint64 duration_ms;
  JsonObject *step;

  if (!read_rate (&text, &from_hz))
    return NULL;
  to_hz = from_hz;
  if (*text == '-')
    {
      text++;
      if (!read_rate (&text, &to_hz))
        return NULL;
    }
  if (*text != ':' || !g_ascii_isdigit (text[1]) ||
      !lds_parse_duration (text + 1, 1e3, &duration_ms))
    return NULL;
  step = json_object_new ();
  json_object_set_double_member (step, "rate_hz", from_hz);
  if (to_hz != from_hz)
    json_object_set_double_member (step, "to_hz", to_hz);
  json_object_set_int_member (step, "duration_ms", duration_ms);
  return step;
}

JsonArray *
lds_schedule_text_to_json (const char *text,
                           const char *option,
                           GError **error)
{
  g_autoptr (JsonArray) array = json_array_new ();
  g_auto (GStrv) steps = g_strsplit (text, ",", -1);

  if (*text == '\0')
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: an option */
                   _ ("%s is empty: write steps such as 1000:5s, or 1000-5000:10s for a ramp."), option);
      return NULL;
    }
  for (guint i = 0; steps[i] != NULL; i++)
    {
      JsonObject *step = read_step (steps[i]);

      if (step == NULL)
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: an option, which step of its value, the step */
                       _ ("%s: step %u is “%s”; write RATE:DURATION such as 1000:5s, or FROM-TO:DURATION for a ramp, with commas between steps."),
                       option, i + 1, steps[i]);
          return NULL;
        }
      json_array_add_object_element (array, step);
    }
  return g_steal_pointer (&array);
}
