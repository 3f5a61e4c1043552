/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule pack: what is refused, and that nothing in the shipped one is out of reach. */
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-model.h"
#include "lds-upgrade.h"
#include "lds-verdict-private.h"

#define QUESTION                                                               \
  "<question id=\"q\" type=\"choice\" fallback=\"a\" uses=\"X\" source=\"S\">" \
  "<text>T?</text><help>H</help><why>W</why>"                                  \
  "<value id=\"a\"><label>A</label></value><value id=\"b-1\"><label>B</label></value></question>"

static LdsRulePack *
load (const char *body,
      GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  g_autofree char *text = g_strdup_printf ("<decision version=\"1\">\n%s</decision>", body);

  g_ptr_array_add (names, (gpointer) "house.xml");
  g_ptr_array_add (texts, text);
  return lds_rule_pack_new_from_documents (names, texts, error);
}

static void
check_refused (const char *body,
               const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (load (body, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "house.xml"));
  g_assert_nonnull (strstr (error->message, "line "));
  g_assert_nonnull (strstr (error->message, part));
  /* The parser's own place and full stop do not follow ours. */
  g_assert_null (strstr (error->message, "Error on line"));
  g_assert_false (g_str_has_suffix (error->message, ".."));
}

static void
test_refused (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);

  for (guint i = 0; i < 100; i++)
    g_string_append (deep, "<x>");
  check_refused ("<question", "is not valid XML: ");
  check_refused (deep->str, "nested");
  check_refused ("<question/>", "“id”");
  check_refused ("<question id=\"q\" type=\"chioce\"/>", "“choice”");
  check_refused (QUESTION QUESTION, "two of “q”");
  check_refused (
      QUESTION
      "\n<gate id=\"G\" option=\"node\" source=\"S\" test=\"q = c\"><reason>R</reason></gate>",
      "line 3: the expression “q = c” is wrong");
  check_refused (QUESTION "<gate id=\"G\" option=\"node\" source=\"S\"><reason>R</reason></gate>",
                 "either “test” or “demand”");
  check_refused (QUESTION "<criterion id=\"c\" questions=\"q\"><title>C</title></criterion>",
                 "<points>");
  check_refused ("<amount question=\"q\" value=\"a\" number=\"3\"/>", "needs a question");
  check_refused (QUESTION "<amount question=\"q\" value=\"z\" number=\"3\"/>", "one of its values");
  check_refused (QUESTION "<amount question=\"q\" value=\"a\" number=\"-3\"/>", "above 0");
  check_refused ("<plan id=\"p\"/>", "at least one <measure>");
  check_refused ("<plan id=\"p\"><measure source=\"S\" connections=\"8\"/></plan>", "“run”");
  check_refused ("<plan id=\"p\"><measure run=\"w\" source=\"S\" connections=\"z\"/></plan>", "“z”");
  check_refused ("<plan id=\"p\"><measure run=\"w\" source=\"S\" connections=\"8\" rate=\"-1\"/></plan>",
                 "“-1”");
  check_refused ("<plan id=\"p\"><measure run=\"w\" connections=\"8\"/></plan>", "“source”");
  check_refused ("<lane id=\"l\" source=\"S\" when=\"x = 1\"/>", "“x = 1”");
  check_refused (QUESTION "<criterion id=\"c\" questions=\"z\"><title>C</title></criterion>",
                 "“z”");
  check_refused (
      QUESTION
      "<criterion id=\"c\" questions=\"q\"><title>C</title><points value=\"1\"/></criterion>",
      "“source”");
  check_refused (
      QUESTION
      "<advisor id=\"A\" source=\"S\" articles=\"000\" otherwise=\"node\"><title>T</title>"
      "<step id=\"1\" question=\"q\" test=\"q = a\" yes=\"1\"><text>T</text></step></advisor>",
      "neither a verdict nor a later step");
}

static void
check_version (const char *document,
               const char *part)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (names, (gpointer) "house.xml");
  g_ptr_array_add (texts, (gpointer)document);
  g_assert_null (lds_rule_pack_new_from_documents (names, texts, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_version (void)
{
  check_version ("<decision version=\"99\"/>", "newer Loadstone");
  check_version ("<decision version=\"0\"/>", "whole number");
  check_version ("<decision version=\"x\"/>", "must be a number");
  check_version ("<other/>", "<decision>");
}

#define HISTORY                                                                    \
  "<change version=\"2\" question=\"old\" to=\"older\"><text>One.</text></change>" \
  "<change version=\"3\" question=\"older\" to=\"q\"><text>Two.</text></change>"   \
  "<change version=\"3\" question=\"gone\"><text>Three.</text></change>"           \
  "<change version=\"4\" question=\"q\" value=\"b\" to=\"b-1\"><text>Four.</text></change>"

static LdsAnswers *
answers_from (LdsRulePack *pack,
              const char *text,
              GError **error)
{
  g_autoptr (JsonNode) root = json_from_string (text, NULL);

  return lds_answers_from_json (pack, json_node_get_object (root), error);
}

/* Older answers are brought up to date, and what changed is told; newer ones are refused. */
static void
test_upgrade (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LdsRulePack) pack = load (QUESTION HISTORY, &error);
  g_autoptr (LdsAnswers) oldest = NULL, older = NULL, now = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (lds_rule_pack_get_version (pack), ==, 4);
  oldest =
      answers_from (pack, "{\"rule_pack\": 1, \"answers\": {\"old\": \"b\", \"gone\": 3}}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lds_answers_get (oldest, "q"), ==, "b-1");
  g_assert_cmpuint (lds_answers_get_upgrades (oldest)->len, ==, 4);
  older = answers_from (pack, "{\"rule_pack\": 3, \"answers\": {\"q\": \"b\"}}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lds_answers_get (older, "q"), ==, "b-1");
  g_assert_cmpuint (lds_answers_get_upgrades (older)->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (lds_answers_get_upgrades (older), 0), ==,
                   "Version 4 of the rules: Four.");
  now = answers_from (pack, "{\"answers\": {\"q\": \"b-1\"}}", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (lds_answers_get_upgrades (now)->len, ==, 0);
  g_assert_null (answers_from (pack, "{\"rule_pack\": 4, \"answers\": {\"q\": \"b\"}}", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_null (answers_from (pack, "{\"rule_pack\": 5, \"answers\": {}}", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "newer Loadstone"));
}

/* Evaluates a condition with q = value. */
static double
evaluate (const char *expression,
          double value)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *escaped = g_markup_escape_text (expression, -1);
  g_autofree char *body = g_strdup_printf (
      QUESTION
      "<question id=\"n\" type=\"scale\" minimum=\"0\" maximum=\"9\" fallback=\"unknown\" uses=\"X\""
      " source=\"S\"><text>T</text><help>H</help><why>W</why></question>"
      "<condition id=\"c\" test=\"%s\" source=\"S\"><title>C</title></condition>",
      escaped);
  g_autoptr (LdsRulePack) pack = load (body, &error);
  double slots[LDS_N_SLOTS] = {NAN, value};

  g_assert_no_error (error);
  slots[0] = 1; /* q = b-1 */
  return lds_expression_evaluate (((LdsCondition *)g_ptr_array_index (pack->conditions, 0))->test,
                                  slots);
}

static void
test_expressions (void)
{
  g_assert_cmpfloat (evaluate ("q = b-1", 0), ==, 1);
  g_assert_cmpfloat (evaluate ("q != b-1", 0), ==, 0);
  g_assert_cmpfloat (evaluate ("q in (a, b-1) and not q = a", 0), ==, 1);
  g_assert_cmpfloat (evaluate ("1 + 2 * 3 - 4", 0), ==, 3);
  g_assert_cmpfloat (evaluate ("(1 + 2) * 3", 0), ==, 9);
  g_assert_cmpfloat (evaluate ("7 div 2 + 1 / 4", 0), ==, 3.25);
  g_assert_cmpfloat (evaluate ("abs (2 - n)", 5), ==, 3);
  g_assert_cmpfloat (evaluate ("min (n, 3) + max (n, 3)", 5), ==, 8);
  g_assert_cmpfloat (evaluate ("n >= 5 or n < 2", 5), ==, 1);
  g_assert_cmpfloat (evaluate ("n >= 5 or n < 2", 4), ==, 0);
  g_assert_cmpfloat (evaluate ("-2 + n", 5), ==, 3);
  /* Nothing known: every comparison is false, arithmetic stays unknown. */
  g_assert_cmpfloat (evaluate ("n >= 0", NAN), ==, 0);
  g_assert_cmpfloat (evaluate ("n < 0", NAN), ==, 0);
  g_assert_cmpfloat (evaluate ("not n < 0", NAN), ==, 1);
  g_assert_cmpfloat (evaluate ("known (n)", NAN), ==, 0);
  g_assert_true (isnan (evaluate ("n + 1", NAN)));
  g_assert_true (isnan (evaluate ("1 / 0", 0)));
}

static void
check_expression_refused (const char *expression,
                          const char *part)
{
  g_autofree char *escaped = g_markup_escape_text (expression, -1);
  g_autofree char *body = g_strdup_printf (
      QUESTION "<condition id=\"c\" test=\"%s\" source=\"S\"><title>C</title></condition>",
      escaped);

  check_refused (body, part);
}

static void
test_expressions_refused (void)
{
  g_autofree char *deep = g_strnfill (400, '(');
  g_autofree char *nots = g_strnfill (5000, '+');

  check_expression_refused ("q = c", "“a”");
  check_expression_refused ("p = a", "“p”");
  check_expression_refused ("q", "needs “=”");
  check_expression_refused ("q = a and", "ends too early");
  check_expression_refused ("q in a", "“(”");
  check_expression_refused ("q in (a", "“)”");
  check_expression_refused ("q = a q = a", "not expected");
  check_expression_refused ("1x", "not a number");
  check_expression_refused ("1 + #", "“#”");
  check_expression_refused (deep, "nested");
  check_expression_refused (nots, "longer than");
}

/* Conditions that double what they name would take for ever to evaluate. */
static void
test_doubling (void)
{
  g_autoptr (GString) body = g_string_new (QUESTION);

  g_string_append (body,
                   "<condition id=\"c0\" test=\"q = a\" source=\"S\"><title>C</title></condition>");
  for (guint i = 1; i < 60; i++)
    g_string_append_printf (
        body,
        "<condition id=\"c%u\" test=\"c%u and c%u\" source=\"S\"><title>C</title></condition>", i,
        i - 1, i - 1);
  check_refused (body->str, "too long");
}

/* The shipped documents with some bytes changed: refused or read, never worse. */
static void
test_mutations (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (GPtrArray) names = NULL, texts = NULL;
  guint read = 0, refused = 0;

  lds_rule_pack_get_documents (&names, &texts);
  for (guint round = 0; round < 400; round++)
    {
      guint victim = (guint)g_rand_int_range (rand, 0, (int)texts->len);
      g_autofree char *original = g_strdup (g_ptr_array_index (texts, victim));
      char *text = g_ptr_array_index (texts, victim);
      g_autoptr (GError) error = NULL;
      g_autoptr (LdsRulePack) pack = NULL;

      for (gint32 n = g_rand_int_range (rand, 1, 4); n > 0; n--)
        text[g_rand_int_range (rand, 0, (int)strlen (original))] =
            (char)g_rand_int_range (rand, 32, 127);
      pack = lds_rule_pack_new_from_documents (names, texts, &error);
      g_assert_true ((pack == NULL) == (error != NULL));
      if (pack != NULL)
        {
          g_autoptr (LdsAnswers) answers = lds_answers_new (pack);
          g_autoptr (LdsVerdict) verdict = lds_advise (answers, LDS_EVIDENCE_NONE);

          g_assert_nonnull (verdict->headline);
          read++;
        }
      else
        {
          g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
          refused++;
        }
      strcpy (text, original);
    }
  g_assert_cmpuint (read, >, 0);
  g_assert_cmpuint (refused, >, 0);
}

/* A value for every question, some unknown. */
static void
randomize (LdsRulePack *pack,
           GRand *rand,
           LdsAnswers *answers)
{
  for (guint q = 0; q < pack->questions->len; q++)
    {
      const LdsQuestionRule *rule = lds_rule_pack_rule (pack, q);
      guint n = lds_question_n_values (rule);
      double value = n > 0 ? lds_question_value_at (rule, (guint)g_rand_int_range (rand, 0, (int)n))
                           : g_rand_double_range (rand, rule->public.minimum, rule->public.maximum);
      g_autofree char *text = g_rand_double (rand) < 0.1 ? g_strdup ("unknown")
                                                         : lds_question_format_value (rule, value);
      g_autoptr (GError) error = NULL;

      lds_answers_set (answers, rule->public.id, text, &error);
      g_assert_no_error (error);
    }
}

static void
mark_notes (GHashTable *seen,
            GPtrArray *notes)
{
  for (guint i = 0; i < notes->len; i++)
    g_hash_table_add (seen, (gpointer)((LdsVerdictNote *)g_ptr_array_index (notes, i))->text);
}

static void
mark_all (GHashTable *seen,
          LdsRulePack *pack,
          LdsAnswers *answers)
{
  g_autoptr (LdsVerdict) verdict = lds_advise (answers, LDS_EVIDENCE_NONE);

  mark_notes (seen, verdict->patterns);
  mark_notes (seen, verdict->interop);
  mark_notes (seen, verdict->actions);
  mark_notes (seen, verdict->thresholds);
  for (guint i = 0; i < verdict->pitfalls->len; i++)
    g_hash_table_add (seen,
                      (gpointer)((LdsVerdictNote *)g_ptr_array_index (verdict->pitfalls, i))->id);
  /* Their words are the pack's, so interning makes them the same pointer. */
  for (guint i = 0; i < verdict->warnings->len; i++)
    g_hash_table_add (seen, (gpointer)g_intern_string (g_ptr_array_index (verdict->warnings, i)));
  for (guint o = 0; o < LDS_N_OPTIONS; o++)
    if (verdict->gate_ids[o] != NULL)
      g_hash_table_add (seen, (gpointer)verdict->gate_ids[o]);
  for (guint i = 0; i < verdict->advisors->len; i++)
    {
      const LdsAdvice *advice = g_ptr_array_index (verdict->advisors, i);

      for (guint s = 0; advice->path[s] != NULL; s++)
        g_hash_table_add (seen, (gpointer)g_intern_string (advice->path[s]));
    }
  for (guint q = 0; q < pack->questions->len; q++)
    if (lds_answers_is_asked (answers, lds_rule_pack_rule (pack, q)->public.id))
      g_hash_table_add (seen, (gpointer)lds_rule_pack_rule (pack, q)->public.id);
}

/* Whether a step was answered with yes or no on any path. */
static gboolean
was_walked (GHashTable *seen,
            const LdsStep *step,
            const char *answer)
{
  g_autofree char *beginning = g_strdup_printf ("%s %s", step->text, answer);
  GHashTableIter iter;
  gpointer text;

  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &text, NULL))
    if (g_str_has_prefix (text, beginning))
      return TRUE;
  return FALSE;
}

/* Every question is asked, every step answered both ways, and every gate, note and pitfall comes up
 * for some of these answers. */
static void
test_nothing_out_of_reach (void)
{
  LdsRulePack *pack = lds_rule_pack_get_default ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261121);
  g_autoptr (LdsAnswers) answers = lds_answers_new (pack);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_direct_hash, g_direct_equal);
  guint missing = 0;

  for (guint i = 0; i < 2500; i++)
    {
      randomize (pack, rand, answers);
      /* Both is rare among random answers. */
      if (i % 2 == 0)
        {
          g_assert_true (lds_answers_set (answers, "rt", "essential", NULL));
          g_assert_true (lds_answers_set (answers, "ml", i % 4 == 0 ? "core" : "inference", NULL));
          g_assert_true (lds_answers_set (answers, "split", "if", NULL));
        }
      mark_all (seen, pack, answers);
    }
  for (guint q = 0; q < pack->questions->len; q++)
    g_assert_true (g_hash_table_contains (seen, lds_rule_pack_rule (pack, q)->public.id));
  for (guint i = 0; i < pack->gates->len; i++)
    g_assert_true (
        g_hash_table_contains (seen, ((LdsGate *)g_ptr_array_index (pack->gates, i))->id));
  for (guint i = 0; i < pack->notes->len; i++)
    {
      const LdsNoteRule *note = g_ptr_array_index (pack->notes, i);
      gconstpointer text =
          strcmp (note->kind, "warning") == 0 ? g_intern_string (note->text) : note->text;

      if (g_hash_table_contains (seen, text))
        continue;
      g_test_message ("out of reach: %s", note->text);
      missing++;
    }
  for (guint i = 0; i < pack->entries->len; i++)
    {
      const LdsEntryRule *entry = g_ptr_array_index (pack->entries, i);

      if (entry->applies == NULL || g_hash_table_contains (seen, entry->public.id))
        continue;
      g_test_message ("never applies: %s", entry->public.id);
      missing++;
    }
  for (guint i = 0; i < pack->advisors->len; i++)
    {
      const LdsAdvisor *advisor = g_ptr_array_index (pack->advisors, i);

      for (guint s = 0; s < advisor->steps->len; s++)
        {
          const LdsStep *step = g_ptr_array_index (advisor->steps, s);

          if (was_walked (seen, step, "Yes") && was_walked (seen, step, "No"))
            continue;
          g_test_message ("never both ways: %s", step->id);
          missing++;
        }
    }
  g_assert_cmpuint (missing, ==, 0);
}

static void
test_explain (void)
{
  LdsRulePack *pack = lds_rule_pack_get_default ();
  g_autoptr (GPtrArray) entries = lds_knowledge_list (pack, NULL);
  g_autoptr (GError) error = NULL;
  const char *const others[] = {"conns", "rt", "conc", "G1", "A-000a", "Q-000-6b",
                                "many-connections"};

  g_assert_cmpuint (entries->len, >, 300);
  for (guint i = 0; i < entries->len; i++)
    {
      const LdsEntry *entry = g_ptr_array_index (entries, i);
      g_autoptr (JsonNode) node = lds_knowledge_explain (pack, entry->id, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "title"), ==,
                       entry->title);
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (JsonNode) node = lds_knowledge_explain (pack, others[i], NULL, &error);

      g_assert_no_error (error);
      g_assert_true (json_object_has_member (json_node_get_object (node), "title"));
    }
  g_assert_null (lds_knowledge_explain (pack, "R-000-11x", NULL, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "“R-000-11”"));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/advice/rule-pack/refused", test_refused);
  g_test_add_func ("/advice/rule-pack/version", test_version);
  g_test_add_func ("/advice/rule-pack/upgrade", test_upgrade);
  g_test_add_func ("/advice/rule-pack/expressions", test_expressions);
  g_test_add_func ("/advice/rule-pack/expressions-refused", test_expressions_refused);
  g_test_add_func ("/advice/rule-pack/doubling", test_doubling);
  g_test_add_func ("/advice/rule-pack/mutations", test_mutations);
  g_test_add_func ("/advice/rule-pack/nothing-out-of-reach", test_nothing_out_of_reach);
  g_test_add_func ("/advice/rule-pack/explain", test_explain);
  return g_test_run ();
}
