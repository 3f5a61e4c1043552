/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an adaptive plan found, for people. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

/** Prints the plan in a sentence, then for each workload a table of knees and what must be known of them. */
void lds_cli_print_knees (const LdsSession *session);

/** Returns %FALSE with LDS_ERROR_INVALID when the search or the series of some lane came to nothing. */
gboolean lds_cli_check_knees (const LdsSession *session, GError **error);

G_END_DECLS
