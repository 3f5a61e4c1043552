/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report's inside: what its writers read. */
#pragma once

#include "lds-capacity.h"
#include "lds-ratio-chart.h"
#include "lds-report.h"
#include "lds-search.h"

G_BEGIN_DECLS

/* A verdict as the report keeps it: the words and figures of LdsVerdict, its own. */
typedef struct
{
  LdsOption winner, second;
  double scores[LDS_N_OPTIONS];
  char *gates[LDS_N_OPTIONS]; /* (nullable) */
  double margin, agreement, robustness, completeness;
  double confidence_raw, confidence, cap;
  gboolean contested;
  LdsBand band;
  LdsStrength strength;
  LdsEvidence evidence;
  char *headline;
  guint n_answered, n_questions;
  GPtrArray *advisors;      /* (element-type LdsReportAdvisor) */
  GPtrArray *contributions; /* (element-type LdsReportContribution) */
  GPtrArray *flips;         /* (element-type LdsReportFlip) */
  GStrv conditions, warnings;
} LdsReportVerdict;

typedef struct
{
  char *id, *title, *sources;
  LdsOption vote;
  GStrv path;
} LdsReportAdvisor;

typedef struct
{
  char *id, *title;
  char *answer;                     /* what was answered to its questions, in words */
  char *sources, *articles, *grade; /* "R-000-1, R-000-8", "000, 002", "E0" */
  char *graded_by;                  /* (nullable): claims that were tested and changed the grade */
  double weight, points;
  double cells[LDS_N_OPTIONS];
  double ratio;         /* that the cells follow from, Node.js / Python; NaN: they are opinion */
  LdsEvidence evidence; /* of the ratio */
} LdsReportContribution;

typedef struct
{
  char *question, *from, *to; /* ids */
  gboolean assumed;           /* "from" is the model's assumption */
  LdsOption winner;
  guint distance;
} LdsReportFlip;

/* What a measurement made of one criterion; figures of it only when it is used. */
typedef struct
{
  char *criterion, *title;
  gboolean used;
  char *reason;             /* (nullable): why it is not used */
  char *basis;              /* (nullable): lanes, figures and runs, in a sentence */
  char *workload;           /* (nullable): its title */
  const LdsLane *node_lane; /* (nullable): what stands for Node.js */
  const LdsMetric *metric;  /* (nullable): of both lanes */
  double ratio, low, high;
  gboolean detectable;
  double weight;
  double prior_cells[LDS_N_OPTIONS], cells[LDS_N_OPTIONS];
  double prior_points, points, effect;
} LdsReportEvidence;

/* A claim of the articles that bears on the verdict and of which something is known; all in words. */
typedef struct
{
  char *id, *title;
  char *grade;        /* (nullable) */
  char *verdict;      /* (nullable) */
  char *date;         /* (nullable): of the last session that it rests on, UTC; NULL: without a run */
  char *rests;        /* (nullable): criteria and rules that rest on it */
  char *caveat;       /* (nullable): what to know of the session */
  GPtrArray *figures; /* (element-type LdsReportClaimFigure) */
} LdsReportClaim;

typedef struct
{
  char *title, *claimed, *verdict; /* (nullable) each */
  char *measured, *lanes;          /* (nullable): with its interval, and on what */
  char *reason;                    /* (nullable): why it is not reproducible here */
} LdsReportClaimFigure;

typedef struct
{
  GPtrArray *bearing;  /* (element-type LdsReportClaim) */
  GPtrArray *ratios;   /* (element-type LdsRatioRow): all that the articles claim */
  GPtrArray *cards;    /* (element-type utf8): contradictions and corrections */
  GPtrArray *untested; /* (element-type utf8): ids of claims that bear on it and were never measured */
  GPtrArray *notes;    /* (element-type utf8): sessions that were passed over */
  char *command;       /* (nullable): what tests the untested */
} LdsReportClaims;

typedef enum
{
  LDS_ANSWER_GIVEN,
  LDS_ANSWER_UNKNOWN,        /* "I don't know" */
  LDS_ANSWER_NOT_APPLICABLE, /* with a reason */
  LDS_ANSWER_MISSING,
} LdsAnswerState;

typedef struct
{
  char *id, *question; /* the question's id and words */
  LdsAnswerState state;
  char *value;        /* (nullable): the choice's id or the number */
  char *label;        /* (nullable): the same in words */
  char *reason;       /* (nullable): why it does not apply */
  JsonArray *choices; /* (nullable): the values it could have, [{"value", "label"}]; the report's */
} LdsReportAnswer;

struct _LdsReport
{
  gatomicrefcount ref_count;
  JsonObject *json; /* canonical; everything below follows from it */
  char *title;      /* (nullable) */
  char *generator;  /* "Loadstone 0.1.0" */
  gint64 created_at_us;
  GPtrArray *answers; /* (element-type LdsReportAnswer) */
  LdsReportVerdict *prior;
  LdsReportVerdict *final;  /* (nullable) */
  GPtrArray *evidence;      /* (element-type LdsReportEvidence): empty when nothing was measured */
  GPtrArray *moved;         /* (element-type utf8): what the measurements did to the verdict */
  LdsReportClaims *claims;  /* (nullable): none bears on the verdict, or nothing is known of them */
  LdsSession *session;      /* (nullable) */
  GPtrArray *summaries;     /* (element-type LdsSummary), empty without a session */
  GPtrArray *knees;         /* (element-type LdsKneeSummary), empty unless the plan finds some */
  GPtrArray *scalings;      /* (element-type LdsScaling), likewise series */
  GPtrArray *capacities;    /* (element-type LdsCapacity), likewise a demand */
  GPtrArray *commands;      /* (element-type utf8): what to type to do it again */
  GPtrArray *limits;        /* (element-type utf8): what the figures do not say */
  GPtrArray *recordings[2]; /* by LdsPaper (element-type cairo_surface_t): drawn on first use */
};

/** The verdict as of everything known. */
const LdsReportVerdict *lds_report_verdict (LdsReport *self);

void lds_report_verdict_free (LdsReportVerdict *verdict);
/** Reads lds_verdict_to_json(); LDS_ERROR_INPUT names the wrong member. */
LdsReportVerdict *lds_report_verdict_from_json (JsonObject *object, GError **error);

/** Adds "evidence", what was measured of each criterion, and "moved". @final, @session: (nullable) */
void lds_report_evidence_add (JsonBuilder *builder,
                              LdsAnswers *answers,
                              const LdsVerdict *prior,
                              const LdsVerdict *final,
                              const LdsSession *session);
/** Returns: (transfer full) (element-type LdsReportEvidence): the member "evidence" */
GPtrArray *lds_report_evidence_read (JsonObject *object, GError **error);
void lds_report_evidence_free (gpointer data);

/** Adds "claims": those that bear on @verdict, or null. @evidence: (nullable) */
void lds_report_claims_add (JsonBuilder *builder,
                            const LdsVerdict *verdict,
                            const LdsClaimEvidence *evidence);
/** Returns: (transfer full) (nullable): the member "claims" */
LdsReportClaims *lds_report_claims_read (JsonObject *object, GError **error);
void lds_report_claims_free (LdsReportClaims *claims);

/** Appends the texts of a list to @texts; LDS_ERROR_INPUT when it is none. */
void lds_report_read_texts (JsonObject *object,
                            const char *member,
                            GPtrArray *texts,
                            GError **error);

/** Returns: (transfer full): "2026-11-21T11:05:00.000000Z" */
char *lds_report_dup_date (LdsReport *self);

/** The words of a question, or of one of its values; the id when the report does not have them. */
const char *lds_report_find_question (LdsReport *self, const char *id);
const char *lds_report_find_label (LdsReport *self, const char *id, const char *value);

/** How many runs there are, and how many of them are refused; no step of a search is. */
void lds_report_count_runs (LdsReport *self, guint *n_runs, guint *n_invalid);

/** Returns: (transfer full) (nullable): the machine of the session in a line */
char *lds_report_dup_machine (LdsReport *self);

G_END_DECLS
