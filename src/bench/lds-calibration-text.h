/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a calibration found, for people: the same on a terminal and in the window. */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * lds_calibration_text_list_figures:
 * @profile: of lds_calibrator_get_profile()
 *
 * Returns: (transfer full) (element-type GStrv): a row of three texts each: the figure as the profile names it, its value,
 *   its 95 % interval; the first row has the headings
 */
GPtrArray *lds_calibration_text_list_figures (JsonNode *profile);

/**
 * lds_calibration_text_list_residuals:
 * @profile: of lds_calibrator_get_profile()
 *
 * Returns: (transfer full) (element-type GStrv): a row of four texts each: workload, connections and figure; of the runtime;
 *   of the twin with the figures of the profile; by how much that is more. The first row has the headings
 */
GPtrArray *lds_calibration_text_list_residuals (JsonNode *profile);

G_END_DECLS
