/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts on claims. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-claim-verdict.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-claim-private.h"
#include "lds-run-figures.h"
#include "lds-stats-ratio.h"
#include "lds-stats.h"

static const struct
{
  const char *name;
  const char *title;
} verdicts[] = {
    [LDS_CLAIM_CONFIRMED] = {"confirmed", N_ ("confirmed")},
    [LDS_CLAIM_WITHIN_RANGE] = {"within-range", N_ ("within range")},
    [LDS_CLAIM_REFUTED] = {"refuted", N_ ("refuted")},
    [LDS_CLAIM_NOT_REPRODUCIBLE] = {"not-reproducible", N_ ("not reproducible here")},
    [LDS_CLAIM_NOT_TESTABLE] = {"not-testable", N_ ("not testable")},
};

/* Which one stands for several figures. */
static const LdsClaimVerdict worst_first[] = {LDS_CLAIM_REFUTED, LDS_CLAIM_NOT_REPRODUCIBLE,
                                              LDS_CLAIM_WITHIN_RANGE, LDS_CLAIM_CONFIRMED};

const char *
lds_claim_verdict_to_string (LdsClaimVerdict verdict)
{
  g_return_val_if_fail (verdict < G_N_ELEMENTS (verdicts), "not-testable");

  return verdicts[verdict].name;
}

const char *
lds_claim_verdict_title (LdsClaimVerdict verdict)
{
  g_return_val_if_fail (verdict < G_N_ELEMENTS (verdicts), "");

  return _ (verdicts[verdict].title);
}

void
lds_claim_outcome_free (LdsClaimOutcome *outcome)
{
  g_free (outcome->reason);
  g_free (outcome);
}

void
lds_claim_finding_free (LdsClaimFinding *finding)
{
  if (finding == NULL)
    return;
  g_ptr_array_unref (finding->outcomes);
  g_ptr_array_unref (finding->texts);
  g_free (finding);
}

/* --- One figure ------------------------------------------------------------------------------ */

LdsClaimVerdict
lds_claim_judge_interval (const LdsClaimFigure *figure,
                          double low,
                          double high)
{
  double lowest, highest;

  g_return_val_if_fail (figure != NULL, LDS_CLAIM_NOT_REPRODUCIBLE);

  if (isnan (low) || isnan (high))
    return LDS_CLAIM_NOT_REPRODUCIBLE;
  lds_claim_figure_limits (figure, &lowest, &highest);
  if (high < lowest || low > highest)
    return figure->travels ? LDS_CLAIM_REFUTED : LDS_CLAIM_NOT_REPRODUCIBLE;
  if (low >= lowest && high <= highest)
    return figure->travels ? LDS_CLAIM_CONFIRMED : LDS_CLAIM_WITHIN_RANGE;
  return high > low * LDS_CLAIM_VAGUE ? LDS_CLAIM_NOT_REPRODUCIBLE : LDS_CLAIM_WITHIN_RANGE;
}

static double
median_of (const double *values,
           guint n)
{
  g_autofree double *room = n > 0 ? g_memdup2 (values, n * sizeof *values) : NULL;

  return lds_stats_median (room, n);
}

static gboolean
are_positive (const double *values,
              guint n)
{
  for (guint i = 0; i < n; i++)
    if (values[i] <= 0)
      return FALSE;
  return TRUE;
}

static void
set_reason (LdsClaimOutcome *outcome,
            char *reason)
{
  g_free (outcome->reason);
  outcome->reason = reason;
}

/* Value and interval. Returns FALSE with a reason when there is none. */
static gboolean
estimate (const LdsClaimFigure *figure,
          const double *values,
          guint n,
          const double *over,
          guint n_over,
          gboolean beside,
          LdsClaimOutcome *outcome)
{
  gboolean is_ratio = figure->over_lanes != NULL;
  guint fewest = is_ratio ? MIN (n, n_over) : n;

  if (n > 0 && !is_ratio)
    outcome->value = median_of (values, n);
  if (is_ratio && (!are_positive (values, n) || !are_positive (over, n_over)))
    {
      set_reason (outcome, g_strdup (_ ("One side is 0 in some run, so there is no ratio.")));
      return FALSE;
    }
  if (is_ratio && fewest > 0)
    outcome->value = median_of (values, n) / median_of (over, n_over);
  if (fewest < LDS_SESSION_MIN_RUNS)
    {
      /* Translators: two numbers of runs */
      set_reason (outcome, g_strdup_printf (_ ("There are %u valid runs with this figure; a verdict takes %u."),
                                            fewest, LDS_SESSION_MIN_RUNS));
      return FALSE;
    }
  if (is_ratio)
    {
      LdsRatio ratio = beside ? lds_stats_ratio_pairs (values, over, n)
                              : lds_stats_ratio (values, n, over, n_over);

      outcome->value = ratio.ratio;
      outcome->low = ratio.low;
      outcome->high = ratio.high;
    }
  else
    {
      LdsEstimate of_runs = lds_stats_estimate (values, n);

      outcome->low = of_runs.low;
      outcome->high = of_runs.high;
    }
  return TRUE;
}

void
lds_claim_judge_values (const LdsClaimFigure *figure,
                        const double *values,
                        guint n,
                        const double *over,
                        guint n_over,
                        gboolean beside,
                        LdsClaimOutcome *outcome)
{
  g_return_if_fail (figure != NULL && outcome != NULL);
  g_return_if_fail (values != NULL || n == 0);
  g_return_if_fail (over != NULL || n_over == 0);
  g_return_if_fail (!beside || n == n_over);

  outcome->n = n;
  outcome->n_over = n_over;
  outcome->value = outcome->low = outcome->high = NAN;
  outcome->verdict = LDS_CLAIM_NOT_REPRODUCIBLE;
  set_reason (outcome, NULL);
  if (!estimate (figure, values, n, over, n_over, beside, outcome))
    return;
  outcome->verdict = lds_claim_judge_interval (figure, outcome->low, outcome->high);
  if (outcome->verdict != LDS_CLAIM_NOT_REPRODUCIBLE)
    return;
  set_reason (outcome, g_strdup (outcome->high > outcome->low * LDS_CLAIM_VAGUE
                                     ? _ ("The interval is wider than a doubling and reaches beyond what is claimed, so it says nothing; longer runs narrow it.")
                                     : _ ("It is otherwise on this machine, and such a figure belongs to its machine.")));
}

/* --- Runs ------------------------------------------------------------------------------------ */

/* Returns: (element-type LdsRunFigure): of each valid run of @lane; counts the others, gives the first's reason. */
static GArray *
collect (const LdsSession *session,
         const LdsClaimFigure *figure,
         const LdsLane *lane,
         guint *n_refused,
         const char **refusal)
{
  GArray *figures = g_array_new (FALSE, FALSE, sizeof (LdsRunFigure));

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];
      LdsRunFigure of_run = {run->spec.repeat, NAN};

      if (run->spec.lane != lane || run->spec.workload != figure->workload ||
          run->spec.purpose != LDS_PURPOSE_COMPARE)
        continue;
      if (!run->valid)
        {
          if (run->reasons->len > 0 && *refusal == NULL)
            *refusal = ((LdsInvalidReason *)run->reasons->pdata[0])->text;
          ++*n_refused;
          continue;
        }
      if (figure->metric->of_run != NULL)
        of_run.value = figure->metric->of_run (run);
      if (isfinite (of_run.value))
        g_array_append_val (figures, of_run);
    }
  return figures;
}

static const double *
data_of (GArray *values)
{
  return (const double *)(gconstpointer)values->data;
}

/* By pairs of the same repeat, which ran beside each other, where there are enough of them; else side by side. */
static void
judge_ratio (const LdsClaimFigure *figure,
             GArray *figures,
             GArray *over,
             LdsClaimOutcome *outcome)
{
  g_autoptr (GArray) upper = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) lower = g_array_new (FALSE, FALSE, sizeof (double));
  gboolean beside;

  lds_run_figures_list_pairs (figures, over, upper, lower);
  beside = upper->len >= LDS_SESSION_MIN_RUNS;
  if (!beside)
    {
      g_array_unref (upper);
      g_array_unref (lower);
      upper = lds_run_figures_list_values (figures);
      lower = lds_run_figures_list_values (over);
    }
  lds_claim_judge_values (figure, data_of (upper), upper->len, data_of (lower), lower->len, beside,
                          outcome);
}

LdsClaimOutcome *
lds_claim_judge_trial (const LdsClaimTrial *trial,
                       const LdsSession *session)
{
  LdsClaimOutcome *outcome = g_new0 (LdsClaimOutcome, 1);
  const char *refusal = NULL;
  g_autoptr (GArray) figures = NULL, over = NULL, values = NULL;

  outcome->trial = trial;
  outcome->value = outcome->low = outcome->high = NAN;
  outcome->verdict = LDS_CLAIM_NOT_REPRODUCIBLE;
  if (trial->obstacle != NULL)
    outcome->reason = g_strdup (trial->obstacle);
  else if (session == NULL)
    outcome->reason = g_strdup (_ ("It has not been measured."));
  if (outcome->reason != NULL)
    return outcome;
  figures = collect (session, trial->figure, trial->lane, &outcome->n_refused, &refusal);
  if (trial->over != NULL)
    {
      over = collect (session, trial->figure, trial->over, &outcome->n_refused, &refusal);
      judge_ratio (trial->figure, figures, over, outcome);
    }
  else
    {
      values = lds_run_figures_list_values (figures);
      lds_claim_judge_values (trial->figure, data_of (values), values->len, NULL, 0, FALSE,
                              outcome);
    }
  /* What a run was refused for says more than how many there were. */
  if (isnan (outcome->low) && refusal != NULL)
    set_reason (outcome, g_strconcat (outcome->reason, " ", refusal, NULL));
  return outcome;
}

/* --- Claims ---------------------------------------------------------------------------------- */

/* What is worked out without a run. Returns FALSE when it contradicts itself. */
static gboolean
work_out (const LdsClaim *claim,
          GPtrArray *texts)
{
  gboolean fits = TRUE;

  for (guint i = 0; i < claim->totals->len; i++)
    {
      const LdsLittleTotal *total = &g_array_index (claim->totals, LdsLittleTotal, i);
      LdsLittleReadings readings = lds_little_read (total);

      fits &= readings.all_fits || readings.each_fits;
      g_ptr_array_add (texts, lds_little_dup_total_text (total));
    }
  for (guint i = 0; i < claim->users->len; i++)
    {
      const LdsLittleUsers *users = &g_array_index (claim->users, LdsLittleUsers, i);

      fits &= lds_little_check (users).fits;
      g_ptr_array_add (texts, lds_little_dup_users_text (users));
    }
  return fits;
}

static LdsClaimVerdict
worst_of (GPtrArray *outcomes)
{
  for (guint w = 0; w < G_N_ELEMENTS (worst_first); w++)
    for (guint i = 0; i < outcomes->len; i++)
      if (((LdsClaimOutcome *)outcomes->pdata[i])->verdict == worst_first[w])
        return worst_first[w];
  return LDS_CLAIM_CONFIRMED;
}

/* By the weakest of what was measured. Source: DOMAIN D.5. */
static const char *
grade_of (const LdsClaimFinding *finding)
{
  gboolean all_real = TRUE;

  switch (finding->verdict)
    {
    case LDS_CLAIM_REFUTED:
      return "E-";
    case LDS_CLAIM_CONFIRMED:
      if (finding->outcomes->len == 0)
        return finding->claim->grade;
      for (guint i = 0; i < finding->outcomes->len; i++)
        {
          const LdsClaimOutcome *outcome = finding->outcomes->pdata[i];

          all_real &= outcome->trial->lane->provenance == LDS_PROVENANCE_REAL;
        }
      return all_real ? "E3" : "E2";
    case LDS_CLAIM_WITHIN_RANGE:
    case LDS_CLAIM_NOT_REPRODUCIBLE:
    case LDS_CLAIM_NOT_TESTABLE:
    default:
      return finding->claim->grade;
    }
}

static LdsClaimFinding *
judge_claim (const LdsClaimPlan *plan,
             const LdsClaim *claim,
             GPtrArray *sessions)
{
  LdsClaimFinding *finding = g_new0 (LdsClaimFinding, 1);
  gboolean fits;

  finding->claim = claim;
  finding->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_claim_outcome_free);
  finding->texts = g_ptr_array_new_with_free_func (g_free);
  fits = work_out (claim, finding->texts);
  for (guint i = 0; i < plan->trials->len; i++)
    {
      const LdsClaimTrial *trial = plan->trials->pdata[i];
      const LdsSession *session = NULL;

      if (trial->claim != claim)
        continue;
      if (trial->obstacle == NULL && trial->plan < sessions->len)
        session = sessions->pdata[trial->plan];
      g_ptr_array_add (finding->outcomes, lds_claim_judge_trial (trial, session));
    }
  if (!lds_claim_is_testable (claim))
    finding->verdict = LDS_CLAIM_NOT_TESTABLE;
  else
    finding->verdict = fits ? worst_of (finding->outcomes) : LDS_CLAIM_REFUTED;
  finding->grade = grade_of (finding);
  return finding;
}

GPtrArray *
lds_claim_judge (const LdsClaimPlan *plan,
                 GPtrArray *sessions)
{
  GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_claim_finding_free);

  g_return_val_if_fail (plan != NULL && sessions != NULL, findings);

  for (guint i = 0; i < plan->claims->len; i++)
    g_ptr_array_add (findings, judge_claim (plan, plan->claims->pdata[i], sessions));
  return findings;
}

char *
lds_claim_outcome_dup_measured (const LdsClaimOutcome *outcome)
{
  const LdsClaimFigure *figure;
  g_autofree char *value = NULL, *low = NULL, *high = NULL;

  g_return_val_if_fail (outcome != NULL, NULL);

  figure = outcome->trial->figure;
  value = lds_claim_figure_dup_value (figure, outcome->value);
  if (isnan (outcome->low))
    return g_steal_pointer (&value);
  low = lds_claim_figure_dup_value (figure, outcome->low);
  high = lds_claim_figure_dup_value (figure, outcome->high);
  /* Translators: a figure and both ends of its confidence interval */
  return g_strdup_printf (_ ("%s (%s to %s)"), value, low, high);
}
