/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spending what a profile says. */
#include "lds-cost.h"

#include "lds-clock.h"
#include "lds-spin.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of the process: requests so far, and the memory that they make it use, in pages not touched before. */
static _Atomic uint64_t n_requests;
static char *growth;
static size_t growth_bytes;
static _Atomic size_t grown_bytes;

/* What is touched at a time. */
#define GROWTH_STEP_BYTES (256 * 1024)

/* What the thread's CPU clock shows when all that it had to pay is paid; 0 before its first
 * request. What lies between this and the clock has been used since. */
static _Thread_local int64_t paid_ns;

/* The thread's loop is in a turn whose costs nobody has paid. */
static _Thread_local bool turn_is_due;

const LdsCost *
lds_cost_init (LdsCost *self,
               const LdsProfile *profile,
               double tax_percent)
{
  *self = (LdsCost){
      .profile = {.compute_ratio = 1, .integer_ratio = 1, .native_ratio = 1},
      .tax = tax_percent / 100,
  };
  if (profile != NULL)
    self->profile = *profile;
  self->each_ns = self->profile.request_ns > 0 ? self->profile.request_ns
                                               : self->profile.request_total_ns;
  if (self->profile.pause_requests > 0)
    self->each_ns -= self->profile.pause_ns / self->profile.pause_requests;
  if (self->each_ns < 0)
    self->each_ns = 0;
  self->counts = self->profile.pause_requests > 0 || self->profile.loaded_requests > 0;
  if (profile == NULL && self->tax <= 0)
    return NULL;
  lds_spin_calibrate ();
  return self;
}

/* So much of what the thread has used, or is about to, is not the next request's. */
static void
set_apart (int64_t cpu_ns)
{
  if (paid_ns != 0)
    paid_ns += cpu_ns;
}

void
lds_cost_spend (const LdsCost *self,
                const LdsBreaker *breaker,
                double cpu_ns)
{
  double spend_ns = cpu_ns * (1 + self->tax);

  if (spend_ns <= 0)
    return;
  if (self->profile.broad_pace_hz > 0)
    {
      lds_spin_rounds (LDS_WORK_BROAD, spend_ns * self->profile.broad_pace_hz / LDS_NS_PER_S,
                       breaker);
      return;
    }
  lds_spin_cpu_ns (LDS_WORK_BROAD, (int64_t)spend_ns, breaker);
  set_apart ((int64_t)spend_ns);
}

void
lds_cost_spend_total (const LdsCost *self,
                      const LdsBreaker *breaker,
                      double total_ns)
{
  int64_t now_ns = lds_clock_thread_cpu_ns ();

  if (paid_ns == 0)
    paid_ns = now_ns;
  if (total_ns > 0)
    {
      int64_t due_ns = (int64_t)(total_ns * (1 + self->tax));

      paid_ns += due_ns;
      if (now_ns - paid_ns > LDS_COST_CREDIT_NS)
        paid_ns = now_ns - LDS_COST_CREDIT_NS;
    }
  else
    {
      /* The architecture's own cost, and the tax on it. */
      int64_t used_ns = now_ns > paid_ns ? now_ns - paid_ns : 0;

      paid_ns = now_ns + (int64_t)((double)used_ns * self->tax);
    }
  lds_spin_until_ns (LDS_WORK_BROAD, now_ns, paid_ns, breaker);
}

double
lds_cost_ratio (const LdsCost *self,
                LdsComputeKind kind)
{
  double tax = 1 + self->tax;

  switch (kind)
    {
    case LDS_COMPUTE_INTEGERS:
      return self->profile.integer_ratio * tax;
    case LDS_COMPUTE_NATIVE:
      return self->profile.native_ratio * tax;
    case LDS_COMPUTE_TIMED:
      return 1;
    case LDS_COMPUTE_NUMBERS:
    default:
      return self->profile.compute_ratio * tax;
    }
}

void
lds_cost_begin_turn (void)
{
  turn_is_due = true;
}

double
lds_cost_take_turn (const LdsCost *self)
{
  double turn_ns = turn_is_due ? self->profile.turn_ns : 0;

  turn_is_due = false;
  return turn_ns;
}

/* Touches the next of what the process is to use, up to its part of @requests. */
static void
grow (const LdsCost *self,
      uint64_t requests)
{
  double part = (double)requests / self->profile.loaded_requests;
  size_t wanted = (size_t)((double)growth_bytes * (part < 1 ? part : 1));
  size_t begin = atomic_load_explicit (&grown_bytes, memory_order_relaxed);

  if (begin >= growth_bytes || (wanted < growth_bytes && wanted - begin < GROWTH_STEP_BYTES) ||
      wanted <= begin)
    return;
  /* Of several threads that come here, one does it. */
  if (atomic_compare_exchange_strong (&grown_bytes, &begin, wanted))
    memset (growth + begin, 1, wanted - begin);
}

void
lds_cost_count (const LdsCost *self)
{
  uint64_t requests = atomic_fetch_add_explicit (&n_requests, 1, memory_order_relaxed) + 1;
  double every = self->profile.pause_requests;

  if (growth_bytes > 0 && self->profile.loaded_requests > 0)
    grow (self, requests);
  /* Whenever a multiple of it has been passed, for it need not be whole. */
  if (every > 0 &&
      (uint64_t)((double)requests / every) > (uint64_t)((double)(requests - 1) / every))
    lds_cost_spend (self, NULL, self->profile.pause_ns);
}

void
lds_cost_run_measured (const LdsCost *self,
                       LdsJobFunc run,
                       LdsJob *job,
                       double ratio)
{
  int64_t begin_ns = lds_clock_thread_cpu_ns (), end_ns;
  double more_ns;

  run (job);
  end_ns = lds_clock_thread_cpu_ns ();
  more_ns = (double)(end_ns - begin_ns) * (ratio - 1);
  if (self->profile.narrow_pace_hz > 0)
    {
      lds_spin_rounds (LDS_WORK_NARROW, more_ns * self->profile.narrow_pace_hz / LDS_NS_PER_S,
                       job->breaker);
      return;
    }
  lds_spin_until_ns (LDS_WORK_NARROW, end_ns, end_ns + (int64_t)more_ns, job->breaker);
  set_apart (end_ns - begin_ns + (int64_t)more_ns);
}

void
lds_cost_tax (const LdsCost *self,
              const LdsBreaker *breaker,
              int64_t begin_ns)
{
  int64_t now_ns, tax_ns;

  if (self == NULL || self->tax <= 0)
    return;
  now_ns = lds_clock_thread_cpu_ns ();
  tax_ns = (int64_t)((double)(now_ns - begin_ns) * self->tax);
  lds_spin_until_ns (LDS_WORK_BROAD, now_ns, now_ns + tax_ns, breaker);
  set_apart (now_ns - begin_ns + tax_ns);
}

/* Returns what is resident of this process, 0 when that is not known. */
static int64_t
resident_bytes (void)
{
  FILE *file = fopen ("/proc/self/statm", "re");
  long long size, resident = 0;

  if (file == NULL)
    return 0;
  if (fscanf (file, "%lld %lld", &size, &resident) != 2)
    resident = 0;
  fclose (file);
  return (int64_t)resident * sysconf (_SC_PAGESIZE);
}

/* It is never given back: the process has it until its end. Returns: (nullable): not resident yet */
static char *
reserve (size_t bytes)
{
  char *memory =
      mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (memory == MAP_FAILED)
    return NULL;
  /* Each worker has its own, as with runtimes that start anew in each process. */
  madvise (memory, bytes, MADV_DONTFORK);
  return memory;
}

static void
become_resident (int64_t bytes)
{
  int64_t lacking = bytes - resident_bytes ();
  char *memory = lacking > 0 ? reserve ((size_t)lacking) : NULL;

  if (memory != NULL)
    memset (memory, 1, (size_t)lacking);
}

/* What the requests of this process will make it use. */
static void
prepare_growth (const LdsProfile *profile)
{
  int64_t bytes = profile->loaded_rss_bytes - profile->base_rss_bytes;

  growth = profile->loaded_requests > 0 && bytes > 0 ? reserve ((size_t)bytes) : NULL;
  growth_bytes = growth != NULL ? (size_t)bytes : 0;
  grown_bytes = 0;
  n_requests = 0;
}

void
lds_cost_start_process (const LdsCost *self,
                        bool is_worker)
{
  if (self == NULL)
    return;
  become_resident (is_worker ? self->profile.worker_rss_bytes : self->profile.base_rss_bytes);
  prepare_growth (&self->profile);
  lds_cost_spend (self, NULL, self->profile.startup_cpu_ns - (double)lds_clock_process_cpu_ns ());
}

void *
lds_cost_allocate (const LdsCost *self,
                   size_t own_bytes)
{
  size_t bytes = (size_t)self->profile.connection_bytes;
  void *memory;

  if (bytes <= own_bytes)
    return NULL;
  memory = malloc (bytes - own_bytes);
  if (memory != NULL)
    memset (memory, 1, bytes - own_bytes);
  return memory;
}
