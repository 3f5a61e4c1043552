/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one table of metrics. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-metric.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-bench-json.h"
#include "lds-clock.h"

/* Fewer answers than this leave too few beyond p99.9. Source: METHOD, rule 17: ten of them. */
#define MIN_SAMPLES_P99_9 10000
/* As for LDS_METRIC_MIN_SAMPLES_P99. */
#define MIN_SAMPLES_P90 10

static double
sample_throughput (const LdsSample *sample)
{
  return sample->rate_hz;
}

static double
sample_p50 (const LdsSample *sample)
{
  return sample->p50_ns;
}

static double
sample_p99 (const LdsSample *sample)
{
  return sample->p99_ns;
}

static double
sample_errors (const LdsSample *sample)
{
  double all = sample->rate_hz + sample->error_rate_hz;

  return all > 0 ? sample->error_rate_hz / all : NAN;
}

static double
sample_rss (const LdsSample *sample)
{
  return sample->rss_bytes;
}

static double
sample_pss (const LdsSample *sample)
{
  return sample->pss_bytes;
}

static double
sample_server_cpu (const LdsSample *sample)
{
  return sample->server_cpu_cores;
}

static double
sample_client_cpu (const LdsSample *sample)
{
  return sample->client_cpu_cores;
}

static double
sample_processes (const LdsSample *sample)
{
  return sample->n_processes > 0 ? sample->n_processes : NAN;
}

static double
sample_threads (const LdsSample *sample)
{
  return sample->n_threads > 0 ? sample->n_threads : NAN;
}

static double
sample_loop_lag (const LdsSample *sample)
{
  return sample->loop_lag_p99_ns;
}

static double
sample_gil_waiting (const LdsSample *sample)
{
  return sample->gil_waiting;
}

static double
sample_queue_depth (const LdsSample *sample)
{
  return sample->queue_depth;
}

static double
sample_files (const LdsSample *sample)
{
  return sample->n_files;
}

static double
sample_switches (const LdsSample *sample)
{
  return sample->voluntary_switches_hz + sample->involuntary_switches_hz;
}

static double
sample_involuntary_switches (const LdsSample *sample)
{
  return sample->involuntary_switches_hz;
}

static double
sample_deliveries (const LdsSample *sample)
{
  return sample->deliveries_hz;
}

static double
sample_delivery_p50 (const LdsSample *sample)
{
  return sample->delivery_p50_ns;
}

static double
sample_delivery_p99 (const LdsSample *sample)
{
  return sample->delivery_p99_ns;
}

static double
quantile (const LdsHistogram *histogram,
          double q,
          guint64 min_samples)
{
  if (histogram == NULL || histogram->total < MAX (min_samples, 1))
    return NAN;
  return (double)lds_histogram_quantile_ns (histogram, q);
}

static double
run_throughput (const LdsRun *run)
{
  return run->achieved_rate_hz;
}

static double
run_p50 (const LdsRun *run)
{
  return quantile (run->response, 0.5, 1);
}

static double
run_p90 (const LdsRun *run)
{
  return quantile (run->response, 0.9, MIN_SAMPLES_P90);
}

static double
run_p99 (const LdsRun *run)
{
  return quantile (run->response, 0.99, LDS_METRIC_MIN_SAMPLES_P99);
}

static double
run_p99_9 (const LdsRun *run)
{
  return quantile (run->response, 0.999, MIN_SAMPLES_P99_9);
}

static double
run_service_p99 (const LdsRun *run)
{
  return quantile (run->service, 0.99, LDS_METRIC_MIN_SAMPLES_P99);
}

static double
run_errors (const LdsRun *run)
{
  double all = (double)run->requests + (double)run->errors;

  return all > 0 ? (double)run->errors / all : NAN;
}

static double
run_base_rss (const LdsRun *run)
{
  return run->base_rss_bytes;
}

static double
run_peak_rss (const LdsRun *run)
{
  return run->peak_rss_bytes;
}

static double
run_peak_pss (const LdsRun *run)
{
  return run->peak_pss_bytes;
}

static double
run_server_cpu (const LdsRun *run)
{
  return run->duration_s > 0 ? run->server_cpu_s / run->duration_s : NAN;
}

static double
run_client_cpu (const LdsRun *run)
{
  return run->duration_s > 0 ? run->client_cpu_s / run->duration_s : NAN;
}

static double
run_cpu_per_request (const LdsRun *run)
{
  /* What is asked beside takes a part of it that is not known. */
  if (run->spec.workload->beside.connections > 0)
    return NAN;
  return run->requests > 0 ? run->server_cpu_s * (double)LDS_NS_PER_S / (double)run->requests : NAN;
}

/* The most that any sample of the measured interval shows. */
static double
run_peak (const LdsRun *run,
          double (*of_sample) (const LdsSample *sample))
{
  double peak = NAN;

  for (guint i = 0; run->samples != NULL && i < run->samples->len; i++)
    {
      const LdsSample *sample = &g_array_index (run->samples, LdsSample, i);

      if (sample->phase == LDS_PHASE_MEASURE)
        peak = fmax (peak, of_sample (sample));
    }
  return peak;
}

static double
run_processes (const LdsRun *run)
{
  return run_peak (run, sample_processes);
}

static double
run_threads (const LdsRun *run)
{
  return run_peak (run, sample_threads);
}

static double
run_files (const LdsRun *run)
{
  return run_peak (run, sample_files);
}

/* The mean over the measured interval. */
static double
run_mean (const LdsRun *run,
          double (*of_sample) (const LdsSample *sample))
{
  double sum = 0;
  guint n = 0;

  for (guint i = 0; run->samples != NULL && i < run->samples->len; i++)
    {
      const LdsSample *sample = &g_array_index (run->samples, LdsSample, i);
      double value = of_sample (sample);

      if (sample->phase != LDS_PHASE_MEASURE || !isfinite (value))
        continue;
      sum += value;
      n++;
    }
  return n > 0 ? sum / n : NAN;
}

static double
run_switches (const LdsRun *run)
{
  return run_mean (run, sample_switches);
}

static double
run_involuntary_switches (const LdsRun *run)
{
  return run_mean (run, sample_involuntary_switches);
}

/* What the load made of it, shared among its connections. */
static double
run_rss_per_connection (const LdsRun *run)
{
  double grown_bytes = run->peak_rss_bytes - run->base_rss_bytes;

  if (run->spec.connections == 0 || !isfinite (grown_bytes)) /* fmax() would make 0 of NaN */
    return NAN;
  return fmax (grown_bytes, 0) / run->spec.connections;
}

/* Of the processes that a server of several has, the second and those after it are its workers. */
static double
run_rss_per_worker (const LdsRun *run)
{
  double sum = 0;

  if (run->processes->len < 2)
    return NAN;
  for (guint i = 1; i < run->processes->len; i++)
    sum += g_array_index (run->processes, LdsProcessUsage, i).peak_rss_bytes;
  return sum / (run->processes->len - 1);
}

static double
run_loop_lag_p50 (const LdsRun *run)
{
  return quantile (run->loop_lag, 0.5, 1);
}

static double
run_loop_lag_p99 (const LdsRun *run)
{
  return quantile (run->loop_lag, 0.99, LDS_METRIC_MIN_SAMPLES_P99);
}

static double
run_loop_lag_max (const LdsRun *run)
{
  return quantile (run->loop_lag, 1, 1);
}

static double
run_gil_waiting (const LdsRun *run)
{
  return run->gil_waiting;
}

static double
run_queue_depth (const LdsRun *run)
{
  return run->max_queue_depth;
}

static double
run_start_up (const LdsRun *run)
{
  return run->start_up_ms * (double)LDS_NS_PER_MS;
}

/* A number of what the load generator says of @part of itself; NaN where it says nothing. */
static double
load_figure (const LdsRun *run,
             const char *part,
             const char *figures,
             const char *name)
{
  JsonObject *object = run->load_result;

  if (object != NULL && part != NULL)
    object = lds_json_get_object (object, part, NULL);
  if (object != NULL && figures != NULL)
    object = lds_json_get_object (object, figures, NULL);
  return object != NULL ? lds_bench_json_get_number (object, name, NULL) : NAN;
}

static double
run_delivery_p50 (const LdsRun *run)
{
  return quantile (run->delivery, 0.5, 1);
}

static double
run_delivery_p99 (const LdsRun *run)
{
  return quantile (run->delivery, 0.99, LDS_METRIC_MIN_SAMPLES_P99);
}

static double
run_delivery_p99_9 (const LdsRun *run)
{
  return quantile (run->delivery, 0.999, MIN_SAMPLES_P99_9);
}

static double
run_deliveries (const LdsRun *run)
{
  double deliveries = load_figure (run, "stream", NULL, "deliveries");

  return run->duration_s > 0 ? deliveries / run->duration_s : NAN;
}

static double
run_reach (const LdsRun *run)
{
  return load_figure (run, "stream", NULL, "reach");
}

static double
run_missed_ticks (const LdsRun *run)
{
  return load_figure (run, "stream", NULL, "missed_ticks");
}

/* Only where a handshake is part of it: elsewhere connecting says nothing of the server. */
static double
run_handshake_p99 (const LdsRun *run)
{
  if (isnan (run_reach (run)))
    return NAN;
  return load_figure (run, NULL, "connect_us", "p99") * (double)LDS_NS_PER_US;
}

/* id, JSON key, title, short title, unit, lower is better, logarithmic axis, along a run, of a run */
static const LdsMetric metrics[] = {
    {"throughput", "throughput_hz", N_ ("Throughput"), N_ ("Throughput"),
     LDS_UNIT_RATE_HZ, FALSE, FALSE, sample_throughput, run_throughput},
    {"p50", "p50_ns", N_ ("Response time, p50"), N_ ("p50"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, sample_p50, run_p50},
    {"p90", "p90_ns", N_ ("Response time, p90"), N_ ("p90"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, NULL, run_p90},
    {"p99", "p99_ns", N_ ("Response time, p99"), N_ ("p99"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, sample_p99, run_p99},
    {"p99_9", "p99_9_ns", N_ ("Response time, p99.9"), N_ ("p99.9"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, NULL, run_p99_9},
    {"service_p99", "service_p99_ns", N_ ("Service time, p99"), N_ ("Service p99"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, NULL, run_service_p99},
    {"errors", "errors_fraction", N_ ("Errors"), N_ ("Errors"),
     LDS_UNIT_FRACTION, TRUE, FALSE, sample_errors, run_errors},
    {"cpu_per_request", "cpu_per_request_ns", N_ ("Server CPU per request"), N_ ("CPU/request"),
     LDS_UNIT_DURATION_NS, TRUE, FALSE, NULL, run_cpu_per_request},
    {"server_cpu", "server_cpu_cores", N_ ("Server CPU"), N_ ("Server CPU"),
     LDS_UNIT_CORES, TRUE, FALSE, sample_server_cpu, run_server_cpu},
    {"client_cpu", "client_cpu_cores", N_ ("Load generator CPU"), N_ ("Client CPU"),
     LDS_UNIT_CORES, TRUE, FALSE, sample_client_cpu, run_client_cpu},
    {"rss", "rss_bytes", N_ ("Memory, RSS of all processes, peak"), N_ ("RSS"),
     LDS_UNIT_BYTES, TRUE, FALSE, sample_rss, run_peak_rss},
    {"pss", "pss_bytes", N_ ("Memory, PSS of all processes, peak"), N_ ("PSS"),
     LDS_UNIT_BYTES, TRUE, FALSE, sample_pss, run_peak_pss},
    {"base_rss", "base_rss_bytes", N_ ("Memory before load, RSS of all processes"), N_ ("Base RSS"),
     LDS_UNIT_BYTES, TRUE, FALSE, NULL, run_base_rss},
    {"rss_per_connection", "rss_per_connection_bytes", N_ ("Memory that the load added, RSS per connection"), N_ ("RSS/connection"),
     LDS_UNIT_BYTES, TRUE, FALSE, NULL, run_rss_per_connection},
    {"rss_per_worker", "rss_per_worker_bytes", N_ ("Memory of a worker process, RSS, peak"), N_ ("RSS/worker"),
     LDS_UNIT_BYTES, TRUE, FALSE, NULL, run_rss_per_worker},
    {"processes", "processes_count", N_ ("Server processes"), N_ ("Processes"),
     LDS_UNIT_COUNT, TRUE, FALSE, sample_processes, run_processes},
    {"threads", "threads_count", N_ ("Server threads"), N_ ("Threads"),
     LDS_UNIT_COUNT, TRUE, FALSE, sample_threads, run_threads},
    {"files", "files_count", N_ ("Open file descriptors of the server, peak"), N_ ("Files"),
     LDS_UNIT_COUNT, TRUE, FALSE, sample_files, run_files},
    {"switches", "switches_hz", N_ ("Context switches of the server"), N_ ("Switches"),
     LDS_UNIT_RATE_HZ, TRUE, FALSE, sample_switches, run_switches},
    {"involuntary_switches", "involuntary_switches_hz", N_ ("Context switches of the server, involuntary"), N_ ("Inv. switches"),
     LDS_UNIT_RATE_HZ, TRUE, FALSE, sample_involuntary_switches, run_involuntary_switches},
    {"loop_lag_p50", "loop_lag_p50_ns", N_ ("Event-loop lag, p50"), N_ ("Loop lag p50"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, NULL, run_loop_lag_p50},
    {"loop_lag_p99", "loop_lag_p99_ns", N_ ("Event-loop lag, p99"), N_ ("Loop lag p99"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, sample_loop_lag, run_loop_lag_p99},
    {"loop_lag_max", "loop_lag_max_ns", N_ ("Event-loop lag, largest"), N_ ("Loop lag max"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, NULL, run_loop_lag_max},
    {"gil_waiting", "gil_waiting_count", N_ ("Threads waiting for the global lock, on average"), N_ ("Lock waiters"),
     LDS_UNIT_NONE, TRUE, FALSE, sample_gil_waiting, run_gil_waiting},
    {"queue_depth", "queue_depth_count", N_ ("Jobs waiting for a pool, peak"), N_ ("Queue depth"),
     LDS_UNIT_COUNT, TRUE, FALSE, sample_queue_depth, run_queue_depth},
    {"start_up", "start_up_ns", N_ ("Start-up time"), N_ ("Start-up"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, NULL, run_start_up},
    {"delivery_p50", "delivery_p50_ns", N_ ("Delivery to a member, p50"), N_ ("Delivery p50"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, sample_delivery_p50, run_delivery_p50},
    {"delivery_p99", "delivery_p99_ns", N_ ("Delivery to a member, p99"), N_ ("Delivery p99"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, sample_delivery_p99, run_delivery_p99},
    {"delivery_p99_9", "delivery_p99_9_ns", N_ ("Delivery to a member, p99.9"), N_ ("Delivery p99.9"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, NULL, run_delivery_p99_9},
    {"deliveries", "deliveries_hz", N_ ("Deliveries to members"), N_ ("Deliveries"),
     LDS_UNIT_RATE_HZ, FALSE, FALSE, sample_deliveries, run_deliveries},
    {"reach", "reach_fraction", N_ ("Reach: delivered of what was to be delivered"), N_ ("Reach"),
     LDS_UNIT_FRACTION, FALSE, FALSE, NULL, run_reach},
    {"missed_ticks", "missed_ticks_count", N_ ("Ticks missed, of all members together"), N_ ("Missed ticks"),
     LDS_UNIT_COUNT, TRUE, FALSE, NULL, run_missed_ticks},
    {"handshake_p99", "handshake_p99_ns", N_ ("Connecting with handshake, p99"), N_ ("Handshake p99"),
     LDS_UNIT_DURATION_NS, TRUE, TRUE, NULL, run_handshake_p99},
};

const LdsMetric *
lds_metric_list (guint *n_metrics)
{
  g_return_val_if_fail (n_metrics != NULL, NULL);

  *n_metrics = G_N_ELEMENTS (metrics);
  return metrics;
}

const LdsMetric *
lds_metric_find (const char *id)
{
  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (metrics); i++)
    if (strcmp (metrics[i].id, id) == 0)
      return &metrics[i];
  return NULL;
}

double
lds_metric_slo_p99_ns (const LdsRun *run)
{
  g_return_val_if_fail (run != NULL, NAN);

  return fmax (quantile (run->response, 0.99, 1), quantile (run->delivery, 0.99, 1));
}
