/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Twins: each profile is a lane on a model that it is for, the user's own before a shipped one; a file that is wrong is
 * passed over and named; a twin of a profile that is not here is no more than a name. */
#include "lds-twin.h"

#include <glib/gstdio.h>
#include <string.h>

#include "lds-error.h"
#include "lds-plan.h"
#include "lds-server-command.h"

#define PROFILE                                                                                 \
  "{\"version\": 1, \"id\": \"%s\", \"title\": \"%s\", \"runtime\": \"Own 1\", "                \
  "\"framework\": \"none\", \"models\": [%s], \"provenance\": {\"source\": \"me\", "            \
  "\"machine\": \"mine\", \"date\": \"2026-11-28\", \"kind\": \"measured\", \"note\": \"-\"}, " \
  "\"cost\": {}}"

static char *data_home;

/* @name: of the file, with ".json" */
static char *
write_own (const char *name,
           const char *text)
{
  g_autofree char *folder = lds_twin_dup_own_folder ();
  char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_str_has_prefix (folder, data_home));
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* As calibrated on a processor that nobody has. */
#define CALIBRATED                                                                                \
  "{\"version\": 1, \"id\": \"%s\", \"title\": \"T\", \"runtime\": \"R\", \"framework\": \"F\", " \
  "\"models\": [\"M1\"], \"provenance\": {\"source\": \"me\", \"machine\": \"mine\", "            \
  "\"date\": \"2026-11-28\", \"kind\": \"measured\", \"note\": \"-\"}, \"cost\": {}, "            \
  "\"calibration\": {\"loadstone\": \"1\", \"cpu_model\": \"Abacus\", \"cpu_work_ns\": %s, "      \
  "\"runs\": 5, \"figures\": {}, \"residuals\": []}}"

static void
write_all (void)
{
  g_autofree char *slow_text = g_strdup_printf (CALIBRATED, "abacus", "4e6");
  g_autofree char *fast_text = g_strdup_printf (CALIBRATED, "abacus-2", "2e6");
  g_autofree char *snail_text = g_strdup_printf (CALIBRATED, "snail", "1e12");
  g_autofree char *slow = write_own ("abacus.json", slow_text);
  g_autofree char *fast = write_own ("abacus-2.json", fast_text);
  g_autofree char *snail = write_own ("snail.json", snail_text);
  g_autofree char *mine = g_strdup_printf (PROFILE, "node-http", "My node", "\"M2\", \"M1\"");
  g_autofree char *threads = g_strdup_printf (PROFILE, "my-threads", "My threads", "\"M4\"");
  g_autofree char *none = g_strdup_printf (PROFILE, "of-no-model", "Of no model", "\"M9z\"");
  g_autofree char *a = write_own ("node-http.json", mine);
  g_autofree char *b = write_own ("my-threads.json", threads);
  g_autofree char *c = write_own ("of-no-model.json", none);
  g_autofree char *d = write_own ("broken.json", "{\"id\": \"broken\"");
}

static void
test_listed (void)
{
  GPtrArray *twins = lds_twin_list (), *faults = lds_twin_list_faults ();
  guint n_lanes, n_twins = 0;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  g_assert_cmpuint (faults->len, ==, 1);
  g_assert_nonnull (strstr (faults->pdata[0], "broken.json"));
  g_assert_cmpuint (twins->len, >=, 3);
  for (guint i = 1; i < twins->len; i++)
    g_assert_cmpstr (((LdsTwin *)twins->pdata[i - 1])->id, <, ((LdsTwin *)twins->pdata[i])->id);
  for (guint i = 0; i < n_lanes; i++)
    {
      g_autofree char *label = lds_lane_dup_label (&lanes[i]);

      if (lanes[i].provenance != LDS_PROVENANCE_TWIN)
        continue;
      n_twins++;
      g_assert_nonnull (strstr (label, "(twin"));
      g_assert_true (lds_lane_check (&lanes[i], NULL));
      g_assert_true (
          lds_twin_check_model (lanes[i].twin, lanes[i].model_id, lanes[i].model_code, NULL));
      g_assert_false (lanes[i].proposed);
    }
  /* All but the one that no model is for. */
  g_assert_cmpuint (n_twins, ==, twins->len - 1);
}

static void
test_model (void)
{
  const LdsLane *node = lds_lane_find ("twin:node-http", NULL);
  const LdsLane *threads = lds_lane_find ("twin:my-threads", NULL);
  const LdsLane *cluster = lds_lane_find ("twin:node-http/cluster", NULL);
  g_autofree char *label = lds_lane_dup_label (cluster);
  g_autofree char *identity = lds_twin_dup_identity (node->twin);

  /* The user's own, on the model of the runtime of that name, though it names another first. */
  g_assert_cmpstr (node->title, ==, "My node");
  g_assert_cmpstr (node->model_id, ==, "event-loop");
  g_assert_cmpuint (strlen (node->twin->digest), ==, 64);
  g_assert_true (g_str_has_prefix (identity, "node-http measured 2026-11-28 sha256:"));
  g_assert_cmpstr (threads->model_id, ==, "gil-threads");
  g_assert_true (threads->holds_no_streams);
  g_assert_cmpint (threads->family, ==, LDS_FAMILY_THREADS);

  g_assert_true (cluster == lds_lane_find ("twin:node-http/cluster", NULL));
  g_assert_cmpstr (cluster->model_id, ==, "cluster");
  g_assert_true (cluster->has_workers && cluster->twin == node->twin);
  g_assert_true (lds_lane_check (cluster, NULL));
  g_assert_cmpstr (label, ==, "My node: Event loops, one a processor (twin)");
}

/* A report may be of another machine. */
static void
test_unknown (void)
{
  static const struct
  {
    const char *id, *part;
  } cases[] = {
      {"twin:node-htp", "“node-http”"},
      {"twin:zzzzzzzzzzzz", "loadstone-cli profiles"},
      {"twin:node-http/gil-threads", "M2, M1"},
      {"twin:node-http/no-model", "no-model"},
  };
  static const char *const wrong[] = {"twin:", "twin:a b", "twin:../x", "twin:/cluster", "twin:node-http/", "twin:a/b/c", NULL};

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      const LdsLane *lane = lds_lane_find (cases[i].id, NULL);

      g_assert_nonnull (lane);
      g_assert_cmpint (lane->provenance, ==, LDS_PROVENANCE_TWIN);
      g_assert_null (lane->twin);
      g_assert_false (lds_lane_check (lane, &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_nonnull (strstr (error->message, cases[i].part));
    }
  for (guint i = 0; wrong[i] != NULL; i++)
    g_assert_null (lds_lane_find (wrong[i], NULL));
}

static void
test_command (void)
{
  const LdsLane *lane = lds_lane_find ("twin:node-http/cluster", NULL);
  LdsRunSpec spec = {.lane = lane, .workload = lds_workload_find ("hello", NULL), .workers = 2};
  LdsServerCommand command;
  g_autofree char *line = NULL, *profile = g_strconcat ("--profile ", lane->twin->path, NULL);

  g_assert_true (lds_server_command_init (&command, &spec, "/server", NULL));
  line = g_strjoinv (" ", command.argv);
  g_assert_true (g_str_has_prefix (line, "/server --model cluster --port 0 "));
  g_assert_nonnull (strstr (line, "--workers 2"));
  g_assert_nonnull (strstr (line, profile));
  lds_server_command_clear (&command);
}

/* Times of another machine are scaled by what a piece of work takes, and that is said. */
static void
test_scale (void)
{
  const LdsLane *lane = lds_lane_find ("twin:abacus", NULL);
  const LdsTwin *slow = lane->twin, *fast = lds_twin_find ("abacus-2", NULL);
  LdsRunSpec spec = {.lane = lane, .workload = lds_workload_find ("hello", NULL)};
  g_autofree char *label = lds_lane_dup_label (lane), *line = NULL, *expected = NULL;
  LdsServerCommand command;

  g_assert_true (lds_twin_is_foreign (slow));
  g_assert_cmpfloat (lds_twin_get_scale (slow), >, 0);
  g_assert_cmpfloat_with_epsilon (lds_twin_get_scale (fast), 2 * lds_twin_get_scale (slow), 1e-9);
  g_assert_cmpfloat (lds_twin_get_scale (lds_twin_find ("snail", NULL)), ==, 0.01);
  g_assert_cmpstr (label, ==, "T (twin, calibrated on another machine)");
  g_assert_true (lds_server_command_init (&command, &spec, "/server", NULL));
  line = g_strjoinv (" ", command.argv);
  expected = g_strdup_printf ("--profile-scale-permille %.0f", lds_twin_get_scale (slow) * 1000);
  g_assert_nonnull (strstr (line, expected));
  lds_server_command_clear (&command);

  /* What does not say which machine it was is taken as it is. */
  g_assert_false (lds_twin_is_foreign (lds_twin_find ("my-threads", NULL)));
  g_assert_cmpfloat (lds_twin_get_scale (lds_twin_find ("my-threads", NULL)), ==, 1);
}

static void
test_wrong (void)
{
  static const struct
  {
    const char *name, *text, *part;
  } cases[] = {
      {"a.json", "[]", "a.json"},
      {"a.json", "{\"provenance\": {}}", "“id”"},
      {"a.json", "{\"id\": \"a\"}", "“provenance”"},
      {"a.json", "{\"id\": \"a\", \"provenance\": {}, \"title\": 1}", "title"},
      {"Upper.json", PROFILE, "lower-case"},
      {"other.json", PROFILE, "“other”"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = cases[i].text[0] == '{' && strchr (cases[i].text, '%') != NULL
                                  ? g_strdup_printf (PROFILE, "Upper", "T", "\"M1\"")
                                  : g_strdup (cases[i].text);
      g_autofree char *path = write_own (cases[i].name, text);
      g_autoptr (GError) error = NULL;

      g_assert_null (lds_twin_load (path, &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_nonnull (strstr (error->message, cases[i].part));
      g_unlink (path);
    }
}

static void
remove_all (void)
{
  g_autofree char *folder = lds_twin_dup_own_folder ();
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_rmdir (parent);
  g_rmdir (data_home);
  g_free (data_home);
}

/* A profile that is made while this runs changes its lanes where they are, and adds one that was not there. */
static void
test_renewed (void)
{
  guint n_before, n_after;
  const LdsLane *lanes = lds_lane_list (&n_before);
  const LdsLane *node = lds_lane_find ("twin:node-http", NULL);
  const LdsLane *cluster = lds_lane_find ("twin:node-http/cluster", NULL);
  const LdsLane *later = lds_lane_find ("twin:node-cluster", NULL), *unasked;
  const LdsTwin *former = node->twin;
  const char *former_title = node->title;
  g_autofree char *newer = g_strdup_printf (PROFILE, "node-http", "Newer node", "\"M2\", \"M1\"");
  g_autofree char *made = g_strdup_printf (PROFILE, "node-cluster", "My cluster", "\"M2\"");
  g_autofree char *more = g_strdup_printf (PROFILE, "node-workers", "My workers", "\"M3\"");
  g_autofree char *a = write_own ("node-http.json", newer);
  g_autofree char *b = write_own ("node-cluster.json", made);
  g_autofree char *c = write_own ("node-workers.json", more);
  g_autofree char *d = write_own ("broken.json", "{\"id\": \"broken\"");
  g_autoptr (GError) error = NULL;

  g_assert_true (lds_lane_renew_twin (a, &error) == node);
  g_assert_no_error (error);
  g_assert_cmpstr (node->title, ==, "Newer node");
  g_assert_cmpstr (cluster->title, ==, "Newer node: Event loops, one a processor");
  g_assert_true (node->twin != former && node->twin == cluster->twin &&
                 node->twin == lds_twin_find ("node-http", NULL));
  g_assert_cmpstr (former->title, ==, "My node");
  g_assert_cmpstr (former_title, ==, "My node");

  /* Asked for before, as by a report of another machine, and not: neither moves a lane. */
  g_assert_false (lds_lane_check (later, NULL));
  g_assert_true (lds_lane_renew_twin (b, &error) == later);
  g_assert_no_error (error);
  g_assert_true (lds_lane_check (later, NULL));
  g_assert_cmpstr (later->model_id, ==, "cluster");
  unasked = lds_lane_renew_twin (c, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (unasked->id, ==, "twin:node-workers");
  g_assert_true (lds_lane_list (&n_after) == lanes);
  g_assert_cmpuint (n_after, ==, n_before + 1);
  g_assert_true (&lanes[n_before] == unasked && unasked == lds_lane_find ("twin:node-workers", NULL));

  g_assert_null (lds_lane_renew_twin (d, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  g_assert_cmpstr (node->title, ==, "Newer node");
}

int
main (int argc,
      char *argv[])
{
  int status;

  data_home = g_dir_make_tmp ("lds-twin-XXXXXX", NULL);
  g_setenv ("XDG_DATA_HOME", data_home, TRUE);
  g_test_init (&argc, &argv, NULL);
  write_all ();
  g_test_add_func ("/bench/twin/listed", test_listed);
  g_test_add_func ("/bench/twin/model", test_model);
  g_test_add_func ("/bench/twin/unknown", test_unknown);
  g_test_add_func ("/bench/twin/command", test_command);
  g_test_add_func ("/bench/twin/scale", test_scale);
  g_test_add_func ("/bench/twin/wrong", test_wrong);
  g_test_add_func ("/bench/twin/renewed", test_renewed);
  status = g_test_run ();
  remove_all ();
  return status;
}
