/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server that is not this machine's gets at most, unless somebody raises it by hand: a load that
 * nobody minds when it is there by mistake. */
#pragma once

#define LDS_REMOTE_MAX_RATE_HZ     100.0
#define LDS_REMOTE_MAX_DURATION_MS 60000
