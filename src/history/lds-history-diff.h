/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs between two JSON documents, and between two milestones. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * lds_history_diff_objects:
 * @from: (nullable): %NULL is an empty object
 * @to: (nullable): likewise
 *
 * Compares member by member, objects in objects too. Lists of objects that have an "id" (or a
 * "criterion") are compared entry by entry of the same id, in whatever order; other lists as a whole.
 *
 * Returns: (transfer full): a list of {"member": "scores.node", "from": …, "to": …}, in the
 *   documents' order; what is absent on one side is null
 */
JsonArray *lds_history_diff_objects (JsonObject *from, JsonObject *to);

/**
 * lds_history_diff_milestones:
 * @from: as lds_history_load_milestone() gives it
 *
 * Returns: (transfer full): {"from": {"name", "created_at"}, "to": likewise, "answers": […],
 *   "verdict": […], both as above, "measurements": […]}. Each of the last is {"lane", "workload",
 *   "metric", "from": {"n", "median", "low", "high"}, "to": likewise, "ratio", "intervals_overlap"}
 *   for what was measured under the same load on both sides; whether the intervals overlap is null
 *   where a side has fewer than LDS_SESSION_MIN_RUNS valid runs, for there they say little; "only_from" and "only_to" name
 *   {"lane", "workload"} that only one side has
 */
JsonNode *lds_history_diff_milestones (JsonObject *from, JsonObject *to);

G_END_DECLS
