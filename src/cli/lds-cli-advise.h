/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of the advise command. */
#pragma once

#include "lds-components.h"

G_BEGIN_DECLS

/* A verdict for people, on standard output. */
void lds_cli_print_verdict (LdsRulePack *pack, const LdsVerdict *verdict);
void lds_cli_print_components (const LdsComponents *components);
void lds_cli_print_json (JsonNode *node);

/**
 * lds_cli_ask:
 *
 * Asks one question after another on standard error and reads the answers from standard input, a line
 * each, until all that can still matter is answered or the input ends.
 */
void lds_cli_ask (LdsAnswers *answers);

G_END_DECLS
