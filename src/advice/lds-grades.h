/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grades of evidence on this machine: what the rule pack says, lifted or marked by the claims that were tested here.
 * Source: DOMAIN D.5. A rule or an opinion names the claims that say it in numbers (claims="…"); it is reproduced, E2 by
 * models or twins and E3 by real runtimes, when every one of them that can be tested is confirmed, by the weakest of
 * them; one that is refuted contradicts it, E-. What cannot be tested says nothing either way. Without anything tested
 * all grades are as shipped. */
#pragma once

#include "lds-verdict.h"

G_BEGIN_DECLS

/* What came of testing a claim here. */
typedef enum
{
  LDS_TESTED_OPEN,    /* it can be tested and neither holds nor fails, or not yet: nothing that rests on it is reproduced */
  LDS_TESTED_MODEL,   /* confirmed by models or twins */
  LDS_TESTED_REAL,    /* confirmed by real runtimes */
  LDS_TESTED_REFUTED, /* contradicted */
} LdsTested;

/* Of one thread. */
typedef struct _LdsGrades LdsGrades;

/** Returns: (transfer full): nothing tested */
LdsGrades *lds_grades_new (void);
void lds_grades_free (LdsGrades *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsGrades, lds_grades_free)

/** Says what came of the claim @id; claims that are never named cannot be tested. */
void lds_grades_set (LdsGrades *self, const char *id, LdsTested tested);

/* A grade, and whom it is from. */
typedef struct
{
  const char *grade;    /* (nullable): as shipped, or static: "E2", "E3", "E-" */
  LdsEvidence evidence; /* what reproduced it; LDS_EVIDENCE_NONE: nothing did */
  char *claims;         /* (nullable), owned: ids of the claims that changed it: "C-000-1, C-001-10" */
} LdsGrade;

/**
 * lds_grades_get:
 * @self: (nullable): %NULL when nothing was tested
 * @claims: (nullable): ids of what it rests on: "C-000-1, C-001-10"
 * @shipped: (nullable): its grade without any test here
 *
 * Returns: the grade to show; the caller frees its claims
 */
LdsGrade lds_grades_get (const LdsGrades *self, const char *claims, const char *shipped);

/** Returns whether any of @claims can be tested. @self, @claims: (nullable) */
gboolean lds_grades_can_test (const LdsGrades *self, const char *claims);

/**
 * lds_grades_dup_text:
 * @grade: "E3"
 * @claims: (nullable): as LdsGrade has it
 *
 * Returns: (transfer full): “E3, reproduced here: C-000-7”, “E-, refuted here: C-002-15”, “E1”
 */
char *lds_grades_dup_text (const char *grade, const char *claims);

G_END_DECLS
