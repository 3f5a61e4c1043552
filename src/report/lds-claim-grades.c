/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From tested claims to grades. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-claim-grades.h"

#include <math.h>

/* A ratio beyond what is claimed, on the side that is claimed. */
static gboolean
is_exceeded (const LdsClaimOutcome *outcome)
{
  const LdsClaimFigure *figure = outcome->trial->figure;
  double claimed_low = figure->low, claimed_high = figure->high;
  double low = outcome->low, high = outcome->high;

  if (!lds_claim_figure_favours_node (figure, &claimed_low, &claimed_high))
    return FALSE;
  lds_claim_figure_favours_node (figure, &low, &high);
  return (claimed_low > 1 && low > claimed_high) || (claimed_high < 1 && high < claimed_low);
}

static LdsTested
test_of (const LdsClaimRecord *record)
{
  const LdsClaimFinding *finding = record->finding;
  gboolean exceeded = TRUE;

  if (record->sessions->len == 0)
    return LDS_TESTED_OPEN;
  if (finding->verdict == LDS_CLAIM_CONFIRMED)
    return g_strcmp0 (finding->grade, "E3") == 0 ? LDS_TESTED_REAL : LDS_TESTED_MODEL;
  if (finding->verdict != LDS_CLAIM_REFUTED)
    return LDS_TESTED_OPEN;
  for (guint i = 0; i < finding->outcomes->len; i++)
    {
      const LdsClaimOutcome *outcome = finding->outcomes->pdata[i];

      if (outcome->verdict == LDS_CLAIM_REFUTED)
        exceeded &= is_exceeded (outcome);
    }
  return exceeded ? LDS_TESTED_OPEN : LDS_TESTED_REFUTED;
}

LdsGrades *
lds_claim_grades_new (const LdsClaimEvidence *evidence)
{
  LdsGrades *grades;

  if (evidence == NULL)
    return NULL;
  grades = lds_grades_new ();
  for (guint i = 0; i < evidence->records->len; i++)
    {
      const LdsClaimRecord *record = evidence->records->pdata[i];

      /* What no run can tell says nothing either way. */
      if (record->finding->outcomes->len > 0)
        lds_grades_set (grades, record->finding->claim->id, test_of (record));
    }
  return grades;
}
