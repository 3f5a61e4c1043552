/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child process that speaks in lines: heard without blocking, ended without leftovers. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A longer line is a fault: three encoded histograms at their very largest are about 1.2 MB. */
#define LDS_CHILD_PROCESS_MAX_LINE_BYTES (4u << 20)

typedef struct _LdsChildProcess LdsChildProcess;

/* Called on the thread-default main context of the thread that spawned the child. None is called
 * from within another function of this header, nor after lds_child_process_free(). */
typedef struct
{
  /* @line: without its line feed, NUL-terminated, @length bytes, any bytes at all */
  void (*line) (const char *line, gsize length, gpointer user_data);
  /* What came was longer than LDS_CHILD_PROCESS_MAX_LINE_BYTES; nothing more will be read. */
  void (*flood) (gpointer user_data);
  /* It has ended, is reaped, and every line it wrote has been given out. Comes once, last. */
  void (*ended) (gpointer user_data);
} LdsChildProcessEvents;

/**
 * lds_child_process_spawn:
 * @argv: (array zero-terminated=1): an absolute path, then the arguments
 * @environment: (nullable) (array zero-terminated=1): "NAME=value"; %NULL for this process's own
 * @cores: (nullable) (element-type int): the processors that it and its children may use; %NULL or
 *   empty for any
 * @events: lives as long as the child
 *
 * Starts a child in a process group of its own, with pipes on standard input, output and error. It
 * is killed when the calling thread ends, and its input ends when this process does.
 *
 * Returns: (transfer full): the child; or %NULL with LDS_ERROR_FAILED
 */
LdsChildProcess *lds_child_process_spawn (const char *const *argv,
                                          const char *const *environment,
                                          GArray *cores,
                                          const LdsChildProcessEvents *events,
                                          gpointer user_data,
                                          GError **error);

/** Kills the child and its group if it still runs; it is reaped in the background. NULL is allowed. */
void lds_child_process_free (LdsChildProcess *self);

/** Writes @text to the child's standard input in the background; a child that does not read is no error. */
void lds_child_process_write (LdsChildProcess *self, const char *text);

/**
 * lds_child_process_stop:
 * @grace_ms: 0 kills at once
 *
 * Ends the child's standard input and asks it to terminate; what is left of its group after
 * @grace_ms is killed. Does nothing when it has ended.
 */
void lds_child_process_stop (LdsChildProcess *self, guint grace_ms);

/** Ends the child's standard input; what is left of its group after @grace_ms is killed. */
void lds_child_process_let_end (LdsChildProcess *self, guint grace_ms);

/** Its process id; 0 once it has ended. */
int lds_child_process_get_pid (LdsChildProcess *self);

gboolean lds_child_process_has_ended (LdsChildProcess *self);

/** Returns %TRUE when it ended by itself, with exit status 0. */
gboolean lds_child_process_has_succeeded (LdsChildProcess *self);

/** Returns: (transfer full): "with exit status 3", "by signal 9 (Killed)"; for a child that ended. */
char *lds_child_process_describe_end (LdsChildProcess *self);

/**
 * lds_child_process_dup_diagnostics:
 *
 * Returns: (transfer full): the last line of what the child wrote to standard error, as text that is
 *   safe to show, of at most 500 characters; "" when it wrote nothing
 */
char *lds_child_process_dup_diagnostics (LdsChildProcess *self);

/**
 * lds_child_process_sanitize:
 * @text: any bytes
 * @length: of @text, or -1
 *
 * Returns: (transfer full): @text as one line of valid UTF-8 without control characters, of at most
 *   500 characters
 */
char *lds_child_process_sanitize (const char *text, gssize length);

G_END_DECLS
