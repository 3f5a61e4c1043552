/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the history knows of the articles' claims, for commands whose job is something else. */
#pragma once

#include "lds-claim-evidence.h"

G_BEGIN_DECLS

/**
 * lds_cli_recall_claims:
 * @database: (nullable): as --database names it
 *
 * Advice is worth more than what was tested before: where the history cannot be read the user is warned, and nothing is
 * known.
 *
 * Returns: (transfer full) (nullable): what is known of all claims; %NULL where the history cannot be read
 */
LdsClaimEvidence *lds_cli_recall_claims (const char *database);

G_END_DECLS
