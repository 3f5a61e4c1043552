/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The processes that a server needs beside itself, such as the services behind a gateway: they are
 * no part of what is measured, so that they get processors of their own where there are some, and
 * what they use counts for nobody. */
#pragma once

#include <json-glib/json-glib.h>

#include "lds-sampler.h"

G_BEGIN_DECLS

typedef struct _LdsCompanions LdsCompanions;

/**
 * lds_companions_new:
 * @cores: (nullable) (element-type int): the processors that they may use; %NULL or empty for any
 */
LdsCompanions *lds_companions_new (GArray *cores);
void lds_companions_free (LdsCompanions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsCompanions, lds_companions_free)

/**
 * lds_companions_take:
 * @object: a line of the server's that may name them, as “companions”
 * @sampler: of the server, which from now on leaves them out
 *
 * Takes note of those that there are now: one that has been started again is another process.
 *
 * Returns: %FALSE with LDS_ERROR_INPUT when they are not process ids
 */
gboolean lds_companions_take (LdsCompanions *self,
                              JsonObject *object,
                              LdsSampler *sampler,
                              GError **error);

/** Returns: CPU time in s that all of them have used since they were named */
double lds_companions_read_cpu_s (LdsCompanions *self);

G_END_DECLS
