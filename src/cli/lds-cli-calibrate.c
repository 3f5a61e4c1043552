/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “calibrate”: measures what runtimes cost, and writes that as profiles. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#include "lds-calibration-text.h"
#include "lds-calibrator.h"
#include "lds-cli-columns.h"
#include "lds-cli-measure.h"
#include "lds-clock.h"
#include "lds-file.h"
#include "lds-json.h"

#define REAL_PREFIX "real:"

/* Measures all parts, each with the twin that spends what came out of the one before. */
static JsonNode *
calibrate (LdsCalibrator *calibrator,
           GError **error)
{
  const LdsPlan *plan;
  guint told = 0; /* parts */

  while (lds_calibrator_next (calibrator, &plan, error))
    {
      g_auto (LdsCliRecord) record = {.kind = "calibrate", .off = TRUE};
      g_autoptr (LdsSession) session = NULL;

      if (plan == NULL)
        return lds_calibrator_get_profile (calibrator);
      if (told <= lds_calibrator_get_stage (calibrator))
        /* Translators: two numbers: “Part 2 of 3” */
        fprintf (stderr, _ ("Part %u of %u\n"), ++told, LDS_CALIBRATION_N_STAGES);
      session =
          lds_cli_record_open (&record, error) ? lds_cli_measure (plan, &record, error) : NULL;
      if (session == NULL || !lds_calibrator_take (calibrator, session, error))
        return NULL;
    }
  return NULL;
}

static void
say_begin (const LdsCalibrator *calibrator,
           const LdsLane *subject)
{
  g_autofree char *label = lds_lane_dup_label (subject);
  g_autofree char *time = lds_format_value (
      (double)lds_calibrator_get_left_ms (calibrator) * LDS_NS_PER_MS, LDS_UNIT_DURATION_NS);

  /* Translators: a lane, a time */
  fprintf (stderr, _ ("Calibrating %s, about %s\n"), label, time);
}

static void
print_profile (JsonNode *profile,
               const char *path)
{
  g_autoptr (GPtrArray) figures = lds_calibration_text_list_figures (profile);
  g_autoptr (GPtrArray) residuals = lds_calibration_text_list_residuals (profile);

  /* Translators: the name of a file */
  printf (_ ("%s\n"), path);
  lds_cli_print_table (figures);
  lds_cli_print_table (residuals);
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
      {"quick", 0, 0, G_OPTION_ARG_NONE, &quick, N_ ("Shorter runs: about four minutes a runtime instead of thirteen, and wider intervals"), NULL},
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
      g_autoptr (LdsCalibrator) calibrator = lds_calibrator_new (subjects->pdata[i], quick);
      g_autofree char *path = NULL;
      JsonNode *profile;

      say_begin (calibrator, subjects->pdata[i]);
      profile = calibrate (calibrator, error);
      if (profile == NULL)
        return FALSE;
      path = lds_calibrator_save (calibrator, output, error);
      if (path == NULL)
        return FALSE;
      if (!json)
        print_profile (profile, path);
      json_array_add_element (profiles, json_node_ref (profile));
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
