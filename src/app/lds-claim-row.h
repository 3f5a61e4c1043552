/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One claim in a list: what the article says and the verdict; opened, all that is known of it. */
#pragma once

#include <adwaita.h>

#include "lds-claims-run.h"

G_BEGIN_DECLS

/* What a list can be narrowed down to. */
typedef enum
{
  LDS_CLAIM_STATE_CONFIRMED,
  LDS_CLAIM_STATE_WITHIN_RANGE,
  LDS_CLAIM_STATE_REFUTED,
  LDS_CLAIM_STATE_NOT_REPRODUCIBLE,
  LDS_CLAIM_STATE_NOT_TESTABLE,
  LDS_CLAIM_STATE_NOT_TESTED, /* it could be tested here, and has not been */
  LDS_N_CLAIM_STATES,
} LdsClaimState;

/** Returns: (transfer none): "confirmed", "not tested yet": for people, translated */
const char *lds_claim_state_title (LdsClaimState state);

#define LDS_TYPE_CLAIM_ROW (lds_claim_row_get_type ())
G_DECLARE_FINAL_TYPE (LdsClaimRow, lds_claim_row, LDS, CLAIM_ROW, GtkListBoxRow)

/**
 * LdsClaimRow:
 *
 * Opens and closes when it is activated. What is within is made when it is opened. Its button calls the action
 * "claims.test" with the claim's id.
 */
GtkWidget *lds_claim_row_new (LdsClaimsRun *run, const LdsClaim *claim);

const LdsClaim *lds_claim_row_get_claim (LdsClaimRow *self);
LdsClaimState lds_claim_row_get_state (LdsClaimRow *self);

/** Shows what is known now. */
void lds_claim_row_update (LdsClaimRow *self);

gboolean lds_claim_row_is_open (LdsClaimRow *self);
/** Opens it, or closes it. */
void lds_claim_row_set_open (LdsClaimRow *self, gboolean is_open);

/**
 * lds_claim_row_matches:
 * @words: (array zero-terminated=1): case-folded; all have to stand somewhere in id, title, remarks or cards
 */
gboolean lds_claim_row_matches (LdsClaimRow *self, const char *const *words);

G_END_DECLS
