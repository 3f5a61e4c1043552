/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The application: its command line, its actions, its windows. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define LDS_TYPE_APPLICATION (lds_application_get_type ())
G_DECLARE_FINAL_TYPE (LdsApplication, lds_application, LDS, APPLICATION, AdwApplication)

/**
 * LdsApplication:
 *
 * `loadstone [--stage STAGE] [FILE…]`. Without a file it shows the one assessment that is kept in
 * the user's data folder; each file gets a window of its own.
 *
 * LOADSTONE_DEBUG=first-frame in the environment prints the time to the first frame.
 */
LdsApplication *lds_application_new (void);

G_END_DECLS
