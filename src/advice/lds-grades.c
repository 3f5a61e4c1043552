/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grades of evidence on this machine. */
#define G_LOG_DOMAIN "lds-grades"

#include "config.h"
#include "lds-grades.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _LdsGrades
{
  GHashTable *tested; /* id -> LdsTested */
};

LdsGrades *
lds_grades_new (void)
{
  LdsGrades *self = g_new (LdsGrades, 1);

  self->tested = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
lds_grades_free (LdsGrades *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->tested);
  g_free (self);
}

void
lds_grades_set (LdsGrades *self,
                const char *id,
                LdsTested tested)
{
  g_return_if_fail (self != NULL && id != NULL);

  g_hash_table_insert (self->tested, g_strdup (id), GINT_TO_POINTER (tested));
}

static void
append_id (GString *list,
           const char *id)
{
  g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", id);
}

LdsGrade
lds_grades_get (const LdsGrades *self,
                const char *claims,
                const char *shipped)
{
  g_auto (GStrv) ids = NULL;
  g_autoptr (GString) confirmed = g_string_new (NULL), refuted = g_string_new (NULL);
  gboolean all = TRUE, all_real = TRUE;

  if (self == NULL || claims == NULL)
    return (LdsGrade){.grade = shipped};
  ids = g_strsplit (claims, ",", -1);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      gpointer tested;

      if (!g_hash_table_lookup_extended (self->tested, g_strstrip (ids[i]), NULL, &tested))
        continue;
      all &= GPOINTER_TO_INT (tested) == LDS_TESTED_MODEL ||
             GPOINTER_TO_INT (tested) == LDS_TESTED_REAL;
      all_real &= GPOINTER_TO_INT (tested) == LDS_TESTED_REAL;
      if (GPOINTER_TO_INT (tested) == LDS_TESTED_REFUTED)
        append_id (refuted, ids[i]);
      else if (GPOINTER_TO_INT (tested) != LDS_TESTED_OPEN)
        append_id (confirmed, ids[i]);
    }
  if (refuted->len > 0)
    return (LdsGrade){"E-", LDS_EVIDENCE_NONE, g_strdup (refuted->str)};
  if (!all || confirmed->len == 0)
    return (LdsGrade){.grade = shipped};
  return all_real ? (LdsGrade){"E3", LDS_EVIDENCE_REAL, g_strdup (confirmed->str)}
                  : (LdsGrade){"E2", LDS_EVIDENCE_MODEL, g_strdup (confirmed->str)};
}

gboolean
lds_grades_can_test (const LdsGrades *self,
                     const char *claims)
{
  g_auto (GStrv) ids = self != NULL && claims != NULL ? g_strsplit (claims, ",", -1) : NULL;

  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    if (g_hash_table_contains (self->tested, g_strstrip (ids[i])))
      return TRUE;
  return FALSE;
}

char *
lds_grades_dup_text (const char *grade,
                     const char *claims)
{
  g_return_val_if_fail (grade != NULL, NULL);

  if (claims == NULL)
    return g_strdup (grade);
  if (strcmp (grade, "E-") == 0)
    /* Translators: a grade of evidence, ids of claims: "E-, refuted here: C-002-15" */
    return g_strdup_printf (_ ("%s, refuted here: %s"), grade, claims);
  /* Translators: a grade of evidence, ids of claims: "E3, reproduced here: C-000-7" */
  return g_strdup_printf (_ ("%s, reproduced here: %s"), grade, claims);
}
