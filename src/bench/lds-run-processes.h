/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes of a run's server, in JSON. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-sampler.h"

G_BEGIN_DECLS

/** Adds member "processes": a list of objects with the members of LdsProcessUsage; what is not known is
 * null. */
void lds_run_processes_set (JsonBuilder *builder, const GArray *processes);

/**
 * lds_run_processes_get:
 * @processes: (element-type LdsProcessUsage): appended to; nothing where the member is missing, as in
 *   reports of before
 */
void lds_run_processes_get (JsonObject *object, GArray *processes, GError **error);

G_END_DECLS
