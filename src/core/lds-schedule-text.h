/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations and schedules of rates as people type them. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * lds_parse_duration:
 * @text: "5", "2.5s", "500ms", "2m" or "1h"
 * @bare_ms: what 1 is without a unit, in ms
 * @duration_ms: (out): to the nearest ms, at least 0 and at most 1e12; left alone on failure
 *
 * Returns %FALSE when @text is no duration.
 */
gboolean lds_parse_duration (const char *text, double bare_ms, gint64 *duration_ms);

/**
 * lds_schedule_text_to_json:
 * @text: steps with a comma between them, each RATE:DURATION or, for a ramp, FROM-TO:DURATION:
 *   "1000:5s,1000-5000:10s"; a duration without a unit is in seconds
 * @option: "--schedule", for the message
 *
 * Only the form is looked at: the load generator knows how many steps, which rates and durations go.
 *
 * Returns: (transfer full): “schedule” of a load plan; or %NULL with LDS_ERROR_INPUT naming the step
 */
JsonArray *lds_schedule_text_to_json (const char *text, const char *option, GError **error);

G_END_DECLS
