/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors of runtimes: what is shipped is sound, what is wrong is refused with its place, and a lane of one that
 * is not here is no more than a name. */
#include "lds-runtime.h"

#include <glib/gstdio.h>
#include <string.h>

#include "lds-error.h"
#include "lds-plan.h"

#define HEAD     "<runtime version=\"1\" id=\"own\" family=\"event-loop\" model=\"event-loop\">"
#define TEXTS    "<title>Own</title><description>One of my own.</description>"
#define DETECT   "<detect program=\"no-such-program sh\" arguments=\"-c 'echo'\"/>"
#define START    "<start arguments=\"{folder}/run -p {port} x{port}\" workers=\"-w {workers}\"/>"
#define READY    "<ready path=\"/\"/>"
#define SERVES   "<serves workloads=\"hello slow\"/>"
#define TAIL     "</runtime>"
#define COMPLETE HEAD TEXTS DETECT START READY SERVES TAIL

static char *
write_descriptor (const char *text)
{
  g_autofree char *parent = g_dir_make_tmp ("lds-runtime-XXXXXX", NULL);
  char *folder = g_build_filename (parent, "own", NULL);
  g_autofree char *path = g_build_filename (folder, "runtime.xml", NULL);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return folder;
}

static void
remove_descriptor (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "runtime.xml", NULL);
  g_autofree char *parent = g_path_get_dirname (folder);

  g_unlink (path);
  g_rmdir (folder);
  g_rmdir (parent);
}

static void
test_complete (void)
{
  g_autofree char *folder = write_descriptor (COMPLETE);
  g_autofree char *run = g_build_filename (folder, "run", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LdsRuntime) runtime = lds_runtime_load (folder, &error);
  g_auto (GStrv) alone = NULL, many = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (runtime->id, ==, "own");
  g_assert_cmpint (runtime->family, ==, LDS_FAMILY_EVENT_LOOP);
  g_assert_false (runtime->speaks);
  g_assert_true (lds_runtime_serves (runtime, lds_workload_find ("hello", NULL)));
  g_assert_true (lds_runtime_serves (runtime, lds_workload_find ("slow?ms=50", NULL)));
  g_assert_false (lds_runtime_serves (runtime, lds_workload_find ("json", NULL)));

  /* The first program that is there; a place as often as it is named. */
  alone = lds_runtime_make_command (runtime, 8080, 0, &error);
  g_assert_no_error (error);
  g_assert_true (g_path_is_absolute (alone[0]) && g_str_has_suffix (alone[0], "sh"));
  g_assert_cmpstr (alone[1], ==, run);
  g_assert_cmpstr (alone[2], ==, "-p");
  g_assert_cmpstr (alone[3], ==, "8080");
  g_assert_cmpstr (alone[4], ==, "x8080");
  g_assert_cmpuint (g_strv_length (alone), ==, 5);
  many = lds_runtime_make_command (runtime, 8080, 3, &error);
  g_assert_cmpstr (many[6], ==, "3");
  remove_descriptor (folder);
}

#define SETUP_NPM  "<setup with=\"npm\" packages=\"express\"/>"
#define SETUP_VENV "<setup with=\"venv\" packages=\"flask  gunicorn\"/>"

/* Places are filled in arguments and environment; what is started of a venv is its own interpreter. */
static void
test_packages (void)
{
  g_autofree char *folder = write_descriptor (
      HEAD TEXTS DETECT SETUP_NPM "<environment name=\"MODE\" value=\"{packages}=a b\"/><environment name=\"HOME\" value=\"/\"/>" START
          READY SERVES TAIL);
  g_autofree char *other = write_descriptor (
      HEAD TEXTS DETECT SETUP_VENV "<start arguments=\"-m gunicorn {packages}/x {port}\"/>" READY SERVES TAIL);
  g_autofree char *cache = g_build_filename (g_get_user_cache_dir (), "loadstone", "runtimes", "own", NULL);
  g_autofree char *python = g_build_filename (cache, "bin", "python3", NULL);
  g_autofree char *x = g_build_filename (cache, "x", NULL);
  g_autofree char *modules = g_build_filename (cache, "node_modules", NULL);
  g_autofree char *mode = g_strconcat (cache, "=a b", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LdsRuntime) npm = lds_runtime_load (folder, &error);
  g_autoptr (LdsRuntime) venv = lds_runtime_load (other, &error);
  g_auto (GStrv) command = NULL, environment = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (npm->installer, ==, LDS_INSTALLER_NPM);
  g_assert_cmpint (venv->installer, ==, LDS_INSTALLER_VENV);
  g_assert_cmpstr (venv->packages[1], ==, "gunicorn");
  environment = lds_runtime_make_environment (npm);
  g_assert_cmpstr (g_environ_getenv (environment, "MODE"), ==, mode);
  g_assert_cmpstr (g_environ_getenv (environment, "HOME"), ==, "/");
  g_assert_cmpstr (g_environ_getenv (environment, "NODE_PATH"), ==, modules);
  g_assert_cmpstr (g_environ_getenv (environment, "PATH"), ==, g_getenv ("PATH"));
  command = lds_runtime_make_command (venv, 80, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (command[0], ==, python);
  g_assert_cmpstr (command[3], ==, x);
  remove_descriptor (folder);
  remove_descriptor (other);
}

static void
test_wrong (void)
{
  static const struct
  {
    const char *text, *part;
  } cases[] = {
      {"", "runtime.xml"},
      {"<runtime", "runtime.xml"},
      {"<server/>", "version"},
      {"<runtime version=\"2\"/>", "version"},
      {"<runtime version=\"1\" id=\"other\"/>", "“own”"},
      {HEAD TAIL, "<title>"},
      {HEAD "<title>Own</title>" TAIL, "<description>"},
      {HEAD TEXTS TAIL, "<detect>"},
      {HEAD TEXTS "<detect program=\" \"/>" START READY SERVES TAIL, "name a program"},
      {HEAD TEXTS "<detect program=\"sh\" minimum=\"3.\"/>" START READY SERVES TAIL, "“minimum”"},
      {HEAD TEXTS "<detect program=\"sh\" minimum=\"new\"/>" START READY SERVES TAIL, "“minimum”"},
      {HEAD TEXTS DETECT TAIL, "<start>"},
      {HEAD TEXTS DETECT START SERVES TAIL, "<ready>"},
      {HEAD TEXTS DETECT "<start arguments=\"run\"/>" READY SERVES TAIL, "{port}"},
      {HEAD TEXTS DETECT "<start arguments=\"{port}\" workers=\"3\"/>" READY SERVES TAIL, "{workers}"},
      {HEAD TEXTS DETECT START READY TAIL, "<serves>"},
      {HEAD TEXTS DETECT START READY "<serves workloads=\"hallo\"/>" TAIL, "“hello”"},
      {HEAD TEXTS DETECT "<setup with=\"npm\"/>" START READY SERVES TAIL, "packages"},
      {HEAD TEXTS DETECT "<setup packages=\"a\"/>" START READY SERVES TAIL, "with"},
      {HEAD TEXTS DETECT "<setup with=\"apt\" packages=\"a\"/>" START READY SERVES TAIL, "npm or venv"},
      {HEAD TEXTS DETECT "<start arguments=\"{packages}/run {port}\"/>" READY SERVES TAIL, "<setup>"},
      {HEAD TEXTS DETECT "<environment name=\"A\" value=\"{packages}\"/>" START READY SERVES TAIL, "<setup>"},
      {HEAD TEXTS DETECT "<environment name=\"A=B\" value=\"C\"/>" START READY SERVES TAIL, "A=B"},
      {HEAD TEXTS DETECT "<environment name=\"A\"/>" START READY SERVES TAIL, "value"},
      {"<runtime version=\"1\" id=\"own\" family=\"snake\" model=\"x\">" TEXTS DETECT START READY SERVES TAIL,
       "event-loop, asyncio, threads, prefork, polyglot"},
      {"<runtime version=\"1\" id=\"own\" family=\"asyncio\">" TEXTS DETECT START READY SERVES TAIL, "model"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *folder = write_descriptor (cases[i].text);
      g_autoptr (GError) error = NULL;

      g_assert_null (lds_runtime_load (folder, &error));
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].part));
      g_assert_nonnull (strstr (error->message, "runtime.xml"));
      remove_descriptor (folder);
    }
}

/* Each shipped one is a lane, a kind of server that there is a model of. */
static void
test_shipped (void)
{
  GPtrArray *runtimes = lds_runtime_list ();

  g_assert_cmpuint (lds_runtime_list_faults ()->len, ==, 0);
  g_assert_cmpuint (runtimes->len, >=, 7);
  for (guint i = 0; i < runtimes->len; i++)
    {
      const LdsRuntime *runtime = runtimes->pdata[i];
      g_autofree char *id = g_strconcat ("real:", runtime->id, NULL);
      const LdsLane *lane = lds_lane_find (id, NULL);
      g_autofree char *label = lds_lane_dup_label (lane);

      g_assert_true (lane->runtime == runtime);
      g_assert_cmpint (lane->provenance, ==, LDS_PROVENANCE_REAL);
      g_assert_true (g_str_has_suffix (label, "(real)"));
      g_assert_cmpint (lds_lane_find (runtime->model, NULL)->family, ==, lane->family);
      g_assert_nonnull (lane->model_code);
    }
}

/* A report may be of another machine. */
static void
test_unknown (void)
{
  static const char *const wrong[] = {"real:", "real:a b", "real:../x", "real:.hidden", NULL};
  const LdsLane *lane = lds_lane_find ("real:bun-serve", NULL);
  g_autoptr (LdsPlan) plan = lds_plan_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (lane == lds_lane_find ("real:bun-serve", NULL));
  g_assert_cmpint (lane->provenance, ==, LDS_PROVENANCE_REAL);
  g_ptr_array_add (plan->lanes, (gpointer)lane);
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  g_assert_true (lds_plan_validate (plan, NULL));
  g_assert_false (lds_lane_check (lane, &error));
  g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
  for (guint i = 0; wrong[i] != NULL; i++)
    g_assert_null (lds_lane_find (wrong[i], NULL));
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/runtime/complete", test_complete);
  g_test_add_func ("/bench/runtime/packages", test_packages);
  g_test_add_func ("/bench/runtime/wrong", test_wrong);
  g_test_add_func ("/bench/runtime/shipped", test_shipped);
  g_test_add_func ("/bench/runtime/unknown", test_unknown);
  return g_test_run ();
}
