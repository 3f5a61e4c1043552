/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rate of an open loop over time, and when each request of it is due: closed forms, in ns.
 *
 * A schedule is a row of segments. In each the rate is constant or changes evenly, a ramp; steps are
 * segments of different rates. Its integral over time is the number of requests due before an offset,
 * and the inverse of that says when a request is due: request k when the integral reaches k. Both
 * look at nothing that came before, so no error adds up, and at the joint of two segments the
 * requests follow on each other as within one.
 *
 * Rates are taken to the nearest nanohertz. Numbers of requests are then sums of whole numbers, and the
 * dust of binary fractions never decides whether one more request is due at an end or a joint.
 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define LDS_LOAD_MAX_SEGMENTS    64
#define LDS_LOAD_MAX_RATE_HZ     1e7
#define LDS_LOAD_MIN_RATE_HZ     1e-3 /* but 0 is allowed */
#define LDS_LOAD_MAX_DURATION_MS (24 * 3600 * 1000)

typedef struct
{
  double from_hz; /* 0, or LDS_LOAD_MIN_RATE_HZ to LDS_LOAD_MAX_RATE_HZ; as is to_hz */
  double to_hz;   /* at its end: equal to from_hz when the rate is constant */
  gint64 duration_ns;
} LdsLoadSegment;

/* Immutable: any thread may ask. */
typedef struct _LdsLoadSchedule LdsLoadSchedule;

/**
 * lds_load_schedule_new:
 * @n_segments: 1 to LDS_LOAD_MAX_SEGMENTS
 *
 * Returns: (transfer full): the schedule; or %NULL with LDS_ERROR_INPUT when all rates are 0, or a rate
 *   or a duration is out of its limits: each at least 1 ms, together LDS_LOAD_MAX_DURATION_MS at most
 */
LdsLoadSchedule *lds_load_schedule_new (const LdsLoadSegment *segments,
                                        guint n_segments,
                                        GError **error);

/**
 * lds_load_schedule_from_json:
 * @plan: its “schedule”, or else its “rate_hz”, is read
 * @duration_ns: of the plan, for a “rate_hz” alone
 *
 * Returns: (transfer full) (nullable): the schedule; %NULL with LDS_ERROR_INPUT naming the member, or
 *   without an error for a closed loop: neither member, or a “rate_hz” of 0
 */
LdsLoadSchedule *lds_load_schedule_from_json (JsonObject *plan,
                                              gint64 duration_ns,
                                              GError **error);

/** Returns: (transfer full): the segments, as “schedule” of a plan has them */
JsonArray *lds_load_schedule_to_json (const LdsLoadSchedule *self);

void lds_load_schedule_free (LdsLoadSchedule *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsLoadSchedule, lds_load_schedule_free)

guint lds_load_schedule_get_n_segments (const LdsLoadSchedule *self);
const LdsLoadSegment *lds_load_schedule_get_segment (const LdsLoadSchedule *self, guint index);
gint64 lds_load_schedule_get_duration_ns (const LdsLoadSchedule *self);

/** Whether it is one segment of one rate. */
gboolean lds_load_schedule_is_constant (const LdsLoadSchedule *self);

/** The integral over the whole schedule; requests 0, 1, 2, ... below it are due. */
double lds_load_schedule_get_requests (const LdsLoadSchedule *self);

/** Requests a second over the whole schedule. */
double lds_load_schedule_get_mean_rate_hz (const LdsLoadSchedule *self);

/** The highest rate at any time. */
double lds_load_schedule_get_peak_rate_hz (const LdsLoadSchedule *self);

/** What to warm up with: the rate that the schedule begins with, or a tenth of its peak if that is 0. */
double lds_load_schedule_warm_up_rate_hz (const LdsLoadSchedule *self);

/** The segment of an offset. A joint belongs to the later one; what is out of range, to the nearest. */
guint lds_load_schedule_segment_at (const LdsLoadSchedule *self, gint64 t_ns);

/** The rate at an offset; 0 before the start, and from the end on. */
double lds_load_schedule_rate_at (const LdsLoadSchedule *self, gint64 t_ns);

/** The integral from the start to an offset: the number of requests due before it, as a real number. */
double lds_load_schedule_requests_until (const LdsLoadSchedule *self, gint64 t_ns);

/**
 * lds_load_schedule_time_of:
 * @x: at least 0
 *
 * The inverse of lds_load_schedule_requests_until(): the offset at which request @x is due, to the
 * nearest ns that lies within the segment of that request.
 *
 * Returns 0 to the duration - 1; or INT64_MAX when the schedule ends before.
 */
gint64 lds_load_schedule_time_of (const LdsLoadSchedule *self, double x);

/**
 * lds_load_schedule_time_of_next:
 * @segment: (inout): 0 at first; then what the call before left, as long as @x does not fall
 *
 * As lds_load_schedule_time_of(), without searching.
 */
gint64 lds_load_schedule_time_of_next (const LdsLoadSchedule *self, double x, guint *segment);

G_END_DECLS
