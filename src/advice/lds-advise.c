/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From answers to verdict: model, advisors, confidence, words. */
#define G_LOG_DOMAIN "lds-advise"

#include "config.h"
#include "lds-verdict-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-advisor.h"
#include "lds-error.h"
#include "lds-house.h"

/* A strong recommendation leads by this much. Source: DOMAIN.md D.5. */
#define STRONG_MARGIN 15.0

/* Many articles disagree: at least this many voices with less agreement than this, and certainty is
 * held down. Source: DOMAIN.md D.5. */
#define CONTESTED_VOICES    4
#define CONTESTED_AGREEMENT 0.25
#define CONTESTED_CAP       50.0

static double
credit_of (LdsOption vote,
           LdsOption winner)
{
  if (vote == LDS_OPTION_ABSTAIN)
    return 0;
  if (vote == winner)
    return 1;
  return vote == LDS_OPTION_POLYGLOT || winner == LDS_OPTION_POLYGLOT ? 0.5 : 0;
}

double
lds_agreement (const LdsOption *votes,
               guint n_votes,
               LdsOption winner,
               guint *n_voices)
{
  double credit = 0;

  *n_voices = 0;
  for (guint i = 0; i < n_votes; i++)
    {
      if (votes[i] == LDS_OPTION_ABSTAIN)
        continue;
      (*n_voices)++;
      credit += credit_of (votes[i], winner);
    }
  /* One voice more than there are, so that few voices never look unanimous. */
  return credit / (*n_voices + 1);
}

double
lds_confidence_raw (double margin,
                    double agreement,
                    double robustness,
                    double completeness,
                    gboolean contested)
{
  /* Shares as DOMAIN.md D.5 gives them, in the reference's order of operations. */
  double raw = 100 * (.30 * MIN (1, MAX (0, margin) / 20) + .25 * agreement + .20 * robustness +
                      .25 * completeness);

  return rint (contested ? MIN (raw, CONTESTED_CAP) : raw);
}

static double
evidence_cap (LdsEvidence evidence)
{
  switch (evidence)
    {
    case LDS_EVIDENCE_REAL:
      return 95;
    case LDS_EVIDENCE_MODEL:
      return 84;
    case LDS_EVIDENCE_NONE:
    default:
      return 74;
    }
}

static LdsBand
band_of (double confidence)
{
  return confidence >= 75 ? LDS_BAND_HIGH : confidence >= 55 ? LDS_BAND_MODERATE
                                        : confidence >= 35   ? LDS_BAND_LOW
                                                             : LDS_BAND_TOO_CLOSE;
}

static void
add_advice (LdsVerdict *verdict,
            LdsRulePack *pack,
            const LdsInput *input)
{
  LdsOption votes[LDS_MAX_CRITERIA];
  guint n = MIN (pack->advisors->len, G_N_ELEMENTS (votes));

  for (guint i = 0; i < n; i++)
    {
      const LdsAdvisor *advisor = g_ptr_array_index (pack->advisors, i);
      LdsAdvice *advice = g_new0 (LdsAdvice, 1);

      advice->id = advisor->id;
      advice->title = advisor->title;
      advice->sources = advisor->sources;
      advice->vote = votes[i] = lds_advisor_vote (advisor, input);
      advice->credit = credit_of (advice->vote, verdict->winner);
      advice->path = lds_advisor_path (advisor, input);
      verdict->n_dissent += advice->vote != LDS_OPTION_ABSTAIN && advice->vote != verdict->winner;
      g_ptr_array_add (verdict->advisors, advice);
    }
  verdict->agreement = lds_agreement (votes, n, verdict->winner, &verdict->n_voices);
  verdict->contested =
      verdict->n_voices >= CONTESTED_VOICES && verdict->agreement < CONTESTED_AGREEMENT;
}

/* The answers to a criterion's questions, in words. */
static char *
describe_answers (LdsRulePack *pack,
                  const LdsCriterion *criterion,
                  const LdsInput *input)
{
  GString *text = g_string_new (NULL);

  for (guint q = 0; q < pack->questions->len; q++)
    {
      const LdsQuestionRule *rule = lds_rule_pack_rule (pack, q);
      g_autofree char *value = NULL;
      const char *label;

      if (!(criterion->reads >> q & 1))
        continue;
      value = lds_question_format_value (rule, input->slots[q]);
      label = value;
      if (input->not_applicable >> q & 1)
        label = _ ("does not apply");
      else if (isnan (input->slots[q]))
        label = _ ("unknown");
      else if (rule->value_ids != NULL)
        label =
            ((LdsChoice *)g_ptr_array_index (rule->public.choices, (guint)input->slots[q]))->label;
      g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", label);
    }
  return g_string_free (text, FALSE);
}

static const LdsCells *
cells_of (const LdsCriterion *criterion,
          const LdsInput *input)
{
  for (guint i = 0; i < criterion->cells->len; i++)
    {
      const LdsCells *cells = g_ptr_array_index (criterion->cells, i);

      if (cells->when == NULL || lds_expression_is_true (cells->when, input->slots))
        return cells;
    }
  g_assert_not_reached ();
}

static int
compare_contributions (gconstpointer a,
                       gconstpointer b)
{
  const LdsContribution *left = *(const LdsContribution *const *)a,
                        *right = *(const LdsContribution *const *)b;

  if (left->points != right->points)
    return left->points > right->points ? -1 : 1;
  /* Equals stand as in the reference: the later id first. */
  return strcmp (right->id, left->id);
}

static void
add_contributions (LdsVerdict *verdict,
                   LdsRulePack *pack,
                   const LdsInput *input,
                   const LdsModelResult *result,
                   const LdsOverlay *overlay,
                   const LdsGrades *grades)
{
  double total = 0;

  for (guint c = 0; c < pack->criteria->len; c++)
    total += result->weights[c];
  for (guint c = 0; c < pack->criteria->len; c++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);
      const LdsCells *cells = cells_of (criterion, input);
      LdsGrade grade = lds_grades_get (grades, cells->claims, cells->grade);
      LdsContribution *contribution = g_new0 (LdsContribution, 1);

      contribution->id = criterion->id;
      contribution->title = criterion->title;
      contribution->sources = cells->sources;
      contribution->articles = cells->articles != NULL ? cells->articles : "";
      contribution->grade = grade.grade;
      contribution->claims = cells->claims;
      contribution->graded_by = grade.claims;
      contribution->reproduced = grade.evidence;
      contribution->answer = describe_answers (pack, criterion, input);
      contribution->ratio = input->ratios[c];
      if (overlay != NULL && lds_overlay_get (overlay, criterion->id) != NULL)
        contribution->evidence = lds_overlay_get (overlay, criterion->id)->evidence;
      contribution->weight = result->weights[c];
      memcpy (contribution->cells, result->cells[c], sizeof contribution->cells);
      if (result->second != LDS_OPTION_ABSTAIN && total > 0)
        contribution->points =
            result->weights[c] *
            (result->cells[c][result->winner] - result->cells[c][result->second]) / total;
      g_ptr_array_add (verdict->contributions, contribution);
    }
  g_ptr_array_sort (verdict->contributions, compare_contributions);
}

/* What claims are worth to the certainty: as much as the weakest of the verdict's main reasons that rest on any, so that
 * a high one is earned here by all of them, as by a session that must measure all that it set out to. Where the
 * figures were measured themselves, the session tells. Source: DOMAIN D.5, read strictly. */
static LdsEvidence
evidence_of_claims (const LdsVerdict *verdict,
                    const LdsGrades *grades)
{
  LdsEvidence weakest = LDS_EVIDENCE_REAL;
  gboolean any = FALSE;

  for (guint i = 0; i < verdict->reasons_for->len; i++)
    {
      const LdsContribution *reason = g_ptr_array_index (verdict->reasons_for, i);

      if (!lds_grades_can_test (grades, reason->claims) || reason->evidence != LDS_EVIDENCE_NONE)
        continue;
      any = TRUE;
      weakest = MIN (weakest, reason->reproduced);
    }
  return any ? weakest : LDS_EVIDENCE_NONE;
}

/* What would lift the cap, if anything does. */
static const char *
lift_of (LdsEvidence evidence)
{
  switch (evidence)
    {
    case LDS_EVIDENCE_REAL:
      return _ ("since one machine proves no more");
    case LDS_EVIDENCE_MODEL:
      return _ ("until real runtimes are measured");
    case LDS_EVIDENCE_NONE:
    default:
      return _ ("until you measure");
    }
}

static char *
headline_of (const LdsVerdict *verdict)
{
  if (verdict->band == LDS_BAND_TOO_CLOSE)
    /* Translators: an option, a certainty as a number of 100 */
    return g_strdup_printf (
        _ ("No recommendation yet: %s leads, but it is too close to call (%.0f/100)."),
        lds_option_title (verdict->winner), verdict->confidence);
  if (verdict->confidence < verdict->confidence_raw)
    /* Translators: an option, strong or conditional, High or Moderate or Low, two certainties of 100,
     * "until you measure" or another reason */
    return g_strdup_printf (_ ("%s, %s, certainty %s (%.0f/100, capped from %.0f %s)."),
                            lds_option_title (verdict->winner),
                            lds_strength_title (verdict->strength), lds_band_title (verdict->band),
                            verdict->confidence, verdict->confidence_raw,
                            lift_of (verdict->evidence));
  /* Translators: an option, strong or conditional, High or Moderate or Low, a certainty of 100 */
  return g_strdup_printf (
      _ ("%s, %s, certainty %s (%.0f/100)."), lds_option_title (verdict->winner),
      lds_strength_title (verdict->strength), lds_band_title (verdict->band), verdict->confidence);
}

static void
add_gates (LdsVerdict *verdict,
           LdsRulePack *pack,
           const LdsModelResult *result)
{
  for (guint o = 0; o < LDS_N_OPTIONS; o++)
    if (result->gates[o] != LDS_GATE_OPEN)
      {
        const LdsGate *gate = result->gates[o] == LDS_GATE_COMPONENT
                                  ? NULL
                                  : g_ptr_array_index (pack->gates, (guint)result->gates[o]);

        verdict->gates[o] = gate != NULL ? gate->reason : _ ("A component runs on one runtime.");
        verdict->gate_ids[o] = gate != NULL ? gate->id : "component";
      }
  if (result->restored)
    g_ptr_array_add (
        verdict->warnings,
        g_strdup (_ (
            "The answers rule out every option, so two stacks are offered although they were refused: one of the answers must give way.")));
}

/* The questions that are asked and have no value yet, as bits. */
static guint64
open_bits (LdsAnswers *answers)
{
  LdsRulePack *pack = lds_answers_get_pack (answers);
  guint64 open = 0;

  for (guint q = 0; q < pack->questions->len; q++)
    {
      const char *id = lds_rule_pack_rule (pack, q)->public.id;
      const char *value = lds_answers_get (answers, id);

      if ((value == NULL || strcmp (value, "unknown") == 0) &&
          lds_answers_get_not_applicable (answers, id) == NULL)
        open |= G_GUINT64_CONSTANT (1) << q;
    }
  return open;
}

static gboolean
flips_alone (const LdsVerdict *verdict,
             const char *question)
{
  for (guint i = 0; i < verdict->flips->len; i++)
    if (strcmp (((LdsFlip *)g_ptr_array_index (verdict->flips, i))->question, question) == 0)
      return TRUE;
  return FALSE;
}

static void
add_open_questions (LdsVerdict *verdict,
                    LdsAnswers *answers,
                    const LdsInput *input,
                    const LdsModelResult *result,
                    const guint64 *partners)
{
  LdsRulePack *pack = lds_answers_get_pack (answers);
  guint64 open = open_bits (answers);

  verdict->settled = lds_open_is_settled (pack, input, result, open);
  for (guint q = 0; q < pack->questions->len; q++)
    {
      LdsOpenQuestion question = {lds_rule_pack_rule (pack, q)->public.id, LDS_RELEVANCE_UNLIKELY};

      if (!(open >> q & 1) || !lds_answers_is_asked (answers, question.question))
        continue;
      if (verdict->settled)
        question.relevance = LDS_RELEVANCE_NONE;
      else if (flips_alone (verdict, question.question))
        question.relevance = LDS_RELEVANCE_ALONE;
      else if ((partners[q] & open) != 0)
        question.relevance = LDS_RELEVANCE_TOGETHER;
      g_array_append_val (verdict->open_questions, question);
    }
  for (guint i = 0; i < verdict->flips->len; i++)
    {
      LdsFlip *flip = g_ptr_array_index (verdict->flips, i);
      int index = lds_rule_pack_index_of (pack, flip->question);

      flip->assumed = (open >> index & 1) != 0;
    }
}

LdsVerdict *
lds_advise_input (LdsAnswers *answers,
                  const LdsInput *input,
                  LdsEvidence evidence,
                  const LdsOverlay *overlay,
                  const LdsGrades *grades)
{
  LdsRulePack *pack = lds_answers_get_pack (answers);
  LdsVerdict *verdict = lds_verdict_new (pack);
  LdsModelResult result;
  guint64 partners[LDS_MAX_QUESTIONS];

  lds_model_evaluate (pack, input, &result);
  verdict->rule_pack_version = lds_rule_pack_get_version (pack);
  verdict->winner = result.winner;
  verdict->second = result.second;
  memcpy (verdict->scores, result.scores, sizeof verdict->scores);
  verdict->margin = result.margin;
  add_gates (verdict, pack, &result);
  add_advice (verdict, pack, input);
  verdict->robustness = lds_model_robustness (pack, &result);
  verdict->completeness = input->completeness;
  verdict->confidence_raw =
      lds_confidence_raw (verdict->margin, verdict->agreement, verdict->robustness,
                          verdict->completeness, verdict->contested);
  add_contributions (verdict, pack, input, &result, overlay, grades);
  lds_notes_add_reasons (verdict, pack, &result);
  verdict->evidence =
      overlay != NULL ? MAX (evidence, lds_overlay_get_evidence (overlay)) : evidence;
  verdict->evidence = MAX (verdict->evidence, evidence_of_claims (verdict, grades));
  verdict->cap = evidence_cap (verdict->evidence);
  verdict->confidence = MIN (verdict->confidence_raw, verdict->cap);
  verdict->band = band_of (verdict->confidence);
  verdict->flips = lds_flips_single (pack, input, &result);
  verdict->pair_flips = lds_flips_pairs (pack, input, &result, partners);
  verdict->weight_ranges = lds_stability_weights (pack, &result);
  verdict->ratio_ranges = lds_stability_ratios (pack, input, &result);
  verdict->conditions = lds_flips_near_gates (pack, input, &result);
  verdict->strength = result.margin >= STRONG_MARGIN && verdict->conditions->len == 0
                          ? LDS_STRENGTH_STRONG
                          : LDS_STRENGTH_CONDITIONAL;
  lds_answers_count (answers, &verdict->n_answered, &verdict->n_questions);
  add_open_questions (verdict, answers, input, &result, partners);
  lds_notes_add (verdict, pack, input);
  verdict->headline = headline_of (verdict);
  return verdict;
}

static gboolean
set_weights (LdsRulePack *pack,
             GHashTable *weights,
             LdsInput *input,
             GError **error)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, weights);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      const LdsCriterion *criterion = lds_rule_pack_find_criterion (pack, id, error);
      double weight = *(double *)value;
      guint index;

      if (criterion == NULL)
        return FALSE;
      if (!(weight >= 0 && weight <= 10))
        {
          g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                       /* Translators: a criterion's id, a number */
                       _ ("The weight of “%s” must be from 0 to 10, not %g."), criterion->id,
                       weight);
          return FALSE;
        }
      g_ptr_array_find (pack->criteria, criterion, &index);
      input->weights[index] = weight;
    }
  return TRUE;
}

gboolean
lds_advise_prepare (LdsAnswers *answers,
                    const LdsAdviceOptions *options,
                    LdsInput *input,
                    GError **error)
{
  LdsRulePack *pack = lds_answers_get_pack (answers);

  lds_answers_get_input (answers, input);
  input->single = options->single;
  for (guint c = 0; c < pack->criteria->len && options->overlay != NULL; c++)
    {
      const LdsCriterion *criterion = g_ptr_array_index (pack->criteria, c);
      const LdsMeasuredRatio *measurement = lds_overlay_get (options->overlay, criterion->id);

      if (measurement != NULL)
        input->ratios[c] = lds_measured_ratio_counted (measurement);
    }
  return options->weights == NULL || set_weights (pack, options->weights, input, error);
}

/* Records the user's own weights and rules, and what the verdict is without them. */
static void
add_changes (LdsVerdict *verdict,
             LdsAnswers *answers,
             const LdsAdviceOptions *options)
{
  GPtrArray *house = lds_rule_pack_get_changes (lds_answers_get_pack (answers));
  LdsAdviceOptions plain = *options;
  g_autoptr (LdsAnswers) same = NULL;
  GHashTableIter iter;
  gpointer id, value;

  for (guint i = 0; i < house->len; i++)
    g_ptr_array_add (verdict->changes, g_strdup (g_ptr_array_index (house, i)));
  if (options->weights != NULL)
    {
      g_hash_table_iter_init (&iter, options->weights);
      while (g_hash_table_iter_next (&iter, &id, &value))
        g_ptr_array_add (verdict->changes, g_strdup_printf (_ ("The weight of “%s” is set to %g."),
                                                            (char *)id, *(double *)value));
    }
  if (verdict->changes->len == 0)
    return;
  plain.weights = NULL;
  same = lds_answers_copy_for (answers, lds_rule_pack_get_default ());
  verdict->unchanged = lds_advise_with (same, &plain, NULL);
}

LdsVerdict *
lds_advise_with (LdsAnswers *answers,
                 const LdsAdviceOptions *options,
                 GError **error)
{
  LdsVerdict *verdict;
  LdsInput input;

  g_return_val_if_fail (LDS_IS_ANSWERS (answers), NULL);
  g_return_val_if_fail (options != NULL, NULL);

  if (!lds_advise_prepare (answers, options, &input, error))
    return NULL;
  verdict =
      lds_advise_input (answers, &input, options->evidence, options->overlay, options->grades);
  add_changes (verdict, answers, options);
  return verdict;
}

LdsVerdict *
lds_advise (LdsAnswers *answers,
            LdsEvidence evidence)
{
  const LdsAdviceOptions options = {.evidence = evidence};

  return lds_advise_with (answers, &options, NULL);
}
