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
  gint64 dear_t_ns; /* when what is dear to read was last read: PSS and all below; 0 = never */
  double n_files;   /* open file descriptors, all processes; NaN when not known */
  /* Context switches of all threads since each process was first seen; NaN when not known. */
  double voluntary_switches;   /* a thread had to wait */
  double involuntary_switches; /* a thread had to make room */
} LdsUsage;

/* One process over all readings so far. */
typedef struct
{
  int pid;
  char name[16]; /* as the kernel has it, cut to 15 characters; ASCII */
  double cpu_s;
  double peak_rss_bytes; /* NaN when not known, as all figures below */
  double peak_pss_bytes;
  guint peak_threads;
  double peak_files;
  double voluntary_switches;
  double involuntary_switches;
} LdsProcessUsage;

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
 * @with_memory: %FALSE leaves all but time, CPU and the number of processes NaN or 0, and costs a fraction
 *
 * Returns the usage now. What is dear to read - PSS walks the page tables, files and switches take a look
 * at each of them - is read only as often as keeps all of it within LDS_SAMPLER_SHARE of a core, and is the
 * last known in between.
 */
LdsUsage lds_sampler_read (LdsSampler *self, gboolean with_memory);

/* What reading may cost on average, as a share of one core; with what is read each time it stays
 * below 0.5 %. */
#define LDS_SAMPLER_SHARE 0.003

/** Returns the CPU time in s that all readings have taken. */
double lds_sampler_get_cost_s (LdsSampler *self);

/** Returns: (transfer full) (element-type LdsProcessUsage): every process that was ever seen, in the order
 * in which they were */
GArray *lds_sampler_list (LdsSampler *self);

/** CPU time in s that all processes of the machine have used since it started; NaN when not known. */
double lds_sampler_read_machine_cpu_s (void);

G_END_DECLS
