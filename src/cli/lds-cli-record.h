/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a command that measures does for the history: its options, and writing while it goes. */
#pragma once

#include "lds-conductor.h"
#include "lds-history-record.h"

G_BEGIN_DECLS

typedef struct
{
  /* Options. */
  char *database;
  char *title;
  char **tags;
  gboolean off;

  const char *kind;    /* the command */
  JsonObject *answers; /* (nullable), owned */

  LdsHistory *history; /* (nullable): NULL while nothing is recorded */
  gint64 id;           /* of the session; 0 before it begins */
  gboolean warned;
} LdsCliRecord;

void lds_cli_record_clear (LdsCliRecord *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LdsCliRecord, lds_cli_record_clear)

/* Entries for the options of a command. */
#define LDS_CLI_DATABASE_ENTRY(database)                           \
  {                                                                \
    "database", 0, 0, G_OPTION_ARG_FILENAME, database,             \
        N_ ("Use this history instead of the user's"), N_ ("FILE") \
  }
#define LDS_CLI_RECORD_ENTRIES(self)                                     \
  {"title",                                                              \
   0,                                                                    \
   0,                                                                    \
   G_OPTION_ARG_STRING,                                                  \
   &(self)->title,                                                       \
   N_ ("What this is, for the history and the report"),                  \
   N_ ("TEXT")},                                                         \
      {"tag",                                                            \
       0,                                                                \
       0,                                                                \
       G_OPTION_ARG_STRING_ARRAY,                                        \
       &(self)->tags,                                                    \
       N_ ("Give the session this tag in the history; may be repeated"), \
       N_ ("TAG")},                                                      \
      {"no-history",                                                     \
       0,                                                                \
       0,                                                                \
       G_OPTION_ARG_NONE,                                                \
       &(self)->off,                                                     \
       N_ ("Keep nothing of this in the history"),                       \
       NULL},                                                            \
      LDS_CLI_DATABASE_ENTRY (&(self)->database)

/** Returns %FALSE with LDS_ERROR_INPUT for a title or a tag that is none, or a tag that nothing keeps,
 * before anything is made. */
gboolean lds_cli_record_check_names (const LdsCliRecord *self, GError **error);

/**
 * lds_cli_record_open:
 *
 * Opens the history unless it is off. Measuring is worth more than remembering it: where that fails
 * the user is warned, and nothing is recorded. Returns %FALSE with LDS_ERROR_INPUT for a title or a
 * tag that is none.
 */
gboolean lds_cli_record_open (LdsCliRecord *self, GError **error);

/** Records what @conductor measures from now on: the session when it starts, each run as it ends. */
void lds_cli_record_follow (LdsCliRecord *self, LdsConductor *conductor);

/** Writes what is known at the end, and runs that could not be written before. */
void lds_cli_record_finish (LdsCliRecord *self, const LdsSession *session);

/** Keeps the self-tests of @session, which were made after it, and its warnings. */
void lds_cli_record_self_tests (LdsCliRecord *self, const LdsSession *session);

/** Keeps the verdict that followed. */
void lds_cli_record_verdict (LdsCliRecord *self, JsonNode *verdict);

/**
 * lds_cli_record_check_database:
 * @database: (nullable): as --database names it
 *
 * Returns %FALSE with LDS_ERROR_INPUT when it is named and is not there: only what measures or imports
 * makes a history.
 */
gboolean lds_cli_record_check_database (const char *database, GError **error);

/**
 * lds_cli_record_dup_resume_command:
 * @database: (nullable): as --database names it
 * @id: a session of it
 *
 * Returns: (transfer full): what is to be typed to go on with it
 */
char *lds_cli_record_dup_resume_command (const char *database, gint64 id);

/**
 * lds_cli_record_parse_id:
 * @text: a session's number, or "last"
 *
 * Returns: the number, from 1; or 0 with LDS_ERROR_INPUT
 */
gint64 lds_cli_record_parse_id (LdsHistory *history, const char *text, GError **error);

G_END_DECLS
