/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which measurement moved what: the verdict again without each of them. */
#pragma once

#include "lds-overlay.h"

G_BEGIN_DECLS

/* What one measurement did. "Lead" is the score of the verdict's winner, with everything that was
 * measured, less that of its best open rival: below 0 when it does not win. */
typedef struct
{
  const char *criterion; /* the rule pack's */
  double weight;
  double prior_cells[LDS_N_OPTIONS]; /* opinion */
  double cells[LDS_N_OPTIONS];       /* as measured */
  double prior_points;               /* weight x (winner - second) / sum of weights, by opinion */
  double points;                     /* and as measured */
  double effect;                     /* lead less the lead without this measurement, points */
  double lead_without;               /* the lead without it */
  LdsOption winner_without;          /* who wins without it */
  gboolean unsure;                   /* within its interval the winner changes */
  LdsOption winner_within;           /* to whom; LDS_OPTION_ABSTAIN when it does not change */
} LdsInfluence;

/**
 * lds_influence_list:
 * @options: as for lds_advise_with(); its overlay may be %NULL
 *
 * O(measurements x criteria).
 *
 * Returns: (transfer full) (element-type LdsInfluence): one a measurement, in the overlay's order; or
 *   %NULL with LDS_ERROR_INPUT as lds_advise_with() says
 */
GArray *
lds_influence_list (LdsAnswers *answers, const LdsAdviceOptions *options, GError **error);

G_END_DECLS
