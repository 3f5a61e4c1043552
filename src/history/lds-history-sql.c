/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements, prepared and bound. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-sql.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "lds-error.h"

void
lds_history_set_damaged (LdsHistory *self,
                         const char *reason,
                         GError **error)
{
  g_autofree char *usual = lds_history_dup_default_path (), *quoted = g_shell_quote (self->path);
  g_autofree char *line = g_strdelimit (g_strdup (reason), "\r\n", ' '); /* SQLite's have lines */
  g_autofree char *command =
      strcmp (self->path, usual) == 0
          ? g_strdup ("loadstone-cli history check --set-aside")
          : g_strdup_printf ("loadstone-cli history check --set-aside --database %s", quoted);

  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: a file name, the reason in English, a command */
               _ ("The history “%s” is damaged (%s) and is left as it is; “%s” keeps it under another name and begins a new one."),
               self->path, line, command);
}

void
lds_history_set_error (LdsHistory *self,
                       GError **error)
{
  int code = sqlite3_extended_errcode (self->db);

  switch (code & 0xff)
    {
    case SQLITE_FULL:
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a file name */
                   _ ("There is no room to write the history “%s”; free some space."), self->path);
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   _ ("Another program is writing to the history “%s”; try again when it is done."), self->path);
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a file name */
                   _ ("Cannot write to the history “%s” or beside it, which reading it needs as well; copy it to where you can."), self->path);
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      lds_history_set_damaged (self, sqlite3_errstr (code), error);
      break;
    default:
      g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
                   /* Translators: a file name, the reason in English */
                   _ ("Cannot use the history “%s”: %s."), self->path, sqlite3_errmsg (self->db));
    }
}

static sqlite3_stmt *
prepare (LdsHistory *self,
         GError **error,
         const char *sql,
         const char *types,
         va_list args)
{
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL);

  for (int i = 0; result == SQLITE_OK && types[i] != '\0'; i++)
    {
      double number;

      switch (types[i])
        {
        case 'i':
          result = sqlite3_bind_int64 (statement, i + 1, va_arg (args, gint64));
          break;
        case 'd':
          number = va_arg (args, double);
          result = isnan (number) ? sqlite3_bind_null (statement, i + 1)
                                  : sqlite3_bind_double (statement, i + 1, number);
          break;
        case 't':
          result = sqlite3_bind_text (statement, i + 1, va_arg (args, const char *), -1,
                                      SQLITE_TRANSIENT);
          break;
        default:
          g_assert_not_reached ();
        }
    }
  if (result == SQLITE_OK)
    return statement;
  lds_history_set_error (self, error);
  sqlite3_finalize (statement);
  return NULL;
}

sqlite3_stmt *
lds_history_query (LdsHistory *self,
                   GError **error,
                   const char *sql,
                   const char *types,
                   ...)
{
  sqlite3_stmt *statement;
  va_list args;

  va_start (args, types);
  statement = prepare (self, error, sql, types, args);
  va_end (args);
  return statement;
}

gboolean
lds_history_step (LdsHistory *self,
                  sqlite3_stmt *statement,
                  GError **error)
{
  int result = sqlite3_step (statement);

  if (result != SQLITE_ROW && result != SQLITE_DONE)
    lds_history_set_error (self, error);
  return result == SQLITE_ROW;
}

gboolean
lds_history_execute (LdsHistory *self,
                     GError **error,
                     const char *sql,
                     const char *types,
                     ...)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  int result;
  va_list args;

  va_start (args, types);
  statement = prepare (self, error, sql, types, args);
  va_end (args);
  if (statement == NULL)
    return FALSE;
  do
    result = sqlite3_step (statement);
  while (result == SQLITE_ROW);
  if (result == SQLITE_DONE)
    return TRUE;
  lds_history_set_error (self, error);
  return FALSE;
}

gboolean
lds_history_begin (LdsHistory *self,
                   GError **error)
{
  return lds_history_execute (self, error, "BEGIN IMMEDIATE", "");
}

gboolean
lds_history_end (LdsHistory *self,
                 gboolean good,
                 GError **error)
{
  if (good && lds_history_execute (self, error, "COMMIT", ""))
    return TRUE;
  /* A full disk may have ended it already. */
  if (!sqlite3_get_autocommit (self->db))
    sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

char *
lds_history_dup_text (sqlite3_stmt *statement,
                      int column)
{
  const char *text = (const char *)sqlite3_column_text (statement, column);

  return text != NULL ? g_utf8_make_valid (text, sqlite3_column_bytes (statement, column)) : NULL;
}

char *
lds_history_dup_line (sqlite3_stmt *statement,
                      int column)
{
  g_autofree char *text = lds_history_dup_text (statement, column);
  GString *line = g_string_new (NULL);

  for (const char *p = text; p != NULL && *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (line, g_unichar_iscntrl (c) ? 0xfffd : c);
    }
  return g_string_free (line, FALSE);
}

double
lds_history_get_double (sqlite3_stmt *statement,
                        int column)
{
  return sqlite3_column_type (statement, column) == SQLITE_NULL
             ? NAN
             : sqlite3_column_double (statement, column);
}
