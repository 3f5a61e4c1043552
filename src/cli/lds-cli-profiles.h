/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles: what one runtime and framework costs; data/schemas/profile.schema.json. */
#pragma once

#include <glib.h>

#include "lds-lane.h"

G_BEGIN_DECLS

/**
 * lds_cli_find_profile:
 * @name: the path of a file (with a "/" or ending in ".json"), or the id of a profile that is listed
 * @lane: what it is to be combined with
 *
 * Returns: (transfer full): the path of its file; or %NULL with LDS_ERROR_INPUT when there is none or
 *   it is not for the model of @lane
 */
char *lds_cli_find_profile (const char *name, const LdsLane *lane, GError **error);

G_END_DECLS
