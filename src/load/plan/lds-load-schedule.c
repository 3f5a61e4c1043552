/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rate of an open loop over time, and its integral both ways. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"
#include "lds-load-schedule.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "lds-clock.h"
#include "lds-error.h"

/* A sum of rate times duration. The rates of both ends of a segment added up, in nHz, times its
 * duration in ns: twice its requests, in units of 1e-18. A day of the highest rate is 2e30. */
__extension__ typedef __int128 Sum;

#define NHZ_PER_HZ      1e9
#define SUM_PER_REQUEST ((Sum)2 * LDS_NS_PER_S * LDS_NS_PER_S)

/* A number of requests: @whole + @part, the nearest whole number and what is then left. A part near 0
 * keeps all its digits so, as the start of a ramp from 0 needs them. */
typedef struct
{
  double whole;
  double part; /* -0.5 to 0.5 */
} Count;

typedef struct
{
  LdsLoadSegment given;
  gint64 start_ns;
  gint64 end_ns;
  Count start; /* requests due before it */
  Count end;   /* and before its end */
  /* A ramp is reckoned from the end where its rate is low, in either direction: there the roots are
   * steep, and nothing is subtracted that is nearly equal. */
  gboolean falls;
  double low_per_ns;     /* the rate there */
  double twice_slope;    /* rate per ns, as a positive number; 0 when the rate is constant */
  double ns_per_request; /* constant rate; 0 when that is 0 */
} Segment;

struct _LdsLoadSchedule
{
  double requests;
  double peak_hz;
  guint n_segments;
  Segment segments[];
};

static Count
count_of (Sum sum)
{
  Sum whole = (sum + SUM_PER_REQUEST / 2) / SUM_PER_REQUEST;

  return (Count){(double)whole, (double)(sum - whole * SUM_PER_REQUEST) / (double)SUM_PER_REQUEST};
}

/* @x - @count */
static double
subtract (double x,
          const Count *count)
{
  return (x - count->whole) - count->part;
}

/* Adds what is due in the segment to @sum. */
static void
segment_init (Segment *self,
              const LdsLoadSegment *given,
              gint64 start_ns,
              Sum *sum)
{
  gint64 from_nhz = (gint64)round (given->from_hz * NHZ_PER_HZ);
  gint64 to_nhz = (gint64)round (given->to_hz * NHZ_PER_HZ);
  double ns_per_s = (double)LDS_NS_PER_S;

  *self = (Segment){
      .given = *given,
      .start_ns = start_ns,
      .end_ns = start_ns + given->duration_ns,
      .start = count_of (*sum),
      .falls = to_nhz < from_nhz,
      .low_per_ns = (double)MIN (from_nhz, to_nhz) / NHZ_PER_HZ / ns_per_s,
      .twice_slope =
          2 * (double)ABS (to_nhz - from_nhz) / NHZ_PER_HZ / ns_per_s / (double)given->duration_ns,
  };
  if (from_nhz == to_nhz && from_nhz > 0)
    self->ns_per_request = NHZ_PER_HZ * ns_per_s / (double)from_nhz;
  *sum += (Sum)(from_nhz + to_nhz) * given->duration_ns;
  self->end = count_of (*sum);
}

static gboolean
is_rate (double rate_hz)
{
  return rate_hz == 0 || (rate_hz >= LDS_LOAD_MIN_RATE_HZ && rate_hz <= LDS_LOAD_MAX_RATE_HZ);
}

static gboolean
check (const LdsLoadSegment *segments,
       guint n_segments,
       GError **error)
{
  const gint64 max_ns = LDS_LOAD_MAX_DURATION_MS * LDS_NS_PER_MS;
  gint64 left_ns = max_ns;
  double peak_hz = 0;

  for (guint i = 0; i < n_segments; i++)
    {
      const LdsLoadSegment *segment = &segments[i];

      if (!is_rate (segment->from_hz) || !is_rate (segment->to_hz))
        {
          g_set_error (
              error, LDS_ERROR, LDS_ERROR_INPUT,
              /* Translators: which step of a schedule, its rates, limits of rates */
              _ ("“schedule”, step %u, has the rates %.9g and %.9g: each must be 0, or %g to %.0f requests a second."),
              i + 1, segment->from_hz, segment->to_hz, LDS_LOAD_MIN_RATE_HZ, LDS_LOAD_MAX_RATE_HZ);
          return FALSE;
        }
      if (segment->duration_ns < LDS_NS_PER_MS || segment->duration_ns > left_ns)
        {
          g_set_error (
              error, LDS_ERROR, LDS_ERROR_INPUT,
              /* Translators: which step of a schedule, its duration, a limit of time */
              _ ("“schedule”, step %u, has a “duration_ms” of %.9g: it must be 1 or more, and %d at most with the steps before."),
              i + 1, (double)segment->duration_ns / (double)LDS_NS_PER_MS,
              LDS_LOAD_MAX_DURATION_MS);
          return FALSE;
        }
      left_ns -= segment->duration_ns;
      peak_hz = MAX (peak_hz, MAX (segment->from_hz, segment->to_hz));
    }
  if (peak_hz > 0)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               _ ("“schedule” has no rate above 0, so no request would be due: raise one."));
  return FALSE;
}

LdsLoadSchedule *
lds_load_schedule_new (const LdsLoadSegment *segments,
                       guint n_segments,
                       GError **error)
{
  LdsLoadSchedule *self;
  gint64 start_ns = 0;
  Sum sum = 0;

  g_return_val_if_fail (n_segments > 0 && n_segments <= LDS_LOAD_MAX_SEGMENTS, NULL);

  if (!check (segments, n_segments, error))
    return NULL;
  self = g_malloc0 (sizeof *self + n_segments * sizeof *self->segments);
  self->n_segments = n_segments;
  for (guint i = 0; i < n_segments; i++)
    {
      segment_init (&self->segments[i], &segments[i], start_ns, &sum);
      start_ns += segments[i].duration_ns;
      self->peak_hz = MAX (self->peak_hz, MAX (segments[i].from_hz, segments[i].to_hz));
    }
  self->requests = count_of (sum).whole + count_of (sum).part;
  return self;
}

void
lds_load_schedule_free (LdsLoadSchedule *self)
{
  g_free (self);
}

guint
lds_load_schedule_get_n_segments (const LdsLoadSchedule *self)
{
  return self->n_segments;
}

const LdsLoadSegment *
lds_load_schedule_get_segment (const LdsLoadSchedule *self,
                               guint index)
{
  g_return_val_if_fail (index < self->n_segments, NULL);

  return &self->segments[index].given;
}

gint64
lds_load_schedule_get_duration_ns (const LdsLoadSchedule *self)
{
  return self->segments[self->n_segments - 1].end_ns;
}

gboolean
lds_load_schedule_is_constant (const LdsLoadSchedule *self)
{
  return self->n_segments == 1 && self->segments[0].twice_slope == 0;
}

double
lds_load_schedule_get_requests (const LdsLoadSchedule *self)
{
  return self->requests;
}

double
lds_load_schedule_get_mean_rate_hz (const LdsLoadSchedule *self)
{
  /* One rate comes out as it went in. */
  if (lds_load_schedule_is_constant (self))
    return self->segments[0].given.from_hz;
  return self->requests * (double)LDS_NS_PER_S / (double)lds_load_schedule_get_duration_ns (self);
}

double
lds_load_schedule_get_peak_rate_hz (const LdsLoadSchedule *self)
{
  return self->peak_hz;
}

double
lds_load_schedule_warm_up_rate_hz (const LdsLoadSchedule *self)
{
  double from_hz = self->segments[0].given.from_hz;

  return from_hz > 0 ? from_hz : self->peak_hz / 10;
}

guint
lds_load_schedule_segment_at (const LdsLoadSchedule *self,
                              gint64 t_ns)
{
  guint i = 0;

  while (i + 1 < self->n_segments && t_ns >= self->segments[i].end_ns)
    i++;
  return i;
}

double
lds_load_schedule_rate_at (const LdsLoadSchedule *self,
                           gint64 t_ns)
{
  const LdsLoadSegment *given;
  const Segment *segment;

  if (t_ns < 0 || t_ns >= lds_load_schedule_get_duration_ns (self))
    return 0;
  segment = &self->segments[lds_load_schedule_segment_at (self, t_ns)];
  given = &segment->given;
  return given->from_hz + (given->to_hz - given->from_hz) *
                              ((double)(t_ns - segment->start_ns) / (double)given->duration_ns);
}

double
lds_load_schedule_requests_until (const LdsLoadSchedule *self,
                                  gint64 t_ns)
{
  const Segment *segment;
  double from_low_ns, n;

  if (t_ns <= 0)
    return 0;
  if (t_ns >= lds_load_schedule_get_duration_ns (self))
    return self->requests;
  segment = &self->segments[lds_load_schedule_segment_at (self, t_ns)];
  from_low_ns = (double)(segment->falls ? segment->end_ns - t_ns : t_ns - segment->start_ns);
  n = from_low_ns * (segment->low_per_ns + segment->twice_slope * from_low_ns / 4);
  if (segment->falls)
    return segment->end.whole + (segment->end.part - n);
  return segment->start.whole + (segment->start.part + n);
}

/* When request @x is due, which lies in the segment. */
static gint64
time_within (const Segment *self,
             double x)
{
  double t_ns;

  if (self->twice_slope == 0)
    t_ns = (double)self->start_ns + subtract (x, &self->start) * self->ns_per_request;
  else
    {
      /* n = low * t + slope / 2 * t^2, solved in the form that adds under the root and below it. */
      double n = self->falls ? -subtract (x, &self->end) : subtract (x, &self->start);
      double root = sqrt (self->low_per_ns * self->low_per_ns + self->twice_slope * n);
      double from_low_ns = n > 0 ? 2 * n / (self->low_per_ns + root) : 0;

      t_ns =
          self->falls ? (double)self->end_ns - from_low_ns : (double)self->start_ns + from_low_ns;
    }
  return MIN ((gint64)(t_ns + 0.5), self->end_ns - 1);
}

gint64
lds_load_schedule_time_of_next (const LdsLoadSchedule *self,
                                double x,
                                guint *segment)
{
  /* What is due at a joint, and in the pause that may follow it, is due in the segment behind. */
  while (*segment < self->n_segments && subtract (x, &self->segments[*segment].end) >= 0)
    ++*segment;
  return *segment < self->n_segments ? time_within (&self->segments[*segment], x) : G_MAXINT64;
}

gint64
lds_load_schedule_time_of (const LdsLoadSchedule *self,
                           double x)
{
  guint segment = 0;

  g_return_val_if_fail (x >= 0, 0);

  return lds_load_schedule_time_of_next (self, x, &segment);
}
