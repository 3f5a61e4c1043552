/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adaptive plans: what is run next, and what follows from it, with simulated servers in the place of processes. */
#include <math.h>
#include <string.h>

#include "lds-error.h"
#include "lds-search.h"
#include "lds-session.h"

#define MS 1000000

typedef struct
{
  double capacity_hz; /* of the event loop; the other lane has half of it */
  double client_hz;   /* of the load generator; 0 = no limit */
  guint n_spoiled;    /* so many of the first runs are spoiled by others */
  double switches;    /* so often the machine goes from full speed to four fifths of it, or back, before a run */
  gboolean is_slow;
  GRand *rand;
} World;

/* A run as a queue with a server of exponential times answers: p99 = 4.6 * mean of no load / (1 - load). */
static LdsRun *
simulate (World *world,
          const LdsRunSpec *spec)
{
  LdsRun *run = lds_run_new (spec);
  double capacity_hz = world->capacity_hz * (strcmp (spec->lane->model_id, "event-loop") == 0 ? 1 : 0.5);
  double rate_hz = spec->rate_hz > 0 ? spec->rate_hz : capacity_hz;
  double load, p99_ns;

  if (world->switches > 0 && g_rand_double (world->rand) < world->switches)
    {
      world->is_slow = !world->is_slow;
      world->capacity_hz *= world->is_slow ? 0.8 : 1 / 0.8;
    }
  capacity_hz *= g_rand_double_range (world->rand, 0.98, 1.02);
  load = rate_hz / capacity_hz;
  p99_ns = load < 1 ? 4.6e9 / capacity_hz / (1 - load) : 1e9;
  run->response = lds_histogram_new ();
  for (guint i = 0; i < 1000; i++)
    lds_histogram_record (run->response, (gint64)(i < 980 ? p99_ns / 10 : p99_ns));
  run->duration_s = 1;
  run->achieved_rate_hz = fmin (rate_hz, capacity_hz);
  run->requests = (guint64)run->achieved_rate_hz;
  run->server_cpu_s = run->achieved_rate_hz / capacity_hz;
  run->other_cpu_cores = 0;
  if (load > 1.01 && spec->rate_hz > 0)
    lds_run_invalidate (run, "rate-missed", "Too few were answered.");
  if (world->client_hz > 0 && spec->rate_hz > world->client_hz)
    lds_run_invalidate (run, "client-saturated", "It was busy.");
  if (world->n_spoiled > 0)
    {
      world->n_spoiled--;
      run->other_cpu_cores = 1;
      lds_run_invalidate (run, "schedule-lag", "It was late.");
    }
  return run;
}

static LdsSession *
new_session (void)
{
  g_autoptr (LdsPlan) plan = lds_plan_new ();

  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("event-loop", NULL));
  g_ptr_array_add (plan->lanes, (gpointer)lds_lane_find ("prefork", NULL));
  g_ptr_array_add (plan->workloads, (gpointer)lds_workload_find ("hello", NULL));
  plan->find_knee = TRUE;
  plan->repeats = 5;
  return lds_session_new (plan);
}

/* Runs the plan of @session to its end. */
static void
go (LdsSession *session,
    World *world)
{
  LdsRunSpec spec;

  while (lds_search_next (session->plan, session->runs, &spec))
    {
      g_assert_cmpuint (lds_search_count_left (session->plan, session->runs), >, 0);
      g_assert_cmpint (spec.purpose, !=, LDS_PURPOSE_COMPARE);
      g_ptr_array_add (session->runs, simulate (world, &spec));
      g_assert_cmpuint (session->runs->len, <, 300);
    }
  g_assert_cmpuint (lds_search_count_left (session->plan, session->runs), ==, 0);
}

static guint
count (const LdsSession *session,
       const LdsLane *lane,
       LdsPurpose purpose)
{
  guint n = 0;

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      n += run->spec.lane == lane && run->spec.purpose == purpose;
    }
  return n;
}

/* Below the knee as well the lanes take turns: no repeat begins before all have had the one before it. */
static void
check_turns (const LdsSession *session,
             LdsPurpose purpose)
{
  guint last = 0;

  for (guint i = 0; i < session->runs->len; i++)
    {
      const LdsRun *run = session->runs->pdata[i];

      if (run->spec.purpose != purpose)
        continue;
      g_assert_cmpuint (run->spec.repeat, >=, last);
      last = run->spec.repeat;
    }
  g_assert_cmpuint (last, ==, session->plan->repeats - 1);
}

static void
test_found (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  World world = {.capacity_hz = 20000, .rand = rand};
  g_autoptr (LdsSession) session = new_session (), back = NULL;
  g_autoptr (GPtrArray) knees = NULL, summaries = NULL, again = NULL;
  g_autoptr (JsonNode) json = NULL;
  g_autoptr (GError) error = NULL;

  go (session, &world);
  check_turns (session, LDS_PURPOSE_HALF_KNEE);
  check_turns (session, LDS_PURPOSE_EQUAL_RATE);
  knees = lds_search_summarize (session->plan, session->runs);
  g_assert_cmpuint (knees->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const LdsKneeSummary *knee = knees->pdata[i];
      double capacity_hz = i == 0 ? 20000 : 10000;
      /* Where 4.6 / capacity / (1 - load) is 10 ms, the least default limit: 1 - load = 460 / capacity. */
      double truth_hz = capacity_hz - 460;

      g_test_message ("%g of %g in %u steps", knee->knee.estimate_hz, truth_hz, knee->knee.n_runs);
      g_assert_cmpstr (lds_knee_summary_get_state (knee), ==, "found");
      g_assert_true (knee->is_default_limit);
      g_assert_cmpfloat (knee->limit_ns, ==, 10 * MS);
      g_assert_cmpfloat_with_epsilon (knee->knee.estimate_hz / truth_hz, 1, 0.1);
      g_assert_cmpuint (knee->throughput.n, >=, 3);
      g_assert_cmpfloat_with_epsilon (knee->throughput.median / truth_hz, 1, 0.1);
      g_assert_cmpfloat_with_epsilon (knee->half_rate_hz, knee->knee.estimate_hz / 2,
                                      capacity_hz / 1000);
      g_assert_cmpuint (knee->half_p99.n, ==, 5);
      /* One rate for all: half of the lower knee. What one request costs is 1 / capacity. */
      g_assert_cmpfloat (knee->equal_rate_hz, ==,
                         ((LdsKneeSummary *)knees->pdata[1])->half_rate_hz);
      g_assert_cmpuint (knee->cpu_per_request.n, ==, 5);
      g_assert_cmpfloat_with_epsilon (knee->cpu_per_request.median * capacity_hz / 1e9, 1, 0.03);
      g_assert_cmpuint (count (session, knee->lane, LDS_PURPOSE_PROBE), ==, 4);
    }
  /* What is compared at the plan's load is nothing of all that. */
  summaries = lds_session_summarize (session);
  g_assert_cmpuint (((LdsSummary *)summaries->pdata[0])->n_valid, ==, 0);
  g_assert_cmpuint (((LdsSummary *)summaries->pdata[0])->n_invalid, ==, 0);

  json = lds_session_to_json (session);
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (json_node_get_object (json), "knees")),
      ==, 2);
  back = lds_session_from_json (json_node_get_object (json), &error);
  g_assert_no_error (error);
  again = lds_search_summarize (back->plan, back->runs);
  g_assert_cmpfloat (((LdsKneeSummary *)again->pdata[0])->knee.estimate_hz, ==,
                     ((LdsKneeSummary *)knees->pdata[0])->knee.estimate_hz);
  g_assert_cmpfloat (((LdsKneeSummary *)again->pdata[1])->cpu_per_request.median, ==,
                     ((LdsKneeSummary *)knees->pdata[1])->cpu_per_request.median);
}

/* Lanes take turns, so that neither has the machine's better hour: never two runs apart while both search. */
static void
test_turns (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  World world = {.capacity_hz = 20000, .rand = rand};
  g_autoptr (LdsSession) session = new_session ();
  const LdsLane *lanes[2] = {session->plan->lanes->pdata[0], session->plan->lanes->pdata[1]};
  int ahead = 0;

  go (session, &world);
  for (guint i = 0; i < 20; i++)
    {
      ahead += ((LdsRun *)session->runs->pdata[i])->spec.lane == lanes[0] ? 1 : -1;
      g_assert_cmpint (ABS (ahead), <=, 1);
    }
  g_assert_true (((LdsRun *)session->runs->pdata[0])->spec.lane == lanes[0]);
  g_assert_true (((LdsRun *)session->runs->pdata[2])->spec.lane == lanes[1]);
  for (guint l = 0; l < 2; l++)
    {
      g_assert_cmpuint (count (session, lanes[l], LDS_PURPOSE_HALF_KNEE), ==, 5);
      g_assert_cmpuint (count (session, lanes[l], LDS_PURPOSE_EQUAL_RATE), ==, 5);
    }
}

/* A machine that goes to four fifths of its speed every 40 runs or so, and back: knees stand to each other as the
 * lanes do: 959 of 1000, and 928 of them without forgetting. */
static void
test_drift (void)
{
  const guint n = 60;
  guint n_fair = 0, n_found = 0;
  double n_runs = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (100 + i);
      World world = {.capacity_hz = 20000, .rand = rand, .switches = 1.0 / 40};
      g_autoptr (LdsSession) session = new_session ();
      g_autoptr (GPtrArray) knees = NULL;
      const LdsKneeSummary *fast, *slow;

      go (session, &world);
      knees = lds_search_summarize (session->plan, session->runs);
      fast = knees->pdata[0];
      slow = knees->pdata[1];
      n_fair += fabs (log (fast->knee.estimate_hz / slow->knee.estimate_hz / 2)) < log (1.1);
      n_found += fast->knee.state == LDS_KNEE_FOUND;
      n_runs += fast->knee.n_runs;
    }
  g_test_message ("%u of %u are fair, %u are found, in %.1f runs", n_fair, n, n_found, n_runs / n);
  g_assert_cmpuint (n_fair, >=, n * 93 / 100);
  g_assert_cmpuint (n_found, >=, n * 95 / 100);
}

static void
test_slo (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  World world = {.capacity_hz = 1000, .rand = rand};
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) knees = NULL;
  const LdsKneeSummary *fast, *slow;

  /* 4.6 ms / (1 - load) <= 7 ms: the knee is at 34 % of the faster; the slower takes 9.2 ms at no load. */
  session->plan->slo_p99_ms = 7;
  go (session, &world);
  knees = lds_search_summarize (session->plan, session->runs);
  fast = knees->pdata[0];
  slow = knees->pdata[1];
  g_assert_false (fast->is_default_limit);
  g_assert_cmpstr (lds_knee_summary_get_state (fast), ==, "found");
  g_assert_cmpfloat_with_epsilon (fast->knee.estimate_hz / 343, 1, 0.1);
  g_assert_cmpstr (lds_knee_summary_get_state (slow), ==, "below");
  g_assert_cmpfloat (slow->knee.from_hz, ==, 0);
  /* Little load need not be looked at; below nothing there is nothing; and the lowest knee is that of the other. */
  g_assert_cmpuint (count (session, fast->lane, LDS_PURPOSE_PROBE), ==, 1);
  g_assert_cmpuint (count (session, slow->lane, LDS_PURPOSE_HALF_KNEE), ==, 0);
  g_assert_cmpfloat (fast->equal_rate_hz, ==, fast->half_rate_hz);
  g_assert_true (isnan (slow->equal_rate_hz));
}

/* A limit that some lane, or no lane, keeps at any rate; and that a search met it often is no refusal. */
static void
test_beyond_slo (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  World world = {.capacity_hz = 1000, .rand = rand};
  g_autoptr (LdsSession) session = new_session (), none = new_session (), free = new_session ();
  guint n_invalid = 0;

  session->plan->slo_p99_ms = 7;
  go (session, &world);
  g_assert_true (lds_session_misses_slo (session));
  g_assert_null (lds_session_find_beyond_slo (session));
  for (guint i = 0; i < session->runs->len; i++)
    n_invalid += !((LdsRun *)session->runs->pdata[i])->valid;
  g_assert_cmpuint (lds_session_count_refused (session), <=, n_invalid);
  lds_run_invalidate (session->runs->pdata[0], "errors", "Too many."); /* a probe */
  for (guint i = 0; i < session->runs->len; i++)
    ((LdsRun *)session->runs->pdata[i])->valid = FALSE;
  g_assert_cmpuint (lds_session_count_refused (session), ==, 10); /* at half of the one knee, and at its rate */

  none->plan->slo_p99_ms = 1;
  go (none, &world);
  g_assert_true (lds_session_find_beyond_slo (none) == none->plan->workloads->pdata[0]);
  go (free, &world);
  g_assert_false (lds_session_misses_slo (free));
  g_assert_null (lds_session_find_beyond_slo (free));
}

/* All steps that the search counts can be read, each with what it says. */
static void
test_steps (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (10);
  World world = {.capacity_hz = 50000, .client_hz = 30000, .rand = rand, .n_spoiled = 3};
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) knees = NULL;

  go (session, &world);
  knees = lds_search_summarize (session->plan, session->runs);
  for (guint k = 0; k < knees->len; k++)
    {
      const LdsKneeSummary *knee = knees->pdata[k];
      guint n[3] = {0};

      for (guint i = 0; i < session->runs->len; i++)
        {
          const LdsRun *run = session->runs->pdata[i];
          LdsKneeVote vote;
          double p99_ns;

          if (run->spec.lane != knee->lane ||
              !lds_search_read_step (run, knee->limit_ns, &vote, &p99_ns))
            continue;
          n[vote]++;
          g_assert_true (vote != LDS_KNEE_GOOD || p99_ns <= knee->limit_ns);
          g_assert_true (vote != LDS_KNEE_CLIENT || run->spec.rate_hz > 30000);
        }
      g_assert_cmpuint (n[0] + n[1] + n[2], ==, knee->knee.n_runs);
      g_assert_cmpuint (n[LDS_KNEE_GOOD], >=, 3);
      g_assert_cmpuint (n[k == 0 ? LDS_KNEE_CLIENT : LDS_KNEE_BAD], >=, 3);
    }
}

static void
check_words (LdsKneeSummary summary,
             const char *rate,
             const char *interval,
             const char *state)
{
  g_autofree char *its_rate = lds_knee_summary_dup_rate (&summary);
  g_autofree char *its_interval = lds_knee_summary_dup_interval (&summary);
  g_autofree char *its_state = lds_knee_summary_dup_state (&summary);

  g_assert_cmpstr (its_rate, ==, rate);
  g_assert_cmpstr (its_interval, ==, interval);
  g_assert_cmpstr (its_state, ==, state);
}

static void
test_words (void)
{
  LdsKnee found = {.state = LDS_KNEE_FOUND,
                   .low_hz = 1900,
                   .high_hz = 2100,
                   .estimate_hz = 2000,
                   .from_hz = 1900,
                   .to_hz = 2100,
                   .confidence = 0.969};
  LdsKnee open = {.state = LDS_KNEE_UNSETTLED,
                  .low_hz = 0,
                  .high_hz = 2100,
                  .estimate_hz = 2100,
                  .to_hz = 2100,
                  .confidence = 0.5};
  LdsKnee at_least = {.state = LDS_KNEE_AT_LEAST,
                      .low_hz = 2000,
                      .estimate_hz = 2000,
                      .from_hz = 2000,
                      .to_hz = INFINITY};
  LdsKnee below = {.state = LDS_KNEE_BELOW, .high_hz = 3, .estimate_hz = 3, .to_hz = 3};
  LdsKnee nothing = {.state = LDS_KNEE_SEARCHING, .estimate_hz = NAN};

  check_words ((LdsKneeSummary){.knee = found}, "2000/s", "1900–2100/s", "found, sure to 96\u00a0%");
  found.state = LDS_KNEE_UNSETTLED;
  check_words ((LdsKneeSummary){.knee = found}, "2000/s", "1900–2100/s", "not settled, sure to 96\u00a0%");
  check_words ((LdsKneeSummary){.knee = open}, "unsettled", NULL, "not settled, sure to 50\u00a0%");
  check_words ((LdsKneeSummary){.knee = at_least, .limited_by = "rate"}, "at least 2000/s", NULL, "found: the plan’s highest rate is kept");
  check_words ((LdsKneeSummary){.knee = at_least, .limited_by = "connections"}, "at least 2000/s", NULL, "found: above it the server is not the limit");
  check_words ((LdsKneeSummary){.knee = below}, "not even 3.00/s", NULL, "found: no rate is kept");
  check_words ((LdsKneeSummary){.knee = nothing}, "not finished", NULL, "the search was cut short");
  check_words ((LdsKneeSummary){.knee = nothing, .is_given_up = TRUE}, "INVALID", NULL, "given up");
}

static void
test_client (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  World world = {.capacity_hz = 50000, .client_hz = 30000, .rand = rand};
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) knees = NULL;
  const LdsKneeSummary *knee;

  go (session, &world);
  knees = lds_search_summarize (session->plan, session->runs);
  knee = knees->pdata[0];
  g_assert_cmpstr (lds_knee_summary_get_state (knee), ==, "at-least");
  g_assert_cmpstr (knee->limited_by, ==, "client-saturated");
  g_assert_cmpfloat (knee->knee.estimate_hz, <=, 30000);
  g_assert_cmpfloat (knee->knee.estimate_hz, >=, 27000);
  /* The slower lane is below that. */
  g_assert_cmpstr (lds_knee_summary_get_state (knees->pdata[1]), ==, "found");
}

/* Each request waits 200 ms, and the server adds nothing: 64 connections do 320/s, and more of them would do more. */
static void
test_connections (void)
{
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) knees = NULL;
  const LdsKneeSummary *knee;
  LdsRunSpec spec;

  g_ptr_array_set_size (session->plan->lanes, 1);
  session->plan->workloads->pdata[0] = (gpointer)lds_workload_find ("slow", NULL);
  while (lds_search_next (session->plan, session->runs, &spec))
    {
      LdsRun *run = lds_run_new (&spec);
      gboolean is_late = spec.rate_hz > 320;

      run->response = lds_histogram_new ();
      run->service = lds_histogram_new ();
      for (guint i = 0; i < 200; i++)
        {
          lds_histogram_record (run->response, (is_late ? 3000 : 201) * (gint64)MS);
          lds_histogram_record (run->service, 201 * (gint64)MS);
        }
      run->duration_s = 1;
      run->achieved_rate_hz = spec.rate_hz > 0 ? fmin (spec.rate_hz, 318) : 318;
      run->requests = (guint64)run->achieved_rate_hz;
      if (is_late)
        lds_run_invalidate (run, "rate-missed", "Too few were answered.");
      g_ptr_array_add (session->runs, run);
      g_assert_cmpuint (session->runs->len, <, 100);
    }
  knees = lds_search_summarize (session->plan, session->runs);
  knee = knees->pdata[0];
  g_assert_cmpstr (lds_knee_summary_get_state (knee), ==, "at-least");
  g_assert_cmpstr (knee->limited_by, ==, "connections");
  g_assert_cmpfloat (knee->knee.estimate_hz, <=, 320);
  g_assert_cmpfloat (knee->knee.estimate_hz, >=, 290);
}

/* With a rate in the plan nothing above it is sent, the first look included. */
static void
test_ceiling (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  World world = {.capacity_hz = 50000, .rand = rand};
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) knees = NULL;

  session->plan->rate_hz = 100;
  go (session, &world);
  for (guint i = 0; i < session->runs->len; i++)
    {
      double rate_hz = ((LdsRun *)session->runs->pdata[i])->spec.rate_hz;

      g_assert_cmpfloat (rate_hz, >, 0);
      g_assert_cmpfloat (rate_hz, <=, 100);
    }
  knees = lds_search_summarize (session->plan, session->runs);
  g_assert_cmpstr (lds_knee_summary_get_state (knees->pdata[0]), ==, "at-least");
  g_assert_cmpstr (((LdsKneeSummary *)knees->pdata[0])->limited_by, ==, "rate");
  g_assert_cmpfloat (((LdsKneeSummary *)knees->pdata[0])->knee.estimate_hz, ==, 100);
}

/* What a search has found half-way is not built on when it is given up: no latency below, no cost, no rate for others. */
static void
test_given_up (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);
  World world = {.capacity_hz = 20000, .rand = rand};
  g_autoptr (LdsSession) session = new_session ();
  g_autoptr (GPtrArray) knees = NULL;
  const LdsKneeSummary *knee;
  LdsRunSpec spec;

  while (count (session, session->plan->lanes->pdata[0], LDS_PURPOSE_KNEE) < 3)
    {
      g_assert_true (lds_search_next (session->plan, session->runs, &spec));
      g_ptr_array_add (session->runs, simulate (&world, &spec));
    }
  world.n_spoiled = 1000;
  go (session, &world);
  knees = lds_search_summarize (session->plan, session->runs);
  for (guint i = 0; i < 2; i++)
    {
      knee = knees->pdata[i];
      g_assert_cmpstr (lds_knee_summary_get_state (knee), ==, "given-up");
      g_assert_cmpstr (knee->void_text, ==, "It was late.");
      g_assert_cmpfloat (knee->knee.from_hz, ==, 0);
      g_assert_true (isnan (knee->half_rate_hz) && isnan (knee->equal_rate_hz));
      g_assert_cmpuint (count (session, knee->lane, LDS_PURPOSE_HALF_KNEE), ==, 0);
      g_assert_cmpuint (count (session, knee->lane, LDS_PURPOSE_EQUAL_RATE), ==, 0);
    }
}

/* A spoiled run is made again; too many end the search of that lane, and the session goes on. */
static void
test_spoiled (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (6);
  World world = {.capacity_hz = 20000, .rand = rand, .n_spoiled = 4};
  g_autoptr (LdsSession) session = new_session (), lost = new_session ();
  g_autoptr (GPtrArray) knees = NULL, none = NULL;

  go (session, &world);
  knees = lds_search_summarize (session->plan, session->runs);
  g_assert_cmpstr (lds_knee_summary_get_state (knees->pdata[0]), ==, "found");
  g_assert_cmpuint (((LdsKneeSummary *)knees->pdata[0])->n_void, >=, 1);

  world.n_spoiled = 1000;
  go (lost, &world);
  none = lds_search_summarize (lost->plan, lost->runs);
  g_assert_cmpstr (lds_knee_summary_get_state (none->pdata[0]), ==, "given-up");
  g_assert_cmpuint (lost->runs->len, ==, 2 * (1 + LDS_SEARCH_MAX_VOID));
}

static void
test_scale (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  World world = {.capacity_hz = 20000, .rand = rand};
  g_autoptr (LdsSession) session = new_session ();
  const guint connections[] = {1, 4, 16}, workers[] = {1, 2};

  session->plan->find_knee = FALSE;
  session->plan->repeats = 2;
  g_array_append_vals (session->plan->scale_connections, connections, 3);
  g_array_append_vals (session->plan->scale_workers, workers, 2);
  go (session, &world);
  /* The event loop has no workers. */
  g_assert_cmpuint (count (session, session->plan->lanes->pdata[0], LDS_PURPOSE_SCALE), ==, 6);
  g_assert_cmpuint (count (session, session->plan->lanes->pdata[1], LDS_PURPOSE_SCALE), ==, 10);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench/search/found", test_found);
  g_test_add_func ("/bench/search/turns", test_turns);
  g_test_add_func ("/bench/search/drift", test_drift);
  g_test_add_func ("/bench/search/slo", test_slo);
  g_test_add_func ("/bench/search/beyond-slo", test_beyond_slo);
  g_test_add_func ("/bench/search/steps", test_steps);
  g_test_add_func ("/bench/search/words", test_words);
  g_test_add_func ("/bench/search/client", test_client);
  g_test_add_func ("/bench/search/connections", test_connections);
  g_test_add_func ("/bench/search/ceiling", test_ceiling);
  g_test_add_func ("/bench/search/given-up", test_given_up);
  g_test_add_func ("/bench/search/spoiled", test_spoiled);
  g_test_add_func ("/bench/search/scale", test_scale);
  return g_test_run ();
}
