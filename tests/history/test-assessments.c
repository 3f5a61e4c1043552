/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Assessments: milestones that nothing changes, and what differs between two. */
#include <string.h>

#include "fixture.h"
#include "lds-error.h"
#include "lds-history-assessments.h"
#include "lds-history-diff.h"
#include "lds-history-edit.h"
#include "lds-history-sql.h"
#include "lds-json.h"

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = lds_json_parse (text, strlen (text), "test", &error);

  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}

static char *
diff (const char *from,
      const char *to)
{
  g_autoptr (JsonObject) before = parse (from), after = parse (to);
  g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), NULL);

  json_node_take_array (node, lds_history_diff_objects (before, after));
  return lds_json_to_text (node, FALSE);
}

static void
test_diff_objects (void)
{
  static const struct
  {
    const char *from, *to, *expected;
  } cases[] = {
      {"{}", "{}", "[]"},
      {"{\"a\":1,\"b\":{\"c\":[1,2]}}", "{\"b\":{\"c\":[1,2]},\"a\":1}", "[]"},
      {"{\"a\":1}", "{\"a\":2}", "[{\"member\":\"a\",\"from\":1,\"to\":2}]"},
      {"{\"a\":1}", "{}", "[{\"member\":\"a\",\"from\":1,\"to\":null}]"},
      {"{}", "{\"a\":{\"b\":1}}", "[{\"member\":\"a\",\"from\":null,\"to\":{\"b\":1}}]"},
      {"{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"b\":1,\"c\":3}}", "[{\"member\":\"a.c\",\"from\":2,\"to\":3}]"},
      {"{\"l\":[1,2]}", "{\"l\":[2,1]}", "[{\"member\":\"l\",\"from\":[1,2],\"to\":[2,1]}]"},
      /* By id, whatever the order. */
      {"{\"l\":[{\"id\":\"x\",\"v\":1},{\"id\":\"y\",\"v\":1}]}", "{\"l\":[{\"id\":\"y\",\"v\":2},{\"id\":\"x\",\"v\":1}]}",
       "[{\"member\":\"l.y.v\",\"from\":1,\"to\":2}]"},
      {"{\"l\":[{\"id\":\"x\"},{\"id\":\"x\"}]}", "{\"l\":[]}",
       "[{\"member\":\"l\",\"from\":[{\"id\":\"x\"},{\"id\":\"x\"}],\"to\":[]}]"},
      {"{\"a\":\"1\"}", "{\"a\":1}", "[{\"member\":\"a\",\"from\":\"1\",\"to\":1}]"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *found = diff (cases[i].from, cases[i].to);

      g_assert_cmpstr (found, ==, cases[i].expected);
    }
}

typedef struct
{
  char *path;
  LdsHistory *history;
  gint64 first, second;
} Fixture;

/* Two sessions of the same plan; in the second the event loop has three times the throughput. */
static void
fixture_set_up (Fixture *f,
                gconstpointer data)
{
  g_autoptr (LdsSession) before = fixture_session (6, 12, 0), after = fixture_session (6, 12, 100);

  for (guint i = 0; i < 12; i++)
    {
      LdsRun *run = after->runs->pdata[i];

      ((LdsRun *)before->runs->pdata[i])->valid = run->valid = TRUE;
      if (strcmp (run->spec.lane->model_id, "event-loop") == 0)
        run->achieved_rate_hz *= 3;
    }
  f->path = fixture_path ();
  f->history = fixture_open (f->path);
  f->first = fixture_record (f->history, "Before", before);
  f->second = fixture_record (f->history, "After", after);
}

static void
fixture_tear_down (Fixture *f,
                   gconstpointer data)
{
  lds_history_close (f->history);
  fixture_remove (f->path);
  g_free (f->path);
}

static void
add_both (Fixture *f)
{
  g_autoptr (JsonObject) answers = parse ("{\"conns\":\"1k\",\"js\":4}"), later = parse ("{\"conns\":\"10k\",\"js\":4}");
  g_autoptr (JsonObject) verdict = parse ("{\"verdict\":\"node\",\"confidence\":74}");
  g_autoptr (GError) error = NULL;

  g_assert_true (lds_history_add_milestone (f->history, "Checkout", "first", answers, verdict,
                                            &f->first, 1, &error));
  g_assert_no_error (error);
  g_assert_true (lds_history_add_milestone (f->history, "Checkout", "second", later, verdict,
                                            &f->second, 1, &error));
  g_assert_no_error (error);
}

static void
test_milestones (Fixture *f,
                 gconstpointer data)
{
  g_autoptr (GPtrArray) assessments = NULL;
  g_autoptr (JsonObject) milestone = NULL, again = NULL;
  g_autoptr (JsonArray) difference = NULL;
  g_autoptr (GError) error = NULL;
  const LdsHistoryAssessment *assessment;
  gint64 ids[2] = {f->first, f->second}, none = 99;
  guint n;

  add_both (f);
  g_assert_false (lds_history_add_milestone (f->history, "Checkout", "first", NULL, NULL, &f->first, 1, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_false (lds_history_add_milestone (f->history, "Unmade", "first", NULL, NULL, &none, 1, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  assessments = lds_history_list_assessments (f->history, &error);
  g_assert_cmpuint (assessments->len, ==, 1);
  assessment = assessments->pdata[0];
  g_assert_cmpstr (assessment->name, ==, "Checkout");
  g_assert_cmpuint (assessment->milestones->len, ==, 2);
  g_assert_cmpstr (((LdsHistoryMilestone *)assessment->milestones->pdata[1])->name, ==, "second");

  /* Nothing changes it: no statement, and not the end of what it was made from. */
  milestone = lds_history_load_milestone (f->history, "Checkout", "first", &error);
  g_assert_no_error (error);
  g_assert_false (lds_history_execute (f->history, &error, "UPDATE milestone SET document = '{}'", ""));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_true (lds_history_rename (f->history, f->first, "Renamed", &error));
  g_assert_true (lds_history_delete (f->history, ids, 2, &error));
  g_assert_true (lds_history_purge (f->history, &n, &error));
  again = lds_history_load_milestone (f->history, "Checkout", "first", &error);
  g_assert_no_error (error);
  difference = lds_history_diff_objects (milestone, again);
  g_assert_cmpuint (json_array_get_length (difference), ==, 0);
}

static void
test_delete (Fixture *f,
             gconstpointer data)
{
  g_autoptr (JsonObject) milestone = NULL, renamed = NULL;
  g_autoptr (GError) error = NULL;

  add_both (f);
  g_assert_true (lds_history_delete_assessment (f->history, "Checkout", &error));
  g_assert_null (lds_history_load_milestone (f->history, "Checkout", "first", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_false (lds_history_delete_assessment (f->history, "Checkout", &error));
  g_clear_error (&error);
  /* Another one may have the name, and then the old one cannot come back to it. */
  add_both (f);
  g_assert_cmpuint (lds_history_undo (f->history, &error), ==, 0);
  g_assert_nonnull (strstr (error->message, "Checkout"));
  g_clear_error (&error);
  /* Until that other one has another. */
  g_assert_true (lds_history_rename_assessment (f->history, "Checkout", " Till ", &error));
  g_assert_cmpuint (lds_history_undo (f->history, &error), ==, 1);
  g_assert_no_error (error);
  renamed = lds_history_load_milestone (f->history, "Till", "first", &error);
  g_assert_nonnull (renamed);
  g_assert_false (lds_history_rename_assessment (f->history, "Till", "Checkout", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_false (lds_history_rename_assessment (f->history, "Desk", "Counter", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_false (lds_history_rename_assessment (f->history, "Till", "two\nlines", &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_clear_error (&error);
  milestone = lds_history_load_milestone (f->history, "Checkout", "first", &error);
  g_assert_no_error (error);
}

static JsonObject *
find_entry (JsonArray *entries,
            const char *lane,
            const char *metric)
{
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *entry = json_array_get_object_element (entries, i);

      if (strcmp (json_object_get_string_member (entry, "lane"), lane) == 0 &&
          strcmp (json_object_get_string_member (entry, "metric"), metric) == 0)
        return entry;
    }
  g_assert_not_reached ();
}

static void
test_diff (Fixture *f,
           gconstpointer data)
{
  g_autoptr (JsonObject) from = NULL, to = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *answers = NULL;
  g_autoptr (JsonNode) answers_node = json_node_alloc ();
  JsonObject *root, *entry;
  JsonArray *measurements;
  guint n_metrics;
  const char *key = lds_metric_find ("throughput")->json_key;

  lds_metric_list (&n_metrics);
  add_both (f);
  from = lds_history_load_milestone (f->history, "Checkout", "first", NULL);
  to = lds_history_load_milestone (f->history, "Checkout", "second", NULL);
  node = lds_history_diff_milestones (from, to);
  root = json_node_get_object (node);
  json_node_init_array (answers_node, json_object_get_array_member (root, "answers"));
  answers = lds_json_to_text (answers_node, FALSE);
  g_assert_cmpstr (answers, ==, "[{\"member\":\"conns\",\"from\":\"1k\",\"to\":\"10k\"}]");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "verdict")), ==, 0);
  measurements = json_object_get_array_member (root, "measurements");
  entry = find_entry (measurements, "model:event-loop", key);
  g_assert_cmpfloat (json_object_get_double_member (entry, "ratio"), ==, 3);
  g_assert_false (json_object_get_boolean_member (entry, "intervals_overlap"));
  entry = find_entry (measurements, "model:prefork", key);
  g_assert_cmpfloat (json_object_get_double_member (entry, "ratio"), ==, 1);
  g_assert_true (json_object_get_boolean_member (entry, "intervals_overlap"));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (root, "only_from")), ==, 0);
}

/* Under another load nothing is compared. */
static void
test_diff_load (Fixture *f,
                gconstpointer data)
{
  g_autoptr (LdsSession) other = fixture_session (6, 12, 500);
  g_autoptr (JsonObject) from = NULL, to = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  gint64 id;

  lds_plan_set_load (other->plan, other->plan->workloads->pdata[0], 7, 0);
  id = fixture_record (f->history, "Other", other);
  add_both (f);
  g_assert_true (lds_history_add_milestone (f->history, "Checkout", "other", NULL, NULL, &id, 1, &error));
  from = lds_history_load_milestone (f->history, "Checkout", "first", NULL);
  to = lds_history_load_milestone (f->history, "Checkout", "other", NULL);
  node = lds_history_diff_milestones (from, to);
  g_assert_cmpuint (json_array_get_length (
                        json_object_get_array_member (json_node_get_object (node), "measurements")),
                    ==, 0);
  g_assert_cmpuint (json_array_get_length (
                        json_object_get_array_member (json_node_get_object (node), "only_from")),
                    ==, 2);
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (json_node_get_object (node), "only_to")),
      ==, 2);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/assessments/diff-objects", test_diff_objects);
#define ADD(path, func) \
  g_test_add ("/history/assessments/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("milestones", test_milestones);
  ADD ("delete", test_delete);
  ADD ("diff", test_diff);
  ADD ("diff-load", test_diff_load);
  return g_test_run ();
}
