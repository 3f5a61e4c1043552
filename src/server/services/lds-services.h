/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the workloads of a server reach out to: a database and a channel for events.
 *
 * One of each a server, opened by main() before there is a second thread or process, and from then on
 * the same for all of them. A job finds them here because it sees nothing but its own state.
 */
#pragma once

#include "lds-events.h"
#include "lds-store.h"

/**
 * lds_services_open:
 * @store: see lds-store.h
 * @events: (nullable): address of a broker; see lds_events_open()
 * @bad_usage: (out): whether it is an argument that is wrong
 * @message: (out): a sentence where false is returned
 * @message_bytes: at least 256
 *
 * Returns false when either cannot be had.
 */
bool lds_services_open (const LdsStoreConfig *store,
                        const char *events,
                        bool *bad_usage,
                        char *message,
                        size_t message_bytes);

/** Leaves nothing behind; to be called last, see lds_store_settle(). */
void lds_services_settle (void);

/** Returns: (transfer none) (nullable): NULL before lds_services_open(), as in tests */
LdsStore *lds_services_store (void);

/** Returns: (transfer none) (nullable): the same */
LdsEvents *lds_services_events (void);
