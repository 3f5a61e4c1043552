/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server tells of itself. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-server-stats.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"

/* One clock on one machine: what is an hour away is no reading of it. */
#define MAX_AWAY_NS (3600 * LDS_NS_PER_S)

/* A loop's lag is that of points in time this far apart. */
#define PROBE_NS (10 * LDS_NS_PER_MS)

/* What a profile makes a server do; in the order of paces in LdsRun. */
static const char *const works[] = {"broad_work", "narrow_work"};
#define N_WORKS G_N_ELEMENTS (works)

/* Since the server's start, or over an interval. */
typedef struct
{
  gint64 rounds;
  gint64 cpu_ns;
} Work;

/* One event, and what of it counts. */
typedef struct
{
  gint64 t_ns;
  gint64 interval_ns;
  gint64 gil_wait_ns; /* since the server's start; -1 = it has no such lock */
  gint64 queue_depth;
  gint64 behind_ns; /* for how long a loop has been due to say how late it is */
  Work works[N_WORKS];
  LdsHistogram *lag; /* (nullable): it has no loop */
} Event;

struct _LdsServerStats
{
  gint64 begin_ns, end_ns; /* of the measured interval; 0 = not known yet */
  Event held;              /* the last one; t_ns 0 = there is none */
  gint64 owed_ns;          /* lag of the measured interval that is still to be told */
  gint64 gil_wait_ns;      /* as of the event before it; -1 = not known */
  Work worked[N_WORKS];    /* likewise; 0 = nothing yet */
  /* As of the last event: */
  double lag_p99_ns, gil_waiting, queue_depth;

  /* Over the measured interval: */
  LdsHistogram *lag; /* (nullable) */
  double waited_ns;  /* for the lock; NaN = there is none */
  double heard_ns;   /* the time that waited_ns is of */
  double max_queue_depth;
  Work works[N_WORKS];
};

LdsServerStats *
lds_server_stats_new (void)
{
  LdsServerStats *self = g_new0 (LdsServerStats, 1);

  self->gil_wait_ns = -1;
  self->lag_p99_ns = self->gil_waiting = self->queue_depth = NAN;
  self->waited_ns = self->max_queue_depth = NAN;
  return self;
}

void
lds_server_stats_free (LdsServerStats *self)
{
  if (self == NULL)
    return;
  lds_histogram_free (self->held.lag);
  lds_histogram_free (self->lag);
  g_free (self);
}

/* Returns 0 to G_MAXINT64, or sets @error. */
static gint64
get_count (JsonObject *object,
           const char *member,
           gint64 fallback,
           GError **error)
{
  gint64 value = lds_json_get_int (object, member, fallback, error);

  if (value < 0 && *error == NULL)
    g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                 /* Translators: a member of a line of JSON */
                 _ ("“%s” is missing or out of range."), member);
  return MAX (value, 0);
}

static gboolean
parse (Event *event,
       JsonObject *object,
       GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *gil = lds_json_get_object (object, "gil", &local);
  const char *lag = lds_json_get_string (object, "loop_lag", NULL, &local);
  gint64 now_ns = lds_clock_now_ns ();

  if (local == NULL)
    {
      *event = (Event){
          .t_ns = get_count (object, "t_ns", -1, &local),
          .interval_ns = get_count (object, "interval_ns", -1, &local),
          .queue_depth = get_count (object, "queue_depth", 0, &local),
          .behind_ns = MIN (get_count (object, "loop_behind_ns", 0, &local), MAX_AWAY_NS),
          .gil_wait_ns = gil != NULL ? get_count (gil, "wait_ns", -1, &local) : -1,
      };
    }
  for (guint i = 0; i < N_WORKS && local == NULL; i++)
    {
      JsonObject *work = lds_json_get_object (object, works[i], &local);

      if (work != NULL)
        event->works[i] = (Work){get_count (work, "rounds", -1, &local),
                                 local == NULL ? get_count (work, "cpu_ns", -1, &local) : 0};
    }
  if (local == NULL && (event->t_ns < now_ns - MAX_AWAY_NS || event->t_ns > now_ns + MAX_AWAY_NS ||
                        event->t_ns == 0 || event->interval_ns > event->t_ns))
    g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” is missing or out of range."), "t_ns");
  if (local == NULL && lag != NULL)
    {
      event->lag = lds_histogram_new ();
      if (event->lag != NULL && !lds_histogram_decode_add (event->lag, lag))
        {
          g_clear_pointer (&event->lag, lds_histogram_free);
          g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT, _ ("“%s” is missing or out of range."),
                       "loop_lag");
        }
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
add_lag (LdsServerStats *self,
         Event *event)
{
  if (self->lag == NULL)
    self->lag = g_steal_pointer (&event->lag);
  else if (event->lag != NULL)
    lds_histogram_add (self->lag, event->lag);
  /* What is within a step of the probe is on time. */
  self->owed_ns = event->behind_ns > PROBE_NS ? event->behind_ns : 0;
}

/* Puts the event that is held where it belongs, and holds none. */
static void
settle (LdsServerStats *self)
{
  Event *event = &self->held;
  gint64 middle_ns = event->t_ns - event->interval_ns / 2;
  gboolean begun = event->t_ns != 0 && self->begin_ns != 0 && middle_ns >= self->begin_ns;
  gboolean ended = self->end_ns != 0 && middle_ns >= self->end_ns;

  /* An interval belongs to where most of it lies. A loop that stood still when the measured one
   * ended tells how late that made it when it has come round, which is too late and still of it. */
  if (begun && ended && self->owed_ns > 0)
    add_lag (self, event);
  if (begun && !ended)
    {
      add_lag (self, event);
      if (event->gil_wait_ns >= 0 && self->gil_wait_ns >= 0)
        {
          self->waited_ns = (isnan (self->waited_ns) ? 0 : self->waited_ns) +
                            (double)MAX (event->gil_wait_ns - self->gil_wait_ns, 0);
          self->heard_ns += (double)event->interval_ns;
        }
      self->max_queue_depth = fmax (self->max_queue_depth, (double)event->queue_depth);
      for (guint i = 0; i < N_WORKS; i++)
        {
          self->works[i].rounds += MAX (event->works[i].rounds - self->worked[i].rounds, 0);
          self->works[i].cpu_ns += MAX (event->works[i].cpu_ns - self->worked[i].cpu_ns, 0);
        }
    }
  if (event->t_ns != 0)
    {
      self->gil_wait_ns = event->gil_wait_ns;
      memcpy (self->worked, event->works, sizeof self->worked);
    }
  lds_histogram_free (event->lag);
  *event = (Event){0};
}

gboolean
lds_server_stats_take (LdsServerStats *self,
                       JsonObject *object,
                       GError **error)
{
  Event event = {0};

  g_return_val_if_fail (self != NULL && object != NULL, FALSE);

  if (!parse (&event, object, error))
    return FALSE;
  settle (self);
  self->held = event;
  self->queue_depth = (double)event.queue_depth;
  self->gil_waiting = event.gil_wait_ns >= 0 && self->gil_wait_ns >= 0 && event.interval_ns > 0
                          ? (double)MAX (event.gil_wait_ns - self->gil_wait_ns, 0) /
                                (double)event.interval_ns
                          : NAN;
  self->lag_p99_ns = event.lag != NULL && event.lag->total > 0
                         ? (double)lds_histogram_quantile_ns (event.lag, 0.99)
                         : NAN;
  if (event.behind_ns > PROBE_NS)
    self->lag_p99_ns = fmax (self->lag_p99_ns, (double)event.behind_ns);
  return TRUE;
}

void
lds_server_stats_begin (LdsServerStats *self,
                        gint64 t_ns)
{
  g_return_if_fail (self != NULL);

  self->begin_ns = t_ns;
}

void
lds_server_stats_end (LdsServerStats *self,
                      gint64 t_ns)
{
  g_return_if_fail (self != NULL);

  if (self->end_ns == 0)
    self->end_ns = t_ns;
}

double
lds_server_stats_get_lag_p99_ns (LdsServerStats *self)
{
  g_return_val_if_fail (self != NULL, NAN);

  return self->lag_p99_ns;
}

double
lds_server_stats_get_gil_waiting (LdsServerStats *self)
{
  g_return_val_if_fail (self != NULL, NAN);

  return self->gil_waiting;
}

double
lds_server_stats_get_queue_depth (LdsServerStats *self)
{
  g_return_val_if_fail (self != NULL, NAN);

  return self->queue_depth;
}

/* Rounds a second of CPU time; NaN when there were none. */
static double
get_pace_hz (const Work *work)
{
  return work->rounds > 0 && work->cpu_ns > 0
             ? (double)work->rounds / (double)work->cpu_ns * LDS_NS_PER_S
             : NAN;
}

void
lds_server_stats_apply (LdsServerStats *self,
                        LdsRun *run)
{
  g_return_if_fail (self != NULL && run != NULL);

  settle (self);
  /* A loop that never came round is at least this late. */
  if (self->owed_ns > 0 && self->lag == NULL)
    self->lag = lds_histogram_new ();
  for (; self->owed_ns > 0 && self->lag != NULL; self->owed_ns -= PROBE_NS)
    lds_histogram_record (self->lag, self->owed_ns);
  lds_histogram_free (run->loop_lag);
  run->loop_lag = g_steal_pointer (&self->lag);
  run->gil_waiting = self->heard_ns > 0 ? self->waited_ns / self->heard_ns : NAN;
  run->max_queue_depth = self->max_queue_depth;
  run->broad_pace_hz = get_pace_hz (&self->works[0]);
  run->narrow_pace_hz = get_pace_hz (&self->works[1]);
}
