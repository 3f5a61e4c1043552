/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of the verdict's JSON, and how members are added. */
#pragma once

#include "lds-json.h"
#include "lds-verdict-private.h"

G_BEGIN_DECLS

/* @format says how far a figure is rounded, as the reference model prints it: "%.1f". */
void
lds_json_add_double (JsonBuilder *builder, const char *member, double value, const char *format);
/* NaN is null. */
void
lds_json_add_bound (JsonBuilder *builder, const char *member, double value, const char *format);
/* LDS_OPTION_ABSTAIN is null. */
void lds_json_add_rival (JsonBuilder *builder, const char *member, LdsOption option);
/* {"node": …, "python": …, "polyglot": …} */
void lds_json_add_options (JsonBuilder *builder, const char *member, const double *values);
void
lds_json_add_strings (JsonBuilder *builder, const char *member, const char *const *texts, guint n);

/* Flips, pairs, ranges, open questions. */
void lds_verdict_json_add_flips (JsonBuilder *builder, const LdsVerdict *self);
/* Reasons, patterns, actions, thresholds, pitfalls. */
void lds_verdict_json_add_notes (JsonBuilder *builder, const LdsVerdict *self);

G_END_DECLS
