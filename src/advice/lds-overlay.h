/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was measured on this machine, as the model takes it in: for a criterion, how many times better
 * Node.js did than Python. It replaces the articles' opinion of that criterion. */
#pragma once

#include "lds-grades.h"
#include "lds-questionnaire.h"

G_BEGIN_DECLS

/* One measured criterion. Immutable. */
typedef struct
{
  char *criterion; /* "conc" */
  double ratio;    /* Node.js / Python, above 1 when Node.js is better: times and memory inverted */
  double low;      /* 95 % confidence interval of the ratio; both NaN when there were no repeats */
  double high;
  LdsEvidence evidence; /* LDS_EVIDENCE_MODEL (a model or a twin) or LDS_EVIDENCE_REAL */
  char *workload;       /* "W-002-7" */
  char *basis;          /* one sentence for people: which lanes, which figures */
} LdsMeasuredRatio;

typedef struct _LdsOverlay LdsOverlay;

/** Returns: (transfer full): nothing measured */
LdsOverlay *lds_overlay_new (LdsRulePack *pack);
void lds_overlay_free (LdsOverlay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsOverlay, lds_overlay_free)

/**
 * lds_overlay_set:
 * @measurement: copied; replaces what was set for its criterion
 *
 * Returns %FALSE with LDS_ERROR_INPUT when there is no such criterion, when measurements do not
 * apply to it, when it needs real runtimes and @measurement is not, or when a figure is not a
 * positive number or the interval does not hold the ratio.
 */
gboolean lds_overlay_set (LdsOverlay *self, const LdsMeasuredRatio *measurement, GError **error);

/**
 * lds_measured_ratio_counted:
 *
 * Returns the ratio that the model takes in: 1 when the interval holds 1, for then no difference was
 * detected; else @measurement's. The rule is ours; equal measurements are 50 to 50 by DOMAIN D.4.
 */
double lds_measured_ratio_counted (const LdsMeasuredRatio *measurement);

/** Returns: (transfer none) (nullable): what was measured for the criterion */
const LdsMeasuredRatio *lds_overlay_get (const LdsOverlay *self, const char *criterion);

/** Returns: (transfer none) (element-type LdsMeasuredRatio): in the order in which they were set */
GPtrArray *lds_overlay_list (const LdsOverlay *self);

/** The strongest evidence there is: it caps the certainty. */
LdsEvidence lds_overlay_get_evidence (const LdsOverlay *self);

/**
 * lds_overlay_from_json:
 * @object: {"conc": {"ratio": 1.3, "low": 1.2, "high": 1.4, "evidence": "model",
 *   "workload": "W-002-7", "basis": "…"}, …}; low and high may be missing
 */
LdsOverlay *lds_overlay_from_json (LdsRulePack *pack, JsonObject *object, GError **error);
JsonNode *lds_overlay_to_json (const LdsOverlay *self);

/** "none", "model", "real": as in JSON. */
const char *lds_evidence_to_string (LdsEvidence evidence);
/** "opinion", "model or twin", "real runtimes": where a cell comes from; translated. */
const char *lds_evidence_title (LdsEvidence evidence);

/* What an advice takes besides answers. Zero-initialised it means nothing. */
typedef struct
{
  LdsEvidence evidence;      /* what was measured, where it is more than the overlay shows */
  const LdsOverlay *overlay; /* (nullable) */
  const LdsGrades *grades;   /* (nullable): what was tested here of the claims that opinions rest on */
  gboolean single;           /* one component of a system: "both" is no answer */

  /* (nullable) (element-type utf8 double*): the user's own weights of criteria, 0 to 10 each */
  GHashTable *weights;
} LdsAdviceOptions;

/**
 * lds_advise_with:
 * @options: copied
 *
 * Returns: (transfer full): the verdict; or %NULL with LDS_ERROR_INPUT when a weight's criterion does
 *   not exist or a weight is not within 0 to 10
 */
LdsVerdict *lds_advise_with (LdsAnswers *answers, const LdsAdviceOptions *options, GError **error);

G_END_DECLS
