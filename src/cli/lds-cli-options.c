/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that options take. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-options.h"

#include <glib/gi18n.h>
#include <string.h>

#include "lds-error.h"
#include "lds-schedule-text.h"

gboolean
lds_cli_parse_duration (const char *option,
                        const char *text,
                        double bare_ms,
                        gint64 *duration_ms,
                        GError **error)
{
  if (text == NULL || lds_parse_duration (text, bare_ms, duration_ms))
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: an option, then its value */
               _ ("%s is “%s”, which is no duration: write 10, 10s, 500ms, 2m or 1h."), option, text);
  return FALSE;
}

gboolean
lds_cli_check_count (const char *option,
                     int value,
                     int minimum,
                     int maximum,
                     GError **error)
{
  if (value >= minimum && value <= maximum)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: an option, its value, smallest and largest allowed value */
               _ ("%s is %d; it must be from %d to %d."), option, value, minimum, maximum);
  return FALSE;
}

/* Those of @provenance; of real ones those that are here. Returns how many. */
static guint
add_lanes_of (LdsPlan *plan,
              LdsProvenance provenance,
              gboolean only_proposed)
{
  guint n_lanes, n_before = plan->lanes->len;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  for (guint i = 0; i < n_lanes; i++)
    if (lanes[i].provenance == provenance && (lanes[i].proposed || !only_proposed) &&
        lds_lane_check (&lanes[i], NULL))
      g_ptr_array_add (plan->lanes, (gpointer)&lanes[i]);
  return plan->lanes->len - n_before;
}

gboolean
lds_cli_add_lanes (LdsPlan *plan,
                   const char *list,
                   GError **error)
{
  g_auto (GStrv) names = g_strsplit (list != NULL ? list : "", ",", -1);

  if (list == NULL)
    add_lanes_of (plan, LDS_PROVENANCE_MODEL, TRUE);
  for (guint i = 0; list != NULL && names[i] != NULL; i++)
    {
      const LdsLane *lane;

      if (strcmp (names[i], "all") == 0)
        {
          add_lanes_of (plan, LDS_PROVENANCE_MODEL, FALSE);
          continue;
        }
      if (strcmp (names[i], "twin") == 0)
        {
          if (add_lanes_of (plan, LDS_PROVENANCE_TWIN, FALSE) > 0)
            continue;
          return lds_error_refuse (error, _ ("There is no profile of a runtime; “loadstone-cli calibrate” makes one."));
        }
      if (strcmp (names[i], "real") == 0)
        {
          if (add_lanes_of (plan, LDS_PROVENANCE_REAL, FALSE) > 0)
            continue;
          return lds_error_refuse (error, _ ("None of the real runtimes is on this machine; “loadstone-cli lanes” says what each needs."));
        }
      lane = lds_lane_find (names[i], error);
      if (lane == NULL)
        return FALSE;
      g_ptr_array_add (plan->lanes, (gpointer)lane);
    }
  return TRUE;
}

gboolean
lds_cli_add_workloads (LdsPlan *plan,
                       const char *list,
                       GError **error)
{
  g_auto (GStrv) names = g_strsplit (list, ",", -1);
  guint n_workloads;
  const LdsWorkload *workloads = lds_workload_list (&n_workloads);

  if (strcmp (list, "all") == 0)
    {
      for (guint i = 0; i < n_workloads; i++)
        if (workloads[i].kind == LDS_WORKLOAD_REQUESTS)
          g_ptr_array_add (plan->workloads, (gpointer)&workloads[i]);
      return TRUE;
    }
  for (guint i = 0; names[i] != NULL; i++)
    {
      const LdsWorkload *workload = lds_workload_find (names[i], error);

      if (workload == NULL)
        return FALSE;
      g_ptr_array_add (plan->workloads, (gpointer)workload);
    }
  return TRUE;
}

gboolean
lds_cli_parse_slo (LdsPlan *plan,
                   const char *text,
                   GError **error)
{
  char *end = NULL;
  double value;

  if (g_str_has_prefix (text, "p99="))
    {
      value = g_ascii_strtod (text + 4, &end);
      if (end != text + 4 && value > 0 && value < 1e9 &&
          (strcmp (end, "ms") == 0 || strcmp (end, "s") == 0 || strcmp (end, "us") == 0))
        {
          plan->slo_p99_ms = strcmp (end, "s") == 0    ? value * 1e3
                             : strcmp (end, "us") == 0 ? value / 1e3
                                                       : value;
          return TRUE;
        }
    }
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               _ ("--slo is “%s”, which is no limit: write p99=50ms."), text);
  return FALSE;
}

gboolean
lds_cli_parse_load (LdsPlan *plan,
                    const char *text,
                    GError **error)
{
  const char *equals = strrchr (text, '='); /* a workload's own parameters have one as well */
  g_autofree char *id = equals != NULL ? g_strndup (text, (gsize)(equals - text)) : NULL;
  const LdsWorkload *workload;
  char *end = NULL;
  guint64 connections = 0;
  double rate_hz = 0;

  if (equals != NULL)
    connections = g_ascii_strtoull (equals + 1, &end, 10);
  if (connections > 0 && connections <= G_MAXUINT16 && *end == '@')
    {
      const char *rate = end + 1;

      rate_hz = g_ascii_strtod (rate, &end);
      if (end == rate)
        connections = 0; /* "64@" */
    }
  if (connections == 0 || connections > G_MAXUINT16 || *end != '\0')
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("--load is “%s”; write a workload and its connections, and a rate for an open loop: hello=64@2000."),
                   text);
      return FALSE;
    }
  workload = lds_workload_find (id, error);
  if (workload == NULL)
    return FALSE;
  if (!g_ptr_array_find (plan->workloads, workload, NULL))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: an option's value, a workload */
                   _ ("--load is “%s”, but “%s” is not measured; name it in --workloads too."), text, id);
      return FALSE;
    }
  lds_plan_set_load (plan, workload, (guint)connections, rate_hz);
  return TRUE;
}

gboolean
lds_cli_parse_scale (LdsPlan *plan,
                     const char *text,
                     GError **error)
{
  const char *colon = strchr (text, ':');
  g_autofree char *name = colon != NULL ? g_strndup (text, (gsize)(colon - text)) : NULL;
  GArray *points = NULL;
  g_auto (GStrv) items = NULL;

  if (g_strcmp0 (name, "connections") == 0)
    points = plan->scale_connections;
  else if (g_strcmp0 (name, "workers") == 0)
    points = plan->scale_workers;
  items = points != NULL ? g_strsplit (colon + 1, ",", -1) : NULL;
  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    {
      guint64 value;
      guint point;

      if (!g_ascii_string_to_unsigned (items[i], 10, 1, G_MAXINT, &value, NULL))
        {
          points = NULL;
          break;
        }
      point = (guint)value;
      g_array_append_val (points, point);
    }
  if (points != NULL && points->len > 0)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: an option's value */
               _ ("--scale is “%s”; write connections:1,2,4,8 or workers:1,2,4."), text);
  return FALSE;
}

gboolean
lds_cli_parse_demand (LdsPlan *plan,
                      const char *text,
                      GError **error)
{
  const char *at = strchr (text, '@');
  const char *rate = at != NULL ? at + 1 : text;
  g_autofree char *connections = at != NULL ? g_strndup (text, (gsize)(at - text)) : NULL;
  guint64 count = 0;
  char *end;

  plan->demand_rate_hz = g_ascii_strtod (rate, &end);
  if (end != rate && *end == '\0' && plan->demand_rate_hz > 0 && plan->demand_rate_hz <= 1e12 &&
      (connections == NULL ||
       g_ascii_string_to_unsigned (connections, 10, 1, G_MAXINT, &count, NULL)))
    {
      plan->demand_connections = (guint)count;
      return TRUE;
    }
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: an option's value */
               _ ("--for is “%s”; write RATE or CONNECTIONS@RATE, as 5000 or 20000@5000."), text);
  return FALSE;
}
