/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “calibrate”: measures what runtimes cost, and writes that as profiles. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lds-calibration.h"
#include "lds-clock.h"
#include "lds-cli-columns.h"
#include "lds-cli-measure.h"
#include "lds-cpu-work.h"
#include "lds-environment.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-runtime.h"

#define REAL_PREFIX "real:"

/* What spends the figures so far. */
typedef struct
{
  char *folder;
  char *path;
  LdsTwin *twin;
  LdsLane *lane;
} Trial;

static void
trial_clear (Trial *self)
{
  g_clear_pointer (&self->lane, lds_lane_free_twin);
  g_clear_pointer (&self->twin, lds_twin_free);
  if (self->path != NULL)
    g_unlink (self->path);
  if (self->folder != NULL)
    g_rmdir (self->folder);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->folder, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trial, trial_clear)

/* What is there besides the figures. */
typedef struct
{
  const LdsLane *subject;
  JsonObject *environment;
  char *version;
  double cpu_work_ns;
} Subject;

static void
subject_clear (Subject *self)
{
  g_clear_pointer (&self->environment, json_object_unref);
  g_clear_pointer (&self->version, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Subject, subject_clear)

static gboolean
write_profile (JsonNode *profile,
               const char *path,
               GError **error)
{
  g_autofree char *text = lds_json_to_text (profile, TRUE);

  return lds_file_write (path, text, strlen (text), error);
}

static char *
dup_path (const char *folder,
          JsonNode *profile)
{
  g_autofree char *name =
      g_strconcat (json_object_get_string_member (json_node_get_object (profile), "id"), ".json", NULL);

  return g_build_filename (folder, name, NULL);
}

static gboolean
trial_init (Trial *self,
            JsonNode *profile,
            const char *model_id,
            GError **error)
{
  g_autoptr (GError) local = NULL;

  self->folder = g_dir_make_tmp ("loadstone-XXXXXX", &local);
  if (self->folder == NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED, _ ("Cannot make a temporary folder: %s"), local->message);
      return FALSE;
    }
  self->path = dup_path (self->folder, profile);
  if (!write_profile (profile, self->path, error))
    return FALSE;
  self->twin = lds_twin_load (self->path, error);
  if (self->twin == NULL)
    return FALSE;
  self->lane = lds_lane_new_twin (self->twin, model_id);
  return TRUE;
}

/* Measures one stage; the next one's twin spends what came out of it. */
static gboolean
run_stage (LdsCalibration *calibration,
           LdsCalibrationStage stage,
           const LdsLane *twin,
           GError **error)
{
  g_autoptr (GPtrArray) plans = lds_calibration_make_plans (calibration, stage, twin);

  for (guint i = 0; i < plans->len; i++)
    {
      g_auto (LdsCliRecord) record = {.kind = "calibrate", .off = TRUE};
      g_autoptr (LdsSession) session = NULL;

      session = lds_cli_record_open (&record, error)
                    ? lds_cli_measure (plans->pdata[i], &record, error)
                    : NULL;
      if (session == NULL)
        return FALSE;
      for (guint r = 0; r < session->runs->len; r++)
        lds_calibration_take (calibration, stage, session->runs->pdata[r]);
    }
  return lds_calibration_fit (calibration, stage, error);
}

static JsonNode *
calibrate (const Subject *subject,
           gboolean quick,
           GError **error)
{
  g_autoptr (LdsCalibration) calibration = lds_calibration_new (subject->subject, quick);
  g_autoptr (JsonNode) profile = NULL;

  for (guint stage = 0; stage < LDS_CALIBRATION_N_STAGES; stage++)
    {
      g_auto (Trial) trial = {0};

      /* Translators: two numbers: “Part 2 of 3” */
      fprintf (stderr, _ ("Part %u of %u\n"), stage + 1, LDS_CALIBRATION_N_STAGES);
      if (profile != NULL && !trial_init (&trial, profile, subject->subject->model_id, error))
        return NULL;
      if (!run_stage (calibration, (LdsCalibrationStage)stage, trial.lane, error))
        return NULL;
      g_clear_pointer (&profile, json_node_unref);
      profile = lds_calibration_to_json (calibration, subject->environment, subject->version,
                                         subject->cpu_work_ns);
    }
  return g_steal_pointer (&profile);
}

static void
say_begin (const Subject *subject,
           gboolean quick)
{
  g_autoptr (LdsCalibration) calibration = lds_calibration_new (subject->subject, quick);
  const LdsLane *model = lds_lane_find (subject->subject->model_id, NULL);
  g_autofree char *label = lds_lane_dup_label (subject->subject), *time = NULL;
  gint64 ms = 0;

  for (guint stage = 0; stage < LDS_CALIBRATION_N_STAGES; stage++)
    {
      g_autoptr (GPtrArray) plans =
          lds_calibration_make_plans (calibration, (LdsCalibrationStage)stage,
                                      stage == LDS_CALIBRATION_FIT ? NULL : model);

      for (guint i = 0; i < plans->len; i++)
        ms += lds_plan_estimate_ms (plans->pdata[i]);
    }
  time = lds_format_value ((double)ms * LDS_NS_PER_MS, LDS_UNIT_DURATION_NS);
  /* Translators: a lane, a time */
  fprintf (stderr, _ ("Calibrating %s, about %s\n"), label, time);
}

/* --- For people ------------------------------------------------------------------------------ */

static char *
format_number (double value)
{
  return value < 100 ? g_strdup_printf ("%.2f", value) : g_strdup_printf ("%.0f", value);
}

static void
print_figures (JsonObject *calibration)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  char **heading = g_new0 (char *, 4);

  heading[0] = g_strdup (_ ("Figure"));
  heading[1] = g_strdup (_ ("Value"));
  heading[2] = g_strdup (_ ("95 % interval"));
  g_ptr_array_add (rows, heading);
  json_object_iter_init_ordered (&iter, json_object_get_object_member (calibration, "figures"));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *figure = json_node_get_object (node);
      g_autofree char *low = format_number (json_object_get_double_member (figure, "low"));
      g_autofree char *high = format_number (json_object_get_double_member (figure, "high"));
      char **row = g_new0 (char *, 4);

      row[0] = g_strdup (name);
      row[1] = format_number (json_object_get_double_member (figure, "value"));
      row[2] = g_strdup_printf ("%s – %s", low, high);
      g_ptr_array_add (rows, row);
    }
  lds_cli_print_table (rows);
}

static void
print_residuals (JsonObject *calibration)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  JsonArray *residuals = json_object_get_array_member (calibration, "residuals");
  char **heading = g_new0 (char *, 5);

  heading[0] = g_strdup (_ ("Workload, connections, figure"));
  heading[1] = g_strdup (_ ("Runtime"));
  heading[2] = g_strdup (_ ("Twin"));
  heading[3] = g_strdup (_ ("Difference"));
  g_ptr_array_add (rows, heading);
  for (guint i = 0; i < json_array_get_length (residuals); i++)
    {
      JsonObject *entry = json_array_get_object_element (residuals, i);
      const char *figure = json_object_get_string_member (entry, "figure");
      LdsUnit unit = g_str_has_suffix (figure, "rss") ? LDS_UNIT_BYTES : LDS_UNIT_DURATION_NS;
      double real = json_object_get_double_member (entry, "real");
      double twin = json_object_get_double_member (entry, "twin");
      char **row = g_new0 (char *, 5);

      row[0] = g_strdup_printf ("%s, %" G_GINT64_FORMAT ", %s", json_object_get_string_member (entry, "workload"),
                                json_object_get_int_member (entry, "connections"), figure);
      row[1] = lds_format_value (real, unit);
      row[2] = lds_format_value (twin, unit);
      row[3] = g_strdup_printf ("%+.1f %%", (twin / real - 1) * 100);
      g_ptr_array_add (rows, row);
    }
  lds_cli_print_table (rows);
}

static void
print_profile (JsonNode *profile,
               const char *path)
{
  JsonObject *calibration = json_object_get_object_member (json_node_get_object (profile), "calibration");

  /* Translators: the name of a file */
  printf (_ ("%s\n"), path);
  print_figures (calibration);
  print_residuals (calibration);
}

/* --- The command ----------------------------------------------------------------------------- */

static gboolean
add_subject (GPtrArray *subjects,
             const char *name,
             GError **error)
{
  g_autofree char *id =
      strchr (name, ':') != NULL ? g_strdup (name) : g_strconcat (REAL_PREFIX, name, NULL);
  const LdsLane *lane = lds_lane_find (id, error);

  if (lane == NULL)
    return FALSE;
  if (lane->provenance != LDS_PROVENANCE_REAL && lane->provenance != LDS_PROVENANCE_TWIN)
    return lds_error_refuse (error,
                             /* Translators: a lane */
                             _ ("“%s” is no real runtime, so there is nothing to calibrate; “loadstone-cli lanes” lists them."),
                             name);
  if (!lds_lane_check (lane, error))
    return FALSE;
  if (!g_ptr_array_find (subjects, lane, NULL))
    g_ptr_array_add (subjects, (gpointer)lane);
  return TRUE;
}

/* All that are here where none is named. */
static gboolean
find_subjects (GPtrArray *subjects,
               GStrv names,
               GError **error)
{
  guint n_lanes;
  const LdsLane *lanes = lds_lane_list (&n_lanes);

  for (guint i = 0; names[i] != NULL; i++)
    if (!add_subject (subjects, names[i], error))
      return FALSE;
  for (guint i = 0; names[0] == NULL && i < n_lanes; i++)
    if (lanes[i].provenance == LDS_PROVENANCE_REAL && lds_lane_check (&lanes[i], NULL))
      g_ptr_array_add (subjects, (gpointer)&lanes[i]);
  return subjects->len > 0 ||
         lds_error_refuse (error, _ ("None of the real runtimes is on this machine; “loadstone-cli lanes” says what each needs."));
}

gboolean
lds_cli_calibrate (int argc,
                   char **argv,
                   GError **error)
{
  gboolean quick = FALSE, json = FALSE;
  g_autofree char *output = NULL;
  const GOptionEntry entries[] = {
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_ ("Write the profiles to this folder (loadstone/profiles in the user's data folder, where lanes find them)"), N_ ("FOLDER")},
      {"quick", 0, 0, G_OPTION_ARG_NONE, &quick, N_ ("Shorter runs: about four minutes a runtime instead of ten, and wider intervals"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print the profiles as JSON, too"), NULL},
      G_OPTION_ENTRY_NULL};
  g_auto (GStrv) names = NULL;
  g_autoptr (GPtrArray) subjects = g_ptr_array_new ();
  g_autoptr (JsonArray) profiles = json_array_new ();

  if (!lds_cli_parse (argc, argv, _ ("[RUNTIME…]"), entries, &names, error) ||
      !find_subjects (subjects, names, error))
    return FALSE;
  if (output == NULL)
    output = lds_twin_dup_own_folder ();
  if (!lds_file_ensure_directory (output, error))
    return FALSE;
  for (guint i = 0; i < subjects->len; i++)
    {
      g_auto (Subject) subject = {
          .subject = subjects->pdata[i],
          .environment = lds_environment_read (),
          .cpu_work_ns = lds_cpu_work_measure_ns (),
      };
      g_autoptr (JsonNode) profile = NULL;
      g_autofree char *path = NULL;

      if (subject.subject->runtime != NULL)
        subject.version = lds_runtime_read_version (subject.subject->runtime, NULL);
      say_begin (&subject, quick);
      profile = calibrate (&subject, quick, error);
      if (profile == NULL)
        return FALSE;
      path = dup_path (output, profile);
      if (!write_profile (profile, path, error))
        return FALSE;
      if (!json)
        print_profile (profile, path);
      json_array_add_element (profiles, g_steal_pointer (&profile));
    }
  if (json)
    {
      g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
      JsonObject *object = json_object_new ();
      g_autofree char *text = NULL;

      json_object_set_array_member (object, "profiles", g_steal_pointer (&profiles));
      json_node_take_object (root, object);
      text = lds_json_to_text (root, TRUE);
      fputs (text, stdout);
    }
  return TRUE;
}
