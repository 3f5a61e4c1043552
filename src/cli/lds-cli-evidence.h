/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prior, evidence and verdict side by side, for people. */
#pragma once

#include "lds-findings.h"

G_BEGIN_DECLS

/** Prints a table of what was measured, what it moved, and what is still opinion. */
void lds_cli_print_evidence (const LdsFindings *findings,
                             const LdsVerdict *prior,
                             const LdsVerdict *final);

G_END_DECLS
