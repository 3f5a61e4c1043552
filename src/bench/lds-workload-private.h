/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One workload from its element; internal to bench/. */
#pragma once

#include "lds-markup.h"
#include "lds-workload.h"

G_BEGIN_DECLS

/**
 * lds_workload_read:
 * @root: a file of data/workloads/; lives as long as the process
 * @query: (nullable): "ms=50&cpu=80", values of its parameters; %NULL = all as they are shipped
 * @workload: (inout): all 0; to be cleared where it is not kept, also after an error
 *
 * Every attribute and text of @root may hold a parameter's name in braces, which its value replaces. The id
 * of what has other values than the shipped ones ends in them, in the order of the file: "mix?cpu=80".
 *
 * Returns %FALSE with LDS_ERROR_INPUT that names the wrong parameter.
 */
gboolean lds_workload_read (const LdsElement *root,
                            const char *query,
                            LdsWorkload *workload,
                            GError **error);

/** Frees what lds_workload_read() made. */
void lds_workload_clear (LdsWorkload *workload);

G_END_DECLS
