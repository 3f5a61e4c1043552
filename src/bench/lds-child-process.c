/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child process that speaks in lines. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-child-process.h"

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lds-error.h"
#include "lds-timer.h"

#define CHUNK_BYTES 65536
/* Of standard error only the end is kept. */
#define MAX_DIAGNOSTICS_BYTES 4096
#define MAX_TEXT_CHARACTERS   500
/* How long output may still come after the child has ended: a grandchild may hold the pipe. */
#define LAST_WORDS_MS 300
/* Between two attempts to reap a child that a tracer holds. */
#define REAP_INTERVAL_MS 10

struct _LdsChildProcess
{
  gatomicrefcount references;          /* the owner's, and one for each operation under way */
  const LdsChildProcessEvents *events; /* NULL once the owner has let go */
  gpointer user_data;

  GMainContext *context;
  GOutputStream *input;
  GInputStream *output;
  GInputStream *errors;
  GCancellable *cancellable; /* of every operation on the pipes */
  GSource *watch;            /* holds a reference until the child is reaped */
  int pid;                   /* 0 once reaped */
  int status;                /* as of waitpid(), once reaped */

  GByteArray *pending; /* a line that has not ended yet */
  GByteArray *diagnostics;
  guint8 *chunk;
  guint8 *diagnostics_chunk;
  GSource *kill_source;
  GSource *last_words_source;
  GSource *reap_source;
  guint output_ended : 1;
  guint diagnostics_ended : 1;
  guint reaped : 1;
  guint told : 1;
};

/* What the child does between fork and exec. Lives on the parent's stack. */
typedef struct
{
  pid_t parent;
  gboolean has_cores;
  cpu_set_t cores;
} Setup;

static void read_output (LdsChildProcess *self);
static void read_diagnostics (LdsChildProcess *self);

static LdsChildProcess *
child_ref (LdsChildProcess *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

static void
child_unref (LdsChildProcess *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  lds_timer_clear (&self->kill_source);
  lds_timer_clear (&self->last_words_source);
  g_clear_pointer (&self->watch, g_source_unref);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->errors);
  g_clear_object (&self->cancellable);
  g_byte_array_unref (self->pending);
  g_byte_array_unref (self->diagnostics);
  g_free (self->chunk);
  g_free (self->diagnostics_chunk);
  g_main_context_unref (self->context);
  g_free (self);
}

/* Tells the owner once all have come: the ends of both outputs and of the process. */
static void
tell_when_ended (LdsChildProcess *self)
{
  if (!self->reaped || !self->output_ended || !self->diagnostics_ended || self->told)
    return;
  self->told = TRUE;
  lds_timer_clear (&self->last_words_source);
  g_output_stream_close (self->input, NULL, NULL);
  g_input_stream_close (self->output, NULL, NULL);
  g_input_stream_close (self->errors, NULL, NULL);
  if (self->events != NULL)
    self->events->ended (self->user_data);
}

/* Returns FALSE when the owner let go while it heard a line. */
static gboolean
give_out_lines (LdsChildProcess *self,
                const guint8 *data,
                gsize size)
{
  while (size > 0)
    {
      const guint8 *end = memchr (data, '\n', size);
      gsize part = end != NULL ? (gsize)(end - data) : size;

      if (self->pending->len + part > LDS_CHILD_PROCESS_MAX_LINE_BYTES)
        {
          self->events->flood (self->user_data);
          return FALSE;
        }
      g_byte_array_append (self->pending, data, (guint)part);
      if (end == NULL)
        return TRUE;
      g_byte_array_append (self->pending, (const guint8 *)"", 1);
      self->events->line ((const char *)self->pending->data, self->pending->len - 1,
                          self->user_data);
      if (self->events == NULL)
        return FALSE;
      g_byte_array_set_size (self->pending, 0);
      data = end + 1;
      size -= part + 1;
    }
  return TRUE;
}

static void
read_output_cb (GObject *source,
                GAsyncResult *result,
                gpointer user_data)
{
  LdsChildProcess *self = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  /* What comes after the last line feed is no line: the child was cut off while it wrote. */
  if (n > 0 && self->events != NULL && give_out_lines (self, self->chunk, (gsize)n))
    read_output (self);
  else
    {
      self->output_ended = TRUE;
      tell_when_ended (self);
    }
  child_unref (self);
}

static void
read_output (LdsChildProcess *self)
{
  g_input_stream_read_async (self->output, self->chunk, CHUNK_BYTES,
                             G_PRIORITY_DEFAULT, self->cancellable, read_output_cb,
                             child_ref (self));
}

static void
read_diagnostics_cb (GObject *source,
                     GAsyncResult *result,
                     gpointer user_data)
{
  LdsChildProcess *self = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n > 0)
    {
      g_byte_array_append (self->diagnostics, self->diagnostics_chunk, (guint)n);
      if (self->diagnostics->len > MAX_DIAGNOSTICS_BYTES)
        g_byte_array_remove_range (self->diagnostics, 0,
                                   self->diagnostics->len - MAX_DIAGNOSTICS_BYTES);
      read_diagnostics (self);
    }
  else
    {
      self->diagnostics_ended = TRUE;
      tell_when_ended (self);
    }
  child_unref (self);
}

static void
read_diagnostics (LdsChildProcess *self)
{
  g_input_stream_read_async (self->errors, self->diagnostics_chunk,
                             MAX_DIAGNOSTICS_BYTES, G_PRIORITY_DEFAULT, self->cancellable,
                             read_diagnostics_cb, child_ref (self));
}

static gboolean
last_words_cb (gpointer user_data)
{
  LdsChildProcess *self = user_data;

  lds_timer_clear (&self->last_words_source);
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
reaped (LdsChildProcess *self,
        int status)
{
  /* Its own children, if it left any, are of its group. */
  kill (-self->pid, SIGKILL);
  self->status = status;
  self->pid = 0;
  self->reaped = TRUE;
  lds_timer_clear (&self->kill_source);
  if (!self->output_ended || !self->diagnostics_ended)
    lds_timer_set (&self->last_words_source, self->context, LAST_WORDS_MS, last_words_cb, self);
  tell_when_ended (self);
}

static gboolean
reap_again_cb (gpointer user_data)
{
  LdsChildProcess *self = user_data;
  int status = 0;

  if (waitpid (self->pid, &status, WNOHANG) == 0)
    return G_SOURCE_CONTINUE;
  lds_timer_clear (&self->reap_source);
  reaped (self, status);
  child_unref (self);
  return G_SOURCE_REMOVE;
}

static void
watch_cb (GPid pid,
          int status,
          gpointer user_data)
{
  LdsChildProcess *self = user_data;
  int late_status;
  pid_t late = waitpid (pid, &late_status, WNOHANG);

  /* GLib has reaped it, except when a tracer (a debugger, a leak checker) still holds it: GLib then
   * takes it for gone, and it would stay a zombie. */
  if (late == 0)
    {
      child_ref (self);
      lds_timer_set (&self->reap_source, self->context, REAP_INTERVAL_MS, reap_again_cb, self);
    }
  else
    reaped (self, late == pid ? late_status : status);
}

/* Between fork and exec: async-signal-safe calls only. */
static void
setup_cb (gpointer user_data)
{
  const Setup *setup = user_data;

  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != setup->parent)
    _exit (127);
  if (setup->has_cores)
    sched_setaffinity (0, sizeof setup->cores, &setup->cores);
}

LdsChildProcess *
lds_child_process_spawn (const char *const *argv,
                         const char *const *environment,
                         GArray *cores,
                         const LdsChildProcessEvents *events,
                         gpointer user_data,
                         GError **error)
{
  g_autoptr (GError) local = NULL;
  LdsChildProcess *self;
  Setup setup = {.parent = getpid (), .has_cores = cores != NULL && cores->len > 0};
  int pid, input_fd, output_fd, errors_fd;

  g_return_val_if_fail (argv != NULL && argv[0] != NULL && events != NULL, NULL);

  CPU_ZERO (&setup.cores);
  for (guint i = 0; cores != NULL && i < cores->len; i++)
    CPU_SET ((size_t)g_array_index (cores, int, i), &setup.cores);

  /* Not GSubprocess: it forgets the id of a child that ends at once, and reaps on another thread. */
  if (!g_spawn_async_with_pipes (NULL, (char **)argv, (char **)environment,
                                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CLOEXEC_PIPES, setup_cb,
                                 &setup, &pid, &input_fd, &output_fd, &errors_fd, &local))
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a program's path, then the system's reason */
                   _ ("Cannot start “%s”: %s."), argv[0], local->message);
      return NULL;
    }

  self = g_new0 (LdsChildProcess, 1);
  g_atomic_ref_count_init (&self->references);
  self->events = events;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  self->pid = pid;
  self->input = g_unix_output_stream_new (input_fd, TRUE);
  self->output = g_unix_input_stream_new (output_fd, TRUE);
  self->errors = g_unix_input_stream_new (errors_fd, TRUE);
  self->pending = g_byte_array_new ();
  self->diagnostics = g_byte_array_new ();
  self->chunk = g_malloc (CHUNK_BYTES);
  self->diagnostics_chunk = g_malloc (MAX_DIAGNOSTICS_BYTES);
  self->watch = g_child_watch_source_new (pid);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (watch_cb), child_ref (self),
                         (GDestroyNotify)child_unref);
  g_source_attach (self->watch, self->context);
  read_output (self);
  read_diagnostics (self);
  return self;
}

void
lds_child_process_free (LdsChildProcess *self)
{
  if (self == NULL)
    return;
  self->events = NULL;
  lds_child_process_stop (self, 0);
  g_cancellable_cancel (self->cancellable);
  lds_timer_clear (&self->last_words_source);
  child_unref (self);
}

static void
write_cb (GObject *source,
          GAsyncResult *result,
          gpointer user_data)
{
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_free (user_data);
}

void
lds_child_process_write (LdsChildProcess *self,
                         const char *text)
{
  char *copy;

  g_return_if_fail (self != NULL && text != NULL);

  copy = g_strdup (text);
  g_output_stream_write_all_async (self->input, copy, strlen (copy),
                                   G_PRIORITY_DEFAULT, self->cancellable, write_cb, copy);
}

static gboolean
kill_cb (gpointer user_data)
{
  LdsChildProcess *self = user_data;

  lds_timer_clear (&self->kill_source);
  if (self->pid != 0)
    kill (-self->pid, SIGKILL);
  return G_SOURCE_REMOVE;
}

void
lds_child_process_let_end (LdsChildProcess *self,
                           guint grace_ms)
{
  g_return_if_fail (self != NULL);

  if (self->pid == 0 || self->kill_source != NULL)
    return;
  /* Fails while a plan is still being written to a child that does not read; the kill comes then. */
  g_output_stream_close (self->input, NULL, NULL);
  lds_timer_set (&self->kill_source, self->context, grace_ms, kill_cb, self);
}

void
lds_child_process_stop (LdsChildProcess *self,
                        guint grace_ms)
{
  g_return_if_fail (self != NULL);

  if (self->pid == 0)
    return;
  if (grace_ms == 0)
    {
      lds_timer_clear (&self->kill_source);
      kill (-self->pid, SIGKILL);
      return;
    }
  kill (self->pid, SIGTERM);
  lds_child_process_let_end (self, grace_ms);
}

int
lds_child_process_get_pid (LdsChildProcess *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->pid;
}

gboolean
lds_child_process_has_ended (LdsChildProcess *self)
{
  g_return_val_if_fail (self != NULL, TRUE);

  return self->told;
}

gboolean
lds_child_process_has_succeeded (LdsChildProcess *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->told && WIFEXITED (self->status) && WEXITSTATUS (self->status) == 0;
}

char *
lds_child_process_describe_end (LdsChildProcess *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (WIFSIGNALED (self->status))
    /* Translators: how a program ended: a signal's number, then its name */
    return g_strdup_printf (_ ("by signal %d (%s)"), WTERMSIG (self->status),
                            g_strsignal (WTERMSIG (self->status)));
  /* Translators: how a program ended */
  return g_strdup_printf (_ ("with exit status %d"), WEXITSTATUS (self->status));
}

char *
lds_child_process_sanitize (const char *text,
                            gssize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, length);
  GString *clean = g_string_new (NULL);
  glong n = 0;

  g_strstrip (valid);
  for (const char *p = valid; *p != '\0' && n < MAX_TEXT_CHARACTERS; p = g_utf8_next_char (p), n++)
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (clean, g_unichar_isprint (c) ? c : ' ');
    }
  return g_strstrip (g_string_free (clean, FALSE));
}

char *
lds_child_process_dup_diagnostics (LdsChildProcess *self)
{
  gsize end, start;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->diagnostics->len == 0)
    return g_strdup ("");
  end = self->diagnostics->len;
  while (end > 0 && g_ascii_isspace (self->diagnostics->data[end - 1]))
    end--;
  start = end;
  while (start > 0 && self->diagnostics->data[start - 1] != '\n')
    start--;
  return lds_child_process_sanitize ((const char *)self->diagnostics->data + start,
                                     (gssize)(end - start));
}
