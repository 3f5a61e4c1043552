/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page one: the verdict, how certain and how strong, what it rests on, what speaks for and against. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-bar-chart.h"
#include "lds-grades.h"

#define N_FOR     4
#define N_AGAINST 3
#define TILES     4

static double
put (LdsPages *pages,
     LdsStyle style,
     const char *text,
     double x,
     double y,
     double width)
{
  LdsColor color = style == LDS_STYLE_CAPTION ? pages->theme.faint_text : pages->theme.text;

  return lds_pages_put_text (pages, style, text, color, x, y, width, LDS_ALIGN_LEFT);
}

static void
draw_title (LdsReport *self,
            LdsPages *pages)
{
  const LdsReportVerdict *verdict = lds_report_verdict (self);
  const char *kicker = self->title != NULL ? self->title : _ ("Node.js, Python, or both");
  gboolean is_open = verdict->band == LDS_BAND_TOO_CLOSE;

  /* The first page has no head: its title stands there. */
  lds_pages_reserve (pages, 1);
  pages->y = 52;
  /* The program's own name, as on a letterhead. */
  lds_pages_put_text (pages, LDS_STYLE_LEAD, "Loadstone", pages->theme.faint_text, pages->left, pages->y,
                      pages->width, LDS_ALIGN_RIGHT);
  lds_pages_begin_tag (pages, "P");
  pages->y += lds_pages_put_text (pages, LDS_STYLE_LEAD, kicker, pages->theme.faint_text,
                                  pages->left, pages->y, pages->width * 0.82, LDS_ALIGN_LEFT) +
              4;
  lds_pages_end_tag (pages, "P");
  lds_pages_paragraph (pages, LDS_STYLE_TITLE,
                       is_open ? _ ("No recommendation yet") : lds_option_title (verdict->winner));
  pages->y -= 2;
  lds_pages_paragraph (pages, LDS_STYLE_LEAD, verdict->headline);
}

/* What would lift the cap, in words. */
static const char *
cap_text (LdsReport *self,
          const LdsReportVerdict *verdict)
{
  switch (verdict->evidence)
    {
    case LDS_EVIDENCE_NONE:
      if (self->session != NULL && self->session->plan->find_knee)
        return _ ("Some model’s knee was not found on this machine, or too few runs below it were valid, so certainty ends at the mark. Finding every model’s knee lifts it to 84, measuring real runtimes to 95.");
      if (self->session != NULL && lds_plan_is_adaptive (self->session->plan))
        return _ ("Only series were measured on this machine, which replace no opinion, so certainty ends at the mark. Comparing the models under one load lifts it to 84, measuring real runtimes to 95.");
      if (self->session != NULL)
        return _ ("Too few runs of some server on this machine were valid, so certainty ends at the mark. Measuring every server validly lifts it to 84, measuring real runtimes to 95.");
      return _ ("Nothing was measured on this machine, so certainty ends at the mark. Measuring the models lifts it to 84, measuring real runtimes to 95.");
    case LDS_EVIDENCE_MODEL:
      return _ ("Only models count of what was measured on this machine, so certainty ends at the mark. Measuring real runtimes lifts it to 95.");
    case LDS_EVIDENCE_REAL:
    default:
      return _ ("Real runtimes were measured on this machine: the mark cannot be lifted further.");
    }
}

static void
draw_certainty (LdsReport *self,
                LdsPages *pages)
{
  const LdsReportVerdict *verdict = lds_report_verdict (self);
  double left_width = pages->width * 0.56, right = pages->left + pages->width * 0.64;
  double right_width = pages->width * 0.36, top = pages->y, y, other_y;
  /* Translators: a certainty of 100, then High, Moderate or Low */
  g_autofree char *figure =
      g_strdup_printf (_ ("%.0f of 100 · %s"), verdict->confidence, lds_band_title (verdict->band));
  g_autofree char *margin = NULL;
  const char *strength =
      verdict->strength == LDS_STRENGTH_STRONG ? _ ("Strong") : _ ("Conditional");

  y = top + put (pages, LDS_STYLE_H2, _ ("Certainty"), pages->left, top, left_width * 0.4);
  lds_pages_put_text (pages, LDS_STYLE_H2, figure, pages->theme.text,
                      pages->left + left_width * 0.4, top, left_width * 0.6, LDS_ALIGN_RIGHT);
  y += 7;
  cairo_save (pages->cr);
  cairo_translate (pages->cr, pages->left, y);
  lds_pages_begin_tag (pages, "Figure");
  lds_meter_draw (pages->cr, &pages->theme, verdict->confidence, verdict->confidence_raw,
                  verdict->cap, left_width, 10);
  lds_pages_end_tag (pages, "Figure");
  cairo_restore (pages->cr);
  y += 17;
  y += put (pages, LDS_STYLE_CAPTION, cap_text (self, verdict), pages->left, y, left_width);

  other_y = top + put (pages, LDS_STYLE_H2, _ ("Strength"), right, top, right_width * 0.45);
  lds_pages_put_text (pages, LDS_STYLE_H2, strength, pages->theme.text, right + right_width * 0.4,
                      top, right_width * 0.6, LDS_ALIGN_RIGHT);
  other_y += 7;
  for (int i = 0; i < 2; i++)
    {
      gboolean on = i == 0 || verdict->strength == LDS_STRENGTH_STRONG;

      cairo_rectangle (pages->cr, right + i * (right_width / 2 + 1), other_y, right_width / 2 - 1,
                       10);
      lds_color_set_source (on ? &pages->theme.positive : &pages->theme.grid, pages->cr);
      cairo_fill (pages->cr);
    }
  other_y += 17;
  if (verdict->second != LDS_OPTION_ABSTAIN)
    /* Translators: a difference of scores, then an option: "26.4 points ahead of Python" */
    margin = g_strdup_printf (_ ("%.1f points ahead of %s; 15 and more are strong."), verdict->margin,
                              lds_option_title (verdict->second));
  else
    margin = g_strdup (_ ("No other option is open: each meets a gate."));
  other_y += put (pages, LDS_STYLE_CAPTION, margin, right, other_y, right_width);
  if (verdict->contested)
    other_y += put (pages, LDS_STYLE_CAPTION,
                    _ ("Contested: most articles’ advisors say otherwise, so certainty ends at 50."), right,
                    other_y, right_width);
  pages->y = MAX (y, other_y) + 14;
}

static void
draw_moved (LdsReport *self,
            LdsPages *pages)
{
  g_autofree char *text = NULL;

  if (self->final == NULL)
    return;
  if (self->prior->winner == self->final->winner &&
      fabs (self->prior->confidence - self->final->confidence) < 0.5)
    text = g_strdup (_ ("What was measured moved neither the verdict nor its certainty."));
  else if (self->prior->winner == self->final->winner)
    /* Translators: two certainties of 100 */
    text = g_strdup_printf (_ ("From the answers alone the verdict was the same, with certainty %.0f; with what was measured it is %.0f."),
                            self->prior->confidence, self->final->confidence);
  else
    /* Translators: two options, each with a certainty of 100 */
    text = g_strdup_printf (_ ("From the answers alone the verdict was %s with certainty %.0f; what was measured moved it to %s with certainty %.0f."),
                            lds_option_title (self->prior->winner), self->prior->confidence,
                            lds_option_title (self->final->winner), self->final->confidence);
  lds_pages_paragraph (pages, LDS_STYLE_BODY, text);
  /* The first says what became of the verdict, the second what moved it most. */
  if (self->moved->len > 1)
    lds_pages_paragraph (pages, LDS_STYLE_BODY, self->moved->pdata[1]);
  pages->y += 6;
}

static void
draw_tile (LdsPages *pages,
           guint nth,
           const char *figure,
           const char *label,
           gboolean alert,
           double *bottom)
{
  double gap = 12, width = (pages->width - gap * (TILES - 1)) / TILES;
  double x = pages->left + nth * (width + gap), y = pages->y;

  lds_color_set_source (alert ? &pages->theme.alert : &pages->theme.axis, pages->cr);
  cairo_rectangle (pages->cr, x, y, width, 1.2);
  cairo_fill (pages->cr);
  y += 7;
  y += lds_pages_put_text (pages, LDS_STYLE_H1, figure,
                           alert ? pages->theme.alert : pages->theme.text, x, y, width,
                           LDS_ALIGN_LEFT);
  y += put (pages, LDS_STYLE_CAPTION, label, x, y + 1, width);
  *bottom = MAX (*bottom, y);
}

static void
draw_coverage (LdsReport *self,
               LdsPages *pages)
{
  const LdsReportVerdict *verdict = lds_report_verdict (self);
  guint n_runs, n_invalid;
  double bottom = pages->y;
  /* Translators: answered questions of all that apply: "18 / 24" */
  g_autofree char *answered =
      g_strdup_printf (_ ("%u / %u"), verdict->n_answered, verdict->n_questions);
  g_autofree char *runs = NULL, *invalid = NULL, *compared = NULL,
                  *machine = lds_report_dup_machine (self);

  lds_report_count_runs (self, &n_runs, &n_invalid);
  runs = g_strdup_printf ("%u", n_runs);
  invalid = g_strdup_printf ("%u", n_invalid);
  if (self->session != NULL)
    /* Translators: lanes times workloads: "3 × 2" */
    compared = g_strdup_printf (_ ("%u × %u"), self->session->plan->lanes->len,
                                self->session->plan->workloads->len);
  draw_tile (pages, 0, answered, _ ("questions answered, of those that apply"), FALSE, &bottom);
  draw_tile (pages, 1, compared != NULL ? compared : "–", _ ("lanes × workloads measured here"), FALSE, &bottom);
  draw_tile (pages, 2, runs, _ ("runs, each with a fresh server"), FALSE, &bottom);
  draw_tile (pages, 3, invalid, _ ("runs refused as INVALID"), n_invalid > 0, &bottom);
  pages->y = bottom + 8;
  if (machine != NULL)
    {
      /* Translators: processor, cores, memory and kernel of the machine that was measured on */
      g_autofree char *line = g_strdup_printf (_ ("Measured on: %s"), machine);

      lds_pages_paragraph (pages, LDS_STYLE_CAPTION, line);
    }
  if (self->session != NULL && !self->session->complete)
    lds_pages_paragraph (pages, LDS_STYLE_CAPTION,
                         _ ("The session was stopped before its plan was done: only finished runs count."));
}

static void
draw_scores (LdsReport *self,
             LdsPages *pages)
{
  const LdsReportVerdict *verdict = lds_report_verdict (self);
  double name_width = 118, figure_width = 34, bar = pages->width - name_width - figure_width;

  lds_pages_heading (pages, _ ("The three options"), 90);
  for (int i = 0; i < LDS_N_OPTIONS; i++)
    {
      const char *gate = verdict->gates[i];
      gboolean wins = (LdsOption)i == verdict->winner;
      double score = isfinite (verdict->scores[i]) ? CLAMP (verdict->scores[i], 0, 100) : 0;
      double x = pages->left + name_width, y = pages->y, gate_height = 0;
      LdsColor color = wins ? pages->theme.positive
                            : lds_color_mix (pages->theme.axis, pages->theme.background, 0.35);
      g_autofree char *figure = g_strdup_printf ("%.1f", score);

      lds_pages_reserve (pages, 36);
      y = pages->y;
      lds_pages_begin_tag (pages, "P");
      put (pages, LDS_STYLE_BODY, lds_option_title ((LdsOption)i), pages->left, y, name_width - 8);
      lds_color_set_source (&pages->theme.grid, pages->cr);
      cairo_rectangle (pages->cr, x, y + 2, bar, 9);
      cairo_fill (pages->cr);
      if (gate == NULL)
        {
          lds_color_set_source (&color, pages->cr);
          cairo_rectangle (pages->cr, x, y + 2, bar * score / 100, 9);
          cairo_fill (pages->cr);
        }
      else
        lds_theme_draw_hatch (pages->cr, &pages->theme, pages->theme.axis, x, y + 2,
                              bar * score / 100, 9);
      lds_pages_put_text (pages, wins ? LDS_STYLE_H2 : LDS_STYLE_BODY, figure, pages->theme.text,
                          x + bar, y - (wins ? 1 : 0), figure_width, LDS_ALIGN_RIGHT);
      if (gate != NULL)
        {
          /* Translators: why an option is out of the question */
          g_autofree char *text = g_strdup_printf (_ ("Out: %s"), gate);

          gate_height = lds_pages_put_text (pages, LDS_STYLE_CAPTION, text, pages->theme.alert, x,
                                            y + 13, bar, LDS_ALIGN_LEFT);
        }
      lds_pages_end_tag (pages, "P");
      pages->y = y + 17 + (gate_height > 0 ? gate_height + 1 : 0);
    }
}

/* Reasons of one sign, strongest first, with the texts they point to. */
typedef struct
{
  LdsContributionBar bars[MAX (N_FOR, N_AGAINST)];
  guint n;
  GPtrArray *texts;
} Reasons;

static void
collect_reasons (const LdsReportVerdict *verdict,
                 gboolean against,
                 guint most,
                 Reasons *reasons)
{
  guint len = verdict->contributions->len;

  for (guint i = 0; i < len && reasons->n < most; i++)
    {
      /* Largest first, so what speaks against stands last. */
      const LdsReportContribution *contribution =
          g_ptr_array_index (verdict->contributions, against ? len - 1 - i : i);
      g_autofree char *grade = lds_grades_dup_text (contribution->grade, contribution->graded_by);
      char *label, *note;

      if (against ? contribution->points > -0.05 : contribution->points < 0.05)
        continue;
      label = contribution->answer != NULL && *contribution->answer != '\0'
                  /* Translators: a criterion, and the answer given to its question */
                  ? g_strdup_printf (_ ("%s (%s)"), contribution->title, contribution->answer)
                  : g_strdup (contribution->title);
      if (isnan (contribution->ratio))
        /* Translators: article ids, rule ids, and the grade of evidence: "E0" */
        note = g_strdup_printf (_ ("Articles %s · rules %s · grade %s"), contribution->articles,
                                contribution->sources, grade);
      else
        note = g_strdup_printf (
            contribution->evidence == LDS_EVIDENCE_REAL
                /* Translators: a ratio, rule ids */
                ? _ ("Measured here: Node.js (real) counts as %.2f times Python (real) · weight by %s")
                /* Translators: a ratio, rule ids */
                : _ ("Measured here: Node.js (model or twin) counts as %.2f times Python (model or twin) · weight by %s"),
            contribution->ratio, contribution->sources);
      g_ptr_array_add (reasons->texts, label);
      g_ptr_array_add (reasons->texts, note);
      reasons->bars[reasons->n++] = (LdsContributionBar){label, contribution->points, note};
    }
}

static void
draw_reasons (LdsPages *pages,
              const char *heading,
              const char *none,
              const Reasons *reasons,
              const LdsContributionRange *range)
{
  LdsTheme theme = pages->theme;
  double height;

  theme.font_size = 8.5;
  height =
      lds_contribution_bars_height (pages->cr, &theme, reasons->bars, reasons->n, pages->width);
  lds_pages_heading (pages, heading, MIN (height, 200));
  if (reasons->n == 0)
    {
      lds_pages_paragraph (pages, LDS_STYLE_BODY, none);
      return;
    }
  lds_pages_reserve (pages, MIN (height, pages->bottom - pages->top));
  lds_pages_begin_tag (pages, "Figure");
  cairo_save (pages->cr);
  cairo_translate (pages->cr, pages->left, pages->y);
  pages->y += lds_contribution_bars_draw (pages->cr, &theme, reasons->bars, reasons->n, range,
                                          pages->width);
  cairo_restore (pages->cr);
  lds_pages_end_tag (pages, "Figure");
}

static void
draw_for_and_against (LdsReport *self,
                      LdsPages *pages)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  Reasons pro = {.texts = texts}, con = {.texts = texts};
  LdsContributionRange range = {0, 0};

  collect_reasons (lds_report_verdict (self), FALSE, N_FOR, &pro);
  collect_reasons (lds_report_verdict (self), TRUE, N_AGAINST, &con);
  range = lds_contribution_range_join (range, pro.bars, pro.n);
  range = lds_contribution_range_join (range, con.bars, con.n);
  draw_reasons (pages, _ ("Because"), _ ("No criterion speaks for it."), &pro, &range);
  draw_reasons (pages, _ ("Against it"), _ ("No criterion speaks against it."), &con, &range);
}

static void
draw_list (LdsPages *pages,
           const char *heading,
           GStrv texts)
{
  if (texts == NULL || texts[0] == NULL)
    return;
  lds_pages_heading (pages, heading, 30);
  for (guint i = 0; texts[i] != NULL; i++)
    lds_pages_item (pages, "•", texts[i]);
}

void
lds_report_draw_verdict (LdsReport *self,
                         LdsPages *pages)
{
  const LdsReportVerdict *verdict = lds_report_verdict (self);

  lds_pages_set_section (pages, _ ("Verdict"));
  draw_title (self, pages);
  draw_certainty (self, pages);
  draw_moved (self, pages);
  draw_coverage (self, pages);
  draw_scores (self, pages);
  draw_for_and_against (self, pages);
  draw_list (pages, _ ("On condition that"), verdict->conditions);
  draw_list (pages, _ ("To watch"), verdict->warnings);
}
