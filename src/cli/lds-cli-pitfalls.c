/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “pitfalls”: what is better not done, each run beside its remedy. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-cli-measure.h"
#include "lds-json.h"
#include "lds-knowledge.h"
#include "lds-pitfall-verdict.h"

#define FORMAT  "loadstone-pitfalls"
#define VERSION 1

static const char *
get_grade (const LdsPitfall *pitfall)
{
  const LdsEntry *entry = lds_knowledge_find (lds_rule_pack_get_default (), pitfall->id);

  return entry != NULL && entry->grade != NULL ? entry->grade : "–";
}

/* @session: (nullable) */
static void
add_json (JsonArray *array,
          const LdsPitfall *pitfall,
          const LdsSession *session)
{
  JsonNode *node = lds_pitfall_to_json (pitfall, session);

  json_object_set_string_member (json_node_get_object (node), "grade", get_grade (pitfall));
  json_array_add_element (array, node);
}

static void
print_json (JsonArray *array)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_string_member (object, "format", FORMAT);
  json_object_set_int_member (object, "version", VERSION);
  json_object_set_array_member (object, "pitfalls", json_array_ref (array));
  json_node_take_object (root, object);
  text = lds_json_to_text (root, TRUE);
  fputs (text, stdout);
}

static void
print_title (const LdsPitfall *pitfall)
{
  /* Translators: an identifier, what it is, and the grade of the evidence for it: “E1” */
  printf (_ ("%s  %s (evidence %s)\n"), pitfall->id, pitfall->title, get_grade (pitfall));
  printf ("      %s\n", pitfall->see);
}

static void
print_description (const LdsPitfall *pitfall)
{
  g_autofree char *wrong = lds_pitfall_side_dup_label (&pitfall->sides[LDS_PITFALL_WRONG]);
  g_autofree char *remedy = lds_pitfall_side_dup_label (&pitfall->sides[LDS_PITFALL_REMEDY]);

  print_title (pitfall);
  /* Translators: what a side does, and a lane */
  printf (_ ("      Pitfall: %s\n"), wrong);
  /* Translators: what a side does, and a lane */
  printf (_ ("      Remedy: %s\n"), remedy);
  /* Translators: a metric */
  printf (_ ("      Shown by: %s\n"), _ (pitfall->metric->title));
}

static void
print_side (const LdsPitfall *pitfall,
            LdsPitfallSideId id,
            const LdsPitfallVerdict *verdict,
            const LdsSession *session)
{
  g_autofree char *label = lds_pitfall_side_dup_label (&pitfall->sides[id]);
  g_autofree char *refusals = lds_pitfall_dup_refusals (pitfall, id, session);
  g_autofree char *figure =
      verdict->n_valid[id] > 0
          ? lds_cli_format_estimate (&verdict->estimates[id], pitfall->metric->unit)
          : g_strdup (_ ("INVALID"));

  printf ("      %s: %s\n", label, figure);
  if (refusals != NULL)
    /* Translators: the reasons, a sentence each */
    printf (_ ("        Refused: %s\n"), refusals);
}

static void
print_result (const LdsPitfall *pitfall,
              const LdsSession *session)
{
  LdsPitfallVerdict verdict = lds_pitfall_judge (pitfall, session);
  g_autofree char *text = lds_pitfall_verdict_dup_text (&verdict, pitfall);

  print_title (pitfall);
  for (int i = 0; i < LDS_PITFALL_N_SIDES; i++)
    print_side (pitfall, (LdsPitfallSideId)i, &verdict, session);
  printf ("      %s\n", text);
  for (guint i = 0; i < session->warnings->len; i++)
    printf ("      %s\n", ((const LdsInvalidReason *)session->warnings->pdata[i])->text);
  /* Whoever waits for the next one reads this meanwhile. */
  fflush (stdout);
}

static gboolean
list (gboolean json,
      GError **error)
{
  g_autoptr (JsonArray) array = json_array_new ();
  guint n_pitfalls;
  const LdsPitfall *pitfalls = lds_pitfall_list (&n_pitfalls);

  for (guint i = 0; i < n_pitfalls; i++)
    {
      if (json)
        add_json (array, &pitfalls[i], NULL);
      else
        print_description (&pitfalls[i]);
    }
  if (json)
    print_json (array);
  return TRUE;
}

/* Returns: (transfer full) (element-type LdsPitfall) (nullable): those that @ids name, each once; all for none */
static GPtrArray *
choose (char **ids,
        GError **error)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();
  guint n_pitfalls;
  const LdsPitfall *pitfalls = lds_pitfall_list (&n_pitfalls);

  for (guint i = 0; ids[0] == NULL && i < n_pitfalls; i++)
    g_ptr_array_add (chosen, (gpointer)&pitfalls[i]);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      const LdsPitfall *pitfall = lds_pitfall_find (ids[i], error);

      if (pitfall == NULL)
        return NULL;
      if (!g_ptr_array_find (chosen, pitfall, NULL))
        g_ptr_array_add (chosen, (gpointer)pitfall);
    }
  return g_steal_pointer (&chosen);
}

static gboolean
run (char **ids,
     gboolean quick,
     gboolean json,
     GError **error)
{
  g_autoptr (GPtrArray) chosen = choose (ids, error);
  g_autoptr (JsonArray) array = json_array_new ();
  guint n_unknown = 0;

  for (guint i = 0; chosen != NULL && i < chosen->len; i++)
    {
      const LdsPitfall *pitfall = chosen->pdata[i];
      g_autoptr (LdsPlan) plan = lds_pitfall_new_plan (pitfall, quick);
      /* A demonstration is no measurement to come back to. */
      g_auto (LdsCliRecord) record = {.kind = "pitfalls", .off = TRUE};
      g_autoptr (LdsSession) session = lds_cli_measure (plan, &record, error);

      if (session == NULL)
        return FALSE;
      n_unknown += lds_pitfall_judge (pitfall, session).finding == LDS_PITFALL_UNKNOWN;
      if (json)
        add_json (array, pitfall, session);
      else
        print_result (pitfall, session);
    }
  if (chosen == NULL)
    return FALSE;
  if (json)
    print_json (array);
  if (n_unknown == 0)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
               g_dngettext (GETTEXT_PACKAGE, "%u pitfall has too few valid runs to tell, for the reasons above.",
                            "%u pitfalls have too few valid runs to tell, for the reasons above.", n_unknown),
               n_unknown);
  return FALSE;
}

gboolean
lds_cli_pitfalls (int argc,
                  char **argv,
                  GError **error)
{
  gboolean json = FALSE, quick = FALSE;
  g_auto (GStrv) words = NULL;
  const GOptionEntry entries[] = {
      {"quick", 'q', 0, G_OPTION_ARG_NONE, &quick, N_ ("4 runs of 1 s a side instead of 5 of 3 s"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL},
      G_OPTION_ENTRY_NULL};

  if (!lds_cli_parse (argc, argv, _ ("[run [ID…]]"), entries, &words, error))
    return FALSE;
  if (words[0] != NULL && strcmp (words[0], "run") == 0)
    return run (words + 1, quick, json, error);
  if (words[0] != NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: an argument */
                   _ ("“%s” is nothing that pitfalls does; “pitfalls run ID” runs one, “pitfalls” lists them."), words[0]);
      return FALSE;
    }
  if (quick)
    return lds_error_refuse (error, _ ("--quick is for “pitfalls run”; leave it out to list them."));
  return list (json, error);
}
