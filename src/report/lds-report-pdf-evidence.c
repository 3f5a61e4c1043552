/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prior, evidence and verdict side by side: what each measurement replaced, and what it moved. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static char *
keep (GPtrArray *texts,
      char *text)
{
  g_ptr_array_add (texts, text);
  return text;
}

/* The cells of Node.js and of Python: what "both" is worth follows from them. */
static char *
format_cells (const double cells[LDS_N_OPTIONS])
{
  return g_strdup_printf ("%.0f : %.0f", cells[LDS_OPTION_NODE], cells[LDS_OPTION_PYTHON]);
}

static void
fill_row (const LdsReportEvidence *evidence,
          LdsRow *row,
          GPtrArray *texts)
{
  LdsCell *cells = g_new0 (LdsCell, 5);

  g_ptr_array_add (texts, cells);
  row->cells = cells;
  row->remark = evidence->basis;
  cells[0] = (LdsCell){.text = evidence->title,
                       /* Translators: a weight from 0 to 10 */
                       .note = keep (texts, g_strdup_printf (_ ("weight %.3g"), evidence->weight)),
                       .style = LDS_TEXT_BOLD};
  cells[1] = (LdsCell){.text = keep (texts, format_cells (evidence->prior_cells)),
                       .note = _ ("articles’ opinion")};
  cells[2] =
      (LdsCell){.text = keep (texts, g_strdup_printf ("%.2f (%.2f–%.2f)", evidence->ratio,
                                                      evidence->low, evidence->high)),
                .note = evidence->detectable ? evidence->workload : _ ("no detectable difference")};
  cells[3] = (LdsCell){.text = keep (texts, format_cells (evidence->cells)), .note = _ ("measured")};
  /* A plain minus would be read as a dash in a table. */
  cells[4] = (LdsCell){
      .text = keep (texts, g_strdup_printf ("%s%.1f", evidence->effect < -0.05 ? "−" : "+",
                                            fabs (evidence->effect)))};
}

static void
draw_used (LdsReport *self,
           LdsPages *pages)
{
  const LdsColumn columns[] = {
      {_ ("Criterion"), 26, LDS_ALIGN_LEFT},
      {_ ("Before, Node.js : Python"), 21, LDS_ALIGN_LEFT},
      {_ ("Measured ratio"), 27, LDS_ALIGN_LEFT},
      {_ ("After"), 13, LDS_ALIGN_LEFT},
      {_ ("Lead moved by"), 13, LDS_ALIGN_RIGHT},
  };
  g_autofree LdsRow *rows = g_new0 (LdsRow, self->evidence->len + 1);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  guint n = 0;

  for (guint i = 0; i < self->evidence->len; i++)
    {
      const LdsReportEvidence *evidence = self->evidence->pdata[i];

      if (evidence->used)
        fill_row (evidence, &rows[n++], texts);
    }
  if (n == 0)
    {
      lds_pages_paragraph (pages, LDS_STYLE_BODY, _ ("Nothing that was measured replaces an opinion; the reasons are below."));
      return;
    }
  lds_pages_table (pages, columns, G_N_ELEMENTS (columns), rows, n);
  lds_pages_paragraph (pages, LDS_STYLE_CAPTION, _ ("A ratio above 1 means that the lane that stands for Node.js did better; times and memory are inverted for that. Equal is worth 50 : 50, each doubling 25 points up for the one and down for the other, within 5 and 95. Points are those of the verdict’s lead over its best rival."));
}

static void
draw_unused (LdsReport *self,
             LdsPages *pages)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->evidence->len; i++)
    {
      const LdsReportEvidence *evidence = self->evidence->pdata[i];
      g_autofree char *text = NULL;

      if (evidence->used)
        continue;
      if (!any)
        lds_pages_heading (pages, _ ("Still the articles’ opinion"), 40);
      any = TRUE;
      /* Translators: a criterion, why no measurement replaces its opinion */
      text = g_strdup_printf (_ ("%s: %s"), evidence->title,
                              evidence->reason != NULL ? evidence->reason : "");
      lds_pages_item (pages, "•", text);
    }
}

void
lds_report_draw_evidence (LdsReport *self,
                          LdsPages *pages)
{
  if (self->evidence->len == 0)
    return;
  /* Of series alone all criteria have the one reason, which stands at the verdict. */
  if (self->session != NULL && lds_plan_is_adaptive (self->session->plan) &&
      !self->session->plan->find_knee)
    return;
  lds_pages_begin_section (pages, _ ("What the measurements moved"), FALSE);
  for (guint i = 0; i < self->moved->len; i++)
    lds_pages_paragraph (pages, i == 0 ? LDS_STYLE_LEAD : LDS_STYLE_BODY, self->moved->pdata[i]);
  lds_pages_skip (pages, 6);
  draw_used (self, pages);
  draw_unused (self, pages);
}
