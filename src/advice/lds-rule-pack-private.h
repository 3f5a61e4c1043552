/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule pack as the engine sees it: everything parsed, nothing looked up by name. */
#pragma once

#include "lds-expression.h"
#include "lds-knowledge.h"
#include "lds-markup.h"
#include "lds-questionnaire.h"
#include "lds-yardstick.h"

G_BEGIN_DECLS

#define LDS_MAX_QUESTIONS 64 /* a bit each in masks */
#define LDS_MAX_CRITERIA  64

/* Where expressions find the verdict, as if it were a question. */
#define LDS_VERDICT_SLOT LDS_MAX_QUESTIONS
#define LDS_N_SLOTS      (LDS_MAX_QUESTIONS + 1)

/* A question and what only the engine wants of it. */
typedef struct
{
  LdsQuestion public;      /* first, so that a pointer to one is a pointer to the other */
  const char **value_ids;  /* (array zero-terminated=1) (nullable) */
  double fallback;         /* index into the values, or a number; NaN = nothing */
  LdsExpression *ask_when; /* (nullable): always */
} LdsQuestionRule;

/* A named condition. */
typedef struct
{
  char *id;
  const char *title; /* translated */
  char *sources;
  LdsExpression *test;
} LdsCondition;

/* Points that a criterion's weight gets when the condition holds. */
typedef struct
{
  LdsExpression *when; /* (nullable): always */
  LdsExpression *value;
  char *sources;
} LdsPoints;

/* What the options are worth under a condition. */
typedef struct
{
  LdsExpression *when; /* (nullable): always */
  LdsExpression *values[LDS_N_OPTIONS];
  char *sources;
  char *articles; /* "000, 002" */
  char *grade;    /* "E0" */
  char *against;  /* (nullable): ids of what contradicts it */
  char *claims;   /* (nullable): ids of claims that say the same in numbers: lds-grades.h */
} LdsCells;

typedef struct
{
  char *id;
  const char *title;     /* translated */
  LdsOption side;        /* whose demand its weight adds to; LDS_OPTION_ABSTAIN = neither */
  gboolean worst;        /* measured, "both" inherits the worse cell, not the better one */
  guint64 reads;         /* a bit for each question that it is about */
  guint64 affected;      /* a bit for each question that can change its weight or cells */
  GPtrArray *points;     /* (element-type LdsPoints) */
  GPtrArray *cells;      /* (element-type LdsCells) */
  char *sources;         /* of its first cells */
  gboolean measurable;   /* a measurement may replace its cells */
  LdsEvidence needs;     /* the least that such a measurement must be */
  gboolean bare;         /* a bare model, without the costs of a runtime, may be one */
  gboolean any;          /* every run measures it, whatever its workload */
  const char *workloads; /* (nullable): what measures it: "W-002-7, W-000-2" */
  const char *metric;    /* (nullable): "throughput" */
  const char *instead;   /* (nullable): another where that one cannot tell: "cpu_per_request" */
} LdsCriterion;

/* Lanes that may stand for the two runtimes, and when. */
typedef struct
{
  LdsComparison public; /* first, so that a pointer to one is a pointer to the other */
  LdsExpression *when;  /* (nullable): always */
} LdsComparisonRule;

typedef struct
{
  char *id;
  LdsOption option;
  LdsExpression *test; /* (nullable) when it is about demand */
  double demand;       /* both sides must reach it */
  const char *reason;  /* translated */
  char *sources;
} LdsGate;

typedef enum
{
  LDS_BRANCH_NEXT,
  LDS_BRANCH_GO,   /* to another step */
  LDS_BRANCH_VOTE, /* for an option, and on to the next step */
  LDS_BRANCH_END,  /* with an option */
} LdsBranchKind;

typedef struct
{
  LdsBranchKind kind;
  LdsOption option; /* of votes and ends */
  guint target;     /* of gos: index of the step */
} LdsBranchRule;

typedef struct
{
  char *id;
  const char *text; /* translated */
  int question;     /* index */
  LdsExpression *test;
  LdsBranchRule yes, no;
} LdsStep;

typedef enum
{
  LDS_COUNT_NONE,
  LDS_COUNT_ANY,
  LDS_COUNT_MAJORITY,
} LdsCount;

typedef struct
{
  char *id;
  char *tree;        /* (nullable): "T-000-1" */
  const char *title; /* translated */
  char *sources;
  char *articles;
  LdsCount count;
  LdsOption otherwise;
  gboolean first_hit; /* votes would end the walk in the other reading of the tree */
  GPtrArray *steps;   /* (element-type LdsStep) */
} LdsAdvisor;

/* An entry and when it applies. */
typedef struct
{
  LdsEntry public;        /* first, so that a pointer to one is a pointer to the other */
  LdsExpression *applies; /* (nullable): never by itself */
} LdsEntryRule;

/* Advice that depends on answers and verdict: what shape to build, what to do next, what to watch. */
typedef struct
{
  const char *kind;    /* "shape", "interop", "action", "threshold", "warning" */
  const char *slot;    /* (nullable): of equals only the first that holds is given */
  const char *id;      /* (nullable): the pattern, method or metric */
  LdsExpression *when; /* (nullable): always */
  gboolean fallback;   /* only when no other of its kind holds */
  const char *text;    /* translated */
  const char *sources;
  const char *workload; /* (nullable) */
  double value;         /* of thresholds; else NaN */
  const char *unit;     /* (nullable) */
} LdsNoteRule;

/* What a version of the rules changed. */
typedef struct
{
  guint version;
  const char *text;     /* translated */
  const char *question; /* (nullable) */
  const char *value;    /* (nullable) */
  const char *to;       /* (nullable): the new name; NULL = gone */
} LdsRuleChange;

struct _LdsRulePack
{
  GObject parent_instance;

  guint version;
  GPtrArray *roots;     /* (element-type LdsElement): own all untranslated text */
  GPtrArray *questions; /* (element-type LdsQuestionRule) */
  GPtrArray *conditions;
  GPtrArray *criteria;
  GPtrArray *gates;
  GPtrArray *comparisons; /* (element-type LdsComparisonRule) */
  GPtrArray *advisors;
  GPtrArray *entries;               /* (element-type LdsEntryRule) */
  GHashTable *entry_ids;            /* id -> LdsEntryRule, not owned */
  double weights[LDS_MAX_CRITERIA]; /* set by house rules; NaN = what follows from the answers */
  GPtrArray *changes;               /* (element-type utf8): what house rules change */
  GPtrArray *history;               /* (element-type LdsRuleChange), oldest first */
  GPtrArray *notes;                 /* (element-type LdsNoteRule) */
  GPtrArray *plans;                 /* what to measure, which lanes, and what answers stand for: */
  GPtrArray *lanes;                 /* rows of lds-measures.c, */
  GPtrArray *amounts;               /* in the order of the files */
  GPtrArray *words;                 /* (element-type utf8): every word an expression may use, NULL-terminated */
  GPtrArray *question_ids;          /* (element-type utf8), NULL-terminated */
};

/* What the model is given: a value for each question. */
typedef struct
{
  double slots[LDS_N_SLOTS]; /* fallbacks stand in for unknown; NaN = no value */
  guint64 not_applicable;    /* a bit for each question */
  gboolean single;           /* one component: "both" is no answer */
  double completeness;       /* 0 to 1 */
  double ratios
      [LDS_MAX_CRITERIA]; /* measured Node.js / Python, above 1 = Node.js is better; NaN = not */
  double
      weights[LDS_MAX_CRITERIA]; /* the user's own, 0 to 10; NaN = what follows from the answers */
} LdsInput;

/** Returns: (transfer full): a pack of these documents (text, name pairs); or %NULL with LDS_ERROR_INPUT */
LdsRulePack *lds_rule_pack_new_from_documents (GPtrArray *names, GPtrArray *texts, GError **error);

/** Gives names and texts of the shipped documents. */
void lds_rule_pack_get_documents (GPtrArray **names, GPtrArray **texts);

/** Returns the question's index, or -1. */
int lds_rule_pack_index_of (LdsRulePack *self, const char *question);

/** Returns: (transfer none): the criterion; or %NULL with LDS_ERROR_INPUT that names the nearest one */
const LdsCriterion *
lds_rule_pack_find_criterion (LdsRulePack *self, const char *id, GError **error);

static inline const LdsQuestionRule *
lds_rule_pack_rule (LdsRulePack *self,
                    guint index)
{
  return g_ptr_array_index (self->questions, index);
}

/** Returns: (transfer full): the value as an answer's text: "10k-50k", "3", "unknown" */
char *lds_question_format_value (const LdsQuestionRule *rule, double value);

/* lds-rule-pack-load.c: each reads one kind of element into the pack. */
gboolean lds_rule_pack_load_question (LdsRulePack *self, const LdsElement *element, GError **error);
gboolean lds_rule_pack_load_ask_when (LdsRulePack *self, const LdsElement *element, GError **error);
gboolean
lds_rule_pack_load_condition (LdsRulePack *self, const LdsElement *element, GError **error);
gboolean
lds_rule_pack_load_criterion (LdsRulePack *self, const LdsElement *element, GError **error);
gboolean lds_rule_pack_load_gate (LdsRulePack *self, const LdsElement *element, GError **error);
gboolean lds_rule_pack_load_advisor (LdsRulePack *self, const LdsElement *element, GError **error);

/* lds-yardstick.c */
gboolean lds_criterion_load_measure (LdsCriterion *self, const LdsElement *element, GError **error);
gboolean
lds_rule_pack_load_comparison (LdsRulePack *self, const LdsElement *element, GError **error);
void lds_comparison_rule_free (gpointer data);

/* lds-house.c */
gboolean lds_rule_pack_load_weight (LdsRulePack *self, const LdsElement *element, GError **error);

/* lds-measures.c */
gboolean lds_rule_pack_load_plan (LdsRulePack *self, const LdsElement *element, GError **error);
gboolean lds_rule_pack_load_lane (LdsRulePack *self, const LdsElement *element, GError **error);
gboolean lds_rule_pack_load_amount (LdsRulePack *self, const LdsElement *element, GError **error);
void lds_plan_rule_free (gpointer data);
void lds_lane_rule_free (gpointer data);

/* lds-upgrade.c */
gboolean lds_rule_pack_load_change (LdsRulePack *self, const LdsElement *element, GError **error);
void lds_rule_change_free (gpointer data);
/** Returns %FALSE with LDS_ERROR_INPUT when @version is newer than the pack, or none. */
gboolean lds_rule_pack_check_version (LdsRulePack *self, gint64 version, GError **error);
/** Adds what changed after @since, in words, to @texts. */
void lds_rule_pack_list_changes (LdsRulePack *self, guint since, GPtrArray *texts);
/** Returns: (transfer none) (nullable): the question's name now; NULL when it is gone */
const char *
lds_rule_pack_upgrade_question (LdsRulePack *self, guint since, const char *question);
/** Returns: (transfer none) (nullable): the value's name now; NULL when it is gone */
const char *lds_rule_pack_upgrade_value (LdsRulePack *self,
                                         guint since,
                                         const char *question,
                                         const char *value);

/* lds-rule-pack-notes.c */
gboolean lds_rule_pack_load_entry (LdsRulePack *self, const LdsElement *element, GError **error);
gboolean lds_rule_pack_load_note (LdsRulePack *self, const LdsElement *element, GError **error);
void lds_entry_rule_free (gpointer data);
void lds_note_rule_free (gpointer data);

/* lds-rule-pack-load.c, shared by the loaders. */
int lds_rule_pack_require_one_of (const LdsElement *element,
                                  const char *attribute,
                                  const char *const *names,
                                  GError **error);
gboolean lds_rule_pack_require_text (const LdsElement *element,
                                     const char *child,
                                     const char **text,
                                     GError **error);
gboolean lds_rule_pack_load_expression (LdsRulePack *self,
                                        const LdsElement *element,
                                        const char *attribute,
                                        LdsExpression **expression,
                                        GError **error);

/* lds-answers.c */
void lds_answers_get_input (LdsAnswers *self, LdsInput *input);

/* As load, but the attribute must be there. */
gboolean lds_rule_pack_require_expression (LdsRulePack *self,
                                           const LdsElement *element,
                                           const char *attribute,
                                           LdsExpression **expression,
                                           GError **error);

G_END_DECLS
