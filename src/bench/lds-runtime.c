/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real runtimes: their descriptors. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-runtime.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-error.h"
#include "lds-lane.h"
#include "lds-markup.h"

#define DESCRIPTOR "runtime.xml"
#define VERSION    "1"
#define MAX_BYTES  (64 * 1024)

typedef struct
{
  LdsRuntime public; /* first, so that a pointer to one is a pointer to the other */
  LdsElement *root;  /* owns most of the texts */
  char *id;
  char *folder;
} Runtime;

static const char *const families[] = {
    [LDS_FAMILY_EVENT_LOOP] = "event-loop",
    [LDS_FAMILY_ASYNCIO] = "asyncio",
    [LDS_FAMILY_THREADS] = "threads",
    [LDS_FAMILY_PREFORK] = "prefork",
    [LDS_FAMILY_POLYGLOT] = "polyglot",
    NULL,
};

static const char *const installers[] = {
    [LDS_INSTALLER_NPM] = "npm",
    [LDS_INSTALLER_VENV] = "venv",
};

typedef struct
{
  GPtrArray *runtimes; /* (element-type LdsRuntime) */
  GPtrArray *faults;   /* (element-type utf8) */
} Table;

void
lds_runtime_free (LdsRuntime *self)
{
  Runtime *runtime = (Runtime *)self;

  if (self == NULL)
    return;
  g_strfreev (self->programs);
  g_strfreev (self->version_arguments);
  g_strfreev (self->packages);
  g_strfreev (self->environment);
  g_strfreev (self->arguments);
  g_strfreev (self->worker_arguments);
  g_strfreev (self->workloads);
  lds_element_free (runtime->root);
  g_free (runtime->id);
  g_free (runtime->folder);
  g_free (runtime);
}

/* --- One descriptor -------------------------------------------------------------------------- */

/* Returns: (transfer full): the words of @text; of %NULL none */
static GStrv
split (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_strv_builder_add (builder, words[i]);
  return g_strv_builder_end (builder);
}

static const LdsElement *
require_child (const LdsElement *root,
               const char *name,
               GError **error)
{
  const LdsElement *child = lds_element_find_child (root, name);

  if (child == NULL)
    /* Translators: an element of XML */
    lds_element_error (root, error, _ ("there must be an element <%s>"), name);
  return child;
}

/* Whether some of @words has @place in it. */
static gboolean
mentions (GStrv words,
          const char *place)
{
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (strstr (words[i], place) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
read_setup (LdsRuntime *self,
            const LdsElement *root,
            GError **error)
{
  const LdsElement *setup = lds_element_find_child (root, "setup");
  const char *with, *packages;

  if (setup == NULL)
    return TRUE;
  with = lds_element_require (setup, "with", error);
  packages = with != NULL ? lds_element_require (setup, "packages", error) : NULL;
  if (packages == NULL)
    return FALSE;
  self->packages = split (packages);
  for (guint i = 1; i < G_N_ELEMENTS (installers); i++)
    if (strcmp (installers[i], with) == 0)
      self->installer = (LdsInstaller)i;
  if (self->installer != LDS_INSTALLER_NONE)
    return TRUE;
  lds_element_error (setup, error, _ ("“with” cannot be “%s”; it is npm or venv"), with);
  return FALSE;
}

static gboolean
read_environment (LdsRuntime *self,
                  const LdsElement *root,
                  GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < root->children->len; i++)
    {
      const LdsElement *child = root->children->pdata[i];
      g_autofree char *pair = NULL;
      const char *name, *value;

      if (strcmp (child->name, "environment") != 0)
        continue;
      name = lds_element_require (child, "name", error);
      value = name != NULL ? lds_element_require (child, "value", error) : NULL;
      if (value == NULL)
        return FALSE;
      if (*name == '\0' || strchr (name, '=') != NULL)
        {
          lds_element_error (child, error, _ ("“name” cannot be “%s”; it is a variable of the environment"), name);
          return FALSE;
        }
      pair = g_strconcat (name, "=", value, NULL);
      g_strv_builder_add (builder, pair);
    }
  self->environment = g_strv_builder_end (builder);
  return TRUE;
}

static gboolean
read_start (LdsRuntime *self,
            const LdsElement *root,
            GError **error)
{
  const LdsElement *start = require_child (root, "start", error);
  const LdsElement *ready = start != NULL ? require_child (root, "ready", error) : NULL;
  const char *arguments = ready != NULL ? lds_element_require (start, "arguments", error) : NULL;
  const char *workers = start != NULL ? lds_element_get (start, "workers") : NULL;

  if (arguments == NULL)
    return FALSE;
  self->arguments = split (arguments);
  self->speaks = lds_element_get (ready, "path") == NULL;
  if (workers != NULL)
    self->worker_arguments = split (workers);
  if (!mentions (self->arguments, "{port}"))
    lds_element_error (start, error, _ ("“arguments” must say the port to listen to, as {port}"));
  else if (workers != NULL && !mentions (self->worker_arguments, "{workers}"))
    lds_element_error (start, error, _ ("“workers” must say their number, as {workers}"));
  else if (self->installer == LDS_INSTALLER_NONE &&
           (mentions (self->arguments, "{packages}") || mentions (self->environment, "{packages}")))
    lds_element_error (root, error, _ ("{packages} needs an element <setup> that says what installs them"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
read_detect (LdsRuntime *self,
             const LdsElement *root,
             GError **error)
{
  const LdsElement *detect = require_child (root, "detect", error);
  const char *programs = detect != NULL ? lds_element_require (detect, "program", error) : NULL;

  if (programs == NULL)
    return FALSE;
  self->programs = split (programs);
  self->version_arguments = split (lds_element_get (detect, "arguments"));
  self->minimum = lds_element_get (detect, "minimum");
  if (*self->programs == NULL)
    lds_element_error (detect, error, _ ("“program” must name a program"));
  else if (self->minimum != NULL &&
           !g_regex_match_simple ("^[0-9]{1,9}(\\.[0-9]{1,9})*$", self->minimum, G_REGEX_DOLLAR_ENDONLY, 0))
    lds_element_error (detect, error, _ ("“minimum” must be a version, such as 3 or 3.11"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
read_workloads (LdsRuntime *self,
                const LdsElement *root,
                GError **error)
{
  const LdsElement *serves = require_child (root, "serves", error);
  const char *workloads =
      serves != NULL ? lds_element_require (serves, "workloads", error) : NULL;

  if (workloads == NULL)
    return FALSE;
  self->workloads = split (workloads);
  for (guint i = 0; self->workloads[i] != NULL; i++)
    {
      g_autoptr (GError) local = NULL;

      if (lds_workload_find (self->workloads[i], &local) != NULL)
        continue;
      lds_element_error (serves, error, "%s", local->message);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_family (LdsRuntime *self,
             const LdsElement *root,
             GError **error)
{
  const char *family = lds_element_require (root, "family", error);
  g_autofree char *known = NULL;

  self->model = family != NULL ? lds_element_require (root, "model", error) : NULL;
  if (self->model == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (families) - 1; i++)
    if (strcmp (families[i], family) == 0)
      {
        self->family = (LdsFamily)i;
        return TRUE;
      }
  known = g_strjoinv (", ", (char **)families);
  /* Translators: a wrong word, then the right ones */
  lds_element_error (root, error, _ ("“family” cannot be “%s”; it is one of: %s"), family, known);
  return FALSE;
}

static gboolean
read_runtime (Runtime *runtime,
              GError **error)
{
  LdsRuntime *self = &runtime->public;
  const LdsElement *root = runtime->root;
  const char *version = lds_element_get (root, "version");
  const char *id = lds_element_get (root, "id");

  if (strcmp (root->name, "runtime") != 0 || g_strcmp0 (version, VERSION) != 0)
    {
      lds_element_error (root, error, _ ("it must begin with <runtime version=\"%s\">"), VERSION);
      return FALSE;
    }
  if (g_strcmp0 (id, runtime->id) != 0)
    {
      /* Translators: the name of a folder */
      lds_element_error (root, error, _ ("“id” must be the folder's name, “%s”"), runtime->id);
      return FALSE;
    }
  self->id = runtime->id;
  self->folder = runtime->folder;
  self->title = lds_element_child_text (root, "title");
  self->description = lds_element_child_text (root, "description");
  if (self->title == NULL || self->description == NULL)
    return require_child (root, self->title == NULL ? "title" : "description", error) != NULL;
  return read_family (self, root, error) && read_detect (self, root, error) &&
         read_setup (self, root, error) && read_environment (self, root, error) &&
         read_start (self, root, error) && read_workloads (self, root, error);
}

LdsRuntime *
lds_runtime_load (const char *folder,
                  GError **error)
{
  g_autofree char *path = g_build_filename (folder, DESCRIPTOR, NULL);
  g_autoptr (LdsRuntime) self = NULL;
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GError) local = NULL;
  const char *text;
  Runtime *runtime;

  g_return_val_if_fail (folder != NULL, NULL);

  file = g_mapped_file_new (path, FALSE, &local);
  if (file == NULL)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT, _ ("Cannot read “%s”: %s"), path, local->message);
      return NULL;
    }
  text = g_mapped_file_get_contents (file);
  if (g_mapped_file_get_length (file) > MAX_BYTES)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("“%s” is larger than a descriptor of a runtime is, %d KiB."), path, MAX_BYTES / 1024);
      return NULL;
    }
  runtime = g_new0 (Runtime, 1);
  self = &runtime->public;
  runtime->folder = g_canonicalize_filename (folder, NULL);
  runtime->id = g_path_get_basename (runtime->folder);
  /* What is empty is not mapped. */
  runtime->root =
      lds_markup_parse (text != NULL ? text : "", g_mapped_file_get_length (file), path, error);
  if (runtime->root == NULL || !read_runtime (runtime, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* --- All of them ----------------------------------------------------------------------------- */

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  return strcmp ((*(LdsRuntime *const *)a)->id, (*(LdsRuntime *const *)b)->id);
}

/* Takes @runtime, in the place of one with the same id. */
static void
add (Table *table,
     LdsRuntime *runtime)
{
  for (guint i = 0; i < table->runtimes->len; i++)
    if (strcmp (((LdsRuntime *)table->runtimes->pdata[i])->id, runtime->id) == 0)
      {
        lds_runtime_free (table->runtimes->pdata[i]);
        g_ptr_array_remove_index (table->runtimes, i);
        break;
      }
  g_ptr_array_add (table->runtimes, runtime);
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
      g_autofree char *descriptor = g_build_filename (path, DESCRIPTOR, NULL);
      g_autoptr (GError) error = NULL;
      LdsRuntime *runtime;

      if (!g_file_test (descriptor, G_FILE_TEST_EXISTS))
        continue;
      runtime = lds_runtime_load (path, &error);
      if (runtime != NULL)
        add (table, runtime);
      else
        g_ptr_array_add (table->faults, g_strdup (error->message));
    }
}

static Table *
read_table (void)
{
  Table *table = g_new (Table, 1);
  const char *shipped = g_getenv ("LOADSTONE_RUNTIMES");
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "loadstone", "runtimes", NULL);

  table->runtimes = g_ptr_array_new ();
  table->faults = g_ptr_array_new ();
  read_folder (table, shipped != NULL ? shipped : LDS_PKGDATADIR "/runtimes");
  read_folder (table, own);
  g_ptr_array_sort (table->runtimes, compare_ids);
  return table;
}

static const Table *
get_table (void)
{
  static Table *table;

  if (g_once_init_enter (&table))
    g_once_init_leave (&table, read_table ());
  return table;
}

GPtrArray *
lds_runtime_list (void)
{
  return get_table ()->runtimes;
}

GPtrArray *
lds_runtime_list_faults (void)
{
  return get_table ()->faults;
}

gboolean
lds_runtime_serves (const LdsRuntime *self,
                    const LdsWorkload *workload)
{
  const LdsWorkload *shipped = workload->base != NULL ? workload->base : workload;

  g_return_val_if_fail (self != NULL, FALSE);

  return g_strv_contains ((const char *const *)self->workloads, shipped->id);
}
