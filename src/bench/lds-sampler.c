/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a process and all that descend from it use, read from /proc. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-sampler.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lds-clock.h"

/* The tree is walked anew at every so many readings: processes come and go seldom, and a server of
 * many threads has one list of children a thread. */
#define WALK_EVERY 5
/* A fork bomb must not stop the conductor. */
#define MAX_PROCESSES 1024

typedef struct
{
  int pid;
  gint64 cpu_ns; /* at the last reading; -1 = never read */
} Process;

struct _LdsSampler
{
  int root;
  GArray *processes; /* (element-type Process), the root first */
  GArray *left_out;  /* (element-type int): ids */
  double cpu_s;
  guint n_reads;
};

/* Reads a small file of /proc into @buffer. Returns its length, 0 when it is not there. */
static gsize
read_proc (const char *path,
           char *buffer,
           gsize size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  ssize_t n;

  if (fd < 0)
    return 0;
  do
    n = read (fd, buffer, size - 1);
  while (n < 0 && errno == EINTR);
  close (fd);
  buffer[MAX (n, 0)] = '\0';
  return n > 0 ? (gsize)n : 0;
}

/* The kernel's own account of the whole process, exact to the ns, where /proc/PID/stat counts in
 * hundredths of a second. Returns -1 when it has gone. */
static gint64
read_cpu_ns (int pid)
{
  clockid_t clock;
  struct timespec time;

  if (clock_getcpuclockid (pid, &clock) != 0 || clock_gettime (clock, &time) != 0)
    return -1;
  return (gint64)time.tv_sec * LDS_NS_PER_S + time.tv_nsec;
}

static gboolean
has_process (GArray *processes,
             int pid)
{
  for (guint i = 0; i < processes->len; i++)
    if (g_array_index (processes, Process, i).pid == pid)
      return TRUE;
  return FALSE;
}

static gboolean
is_left_out (const LdsSampler *self,
             int pid)
{
  for (guint i = 0; i < self->left_out->len; i++)
    if (g_array_index (self->left_out, int, i) == pid)
      return TRUE;
  return FALSE;
}

/* Appends the children of one thread. */
static void
add_children (LdsSampler *self,
              int pid,
              const char *thread)
{
  GArray *processes = self->processes;
  char path[64], text[4096], *next = text;

  g_snprintf (path, sizeof path, "/proc/%d/task/%.16s/children", pid, thread);
  read_proc (path, text, sizeof text);
  while (processes->len < MAX_PROCESSES)
    {
      char *end;
      long child = strtol (next, &end, 10);

      if (end == next)
        break;
      next = end;
      if (child > 0 && child <= G_MAXINT && !has_process (processes, (int)child) &&
          !is_left_out (self, (int)child))
        {
          Process process = {(int)child, -1};

          g_array_append_val (processes, process);
        }
    }
}

static gint64
find_cpu_ns (GArray *processes,
             int pid)
{
  for (guint i = 0; i < processes->len; i++)
    if (g_array_index (processes, Process, i).pid == pid)
      return g_array_index (processes, Process, i).cpu_ns;
  return -1;
}

/* Breadth first: each process that is found is asked for its children in turn. */
static void
walk (LdsSampler *self)
{
  g_autoptr (GArray) old = self->processes;
  Process root = {self->root, -1};

  self->processes = g_array_new (FALSE, FALSE, sizeof (Process));
  g_array_append_val (self->processes, root);
  for (guint i = 0; i < self->processes->len; i++)
    {
      int pid = g_array_index (self->processes, Process, i).pid;
      char path[64];
      DIR *folder;
      struct dirent *entry;

      g_array_index (self->processes, Process, i).cpu_ns = find_cpu_ns (old, pid);
      g_snprintf (path, sizeof path, "/proc/%d/task", pid);
      folder = opendir (path);
      while (folder != NULL && (entry = readdir (folder)) != NULL)
        if (g_ascii_isdigit (entry->d_name[0]))
          add_children (self, pid, entry->d_name);
      if (folder != NULL)
        closedir (folder);
    }
}

/* Adds one process's memory and threads to @usage. */
static void
add_memory (int pid,
            LdsUsage *usage)
{
  char path[64], text[4096];
  const char *found;
  unsigned long long resident_pages, pss_kib, threads;

  g_snprintf (path, sizeof path, "/proc/%d/statm", pid);
  if (read_proc (path, text, sizeof text) > 0 && sscanf (text, "%*u %llu", &resident_pages) == 1)
    usage->rss_bytes += (double)resident_pages * (double)sysconf (_SC_PAGESIZE);
  /* Not readable for another user's process: then the sum is not known. */
  g_snprintf (path, sizeof path, "/proc/%d/smaps_rollup", pid);
  found = read_proc (path, text, sizeof text) > 0 ? strstr (text, "\nPss:") : NULL;
  if (found != NULL && sscanf (found, "\nPss: %llu kB", &pss_kib) == 1)
    usage->pss_bytes += (double)pss_kib * 1024;
  else
    usage->pss_bytes = NAN;
  /* The name, in parentheses, may hold anything, even a parenthesis: what follows the last one
   * begins with the state, and the threads are the 18th field after it. Source: proc(5). */
  g_snprintf (path, sizeof path, "/proc/%d/stat", pid);
  found = read_proc (path, text, sizeof text) > 0 ? strrchr (text, ')') : NULL;
  if (found != NULL && sscanf (found + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %llu",
                               &threads) == 1)
    usage->n_threads += (guint)MIN (threads, G_MAXINT);
}

LdsUsage
lds_sampler_read (LdsSampler *self,
                  gboolean with_memory)
{
  LdsUsage usage = {0};
  gboolean lost = FALSE;

  g_return_val_if_fail (self != NULL, usage);

  if (self->n_reads++ % WALK_EVERY == 0)
    walk (self);
  usage.t_ns = lds_clock_now_ns ();
  for (guint i = 0; i < self->processes->len; i++)
    {
      Process *process = &g_array_index (self->processes, Process, i);
      gint64 cpu_ns = read_cpu_ns (process->pid);

      if (cpu_ns < 0)
        {
          lost = TRUE;
          continue;
        }
      if (cpu_ns > process->cpu_ns)
        self->cpu_s += (double)(cpu_ns - MAX (process->cpu_ns, 0)) / (double)LDS_NS_PER_S;
      process->cpu_ns = cpu_ns;
      usage.n_processes++;
      if (with_memory)
        add_memory (process->pid, &usage);
    }
  usage.cpu_s = self->cpu_s;
  if (!with_memory || usage.n_processes == 0)
    usage.rss_bytes = usage.pss_bytes = NAN;
  if (lost)
    self->n_reads = 0; /* walk at the next reading */
  return usage;
}

LdsSampler *
lds_sampler_new (int pid)
{
  LdsSampler *self = g_new0 (LdsSampler, 1);

  self->root = pid;
  self->processes = g_array_new (FALSE, FALSE, sizeof (Process));
  self->left_out = g_array_new (FALSE, FALSE, sizeof (int));
  lds_sampler_read (self, FALSE);
  self->n_reads = 0;
  self->cpu_s = 0; /* what was used before does not count */
  return self;
}

void
lds_sampler_leave_out (LdsSampler *self,
                       GArray *pids)
{
  g_return_if_fail (self != NULL && pids != NULL);

  g_array_set_size (self->left_out, 0);
  g_array_append_vals (self->left_out, pids->data, pids->len);
  self->n_reads = 0; /* walk at the next reading */
}

void
lds_sampler_free (LdsSampler *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->processes);
  g_array_unref (self->left_out);
  g_free (self);
}

double
lds_sampler_read_machine_cpu_s (void)
{
  char text[512];
  unsigned long long user, nice_, system_, irq, softirq, steal;

  /* Ticks: user nice system idle iowait irq softirq steal; guest time is part of user. Source:
   * proc(5). Time stolen by other guests of a virtual machine is time that others used. */
  if (read_proc ("/proc/stat", text, sizeof text) == 0 ||
      sscanf (text, "cpu %llu %llu %llu %*u %*u %llu %llu %llu", &user, &nice_, &system_, &irq,
              &softirq, &steal) != 6)
    return NAN;
  return (double)(user + nice_ + system_ + irq + softirq + steal) / (double)sysconf (_SC_CLK_TCK);
}
