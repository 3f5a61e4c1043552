/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers of the user's own: which are measured, and an entry for the address of one more. */
#pragma once

#include <gtk/gtk.h>

#include "lds-assessment.h"

G_BEGIN_DECLS

#define LDS_TYPE_OWN_SERVERS (lds_own_servers_get_type ())

G_DECLARE_FINAL_TYPE (LdsOwnServers, lds_own_servers, LDS, OWN_SERVERS, GtkWidget)

/* Signals:
 * "changed" (): others are to be measured */

/**
 * lds_own_servers_set_assessment:
 *
 * To be called once. A server that is not this machine's is only offered, not measured, until the user
 * has confirmed it in this window: a file that was opened confirms nothing.
 */
void lds_own_servers_set_assessment (LdsOwnServers *self, LdsAssessment *assessment);

/** Appends the chosen servers to the lanes of @plan, and allows their hosts to be loaded. */
void lds_own_servers_fill_plan (LdsOwnServers *self, LdsPlan *plan);

G_END_DECLS
