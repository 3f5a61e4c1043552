/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which version of a real runtime is here: its program is asked once, for all runtimes that start it. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-runtime.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>

#include "lds-error.h"
#include "lds-runtime-packages.h"

#define LIMIT_MS 5000

/* Versions by program and arguments; "" for one that says none. */
G_LOCK_DEFINE_STATIC (known);
static GHashTable *known;

typedef struct
{
  GMainLoop *loop;
  GSubprocess *process;
  char *text;
  gboolean ended;
} Question;

static void
answered_cb (GObject *source,
             GAsyncResult *result,
             gpointer user_data)
{
  Question *question = user_data;

  g_subprocess_communicate_utf8_finish (question->process, result, &question->text, NULL, NULL);
  question->ended = TRUE;
  g_main_loop_quit (question->loop);
}

static gboolean
too_long_cb (gpointer user_data)
{
  Question *question = user_data;

  g_subprocess_force_exit (question->process);
  return G_SOURCE_REMOVE;
}

/* Returns: (transfer full) (nullable): what the program says of itself on either of its outputs */
static char *
ask (const LdsRuntime *self,
     const char *program)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) limit = g_timeout_source_new (LIMIT_MS);
  Question question = {0};

  g_ptr_array_add (argv, (gpointer)program);
  for (guint i = 0; self->version_arguments[i] != NULL; i++)
    g_ptr_array_add (argv, self->version_arguments[i]);
  g_ptr_array_add (argv, NULL);
  /* A context of its own: nothing else may happen while it is waited for. */
  g_main_context_push_thread_default (context);
  question.process = g_subprocess_newv (
      (const char *const *)argv->pdata,
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, NULL);
  if (question.process != NULL)
    {
      question.loop = g_main_loop_new (context, FALSE);
      g_source_set_callback (limit, too_long_cb, &question, NULL);
      g_source_attach (limit, context);
      g_subprocess_communicate_utf8_async (question.process, NULL, NULL, answered_cb, &question);
      g_main_loop_run (question.loop);
      g_source_destroy (limit);
      g_main_loop_unref (question.loop);
      g_object_unref (question.process);
    }
  g_main_context_pop_thread_default (context);
  return question.text;
}

/* Returns: (transfer full): the version, "" when it says none */
static char *
find_out (const LdsRuntime *self,
          const char *program)
{
  g_autoptr (GRegex) regex = g_regex_new ("[0-9]+(\\.[0-9A-Za-z]+)*", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *text = ask (self, program);

  if (text == NULL || !g_regex_match (regex, text, 0, &match))
    return g_strdup ("");
  return g_match_info_fetch (match, 0);
}

/* Whether @version is before @minimum, number by number; of those that it does not have each is 0. */
static gboolean
is_older (const char *version,
          const char *minimum)
{
  while (*minimum != '\0')
    {
      char *version_end, *minimum_end;
      guint64 has = g_ascii_strtoull (version, &version_end, 10);
      guint64 needs = g_ascii_strtoull (minimum, &minimum_end, 10);

      if (has != needs)
        return has < needs;
      version = version_end + (*version_end == '.');
      minimum = minimum_end + (*minimum_end == '.');
    }
  return FALSE;
}

/* Returns: (transfer full): what its version is known by */
static char *
dup_key (const LdsRuntime *self,
         const char *program)
{
  g_autofree char *arguments = g_strjoinv (" ", self->version_arguments);

  return g_strconcat (program, " ", arguments, NULL);
}

gboolean
lds_runtime_is_asked (const LdsRuntime *self)
{
  g_autofree char *program = NULL, *key = NULL;
  gboolean asked;

  g_return_val_if_fail (self != NULL, FALSE);

  program = lds_runtime_find_program (self, NULL);
  if (program == NULL)
    return TRUE;
  key = dup_key (self, program);
  /* It is held for as long as a program takes to answer. */
  if (!G_TRYLOCK (known))
    return FALSE;
  asked = known != NULL && g_hash_table_contains (known, key);
  G_UNLOCK (known);
  return asked;
}

char *
lds_runtime_read_program_version (const LdsRuntime *self,
                                  GError **error)
{
  g_autofree char *program = NULL, *key = NULL, *version = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  program = lds_runtime_find_program (self, error);
  if (program == NULL)
    return NULL;
  key = dup_key (self, program);
  G_LOCK (known);
  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!g_hash_table_contains (known, key))
    g_hash_table_insert (known, g_strdup (key), find_out (self, program));
  version = g_strdup (g_hash_table_lookup (known, key));
  G_UNLOCK (known);
  if (*version == '\0')
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: a program's path, a runtime */
                 _ ("“%s” does not say which version it is, so it is not known to be %s. Install it again."), program,
                 self->title);
  else if (self->minimum != NULL && is_older (version, self->minimum))
    g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                 /* Translators: a program's path, its version, a runtime, a version */
                 _ ("“%s” is version %s, and %s needs %s or later. Install a newer one."), program, version,
                 self->title, self->minimum);
  else
    return g_steal_pointer (&version);
  return NULL;
}

char *
lds_runtime_read_version (const LdsRuntime *self,
                          GError **error)
{
  g_autofree char *version = lds_runtime_read_program_version (self, error);
  g_auto (GStrv) packages = version != NULL ? lds_runtime_packages_list (self, error) : NULL;
  g_autofree char *listed = NULL;

  if (packages == NULL)
    return NULL;
  if (*packages == NULL)
    return g_steal_pointer (&version);
  listed = g_strjoinv (", ", packages);
  return g_strdup_printf ("%s (%s)", version, listed);
}
