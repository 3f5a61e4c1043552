/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A check button that stands for a real runtime: which version is here, or why none is. */
#pragma once

#include <gtk/gtk.h>

#include "lds-lane.h"

G_BEGIN_DECLS

/**
 * lds_runtime_choice_bind:
 * @lane: of a runtime
 *
 * Asks the runtime for its version in a thread of its own, for that starts its program; then adds it to the label of
 * @button or, where there is none, makes @button insensitive and its tooltip say why: either is notified of.
 */
void lds_runtime_choice_bind (GtkCheckButton *button, const LdsLane *lane);

G_END_DECLS
