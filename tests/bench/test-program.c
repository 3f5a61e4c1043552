/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs say of themselves comes into the environment, and what is not to be measured with is said. */
#include "config.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "lds-environment-text.h"
#include "lds-environment.h"
#include "lds-error.h"
#include "lds-program.h"

static LdsSession *
new_session (void)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  return lds_session_new (plan);
}

/* Gives @session a run whose program says @line. */
static void
tell (LdsSession *session,
      const char *line)
{
  LdsRunSpec spec = lds_plan_run_spec (session->plan, 0);
  g_autoptr (LdsRun) run = lds_run_new (&spec);
  g_autoptr (JsonNode) node = json_from_string (line, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (lds_program_take (run, json_node_get_object (node), &error));
  g_assert_no_error (error);
  lds_program_tell (session, run);
}

static const char *
find_warning (const LdsSession *session,
              const char *code)
{
  for (guint i = 0; i < session->warnings->len; i++)
    if (strcmp (((LdsInvalidReason *)session->warnings->pdata[i])->code, code) == 0)
      return ((LdsInvalidReason *)session->warnings->pdata[i])->text;
  return NULL;
}

static void
test_libraries (void)
{
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) lines = NULL;
  const LdsEnvironmentText *line;

  tell (session, "{\"event\": \"ready\"}"); /* of an older server */
  g_assert_false (json_object_has_member (session->environment, "libraries"));
  tell (session, "{\"libraries\": [\"libuv 1.44.2\", \"libuvula 3\"]}");
  tell (session, "{\"libraries\": [\"liburing 2.3\"]}");
  tell (session, "{\"libraries\": [\"libuv 1.44.2\"]}");
  g_assert_cmpuint (session->warnings->len, ==, 0);
  lines = lds_environment_list_text (session->environment);
  g_assert_cmpuint (lines->len, ==, 1);
  line = lines->pdata[0];
  g_assert_cmpstr (line->title, ==, "Libraries");
  g_assert_cmpstr (line->text, ==, "libuv 1.44.2, libuvula 3, liburing 2.3");

  /* Updated while the session was interrupted. */
  tell (session, "{\"libraries\": [\"libuv 1.52.1\"]}");
  g_assert_cmpuint (session->warnings->len, ==, 1);
  g_assert_nonnull (strstr (find_warning (session, "library-changed"), "libuv 1.44.2 and some with libuv 1.52.1"));
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (session->environment, "libraries")), ==, 4);
}

static void
test_other_build (void)
{
  g_autoptr (LdsSession) session = new_session ();
  g_autofree char *ours =
      g_strdup_printf ("{\"commit\": \"%s\", \"libraries\": []}", lds_build_get ()->commit);

  tell (session, ours);
  g_assert_cmpuint (session->warnings->len, ==, 0);
  tell (session, "{\"commit\": \"0123456789ab\"}");
  tell (session, "{\"commit\": \"ba9876543210\"}");
  g_assert_cmpuint (session->warnings->len, ==, 1);
  g_assert_nonnull (strstr (find_warning (session, "other-build"), "0123456789ab"));
}

static void
test_refused (void)
{
  static const char *const bad[] = {
      "{\"commit\": 7}",
      "{\"libraries\": 7}",
      "{\"libraries\": [7]}",
      "{\"libraries\": [[]]}",
      "{\"libraries\": [null]}",
  };
  g_autoptr (LdsSession) session = new_session ();
  LdsRunSpec spec = lds_plan_run_spec (session->plan, 0);
  GString *flood = g_string_new ("{\"libraries\": [\"a 1\"");

  for (guint i = 0; i < 1000; i++)
    g_string_append (flood, ", \"a 1\"");
  g_string_append (flood, "]}");
  for (guint i = 0; i <= G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (LdsRun) run = lds_run_new (&spec);
      g_autoptr (JsonNode) node =
          json_from_string (i < G_N_ELEMENTS (bad) ? bad[i] : flood->str, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_false (lds_program_take (run, json_node_get_object (node), &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_cmpuint (run->libraries->len, <, 100);
    }
  g_string_free (flood, TRUE);
}

static void
test_slow_build (void)
{
  const LdsBuild good = {"0123456789ab", "gcc 12.2.0", "release", "-O3", "", true};
  LdsBuild plain = good, sanitized = good;
  g_autoptr (LdsSession) session = new_session (), other = new_session ();

  lds_program_warn_of_build (session, &good);
  g_assert_cmpuint (session->warnings->len, ==, 0);
  plain.optimised = false;
  plain.flags = "-O0 -g";
  lds_program_warn_of_build (session, &plain);
  lds_program_warn_of_build (session, &plain);
  g_assert_cmpuint (session->warnings->len, ==, 1);
  g_assert_nonnull (strstr (find_warning (session, "slow-build"), "without optimisation (-O0 -g)"));
  sanitized.sanitizers = "address,undefined";
  lds_program_warn_of_build (other, &sanitized);
  g_assert_nonnull (strstr (find_warning (other, "slow-build"), "sanitizers (address,undefined)"));
}

/* Only what both say is compared, and only what steers figures. */
static void
test_find_change (void)
{
  static const char *const deciding[] = {"commit", "compiler", "build_type", "build_flags", "governor"};
  JsonObject *now = lds_environment_read ();
  g_autofree char *none = NULL;

  {
    JsonObject *before = lds_environment_copy (now);

    json_object_remove_member (before, "commit");
    json_object_set_string_member (before, "started_at", "2026-01-01T00:00:00Z");
    none = lds_environment_find_change (before, now);
    g_assert_null (none);
    json_object_unref (before);
  }
  for (guint i = 0; i < G_N_ELEMENTS (deciding); i++)
    {
      JsonObject *before = lds_environment_copy (now);
      g_autofree char *found = NULL;

      json_object_set_string_member (before, deciding[i], "what it never was");
      found = lds_environment_find_change (before, now);
      g_assert_cmpstr (found, ==, deciding[i]);
      json_object_unref (before);
    }
  {
    JsonObject *before = lds_environment_copy (now);
    JsonArray *sanitizers = json_array_new ();
    g_autofree char *found = NULL;

    json_array_add_string_element (sanitizers, "memory");
    json_object_set_array_member (before, "sanitizers", sanitizers);
    found = lds_environment_find_change (before, now);
    g_assert_cmpstr (found, ==, "sanitizers");
    json_object_unref (before);
  }
  json_object_unref (now);
}

/* What this very test was built with is what the build says of itself. */
static void
test_this_build (void)
{
  const LdsBuild *build = lds_build_get ();
  JsonObject *environment = lds_environment_read ();

  g_assert_cmpstr (build->commit, !=, "");
#ifdef __OPTIMIZE__
  g_assert_true (build->optimised);
#else
  g_assert_false (build->optimised);
#endif
#ifdef __SANITIZE_ADDRESS__
  g_assert_nonnull (strstr (build->sanitizers, "address"));
#endif
  g_assert_cmpstr (json_object_get_string_member (environment, "commit"), ==, build->commit);
  g_assert_cmpstr (json_object_get_string_member (environment, "build_type"), ==, build->type);
  g_assert_true (json_object_get_boolean_member (environment, "optimised") == build->optimised);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (environment, "sanitizers")) > 0,
                    ==, *build->sanitizers != '\0');
  g_assert_true (json_object_has_member (environment, "pinning_possible"));
  json_object_unref (environment);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/program/libraries", test_libraries);
  g_test_add_func ("/bench/program/other-build", test_other_build);
  g_test_add_func ("/bench/program/refused", test_refused);
  g_test_add_func ("/bench/program/slow-build", test_slow_build);
  g_test_add_func ("/bench/program/find-change", test_find_change);
  g_test_add_func ("/bench/program/this-build", test_this_build);
  return g_test_run ();
}
