/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict: everything that follows from a set of answers and what was measured. One immutable,
 * reference-counted value; every field may be read, none written. */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* In the order in which scores, cells and ties are kept. */
typedef enum
{
  LDS_OPTION_NODE,
  LDS_OPTION_PYTHON,
  LDS_OPTION_POLYGLOT,
  LDS_N_OPTIONS,
  LDS_OPTION_ABSTAIN = -1, /* advisors only */
} LdsOption;

/* What was measured on this machine; caps the confidence (DOMAIN.md D.5). */
typedef enum
{
  LDS_EVIDENCE_NONE,  /* cap 74 */
  LDS_EVIDENCE_MODEL, /* cap 84 */
  LDS_EVIDENCE_REAL,  /* cap 95 */
} LdsEvidence;

typedef enum
{
  LDS_BAND_TOO_CLOSE, /* shown as "no recommendation yet" */
  LDS_BAND_LOW,
  LDS_BAND_MODERATE,
  LDS_BAND_HIGH,
} LdsBand;

typedef enum
{
  LDS_STRENGTH_CONDITIONAL,
  LDS_STRENGTH_STRONG,
} LdsStrength;

/* One article's advisor, run verbatim. */
typedef struct
{
  const char *id;      /* "A-000a" */
  const char *title;   /* translated */
  const char *sources; /* "000" */
  LdsOption vote;      /* or LDS_OPTION_ABSTAIN */
  double credit;       /* agreement with the winner: 1, 0.5 or 0; 0 too when it abstains */
  GStrv path;          /* each step in words, in order: "More than 1,000 connections? Yes" */
} LdsAdvice;

/* One criterion's part in the lead of the winner over the second. */
typedef struct
{
  const char *id;         /* "conc" */
  const char *title;      /* translated */
  const char *sources;    /* rule ids: "R-000-1, R-000-8" */
  const char *articles;   /* "000, 002" */
  const char *grade;      /* "E0": see lds-grades.h */
  const char *claims;     /* (nullable): ids of claims that say the same in numbers: "C-000-7" */
  char *graded_by;        /* (nullable): those of them that were tested here and changed the grade */
  LdsEvidence reproduced; /* by what these claims were; LDS_EVIDENCE_NONE: not all were, or there are none */
  char *answer;           /* what was answered to its questions, translated: "10,000 to 50,000" */
  double weight;          /* 0 to 10 */
  double cells[LDS_N_OPTIONS];
  LdsEvidence evidence; /* where the cells come from: LDS_EVIDENCE_NONE = opinion of the articles */
  double ratio;         /* the measurement behind them, Node.js / Python; NaN = none */
  double points;        /* weight x (winner - second) / sum of weights; below 0 against it */
} LdsContribution;

/* One answer that would change the verdict. */
typedef struct
{
  char *question;
  char *from; /* the answer as the model takes it */
  char *to;
  gboolean assumed; /* "from" is the model's assumption: the question is not answered */
  LdsOption winner;
  guint distance; /* steps along the question's values */
} LdsFlip;

/* Why another option was not chosen. */
typedef struct
{
  LdsOption option;
  const char *gate;    /* (nullable): what rules it out, translated */
  GPtrArray *deficits; /* (element-type LdsDeficit): at most three, largest first */
} LdsWhyNot;

/* A criterion by which an option falls behind the winner. */
typedef struct
{
  const char *id;
  const char *title; /* translated */
  double points;     /* above 0: weight x (winner - option) / sum of weights */
} LdsDeficit;

/* Something that follows from verdict and answers: a pattern to build, an action to take, a figure to
 * watch, a pitfall to avoid. */
typedef struct
{
  const char *id;       /* "P-9"; of actions "prototype" or "cpu"; of thresholds a metric: "p99" */
  const char *title;    /* translated; empty when the text says it all */
  const char *text;     /* translated, whole sentences */
  const char *sources;  /* rule ids */
  const char *workload; /* (nullable): what to measure: "W-002-7" */
  double value;         /* of thresholds; else NaN */
  const char *unit;     /* (nullable): "ms" */
} LdsVerdictNote;

/* Months until the decision should be looked at again, whatever is seen. Ours; no article says. */
#define LDS_REVIEW_MONTHS 6

/* Two answers that would change the verdict together, and neither of them alone. */
typedef struct
{
  char *questions[2];
  char *from[2];
  char *to[2];
  LdsOption winner;
  guint distance; /* steps of both together */
} LdsPairFlip;

/* Between which weights of a criterion the winner stays, all else as it is. */
typedef struct
{
  const char *id;
  const char *title; /* translated */
  double weight;     /* as it is */
  double low;        /* below it "below" wins; NaN: even 0 changes nothing */
  double high;       /* above it "above" wins; NaN: no weight is too much */
  LdsOption below;
  LdsOption above;
} LdsWeightRange;

/* Between which measured ratios of a criterion (Node.js / Python, above 1 = Node.js is better) the
 * winner stays, all else as it is. Measured cells reach from 5 to 95, so ratios beyond 2^(±45/25)
 * say no more than those. */
typedef struct
{
  const char *id;
  const char *title;     /* translated */
  const char *workloads; /* what would measure it: "W-002-7, W-000-2" */
  const char *metric;    /* "throughput" */
  double ratio;          /* as measured; NaN: not measured */
  double low;            /* below it "below" wins; NaN: no ratio is too low */
  double high;           /* above it "above" wins; NaN: no ratio is too high */
  LdsOption below;
  LdsOption above;
  gboolean never; /* whatever is measured, the winner changes: low is above high */
} LdsRatioRange;

/* What an unanswered question may still do. */
typedef enum
{
  LDS_RELEVANCE_NONE,     /* nothing: not even all open questions together do */
  LDS_RELEVANCE_UNLIKELY, /* nothing alone or with one other open question */
  LDS_RELEVANCE_TOGETHER, /* changes the verdict together with one other open question */
  LDS_RELEVANCE_ALONE,    /* changes the verdict by itself */
} LdsRelevance;

typedef struct
{
  const char *question;
  LdsRelevance relevance;
} LdsOpenQuestion;

typedef struct _LdsVerdict LdsVerdict;

struct _LdsVerdict
{
  LdsOption winner;
  LdsOption second;                    /* LDS_OPTION_ABSTAIN when the others are gated */
  double scores[LDS_N_OPTIONS];        /* 0 to 100 */
  const char *gates[LDS_N_OPTIONS];    /* why an option is out, translated; NULL: it is not */
  const char *gate_ids[LDS_N_OPTIONS]; /* "G1"; NULL when it is allowed */
  double margin;
  double agreement;
  double robustness;
  double completeness;   /* 0 to 1: weighted share of questions answered */
  double confidence_raw; /* 0 to 100 */
  double confidence;     /* after the evidence cap */
  double cap;
  gboolean contested;
  LdsBand band;
  LdsStrength strength;
  LdsEvidence evidence;
  char *headline; /* one sentence, translated */
  guint n_answered, n_questions;
  GPtrArray *advisors;      /* (element-type LdsAdvice), in the domain's order */
  guint n_voices;           /* advisors that do not abstain */
  guint n_dissent;          /* of them, those for another option */
  GPtrArray *contributions; /* (element-type LdsContribution), largest points first */

  /* (element-type LdsContribution), not owned: at most three, the largest and the worst first */
  GPtrArray *reasons_for;
  GPtrArray *reasons_against;
  GPtrArray *why_not; /* (element-type LdsWhyNot): the other options, in their order */

  GPtrArray *flips;       /* (element-type LdsFlip), nearest first */
  GPtrArray *pair_flips;  /* (element-type LdsPairFlip), nearest first, at most 10 */
  GArray *weight_ranges;  /* (element-type LdsWeightRange), in the criteria's order */
  GArray *ratio_ranges;   /* (element-type LdsRatioRange): what has weight and can be measured */
  GArray *open_questions; /* (element-type LdsOpenQuestion), in the order to ask them */
  gboolean settled;       /* no answers to the open questions can change the winner */
  GPtrArray *conditions;  /* (element-type utf8), translated: what the recommendation hangs on */

  /* (element-type LdsVerdictNote): what follows. While it is too close to call, only the actions. */
  GPtrArray *patterns;   /* what to build */
  GPtrArray *interop;    /* how two stacks talk: one or none */
  GPtrArray *actions;    /* the next two */
  GPtrArray *thresholds; /* exceeded in production, they reopen the decision */
  GPtrArray *pitfalls;   /* that these answers invite */
  GPtrArray *warnings;   /* (element-type utf8), translated */

  guint rule_pack_version;     /* of what the rules say */
  GPtrArray *changes;          /* (element-type utf8), translated: weights and rules of the user's own */
  const LdsVerdict *unchanged; /* (nullable): the verdict without them; NULL when there are none */
};

#define LDS_TYPE_VERDICT (lds_verdict_get_type ())
GType lds_verdict_get_type (void);
LdsVerdict *lds_verdict_ref (const LdsVerdict *self);
void lds_verdict_unref (LdsVerdict *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsVerdict, lds_verdict_unref)

/** Returns: (transfer full): the verdict as `loadstone-cli advise --json` prints it */
JsonNode *lds_verdict_to_json (const LdsVerdict *self);

/** "node", "python", "polyglot", "abstain": as in JSON. */
const char *lds_option_to_string (LdsOption option);
/** "Node.js", "Python", "Node.js and Python": translated, for people. */
const char *lds_option_title (LdsOption option);
/** "High" … translated. */
const char *lds_band_title (LdsBand band);
/** "too-close", "low", "moderate", "high": as in JSON. */
const char *lds_band_to_string (LdsBand band);
/** "none", "unlikely", "together", "alone": as in JSON. */
const char *lds_relevance_to_string (LdsRelevance relevance);
/** "strong", "conditional": translated, for the middle of a sentence. */
const char *lds_strength_title (LdsStrength strength);

G_END_DECLS
