/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One assessment: the answers, the verdict that follows from them, and what was measured. What the
 * pages of a window share; knows no widget. */
#pragma once

#include "lds-findings.h"
#include "lds-report.h"

G_BEGIN_DECLS

#define LDS_TYPE_ASSESSMENT (lds_assessment_get_type ())
G_DECLARE_FINAL_TYPE (LdsAssessment, lds_assessment, LDS, ASSESSMENT, GObject)

/**
 * LdsAssessment:
 *
 * Main thread only. Signals, each emitted once for any number of changes within one turn of the
 * main loop: "verdict-changed", "session-changed"; "servers-changed", at once. "failed" (const char *sentence): the assessment
 * could not be kept.
 */
LdsAssessment *lds_assessment_new (void);

/**
 * lds_assessment_new_from_file:
 * @path: a report or answers, as this program or `loadstone-cli` wrote them
 *
 * Returns: (transfer full): the assessment; or %NULL with LDS_ERROR_INPUT, when the file is broken,
 *   is something else, or comes from a newer version
 */
LdsAssessment *lds_assessment_new_from_file (const char *path, GError **error);

/** Returns: (transfer full): where the one assessment of this user is kept between sessions */
char *lds_assessment_dup_default_path (void);

/**
 * lds_assessment_keep:
 * @path: file to write, whole, after each change; its folders are made
 *
 * Changes are written half a second after the last one, and by lds_assessment_flush().
 */
void lds_assessment_keep (LdsAssessment *self, const char *path);
/** Writes what is not yet written. Returns %FALSE with LDS_ERROR_FAILED naming the file. */
gboolean lds_assessment_flush (LdsAssessment *self, GError **error);

/** Takes every answer, every measurement and every server of the user's own back. */
void lds_assessment_clear (LdsAssessment *self);

LdsRulePack *lds_assessment_get_pack (LdsAssessment *self);
LdsAnswers *lds_assessment_get_answers (LdsAssessment *self);
/** Returns: (transfer none): of the present answers and measurements; valid until the next change */
const LdsVerdict *lds_assessment_get_verdict (LdsAssessment *self);
/** Returns: (transfer none): what the session says to these answers; valid until the next change */
const LdsFindings *lds_assessment_get_findings (LdsAssessment *self);
/** Whether enough is answered that a lean may be shown. */
gboolean lds_assessment_may_lean (LdsAssessment *self);
/** Number of questions answered, "unknown" and not applicable ones included. */
guint lds_assessment_count_answered (LdsAssessment *self);

/** Returns: (transfer none) (element-type LdsLane): servers of the user's own that may be measured; "url:" lanes */
GPtrArray *lds_assessment_get_servers (LdsAssessment *self);
/** Adds a server of the user's own; once more means nothing. */
void lds_assessment_add_server (LdsAssessment *self, const LdsLane *lane);
void lds_assessment_remove_server (LdsAssessment *self, const LdsLane *lane);

/** Returns: (transfer none) (nullable): what was measured last */
const LdsSession *lds_assessment_get_session (LdsAssessment *self);
/** Number of runs of the session that are invalid; 0 without a session. */
guint lds_assessment_count_refused (LdsAssessment *self);
/** @session: (transfer full) (nullable) */
void lds_assessment_take_session (LdsAssessment *self, LdsSession *session);

/** Returns: (transfer full): the verdict of the present answers alone, without the session */
LdsVerdict *lds_assessment_dup_prior (LdsAssessment *self);

/**
 * lds_assessment_take_claims:
 * @claims: (transfer full) (nullable): what is known of all of the articles' claims on this machine
 *
 * Grades, and what certainty may reach, follow from it at once; it is no part of what is kept. A report that the
 * assessment was opened from stays as it is.
 */
void lds_assessment_take_claims (LdsAssessment *self, LdsClaimEvidence *claims);

/**
 * lds_assessment_dup_report:
 *
 * Returns: (transfer full): the report as of now; or, as long as nothing was changed since, the very
 *   report that the assessment was opened from
 */
LdsReport *lds_assessment_dup_report (LdsAssessment *self);

/** Returns: (transfer full): as it is kept: {"format": "loadstone-assessment", "version": 1, …} */
JsonNode *lds_assessment_to_json (LdsAssessment *self);

G_END_DECLS
