/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for the knee against simulated servers whose knee is known. */
#include <math.h>

#include "lds-knee.h"

#define N_SEARCHES 1000

/* A server under load: whether one run at @rate_hz is good. Capacities are 1 at the knee's scale. */
typedef LdsKneeVote (*Server) (double rate_hz, double capacity_hz, GRand *rand);

static double
normal (GRand *rand)
{
  /* Box and Muller. */
  return sqrt (-2 * log (1 - g_rand_double (rand))) * cos (2 * G_PI * g_rand_double (rand));
}

/* A queue with one server, response times exponential: their p99 is that of no load by 1 - load. Ten times
 * that is the limit, so that the knee is at nine tenths of the capacity. p99s spread by a fifth, capacities by 1 %. */
static LdsKneeVote
queue (double rate_hz,
       double capacity_hz,
       GRand *rand)
{
  double load = rate_hz / (capacity_hz / 0.9 * exp (0.01 * normal (rand)));
  double slower = load < 1 ? 1 / (1 - load) : INFINITY;

  return slower * exp (0.2 * normal (rand)) <= 10 ? LDS_KNEE_GOOD : LDS_KNEE_BAD;
}

/* Good up to a point, which moves by 2 % from run to run. */
static LdsKneeVote
cliff (double rate_hz,
       double capacity_hz,
       GRand *rand)
{
  return rate_hz <= capacity_hz * exp (0.02 * normal (rand)) ? LDS_KNEE_GOOD : LDS_KNEE_BAD;
}

/* A machine on which others work: one run in eight is spoiled whatever its rate. */
static LdsKneeVote
noisy (double rate_hz,
       double capacity_hz,
       GRand *rand)
{
  return g_rand_double (rand) < 0.125 ? LDS_KNEE_BAD : cliff (rate_hz, capacity_hz, rand);
}

/* The load generator comes to its limit where the server is at half of its own. */
static LdsKneeVote
weak_client (double rate_hz,
             double capacity_hz,
             GRand *rand)
{
  return cliff (rate_hz, capacity_hz, rand) == LDS_KNEE_GOOD ? LDS_KNEE_GOOD : LDS_KNEE_CLIENT;
}

static LdsKnee
search (Server server,
        double capacity_hz,
        const LdsKneeLimits *limits,
        GRand *rand)
{
  g_autoptr (GArray) outcomes = g_array_new (FALSE, FALSE, sizeof (LdsKneeOutcome));
  LdsKnee knee = lds_knee_search (limits, NULL, 0);

  while (knee.state == LDS_KNEE_SEARCHING)
    {
      LdsKneeOutcome outcome = {knee.next_hz, server (knee.next_hz, capacity_hz, rand)};

      g_assert_cmpfloat (knee.next_hz, >=, limits->min_hz * 0.999);
      g_assert_cmpfloat (knee.next_hz, <=, limits->max_hz * 1.001);
      g_assert_cmpuint (outcomes->len, <, limits->max_runs);
      g_array_append_val (outcomes, outcome);
      knee = lds_knee_search (limits, (const LdsKneeOutcome *)(gconstpointer)outcomes->data,
                              outcomes->len);
    }
  g_assert_cmpuint (knee.n_runs, ==, outcomes->len);
  return knee;
}

typedef struct
{
  const char *path;
  Server server;
  LdsKneeState state; /* that is right */
  double mean_runs;   /* that a search may cost */
} Simulation;

static const Simulation simulations[] = {
    {"/bench/knee/queue", queue, LDS_KNEE_FOUND, 20},
    {"/bench/knee/cliff", cliff, LDS_KNEE_FOUND, 20},
    {"/bench/knee/noisy", noisy, LDS_KNEE_FOUND, 25},
    {"/bench/knee/weak-client", weak_client, LDS_KNEE_AT_LEAST, 20},
};

/* The property that is promised: within 10 % of the true knee in at least 95 % of all searches, and the
 * interval holds it as often. */
static void
test_simulation (gconstpointer data)
{
  const Simulation *simulation = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261128);
  guint n_near = 0, n_held = 0, n_state = 0, n_narrow = 0;
  double n_runs = 0;

  for (guint i = 0; i < N_SEARCHES; i++)
    {
      /* From a few requests a second to a million, and begun within a factor of two. */
      double capacity_hz = pow (10, g_rand_double_range (rand, 0.7, 6));
      double first_hz = capacity_hz * pow (2, g_rand_double_range (rand, -1, 1));
      LdsKneeLimits limits = {first_hz, capacity_hz / 1000, 1e7, 0.1, 60};
      LdsKnee knee = search (simulation->server, capacity_hz, &limits, rand);

      n_state += knee.state == simulation->state;
      n_near += fabs (knee.estimate_hz / capacity_hz - 1) <= 0.1;
      n_held += knee.from_hz <= capacity_hz && knee.to_hz >= capacity_hz;
      n_narrow += isinf (knee.to_hz) || knee.to_hz / knee.from_hz <= 1.105;
      n_runs += knee.n_runs;
      if (knee.state == LDS_KNEE_FOUND)
        g_assert_cmpfloat (knee.confidence, >=, 0.95);
    }
  g_test_message ("near %u, held %u, narrow %u, of the right kind %u of %d; %.1f runs on average",
                  n_near, n_held, n_narrow, n_state, N_SEARCHES, n_runs / N_SEARCHES);
  g_assert_cmpuint (n_near, >=, N_SEARCHES * 95 / 100);
  g_assert_cmpuint (n_held, >=, N_SEARCHES * 95 / 100);
  g_assert_cmpuint (n_narrow, >=, N_SEARCHES * 95 / 100);
  g_assert_cmpuint (n_state, >=, N_SEARCHES * 95 / 100);
  g_assert_cmpfloat (n_runs / N_SEARCHES, <=, simulation->mean_runs);
}

/* Two searches of the same server agree within 10 %. */
static void
test_repeats (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint n_agree = 0;

  for (guint i = 0; i < N_SEARCHES; i++)
    {
      LdsKneeLimits limits = {g_rand_double_range (rand, 500, 2000), 1, 1e7, 0.1, 60};
      double one = search (queue, 1000, &limits, rand).estimate_hz;
      double other = search (queue, 1000, &limits, rand).estimate_hz;

      n_agree += fmax (one, other) <= 1.1 * fmin (one, other);
    }
  g_test_message ("%u of %d pairs agree", n_agree, N_SEARCHES);
  g_assert_cmpuint (n_agree, >=, N_SEARCHES * 95 / 100);
}

static LdsKneeVote
always_good (double rate_hz,
             double capacity_hz,
             GRand *rand)
{
  return LDS_KNEE_GOOD;
}

static LdsKneeVote
always_bad (double rate_hz,
            double capacity_hz,
            GRand *rand)
{
  return LDS_KNEE_BAD;
}

static void
test_ends (void)
{
  const LdsKneeLimits limits = {100, 1, 5000, 0.1, 60};
  LdsKnee knee = search (always_good, 0, &limits, NULL);

  g_assert_cmpint (knee.state, ==, LDS_KNEE_AT_LEAST);
  g_assert_cmpfloat (knee.low_hz, ==, 5000);
  g_assert_cmpfloat (knee.estimate_hz, ==, 5000);
  g_assert_true (isinf (knee.high_hz));
  knee = search (always_bad, 0, &limits, NULL);
  g_assert_cmpint (knee.state, ==, LDS_KNEE_BELOW);
  g_assert_cmpfloat (knee.high_hz, ==, 1);
  g_assert_cmpfloat (knee.low_hz, ==, 0);
  /* Few steps, though the start was far off. */
  g_assert_cmpuint (knee.n_runs, <=, 10);
}

static LdsKneeVote
coin (double rate_hz,
      double capacity_hz,
      GRand *rand)
{
  return g_rand_boolean (rand) ? LDS_KNEE_GOOD : LDS_KNEE_BAD;
}

/* Where there is no knee the search ends; out of runs, it says how little it knows. */
static void
test_coin (void)
{
  const LdsKneeLimits limits = {1000, 1, 1e6, 0.1, 8};
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  guint n_unsettled = 0;

  for (guint i = 0; i < N_SEARCHES; i++)
    {
      LdsKnee knee = search (coin, 0, &limits, rand);

      g_assert_cmpuint (knee.n_runs, <=, 8);
      n_unsettled += knee.state == LDS_KNEE_UNSETTLED;
      if (knee.state == LDS_KNEE_UNSETTLED && knee.to_hz <= 1.1 * knee.from_hz)
        g_assert_cmpfloat (knee.confidence, <, 0.95);
    }
  g_test_message ("%u of %d coins are unsettled", n_unsettled, N_SEARCHES);
  g_assert_cmpuint (n_unsettled, >, N_SEARCHES / 2);
}

/* One wrong run does not turn a search. */
static void
test_one_wrong (void)
{
  const LdsKneeLimits limits = {1000, 1, 1e6, 0.1, 30};
  /* The knee is 1500; the run at 1250 was spoiled. */
  const LdsKneeOutcome outcomes[] = {
      {1000, LDS_KNEE_GOOD},
      {1250, LDS_KNEE_BAD},
      {1118, LDS_KNEE_GOOD},
      {1182, LDS_KNEE_GOOD},
      {1216, LDS_KNEE_GOOD},
      {1216, LDS_KNEE_GOOD},
      {1216, LDS_KNEE_GOOD},
      {1250, LDS_KNEE_GOOD},
      {1250, LDS_KNEE_GOOD},
  };
  LdsKnee knee = lds_knee_search (&limits, outcomes, G_N_ELEMENTS (outcomes));

  g_assert_cmpint (knee.state, ==, LDS_KNEE_SEARCHING);
  g_assert_cmpfloat (knee.next_hz, >, 1250);
}

/* What was found at an earlier time shows where to look, and is found again before it counts. */
static void
test_old (void)
{
  const LdsKneeLimits limits = {1000, 1, 1e6, 0.1, 60};
  g_autoptr (GArray) outcomes = g_array_new (FALSE, FALSE, sizeof (LdsKneeOutcome));
  LdsKnee knee;
  guint n_old;

  for (guint i = 0; i < 3; i++)
    {
      LdsKneeOutcome good = {1450, LDS_KNEE_GOOD, TRUE}, bad = {1500, LDS_KNEE_BAD, TRUE};

      g_array_append_val (outcomes, good);
      g_array_append_val (outcomes, bad);
    }
  n_old = outcomes->len;
  /* At the same speed: both ends three times more. At another: from there down to where it is now. */
  for (guint i = 0; i < 2; i++)
    {
      double knee_hz = i == 0 ? 1475 : 1100;

      g_array_set_size (outcomes, n_old);
      for (;;)
        {
          LdsKneeOutcome outcome = {0};

          knee = lds_knee_search (&limits, (const LdsKneeOutcome *)(gconstpointer)outcomes->data,
                                  outcomes->len);
          if (knee.state != LDS_KNEE_SEARCHING)
            break;
          outcome.rate_hz = knee.next_hz;
          outcome.vote = knee.next_hz <= knee_hz ? LDS_KNEE_GOOD : LDS_KNEE_BAD;
          g_array_append_val (outcomes, outcome);
        }
      g_assert_cmpint (knee.state, ==, LDS_KNEE_FOUND);
      g_assert_cmpfloat (knee.low_hz, <=, knee_hz);
      g_assert_cmpfloat (knee.high_hz, >=, knee_hz);
      g_assert_cmpfloat (knee.high_hz / knee.low_hz, <=, 1.1);
      g_assert_cmpuint (outcomes->len - n_old, >=, 6);
      g_assert_cmpuint (outcomes->len - n_old, <=, i == 0 ? 6 : 20);
    }
}

static void
test_round (void)
{
  g_assert_cmpfloat (lds_knee_round_hz (12345.6), ==, 12350);
  g_assert_cmpfloat (lds_knee_round_hz (1.23456), ==, 1.235);
  g_assert_cmpfloat (lds_knee_round_hz (999.96), ==, 1000);
  g_assert_cmpfloat (lds_knee_round_hz (lds_knee_round_hz (0.0333333)), ==, 0.03333);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (simulations); i++)
    g_test_add_data_func (simulations[i].path, &simulations[i], test_simulation);
  g_test_add_func ("/bench/knee/repeats", test_repeats);
  g_test_add_func ("/bench/knee/ends", test_ends);
  g_test_add_func ("/bench/knee/coin", test_coin);
  g_test_add_func ("/bench/knee/one-wrong", test_one_wrong);
  g_test_add_func ("/bench/knee/old", test_old);
  g_test_add_func ("/bench/knee/round", test_round);
  return g_test_run ();
}
