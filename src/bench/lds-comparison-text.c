/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons in words. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-comparison.h"
#include "lds-json.h"

static const struct
{
  const char *name;
  const char *title; /* untranslated */
} verdicts[] = {
    [LDS_VERDICT_TOO_FEW] = {"too-few-runs", N_ ("too few runs")},
    [LDS_VERDICT_NONE] = {"no-detectable-difference", N_ ("no detectable difference")},
    [LDS_VERDICT_WORSE] = {"worse", N_ ("worse")},
    [LDS_VERDICT_BETTER] = {"better", N_ ("better")},
};

const char *
lds_comparison_verdict_to_string (LdsComparisonVerdict verdict)
{
  g_return_val_if_fail (verdict < G_N_ELEMENTS (verdicts), NULL);

  return verdicts[verdict].name;
}

const char *
lds_comparison_verdict_title (LdsComparisonVerdict verdict)
{
  g_return_val_if_fail (verdict < G_N_ELEMENTS (verdicts), NULL);

  return _ (verdicts[verdict].title);
}

/* Thousandths, for lanes may differ by few; of what is many times as much three digits are enough. */
static char *
format_ratio (double ratio)
{
  if (!isfinite (ratio))
    return g_strdup ("–");
  return g_strdup_printf ("%.*f", ratio >= 100 ? 0 : ratio >= 10 ? 1
                                                                 : 3,
                          ratio);
}

static char *
format_interval (const LdsDifference *difference)
{
  g_autofree char *low = format_ratio (difference->low), *high = format_ratio (difference->high);

  return g_strdup_printf ("%s–%s", low, high);
}

char *
lds_comparison_dup_ratio (const LdsDifference *difference)
{
  g_autofree char *ratio = NULL, *interval = NULL;

  g_return_val_if_fail (difference != NULL, NULL);

  ratio = format_ratio (difference->ratio);
  if (!isfinite (difference->low) || !isfinite (difference->high))
    return g_steal_pointer (&ratio);
  interval = format_interval (difference);
  /* Translators: a figure and its confidence interval: “1.031 (1.007–1.055)” */
  return g_strdup_printf (_ ("%s (%s)"), ratio, interval);
}

char *
lds_comparison_dup_p (const LdsDifference *difference)
{
  g_return_val_if_fail (difference != NULL, NULL);

  if (!isfinite (difference->p))
    return g_strdup ("–");
  if (difference->p < 0.001)
    return g_strdup_printf ("< %.3f", 0.001);
  return g_strdup_printf ("%.3f", difference->p);
}

char *
lds_comparison_dup_sentence (const LdsComparison *comparison,
                             const LdsMetric *metric,
                             const char *reference,
                             const char *other)
{
  const LdsDifference *difference;
  const char *workload;
  g_autofree char *ratio = NULL, *interval = NULL;

  g_return_val_if_fail (comparison != NULL && metric != NULL, NULL);

  difference = lds_comparison_get (comparison, metric);
  workload = comparison->other.workload->title;
  ratio = lds_comparison_dup_ratio (difference);
  interval = format_interval (difference);
  switch (lds_comparison_verdict (difference, metric))
    {
    case LDS_VERDICT_NONE:
      if (!isfinite (difference->low) || !isfinite (difference->high))
        /* Translators: a workload, a metric, two lanes */
        return g_strdup_printf (_ ("%s, %s: no detectable difference between %s and %s."), workload,
                                _ (metric->title), reference, other);
      /* Translators: a workload, a metric, two lanes, a range of ratios */
      return g_strdup_printf (_ ("%s, %s: no detectable difference between %s and %s; if there is one, the ratio is within %s."),
                              workload, _ (metric->title), reference, other, interval);
    case LDS_VERDICT_BETTER:
      /* Translators: a workload, a metric, a lane, another, their ratio with its interval */
      return g_strdup_printf (_ ("%s, %s: %s is better than %s; the ratio is %s."), workload,
                              _ (metric->title), other, reference, ratio);
    case LDS_VERDICT_WORSE:
      /* Translators: a workload, a metric, a lane, another, their ratio with its interval */
      return g_strdup_printf (_ ("%s, %s: %s is worse than %s; the ratio is %s."), workload,
                              _ (metric->title), other, reference, ratio);
    case LDS_VERDICT_TOO_FEW:
    default:
      /* Translators: a workload, a metric, a lane, another, two numbers of runs */
      return g_strdup_printf (_ ("%s, %s: too few runs to tell %s from %s (%u and %u)."), workload,
                              _ (metric->title), other, reference, difference->n_b,
                              difference->n_a);
    }
}

/* The lanes that @comparisons give @verdict, with commas; NULL when there are none. */
static char *
list_lanes (GPtrArray *comparisons,
            const LdsMetric *metric,
            LdsComparisonVerdict verdict)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < comparisons->len; i++)
    {
      const LdsComparison *comparison = comparisons->pdata[i];

      if (lds_comparison_verdict (lds_comparison_get (comparison, metric), metric) == verdict)
        g_ptr_array_add (labels, lds_lane_dup_label (comparison->other.lane));
    }
  if (labels->len == 0)
    return NULL;
  g_ptr_array_add (labels, NULL);
  return g_strjoinv (", ", (GStrv)labels->pdata);
}

char *
lds_comparison_dup_ranking (const LdsSession *session,
                            const LdsWorkload *workload)
{
  static const struct
  {
    LdsComparisonVerdict verdict;
    const char *title; /* untranslated */
  } groups[] = {
      {LDS_VERDICT_NONE, N_ ("No detectable difference from it")},
      {LDS_VERDICT_WORSE, N_ ("Worse")},
      {LDS_VERDICT_BETTER, N_ ("Better, run by run")},
      {LDS_VERDICT_TOO_FEW, N_ ("Too few runs to tell")},
  };
  g_autoptr (GPtrArray) comparisons = lds_comparison_list_best (session, workload);
  const LdsMetric *metric = lds_comparison_main_metric (session, workload);
  g_autofree char *best = NULL;
  GString *text;

  if (comparisons->len == 0)
    return NULL;
  best = lds_lane_dup_label (((LdsComparison *)comparisons->pdata[0])->reference.lane);
  text = g_string_new (NULL);
  /* Translators: a metric, a lane */
  g_string_printf (text, _ ("Best median in “%s”: %s."), _ (metric->title), best);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      g_autofree char *lanes = list_lanes (comparisons, metric, groups[i].verdict);

      if (lanes == NULL)
        continue;
      g_string_append_c (text, ' ');
      /* Translators: what some lanes are, then the lanes: “Worse: Prefork (model).” */
      g_string_append_printf (text, _ ("%s: %s."), _ (groups[i].title), lanes);
    }
  return g_string_free (text, FALSE);
}

/* --- Caveats --------------------------------------------------------------------------------- */

/* “cpu model: X / Y” */
static void
add_item (GPtrArray *items,
          const char *name,
          const char *a,
          const char *b)
{
  if (strcmp (a, b) != 0)
    /* Translators: what differs, then both values: “kernel: Linux 6.1 / Linux 6.8” */
    g_ptr_array_add (items, g_strdup_printf (_ ("%s: %s / %s"), name, a, b));
}

static void
add_number (GPtrArray *items,
            const char *name,
            double a,
            double b)
{
  g_autofree char *of_a = g_strdup_printf ("%g", a), *of_b = g_strdup_printf ("%g", b);

  add_item (items, name, of_a, of_b);
}

static char *
dup_member (JsonObject *object,
            const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("–");
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return lds_json_to_text (node, FALSE);
}

static void
add_member (GPtrArray *items,
            JsonObject *a,
            JsonObject *b,
            const char *name)
{
  g_autofree char *of_a = dup_member (a, name), *of_b = dup_member (b, name);
  g_autofree char *title = g_strdelimit (g_strdup (name), "_", ' ');

  add_item (items, title, of_a, of_b);
}

/* Adds @what with the list of @items, if there is any. */
static void
add_sentence (GPtrArray *sentences,
              const char *what,
              GPtrArray *items)
{
  g_autofree char *list = NULL;

  if (items->len == 0)
    return;
  g_ptr_array_add (items, NULL);
  list = g_strjoinv ("; ", (GStrv)items->pdata);
  g_ptr_array_add (sentences, g_strdup_printf (_ ("%s: %s."), what, list));
}

/* Members of both environments, once each. */
static GPtrArray *
list_members (JsonObject *a,
              JsonObject *b)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GList) of_a = json_object_get_members (a), of_b = json_object_get_members (b);

  for (GList *l = of_a; l != NULL; l = l->next)
    g_ptr_array_add (names, g_strdup (l->data));
  for (GList *l = of_b; l != NULL; l = l->next)
    if (!json_object_has_member (a, l->data))
      g_ptr_array_add (names, g_strdup (l->data));
  return names;
}

static void
add_environments (JsonObject *a,
                  JsonObject *b,
                  GPtrArray *sentences)
{
  static const char *const of_moment[] = {"started_at", "finished_at", "load_average_before",
                                          "load_average_after", NULL};
  static const char *const of_machine[] = {"cpu_model", "cpus", "memory_bytes", "architecture", NULL};
  static const char *const of_version[] = {"loadstone_version", "commit", "compiler",
                                           "build_type", "build_flags", "optimised",
                                           "sanitizers", "libraries", NULL};
  g_autoptr (GPtrArray) names = list_members (a, b);
  g_autoptr (GPtrArray) machine = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) version = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) set_up = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];

      if (!g_strv_contains (of_moment, name))
        add_member (g_strv_contains (of_machine, name)   ? machine
                    : g_strv_contains (of_version, name) ? version
                                                         : set_up,
                    a, b, name);
    }
  add_sentence (sentences, _ ("The two sessions come from different machines, whose difference is part of every figure"), machine);
  add_sentence (sentences, _ ("Different builds of Loadstone measured"), version);
  add_sentence (sentences, _ ("The machine was set up differently"), set_up);
}

static void
add_plans (const LdsPlan *a,
           const LdsPlan *b,
           GPtrArray *workloads,
           GPtrArray *sentences)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < workloads->len; i++)
    {
      const LdsWorkload *workload = workloads->pdata[i];
      LdsPlanLoad of_a = lds_plan_get_load (a, workload), of_b = lds_plan_get_load (b, workload);
      /* Translators: a workload */
      g_autofree char *connections = g_strdup_printf (_ ("connections of “%s”"), workload->title);
      /* Translators: a workload */
      g_autofree char *rate = g_strdup_printf (_ ("offered rate of “%s” in requests a second (0: closed loop)"), workload->title);

      add_number (items, connections, of_a.connections, of_b.connections);
      add_number (items, rate, of_a.rate_hz, of_b.rate_hz);
    }
  add_number (items, _ ("seconds measured"), (double)a->duration_ms / 1000, (double)b->duration_ms / 1000);
  add_number (items, _ ("seconds of warm-up"), (double)a->warm_up_ms / 1000, (double)b->warm_up_ms / 1000);
  add_number (items, _ ("threads of the load generator"), a->client_threads, b->client_threads);
  add_number (items, _ ("worker processes"), a->workers, b->workers);
  add_sentence (sentences, _ ("The two sessions were driven differently, so their figures answer different questions"), items);
}

GPtrArray *
lds_comparison_list_caveats (const LdsSession *a,
                             const LdsSession *b,
                             GPtrArray *workloads)
{
  GPtrArray *sentences = g_ptr_array_new_with_free_func (g_free);

  g_return_val_if_fail (a != NULL && b != NULL && workloads != NULL, sentences);

  add_plans (a->plan, b->plan, workloads, sentences);
  add_environments (a->environment, b->environment, sentences);
  return sentences;
}
