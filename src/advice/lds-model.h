/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weighted-sum model: gates, weights, cells, scores. Plain figures, no text, no allocation, so
 * that it can be computed thousands of times while looking for what would change the verdict. */
#pragma once

#include "lds-rule-pack-private.h"

G_BEGIN_DECLS

/* Why an option is out. */
typedef enum
{
  LDS_GATE_OPEN = -1,      /* it is not; otherwise the index of the gate */
  LDS_GATE_COMPONENT = -2, /* a component runs on one runtime */
} LdsGateIndex;

typedef struct
{
  double demands[LDS_MAX_CRITERIA];              /* weights that follow from the answers, 0 to 10 */
  double weights[LDS_MAX_CRITERIA];              /* the same, but where the user set another */
  double cells[LDS_MAX_CRITERIA][LDS_N_OPTIONS]; /* 0 to 100 */
  double scores[LDS_N_OPTIONS];
  int gates[LDS_N_OPTIONS]; /* index of the gate that took the option out, or LDS_GATE_OPEN */
  gboolean restored;        /* every option fell, so "both" returned */
  double demand[2];         /* of the side of Node.js, of Python */
  LdsOption winner;
  LdsOption second; /* LDS_OPTION_ABSTAIN when the winner stands alone */
  double margin;    /* points; LDS_LONE_MARGIN when it stands alone */
} LdsModelResult;

/* A winner without a rival counts as leading by as much as confidence rewards. */
#define LDS_LONE_MARGIN 20.0

/** Weights and cells from the input, then everything that follows. */
void lds_model_evaluate (LdsRulePack *pack, const LdsInput *input, LdsModelResult *result);

/** Weight and cells of one criterion. */
void lds_model_evaluate_criterion (LdsRulePack *pack,
                                   guint index,
                                   const LdsInput *input,
                                   LdsModelResult *result);

/**
 * lds_model_change:
 * @input: what @base was computed from, but for the answers to @questions
 * @questions: a bit for each question whose answer is another
 *
 * As lds_model_evaluate(), in a fraction of the time.
 */
void lds_model_change (LdsRulePack *pack,
                       const LdsInput *input,
                       guint64 questions,
                       const LdsModelResult *base,
                       LdsModelResult *result);

/**
 * lds_model_measured_cells:
 * @ratio: Node.js / Python, above 0; above 1 when Node.js is better
 *
 * Fills @cells as a measurement has them: doubling is worth 25 points either way, within 5 to 95.
 * Source: DOMAIN.md D.4, "Measured overlay".
 */
void lds_model_measured_cells (gboolean worst, double ratio, double cells[LDS_N_OPTIONS]);

/** Scores, gates by demand, ranking and margin from result's weights and cells and its gates by answers. */
void lds_model_rank (LdsRulePack *pack, LdsModelResult *result);

/**
 * lds_model_robustness:
 *
 * Returns the share, 0 to 1, of 1000 perturbed models (each weight times 0.5 to 1.5, each cell plus
 * or minus 10) that have the same winner. The same model always gives the same share: the generator
 * is linear congruential (x' = 1103515245 x + 12345 mod 2^31) and starts at 12345.
 */
double lds_model_robustness (LdsRulePack *pack, const LdsModelResult *result);

G_END_DECLS
