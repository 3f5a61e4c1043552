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
  const char *id;    /* "10k-50k" */
  const char *label; /* translated: "10,000 to 50,000" */
  const char *help;  /* (nullable), translated */
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
  const char *unit;     /* (nullable): "%" */
  const char *fallback; /* the value that the model assumes while the answer is unknown */
} LdsQuestion;

#define LDS_TYPE_RULE_PACK (lds_rule_pack_get_type ())
G_DECLARE_FINAL_TYPE (LdsRulePack, lds_rule_pack, LDS, RULE_PACK, GObject)

/** Returns: (transfer none): the pack that Loadstone ships, parsed on first use; main thread */
LdsRulePack *lds_rule_pack_get_default (void);
/** Returns: (transfer none) (element-type LdsQuestion): in the order to ask */
GPtrArray *lds_rule_pack_get_questions (LdsRulePack *self);
const LdsQuestion *lds_rule_pack_find_question (LdsRulePack *self, const char *id);

#define LDS_TYPE_ANSWERS (lds_answers_get_type ())
G_DECLARE_FINAL_TYPE (LdsAnswers, lds_answers, LDS, ANSWERS, GObject)

/**
 * LdsAnswers: a value for each question, or unknown, or not applicable with a reason.
 *
 * Signals: "changed" (const char *question).
 */
LdsAnswers *lds_answers_new (LdsRulePack *pack);
LdsAnswers *lds_answers_copy (LdsAnswers *self);

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

/** Reads {"answers": {"mix": "io", …}}; LDS_ERROR_INPUT names file, question and value. */
LdsAnswers *lds_answers_load (LdsRulePack *pack, const char *path, GError **error);
LdsAnswers *lds_answers_from_json (LdsRulePack *pack, JsonObject *object, GError **error);
/** Returns: (transfer full): {"conns": "10k-50k", …} in the order of the questions */
JsonNode *lds_answers_to_json (LdsAnswers *self);

/**
 * lds_advise:
 * @evidence: what was measured on this machine
 *
 * Returns: (transfer full): the verdict
 */
LdsVerdict *lds_advise (LdsAnswers *answers, LdsEvidence evidence);

G_END_DECLS
