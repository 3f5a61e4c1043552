/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who says otherwise, and what would change the answer. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Flips beyond these are far-fetched; the JSON has them all. */
#define MAX_FLIPS 12

static const char *
vote_title (LdsOption vote)
{
  return vote == LDS_OPTION_ABSTAIN ? _ ("Abstains") : lds_option_title (vote);
}

static const char *
stance (const LdsReportVerdict *verdict,
        LdsOption vote)
{
  if (vote == LDS_OPTION_ABSTAIN)
    return NULL;
  return vote == verdict->winner ? _ ("agrees") : _ ("dissents");
}

/* Adds rows for the advisors whose vote is of that kind: dissent, then agreement, then abstention. */
static void
add_advisors (const LdsReportVerdict *verdict,
              int kind,
              GArray *rows,
              GPtrArray *texts)
{
  for (guint i = 0; i < verdict->advisors->len; i++)
    {
      const LdsReportAdvisor *advisor = g_ptr_array_index (verdict->advisors, i);
      gboolean abstains = advisor->vote == LDS_OPTION_ABSTAIN;
      int its_kind = abstains ? 2 : advisor->vote == verdict->winner ? 1
                                                                     : 0;
      LdsCell *cells;
      LdsRow row = {0};
      char *path, *sources;

      if (its_kind != kind)
        continue;
      cells = g_new0 (LdsCell, 3);
      path = g_strjoinv (" → ", advisor->path);
      /* Translators: rules of the articles, then the advisor's id */
      sources = g_strdup_printf (_ ("After %s · %s"), advisor->sources, advisor->id);
      g_ptr_array_add (texts, cells);
      g_ptr_array_add (texts, path);
      g_ptr_array_add (texts, sources);
      cells[0] = (LdsCell){.text = advisor->title, .note = sources};
      cells[1] = (LdsCell){.text = vote_title (advisor->vote),
                           .note = stance (verdict, advisor->vote),
                           .style = LDS_TEXT_BOLD,
                           .alert = kind == 0};
      cells[2] = (LdsCell){.text = path};
      row.cells = cells;
      g_array_append_val (rows, row);
    }
}

static void
draw_advisors (LdsReport *self,
               LdsPages *pages)
{
  const LdsColumn columns[] = {
      {_ ("Advisor"), 30, LDS_ALIGN_LEFT},
      {_ ("Says"), 20, LDS_ALIGN_LEFT},
      {_ ("By this path"), 50, LDS_ALIGN_LEFT},
  };
  const LdsReportVerdict *verdict = lds_report_verdict (self);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (LdsRow));
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *lead = NULL;
  guint n_dissent, n_voices;

  add_advisors (verdict, 0, rows, texts);
  n_dissent = rows->len;
  add_advisors (verdict, 1, rows, texts);
  n_voices = rows->len;
  add_advisors (verdict, 2, rows, texts);
  /* Translators: numbers of advisors: dissenting, voting, all */
  lead = g_strdup_printf (_ ("Each of the articles’ own decision trees was followed word for word with the same answers. %u of the %u that give a verdict say otherwise; %u were asked."),
                          n_dissent, n_voices, rows->len);
  lds_pages_paragraph (pages, LDS_STYLE_LEAD, lead);
  lds_pages_table (pages, columns, G_N_ELEMENTS (columns),
                   (const LdsRow *)(const void *)rows->data, rows->len);
}

static void
draw_flips (LdsReport *self,
            LdsPages *pages)
{
  const LdsColumn columns[] = {
      {_ ("If the answer to"), 44, LDS_ALIGN_LEFT},
      {_ ("were not"), 20, LDS_ALIGN_LEFT},
      {_ ("but"), 20, LDS_ALIGN_LEFT},
      {_ ("the verdict would be"), 22, LDS_ALIGN_LEFT},
  };
  const LdsReportVerdict *verdict = lds_report_verdict (self);
  guint n = MIN (verdict->flips->len, MAX_FLIPS);
  g_autofree LdsRow *rows = g_new0 (LdsRow, n + 1);
  g_autofree LdsCell *cells = g_new0 (LdsCell, (n + 1) * G_N_ELEMENTS (columns));

  lds_pages_heading (pages, _ ("What would change the answer"), 60);
  if (n == 0)
    {
      lds_pages_paragraph (pages, LDS_STYLE_BODY,
                           _ ("No single answer would: at least two would have to change together."));
      return;
    }
  for (guint i = 0; i < n; i++)
    {
      const LdsReportFlip *flip = g_ptr_array_index (verdict->flips, i);
      LdsCell *row = &cells[i * G_N_ELEMENTS (columns)];

      row[0] = (LdsCell){.text = lds_report_find_question (self, flip->question),
                         .note = flip->question};
      row[1] = (LdsCell){.text = lds_report_find_label (self, flip->question, flip->from),
                         .note = flip->assumed ? _ ("assumed, not answered") : NULL};
      row[2] = (LdsCell){.text = lds_report_find_label (self, flip->question, flip->to)};
      row[3] = (LdsCell){.text = lds_option_title (flip->winner), .style = LDS_TEXT_BOLD};
      rows[i].cells = row;
    }
  lds_pages_table (pages, columns, G_N_ELEMENTS (columns), rows, n);
}

void
lds_report_draw_dissent (LdsReport *self,
                         LdsPages *pages)
{
  lds_pages_begin_section (pages, _ ("Who says otherwise"), TRUE);
  draw_advisors (self, pages);
  draw_flips (self, pages);
}
