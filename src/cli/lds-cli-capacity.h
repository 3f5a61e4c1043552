/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scaling and capacity, for people. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

/** Prints a table of fitted series where the plan has some, and one of what the plan's demand takes. */
void lds_cli_print_capacity (const LdsSession *session);

G_END_DECLS
