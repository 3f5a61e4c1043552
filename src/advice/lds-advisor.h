/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The articles' advisors: walking their steps. */
#pragma once

#include "lds-rule-pack-private.h"

G_BEGIN_DECLS

/** Returns the advisor's verdict; no text, no allocation. */
LdsOption lds_advisor_vote (const LdsAdvisor *advisor, const LdsInput *input);

/** Returns: (transfer full): each step of the walk in words, then how it was concluded */
GStrv lds_advisor_path (const LdsAdvisor *advisor, const LdsInput *input);

G_END_DECLS
