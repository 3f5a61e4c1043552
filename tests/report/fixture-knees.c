/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions of adaptive plans on made-up servers: each search goes where the real one would go. */
#include "fixture.h"

#include <math.h>

#include "lds-clock.h"
#include "lds-search.h"

/* What a made-up server does: rates below its capacity are kept, the p99 grows towards it as in a queue. */
typedef struct
{
  double capacity_hz;
  double p99_ns;        /* at little load */
  double client_max_hz; /* above it the load generator is the limit; 0 = nowhere */
  double alpha, beta;   /* of its series */
  gboolean is_silent;   /* dies before it answers */
} Server;

/* By workload, then lane. The second: found, below the limit at any rate, given up. */
static const Server servers[2][3] = {
    {{48000, 0.9e6, 0, 0.02, 0.0004, FALSE},
     {21500, 1.6e6, 0, 0.08, 0.0015, FALSE},
     {38000, 1.2e6, 30500, 0.04, 0, FALSE}},
    {{930, 2.4e6, 0, 0.9, 0.002, FALSE},
     {800, 85e6, 0, 0.92, 0.001, FALSE},
     {850, 2.1e6, 0, 0.9, 0, TRUE}},
};

static void
add_samples (LdsRun *run,
             guint nth_lane)
{
  for (guint i = 0; i < 5; i++)
    {
      LdsSample sample = {.t_ns = (gint64)i * LDS_NS_PER_S / 10,
                          .phase = LDS_PHASE_MEASURE,
                          .rate_hz = run->achieved_rate_hz,
                          .p50_ns = 1e6,
                          .p99_ns = 2e6,
                          .rss_bytes = run->peak_rss_bytes,
                          .pss_bytes = run->peak_pss_bytes,
                          .n_processes = nth_lane == 2 ? 3 : 1,
                          .n_threads = nth_lane == 1 ? 33 : 1};

      g_array_append_val (run->samples, sample);
    }
}

static void
fill_response (LdsRun *run,
               double p99_ns)
{
  run->response = lds_histogram_new ();
  run->service = lds_histogram_new ();
  for (guint i = 0; i < 1000; i++)
    {
      /* A straight line whose 99th percentile is the one asked for. */
      double ns = p99_ns * (0.25 + 0.75 * i / 989);

      lds_histogram_record (run->response, (gint64)ns);
      lds_histogram_record (run->service, (gint64)(ns * 0.8));
    }
}

static LdsRun *
make_run (const LdsRunSpec *spec,
          const Server *server,
          guint nth_lane,
          guint nth,
          GRand *rand)
{
  LdsRun *run = lds_run_new (spec);
  double capacity_hz = server->capacity_hz * g_rand_double_range (rand, 0.965, 1.035);
  double n =
      spec->purpose == LDS_PURPOSE_SCALE && spec->workers > 0 ? spec->workers : spec->connections;
  double load;

  run->started_at_us = FIXTURE_CREATED_AT_US - (gint64)(2000 - nth) * G_USEC_PER_SEC;
  run->engine = g_strdup ("epoll");
  run->other_cpu_cores = 0;
  if (server->is_silent)
    {
      lds_run_invalidate (run, "server-died", FIXTURE_REASON_DIED);
      return run;
    }
  if (spec->purpose == LDS_PURPOSE_SCALE)
    capacity_hz *= 0.09 * n / (1 + server->alpha * (n - 1) + server->beta * n * (n - 1));
  load = spec->rate_hz > 0 ? spec->rate_hz / capacity_hz : 1;
  fill_response (run, server->p99_ns * g_rand_double_range (rand, 0.85, 1.2) *
                          fmin (1 / fmax (1 - load, 0.01), 100) * (load > 1 ? 3 : 1));
  run->achieved_rate_hz = spec->rate_hz > 0 ? fmin (spec->rate_hz, capacity_hz) : capacity_hz;
  run->duration_s = (double)spec->duration_ms / 1e3;
  run->requests = (guint64)(run->achieved_rate_hz * run->duration_s);
  run->server_cpu_s = (double)run->requests * 0.93 / server->capacity_hz;
  run->client_cpu_s = 0.3 * run->duration_s;
  run->base_rss_bytes = (9.0 + 20 * nth_lane) * 1048576;
  run->peak_rss_bytes = run->base_rss_bytes + spec->connections * 6500.0;
  run->peak_pss_bytes = run->peak_rss_bytes * 0.9;
  run->start_up_ms = 12.5 + nth_lane;
  add_samples (run, nth_lane);
  if (server->client_max_hz > 0 && spec->rate_hz > server->client_max_hz)
    lds_run_invalidate (run, "client-saturated", FIXTURE_REASON_CLIENT);
  else if (load > 1)
    lds_run_invalidate (run, "rate-missed", "Too few requests were answered in time. Offer a lower rate.");
  else if (spec->purpose == LDS_PURPOSE_EQUAL_RATE && nth_lane == 1 && spec->repeat == 1)
    lds_run_invalidate (run, "server-died", FIXTURE_REASON_DIED);
  return run;
}

/* Fills @session, whose plan has the lanes and workloads of servers[]. */
void
fixture_search (LdsSession *session,
                FixtureFlags flags,
                GRand *rand)
{
  LdsPlan *plan = session->plan;
  LdsRunSpec spec;

  while (lds_search_next (plan, session->runs, &spec))
    {
      guint lane = 0, workload = 0;

      if ((flags & FIXTURE_STOPPED) != 0 && session->runs->len >= 24)
        break;
      g_ptr_array_find (plan->lanes, spec.lane, &lane);
      g_ptr_array_find (plan->workloads, spec.workload, &workload);
      g_ptr_array_add (session->runs, make_run (&spec, &servers[workload % 2][lane % 3], lane,
                                                session->runs->len, rand));
    }
  session->complete = (flags & FIXTURE_STOPPED) == 0;
}

void
fixture_make_adaptive (LdsPlan *plan)
{
  static const guint connections[] = {1, 2, 4, 8, 16, 32, 64}, workers[] = {1, 2, 3, 4};

  plan->find_knee = TRUE;
  plan->demand_rate_hz = 120000;
  plan->demand_connections = 1000;
  g_array_append_vals (plan->scale_connections, connections, G_N_ELEMENTS (connections));
  g_array_append_vals (plan->scale_workers, workers, G_N_ELEMENTS (workers));
}
