/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule pack's questions, and answers to them. */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

#include "lds-verdict.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_QUESTION_CHOICE, /* one of its values */
  LDS_QUESTION_NUMBER, /* a number between minimum and maximum, or unknown */
  LDS_QUESTION_SCALE,  /* a whole number between minimum and maximum: a slider */
} LdsQuestionType;

typedef struct
{
  const char *id;      /* "10k-50k" */
  const char *label;   /* translated: "10,000 to 50,000" */
  const char *help;    /* (nullable), translated */
  const char *prefill; /* (nullable): "rt=essential conns=10k-50k": see lds_answers_prefill() */
} LdsChoice;

typedef struct
{
  const char *id;   /* "conns" */
  const char *text; /* translated: the question */
  const char *help; /* translated, one line */
  const char *why;  /* translated: why we ask */
  const char *uses; /* rule ids: "Q-000-1, Q-000-8, R-002-7" */
  LdsQuestionType type;
  GPtrArray *choices; /* (element-type LdsChoice), in order; empty for numbers and scales */
  double minimum, maximum;
  const char *unit; /* (nullable): "%" */
  const char *
      fallback; /* the value that the model assumes while the answer is unknown; "unknown" = none */
  const char *
      source;    /* of the fallback and the weight: "D.2" is the domain's list of questions, "LDS" ours */
  double weight; /* in completeness, 0 to 3; 3 leads the decision */
} LdsQuestion;

#define LDS_TYPE_RULE_PACK (lds_rule_pack_get_type ())
G_DECLARE_FINAL_TYPE (LdsRulePack, lds_rule_pack, LDS, RULE_PACK, GObject)

/** Returns: (transfer none): the pack that Loadstone ships, parsed on first use; main thread */
LdsRulePack *lds_rule_pack_get_default (void);
/** Returns: (transfer none) (element-type LdsQuestion): in the order to ask */
GPtrArray *lds_rule_pack_get_questions (LdsRulePack *self);
/** Returns: (transfer none) (nullable): the question */
const LdsQuestion *lds_rule_pack_find_question (LdsRulePack *self, const char *id);
guint lds_rule_pack_get_version (LdsRulePack *self);

#define LDS_TYPE_ANSWERS (lds_answers_get_type ())
G_DECLARE_FINAL_TYPE (LdsAnswers, lds_answers, LDS, ANSWERS, GObject)

/**
 * LdsAnswers: a value for each question, or unknown, or not applicable with a reason.
 *
 * What the domain leaves open is decided so:
 *
 * - *Unknown*, and not answered, count alike: the model assumes the question's fallback (or, where
 *   that is "unknown", nothing: every condition on it is false), and completeness falls.
 * - *Not applicable* takes the question out: it counts in neither part of completeness, every
 *   condition on it is false, points computed from it are 0, and a criterion all of whose questions
 *   do not apply has no weight.
 * - Completeness is the weight of the questions that have a value, divided by the weight of those
 *   that apply. A question whose ask-when is false does not apply; a value it has all the same is
 *   used by the model, but not counted.
 *
 * Main thread. Signals: "changed" (const char *question).
 */
LdsAnswers *lds_answers_new (LdsRulePack *pack);
LdsAnswers *lds_answers_copy (LdsAnswers *self);
/** Returns: (transfer none): the pack that they answer */
LdsRulePack *lds_answers_get_pack (LdsAnswers *self);

/**
 * lds_answers_set:
 * @value: (nullable): a choice's id, a number as text, or "unknown"; %NULL takes the answer back
 *
 * Returns %FALSE with LDS_ERROR_INPUT naming question and value, and the nearest right one.
 */
gboolean lds_answers_set (LdsAnswers *self,
                          const char *question,
                          const char *value,
                          GError **error);
gboolean lds_answers_set_not_applicable (LdsAnswers *self,
                                         const char *question,
                                         const char *reason,
                                         GError **error);

/** Returns: (transfer none) (nullable): the value, "unknown", or %NULL when not answered or not applicable */
const char *lds_answers_get (LdsAnswers *self, const char *question);
/** Returns: (transfer none) (nullable): the reason when not applicable */
const char *lds_answers_get_not_applicable (LdsAnswers *self, const char *question);

/** Counts the questions that apply, and those of them that have a value. */
void lds_answers_count (LdsAnswers *self, guint *n_answered, guint *n_questions);

/** Returns %FALSE while the other answers make the question meaningless: then it is not asked. */
gboolean lds_answers_is_asked (LdsAnswers *self, const char *question);

/**
 * lds_answers_prefill:
 *
 * Gives every question without an answer what is likely for the answered "usecase"; nothing is
 * overwritten. Returns the number of questions that got a value.
 */
guint lds_answers_prefill (LdsAnswers *self);

/** Reads {"answers": {"mix": "io", …}}; LDS_ERROR_INPUT names file, question and value. */
LdsAnswers *lds_answers_load (LdsRulePack *pack, const char *path, GError **error);
/** @object: {"answers": {…}}; "name" may stand beside it and is ignored, anything else is refused */
LdsAnswers *lds_answers_from_json (LdsRulePack *pack, JsonObject *object, GError **error);
/** Returns: (transfer full): the answers of a chat start-up, as shipped: for trying out */
LdsAnswers *lds_answers_new_sample (LdsRulePack *pack);

/**
 * Returns: (transfer full): {"conns": "10k-50k", "js": 4, "mem": "unknown",
 *   "hire": {"not_applicable": "nobody is hired"}, …} in the order of the questions; as
 *   lds_answers_from_json() reads it inside "answers"
 */
JsonNode *lds_answers_to_json (LdsAnswers *self);

/**
 * lds_advise:
 * @evidence: what was measured on this machine
 *
 * Returns: (transfer full): the verdict
 */
LdsVerdict *lds_advise (LdsAnswers *answers, LdsEvidence evidence);

G_END_DECLS
