/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of a load run as people read it on a terminal. */
#define G_LOG_DOMAIN "loadstone-cli"

#include "config.h"
#include "lds-cli-load-text.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lds-format.h"
#include "lds-histogram.h"
#include "lds-json.h"

static double
get (JsonObject *object,
     const char *member)
{
  return object != NULL ? lds_json_get_double (object, member, NAN, NULL) : NAN;
}

/* A duration of the result, which has them in microseconds. */
static char *
dup_duration (JsonObject *object,
              const char *member)
{
  return lds_format_value (get (object, member) * 1e3, LDS_UNIT_DURATION_NS);
}

/* A percentile of an interval's histogram; NaN when it is empty or not there. */
static double
get_quantile_ns (const LdsHistogram *histogram,
                 double quantile)
{
  return histogram != NULL && histogram->total > 0
             ? (double)lds_histogram_quantile_ns (histogram, quantile)
             : NAN;
}

char *
lds_cli_load_dup_live_line (JsonObject *frame)
{
  LdsHistogram *histogram = lds_histogram_new ();
  gboolean is_stream = json_object_has_member (frame, "delivery");
  const char *phase = lds_json_get_string (frame, "phase", "", NULL);
  double done = get (frame, is_stream ? "deliveries" : "done"), seconds = get (frame, "interval_ns") / 1e9;
  g_autofree char *rate = lds_format_value (seconds > 0 ? done / seconds : NAN, LDS_UNIT_RATE_HZ);
  g_autofree char *errors = lds_format_value (get (frame, "errors"), LDS_UNIT_COUNT);
  g_autofree char *p50 = NULL, *p99 = NULL;
  const char *name = strcmp (phase, "warm-up") == 0   ? _ ("Warming up")
                     : strcmp (phase, "measure") == 0 ? _ ("Measuring")
                                                      : _ ("Waiting for the last answers");

  if (histogram != NULL)
    lds_histogram_decode_add (
        histogram, lds_json_get_string (frame, is_stream ? "delivery" : "response", "", NULL));
  p50 = lds_format_value (get_quantile_ns (histogram, 0.5), LDS_UNIT_DURATION_NS);
  p99 = lds_format_value (get_quantile_ns (histogram, 0.99), LDS_UNIT_DURATION_NS);
  lds_histogram_free (histogram);
  if (is_stream)
    /* Translators: phase, rate, two durations, a count: "Measuring: 48.2 k/s delivered, delivery p50 1.2 ms …" */
    return g_strdup_printf (_ ("%s: %s delivered, delivery p50 %s, p99 %s, errors %s"), name, rate, p50, p99, errors);
  /* Translators: phase, rate, two durations, a count: "Measuring: 48.2 k/s, response time p50 1.2 ms …" */
  return g_strdup_printf (_ ("%s: %s, response time p50 %s, p99 %s, errors %s"), name, rate, p50, p99, errors);
}

static void
print_times (FILE *file,
             const char *title,
             JsonObject *times)
{
  g_autofree char *mean = dup_duration (times, "mean"), *p50 = dup_duration (times, "p50");
  g_autofree char *p90 = dup_duration (times, "p90"), *p99 = dup_duration (times, "p99");
  g_autofree char *max = dup_duration (times, "max");

  /* Translators: what is timed, then durations with their units */
  fprintf (file, _ ("  %-16s mean %s, p50 %s, p90 %s, p99 %s, max %s\n"), title, mean, p50, p90, p99, max);
}

/* A percentile needs ten values beyond it to say anything. */
static const struct
{
  const char *member;
  const char *title;
  guint64 min_requests;
} percentile_rows[] = {
    {"min", N_ ("least"), 1},
    {"p50", "50 %", 20},
    {"p75", "75 %", 40},
    {"p90", "90 %", 100},
    {"p99", "99 %", 1000},
    {"p99_9", "99.9 %", 10000},
    {"p99_99", "99.99 %", 100000},
    {"max", N_ ("most"), 1},
};

static void
print_percentiles (FILE *file,
                   JsonObject *result)
{
  JsonObject *response = lds_json_get_object (result, "latency_us", NULL);
  JsonObject *service = lds_json_get_object (result, "service_time_us", NULL);
  double requests = get (result, "requests");

  fprintf (file, "\n  %12s %18s %18s\n", _ ("Percentile"), _ ("Response time"), _ ("Service time"));
  for (guint i = 0; i < G_N_ELEMENTS (percentile_rows); i++)
    {
      gboolean enough = requests >= (double)percentile_rows[i].min_requests;
      g_autofree char *left = enough ? dup_duration (response, percentile_rows[i].member) : NULL;
      g_autofree char *right = enough ? dup_duration (service, percentile_rows[i].member) : NULL;
      const char *title = percentile_rows[i].title;

      title = g_ascii_isdigit (*title) ? title : _ (title);
      if (enough)
        fprintf (file, "  %12s %*s %*s\n", title, 18 + (int)(strlen (left) - (gsize)g_utf8_strlen (left, -1)), left,
                 18 + (int)(strlen (right) - (gsize)g_utf8_strlen (right, -1)), right);
      else
        fprintf (file, _ ("  %12s needs %" PRIu64 " requests\n"), title, percentile_rows[i].min_requests);
    }
}

/* "timeout 12, reset 3": the members of @counts that are not 0. */
static char *
dup_counts (JsonObject *counts)
{
  GString *text = g_string_new (NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (counts == NULL)
    return g_string_free (text, FALSE);
  json_object_iter_init_ordered (&iter, counts);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      gint64 count = lds_json_get_int (counts, name, 0, NULL);

      if (count > 0)
        g_string_append_printf (text, "%s%s %" G_GINT64_FORMAT, text->len > 0 ? ", " : "", name, count);
    }
  return g_string_free (text, FALSE);
}

static void
print_requests (FILE *file,
                JsonObject *result)
{
  g_autofree char *requests = lds_format_value (get (result, "requests"), LDS_UNIT_COUNT);
  g_autofree char *rate = lds_format_value (get (result, "achieved_rate"), LDS_UNIT_RATE_HZ);
  double seconds = get (result, "duration_s"), target = get (result, "target_rate");

  /* Translators: a count, then seconds */
  fprintf (file, _ ("  %-16s %s answered well in %.2f s\n"), _ ("Requests"), requests, seconds);
  if (target > 0)
    {
      g_autofree char *wanted = lds_format_value (target, LDS_UNIT_RATE_HZ);

      /* Translators: two rates, then a percentage */
      fprintf (file, _ ("  %-16s %s of %s asked for (%.2f %%)\n"), _ ("Rate"), rate, wanted,
               get (result, "rate_ratio") * 100);
    }
  else
    fprintf (file, "  %-16s %s\n", _ ("Rate"), rate);
  print_times (file, _ ("Response time"), lds_json_get_object (result, "latency_us", NULL));
  print_times (file, _ ("Service time"), lds_json_get_object (result, "service_time_us", NULL));
  if (target > 0 || get (result, "think_time_ms") > 0)
    print_times (file, _ ("Schedule lag"), lds_json_get_object (result, "schedule_lag_us", NULL));
}

static void
print_rest (FILE *file,
            JsonObject *result)
{
  g_autofree char *kinds = dup_counts (lds_json_get_object (result, "errors", NULL));
  g_autofree char *statuses = dup_counts (lds_json_get_object (result, "status_codes", NULL));
  g_autofree char *bytes = lds_format_value (get (result, "bytes_received"), LDS_UNIT_BYTES);
  g_autofree char *cpu = lds_format_value (get (result, "client_cpu_fraction"), LDS_UNIT_FRACTION);

  print_times (file, _ ("Connecting"), lds_json_get_object (result, "connect_us", NULL));
  if (*kinds != '\0')
    fprintf (file, "  %-16s %s\n", _ ("Errors"), kinds);
  if (*statuses != '\0')
    fprintf (file, "  %-16s %s\n", _ ("Status"), statuses);
  fprintf (file, "  %-16s %s\n", _ ("Received"), bytes);
  /* Translators: a percentage of one CPU core */
  fprintf (file, _ ("  %-16s %s of its core\n"), _ ("Client CPU"), cpu);
}

/* A row for each part of the requests: what it is, how many, how fast. */
static void
print_part (FILE *file,
            const char *title,
            JsonObject *part)
{
  JsonObject *times = lds_json_get_object (part, "latency_us", NULL);
  g_autofree char *requests = lds_format_value (get (part, "requests"), LDS_UNIT_COUNT);
  g_autofree char *errors = lds_format_value (get (part, "errors"), LDS_UNIT_COUNT);
  g_autofree char *p50 = dup_duration (times, "p50"), *p99 = dup_duration (times, "p99");
  g_autofree char *max = dup_duration (times, "max");

  /* Translators: a request or a step of a schedule, two counts, three durations with their units */
  fprintf (file, _ ("  %-24s %s answered well, errors %s, response time p50 %s, p99 %s, max %s\n"), title,
           requests, errors, p50, p99, max);
}

static void
print_parts (FILE *file,
             JsonObject *result)
{
  JsonArray *mix = lds_json_get_array (result, "mix", NULL);
  JsonArray *steps = lds_json_get_array (result, "steps", NULL);

  for (guint i = 0; mix != NULL && i < json_array_get_length (mix); i++)
    {
      JsonObject *part = json_array_get_object_element (mix, i);

      print_part (file, lds_json_get_string (part, "name", "", NULL), part);
    }
  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      g_autofree char *from = lds_format_value (get (step, "rate_hz"), LDS_UNIT_RATE_HZ);
      g_autofree char *to = lds_format_value (get (step, "to_hz"), LDS_UNIT_RATE_HZ);
      /* Translators: a ramp: the rates that it begins and ends with */
      g_autofree char *title =
          strcmp (from, to) == 0 ? g_strdup (from) : g_strdup_printf (_ ("%s to %s"), from, to);

      print_part (file, title, step);
    }
}

/* What connections of a stream received. */
static void
print_stream (FILE *file,
              JsonObject *stream)
{
  if (stream == NULL)
    return;
  /* Translators: counts, then a percentage */
  fprintf (file, _ ("  %-16s %.0f of %.0f expected (%.2f %%), to %.0f members\n"), _ ("Deliveries"),
           get (stream, "deliveries"), get (stream, "expected"), get (stream, "reach") * 100,
           get (stream, "members"));
  print_times (file, _ ("Delivery time"), lds_json_get_object (stream, "delivery_us", NULL));
  if (get (stream, "missed_ticks") > 0 || get (stream, "cut") > 0 || get (stream, "unstamped") > 0)
    fprintf (file, _ ("  %-16s missed ticks %.0f, connections cut %.0f, without a time %.0f\n"), _ ("Lost"),
             get (stream, "missed_ticks"), get (stream, "cut"), get (stream, "unstamped"));
}

/* What became of the connections beside the measured ones. */
static void
print_background (FILE *file,
                  JsonObject *background)
{
  static const struct
  {
    const char *member;
    const char *title;
  } kinds[] = {
      {"idle", N_ ("Idle")},
      {"slow_readers", N_ ("Slow readers")},
      {"slow_senders", N_ ("Slow senders")},
      {"askers", N_ ("Askers")}};

  for (guint i = 0; background != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      JsonObject *kind = lds_json_get_object (background, kinds[i].member, NULL);

      if (kind == NULL || get (kind, "asked") <= 0)
        continue;
      /* Translators: a kind of connections, then counts */
      fprintf (file, _ ("  %-16s %.0f asked for, open at the end %.0f, closed by the server %.0f, answers %.0f, cut off %.0f\n"),
               _ (kinds[i].title), get (kind, "asked"), get (kind, "open_at_end"),
               get (kind, "closed_by_server"), get (kind, "answers"), get (kind, "cut_off"));
    }
}

static void
print_findings (FILE *file,
                const char *title,
                JsonArray *findings)
{
  for (guint i = 0; findings != NULL && i < json_array_get_length (findings); i++)
    {
      JsonObject *finding = json_array_get_object_element (findings, i);

      fprintf (file, "%s: %s\n", title, lds_json_get_string (finding, "text", "", NULL));
    }
}

void
lds_cli_load_print_result (FILE *file,
                           JsonObject *result,
                           gboolean percentiles)
{
  const char *mode = lds_json_get_string (result, "mode", "", NULL);
  gboolean is_listening = strcmp (mode, "listen") == 0;

  /* Translators: open or closed loop, or listening; then counts and the engine's name */
  fprintf (file, _ ("%s, connections: %.0f, client threads: %.0f, engine: %s\n"),
           is_listening                 ? _ ("Listening")
           : strcmp (mode, "open") == 0 ? _ ("Open loop")
                                        : _ ("Closed loop"),
           get (result, "connections"),
           get (result, "threads"), lds_json_get_string (result, "engine", "", NULL));
  if (!is_listening)
    print_requests (file, result);
  print_stream (file, lds_json_get_object (result, "stream", NULL));
  print_rest (file, result);
  print_parts (file, result);
  print_background (file, lds_json_get_object (result, "background", NULL));
  if (percentiles && !is_listening)
    print_percentiles (file, result);
  fputc ('\n', file);
  if (lds_json_get_boolean (result, "ended_early", FALSE, NULL))
    fputs (_ ("Ended early: this is what was measured up to then.\n"), file);
  print_findings (file, _ ("Warning"), lds_json_get_array (result, "warnings", NULL));
  print_findings (file, _ ("Invalid"), lds_json_get_array (result, "invalid_reasons", NULL));
  if (lds_json_get_boolean (result, "valid", FALSE, NULL))
    fputs (_ ("Valid.\n"), file);
}
