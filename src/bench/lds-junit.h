/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as JUnit XML, which every CI system shows. */
#pragma once

#include "lds-session.h"

G_BEGIN_DECLS

/**
 * lds_junit_from_session:
 *
 * One test suite a workload, one test case a lane. A case fails with type "invalid" when no run of it
 * is valid, with "slo" when its median p99 is above the plan's limit; notes and reasons of single
 * runs that were refused are in its system-out. Times are those of the measured intervals.
 * Source: the JUnit format of Jenkins, as testmoapp/junitxml describes it.
 *
 * Returns: (transfer full): XML 1.0 in UTF-8; free with g_free()
 */
char *lds_junit_from_session (const LdsSession *session);

G_END_DECLS
