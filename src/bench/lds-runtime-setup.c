/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting up a runtime. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-runtime-setup.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "lds-child-process.h"
#include "lds-error.h"
#include "lds-file.h"
#include "lds-runtime-installer.h"
#include "lds-runtime-packages.h"

/* Of what an installer says the end is kept: that is where it tells why it failed. */
#define MAX_SAID_BYTES (64 * 1024)

typedef struct
{
  GTask *task; /* not owned: it owns this */
  const LdsRuntime *runtime;
  LdsRuntimeSetupProgress progress;
  gpointer progress_data;
  int lock_fd;
  char *stamp;
  char *folder;     /* where it will be */
  char *new_folder; /* where it is made */
  char *old_folder; /* where that which it replaces is in between */
  GStrv environment;
  GPtrArray *steps; /* (element-type LdsRuntimeInstallerStep) */
  guint step;
  LdsChildProcess *child;
  GString *said; /* by the step */
  GSource *cancelled;
} Setup;

static void start_step (Setup *setup);

static void
setup_free (gpointer data)
{
  Setup *setup = data;

  lds_child_process_free (setup->child);
  if (setup->lock_fd >= 0)
    close (setup->lock_fd);
  g_clear_pointer (&setup->steps, g_ptr_array_unref);
  g_strfreev (setup->environment);
  g_string_free (setup->said, TRUE);
  g_free (setup->stamp);
  g_free (setup->folder);
  g_free (setup->new_folder);
  g_free (setup->old_folder);
  g_free (setup);
}

/* Ends the task; takes @error, %NULL when all is done. */
static void
end (Setup *setup,
     GError *error)
{
  GTask *task = setup->task;

  if (setup->cancelled != NULL)
    {
      g_source_destroy (setup->cancelled);
      g_clear_pointer (&setup->cancelled, g_source_unref);
    }
  /* By now no process of the installer writes there any more. */
  if (setup->new_folder != NULL)
    lds_file_remove_tree (setup->new_folder, NULL);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Puts what was made where it belongs. */
static gboolean
put_in_place (Setup *setup,
              GError **error)
{
  g_auto (GStrv) versions =
      lds_runtime_packages_read_versions (setup->runtime, setup->new_folder, error);

  if (versions == NULL ||
      !lds_runtime_packages_write_stamp (setup->new_folder, setup->stamp, error))
    return FALSE;
  /* What is there has to go first: a folder is only renamed over one that is empty. */
  if ((g_rename (setup->folder, setup->old_folder) != 0 && errno != ENOENT) ||
      g_rename (setup->new_folder, setup->folder) != 0)
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a folder, then the system's reason */
                   _ ("Cannot make “%s”: %s."), setup->folder, g_strerror (errno));
      g_rename (setup->old_folder, setup->folder);
      return FALSE;
    }
  lds_file_remove_tree (setup->old_folder, NULL);
  return TRUE;
}

static void
line_cb (const char *line,
         gsize length,
         gpointer user_data)
{
  Setup *setup = user_data;
  const LdsRuntimeInstallerStep *step = setup->steps->pdata[setup->step];
  g_autofree char *text = lds_child_process_sanitize (line, (gssize)length);

  g_string_append_printf (setup->said, "%s\n", text);
  if (setup->said->len > MAX_SAID_BYTES)
    {
      const char *rest = strchr (setup->said->str + setup->said->len - MAX_SAID_BYTES, '\n');

      g_string_erase (setup->said, 0, rest - setup->said->str + 1);
    }
  if (setup->progress != NULL && *text != '\0' &&
      !g_cancellable_is_cancelled (g_task_get_cancellable (setup->task)))
    setup->progress (step->title, text, setup->progress_data);
}

static void
flood_cb (gpointer user_data)
{
  Setup *setup = user_data;

  /* Its end will tell. */
  lds_child_process_stop (setup->child, 0);
}

static void
ended_cb (gpointer user_data)
{
  Setup *setup = user_data;
  g_autofree char *how = lds_child_process_describe_end (setup->child);
  gboolean succeeded = lds_child_process_has_succeeded (setup->child);
  GError *error = NULL;

  g_clear_pointer (&setup->child, lds_child_process_free);
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (setup->task), &error))
    end (setup, error);
  else if (!lds_runtime_installer_check (setup->runtime, setup->said->str, succeeded, how, &error))
    end (setup, error);
  else if (++setup->step < setup->steps->len)
    start_step (setup);
  else
    {
      put_in_place (setup, &error);
      end (setup, error);
    }
}

static const LdsChildProcessEvents events = {line_cb, flood_cb, ended_cb};

static void
start_step (Setup *setup)
{
  const LdsRuntimeInstallerStep *step = setup->steps->pdata[setup->step];
  GError *error = NULL;

  g_string_truncate (setup->said, 0);
  if (setup->progress != NULL)
    setup->progress (step->title, NULL, setup->progress_data);
  setup->child = lds_child_process_spawn ((const char *const *)step->argv,
                                          (const char *const *)setup->environment, NULL, &events,
                                          setup, &error);
  if (setup->child == NULL)
    end (setup, error);
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer user_data)
{
  Setup *setup = user_data;

  if (setup->child != NULL)
    lds_child_process_stop (setup->child, 0);
  return G_SOURCE_REMOVE;
}

/* An empty folder with the lock files, and nothing of earlier attempts. */
static gboolean
make_new_folder (Setup *setup,
                 GError **error)
{
  const char *const *files = lds_runtime_packages_get_lock_files (setup->runtime);

  if (!lds_file_remove_tree (setup->new_folder, error) ||
      !lds_file_remove_tree (setup->old_folder, error) ||
      !lds_runtime_packages_make_folder (setup->new_folder, error))
    return FALSE;
  for (guint i = 0; files[i] != NULL; i++)
    {
      g_autofree char *from = g_build_filename (setup->runtime->folder, files[i], NULL);
      g_autofree char *to = g_build_filename (setup->new_folder, files[i], NULL);
      g_autoptr (GBytes) bytes = lds_file_read (from, G_MAXINT, error);

      if (bytes == NULL ||
          !lds_file_write (to, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error))
        return FALSE;
    }
  return TRUE;
}

static char *
dup_sibling (const char *folder,
             const char *suffix)
{
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *name = g_path_get_basename (folder);
  g_autofree char *hidden = g_strconcat (".", name, suffix, NULL);

  return g_build_filename (parent, hidden, NULL);
}

static gboolean
prepare (Setup *setup,
         GError **error)
{
  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (setup->task), error))
    return FALSE;
  setup->stamp = lds_runtime_packages_make_stamp (setup->runtime, error);
  if (setup->stamp == NULL)
    return FALSE;
  setup->lock_fd = lds_runtime_packages_lock (error);
  if (setup->lock_fd < 0)
    return FALSE;
  setup->folder = lds_runtime_packages_dup_folder (setup->runtime);
  setup->old_folder = dup_sibling (setup->folder, ".old");
  setup->new_folder = dup_sibling (setup->folder, ".new");
  setup->steps = lds_runtime_installer_plan (setup->runtime, setup->new_folder, error);
  return setup->steps != NULL && make_new_folder (setup, error);
}

void
lds_runtime_setup_async (const LdsRuntime *self,
                         LdsRuntimeSetupProgress progress,
                         gpointer progress_data,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Setup *setup = g_new0 (Setup, 1);
  GError *error = NULL;

  g_return_if_fail (self != NULL && self->installer != LDS_INSTALLER_NONE);

  g_task_set_source_tag (task, lds_runtime_setup_async);
  /* What is set up is so even if it was to be cancelled at the very end. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, setup, setup_free);
  setup->task = task;
  setup->runtime = self;
  setup->progress = progress;
  setup->progress_data = progress_data;
  setup->lock_fd = -1;
  setup->said = g_string_new (NULL);
  setup->environment = lds_runtime_installer_make_environment ();
  if (!prepare (setup, &error))
    {
      end (setup, error);
      return;
    }
  if (cancellable != NULL)
    {
      setup->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (setup->cancelled, G_SOURCE_FUNC (cancelled_cb), setup, NULL);
      g_source_attach (setup->cancelled, g_main_context_get_thread_default ());
    }
  start_step (setup);
}

gboolean
lds_runtime_setup_finish (GAsyncResult *result,
                          GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
