/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every model and workload of this program: tables made from the lists in src/server/meson.build. */
#pragma once

#include "lds-exchange.h"
#include "lds-server.h"

/* (array zero-terminated=1): in the order of the lists */
extern const LdsServerModel *const lds_server_models[];
extern const LdsServerWorkload *const lds_server_workloads[];

/** Returns: (transfer none) (nullable): the model of that id */
const LdsServerModel *lds_registry_find_model (const char *id);

/** Returns: (transfer none) (nullable): the workload of that id */
const LdsServerWorkload *lds_registry_find_workload (const char *id);

/**
 * lds_registry_route:
 * @exchange: its request complete; gets its parts
 * @allowed: (out): what methods the path knows, as a set of 1 << LdsHttpMethod; 0 when the path is
 *   not known at all
 *
 * Returns: (transfer none) (nullable): the workload that answers
 */
const LdsServerWorkload *lds_registry_route (LdsExchange *exchange, unsigned *allowed);
