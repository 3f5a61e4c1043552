/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a process and all that descend from it use, read from /proc. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 t_ns;       /* CLOCK_MONOTONIC of the reading */
  double cpu_s;      /* used since the sampler was made, user and system, all processes */
  double rss_bytes;  /* sum over the processes; shared pages count in each. NaN when not known */
  double pss_bytes;  /* sum over the processes; shared pages count once. NaN when not known */
  guint n_processes; /* 0 when the process has gone */
  guint n_threads;
} LdsUsage;

typedef struct _LdsSampler LdsSampler;

/**
 * lds_sampler_new:
 * @pid: the root of the tree
 *
 * Starts to count at once. Processes that appear later count from their beginning; what a process
 * that has gone used since the last reading is lost. May be used on any one thread.
 */
LdsSampler *lds_sampler_new (int pid);
void lds_sampler_free (LdsSampler *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsSampler, lds_sampler_free)

/**
 * lds_sampler_leave_out:
 * @pids: (element-type int): in place of those of an earlier call
 *
 * From now on neither these processes nor what descends from them count; what they have used up to
 * now stays counted.
 */
void lds_sampler_leave_out (LdsSampler *self, GArray *pids);

/**
 * lds_sampler_read:
 * @with_memory: %FALSE leaves memory NaN and threads 0, and costs a fraction
 *
 * Returns the usage now. Costs about 60 µs a process with memory: PSS walks the page tables.
 */
LdsUsage lds_sampler_read (LdsSampler *self, gboolean with_memory);

/** CPU time in s that all processes of the machine have used since it started; NaN when not known. */
double lds_sampler_read_machine_cpu_s (void);

G_END_DECLS
