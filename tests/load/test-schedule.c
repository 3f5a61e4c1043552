/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schedules: answers worked out by hand, the integral and its inverse, joints, and one sentence that names
 * what is wrong. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-json.h"
#include "lds-load-schedule.h"

#define S_NS LDS_NS_PER_S

static LdsLoadSchedule *
make (guint n,
      const LdsLoadSegment *segments)
{
  g_autoptr (GError) error = NULL;
  LdsLoadSchedule *schedule = lds_load_schedule_new (segments, n, &error);

  g_assert_no_error (error);
  return schedule;
}

static void
test_constant (void)
{
  const gint64 rates_mhz[] = {1, 500, 3000, 333300,
                              1000000, 12345678, 50000000, G_GINT64_CONSTANT (10000000000)};

  for (guint r = 0; r < G_N_ELEMENTS (rates_mhz); r++)
    {
      double rate_hz = (double)rates_mhz[r] / 1000;
      g_autoptr (LdsLoadSchedule) schedule =
          make (1, &(LdsLoadSegment){rate_hz, rate_hz, 24 * 3600 * S_NS});
      double last = ceil (lds_load_schedule_get_requests (schedule)) - 1;

      g_assert_cmpfloat (lds_load_schedule_get_requests (schedule), ==,
                         (double)rates_mhz[r] * 86400 / 1000);
      g_assert_cmpfloat (lds_load_schedule_get_mean_rate_hz (schedule), ==, rate_hz);
      g_assert_cmpfloat (lds_load_schedule_warm_up_rate_hz (schedule), ==, rate_hz);
      g_assert_true (lds_load_schedule_is_constant (schedule));
      /* The first thousand, then ever further out: k / rate to the nearest ns, in whole numbers. */
      for (gint64 k = 0; (double)k <= last; k += 1 + k / 1000)
        {
          __extension__ __int128 off = lds_load_schedule_time_of (schedule, (double)k);

          off = off * rates_mhz[r] - (__extension__(__int128) k * 1000 * S_NS);
          /* Half a ns, and what a double leaves open at a day. */
          g_assert_cmpfloat (fabs ((double)off) / (double)rates_mhz[r], <, 0.55);
        }
      g_assert_cmpint (lds_load_schedule_time_of (schedule, last), <, 24 * 3600 * S_NS);
      g_assert_cmpint (lds_load_schedule_time_of (schedule, last + 1), ==, G_MAXINT64);
    }
}

/* Decimal fractions that binary ones do not hold: as many requests as people reckon, none at the end. */
static void
test_no_dust (void)
{
  const struct
  {
    double rate_hz;
    gint64 duration_s;
    double n;
  } cases[] = {
      {0.1, 10, 1},
      {0.1, 30, 3},
      {0.7, 10, 7},
      {333.3, 10, 3333},
      {4.35, 100, 435},
      {1.1, 30, 33},
      {1e7, 86400, 864e9},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double rate_hz = cases[i].rate_hz, n = cases[i].n;
      LdsLoadSegment segment = {rate_hz, rate_hz, cases[i].duration_s * S_NS};
      g_autoptr (LdsLoadSchedule) one = make (1, &segment);
      /* The same in three parts, of which two hold no whole number. */
      LdsLoadSegment parts[] = {segment, segment, segment};
      g_autoptr (LdsLoadSchedule) three = NULL;

      parts[0].duration_ns = segment.duration_ns / 7 / LDS_NS_PER_MS * LDS_NS_PER_MS;
      parts[1].duration_ns = 2 * parts[0].duration_ns;
      parts[2].duration_ns -= 3 * parts[0].duration_ns;
      three = make (3, parts);
      g_assert_cmpfloat (lds_load_schedule_get_requests (one), ==, n);
      g_assert_cmpfloat (lds_load_schedule_get_requests (three), ==, n);
      g_assert_cmpint (lds_load_schedule_time_of (one, n - 1), <, segment.duration_ns);
      g_assert_cmpint (lds_load_schedule_time_of (one, n), ==, G_MAXINT64);
      g_assert_cmpint (lds_load_schedule_time_of (three, n), ==, G_MAXINT64);
      g_assert_cmpint (
          ABS (lds_load_schedule_time_of (three, n - 1) - lds_load_schedule_time_of (one, n - 1)),
          <=, 1);
    }
}

/* 0 to 1000 Hz in 10 s: the integral is 50 t^2. */
static void
test_ramp (void)
{
  LdsLoadSegment up = {0, 1000, 10 * S_NS}, down = {1000, 0, 10 * S_NS};
  g_autoptr (LdsLoadSchedule) rise = make (1, &up);
  g_autoptr (LdsLoadSchedule) fall = make (1, &down);

  g_assert_cmpfloat (lds_load_schedule_get_requests (rise), ==, 5000);
  g_assert_cmpfloat (lds_load_schedule_get_mean_rate_hz (rise), ==, 500);
  g_assert_cmpfloat (lds_load_schedule_warm_up_rate_hz (rise), ==, 100);
  g_assert_cmpfloat (lds_load_schedule_warm_up_rate_hz (fall), ==, 1000);
  g_assert_false (lds_load_schedule_is_constant (rise));
  for (guint k = 0; k < 5000; k++)
    {
      double up_ns = sqrt (k / 50.0) * 1e9, down_ns = 1e10 - sqrt ((5000 - k) / 50.0) * 1e9;

      g_assert_cmpfloat_with_epsilon ((double)lds_load_schedule_time_of (rise, k), up_ns, 0.51);
      g_assert_cmpfloat_with_epsilon ((double)lds_load_schedule_time_of (fall, k), down_ns, 0.51);
    }
  g_assert_cmpint (lds_load_schedule_time_of (rise, 50), ==, S_NS);
  g_assert_cmpint (lds_load_schedule_time_of (fall, 4950), ==, 9 * S_NS);
  g_assert_cmpint (lds_load_schedule_time_of (rise, 5000), ==, G_MAXINT64);
  g_assert_cmpint (lds_load_schedule_time_of (fall, 5000), ==, G_MAXINT64);
  g_assert_cmpfloat (lds_load_schedule_requests_until (rise, 4 * S_NS), ==, 800);
  g_assert_cmpfloat (lds_load_schedule_requests_until (fall, 6 * S_NS), ==, 4200);
  g_assert_cmpfloat (lds_load_schedule_requests_until (rise, -1), ==, 0);
  g_assert_cmpfloat (lds_load_schedule_requests_until (rise, 11 * S_NS), ==, 5000);
  g_assert_cmpfloat (lds_load_schedule_rate_at (rise, 4 * S_NS), ==, 400);
  g_assert_cmpfloat (lds_load_schedule_rate_at (fall, 4 * S_NS), ==, 600);
}

/* Where roots are steep: the rate is 0 at the joint, after ten thousand million requests and a fraction. The
 * request behind it, worked out with more digits than a double has. */
static void
test_ramp_far_out (void)
{
  const gint64 flat_ns = 1000 * S_NS + LDS_NS_PER_MS, slow_ns = 20 * 3600 * S_NS;
  const LdsLoadSegment segments[] = {
      {1e7, 1e7, flat_ns}, {3.7, 3.7, 11 * LDS_NS_PER_MS}, {0, 0.001, slow_ns}};
  g_autoptr (LdsLoadSchedule) schedule = make (3, segments);
  const double n = 10000010000; /* before the second segment, which adds 0.0407 */
  const gint64 joint_ns = flat_ns + 11 * LDS_NS_PER_MS;

  g_assert_cmpint (lds_load_schedule_time_of (schedule, n - 1), ==, flat_ns - 100);
  g_assert_cmpint (lds_load_schedule_time_of (schedule, n), ==, flat_ns);
  for (guint k = 1; k < 30; k++)
    {
      /* n = rate * t^2 / (2 * duration) */
      double behind_s = sqrt ((k - 0.0407) * 2 * 72000 / 0.001);

      g_assert_cmpfloat_with_epsilon (
          (double)(lds_load_schedule_time_of (schedule, n + k) - joint_ns), behind_s * 1e9, 0.6);
    }
}

static void
test_joints (void)
{
  const LdsLoadSegment segments[] = {
      {0, 0, S_NS},
      {100, 100, S_NS},
      {1000, 1000, S_NS},
      {0, 0, S_NS},
      {1000, 0, S_NS},
      {0, 10, S_NS},
      {0, 0, S_NS},
  };
  g_autoptr (LdsLoadSchedule) schedule = make (G_N_ELEMENTS (segments), segments);

  g_assert_cmpint (lds_load_schedule_get_duration_ns (schedule), ==, 7 * S_NS);
  g_assert_cmpfloat (lds_load_schedule_get_requests (schedule), ==, 1605);
  g_assert_cmpfloat (lds_load_schedule_warm_up_rate_hz (schedule), ==, 100);
  for (guint i = 0; i < 7; i++)
    {
      g_assert_cmpuint (lds_load_schedule_segment_at (schedule, i * S_NS), ==, i);
      g_assert_cmpuint (lds_load_schedule_segment_at (schedule, (i + 1) * S_NS - 1), ==, i);
      g_assert_cmpfloat (lds_load_schedule_rate_at (schedule, i * S_NS), ==, segments[i].from_hz);
    }
  g_assert_cmpuint (lds_load_schedule_segment_at (schedule, -1), ==, 0);
  g_assert_cmpuint (lds_load_schedule_segment_at (schedule, 7 * S_NS), ==, 6);
  g_assert_cmpfloat (lds_load_schedule_rate_at (schedule, -1), ==, 0);
  g_assert_cmpfloat (lds_load_schedule_rate_at (schedule, 7 * S_NS), ==, 0);
  g_assert_cmpint (lds_load_schedule_time_of (schedule, 0), ==, S_NS);
  g_assert_cmpint (lds_load_schedule_time_of (schedule, 99), ==, 1990 * LDS_NS_PER_MS);
  g_assert_cmpint (lds_load_schedule_time_of (schedule, 100), ==, 2 * S_NS);
  g_assert_cmpint (lds_load_schedule_time_of (schedule, 1099), ==, 2999 * LDS_NS_PER_MS);
  /* Nearer to the joint than to any other ns, and yet ahead of it. */
  g_assert_cmpint (lds_load_schedule_time_of (schedule, nextafter (1100, 0)), ==, 3 * S_NS - 1);
  g_assert_cmpint (lds_load_schedule_time_of (schedule, nextafter (1605, 0)), ==, 6 * S_NS - 1);
  /* At the end of a pause, not at its start. */
  g_assert_cmpint (lds_load_schedule_time_of (schedule, 1100), ==, 4 * S_NS);
  g_assert_cmpint (lds_load_schedule_time_of (schedule, 1600), ==, 5 * S_NS);
  g_assert_cmpint (lds_load_schedule_time_of (schedule, 1605), ==, G_MAXINT64);
}

static LdsLoadSchedule *
make_random (GRand *random)
{
  LdsLoadSegment segments[8];
  guint n = (guint)g_rand_int_range (random, 1, 9);

  for (guint i = 0; i < n; i++)
    {
      double from_hz =
          g_rand_int_range (random, 0, 5) == 0 ? 0 : pow (10, g_rand_double_range (random, -3, 7));
      double to_hz =
          g_rand_int_range (random, 0, 5) == 0 ? 0 : pow (10, g_rand_double_range (random, -3, 7));

      segments[i] = (LdsLoadSegment){from_hz, g_rand_boolean (random) ? to_hz : from_hz,
                                     (gint64)pow (10, g_rand_double_range (random, 6, 13))};
    }
  segments[n - 1].to_hz = 1000;
  return make (n, segments);
}

/* A request's time is that whose integral is the request, to the ns; later requests are never earlier. */
static void
test_inverse (void)
{
  GRand *random = g_rand_new_with_seed (11);

  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (LdsLoadSchedule) schedule = make_random (random);
      double n = lds_load_schedule_get_requests (schedule), x = 0;
      gint64 last_ns = 0;
      guint segment = 0;

      while (x < n)
        {
          gint64 t_ns = lds_load_schedule_time_of (schedule, x);
          /* What a double leaves open in a number of requests. */
          double dust = 4 * DBL_EPSILON * x;

          g_assert_cmpint (t_ns, ==, lds_load_schedule_time_of_next (schedule, x, &segment));
          g_assert_cmpint (t_ns, >=, last_ns);
          g_assert_cmpint (t_ns, <, lds_load_schedule_get_duration_ns (schedule));
          g_assert_cmpuint (lds_load_schedule_segment_at (schedule, t_ns), ==, segment);
          g_assert_cmpfloat (lds_load_schedule_requests_until (schedule, t_ns - 1), <=, x + dust);
          g_assert_cmpfloat (lds_load_schedule_requests_until (schedule, t_ns + 1), >=, x - dust);
          last_ns = t_ns;
          x += n * g_rand_double (random) / 50;
        }
      g_assert_cmpint (lds_load_schedule_time_of (schedule, nextafter (n, INFINITY)), ==,
                       G_MAXINT64);
    }
  g_rand_free (random);
}

/* Between two requests the integral grows by one, over a joint as within a segment: no clump, no hole. */
static void
test_no_clumps (void)
{
  const LdsLoadSegment segments[] = {
      {333, 333, 100 * LDS_NS_PER_MS},
      {1000, 5000, 77 * LDS_NS_PER_MS},
      {50, 50, 33 * LDS_NS_PER_MS},
      {7000, 10, 100 * LDS_NS_PER_MS},
      {700, 700, 51 * LDS_NS_PER_MS},
  };
  g_autoptr (LdsLoadSchedule) schedule = make (G_N_ELEMENTS (segments), segments);
  double n = lds_load_schedule_get_requests (schedule);

  for (guint k = 0; k + 1 < n; k++)
    {
      gint64 a_ns = lds_load_schedule_time_of (schedule, k),
             b_ns = lds_load_schedule_time_of (schedule, k + 1);
      double least_hz = G_MAXDOUBLE, most_hz = 0;

      for (guint i = 0; i <= 1000; i++)
        {
          double rate_hz = lds_load_schedule_rate_at (schedule, a_ns + (b_ns - a_ns) * i / 1000);

          least_hz = MIN (least_hz, rate_hz);
          most_hz = MAX (most_hz, rate_hz);
        }
      /* The gap is that of a rate between the lowest and the highest there. */
      g_assert_cmpfloat ((double)(b_ns - a_ns), >=, 1e9 / most_hz * 0.99 - 1);
      g_assert_cmpfloat ((double)(b_ns - a_ns), <=, 1e9 / least_hz * 1.01 + 1);
    }
}

static LdsLoadSchedule *
parse (const char *json,
       GError **error)
{
  g_autoptr (GError) json_error = NULL;
  g_autoptr (JsonNode) node = lds_json_parse (json, strlen (json), "plan", &json_error);

  g_assert_no_error (json_error);
  return lds_load_schedule_from_json (json_node_get_object (node), 7 * S_NS, error);
}

static void
test_json (void)
{
  const char *text = "[{\"rate_hz\":1000.0,\"duration_ms\":5000},{\"rate_hz\":1000.0,\"to_hz\":0.5,\"duration_ms\":10000}]";
  g_autofree char *plan = g_strdup_printf ("{\"schedule\":%s,\"rate_hz\":null}", text);
  g_autoptr (LdsLoadSchedule) steps = parse (plan, NULL);
  g_autoptr (LdsLoadSchedule) constant = parse ("{\"rate_hz\":250}", NULL);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *again = NULL;
  const char *const closed[] = {"{}", "{\"rate_hz\":0}", "{\"schedule\":null}"};

  g_assert_cmpuint (lds_load_schedule_get_n_segments (steps), ==, 2);
  g_assert_cmpint (lds_load_schedule_get_duration_ns (steps), ==, 15 * S_NS);
  g_assert_cmpfloat (lds_load_schedule_get_requests (steps), ==, 10002.5);
  json_node_take_array (node, lds_load_schedule_to_json (steps));
  again = lds_json_to_text (node, FALSE);
  g_assert_cmpstr (again, ==, text);
  g_assert_cmpuint (lds_load_schedule_get_n_segments (constant), ==, 1);
  g_assert_cmpint (lds_load_schedule_get_duration_ns (constant), ==, 7 * S_NS);
  g_assert_cmpfloat (lds_load_schedule_get_requests (constant), ==, 1750);
  for (guint i = 0; i < G_N_ELEMENTS (closed); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (closed[i], &error));
      g_assert_no_error (error);
    }
}

static void
test_refused (void)
{
  /* What is wrong, and the words that the message must hold. */
  static const char *const bad[][2] = {
      {"{\"rate_hz\":-1}", "“rate_hz” is -1"},
      {"{\"rate_hz\":1e-9}", "“rate_hz”"},
      {"{\"rate_hz\":1e8}", "“rate_hz”"},
      {"{\"rate_hz\":\"5\"}", "“rate_hz” must be a number"},
      {"{\"schedule\":5}", "“schedule”"},
      {"{\"schedule\":{}}", "“schedule”"},
      {"{\"schedule\":[]}", "“schedule” has 0 steps"},
      {"{\"schedule\":[5]}", "“schedule”, step 1"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":5},null]}", "“schedule”, step 2"},
      {"{\"schedule\":[{\"rate_hz\":5}]}", "has no “duration_ms”"},
      {"{\"schedule\":[{\"to_hz\":5,\"duration_ms\":5}]}", "has no “rate_hz”"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":5,\"to\":7}]}", "“to”"},
      {"{\"schedule\":[{\"rate_hz\":true,\"duration_ms\":5}]}", "step 1: “rate_hz” must be"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":5.5}]}", "step 1: “duration_ms” must be"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":5},{\"rate_hz\":-5,\"duration_ms\":5}]}", "step 2, has the rates -5"},
      {"{\"schedule\":[{\"rate_hz\":5,\"to_hz\":1e-9,\"duration_ms\":5}]}", "step 1, has the rates"},
      {"{\"schedule\":[{\"rate_hz\":5,\"to_hz\":10000001,\"duration_ms\":5}]}", "the rates 5 and 10000001"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":0}]}", "“duration_ms” of 0"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":-1}]}", "“duration_ms” of -1"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":9223372036854775807}]}", "“duration_ms” of 9223372036854775807"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":86400000},{\"rate_hz\":5,\"duration_ms\":1}]}", "step 2, has a “duration_ms” of 1"},
      {"{\"schedule\":[{\"rate_hz\":0,\"duration_ms\":5}]}", "no rate above 0"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":5}],\"rate_hz\":5}", "“rate_hz” follows"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":5}],\"rate_hz\":0}", "“rate_hz” follows"},
      {"{\"schedule\":[{\"rate_hz\":5,\"duration_ms\":5}],\"duration_ms\":5}", "“duration_ms” follows"},
  };
  g_autoptr (GString) many = g_string_new ("{\"schedule\":[");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LdsLoadSchedule) schedule = parse (bad[i][0], &error);

      g_test_message ("%s: %s", bad[i][0], error != NULL ? error->message : "accepted");
      g_assert_null (schedule);
      g_assert_error (error, LDS_ERROR, LDS_ERROR_INPUT);
      g_assert_nonnull (strstr (error->message, bad[i][1]));
      g_assert_null (strchr (error->message, '\n'));
    }
  for (guint i = 1; i <= LDS_LOAD_MAX_SEGMENTS + 1; i++)
    {
      g_autofree char *whole = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (LdsLoadSchedule) schedule = NULL;

      g_string_append_printf (many, "%s{\"rate_hz\":5,\"duration_ms\":5}", i > 1 ? "," : "");
      whole = g_strconcat (many->str, "]}", NULL);
      schedule = parse (whole, &error);
      g_assert_cmpint (schedule != NULL, ==, i <= LDS_LOAD_MAX_SEGMENTS);
      g_assert_cmpint (error != NULL, ==, i > LDS_LOAD_MAX_SEGMENTS);
    }
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/load/schedule/constant", test_constant);
  g_test_add_func ("/load/schedule/no-dust", test_no_dust);
  g_test_add_func ("/load/schedule/ramp", test_ramp);
  g_test_add_func ("/load/schedule/ramp-far-out", test_ramp_far_out);
  g_test_add_func ("/load/schedule/joints", test_joints);
  g_test_add_func ("/load/schedule/inverse", test_inverse);
  g_test_add_func ("/load/schedule/no-clumps", test_no_clumps);
  g_test_add_func ("/load/schedule/json", test_json);
  g_test_add_func ("/load/schedule/refused", test_refused);
  return g_test_run ();
}
