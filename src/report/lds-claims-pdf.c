/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims and what was found of them, as pages. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-claims-pdf.h"

#include <glib/gi18n-lib.h>

#include "lds-claim-cards.h"
#include "lds-pages.h"
#include "lds-pdf-file.h"
#include "lds-ratio-chart.h"

#define N_COLUMNS 5

static void
draw_axis (GPtrArray *claims,
           GPtrArray *findings,
           LdsPages *pages)
{
  g_autoptr (GPtrArray) rows = lds_ratio_rows_new (claims, findings);
  double height = lds_ratio_chart_height (&pages->theme, rows->len);

  if (rows->len == 0)
    return;
  lds_pages_heading (pages, _ ("How much faster, on one axis"), height);
  lds_pages_reserve (pages, height);
  lds_pages_begin_tag (pages, "Figure");
  cairo_save (pages->cr);
  cairo_translate (pages->cr, pages->left, pages->y);
  lds_ratio_chart_draw (pages->cr, &pages->theme, rows, pages->width);
  cairo_restore (pages->cr);
  lds_pages_end_tag (pages, "Figure");
  pages->y += height;
  lds_pages_paragraph (pages, LDS_STYLE_CAPTION,
                       _ ("Diamonds are what articles claim, with the range that they give; an arrow where they give no limit. Below each stands what was measured here, with its 95 % interval: a real runtime solid, a twin dashed, a model dotted."));
}

/* Keeps a text until the table is drawn. */
static const char *
keep (GPtrArray *texts,
      char *text)
{
  g_ptr_array_add (texts, text);
  return text;
}

static char *
join (GPtrArray *sentences)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < sentences->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", (char *)sentences->pdata[i]);
  return g_string_free (text, FALSE);
}

static void
add_row (GArray *rows,
         GPtrArray *texts,
         const LdsClaimFinding *finding,
         const LdsClaimOutcome *outcome)
{
  LdsCell *cells = g_new0 (LdsCell, N_COLUMNS);
  LdsRow row = {.cells = cells};

  g_ptr_array_add (texts, cells);
  cells[0].text = finding->claim->id;
  cells[0].note = finding->claim->title;
  cells[3].text = lds_claim_verdict_title (outcome != NULL ? outcome->verdict : finding->verdict);
  cells[4].text = finding->grade != NULL ? finding->grade : "–";
  if (outcome != NULL)
    {
      cells[1].text = keep (texts, lds_claim_figure_dup_claimed (outcome->trial->figure));
      cells[1].note = _ (outcome->trial->figure->metric->short_title);
      cells[2].text = keep (texts, lds_claim_outcome_dup_measured (outcome));
      cells[2].note = outcome->trial->lane != NULL
                          ? keep (texts, lds_claim_trial_dup_lanes (outcome->trial))
                          : NULL;
      row.remark = outcome->reason;
    }
  else if (finding->texts->len > 0)
    row.remark = keep (texts, join (finding->texts));
  else
    row.remark = finding->claim->how;
  g_array_append_val (rows, row);
}

static void
draw_table (GPtrArray *findings,
            LdsPages *pages)
{
  const LdsColumn columns[N_COLUMNS] = {
      {_ ("Claim"), 27, LDS_ALIGN_LEFT},
      {_ ("Claimed"), 18, LDS_ALIGN_LEFT},
      {_ ("Measured, with 95 % interval"), 30, LDS_ALIGN_LEFT},
      {_ ("Verdict"), 14, LDS_ALIGN_LEFT},
      {_ ("Evidence"), 11, LDS_ALIGN_LEFT},
  };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (LdsRow));

  for (guint i = 0; i < findings->len; i++)
    {
      const LdsClaimFinding *finding = findings->pdata[i];

      if (finding->outcomes->len == 0)
        add_row (rows, texts, finding, NULL);
      for (guint o = 0; o < finding->outcomes->len; o++)
        add_row (rows, texts, finding, finding->outcomes->pdata[o]);
    }
  lds_pages_heading (pages, _ ("Claim by claim"), 120);
  lds_pages_table (pages, columns, N_COLUMNS, (const LdsRow *)(gconstpointer)rows->data, rows->len);
}

static void
draw_cards (GPtrArray *claims,
            LdsPages *pages)
{
  g_autoptr (GPtrArray) drawn = g_ptr_array_new ();

  for (guint i = 0; i < claims->len; i++)
    {
      g_autoptr (GPtrArray) cards = lds_claim_cards_new (claims->pdata[i]);

      for (guint c = 0; c < cards->len; c++)
        {
          g_autofree char *text = lds_claim_card_dup_text (cards->pdata[c]);

          if (g_ptr_array_find (drawn, cards->pdata[c], NULL))
            continue;
          if (drawn->len == 0)
            lds_pages_heading (pages, _ ("Contradictions and corrections"), 60);
          g_ptr_array_add (drawn, cards->pdata[c]);
          lds_pages_item (pages, "•", text);
        }
    }
}

static LdsPages *
draw_pages (GPtrArray *claims,
            GPtrArray *findings,
            LdsPaper paper,
            cairo_surface_t *pdf,
            guint n_pages,
            const char *title,
            const char *foot)
{
  LdsPages *pages = lds_pages_new (paper, pdf, n_pages, title, foot);

  lds_pages_begin_section (pages, _ ("The articles’ claims, tested on this machine"), TRUE);
  lds_pages_paragraph (pages, LDS_STYLE_LEAD,
                       _ ("Confirmed: the whole 95 % interval of at least five runs agrees with the claim. Within range: part of it does, or all of it where the figure belongs to the article’s machine. Refuted: none of it does. A model shows an architecture, a twin a runtime’s costs; neither is called Node.js or Python alone."));
  draw_axis (claims, findings, pages);
  draw_table (findings, pages);
  draw_cards (claims, pages);
  lds_pages_finish (pages);
  return pages;
}

gboolean
lds_claims_write_pdf (GPtrArray *claims,
                      GPtrArray *findings,
                      gint64 created_at_us,
                      const char *path,
                      LdsPaper paper,
                      GError **error)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (created_at_us / G_USEC_PER_SEC);
  g_autoptr (LdsPages) counted = NULL;
  g_autofree char *time = NULL, *foot = NULL;
  const char *title = _ ("Loadstone: claims");
  LdsPdfFile *file;

  g_return_val_if_fail (claims != NULL && findings != NULL && path != NULL && date != NULL, FALSE);

  time = g_date_time_format (date, "%Y-%m-%d %H:%M");
  /* Translators: the program with its version, then date and time in UTC */
  foot = g_strdup_printf (_ ("%s · %s UTC"), "Loadstone " LDS_VERSION, time);
  counted = draw_pages (claims, findings, paper, NULL, 0, title, foot);
  file = lds_pdf_file_new (paper, title, created_at_us);
  lds_pages_free (draw_pages (claims, findings, paper, lds_pdf_file_get_surface (file),
                              counted->page, title, foot));
  return lds_pdf_file_finish (file, path, error);
}
