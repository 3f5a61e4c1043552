/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a session to evidence, and from that to the verdict. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-findings-private.h"

#include <string.h>

static void
finding_free (gpointer data)
{
  LdsFinding *finding = data;

  g_free (finding->reason);
  g_free (finding->basis);
  g_free (finding);
}

static void
add_to_overlay (LdsOverlay *overlay,
                LdsFinding *finding)
{
  LdsMeasuredRatio measurement = {
      .criterion = (char *)finding->criterion,
      .ratio = finding->ratio,
      .low = finding->low,
      .high = finding->high,
      .evidence =
          finding->node->provenance == LDS_PROVENANCE_REAL ? LDS_EVIDENCE_REAL : LDS_EVIDENCE_MODEL,
      .workload = (char *)finding->workload->code,
      .basis = finding->basis,
  };
  g_autoptr (GError) error = NULL;

  if (lds_overlay_set (overlay, &measurement, &error))
    return;
  finding->used = FALSE;
  finding->reason = g_strdup (error->message);
}

static void
add_influences (LdsFindings *self,
                LdsAnswers *answers)
{
  const LdsAdviceOptions options = {.overlay = self->overlay};
  g_autoptr (GArray) influences = lds_influence_list (answers, &options, NULL);

  for (guint i = 0; i < influences->len; i++)
    {
      const LdsInfluence *influence = &g_array_index (influences, LdsInfluence, i);

      for (guint r = 0; r < self->rows->len; r++)
        {
          LdsFinding *finding = self->rows->pdata[r];

          if (strcmp (finding->criterion, influence->criterion) == 0)
            finding->influence = *influence;
        }
    }
}

LdsFindings *
lds_findings_new (LdsAnswers *answers,
                  const LdsSession *session)
{
  LdsFindings *self = g_new0 (LdsFindings, 1);
  g_autoptr (GArray) yardsticks = NULL, comparisons = NULL;
  g_autoptr (GPtrArray) knees = NULL;

  g_return_val_if_fail (LDS_IS_ANSWERS (answers), NULL);

  self->rows = g_ptr_array_new_with_free_func (finding_free);
  self->overlay = lds_overlay_new (lds_answers_get_pack (answers));
  if (session == NULL)
    return self;
  yardsticks = lds_yardstick_list (lds_answers_get_pack (answers));
  comparisons = lds_comparison_list (answers);
  knees = lds_search_summarize (session->plan, session->runs);
  for (guint i = 0; i < yardsticks->len; i++)
    {
      const LdsYardstick *yardstick = &g_array_index (yardsticks, LdsYardstick, i);
      LdsFinding *finding = g_new0 (LdsFinding, 1);

      g_ptr_array_add (self->rows, finding);
      lds_findings_search (finding, yardstick, comparisons, session, knees);
      if (finding->used)
        add_to_overlay (self->overlay, finding);
    }
  add_influences (self, answers);
  return self;
}

void
lds_findings_free (LdsFindings *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->rows);
  lds_overlay_free (self->overlay);
  g_free (self);
}

guint
lds_findings_n_used (const LdsFindings *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return lds_overlay_list (self->overlay)->len;
}

LdsVerdict *
lds_findings_advise (const LdsFindings *self,
                     LdsAnswers *answers,
                     LdsEvidence evidence,
                     const LdsGrades *grades)
{
  const LdsAdviceOptions options = {
      .evidence = evidence, .overlay = self->overlay, .grades = grades};

  return lds_advise_with (answers, &options, NULL);
}
