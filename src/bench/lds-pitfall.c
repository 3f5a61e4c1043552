/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pitfalls that run: the table of data/pitfalls/, which is built into the program, and their plans. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-pitfall.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-markup.h"
#include "lds-pitfall-resources.h"
#include "lds-session.h"
#include "lds-stats-compare.h"

#define FILE_NAME "pitfalls.xml"
#define PATH      LDS_RESOURCE_BASE "/pitfalls/" FILE_NAME

/* A first look: no fewer runs can tell a difference from chance, and shorter ones have no p99. */
#define QUICK_REPEATS     LDS_COMPARE_MIN_PAIRS
#define QUICK_DURATION_MS 1000
#define QUICK_WARM_UP_MS  300
#define DURATION_MS       3000
#define WARM_UP_MS        500

static const char *const side_names[LDS_PITFALL_N_SIDES] = {
    [LDS_PITFALL_WRONG] = "wrong",
    [LDS_PITFALL_REMEDY] = "remedy",
};

static gboolean
read_side (const LdsElement *element,
           LdsPitfallSideId id,
           double rate_hz,
           LdsPitfallSide *side,
           GError **error)
{
  const LdsElement *child = lds_element_find_child (element, side_names[id]);
  const char *lane, *workload;

  if (child == NULL)
    {
      lds_element_error (element, error, "%s is missing", side_names[id]);
      return FALSE;
    }
  lane = lds_element_require (child, "lane", error);
  workload = lane != NULL ? lds_element_require (child, "workload", error) : NULL;
  side->title = lds_element_child_text (child, "title");
  if (workload == NULL || !lds_element_get_double (child, "rate-hz", rate_hz, &side->rate_hz, error))
    return FALSE;
  side->lane = lds_lane_find (lane, error);
  side->workload = side->lane != NULL ? lds_workload_find (workload, error) : NULL;
  if (side->workload == NULL)
    return FALSE;
  if (side->title != NULL)
    return TRUE;
  lds_element_error (child, error, "title is missing");
  return FALSE;
}

/* A plan measures every lane on every workload: two that differ in both would be four. */
static gboolean
check (const LdsElement *element,
       const LdsPitfall *pitfall,
       GError **error)
{
  const LdsPitfallSide *wrong = &pitfall->sides[LDS_PITFALL_WRONG];
  const LdsPitfallSide *remedy = &pitfall->sides[LDS_PITFALL_REMEDY];

  if (pitfall->title == NULL || pitfall->see == NULL)
    lds_element_error (element, error, "title or see is missing");
  else if (pitfall->metric == NULL || pitfall->metric->of_sample == NULL ||
           pitfall->metric->of_run == NULL)
    lds_element_error (element, error, "metric is none that has figures along a run");
  else if ((wrong->lane == remedy->lane) == (wrong->workload == remedy->workload))
    lds_element_error (element, error, "sides must differ in their lane or in their workload");
  else if (wrong->workload == remedy->workload && wrong->rate_hz != remedy->rate_hz)
    lds_element_error (element, error, "sides of one workload must have one rate");
  else
    return TRUE;
  return FALSE;
}

static gboolean
read_pitfall (const LdsElement *element,
              LdsPitfall *pitfall,
              GError **error)
{
  const char *metric;
  double connections, rate_hz;

  pitfall->id = lds_element_require (element, "id", error);
  metric = pitfall->id != NULL ? lds_element_require (element, "metric", error) : NULL;
  if (metric == NULL || !lds_element_get_double (element, "connections", 1, &connections, error) ||
      !lds_element_get_double (element, "rate-hz", 0, &rate_hz, error))
    return FALSE;
  pitfall->title = lds_element_child_text (element, "title");
  pitfall->see = lds_element_child_text (element, "see");
  pitfall->metric = lds_metric_find (metric);
  pitfall->connections = (guint)CLAMP (connections, 1, LDS_PLAN_MAX_CONNECTIONS);
  for (int i = 0; i < LDS_PITFALL_N_SIDES; i++)
    if (!read_side (element, (LdsPitfallSideId)i, rate_hz, &pitfall->sides[i], error))
      return FALSE;
  return check (element, pitfall, error);
}

/* What is shipped is right, so a mistake there is a bug. */
static GArray *
read_table (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_resource_lookup_data (lds_pitfall_get_resource (), PATH,
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  GArray *table = g_array_new (FALSE, TRUE, sizeof (LdsPitfall));
  static const LdsElement *root; /* lives as long as the process, for the texts do */

  if (bytes != NULL)
    {
      gsize size;
      const char *text = g_bytes_get_data (bytes, &size);

      root = lds_markup_parse (text, size, FILE_NAME, &error);
    }
  for (guint i = 0; root != NULL && i < root->children->len; i++)
    {
      LdsPitfall pitfall = {0};

      if (read_pitfall (root->children->pdata[i], &pitfall, &error))
        g_array_append_val (table, pitfall);
      else
        break;
    }
  if (error != NULL)
    g_critical ("%s", error->message);
  return table;
}

const LdsPitfall *
lds_pitfall_list (guint *n_pitfalls)
{
  static GArray *table;

  g_return_val_if_fail (n_pitfalls != NULL, NULL);

  if (g_once_init_enter (&table))
    g_once_init_leave (&table, read_table ());
  *n_pitfalls = table->len;
  return (const LdsPitfall *)(gconstpointer)table->data;
}

const LdsPitfall *
lds_pitfall_find (const char *id,
                  GError **error)
{
  g_autoptr (GString) all = g_string_new (NULL);
  guint n_pitfalls;
  const LdsPitfall *pitfalls = lds_pitfall_list (&n_pitfalls);

  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < n_pitfalls; i++)
    {
      if (g_ascii_strcasecmp (pitfalls[i].id, id) == 0)
        return &pitfalls[i];
      g_string_append_printf (all, "%s%s", i > 0 ? ", " : "", pitfalls[i].id);
    }
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: what was typed, then identifiers */
               _ ("There is no pitfall “%s” that runs; those that do are %s."), id, all->str);
  return NULL;
}

static void
add_once (GPtrArray *list,
          gconstpointer item)
{
  if (!g_ptr_array_find (list, item, NULL))
    g_ptr_array_add (list, (gpointer)item);
}

LdsPlan *
lds_pitfall_new_plan (const LdsPitfall *pitfall,
                      gboolean quick)
{
  LdsPlan *plan;

  g_return_val_if_fail (pitfall != NULL, NULL);

  plan = lds_plan_new ();
  plan->connections = pitfall->connections;
  plan->duration_ms = quick ? QUICK_DURATION_MS : DURATION_MS;
  plan->warm_up_ms = quick ? QUICK_WARM_UP_MS : WARM_UP_MS;
  plan->repeats = quick ? QUICK_REPEATS : LDS_SESSION_MIN_RUNS;
  for (guint i = 0; i < LDS_PITFALL_N_SIDES; i++)
    {
      const LdsPitfallSide *side = &pitfall->sides[i];

      add_once (plan->lanes, side->lane);
      add_once (plan->workloads, side->workload);
      lds_plan_set_load (plan, side->workload, pitfall->connections, side->rate_hz);
    }
  return plan;
}

char *
lds_pitfall_side_dup_label (const LdsPitfallSide *side)
{
  g_autofree char *lane = NULL;

  g_return_val_if_fail (side != NULL, NULL);

  lane = lds_lane_dup_label (side->lane);
  /* Translators: what a side of a comparison does, then a lane: “Computed on the loop: Event loop (model)” */
  return g_strdup_printf (_ ("%s: %s"), side->title, lane);
}

LdsPitfallSideId
lds_pitfall_find_side (const LdsPitfall *pitfall,
                       const LdsLane *lane,
                       const LdsWorkload *workload)
{
  g_return_val_if_fail (pitfall != NULL, LDS_PITFALL_N_SIDES);

  for (int i = 0; i < LDS_PITFALL_N_SIDES; i++)
    if (pitfall->sides[i].lane == lane && pitfall->sides[i].workload == workload)
      return (LdsPitfallSideId)i;
  return LDS_PITFALL_N_SIDES;
}

const char *
lds_pitfall_side_to_string (LdsPitfallSideId side)
{
  g_return_val_if_fail (side < LDS_PITFALL_N_SIDES, side_names[0]);

  return side_names[side];
}
