/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is known of one claim. */
#pragma once

#include <adwaita.h>

#include "lds-claims-run.h"

G_BEGIN_DECLS

/**
 * lds_claim_detail_new:
 *
 * How plausible it is and how it is tested; each figure with what is claimed and measured, on which lanes; what was
 * worked out without a run; its ratios on their axis; contradictions and corrections that name it; when it was
 * measured, and a button "claims.test", or why there is none.
 *
 * Returns: (transfer floating): of what is known now
 */
GtkWidget *lds_claim_detail_new (LdsClaimsRun *run, const LdsClaim *claim);

G_END_DECLS
