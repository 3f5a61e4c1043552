/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast a processor is: a fixed piece of work, to carry figures of one machine to another. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * lds_cpu_work_measure_ns:
 *
 * Does the work several times, some 20 ms in all: whole numbers, floating point, and a table that does not fit the
 * first-level cache, about a third of the time each, as what servers do is of all three.
 *
 * Returns the CPU time of the thread for it in ns, the least of all times: what disturbs only ever adds
 */
double lds_cpu_work_measure_ns (void);

G_END_DECLS
