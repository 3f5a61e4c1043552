/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “compare”: lanes of one session, or one lane in two of them. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-compare.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-options.h"
#include "lds-cli-outputs.h"
#include "lds-cli-self-test.h"
#include "lds-cli-session.h"
#include "lds-cli.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-self-test.h"

static void
compare_clear (LdsCliCompare *compare)
{
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&compare->sessions[i], lds_session_free);
  g_clear_pointer (&compare->workloads, g_ptr_array_unref);
  g_clear_pointer (&compare->comparisons, g_ptr_array_unref);
  g_clear_pointer (&compare->metrics, g_ptr_array_unref);
  g_clear_pointer (&compare->caveats, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LdsCliCompare, compare_clear)

static gboolean
refuse (GError **error,
        const char *text)
{
  g_set_error_literal (error, LDS_ERROR, LDS_ERROR_INPUT, text);
  return FALSE;
}

static gboolean
add_metrics (LdsCliCompare *compare,
             const char *list,
             GError **error)
{
  g_auto (GStrv) ids = g_strsplit (*list != '\0' ? list : ",", ",", -1); /* "" is no metric */
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);

  compare->metrics = g_ptr_array_new ();
  for (guint i = 0; i < n_metrics; i++)
    if (strcmp (list, "all") == 0 || g_strv_contains ((const char *const *)ids, metrics[i].id))
      g_ptr_array_add (compare->metrics, (gpointer)&metrics[i]);
  for (guint i = 0; strcmp (list, "all") != 0 && ids[i] != NULL; i++)
    if (lds_metric_find (ids[i]) == NULL)
      {
        g_autoptr (GString) known = g_string_new (NULL);

        for (guint m = 0; m < n_metrics; m++)
          g_string_append_printf (known, "%s%s", m > 0 ? ", " : "", metrics[m].id);
        g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                     /* Translators: a metric's id, then all of them */
                     _ ("There is no metric “%s” for --metrics; there are %s."), ids[i], known->str);
        return FALSE;
      }
  return TRUE;
}

/* Those of @named, or all when that is NULL, that every session has, in the first one's order. */
static GPtrArray *
list_common (const LdsCliCompare *compare,
             GPtrArray *named,
             gboolean lanes)
{
  GPtrArray *common = g_ptr_array_new ();
  const LdsPlan *a = compare->sessions[0]->plan;
  const LdsPlan *b = compare->sessions[1] != NULL ? compare->sessions[1]->plan : a;
  GPtrArray *of_a = lanes ? a->lanes : a->workloads, *of_b = lanes ? b->lanes : b->workloads;

  if (named == NULL)
    named = of_a;
  for (guint i = 0; i < named->len; i++)
    if (g_ptr_array_find (of_a, named->pdata[i], NULL) &&
        g_ptr_array_find (of_b, named->pdata[i], NULL))
      g_ptr_array_add (common, named->pdata[i]);
  return common;
}

static gboolean
has_valid (const LdsSelection *side)
{
  for (guint i = 0; i < side->session->runs->len; i++)
    {
      const LdsRun *run = side->session->runs->pdata[i];

      if (run->valid && run->spec.lane == side->lane && run->spec.workload == side->workload)
        return TRUE;
    }
  return FALSE;
}

/* Says of a side without any valid run that it has none. */
static void
check_side (LdsCliCompare *compare,
            const LdsSelection *side)
{
  g_autofree char *lane = NULL, *text = NULL;

  if (has_valid (side))
    return;
  compare->any_invalid = TRUE;
  lane = lds_lane_dup_label (side->lane);
  /* Translators: a file, a workload, a lane */
  text = g_strdup_printf (_ ("%s: %s: %s has no valid run."),
                          compare->paths[side->session == compare->sessions[0] ? 0 : 1],
                          side->workload->title, lane);
  if (!g_ptr_array_find_with_equal_func (compare->caveats, text, g_str_equal, NULL))
    g_ptr_array_add (compare->caveats, g_steal_pointer (&text));
}

static void
add_comparison (LdsCliCompare *compare,
                LdsSelection reference,
                LdsSelection other,
                guint family)
{
  check_side (compare, &reference);
  check_side (compare, &other);
  g_ptr_array_add (compare->comparisons, lds_comparison_new (&reference, &other, family));
}

/* Each lane against the best one, or the others that are named against the first. */
static gboolean
compare_lanes (LdsCliCompare *compare,
               GPtrArray *named,
               GError **error)
{
  LdsSession *session = compare->sessions[0];
  g_autoptr (GPtrArray) lanes = list_common (compare, named, TRUE);

  if (lanes->len < 2)
    return refuse (error, _ ("There is only one lane to compare; name two of the file’s lanes with --lanes, or a second file."));
  for (guint w = 0; w < compare->workloads->len; w++)
    {
      const LdsWorkload *workload = compare->workloads->pdata[w];

      if (named == NULL)
        {
          g_autoptr (GPtrArray) best = lds_comparison_list_best (session, workload);

          for (guint i = 0; i < lanes->len; i++)
            check_side (compare, &(LdsSelection){session, lanes->pdata[i], workload});
          g_ptr_array_extend_and_steal (compare->comparisons, g_steal_pointer (&best));
          continue;
        }
      for (guint i = 1; i < lanes->len; i++)
        add_comparison (compare, (LdsSelection){session, lanes->pdata[0], workload},
                        (LdsSelection){session, lanes->pdata[i], workload}, lanes->len - 1);
    }
  return TRUE;
}

/* What only one of two sessions measured is named: who does not miss it takes it for compared. */
static void
add_uncompared (LdsCliCompare *compare,
                gboolean with_lanes,
                gboolean with_workloads)
{
  for (guint s = 0; s < 2; s++)
    {
      const LdsPlan *plan = compare->sessions[s]->plan, *other = compare->sessions[1 - s]->plan;
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
      g_auto (GStrv) names = NULL;
      g_autofree char *list = NULL;

      for (guint i = 0; with_lanes && i < plan->lanes->len; i++)
        if (!g_ptr_array_find (other->lanes, plan->lanes->pdata[i], NULL))
          {
            g_autofree char *label = lds_lane_dup_label (plan->lanes->pdata[i]);

            g_strv_builder_add (builder, label);
          }
      for (guint i = 0; with_workloads && i < plan->workloads->len; i++)
        if (!g_ptr_array_find (other->workloads, plan->workloads->pdata[i], NULL))
          g_strv_builder_add (builder, ((LdsWorkload *)plan->workloads->pdata[i])->title);
      names = g_strv_builder_end (builder);
      if (names[0] == NULL)
        continue;
      list = g_strjoinv (", ", names);
      g_ptr_array_add (compare->caveats,
                       /* Translators: a file, then lanes and workloads with commas between */
                       g_strdup_printf (_ ("Only “%s” measured these, which are not compared: %s."), compare->paths[s], list));
    }
}

/* Each lane against itself in the other session; a single one against the other's single one. */
static gboolean
compare_sessions (LdsCliCompare *compare,
                  GPtrArray *named,
                  GError **error)
{
  LdsSession *a = compare->sessions[0], *b = compare->sessions[1];
  g_autoptr (GPtrArray) lanes = list_common (compare, named, TRUE);

  for (guint w = 0; w < compare->workloads->len; w++)
    {
      const LdsWorkload *workload = compare->workloads->pdata[w];

      for (guint i = 0; i < lanes->len; i++)
        add_comparison (compare, (LdsSelection){a, lanes->pdata[i], workload},
                        (LdsSelection){b, lanes->pdata[i], workload}, 1);
      if (lanes->len == 0 && named == NULL && a->plan->lanes->len == 1 && b->plan->lanes->len == 1)
        add_comparison (compare, (LdsSelection){a, a->plan->lanes->pdata[0], workload},
                        (LdsSelection){b, b->plan->lanes->pdata[0], workload}, 1);
    }
  if (compare->comparisons->len == 0)
    return refuse (error, _ ("The two files have no lane in common; measure the same lanes, or name one lane in both."));
  add_uncompared (compare, named == NULL && lanes->len > 0, !compare->names_workloads);
  g_ptr_array_extend_and_steal (compare->caveats,
                                lds_comparison_list_caveats (a, b, compare->workloads));
  g_ptr_array_add (compare->caveats,
                   g_strdup (_ ("Two sessions are two moments of a machine: what it did between them counts as a difference. Lanes measured in one session are compared more surely.")));
  return TRUE;
}

static char *
list_lane_ids (const LdsPlan *plan)
{
  GString *ids = g_string_new (NULL);

  for (guint i = 0; i < plan->lanes->len; i++)
    g_string_append_printf (ids, "%s%s", i > 0 ? ", " : "", ((LdsLane *)plan->lanes->pdata[i])->id);
  return g_string_free (ids, FALSE);
}

/* Finds the lanes and workloads that are named; @lanes stays NULL when none are. */
static gboolean
find_named (LdsCliCompare *compare,
            const char *lane_names,
            const char *workload_names,
            GPtrArray **lanes,
            GError **error)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (GPtrArray) workloads = NULL;

  if (lane_names != NULL)
    {
      if (!lds_cli_add_lanes (plan, lane_names, error))
        return FALSE;
      *lanes = g_ptr_array_ref (plan->lanes);
      for (guint i = 0; i < plan->lanes->len; i++)
        for (guint s = 0; s < 2 && compare->sessions[s] != NULL; s++)
          if (!g_ptr_array_find (compare->sessions[s]->plan->lanes, plan->lanes->pdata[i], NULL))
            {
              g_autofree char *measured = list_lane_ids (compare->sessions[s]->plan);

              g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                           /* Translators: a lane, a file, a list of lanes */
                           _ ("The lane “%s” was not measured in “%s”, which holds %s."),
                           ((LdsLane *)plan->lanes->pdata[i])->id, compare->paths[s], measured);
              return FALSE;
            }
    }
  if (workload_names != NULL)
    {
      if (!lds_cli_add_workloads (plan, workload_names, error))
        return FALSE;
      workloads = g_ptr_array_ref (plan->workloads);
      compare->names_workloads = TRUE;
    }
  compare->workloads = list_common (compare, workloads, FALSE);
  if (compare->workloads->len > 0)
    return TRUE;
  return refuse (error, workloads != NULL || compare->sessions[1] == NULL
                            ? _ ("None of the workloads in --workloads was measured in every file.")
                            : _ ("The two files have no workload in common, so there is nothing to compare."));
}

static gboolean
compare_files (GStrv paths,
               const char *lane_names,
               const char *workload_names,
               const char *metric_names,
               LdsCliCompare *compare,
               GError **error)
{
  g_autoptr (GPtrArray) lanes = NULL;

  compare->caveats = g_ptr_array_new_with_free_func (g_free);
  compare->comparisons = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_comparison_free);
  if (metric_names != NULL && !add_metrics (compare, metric_names, error))
    return FALSE;
  for (guint i = 0; paths[i] != NULL; i++)
    {
      compare->paths[i] = paths[i];
      compare->sessions[i] = lds_cli_session_load (paths[i], error);
      if (compare->sessions[i] == NULL)
        return FALSE;
    }
  if (!find_named (compare, lane_names, workload_names, &lanes, error))
    return FALSE;
  return compare->sessions[1] != NULL ? compare_sessions (compare, lanes, error)
                                      : compare_lanes (compare, lanes, error);
}

/* What --self-test asks for: the callback of an option is given nothing else to write to. */
static LdsCliSelfTest self_test;

/* “--self-test” or “--self-test=N” */
static gboolean
self_test_cb (const char *option,
              const char *value,
              gpointer data,
              GError **error)
{
  gboolean measures = strcmp (option, "--self-test-real") == 0;
  int n = measures ? LDS_SELF_TEST_N_MEASURED : LDS_SELF_TEST_N_SIMULATED;
  char *end = NULL;

  if (value != NULL)
    {
      n = (int)CLAMP (g_ascii_strtoll (value, &end, 10), G_MININT, G_MAXINT);
      if (end == value || *end != '\0')
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: an option, its value, the option again */
                       _ ("%s is “%s”, which is no whole number: write %s=100."), option, value, option);
          return FALSE;
        }
    }
  if (!lds_cli_check_count (option, n, 1,
                            measures ? LDS_SELF_TEST_MAX_REAL : LDS_SELF_TEST_MAX_SIMULATED, error))
    return FALSE;
  *(measures ? &self_test.measures : &self_test.simulates) = TRUE;
  *(measures ? &self_test.n_measured : &self_test.n_simulated) = (guint)n;
  return TRUE;
}

static gboolean
print (const LdsCliCompare *compare,
       gboolean as_json,
       gboolean fail_if_worse,
       const char *output,
       GError **error)
{
  g_autoptr (JsonNode) json = lds_cli_compare_to_json (compare);
  g_autofree char *text = lds_json_to_text (json, TRUE);

  if (as_json)
    fputs (text, stdout);
  else
    lds_cli_compare_print (compare);
  if (output != NULL && !lds_file_write (output, text, strlen (text), error))
    return FALSE;
  if (compare->any_invalid)
    g_set_error_literal (error, LDS_ERROR, LDS_ERROR_INVALID,
                         _ ("The measurement is invalid: some lane that is compared has no valid run, as said above."));
  else if (fail_if_worse && lds_cli_compare_is_worse (compare))
    g_set_error_literal (error, LDS_ERROR, LDS_ERROR_THRESHOLD, _ ("Something is worse, as said above."));
  else
    return TRUE;
  return FALSE;
}

gboolean
lds_cli_compare (int argc,
                 char **argv,
                 GError **error)
{
  g_auto (GStrv) rest = NULL;
  g_autofree char *lanes = NULL, *workloads = NULL, *metrics = NULL, *output = NULL;
  gboolean json = FALSE, fail_if_worse = FALSE;
  const GOptionEntry entries[] = {
      {"lanes", 'l', 0, G_OPTION_ARG_STRING, &lanes, N_ ("Lanes to compare: in one file the others with the first (each with the best), in two each with itself"), N_ ("A,B")},
      {"workloads", 'x', 0, G_OPTION_ARG_STRING, &workloads, N_ ("Workloads to compare (all)"), N_ ("X,Y")},
      {"metrics", 'm', 0, G_OPTION_ARG_STRING, &metrics, N_ ("Metrics of the table by id, or “all” (the most telling)"), N_ ("M,N")},
      {"fail-if-worse", 0, 0, G_OPTION_ARG_NONE, &fail_if_worse, N_ ("Exit with 3 when a second one is worse in throughput (closed loop), or in CPU per request or p99 (open loop)"), NULL},
      {"self-test", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, self_test_cb, N_ ("Compare simulated runs of one thing with themselves, N times (200)"), N_ ("N")},
      {"self-test-real", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, self_test_cb, N_ ("The same with measured runs, N times (20)"), N_ ("N")},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_ ("Write what comes out to FILE, as JSON"), N_ ("FILE")},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON instead of tables"), NULL},
      G_OPTION_ENTRY_NULL};
  g_auto (LdsCliCompare) compare = {0};

  if (!lds_cli_parse (argc, argv, "A.json [B.json]", entries, &rest, error) ||
      !lds_cli_check_output ("--output", output, NULL, error))
    return FALSE;
  self_test.json = json;
  self_test.output = output;
  if (self_test.simulates || self_test.measures)
    return g_strv_length (rest) == 0 && lanes == NULL && workloads == NULL && metrics == NULL &&
                   !fail_if_worse
               ? lds_cli_run_self_test (&self_test, error)
               : refuse (
                     error,
                     _ ("The self-test compares nothing but itself; leave out files, --lanes, --workloads, --metrics and --fail-if-worse."));
  if (g_strv_length (rest) < 1 || g_strv_length (rest) > 2)
    return refuse (error, _ ("Name one file to compare its lanes, or two, as in “loadstone-cli compare before.json after.json”."));
  return lds_cli_check_apart ("--output", output, NULL, rest[0], error) &&
         lds_cli_check_apart ("--output", output, NULL, rest[1], error) &&
         compare_files (rest, lanes, workloads, metrics, &compare, error) &&
         print (&compare, json, fail_if_worse, output, error);
}
