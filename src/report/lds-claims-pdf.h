/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims and what was found of them, as pages. */
#pragma once

#include "lds-claim-verdict.h"
#include "lds-report.h"

G_BEGIN_DECLS

/**
 * lds_claims_write_pdf:
 * @claims: (element-type LdsClaim)
 * @findings: (element-type LdsClaimFinding): in the same order
 * @created_at_us: wall clock, µs since 1970
 * @path: written whole or not at all
 *
 * The axis of all ratios, the table of verdicts with lanes and reasons, and the cards that belong to them.
 *
 * Returns %FALSE with LDS_ERROR_FAILED naming @path.
 */
gboolean lds_claims_write_pdf (GPtrArray *claims,
                               GPtrArray *findings,
                               gint64 created_at_us,
                               const char *path,
                               LdsPaper paper,
                               GError **error);

G_END_DECLS
