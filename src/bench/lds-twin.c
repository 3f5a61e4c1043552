/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles as the conductor knows them. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-twin.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-cpu-work.h"
#include "lds-environment.h"
#include "lds-error.h"
#include "lds-file.h"
#include "lds-json.h"
#include "lds-nearest.h"

/* Larger than any that is written. */
#define MAX_FIDELITY_BYTES (1024 * 1024)
#define SUFFIX             ".json"

/* Of the digest, as much as tells files apart: 64 bits. */
#define SHOWN_DIGITS 16

typedef struct
{
  LdsTwin public; /* first, so that a pointer to one is a pointer to the other */
  JsonNode *root; /* owns most of the texts */
  char *id;
  char *path;
  char *digest;
  char *description;
} Twin;

typedef struct
{
  GPtrArray *twins;    /* (element-type LdsTwin) */
  GPtrArray *replaced; /* (element-type LdsTwin): by others of the same id, since the table was read */
  GPtrArray *faults;   /* (element-type utf8) */
} Table;

void
lds_twin_free (LdsTwin *self)
{
  Twin *twin = (Twin *)self;

  if (self == NULL)
    return;
  g_strfreev (self->model_codes);
  g_clear_pointer (&twin->root, json_node_unref);
  g_free (twin->id);
  g_free (twin->path);
  g_free (twin->digest);
  g_free (twin->description);
  g_free (twin);
}

/* --- One file -------------------------------------------------------------------------------- */

static const char *
require (JsonObject *object,
         const char *member,
         GError **error)
{
  const char *text = lds_json_get_string (object, member, NULL, error);

  if (text == NULL || *text == '\0')
    /* Translators: the name of a member in JSON */
    lds_error_refuse (error, _ ("There must be a text “%s”."), member);
  return text;
}

static void
read_models (LdsTwin *self,
             JsonObject *object,
             GError **error)
{
  JsonArray *models = lds_json_get_array (object, "models", error);
  g_autoptr (GStrvBuilder) codes = g_strv_builder_new ();

  for (guint i = 0; models != NULL && i < json_array_get_length (models); i++)
    {
      JsonNode *node = json_array_get_element (models, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING)
        g_strv_builder_add (codes, json_node_get_string (node));
    }
  self->model_codes = g_strv_builder_end (codes);
  if (*self->model_codes == NULL)
    lds_error_refuse (error, _ ("“models” must name a model, such as “M1”."));
}

static void
read_calibration (LdsTwin *self,
                  JsonObject *object,
                  GError **error)
{
  JsonObject *calibration = lds_json_get_object (object, "calibration", error);

  if (calibration == NULL)
    return;
  self->cpu_model = require (calibration, "cpu_model", error);
  self->cpu_work_ns = lds_json_get_double (calibration, "cpu_work_ns", 0, error);
}

/* Translated here, for what it says stands in the file. */
static char *
dup_description (const LdsTwin *self)
{
  if (strcmp (self->kind, "measured") == 0)
    return g_strdup_printf (
        /* Translators: a runtime, a framework, a date */
        _ ("A server model that spends what %s with %s costs; measured on %s."), self->runtime,
        self->framework, self->date);
  if (strcmp (self->kind, "derived") == 0)
    return g_strdup_printf (
        /* Translators: a runtime, a framework, a document, a date */
        _ ("A server model that spends what %s with %s costs; derived from %s, %s."), self->runtime,
        self->framework, self->source, self->date);
  return g_strdup_printf (
      /* Translators: a runtime, a framework, a document, a date */
      _ ("A server model that spends what %s with %s is said to cost; claimed by %s, %s."), self->runtime,
      self->framework, self->source, self->date);
}

static gboolean
read_twin (Twin *twin,
           GError **error)
{
  LdsTwin *self = &twin->public;
  JsonObject *object = json_node_get_object (twin->root);
  JsonObject *provenance = lds_json_get_object (object, "provenance", error);
  const char *id = require (object, "id", error);

  if (provenance == NULL)
    return lds_error_refuse (error, _ ("There must be an object “provenance”."));
  self->id = twin->id;
  self->path = twin->path;
  self->digest = twin->digest;
  self->title = require (object, "title", error);
  self->runtime = require (object, "runtime", error);
  self->framework = require (object, "framework", error);
  self->source = require (provenance, "source", error);
  self->machine = require (provenance, "machine", error);
  self->kind = require (provenance, "kind", error);
  self->date = require (provenance, "date", error);
  read_models (self, object, error);
  read_calibration (self, object, error);
  if (*error != NULL)
    return FALSE;
  if (strspn (twin->id, "abcdefghijklmnopqrstuvwxyz0123456789-.") != strlen (twin->id) || *twin->id == '.')
    return lds_error_refuse (error, _ ("“id” must be of lower-case letters, digits, “-” and “.”."));
  if (strcmp (id, twin->id) != 0)
    /* Translators: the name of a file without its ending */
    return lds_error_refuse (error, _ ("“id” must be the file's name, “%s”."), twin->id);
  self->description = twin->description = dup_description (self);
  return TRUE;
}

LdsTwin *
lds_twin_load (const char *path,
               GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (LdsTwin) self = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *name = NULL;
  Twin *twin;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = lds_file_read (path, LDS_TWIN_MAX_FILE_BYTES, error);
  if (bytes == NULL)
    return NULL;
  twin = g_new0 (Twin, 1);
  self = &twin->public;
  self->throughput_error = NAN;
  twin->path = g_canonicalize_filename (path, NULL);
  name = g_path_get_basename (path);
  twin->id =
      g_strndup (name, strlen (name) - (g_str_has_suffix (name, SUFFIX) ? strlen (SUFFIX) : 0));
  twin->digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  twin->root =
      lds_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), path, error);
  if (twin->root == NULL)
    return NULL;
  if (!read_twin (twin, &local))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", path);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* --- All of them ----------------------------------------------------------------------------- */

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  return strcmp ((*(LdsTwin *const *)a)->id, (*(LdsTwin *const *)b)->id);
}

/* Takes @twin, in the place of one with the same id. Returns: (transfer full) (nullable): that one */
static LdsTwin *
add (Table *table,
     LdsTwin *twin)
{
  LdsTwin *other = NULL;

  for (guint i = 0; i < table->twins->len && other == NULL; i++)
    if (strcmp (((LdsTwin *)table->twins->pdata[i])->id, twin->id) == 0)
      other = g_ptr_array_steal_index (table->twins, i);
  g_ptr_array_add (table->twins, twin);
  return other;
}

static const char *
get_shipped_folder (void)
{
  const char *folder = g_getenv ("LOADSTONE_PROFILES");

  return folder != NULL ? folder : LDS_PKGDATADIR "/profiles";
}

static void
read_folder (Table *table,
             const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GError) error = NULL;
      LdsTwin *twin;

      if (!g_str_has_suffix (name, SUFFIX) || name[0] == '.')
        continue;
      twin = lds_twin_load (path, &error);
      if (twin != NULL)
        lds_twin_free (add (table, twin));
      else
        g_ptr_array_add (table->faults, g_strdup (error->message));
    }
}

char *
lds_twin_dup_own_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "loadstone", "profiles", NULL);
}

char *
lds_twin_dup_fidelity_path (const char *id)
{
  g_autofree char *name = g_strconcat (id, SUFFIX, NULL);

  return g_build_filename (g_get_user_data_dir (), "loadstone", "fidelity", name, NULL);
}

/* NaN where the file is not there, is none, or is about other costs than those of @self. */
static double
read_error (const LdsTwin *self,
            const char *path)
{
  g_autoptr (JsonNode) root = lds_json_read (path, MAX_FIDELITY_BYTES, NULL);
  g_autofree char *identity = lds_twin_dup_identity (self);
  JsonObject *object, *environment;
  JsonArray *profiles;
  double found;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NAN;
  object = json_node_get_object (root);
  environment = lds_json_get_object (object, "environment", NULL);
  profiles = environment != NULL ? lds_json_get_array (environment, "profiles", NULL) : NULL;
  if (profiles == NULL || json_array_get_length (profiles) != 1 ||
      g_strcmp0 (json_node_get_string (json_array_get_element (profiles, 0)), identity) != 0)
    return NAN;
  found = lds_json_get_double (object, "throughput_error_median", NAN, NULL);
  return found >= 0 ? found : NAN;
}

/* What was found here, or where it was made. */
static void
find_error (LdsTwin *twin)
{
  g_autofree char *parent = g_path_get_dirname (get_shipped_folder ());
  g_autofree char *name = g_strconcat (twin->id, SUFFIX, NULL);
  g_autofree char *own = lds_twin_dup_fidelity_path (twin->id);
  g_autofree char *theirs = g_build_filename (parent, "fidelity", name, NULL);

  twin->throughput_error = read_error (twin, own);
  if (isnan (twin->throughput_error))
    twin->throughput_error = read_error (twin, theirs);
}

static Table *
read_table (void)
{
  Table *table = g_new (Table, 1);
  g_autofree char *own = lds_twin_dup_own_folder ();

  table->twins = g_ptr_array_new ();
  table->faults = g_ptr_array_new ();
  table->replaced = g_ptr_array_new ();
  read_folder (table, get_shipped_folder ());
  read_folder (table, own);
  g_ptr_array_sort (table->twins, compare_ids);
  for (guint i = 0; i < table->twins->len; i++)
    find_error (table->twins->pdata[i]);
  return table;
}

static Table *
get_table (void)
{
  static Table *table;

  if (g_once_init_enter (&table))
    g_once_init_leave (&table, read_table ());
  return table;
}

GPtrArray *
lds_twin_list (void)
{
  return get_table ()->twins;
}

GPtrArray *
lds_twin_list_faults (void)
{
  return get_table ()->faults;
}

const LdsTwin *
lds_twin_renew (const char *path,
                GError **error)
{
  LdsTwin *twin, *other;

  g_return_val_if_fail (path != NULL, NULL);

  twin = lds_twin_load (path, error);
  if (twin == NULL)
    return NULL;
  find_error (twin);
  other = add (get_table (), twin);
  g_ptr_array_sort (get_table ()->twins, compare_ids);
  if (other != NULL)
    g_ptr_array_add (get_table ()->replaced, other);
  return twin;
}

const LdsTwin *
lds_twin_find (const char *id,
               GError **error)
{
  GPtrArray *twins = lds_twin_list ();
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  const char *nearest;

  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < twins->len; i++)
    {
      const LdsTwin *twin = twins->pdata[i];

      if (strcmp (twin->id, id) == 0)
        return twin;
      g_ptr_array_add (known, (gpointer)twin->id);
    }
  g_ptr_array_add (known, NULL);
  nearest = lds_nearest (id, (const char *const *)known->pdata);
  if (nearest != NULL)
    lds_error_refuse (error,
                      /* Translators: what was typed, then the identifier that comes nearest to it */
                      _ ("There is no profile “%s”; did you mean “%s”?"), id, nearest);
  else
    lds_error_refuse (error,
                      /* Translators: “loadstone-cli profiles” is a command */
                      _ ("There is no profile “%s”; “loadstone-cli profiles” lists them."), id);
  return NULL;
}

gboolean
lds_twin_check_model (const LdsTwin *self,
                      const char *model_id,
                      const char *code,
                      GError **error)
{
  g_autofree char *codes = NULL;

  g_return_val_if_fail (self != NULL && model_id != NULL, FALSE);

  if (code != NULL && g_strv_contains ((const char *const *)self->model_codes, code))
    return TRUE;
  codes = g_strjoinv (", ", self->model_codes);
  return lds_error_refuse (
      error,
      /* Translators: a profile, codes of models, a model and its code */
      _ ("The profile “%s” is for the models %s, not for %s (%s); choose another profile or another model."),
      self->id, codes, model_id, code != NULL ? code : "?");
}

/* --- On another machine ---------------------------------------------------------------------- */

#define MIN_SCALE 0.01
#define MAX_SCALE 100

/* Returns: (nullable) */
static const char *
get_cpu_model (void)
{
  static gsize is_read;
  static char *cpu_model;

  if (g_once_init_enter (&is_read))
    {
      g_autoptr (JsonObject) environment = lds_environment_read ();

      cpu_model = g_strdup (lds_json_get_string (environment, "cpu_model", NULL, NULL));
      g_once_init_leave (&is_read, 1);
    }
  return cpu_model;
}

/* Only where it is needed: it takes some time. */
static double
get_cpu_work_ns (void)
{
  static gsize is_measured;
  static double cpu_work_ns;

  if (g_once_init_enter (&is_measured))
    {
      cpu_work_ns = lds_cpu_work_measure_ns ();
      g_once_init_leave (&is_measured, 1);
    }
  return cpu_work_ns;
}

gboolean
lds_twin_is_foreign (const LdsTwin *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->cpu_model != NULL && self->cpu_work_ns > 0 &&
         g_strcmp0 (self->cpu_model, get_cpu_model ()) != 0;
}

double
lds_twin_get_scale (const LdsTwin *self)
{
  if (!lds_twin_is_foreign (self))
    return 1;
  return CLAMP (get_cpu_work_ns () / self->cpu_work_ns, MIN_SCALE, MAX_SCALE);
}

char *
lds_twin_dup_identity (const LdsTwin *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_strdup_printf ("%s %s %s sha256:%.*s", self->id, self->kind, self->date, SHOWN_DIGITS, self->digest);
}
