/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a run may be believed. */
#define G_LOG_DOMAIN "lds-load"

#include "config.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <math.h>

#include "lds-clock.h"
#include "lds-format.h"
#include "lds-load-summary.h"

/* Delayed acknowledgements hold an answer back for about 40 ms.
 * Source: Linux, include/net/tcp.h, TCP_DELACK_MIN (HZ/25). */
#define PLATEAU_FROM_NS  (38 * LDS_NS_PER_MS)
#define PLATEAU_TO_NS    (45 * LDS_NS_PER_MS)
#define PLATEAU_SHARE    0.1
#define PLATEAU_CONTRAST 4
/* How far N and X * R may be apart, beside what the ends of the interval explain. */
#define LITTLE_TOLERANCE 0.1

static void
finding_free (gpointer data)
{
  LdsLoadFinding *finding = data;

  g_free (finding->text);
  g_free (finding);
}

static void
add (GPtrArray *findings,
     const char *code,
     char *text)
{
  LdsLoadFinding *finding = g_new (LdsLoadFinding, 1);

  finding->code = code;
  finding->text = text;
  g_ptr_array_add (findings, finding);
}

double
lds_load_summary_cpu_s (const LdsLoadSummary *summary)
{
  double sum = 0;

  for (guint i = 0; i < summary->n_threads; i++)
    sum += summary->threads[i].cpu_s;
  return sum;
}

double
lds_load_summary_cpu_fraction (const LdsLoadSummary *summary)
{
  double busiest = 0;

  for (guint i = 0; i < summary->n_threads; i++)
    busiest = fmax (busiest, summary->threads[i].cpu_fraction);
  return busiest;
}

double
lds_load_summary_achieved_rate (const LdsLoadSummary *summary)
{
  return summary->duration_s > 0 ? (double)summary->total->done / summary->duration_s : 0;
}

static gboolean
is_listening (const LdsLoadSummary *summary)
{
  return summary->plan->stream.mode == LDS_LOAD_STREAM_LISTEN;
}

guint64
lds_load_summary_expected (const LdsLoadSummary *summary)
{
  switch (summary->plan->stream.mode)
    {
    case LDS_LOAD_STREAM_ECHO:
      return summary->total->messages;
    case LDS_LOAD_STREAM_BROADCAST:
      return summary->total->messages * summary->n_members;
    case LDS_LOAD_STREAM_LISTEN:
      return summary->most * summary->n_members;
    case LDS_LOAD_STREAM_NONE:
    default:
      return 0;
    }
}

double
lds_load_summary_reach (const LdsLoadSummary *summary)
{
  guint64 expected = lds_load_summary_expected (summary);

  return expected > 0 ? (double)summary->total->deliveries / (double)expected : 0;
}

/* Requests of the measured interval, whatever became of them. */
static guint64
count_all (const LdsLoadSummary *summary)
{
  return summary->total->done + lds_load_tally_failures (summary->total) +
         summary->total->unanswered;
}

double
lds_load_summary_rate_ratio (const LdsLoadSummary *summary)
{
  guint64 all = count_all (summary);

  if (summary->plan->rate_hz <= 0)
    return 1;
  /* What was due, not what the rate says: with Poisson arrivals their number varies by chance. */
  return all > 0 ? (double)summary->total->done / (double)all : 0;
}

double
lds_load_summary_error_rate (const LdsLoadSummary *summary)
{
  guint64 failures = lds_load_tally_failures (summary->total);
  guint64 good = is_listening (summary) ? summary->total->deliveries : summary->total->done;
  guint64 ended = good + failures;

  return ended > 0 ? (double)failures / (double)ended : 0;
}

static void
add_rate_reason (GPtrArray *reasons,
                 const LdsLoadSummary *summary)
{
  double ratio = lds_load_summary_rate_ratio (summary);
  g_autofree char *achieved = NULL, *target = NULL;

  /* Of a run that was ended early, what was in flight is no sign of a missed rate. */
  if (summary->ended_early && summary->total->done + summary->total->unanswered >=
                                  LDS_LOAD_MIN_RATE_RATIO * (double)count_all (summary))
    return;
  if (ratio >= LDS_LOAD_MIN_RATE_RATIO)
    return;
  achieved = lds_format_value (lds_load_summary_achieved_rate (summary), LDS_UNIT_RATE_HZ);
  target = lds_format_value (summary->plan->rate_hz, LDS_UNIT_RATE_HZ);
  add (reasons, "rate-missed",
       g_strdup_printf (/* Translators: rates with their units, a percentage */
                        _ ("Only %s of the %s asked for were answered well (%.1f %%), so the figures are not those of that rate. Use a lower rate."),
                        achieved, target, ratio * 100));
}

static void
add_reach_reason (GPtrArray *reasons,
                  const LdsLoadSummary *summary)
{
  double reach = lds_load_summary_reach (summary);

  if ((summary->plan->stream.mode != LDS_LOAD_STREAM_BROADCAST && !is_listening (summary)) ||
      summary->ended_early || reach >= LDS_LOAD_MIN_REACH)
    return;
  add (reasons, "reach",
       g_strdup_printf (_ ("Only %.1f %% of what was to reach the %u members did within the time-out, and at least %.0f %% must: the server dropped or delayed it. Use fewer members or a lower rate."),
                        reach * 100, summary->n_members, LDS_LOAD_MIN_REACH * 100));
}

static void
add_lag_reason (GPtrArray *reasons,
                const LdsHistogram *lag)
{
  guint64 n_late =
      lag->total - lds_histogram_count_at_or_below (lag, LDS_LOAD_MAX_LAG_P99_NS);
  g_autofree char *worst = NULL;

  /* Of fewer than 100 sends the p99 is the latest: one that was late by chance tells nothing of the
   * others. Its lateness is part of its response time all the same. */
  if (n_late < 2 || lds_histogram_quantile_ns (lag, 0.99) <= LDS_LOAD_MAX_LAG_P99_NS)
    return;
  worst = lds_format_value ((double)lds_histogram_quantile_ns (lag, 0.99), LDS_UNIT_DURATION_NS);
  add (reasons, "schedule-lag",
       g_strdup_printf (/* Translators: a duration with its unit */
                        _ ("The load generator itself sent one request in a hundred %s late or later. Leave its core alone, use more client threads or a lower rate."),
                        worst));
}

/* Who asks beside the measured connections is what the figures are to show the effect of. */
static void
add_background_reason (GPtrArray *reasons,
                       const LdsLoadBackgroundFigures *figures)
{
  const LdsLoadBackgroundCount *askers = &figures->kinds[LDS_LOAD_BACKGROUND_ASKER];

  if (askers->asked == 0 || askers->answers > askers->non_2xx)
    return;
  add (reasons, "background-unanswered",
       askers->answers > 0
           ? g_strdup (_ ("What was asked beside was never answered well, so nothing can be seen of its effect. Check what the server answers to it."))
           : g_strdup (_ ("What was asked beside was never answered, so nothing can be seen of its effect. Measure longer, or ask for less at a time.")));
}

/* Returns: (nullable): why there are no figures */
static const char *
find_nothing (const LdsLoadSummary *summary)
{
  if (summary->duration_s > 0 && is_listening (summary) && summary->total->deliveries == 0)
    return summary->total->unstamped > 0
               ? _ ("Nothing was measured: messages came, but none said in “sent_ns” when this machine sent it. Listen to a server that does.")
               : _ ("Nothing was measured: no message came in the measured interval. Measure longer, or see whether the server sends.");
  if (summary->duration_s <= 0 || (!is_listening (summary) && count_all (summary) == 0))
    return _ ("Nothing was measured: the run ended before its measured interval held a request. Measure longer.");
  return NULL;
}

GPtrArray *
lds_load_summary_invalid_reasons (const LdsLoadSummary *summary)
{
  GPtrArray *reasons = g_ptr_array_new_with_free_func (finding_free);
  const LdsLoadTally *total = summary->total;
  double error_rate = lds_load_summary_error_rate (summary);
  const char *nothing = find_nothing (summary);

  if (nothing != NULL)
    {
      add (reasons, "nothing-measured", g_strdup (nothing));
      return reasons;
    }
  if (!summary->ended_early && summary->plan->count == 0 &&
      summary->duration_s <
          LDS_LOAD_MIN_DURATION_RATIO * (double)summary->plan->duration_ns / (double)LDS_NS_PER_S)
    add (
        reasons, "measured-short",
        g_strdup_printf (
            _ ("Only %.2f s of %.2f s were measured, for the load generator was held up before, as by making its connections. Use fewer connections or leave its core alone."),
            summary->duration_s, (double)summary->plan->duration_ns / (double)LDS_NS_PER_S));
  if (total->done == 0 && !is_listening (summary))
    add (reasons, "no-good-answer",
         g_strdup (_ ("Not one request was answered well. See the errors by kind.")));
  add_rate_reason (reasons, summary);
  add_reach_reason (reasons, summary);
  if (lds_load_summary_cpu_fraction (summary) > LDS_LOAD_MAX_CPU_FRACTION)
    add (reasons, "client-saturated",
         g_strdup_printf (_ ("The load generator used %.0f %% of its core, so the server was not the limit. Use more client threads or a lower rate."),
                          lds_load_summary_cpu_fraction (summary) * 100));
  if (total->failures[LDS_LOAD_WRONG_BODY] > 0)
    add (reasons, "wrong-body",
         g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%" PRIu64 " answer had not the expected body. Check what the server sends.",
                                       "%" PRIu64 " answers had not the expected body. Check what the server sends.",
                                       (gulong)total->failures[LDS_LOAD_WRONG_BODY]),
                          total->failures[LDS_LOAD_WRONG_BODY]));
  if (error_rate > LDS_LOAD_MAX_ERROR_RATE)
    add (reasons, "errors",
         g_strdup_printf (_ ("%.2f %% of the requests failed, and at most %.1f %% may. See the errors by kind."),
                          error_rate * 100, LDS_LOAD_MAX_ERROR_RATE * 100));
  if (summary->n_lost >
      LDS_LOAD_MAX_LOST_FRACTION * summary->plan->connections * summary->plan->pipeline)
    add (reasons, "server-gone",
         g_strdup_printf (_ ("At the end %u of %u connections could not be made any more: the server had gone or refused them. See why it ended."),
                          summary->n_lost / summary->plan->pipeline, summary->plan->connections));
  add_lag_reason (reasons, &total->lag);
  if (summary->background != NULL)
    add_background_reason (reasons, summary->background);
  return reasons;
}

static guint64
count_between (const LdsHistogram *histogram,
               gint64 from_ns,
               gint64 to_ns)
{
  return lds_histogram_count_at_or_below (histogram, to_ns) -
         lds_histogram_count_at_or_below (histogram, from_ns);
}

static void
warn_of_plateau (GPtrArray *warnings,
                 const LdsHistogram *service)
{
  gint64 width = PLATEAU_TO_NS - PLATEAU_FROM_NS;
  guint64 on = count_between (service, PLATEAU_FROM_NS, PLATEAU_TO_NS);
  guint64 beside = count_between (service, PLATEAU_FROM_NS - width, PLATEAU_FROM_NS) +
                   count_between (service, PLATEAU_TO_NS, PLATEAU_TO_NS + width);

  if ((double)on < PLATEAU_SHARE * (double)service->total || on < PLATEAU_CONTRAST * beside ||
      on == 0)
    return;
  add (warnings, "delayed-ack",
       g_strdup_printf (_ ("%.0f %% of the answers took 38 to 45 ms, the mark of delayed acknowledgements rather than of work: unless the server waits that long on purpose, let it set TCP_NODELAY and send head and body in one write."),
                        100.0 * (double)on / (double)service->total));
}

/* Little's law, N = X * (R + Z) with the think time Z, over the measured interval of a closed loop. */
static void
warn_of_little (GPtrArray *warnings,
                const LdsLoadSummary *summary)
{
  const LdsHistogram *response = &summary->total->response;
  double mean_s, expected, found, tolerance;

  if (summary->plan->rate_hz > 0 || response->total == 0 || summary->ended_early)
    return;
  mean_s =
      (lds_histogram_mean_ns (response) + (double)summary->plan->think_ns) / (double)LDS_NS_PER_S;
  expected = summary->plan->connections * summary->plan->pipeline;
  found = (double)response->total / summary->duration_s * mean_s;
  /* Every connection's last request runs beyond the interval, by one response time at the most. */
  tolerance = LITTLE_TOLERANCE + (double)(response->max_ns + summary->plan->think_ns) /
                                     (double)LDS_NS_PER_S / summary->duration_s;
  if (fabs (found / expected - 1) <= tolerance)
    return;
  add (warnings, "littles-law",
       g_strdup_printf (_ ("Rate times response time makes %.1f requests in flight, but there was room for %.0f: some of the time is not accounted for, as when connections were idle after failures."),
                        found, expected));
}

/* What the figures are to show the effect of was not there, or not to the end. */
static void
warn_of_background (GPtrArray *warnings,
                    const LdsLoadBackgroundFigures *figures)
{
  const LdsLoadBackgroundCount *idle = &figures->kinds[LDS_LOAD_BACKGROUND_IDLE];
  guint64 abandoned = 0;

  for (guint i = 0; i < LDS_LOAD_BACKGROUND_N_KINDS; i++)
    abandoned += figures->kinds[i].abandoned;
  if (abandoned > 0)
    add (warnings, "background-refused",
         g_strdup_printf (_ ("%" PRIu64 " of the background connections could not be made: the server, or this system, had no room for them."),
                          abandoned));
  if (idle->open_at_end + idle->abandoned < idle->asked)
    add (warnings, "background-closed",
         g_strdup_printf (_ ("Of %" PRIu64 " idle connections %" PRIu64 " were open at the end: the server closed some."),
                          idle->asked, idle->open_at_end));
}

/* Of what was asked and what was not what people would take it for. */
static void
warn_of_transport (GPtrArray *warnings,
                   const LdsLoadSummary *summary)
{
  const LdsLoadTransport *transport = &summary->plan->transport;

  if (transport->insecure)
    add (warnings, "not-verified",
         g_strdup (_ ("The server's certificate was not verified, so anybody may have answered in its place. Name its authority (“ca_file”) instead.")));
  if (transport->http_version != LDS_LOAD_HTTP_1_1 && summary->http_version != NULL &&
      *summary->http_version != '2')
    add (warnings, "http-version",
         g_strdup_printf (_ ("HTTP/2 was asked for, but the server answered in HTTP/%s: the figures are those of one request at a time on each connection."),
                          summary->http_version));
}

GPtrArray *
lds_load_summary_warnings (const LdsLoadSummary *summary)
{
  GPtrArray *warnings = g_ptr_array_new_with_free_func (finding_free);

  if (summary->duration_s > 0)
    {
      warn_of_plateau (warnings, &summary->total->service);
      warn_of_little (warnings, summary);
      warn_of_transport (warnings, summary);
    }
  if (summary->background != NULL)
    warn_of_background (warnings, summary->background);
  return warnings;
}
