/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast a processor is. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-cpu-work.h"

#include <math.h>

#include "lds-clock.h"

#define TRIALS 15

/* 256 KiB: more than a first-level cache holds, less than the second. */
#define TABLE_WORDS 65536
#define STEPS       100000
#define NUMBERS     300000

/* Kept, so that no compiler leaves the work out. */
static volatile double result;

/* Each place says where to go on, so that nothing can be read ahead: the full cycle of a linear congruential
 * generator (Knuth, The Art of Computer Programming 2, 3.2.1.2, theorem A). */
static void
fill (guint32 *table)
{
  for (guint32 i = 0; i < TABLE_WORDS; i++)
    table[i] = (i * 1664525u + 1013904223u) % TABLE_WORDS;
}

static double
work (const guint32 *table)
{
  guint64 hash = 0xcbf29ce484222325u;
  guint32 place = 0;
  double sum = 0;

  for (guint i = 0; i < NUMBERS; i++)
    hash = (hash ^ (i & 0xff)) * 0x100000001b3u;
  for (guint i = 0; i < STEPS; i++)
    place = table[place];
  for (guint i = 0; i < NUMBERS; i++)
    sum += sqrt ((double)i);
  return sum + (double)(hash & 0xffff) + place;
}

double
lds_cpu_work_measure_ns (void)
{
  g_autofree guint32 *table = g_new (guint32, TABLE_WORDS);
  gint64 least_ns = G_MAXINT64;

  fill (table);
  for (guint trial = 0; trial < TRIALS; trial++)
    {
      gint64 begin_ns = lds_clock_thread_cpu_ns ();

      result = work (table);
      least_ns = MIN (least_ns, lds_clock_thread_cpu_ns () - begin_ns);
    }
  return (double)MAX (least_ns, 1);
}
