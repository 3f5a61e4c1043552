/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers: what is known about each question, checked as it comes in. */
#define G_LOG_DOMAIN "lds-answers"

#include "config.h"
#include "lds-rule-pack-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-nearest.h"
#include "lds-upgrade.h"

typedef enum
{
  STATE_UNANSWERED,
  STATE_UNKNOWN,
  STATE_NOT_APPLICABLE,
  STATE_VALUE,
} State;

typedef struct
{
  State state;
  double value; /* index into the values, or the number */
  char *text;   /* the value as text, or the reason why it does not apply */
} Answer;

struct _LdsAnswers
{
  GObject parent_instance;

  LdsRulePack *pack;
  Answer answers[LDS_MAX_QUESTIONS];
  GPtrArray *upgrades; /* (element-type utf8) */
};

G_DEFINE_FINAL_TYPE (LdsAnswers, lds_answers, G_TYPE_OBJECT)

static guint changed_signal;

static void
lds_answers_finalize (GObject *object)
{
  LdsAnswers *self = LDS_ANSWERS (object);

  for (guint i = 0; i < LDS_MAX_QUESTIONS; i++)
    g_free (self->answers[i].text);
  g_ptr_array_unref (self->upgrades);
  g_object_unref (self->pack);
  G_OBJECT_CLASS (lds_answers_parent_class)->finalize (object);
}

static void
lds_answers_class_init (LdsAnswersClass *class)
{
  G_OBJECT_CLASS (class)->finalize = lds_answers_finalize;
  changed_signal =
      g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
lds_answers_init (LdsAnswers *self)
{
  self->upgrades = g_ptr_array_new_with_free_func (g_free);
}

LdsAnswers *
lds_answers_new (LdsRulePack *pack)
{
  LdsAnswers *self;

  g_return_val_if_fail (LDS_IS_RULE_PACK (pack), NULL);

  self = g_object_new (LDS_TYPE_ANSWERS, NULL);
  self->pack = g_object_ref (pack);
  return self;
}

LdsAnswers *
lds_answers_copy (LdsAnswers *self)
{
  LdsAnswers *copy;

  g_return_val_if_fail (LDS_IS_ANSWERS (self), NULL);

  copy = lds_answers_new (self->pack);
  for (guint i = 0; i < self->upgrades->len; i++)
    g_ptr_array_add (copy->upgrades, g_strdup (g_ptr_array_index (self->upgrades, i)));
  for (guint i = 0; i < LDS_MAX_QUESTIONS; i++)
    {
      copy->answers[i] = self->answers[i];
      copy->answers[i].text = g_strdup (self->answers[i].text);
    }
  return copy;
}

GPtrArray *
lds_answers_get_upgrades (LdsAnswers *self)
{
  g_return_val_if_fail (LDS_IS_ANSWERS (self), NULL);

  return self->upgrades;
}

LdsRulePack *
lds_answers_get_pack (LdsAnswers *self)
{
  return self->pack;
}

/* The question's index, or -1 with an error that names the nearest one. */
static int
find (LdsAnswers *self,
      const char *question,
      GError **error)
{
  int index = lds_rule_pack_index_of (self->pack, question);
  const char *nearest;

  if (index >= 0)
    return index;
  nearest = lds_nearest (question, (const char *const *)self->pack->question_ids->pdata);
  if (nearest != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("There is no question “%s”. Did you mean “%s”?"), question, nearest);
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("There is no question “%s”. “loadstone-cli questions” lists them."), question);
  return -1;
}

static void
store (LdsAnswers *self,
       guint index,
       State state,
       double value,
       const char *text)
{
  Answer *answer = &self->answers[index];

  if (answer->state == state && g_strcmp0 (answer->text, text) == 0)
    return;
  g_free (answer->text);
  *answer = (Answer){state, value, g_strdup (text)};
  g_signal_emit (self, changed_signal, 0, lds_rule_pack_rule (self->pack, index)->public.id);
}

static gboolean
set_choice (LdsAnswers *self,
            guint index,
            const char *value,
            GError **error)
{
  const LdsQuestionRule *rule = lds_rule_pack_rule (self->pack, index);
  const char *nearest;
  g_autofree char *all = NULL;

  for (guint i = 0; rule->value_ids[i] != NULL; i++)
    if (strcmp (rule->value_ids[i], value) == 0)
      {
        store (self, index, STATE_VALUE, i, value);
        return TRUE;
      }
  nearest = lds_nearest (value, (const char *const *)rule->value_ids);
  if (nearest != NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a question's id, a wrong value, the nearest right one */
                 _ ("“%s” cannot be “%s”. Did you mean “%s”?"), rule->public.id, value, nearest);
  else
    {
      all = g_strjoinv (", ", (char **)rule->value_ids);
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a question's id, a wrong value, a list of right ones */
                   _ ("“%s” cannot be “%s”. It is one of: %s, unknown."), rule->public.id, value,
                   all);
    }
  return FALSE;
}

static gboolean
set_number (LdsAnswers *self,
            guint index,
            const char *value,
            GError **error)
{
  const LdsQuestionRule *rule = lds_rule_pack_rule (self->pack, index);
  const LdsQuestion *question = &rule->public;
  char *end;
  double number = g_ascii_strtod (value, &end);
  gboolean whole = question->type == LDS_QUESTION_SCALE;

  if (end != value && *end == '\0' && isfinite (number) && number >= question->minimum &&
      number <= question->maximum && (!whole || number == floor (number)))
    {
      g_autofree char *text = lds_question_format_value (rule, number);

      store (self, index, STATE_VALUE, number, text);
      return TRUE;
    }
  if (end != value && *end == '\0' && isfinite (number))
    {
      double nearest = CLAMP (whole ? rint (number) : number, question->minimum, question->maximum);

      g_set_error (
          error, LDS_ERROR, LDS_ERROR_INPUT,
          whole ? _ ("“%s” cannot be “%s”: it is a whole number from %g to %g. The nearest is %g.")
                : _ ("“%s” cannot be “%s”: it is a number from %g to %g. The nearest is %g."),
          question->id, value, question->minimum, question->maximum, nearest);
    }
  else
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 _ ("“%s” cannot be “%s”: it is a number from %g to %g, or “unknown”."),
                 question->id, value, question->minimum, question->maximum);
  return FALSE;
}

gboolean
lds_answers_set (LdsAnswers *self,
                 const char *question,
                 const char *value,
                 GError **error)
{
  int index;

  g_return_val_if_fail (LDS_IS_ANSWERS (self), FALSE);
  g_return_val_if_fail (question != NULL, FALSE);

  index = find (self, question, error);
  if (index < 0)
    return FALSE;
  if (value == NULL || strcmp (value, "unknown") == 0)
    {
      store (self, (guint)index, value == NULL ? STATE_UNANSWERED : STATE_UNKNOWN, NAN, NULL);
      return TRUE;
    }
  if (lds_rule_pack_rule (self->pack, (guint)index)->value_ids != NULL)
    return set_choice (self, (guint)index, value, error);
  return set_number (self, (guint)index, value, error);
}

gboolean
lds_answers_set_not_applicable (LdsAnswers *self,
                                const char *question,
                                const char *reason,
                                GError **error)
{
  g_autofree char *stripped = g_strstrip (g_strdup (reason != NULL ? reason : ""));
  int index;

  g_return_val_if_fail (LDS_IS_ANSWERS (self), FALSE);
  g_return_val_if_fail (question != NULL, FALSE);

  index = find (self, question, error);
  if (index < 0)
    return FALSE;
  if (*stripped == '\0')
    {
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   _ ("Say why “%s” does not apply: the reason is kept in the report."), question);
      return FALSE;
    }
  store (self, (guint)index, STATE_NOT_APPLICABLE, NAN, stripped);
  return TRUE;
}

const char *
lds_answers_get (LdsAnswers *self,
                 const char *question)
{
  int index;

  g_return_val_if_fail (LDS_IS_ANSWERS (self), NULL);

  index = lds_rule_pack_index_of (self->pack, question);
  if (index < 0)
    return NULL;
  switch (self->answers[index].state)
    {
    case STATE_VALUE:
      return self->answers[index].text;
    case STATE_UNKNOWN:
      return "unknown";
    case STATE_UNANSWERED:
    case STATE_NOT_APPLICABLE:
    default:
      return NULL;
    }
}

const char *
lds_answers_get_not_applicable (LdsAnswers *self,
                                const char *question)
{
  int index;

  g_return_val_if_fail (LDS_IS_ANSWERS (self), NULL);

  index = lds_rule_pack_index_of (self->pack, question);
  return index >= 0 && self->answers[index].state == STATE_NOT_APPLICABLE
             ? self->answers[index].text
             : NULL;
}

static void
fill_slots (LdsAnswers *self,
            LdsInput *input)
{
  input->not_applicable = 0;
  input->slots[LDS_VERDICT_SLOT] = NAN;
  for (guint i = 0; i < self->pack->questions->len; i++)
    {
      const Answer *answer = &self->answers[i];

      if (answer->state == STATE_NOT_APPLICABLE)
        input->not_applicable |= G_GUINT64_CONSTANT (1) << i;
      input->slots[i] = answer->state == STATE_VALUE ? answer->value
                        : answer->state == STATE_NOT_APPLICABLE
                            ? NAN
                            : lds_rule_pack_rule (self->pack, i)->fallback;
    }
}

static gboolean
applies (LdsAnswers *self,
         guint index,
         const LdsInput *input)
{
  const LdsQuestionRule *rule = lds_rule_pack_rule (self->pack, index);

  return self->answers[index].state != STATE_NOT_APPLICABLE &&
         (rule->ask_when == NULL || lds_expression_is_true (rule->ask_when, input->slots));
}

void
lds_answers_get_input (LdsAnswers *self,
                       LdsInput *input)
{
  double answered = 0, all = 0;

  for (guint c = 0; c < LDS_MAX_CRITERIA; c++)
    {
      input->ratios[c] = NAN;
      input->weights[c] = self->pack->weights[c];
    }
  input->single = FALSE;
  fill_slots (self, input);
  for (guint i = 0; i < self->pack->questions->len; i++)
    if (applies (self, i, input))
      {
        double weight = lds_rule_pack_rule (self->pack, i)->public.weight;

        all += weight;
        answered += self->answers[i].state == STATE_VALUE ? weight : 0;
      }
  input->completeness = all > 0 ? answered / all : 0;
}

void
lds_answers_count (LdsAnswers *self,
                   guint *n_answered,
                   guint *n_questions)
{
  LdsInput input;

  g_return_if_fail (LDS_IS_ANSWERS (self));

  *n_answered = *n_questions = 0;
  fill_slots (self, &input);
  for (guint i = 0; i < self->pack->questions->len; i++)
    if (applies (self, i, &input))
      {
        (*n_questions)++;
        *n_answered += self->answers[i].state == STATE_VALUE;
      }
}

gboolean
lds_answers_is_asked (LdsAnswers *self,
                      const char *question)
{
  LdsInput input;
  int index;

  g_return_val_if_fail (LDS_IS_ANSWERS (self), FALSE);

  index = lds_rule_pack_index_of (self->pack, question);
  if (index < 0)
    return FALSE;
  fill_slots (self, &input);
  return lds_rule_pack_rule (self->pack, (guint)index)->ask_when == NULL ||
         lds_expression_is_true (lds_rule_pack_rule (self->pack, (guint)index)->ask_when,
                                 input.slots);
}

guint
lds_answers_prefill (LdsAnswers *self)
{
  const char *usecase;
  const LdsQuestion *question;
  guint n = 0;

  g_return_val_if_fail (LDS_IS_ANSWERS (self), 0);

  usecase = lds_answers_get (self, "usecase");
  question = lds_rule_pack_find_question (self->pack, "usecase");
  for (guint i = 0; usecase != NULL && question != NULL && i < question->choices->len; i++)
    {
      const LdsChoice *choice = g_ptr_array_index (question->choices, i);
      g_auto (GStrv) pairs = NULL;

      if (choice->prefill == NULL || strcmp (choice->id, usecase) != 0)
        continue;
      pairs = g_strsplit (choice->prefill, " ", -1);
      for (guint j = 0; pairs[j] != NULL; j++)
        {
          g_auto (GStrv) pair = g_strsplit (pairs[j], "=", 2);
          int index = pair[0] != NULL && pair[1] != NULL
                          ? lds_rule_pack_index_of (self->pack, pair[0])
                          : -1;

          if (index >= 0 && self->answers[index].state == STATE_UNANSWERED)
            n += lds_answers_set (self, pair[0], pair[1], NULL);
        }
    }
  return n;
}
