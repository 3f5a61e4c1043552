/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Named assessments and their milestones: what was answered, concluded and measured at a point in
 * time, never changed again. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-history.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;
  gint64 created_at_us;  /* µs since 1970 */
  GPtrArray *milestones; /* (element-type LdsHistoryMilestone), in the order they were made */
} LdsHistoryAssessment;

typedef struct
{
  char *name;
  gint64 created_at_us;
} LdsHistoryMilestone;

/** Returns: (transfer full) (element-type LdsHistoryAssessment): by name; or %NULL with an error */
GPtrArray *lds_history_list_assessments (LdsHistory *self, GError **error);

/**
 * lds_history_add_milestone:
 * @assessment: its name; made when there is none
 * @name: of the milestone, which the assessment must not have yet
 * @answers: (nullable): as lds_answers_to_json() writes them
 * @verdict: (nullable): as lds_verdict_to_json() writes it
 * @ids: (array length=n_ids): sessions whose plan, machine and summary go into it. They are copied, so
 *   that deleting a session later changes no milestone
 */
gboolean lds_history_add_milestone (LdsHistory *self,
                                    const char *assessment,
                                    const char *name,
                                    JsonObject *answers,
                                    JsonObject *verdict,
                                    const gint64 *ids,
                                    guint n_ids,
                                    GError **error);

/**
 * lds_history_load_milestone:
 *
 * Returns: (transfer full): {"assessment", "name", "created_at", "answers", "verdict", "sessions":
 *   [{"id", "title", "plan", "environment", "complete", "warnings", "summary", "self_test"}]}; or %NULL with an error
 */
JsonObject *lds_history_load_milestone (LdsHistory *self,
                                        const char *assessment,
                                        const char *name,
                                        GError **error);

G_END_DECLS
