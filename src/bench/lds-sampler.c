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
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lds-clock.h"

/* The tree is walked anew at every so many readings: processes come and go seldom, and a server of
 * many threads has one list of children a thread. */
#define WALK_EVERY 5
/* A fork bomb must not stop the conductor. */
#define MAX_PROCESSES 1024

/* Before it has a share of anything, a reading may cost so much. */
#define ALLOWANCE_NS LDS_NS_PER_MS

/* Sums that only grow, as they were last read. */
typedef struct
{
  gint64 voluntary, involuntary; /* -1 = never read */
} Switches;

typedef struct
{
  LdsProcessUsage total;
  gboolean is_gone;
  gint64 cpu_ns; /* at the last reading; -1 = never read */
  Switches switches;
  double pss_bytes; /* when it was last read */
  double n_files;
} Process;

struct _LdsSampler
{
  int root;
  GArray *processes; /* (element-type Process), the root first, those that have gone among them */
  GArray *left_out;  /* (element-type int): ids */
  double cpu_s;
  guint n_reads;
  gint64 begun_ns;
  gint64 cost_ns;   /* CPU time that reading has taken */
  gint64 dear_t_ns; /* when the last one was */
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

/* Returns: (nullable): the one of @pid that has not gone; ids are used again */
static Process *
find_process (GArray *processes,
              int pid)
{
  for (guint i = 0; i < processes->len; i++)
    {
      Process *process = &g_array_index (processes, Process, i);

      if (process->total.pid == pid && !process->is_gone)
        return process;
    }
  return NULL;
}

static void
add_process (LdsSampler *self,
             int pid)
{
  Process process = {.total = {.pid = pid,
                               .peak_rss_bytes = NAN,
                               .peak_pss_bytes = NAN,
                               .peak_files = NAN,
                               .voluntary_switches = NAN,
                               .involuntary_switches = NAN},
                     .cpu_ns = -1,
                     .switches = {-1, -1},
                     .pss_bytes = NAN,
                     .n_files = NAN};

  g_array_append_val (self->processes, process);
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
      if (child > 0 && child <= G_MAXINT && find_process (processes, (int)child) == NULL &&
          !is_left_out (self, (int)child))
        add_process (self, (int)child);
    }
}

/* Calls @each with the name of every entry of a folder of /proc that is a number. Returns how many. */
static guint
for_each_number (const char *path,
                 void (*each) (const char *name, gpointer user_data),
                 gpointer user_data)
{
  DIR *folder = opendir (path);
  struct dirent *entry;
  guint n = 0;

  while (folder != NULL && (entry = readdir (folder)) != NULL)
    if (g_ascii_isdigit (entry->d_name[0]))
      {
        n++;
        if (each != NULL)
          each (entry->d_name, user_data);
      }
  if (folder != NULL)
    closedir (folder);
  return n;
}

typedef struct
{
  LdsSampler *sampler;
  int pid;
} Parent;

static void
add_children_cb (const char *thread,
                 gpointer user_data)
{
  const Parent *parent = user_data;

  add_children (parent->sampler, parent->pid, thread);
}

/* A server whose workers keep ending must not fill the list with them. */
static void
forget_gone (LdsSampler *self)
{
  for (guint i = self->processes->len; i > 0; i--)
    if (g_array_index (self->processes, Process, i - 1).is_gone)
      g_array_remove_index (self->processes, i - 1);
}

/* Breadth first: each process that is found is asked for its children in turn. */
static void
walk (LdsSampler *self)
{
  if (self->processes->len >= MAX_PROCESSES)
    forget_gone (self);
  if (self->processes->len == 0)
    add_process (self, self->root);
  for (guint i = 0; i < self->processes->len; i++)
    {
      Parent parent = {self, g_array_index (self->processes, Process, i).total.pid};
      char path[64];

      if (g_array_index (self->processes, Process, i).is_gone)
        continue;
      g_snprintf (path, sizeof path, "/proc/%d/task", parent.pid);
      for_each_number (path, add_children_cb, &parent);
    }
}

/* @name: (array fixed-size=16): becomes what is between the first and the last parenthesis */
static void
copy_name (const char *text,
           const char *end,
           char *name)
{
  const char *begin = strchr (text, '(');
  gsize n = 0;

  if (begin != NULL)
    for (const char *at = begin + 1; at < end && n < 15; at++)
      name[n++] = g_ascii_isprint (*at) ? *at : '?';
  name[n] = '\0';
}

/* Reads what is cheap of one process. Returns its RSS in bytes, NaN when it is not known. */
static double
read_cheap (Process *process,
            guint *n_threads)
{
  char path[64], text[4096];
  const char *found;
  unsigned long long resident_pages, threads;
  double rss_bytes = NAN;

  g_snprintf (path, sizeof path, "/proc/%d/statm", process->total.pid);
  if (read_proc (path, text, sizeof text) > 0 && sscanf (text, "%*u %llu", &resident_pages) == 1)
    rss_bytes = (double)resident_pages * (double)sysconf (_SC_PAGESIZE);
  process->total.peak_rss_bytes = fmax (process->total.peak_rss_bytes, rss_bytes);
  /* The name, in parentheses, may hold anything, even a parenthesis: what follows the last one
   * begins with the state, and the threads are the 18th field after it. Source: proc(5). */
  g_snprintf (path, sizeof path, "/proc/%d/stat", process->total.pid);
  found = read_proc (path, text, sizeof text) > 0 ? strrchr (text, ')') : NULL;
  if (found != NULL && sscanf (found + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %llu",
                               &threads) == 1)
    {
      copy_name (text, found, process->total.name);
      *n_threads = (guint)MIN (threads, G_MAXINT);
      process->total.peak_threads = MAX (process->total.peak_threads, *n_threads);
    }
  return rss_bytes;
}

typedef struct
{
  int pid;
  Switches switches;
} Task;

static void
add_switches_cb (const char *thread,
                 gpointer user_data)
{
  Task *task = user_data;
  char path[64], text[4096];
  const char *found;
  long long voluntary, involuntary;

  g_snprintf (path, sizeof path, "/proc/%d/task/%.16s/status", task->pid, thread);
  found = read_proc (path, text, sizeof text) > 0 ? strstr (text, "\nvoluntary_ctxt_switches:") : NULL;
  if (found == NULL || sscanf (found, "\nvoluntary_ctxt_switches: %lld\nnonvoluntary_ctxt_switches: %lld",
                               &voluntary, &involuntary) != 2)
    return;
  task->switches.voluntary = MAX (task->switches.voluntary, 0) + voluntary;
  task->switches.involuntary = MAX (task->switches.involuntary, 0) + involuntary;
}

/* What threads did that have gone since the last reading is lost. */
static void
add_growth (double *total,
            gint64 before,
            gint64 now)
{
  if (isnan (*total))
    *total = 0;
  if (before >= 0 && now > before)
    *total += (double)(now - before);
}

static void
read_dear (Process *process)
{
  char path[64], text[4096];
  Task task = {process->total.pid, {-1, -1}};
  struct stat st;
  const char *found;
  unsigned long long pss_kib;

  /* Not readable for another user's process: then the sum is not known. */
  g_snprintf (path, sizeof path, "/proc/%d/smaps_rollup", task.pid);
  found = read_proc (path, text, sizeof text) > 0 ? strstr (text, "\nPss:") : NULL;
  process->pss_bytes =
      found != NULL && sscanf (found, "\nPss: %llu kB", &pss_kib) == 1 ? (double)pss_kib * 1024 : NAN;
  process->total.peak_pss_bytes = fmax (process->total.peak_pss_bytes, process->pss_bytes);
  /* Linux 6.2 and later say how many there are; before, they have to be counted. */
  g_snprintf (path, sizeof path, "/proc/%d/fd", task.pid);
  if (access (path, R_OK) != 0)
    process->n_files = NAN;
  else if (stat (path, &st) == 0 && st.st_size > 0)
    process->n_files = (double)st.st_size;
  else
    process->n_files = for_each_number (path, NULL, NULL);
  process->total.peak_files = fmax (process->total.peak_files, process->n_files);
  g_snprintf (path, sizeof path, "/proc/%d/task", task.pid);
  for_each_number (path, add_switches_cb, &task);
  if (task.switches.voluntary < 0)
    return;
  add_growth (&process->total.voluntary_switches, process->switches.voluntary,
              task.switches.voluntary);
  add_growth (&process->total.involuntary_switches, process->switches.involuntary,
              task.switches.involuntary);
  process->switches = task.switches;
}

static gboolean
may_be_dear (const LdsSampler *self,
             gint64 now_ns)
{
  return (double)self->cost_ns <
         LDS_SAMPLER_SHARE * (double)(now_ns - self->begun_ns) + (double)ALLOWANCE_NS;
}

/* Adds what is known of @process to @usage. */
static void
add_figures (Process *process,
             gboolean is_dear,
             LdsUsage *usage)
{
  guint n_threads = 0;

  usage->rss_bytes += read_cheap (process, &n_threads);
  usage->n_threads += n_threads;
  if (is_dear)
    read_dear (process);
  usage->pss_bytes += process->pss_bytes;
  usage->n_files += process->n_files;
}

/* Adds what @process has used since the last reading. Returns %FALSE when it has gone. */
static gboolean
add_cpu (LdsSampler *self,
         Process *process)
{
  gint64 cpu_ns = read_cpu_ns (process->total.pid);
  double used_s;

  if (cpu_ns < 0)
    return FALSE;
  used_s = (double)MAX (cpu_ns - MAX (process->cpu_ns, 0), 0) / (double)LDS_NS_PER_S;
  self->cpu_s += used_s;
  process->total.cpu_s += used_s;
  process->cpu_ns = MAX (cpu_ns, process->cpu_ns);
  return TRUE;
}

LdsUsage
lds_sampler_read (LdsSampler *self,
                  gboolean with_memory)
{
  LdsUsage usage = {0};
  gint64 begin_ns;
  gboolean is_dear;

  g_return_val_if_fail (self != NULL, usage);

  begin_ns = lds_clock_thread_cpu_ns ();
  if (self->n_reads++ % WALK_EVERY == 0)
    walk (self);
  usage.t_ns = lds_clock_now_ns ();
  is_dear = with_memory && may_be_dear (self, usage.t_ns);
  for (guint i = 0; i < self->processes->len; i++)
    {
      Process *process = &g_array_index (self->processes, Process, i);

      if (process->is_gone)
        continue;
      if (!add_cpu (self, process))
        {
          process->is_gone = TRUE;
          self->n_reads = 0; /* walk at the next reading */
          continue;
        }
      usage.n_processes++;
      if (with_memory)
        add_figures (process, is_dear, &usage);
    }
  usage.cpu_s = self->cpu_s;
  if (is_dear)
    self->dear_t_ns = usage.t_ns;
  usage.dear_t_ns = self->dear_t_ns;
  for (guint i = 0; i < self->processes->len; i++)
    {
      const LdsProcessUsage *total = &g_array_index (self->processes, Process, i).total;

      usage.voluntary_switches += isnan (total->voluntary_switches) ? 0 : total->voluntary_switches;
      usage.involuntary_switches +=
          isnan (total->involuntary_switches) ? 0 : total->involuntary_switches;
    }
  if (!with_memory || usage.n_processes == 0)
    usage.rss_bytes = usage.pss_bytes = usage.n_files = NAN;
  self->cost_ns += lds_clock_thread_cpu_ns () - begin_ns;
  return usage;
}

double
lds_sampler_get_cost_s (LdsSampler *self)
{
  g_return_val_if_fail (self != NULL, NAN);

  return (double)self->cost_ns / (double)LDS_NS_PER_S;
}

GArray *
lds_sampler_list (LdsSampler *self)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (LdsProcessUsage));

  g_return_val_if_fail (self != NULL, list);

  for (guint i = 0; i < self->processes->len; i++)
    g_array_append_val (list, g_array_index (self->processes, Process, i).total);
  return list;
}

LdsSampler *
lds_sampler_new (int pid)
{
  LdsSampler *self = g_new0 (LdsSampler, 1);

  self->root = pid;
  self->processes = g_array_new (FALSE, FALSE, sizeof (Process));
  self->left_out = g_array_new (FALSE, FALSE, sizeof (int));
  self->begun_ns = lds_clock_now_ns ();
  lds_sampler_read (self, FALSE);
  self->n_reads = 0;
  /* What was used before does not count. */
  self->cpu_s = 0;
  for (guint i = 0; i < self->processes->len; i++)
    g_array_index (self->processes, Process, i).total.cpu_s = 0;
  return self;
}

void
lds_sampler_leave_out (LdsSampler *self,
                       GArray *pids)
{
  g_autoptr (GArray) old = NULL;

  g_return_if_fail (self != NULL && pids != NULL);

  old = self->processes;
  g_array_set_size (self->left_out, 0);
  g_array_append_vals (self->left_out, pids->data, pids->len);
  /* The tree as it is without them; what was known of the others stays known. */
  self->processes = g_array_new (FALSE, FALSE, sizeof (Process));
  walk (self);
  for (guint i = 0; i < old->len; i++)
    {
      const Process *before = &g_array_index (old, Process, i);
      Process *process = find_process (self->processes, before->total.pid);

      if (before->is_gone)
        g_array_append_val (self->processes, *before);
      else if (process != NULL)
        *process = *before;
    }
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
