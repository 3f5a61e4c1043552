/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the articles claim in numbers and what this machine says of it, as far as it bears on the verdict. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define N_COLUMNS 5

/* A ratio that was measured for the answers, among those of the articles. */
static LdsRatioRow *
new_own_row (const LdsReportEvidence *evidence)
{
  LdsRatioRow *row = g_new0 (LdsRatioRow, 1);

  /* Translators: a workload, a metric: what the user measured himself */
  row->label = g_strdup_printf (_ ("Own: %s, %s"), evidence->workload,
                                evidence->metric != NULL ? _ (evidence->metric->short_title)
                                                         : evidence->title);
  row->claimed_low = row->claimed_high = NAN;
  row->value = evidence->ratio;
  row->low = evidence->low;
  row->high = evidence->high;
  row->lane = evidence->node_lane;
  row->family = row->lane != NULL ? row->lane->family : LDS_FAMILY_EVENT_LOOP;
  row->provenance = row->lane != NULL ? row->lane->provenance : LDS_PROVENANCE_MODEL;
  row->note = g_strdup (_ ("own measurement"));
  return row;
}

/* Of the axis: its heading, and what is left free below the text, in points. */
#define HEADING_HEIGHT 60
#define SPACE_BELOW    12

static void
draw_axis (LdsReport *self,
           LdsPages *pages)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  g_autoptr (GPtrArray) own = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_ratio_row_free);
  const char *text;
  double height, text_height;

  g_ptr_array_extend (rows, self->claims->ratios, NULL, NULL);
  for (guint i = 0; i < self->evidence->len; i++)
    {
      const LdsReportEvidence *evidence = self->evidence->pdata[i];

      if (!evidence->used)
        continue;
      g_ptr_array_add (own, new_own_row (evidence));
      g_ptr_array_add (rows, own->pdata[own->len - 1]);
    }
  if (rows->len == 0)
    return;
  text = own->len > 0
             ? _ ("Diamonds are what articles claim, with the range that they give; an arrow where they give no limit. Below each stands what was measured of it here, and at the bottom what was measured for these answers, with its 95 % interval: a real runtime solid, a twin dashed, a model dotted.")
             : _ ("Diamonds are what articles claim, with the range that they give; an arrow where they give no limit. Below each stands what was measured here, with its 95 % interval: a real runtime solid, a twin dashed, a model dotted.");
  text_height = lds_pages_text_height (pages, LDS_STYLE_CAPTION, text, pages->width) + SPACE_BELOW;
  height = MIN (lds_ratio_chart_height (&pages->theme, rows->len),
                pages->bottom - pages->top - HEADING_HEIGHT - text_height);
  /* Said before it is drawn: after a chart that fills its page the text would be alone on the next. */
  lds_pages_heading (pages, _ ("How much faster, on one axis"), text_height + height);
  lds_pages_paragraph (pages, LDS_STYLE_CAPTION, text);
  lds_pages_reserve (pages, height);
  lds_pages_begin_tag (pages, "Figure");
  cairo_save (pages->cr);
  cairo_translate (pages->cr, pages->left, pages->y);
  lds_ratio_chart_draw (pages->cr, &pages->theme, rows, pages->width);
  cairo_restore (pages->cr);
  lds_pages_end_tag (pages, "Figure");
  pages->y += height;
}

/* Keeps a text until the table is drawn. */
static const char *
keep (GPtrArray *texts,
      char *text)
{
  g_ptr_array_add (texts, text);
  return text;
}

static void
add_row (GArray *rows,
         GPtrArray *texts,
         const LdsReportClaim *claim,
         const LdsReportClaimFigure *figure)
{
  LdsCell *cells = g_new0 (LdsCell, N_COLUMNS);
  LdsRow row = {
      .cells = cells, .remark = figure != NULL ? figure->reason : NULL, .aside = claim->caveat};

  g_ptr_array_add (texts, cells);
  cells[0].text = claim->id;
  cells[0].note = claim->title;
  cells[3].text = figure != NULL ? figure->verdict : claim->verdict;
  /* Translators: a date */
  cells[3].note = claim->date != NULL ? keep (texts, g_strdup_printf (_ ("measured %s"), claim->date))
                                      : _ ("without a run");
  cells[4].text = claim->grade != NULL ? claim->grade : "–";
  cells[4].note = claim->rests;
  if (figure != NULL)
    {
      cells[1].text = figure->claimed;
      cells[1].note = figure->title;
      cells[2].text = figure->measured != NULL ? figure->measured : "–";
      cells[2].note = figure->lanes;
    }
  g_array_append_val (rows, row);
}

static void
draw_table (LdsReport *self,
            LdsPages *pages)
{
  const LdsColumn columns[N_COLUMNS] = {
      {_ ("Claim"), 24, LDS_ALIGN_LEFT},
      {_ ("Claimed"), 15, LDS_ALIGN_LEFT},
      {_ ("Measured, with 95 % interval"), 27, LDS_ALIGN_LEFT},
      {_ ("Verdict"), 17, LDS_ALIGN_LEFT},
      {_ ("Evidence, for"), 17, LDS_ALIGN_LEFT},
  };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (LdsRow));

  for (guint i = 0; i < self->claims->bearing->len; i++)
    {
      const LdsReportClaim *claim = self->claims->bearing->pdata[i];

      if (claim->figures->len == 0)
        add_row (rows, texts, claim, NULL);
      for (guint f = 0; f < claim->figures->len; f++)
        add_row (rows, texts, claim, claim->figures->pdata[f]);
    }
  if (rows->len == 0)
    return;
  lds_pages_heading (pages, _ ("Claims behind this verdict"), 120);
  lds_pages_table (pages, columns, N_COLUMNS, (const LdsRow *)(gconstpointer)rows->data, rows->len);
}

static void
draw_untested (LdsReport *self,
               LdsPages *pages)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  g_autofree char *text = NULL;

  if (self->claims->untested->len == 0 || self->claims->command == NULL)
    return;
  for (guint i = 0; i < self->claims->untested->len; i++)
    g_string_append_printf (ids, "%s%s", i > 0 ? ", " : "", (char *)self->claims->untested->pdata[i]);
  /* Translators: ids of claims, a command */
  text = g_strdup_printf (_ ("Not tested on this machine yet: %s. To test: %s"), ids->str,
                          self->claims->command);
  lds_pages_paragraph (pages, LDS_STYLE_BODY, text);
}

static void
draw_texts (LdsPages *pages,
            const char *heading,
            GPtrArray *texts)
{
  if (texts->len == 0)
    return;
  lds_pages_heading (pages, heading, 60);
  for (guint i = 0; i < texts->len; i++)
    lds_pages_item (pages, "•", texts->pdata[i]);
}

void
lds_report_draw_claims (LdsReport *self,
                        LdsPages *pages)
{
  if (self->claims == NULL)
    return;
  lds_pages_begin_section (pages, _ ("What the articles claim"), FALSE);
  lds_pages_paragraph (pages, LDS_STYLE_LEAD,
                       _ ("Confirmed: the whole 95 % interval of at least five runs agrees with the claim. Within range: part of it does, or all of it where the figure belongs to the article’s machine. Refuted: none of it does. A model shows an architecture, a twin a runtime’s costs; neither is called Node.js or Python alone."));
  draw_table (self, pages);
  draw_untested (self, pages);
  for (guint i = 0; i < self->claims->notes->len; i++)
    lds_pages_paragraph (pages, LDS_STYLE_SMALL, self->claims->notes->pdata[i]);
  draw_texts (pages, _ ("Contradictions and corrections that matter here"), self->claims->cards);
  draw_axis (self, pages);
}
