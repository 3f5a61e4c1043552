/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “history assessments”, “milestone” and “diff”: what was known when, and what changed between. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-history.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-columns.h"
#include "lds-cli-record.h"
#include "lds-history-assessments.h"
#include "lds-history-diff.h"
#include "lds-json.h"
#include "lds-view.h"

/* --- assessments ----------------------------------------------------------------------------- */

static void
print_assessments (GPtrArray *assessments)
{
  for (guint i = 0; i < assessments->len; i++)
    {
      const LdsHistoryAssessment *assessment = assessments->pdata[i];

      printf ("%s\n", assessment->name);
      for (guint j = 0; j < assessment->milestones->len; j++)
        {
          const LdsHistoryMilestone *milestone = assessment->milestones->pdata[j];
          g_autofree char *when = lds_cli_history_format_time (milestone->created_at_us);

          printf ("  %s  %s\n", when, milestone->name);
        }
    }
}

static void
print_assessments_json (GPtrArray *assessments)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "assessments");
  json_builder_begin_array (builder);
  for (guint i = 0; i < assessments->len; i++)
    {
      const LdsHistoryAssessment *assessment = assessments->pdata[i];

      json_builder_begin_object (builder);
      lds_json_add_string (builder, "name", assessment->name);
      lds_cli_history_add_time (builder, "created_at", assessment->created_at_us);
      json_builder_set_member_name (builder, "milestones");
      json_builder_begin_array (builder);
      for (guint j = 0; j < assessment->milestones->len; j++)
        {
          const LdsHistoryMilestone *milestone = assessment->milestones->pdata[j];

          json_builder_begin_object (builder);
          lds_json_add_string (builder, "name", milestone->name);
          lds_cli_history_add_time (builder, "created_at", milestone->created_at_us);
          json_builder_end_object (builder);
        }
      json_builder_end_array (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  lds_cli_history_print_json (builder);
}

gboolean
lds_cli_history_assessments (int argc,
                             char **argv,
                             GError **error)
{
  g_autofree char *database = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON instead of the table"), NULL},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (GPtrArray) assessments = NULL;

  if (!lds_cli_parse (argc, argv, "", entries, NULL, error))
    return FALSE;
  history = lds_cli_history_open (database, error);
  assessments = history != NULL ? lds_history_list_assessments (history, error) : NULL;
  if (assessments == NULL)
    return FALSE;
  if (json)
    print_assessments_json (assessments);
  else if (assessments->len == 0)
    fputs (_ ("The history holds no assessment; “loadstone-cli history milestone” begins one.\n"), stderr);
  else
    print_assessments (assessments);
  return TRUE;
}

/* --- milestone ------------------------------------------------------------------------------- */

/* Of the sessions named, the last one's that has it. Sets @error only when the history fails. */
static JsonObject *
find_object (LdsHistory *history,
             GArray *ids,
             const char *member,
             GError **error)
{
  for (guint i = ids->len; i > 0; i--)
    {
      g_autoptr (GError) local = NULL;
      JsonObject *object =
          lds_history_load_object (history, g_array_index (ids, gint64, i - 1), member, &local);

      if (object != NULL || local != NULL)
        {
          if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          return object;
        }
    }
  return NULL;
}

static gboolean
add_milestone (LdsHistory *history,
               const char *assessment,
               const char *name,
               char **sessions,
               GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (JsonObject) answers = NULL, verdict = NULL;
  g_autoptr (GError) local = NULL;

  for (guint i = 0; sessions[i] != NULL; i++)
    {
      gint64 id = lds_cli_record_parse_id (history, sessions[i], error);

      if (id == 0)
        return FALSE;
      g_array_append_val (ids, id);
    }
  answers = find_object (history, ids, "answers", &local);
  if (local == NULL)
    verdict = find_object (history, ids, "verdict", &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return lds_history_add_milestone (history, assessment, name, answers, verdict,
                                    &g_array_index (ids, gint64, 0), ids->len, error);
}

gboolean
lds_cli_history_milestone (int argc,
                           char **argv,
                           GError **error)
{
  g_autofree char *database = NULL;
  gboolean show = FALSE;
  const GOptionEntry entries[] = {
      {"show", 0, 0, G_OPTION_ARG_NONE, &show, N_ ("Print the milestone as JSON instead of making it"), NULL},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (JsonObject) milestone = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  guint n;

  if (!lds_cli_parse (argc, argv, _ ("ASSESSMENT MILESTONE ID…"), entries, &rest, error))
    return FALSE;
  n = g_strv_length (rest);
  if (show ? n != 2 : n < 3)
    return lds_error_refuse (error, _ ("Name an assessment, a milestone and the sessions that it keeps, as in “loadstone-cli history milestone Checkout first last”."));
  history = lds_cli_history_open (database, error);
  if (history == NULL)
    return FALSE;
  if (!show)
    return add_milestone (history, rest[0], rest[1], rest + 2, error);
  milestone = lds_history_load_milestone (history, rest[0], rest[1], error);
  if (milestone == NULL)
    return FALSE;
  node = json_node_init_object (json_node_alloc (), milestone);
  text = lds_json_to_text (node, TRUE);
  fputs (text, stdout);
  return TRUE;
}

/* --- diff ------------------------------------------------------------------------------------ */

/* Longer values are told by --json. */
#define MAX_VALUE_CHARACTERS 60

/* One line that a terminal does not obey. */
static char *
describe_value (JsonNode *node)
{
  g_autofree char *text =
      JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
          ? g_strdup (json_node_get_string (node))
      : JSON_NODE_HOLDS_NULL (node) ? g_strdup ("–")
                                    : lds_json_to_text (node, FALSE);
  GString *line = g_string_new (NULL);
  guint n = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p), n++)
    {
      gunichar c = g_utf8_get_char (p);

      if (n == MAX_VALUE_CHARACTERS)
        {
          g_string_append (line, "…");
          break;
        }
      g_string_append_unichar (line, g_unichar_iscntrl (c) ? ' ' : c);
    }
  return g_string_free (line, FALSE);
}

static void
print_members (const char *heading,
               JsonArray *differences)
{
  printf ("%s\n", heading);
  if (json_array_get_length (differences) == 0)
    printf (_ ("  no difference\n"));
  for (guint i = 0; i < json_array_get_length (differences); i++)
    {
      JsonObject *difference = json_array_get_object_element (differences, i);
      g_autofree char *member = describe_value (json_object_get_member (difference, "member"));
      g_autofree char *from = describe_value (json_object_get_member (difference, "from"));
      g_autofree char *to = describe_value (json_object_get_member (difference, "to"));

      printf ("  %s: %s → %s\n", member, from, to);
    }
}

static const LdsMetric *
find_metric (const char *json_key)
{
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);

  for (guint i = 0; i < n_metrics; i++)
    if (strcmp (metrics[i].json_key, json_key) == 0)
      return &metrics[i];
  return NULL;
}

static char *
format_median (JsonObject *estimate,
               LdsUnit unit)
{
  double median = lds_json_get_double (estimate, "median", NAN, NULL);
  double low = lds_json_get_double (estimate, "low", NAN, NULL);
  double high = lds_json_get_double (estimate, "high", NAN, NULL);
  double n = lds_json_get_double (estimate, "n", NAN, NULL);
  g_autofree char *figure = lds_format_value (median, unit);
  g_autofree char *range = NULL;

  /* Of fewer runs these are the smallest and the largest, which is no interval. */
  if (!isfinite (low) || !isfinite (high) || !(n >= LDS_ESTIMATE_MIN_RUNS))
    return g_steal_pointer (&figure);
  range = lds_format_range (low, high, median, unit);
  /* Translators: a figure and its confidence interval: “12.4 ms (11.8–13.1 ms)” */
  return g_strdup_printf (_ ("%s (%s)"), figure, range);
}

/* Whether the table has it; --json has all. */
static gboolean
is_shown (JsonObject *entry)
{
  guint n_views;
  const LdsMetric *metric = find_metric (json_object_get_string_member (entry, "metric"));
  const LdsWorkload *workload =
      lds_workload_find (json_object_get_string_member (entry, "workload"), NULL);
  const LdsView *view = workload != NULL ? lds_view_of (workload) : lds_view_list (&n_views);

  return metric != NULL && lds_view_has_column (view, metric->id);
}

static char **
describe_measurement (JsonObject *entry)
{
  const char *key = json_object_get_string_member (entry, "metric");
  const LdsMetric *metric = find_metric (key);
  LdsUnit unit = metric != NULL ? metric->unit : LDS_UNIT_NONE;
  double ratio = lds_json_get_double (entry, "ratio", NAN, NULL);
  char **row = g_new0 (char *, 8);

  row[0] = describe_value (json_object_get_member (entry, "lane"));
  row[1] = describe_value (json_object_get_member (entry, "workload"));
  row[2] = g_strdup (metric != NULL ? _ (metric->short_title) : key);
  row[3] = format_median (json_object_get_object_member (entry, "from"), unit);
  row[4] = format_median (json_object_get_object_member (entry, "to"), unit);
  row[5] = isfinite (ratio) ? g_strdup_printf ("×%.3g", ratio) : g_strdup ("–");
  if (json_object_get_null_member (entry, "intervals_overlap"))
    row[6] = g_strdup (_ ("too few runs"));
  else if (json_object_get_boolean_member (entry, "intervals_overlap"))
    row[6] = g_strdup (_ ("intervals overlap"));
  else
    row[6] = g_strdup (_ ("intervals apart"));
  return row;
}

static void
print_measurements (JsonObject *root)
{
  JsonArray *entries = json_object_get_array_member (root, "measurements");
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  char **heading = g_new0 (char *, 8);

  printf ("%s\n", _ ("Measurements under the same load"));
  if (json_array_get_length (entries) == 0)
    printf (_ ("  nothing was measured on both sides\n"));
  heading[0] = g_strdup (_ ("Lane"));
  heading[1] = g_strdup (_ ("Workload"));
  heading[2] = g_strdup (_ ("Metric"));
  heading[3] = g_strdup (
      json_object_get_string_member (json_object_get_object_member (root, "from"), "name"));
  heading[4] =
      g_strdup (json_object_get_string_member (json_object_get_object_member (root, "to"), "name"));
  heading[5] = g_strdup (_ ("Ratio"));
  heading[6] = g_strdup ("");
  g_ptr_array_add (rows, heading);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    if (is_shown (json_array_get_object_element (entries, i)))
      g_ptr_array_add (rows, describe_measurement (json_array_get_object_element (entries, i)));
  if (rows->len > 1)
    lds_cli_print_columns (rows, "lllrrrl");
}

gboolean
lds_cli_history_diff (int argc,
                      char **argv,
                      GError **error)
{
  g_autofree char *database = NULL, *text = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON instead of the table"), NULL},
      LDS_CLI_DATABASE_ENTRY (&database),
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) rest = NULL;
  g_autoptr (LdsHistory) history = NULL;
  g_autoptr (JsonObject) from = NULL, to = NULL;
  g_autoptr (JsonNode) diff = NULL;
  JsonObject *root;

  if (!lds_cli_parse (argc, argv, _ ("ASSESSMENT FROM TO"), entries, &rest, error))
    return FALSE;
  if (g_strv_length (rest) != 3)
    return lds_error_refuse (error, _ ("Name an assessment and two of its milestones, as in “loadstone-cli history diff Checkout first second”."));
  history = lds_cli_history_open (database, error);
  from = history != NULL ? lds_history_load_milestone (history, rest[0], rest[1], error) : NULL;
  to = from != NULL ? lds_history_load_milestone (history, rest[0], rest[2], error) : NULL;
  if (to == NULL)
    return FALSE;
  diff = lds_history_diff_milestones (from, to);
  if (json)
    {
      text = lds_json_to_text (diff, TRUE);
      fputs (text, stdout);
      return TRUE;
    }
  root = json_node_get_object (diff);
  print_members (_ ("Answers"), json_object_get_array_member (root, "answers"));
  print_members (_ ("Verdict"), json_object_get_array_member (root, "verdict"));
  print_measurements (root);
  return TRUE;
}
