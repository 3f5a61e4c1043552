/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Little's law: what is in flight is the rate times the time that each takes, N = X R. Figures that stand
 * beside each other are checked by it without a run.
 * Source: Little, "A Proof for the Queuing Formula L = λW", Operations Research 9 (1961), 383-387; METHOD rule 11. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Figures are printed with two or three digits; what is nearer than this agrees. Ours. */
#define LDS_LITTLE_TOLERANCE 0.05

/* So many requests in so much time, and the rate that is printed beside it. */
typedef struct
{
  double requests;    /* above 0 */
  double time_s;      /* above 0: as printed; of all, or the mean of each */
  double rate_hz;     /* above 0: as printed */
  double connections; /* above 0: each with one request in flight */
} LdsLittleTotal;

/* The readings of a total. */
typedef struct
{
  double all_hz;      /* the rate if time_s is that of all requests together */
  double each_hz;     /* the rate if it is the mean of each: connections / time_s */
  gboolean all_fits;  /* the printed rate is that */
  gboolean each_fits; /* likewise */
} LdsLittleReadings;

/* So many users, with ranges of rate and mean latency that are said of them. */
typedef struct
{
  double n; /* above 0 */
  double rate_low_hz;
  double rate_high_hz;
  double latency_low_s;
  double latency_high_s;
} LdsLittleUsers;

typedef struct
{
  double latency_low_s;  /* that n users who always wait see at the highest rate */
  double latency_high_s; /* and at the lowest */
  double in_flight_fast; /* users who wait at a time, by the highest rate and the lowest latency */
  double in_flight_slow; /* and by the lowest rate and the highest latency */
  gboolean fits;         /* the latencies that follow lie within those that are said */
} LdsLittleVerdict;

/** Returns the readings of @total and which of them its rate fits, to LDS_LITTLE_TOLERANCE. */
LdsLittleReadings lds_little_read (const LdsLittleTotal *total);

/** Returns what follows for @users, and whether it fits what is said of them, to LDS_LITTLE_TOLERANCE. */
LdsLittleVerdict lds_little_check (const LdsLittleUsers *users);

/** Returns: (transfer full): the same in a sentence, translated */
char *lds_little_dup_total_text (const LdsLittleTotal *total);
char *lds_little_dup_users_text (const LdsLittleUsers *users);

G_END_DECLS
