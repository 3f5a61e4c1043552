/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timers of an object that lives on one main context; internal to bench/. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Takes *@source, if there is one, off its context and forgets it. */
static inline void
lds_timer_clear (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/**
 * lds_timer_set:
 * @source: (inout): where the timer is kept; what was there is cleared
 * @delay_ms: 0 for as soon as @context is idle
 *
 * Calls @func on @context after @delay_ms, and again until it returns %FALSE or is cleared.
 */
static inline void
lds_timer_set (
    GSource **source, GMainContext *context, guint delay_ms, GSourceFunc func, gpointer user_data)
{
  lds_timer_clear (source);
  *source = delay_ms > 0 ? g_timeout_source_new (delay_ms) : g_idle_source_new ();
  g_source_set_callback (*source, func, user_data, NULL);
  g_source_attach (*source, context);
}

G_END_DECLS
