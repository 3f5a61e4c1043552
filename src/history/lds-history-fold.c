/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching without regard to case. */
#define G_LOG_DOMAIN "lds-history"

#include "config.h"
#include "lds-history-fold.h"

char *
lds_history_fold (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *folded = g_utf8_casefold (valid, -1);

  return g_utf8_normalize (folded, -1, G_NORMALIZE_ALL);
}

static void
fold_cb (sqlite3_context *context,
         int n_values,
         sqlite3_value **values)
{
  const char *text = (const char *)sqlite3_value_text (values[0]);

  if (text != NULL)
    sqlite3_result_text (context, lds_history_fold (text), -1, g_free);
}

int
lds_history_fold_register (sqlite3 *db)
{
  return sqlite3_create_function_v2 (db, "fold", 1,
                                     SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL,
                                     fold_cb, NULL, NULL, NULL);
}
