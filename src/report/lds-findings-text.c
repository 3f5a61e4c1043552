/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the measurements did to the verdict, in sentences. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-findings.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Points below this are not worth a word. */
#define NEGLIGIBLE 0.05

static char *
describe_verdicts (const LdsVerdict *prior,
                   const LdsVerdict *final)
{
  if (prior->winner != final->winner)
    /* Translators: an option, points, an option, points */
    return g_strdup_printf (_ ("What was measured turns the verdict: from %s, %.1f points ahead, to %s, %.1f points ahead."),
                            lds_option_title (prior->winner), prior->margin,
                            lds_option_title (final->winner), final->margin);
  if (fabs (prior->margin - final->margin) < NEGLIGIBLE)
    /* Translators: an option, points */
    return g_strdup_printf (_ ("What was measured does not move the verdict: %s, %.1f points ahead."),
                            lds_option_title (final->winner), final->margin);
  /* Translators: an option, two numbers of points */
  return g_strdup_printf (_ ("The verdict stays with %s; what was measured takes its lead from %.1f to %.1f points."),
                          lds_option_title (final->winner), prior->margin, final->margin);
}

/* Of lanes by their names: a model's figure is not a runtime's. */
static char *
describe_ratio (const LdsFinding *finding)
{
  g_autofree char *node = NULL, *python = NULL;

  if (!finding->detectable)
    /* Translators: two ratios */
    return g_strdup_printf (_ ("no detectable difference, ratio within %.2f to %.2f"), finding->low, finding->high);
  node = lds_lane_dup_label (finding->node);
  python = lds_lane_dup_label (finding->python);
  /* Translators: a lane, a ratio, a lane, and the ends of the ratio's interval */
  return g_strdup_printf (_ ("%s %.2f times %s, within %.2f to %.2f"), node, finding->ratio, python,
                          finding->low, finding->high);
}

/* Says of each measurement that matters what the verdict were without it, the one that moved most first. */
static void
add_movers (const LdsFindings *self,
            const LdsVerdict *final,
            GPtrArray *sentences)
{
  const LdsFinding *most = NULL;
  g_autofree char *ratio = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const LdsFinding *finding = self->rows->pdata[i];

      if (finding->used && fabs (finding->influence.effect) >= NEGLIGIBLE &&
          (most == NULL || fabs (finding->influence.effect) > fabs (most->influence.effect)))
        most = finding;
    }
  if (most == NULL)
    {
      g_ptr_array_add (sentences, g_strdup (_ ("None of the measured criteria weighs anything in these answers.")));
      return;
    }
  ratio = describe_ratio (most);
  if (most->influence.winner_without != final->winner)
    /* Translators: a criterion, what its ratio is in words, an option */
    g_ptr_array_add (
        sentences,
        g_strdup_printf (_ ("“%s” decides it (%s): without that measurement it would be %s."),
                         most->title, ratio, lds_option_title (most->influence.winner_without)));
  else
    /* Translators: a criterion, what its ratio is in words, points */
    g_ptr_array_add (sentences, g_strdup_printf (_ ("“%s” moves it most (%s): without that measurement the lead would be %.1f points."),
                                                 most->title, ratio, most->influence.lead_without));
  for (guint i = 0; i < self->rows->len; i++)
    {
      const LdsFinding *finding = self->rows->pdata[i];

      if (finding->used && finding != most && finding->influence.winner_without != final->winner)
        /* Translators: a criterion, an option */
        g_ptr_array_add (
            sentences,
            g_strdup_printf (_ ("Without the measurement of “%s” it would be %s, too."),
                             finding->title, lds_option_title (finding->influence.winner_without)));
    }
  for (guint i = 0; i < self->rows->len; i++)
    {
      const LdsFinding *finding = self->rows->pdata[i];

      if (finding->used && finding->influence.unsure)
        /* Translators: two ratios, a criterion, an option */
        g_ptr_array_add (
            sentences,
            g_strdup_printf (
                _ ("Within the interval of “%s”, %.2f to %.2f, the verdict changes to %s: more runs would narrow it."),
                finding->title, finding->low, finding->high,
                lds_option_title (finding->influence.winner_within)));
    }
}

/* The ratio that the model goes by now: what was measured, or what the opinion amounts to. */
static double
present_ratio (const LdsVerdict *final,
               const LdsRatioRange *range)
{
  if (!isnan (range->ratio))
    return range->ratio;
  for (guint i = 0; i < final->contributions->len; i++)
    {
      const LdsContribution *contribution = final->contributions->pdata[i];

      /* A doubling is 25 points up for the one and 25 down for the other. */
      if (strcmp (contribution->id, range->id) == 0)
        return exp2 (
            (contribution->cells[LDS_OPTION_NODE] - contribution->cells[LDS_OPTION_PYTHON]) / 50);
    }
  return 1;
}

/* The bound of any criterion's ratio that is nearest to what the model goes by. */
static char *
describe_flip (const LdsVerdict *final)
{
  const LdsRatioRange *nearest = NULL;
  gboolean below = FALSE;
  double least = INFINITY;

  for (guint i = 0; i < final->ratio_ranges->len; i++)
    {
      const LdsRatioRange *range = &g_array_index (final->ratio_ranges, LdsRatioRange, i);
      double present = present_ratio (final, range), bounds[] = {range->low, range->high};

      for (guint b = 0; b < G_N_ELEMENTS (bounds); b++)
        {
          double distance = fabs (log2 (bounds[b] / present));

          if (isnan (bounds[b]) || !(distance < least))
            continue;
          nearest = range;
          below = b == 0;
          least = distance;
        }
    }
  if (nearest == NULL)
    return g_strdup (_ ("No single measurement, whatever its ratio, would turn the verdict over."));
  if (isnan (nearest->ratio))
    return below
               /* Translators: an option, a criterion, a ratio, workloads */
               ? g_strdup_printf (
                     _ ("It would become %s if “%s”, which is not measured, showed Node.js below %.2f times Python (%s)."),
                     lds_option_title (nearest->below), nearest->title, nearest->low,
                     nearest->workloads)
               /* Translators: an option, a criterion, a ratio, workloads */
               : g_strdup_printf (
                     _ ("It would become %s if “%s”, which is not measured, showed Node.js above %.2f times Python (%s)."),
                     lds_option_title (nearest->above), nearest->title, nearest->high,
                     nearest->workloads);
  return below
             /* Translators: an option, a criterion, a ratio, the ratio that counts */
             ? g_strdup_printf (
                   _ ("It would become %s if “%s” showed Node.js below %.2f times Python; what stands for them here counts as %.2f."),
                   lds_option_title (nearest->below), nearest->title, nearest->low, nearest->ratio)
             /* Translators: an option, a criterion, a ratio, the ratio that counts */
             : g_strdup_printf (
                   _ ("It would become %s if “%s” showed Node.js above %.2f times Python; what stands for them here counts as %.2f."),
                   lds_option_title (nearest->above), nearest->title, nearest->high,
                   nearest->ratio);
}

GPtrArray *
lds_findings_explain (const LdsFindings *self,
                      const LdsVerdict *prior,
                      const LdsVerdict *final)
{
  GPtrArray *sentences = g_ptr_array_new_with_free_func (g_free);

  g_return_val_if_fail (self != NULL && prior != NULL && final != NULL, sentences);

  if (lds_findings_n_used (self) == 0)
    return sentences;
  g_ptr_array_add (sentences, describe_verdicts (prior, final));
  add_movers (self, final, sentences);
  g_ptr_array_add (sentences, describe_flip (final));
  return sentences;
}
