/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration: the fixed set of workloads, and the figures that follow from them. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-calibration.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-calibration-private.h"
#include "lds-clock.h"
#include "lds-error.h"
#include "lds-runtime.h"

/* Bodies of the workloads in bytes, as they are in data/workloads/ and come from the server. */
#define ECHO_LINE_BYTES   65.0
#define ECHO_FEW_LINES    16.0
#define ECHO_MANY_LINES   256.0
#define JSON_ANSWER_BYTES 1024.0
#define PARSE_BODY_BYTES  12813.0

/* A run of fewer answers is counted by the time that they took, for of those at its ends a part belongs to others. */
#define MANY_ANSWERS 1000

/* An answer so much later than usual was held up by something else than what answers it. Of collections of garbage
 * less is not told from the machine's own noise. */
#define PAUSE_NS   200000.0
#define MIN_PAUSES 8
/* Collections are a small part of what requests cost. Where answers are held up for more, it is something else, such as a
 * compiler that has not done yet, and no figure of a runtime at work. */
#define MAX_PAUSES_PART 0.2
#define NOISE_FACTOR    2

/* Of a process, as much memory as this part of what it comes to is taken to be all but reached. */
#define GROWN_PART 0.9

/* Runs of plain requests that a figure needs at least. */
#define MIN_RUNS 2

/* The last two together have an interval. */
static const guint repeats[LDS_CALIBRATION_N_STAGES] = {2, 2, LDS_ESTIMATE_MIN_RUNS - 2};

#define LONG_REPEATS 2 /* so many times as often unless it is to be quick */

static const struct
{
  const char *workload;
  guint connections;
  gboolean computes; /* the bare model is measured, too, to know what the same is in C */
} points[N_POINTS] = {
    [HELLO] = {"hello", 64, FALSE},
    [JSON] = {"json", 64, FALSE},
    [ECHO_FEW] = {"echo", 64, FALSE},
    [ECHO_MANY] = {"echo?blocks=256", 64, FALSE},
    [TIMER] = {"user?ms=2", 64, FALSE},
    [PRODUCT] = {"product", 64, FALSE},
    [MESSAGE] = {"ws-echo", 64, FALSE},
    [MEMBERS_FEW] = {"events?hz=10", 64, FALSE},
    [HELLO_ALONE] = {"hello", 1, TRUE},
    [ROOTS] = {"compute?millions=1", 1, TRUE},
    [IMAGE_SMALL] = {"image?size=16", 1, TRUE},
    [IMAGE] = {"image", 1, TRUE},
    [PARSE] = {"parse?objects=100", 1, TRUE},
    [MEMBERS_MANY] = {"events?hz=10", 1000, FALSE},
};

static const guint groups[] = {64, 1, 1000};

LdsCalibration *
lds_calibration_new (const LdsLane *subject,
                     gboolean quick)
{
  LdsCalibration *self = g_new0 (LdsCalibration, 1);

  g_return_val_if_fail (subject != NULL && subject->model_id != NULL, NULL);

  self->subject = subject;
  self->reference = lds_lane_find (subject->model_id, NULL);
  self->quick = quick;
  for (guint s = 0; s < LDS_CALIBRATION_N_STAGES; s++)
    for (guint w = 0; w < N_SIDES; w++)
      for (guint p = 0; p < N_POINTS; p++)
        self->observations[s][w][p] = g_array_new (FALSE, FALSE, sizeof (Observation));
  for (guint f = 0; f < N_FIGURES; f++)
    self->figures[f] = (LdsEstimate){0, NAN, NAN, NAN};
  return self;
}

void
lds_calibration_free (LdsCalibration *self)
{
  if (self == NULL)
    return;
  for (guint s = 0; s < LDS_CALIBRATION_N_STAGES; s++)
    for (guint w = 0; w < N_SIDES; w++)
      for (guint p = 0; p < N_POINTS; p++)
        g_array_unref (self->observations[s][w][p]);
  g_free (self);
}

/* --- What to measure ------------------------------------------------------------------------- */

static gboolean
serves (const LdsLane *lane,
        const LdsWorkload *workload)
{
  if (lane->runtime != NULL)
    return lds_runtime_serves (lane->runtime, workload);
  return workload->kind == LDS_WORKLOAD_REQUESTS || !lane->holds_no_streams;
}

/* Whether jobs of the model go to other threads or processes: only then they have a price of their own. */
static gboolean
hands_over (const LdsLane *lane)
{
  static const char *const models[] = {"worker-threads", "thread-per-request", "process-pool", "polyglot", NULL};

  return g_strv_contains (models, lane->model_id);
}

static gboolean
has_loop (const LdsLane *lane)
{
  return lane->family == LDS_FAMILY_EVENT_LOOP || lane->family == LDS_FAMILY_ASYNCIO ||
         lane->family == LDS_FAMILY_POLYGLOT;
}

static LdsPlan *
new_plan (const LdsCalibration *self,
          LdsCalibrationStage stage,
          guint connections)
{
  LdsPlan *plan = lds_plan_new ();

  plan->connections = connections;
  plan->repeats = lds_calibration_count_repeats (self, stage);
  plan->duration_ms = self->quick ? 400 : 1000;
  /* Compilers of runtimes come in while they serve, after some ten thousand requests. */
  plan->warm_up_ms = self->quick ? 900 : 1500;
  g_ptr_array_add (plan->lanes, (gpointer)self->subject);
  return plan;
}

GPtrArray *
lds_calibration_make_plans (const LdsCalibration *self,
                            LdsCalibrationStage stage,
                            const LdsLane *twin)
{
  GPtrArray *plans = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_plan_free);

  g_return_val_if_fail (self != NULL && (twin != NULL) == (stage != LDS_CALIBRATION_FIT), plans);

  for (guint g = 0; g < G_N_ELEMENTS (groups); g++)
    {
      g_autoptr (LdsPlan) plan = new_plan (self, stage, groups[g]);
      gboolean computes = FALSE;

      for (guint p = 0; p < N_POINTS; p++)
        {
          const LdsWorkload *workload = lds_workload_find (points[p].workload, NULL);

          if (points[p].connections != groups[g] || !serves (self->subject, workload) ||
              !serves (self->reference, workload) ||
              (p == IMAGE_SMALL && !hands_over (self->reference)))
            continue;
          computes = computes || points[p].computes;
          g_ptr_array_add (plan->workloads, (gpointer)workload);
        }
      if (twin != NULL)
        g_ptr_array_add (plan->lanes, (gpointer)twin);
      else if (computes)
        g_ptr_array_add (plan->lanes, (gpointer)self->reference);
      if (plan->workloads->len > 0)
        g_ptr_array_add (plans, g_steal_pointer (&plan));
    }
  return plans;
}

/* --- What came out --------------------------------------------------------------------------- */

static guint
find_point (const LdsRunSpec *spec)
{
  for (guint p = 0; p < N_POINTS; p++)
    if (points[p].connections == spec->connections &&
        lds_workload_find (points[p].workload, NULL) == spec->workload)
      return p;
  return N_POINTS;
}

/* How many answers the CPU time of the measured interval was spent on. In a closed loop each connection is always in
 * one, so they follow from how long one takes. */
static double
count_answers (const LdsRun *run)
{
  double mean_ns = run->service != NULL ? lds_histogram_mean_ns (run->service) : 0;

  if (run->requests >= MANY_ANSWERS || mean_ns <= 0 || run->spec.workload->stream != NULL)
    return (double)run->requests;
  return run->spec.connections * run->duration_s * LDS_NS_PER_S / mean_ns;
}

/* Answers that were held up, and by how much all together. */
static void
count_pauses (const LdsHistogram *histogram,
              Observation *seen)
{
  double usual_ns = (double)lds_histogram_quantile_ns (histogram, 0.5);

  seen->n_answers = (double)histogram->total;
  for (size_t i = lds_histogram_index ((int64_t)(usual_ns + PAUSE_NS)) + 1;
       i < LDS_HISTOGRAM_BUCKETS; i++)
    if (histogram->counts[i] > 0)
      {
        double middle_ns =
            ((double)lds_histogram_bucket_low_ns (i) + (double)lds_histogram_bucket_high_ns (i)) /
            2;

        seen->n_pauses += (double)histogram->counts[i];
        seen->paused_ns += (double)histogram->counts[i] * (middle_ns - usual_ns);
      }
}

/* Requests of a process until its memory had all but grown. */
static double
count_growth (const LdsRun *run)
{
  double target_bytes =
      run->base_rss_bytes + GROWN_PART * (run->peak_rss_bytes - run->base_rss_bytes);
  double requests = 0, last_s = NAN;

  for (guint i = 0; i < run->samples->len; i++)
    {
      const LdsSample *sample = &g_array_index (run->samples, LdsSample, i);
      double t_s = (double)sample->t_ns / LDS_NS_PER_S;

      if (isfinite (last_s) && isfinite (sample->rate_hz))
        requests += sample->rate_hz * (t_s - last_s);
      last_s = t_s;
      if (sample->rss_bytes >= target_bytes)
        break;
    }
  return requests / GROWN_PART / MAX (run->processes->len, 1);
}

void
lds_calibration_take (LdsCalibration *self,
                      LdsCalibrationStage stage,
                      const LdsRun *run)
{
  guint point = find_point (&run->spec);
  Side side = run->spec.lane == self->subject     ? SUBJECT
              : run->spec.lane == self->reference ? REFERENCE
                                                  : TWIN;
  Observation seen = {.repeat = run->spec.repeat};
  double answers = count_answers (run);

  g_return_if_fail (point < N_POINTS);

  if (lds_run_was_held_up (run) || run->requests == 0 || run->errors > 0 ||
      !(run->server_cpu_s > 0))
    return;
  seen.cpu_ns = answers > 0 ? run->server_cpu_s * LDS_NS_PER_S / answers : NAN;
  seen.start_up_ns = run->start_up_ms * LDS_NS_PER_MS;
  seen.base_rss_bytes = run->base_rss_bytes;
  seen.peak_rss_bytes = run->peak_rss_bytes;
  seen.p99_ns = run->service != NULL ? (double)lds_histogram_quantile_ns (run->service, 0.99) : NAN;
  seen.n_processes = MAX (run->processes->len, 1);
  seen.broad_pace_hz = run->broad_pace_hz;
  seen.narrow_pace_hz = run->narrow_pace_hz;
  if (point == HELLO)
    seen.growth_requests = count_growth (run);
  if (point == HELLO_ALONE && run->service != NULL)
    count_pauses (run->service, &seen);
  g_array_append_val (self->observations[stage][side][point], seen);
}

/* --- Figures --------------------------------------------------------------------------------- */

/* Returns: (nullable): the observation of that repeat */
static const Observation *
find_repeat (GArray *observations,
             guint repeat)
{
  for (guint i = 0; i < observations->len; i++)
    if (g_array_index (observations, Observation, i).repeat == repeat)
      return &g_array_index (observations, Observation, i);
  return NULL;
}

double
lds_calibration_median (const LdsCalibration *self,
                        LdsCalibrationStage stage,
                        guint side,
                        guint point,
                        gsize offset)
{
  GArray *observations = self->observations[stage][side][point];
  g_autofree double *values = g_new (double, observations->len + 1);
  guint n = 0;

  for (guint i = 0; i < observations->len; i++)
    {
      double value = *(const double *)(const void *)((const char *)&g_array_index (observations,
                                                                                   Observation, i) +
                                                     offset);

      if (isfinite (value))
        values[n++] = value;
    }
  return lds_stats_median (values, n);
}

/* CPU time in C, less that of a request that only asks. */
static double
in_c (const LdsCalibration *self,
      Point point,
      Point beside)
{
  gsize cpu = offsetof (Observation, cpu_ns);

  return lds_calibration_median (self, LDS_CALIBRATION_FIT, REFERENCE, point, cpu) -
         lds_calibration_median (self, LDS_CALIBRATION_FIT, REFERENCE, beside, cpu);
}

/* How many times as long as at the pace of the profile things took while @point was measured, by the twin that ran beside
 * the runtime; 1 when that is not known. */
static double
get_slowness (const LdsCalibration *self,
              LdsCalibrationStage stage,
              Point point,
              guint repeat)
{
  const Observation *twin = find_repeat (self->observations[stage][TWIN][point], repeat);
  double slowness =
      twin != NULL ? self->figures[BROAD_PACE].median / twin->broad_pace_hz : NAN;

  return isfinite (slowness) && slowness > 0 ? slowness : 1;
}

/* The pace of the profile is that of the first twin. */
static void
find_paces (LdsCalibration *self)
{
  static const struct
  {
    Figure figure;
    Point point;
    gsize offset;
  } paces[] = {
      {BROAD_PACE, HELLO, offsetof (Observation, broad_pace_hz)},
      {NARROW_PACE, ROOTS, offsetof (Observation, narrow_pace_hz)},
  };

  for (guint i = 0; i < G_N_ELEMENTS (paces); i++)
    {
      double pace_hz = lds_calibration_median (self, LDS_CALIBRATION_CORRECT, TWIN, paces[i].point,
                                               paces[i].offset);
      guint n = self->observations[LDS_CALIBRATION_CORRECT][TWIN][paces[i].point]->len;

      if (isfinite (pace_hz) && pace_hz > 0)
        self->figures[paces[i].figure] = (LdsEstimate){n, pace_hz, pace_hz, pace_hz};
    }
}

/* What one repeat of @side says of each figure; NaN where it says nothing. */
static void
derive (const LdsCalibration *self,
        LdsCalibrationStage stage,
        Side side,
        guint repeat,
        double *figures)
{
  const Observation *seen[N_POINTS];
  double cpu_ns[N_POINTS], raw_ns[N_POINTS], json_byte_ns, small_ns;

  for (guint p = 0; p < N_POINTS; p++)
    {
      seen[p] = find_repeat (self->observations[stage][side][p], repeat);
      raw_ns[p] = seen[p] != NULL ? seen[p]->cpu_ns : NAN;
      cpu_ns[p] = raw_ns[p] / get_slowness (self, stage, (Point)p, repeat);
    }
  figures[REQUEST] = cpu_ns[HELLO];
  /* What is read is written again: half of it each. */
  figures[BYTE] = (cpu_ns[ECHO_MANY] - cpu_ns[ECHO_FEW]) /
                  (2 * ECHO_LINE_BYTES * (ECHO_MANY_LINES - ECHO_FEW_LINES));
  figures[BODY] =
      cpu_ns[ECHO_FEW] - cpu_ns[HELLO] - 2 * ECHO_LINE_BYTES * ECHO_FEW_LINES * figures[BYTE];
  json_byte_ns = (cpu_ns[JSON] - cpu_ns[HELLO]) / JSON_ANSWER_BYTES;
  figures[JSON_BYTE] = json_byte_ns - figures[BYTE];
  /* One at a time, each request has a turn of its own; of many at a time few do. */
  figures[TURN] = has_loop (self->reference) ? cpu_ns[HELLO_ALONE] - cpu_ns[HELLO] : NAN;
  figures[TIMER_COST] = cpu_ns[TIMER] - cpu_ns[HELLO];
  figures[DATABASE] = cpu_ns[PRODUCT] - cpu_ns[HELLO];
  figures[MESSAGE_COST] = cpu_ns[MESSAGE] / 2; /* one in, one out */
  /* What computes hardly tells how fast the machine is for requests; of ratios that does not matter. */
  figures[COMPUTE_RATIO] =
      (raw_ns[ROOTS] - raw_ns[HELLO_ALONE]) / in_c (self, ROOTS, HELLO_ALONE);
  if (hands_over (self->reference))
    {
      figures[INTEGER_RATIO] =
          (raw_ns[IMAGE] - raw_ns[IMAGE_SMALL]) / in_c (self, IMAGE, IMAGE_SMALL);
      small_ns = figures[INTEGER_RATIO] * in_c (self, IMAGE_SMALL, HELLO_ALONE);
      figures[DISPATCH] = raw_ns[IMAGE_SMALL] - raw_ns[HELLO_ALONE] - small_ns;
    }
  else
    {
      figures[INTEGER_RATIO] =
          (raw_ns[IMAGE] - raw_ns[HELLO_ALONE]) / in_c (self, IMAGE, HELLO_ALONE);
      figures[DISPATCH] = NAN;
    }
  figures[NATIVE_RATIO] =
      (raw_ns[PARSE] - raw_ns[HELLO_ALONE] - figures[BODY] - PARSE_BODY_BYTES * figures[BYTE]) /
      in_c (self, PARSE, HELLO_ALONE);
  figures[BASE_RSS] =
      seen[HELLO] != NULL ? seen[HELLO]->base_rss_bytes / seen[HELLO]->n_processes : NAN;
  figures[LOADED_RSS] =
      seen[HELLO] != NULL ? seen[HELLO]->peak_rss_bytes / seen[HELLO]->n_processes : NAN;
  figures[LOADED_REQUESTS] = seen[HELLO] != NULL ? seen[HELLO]->growth_requests : NAN;
  figures[CONNECTION] =
      seen[MEMBERS_MANY] != NULL && seen[MEMBERS_FEW] != NULL
          ? (seen[MEMBERS_MANY]->peak_rss_bytes - seen[MEMBERS_FEW]->peak_rss_bytes) /
                (points[MEMBERS_MANY].connections - points[MEMBERS_FEW].connections)
          : NAN;
  figures[STARTUP_CPU] = seen[HELLO] != NULL ? seen[HELLO]->start_up_ns : NAN;
  figures[PAUSE] = figures[PAUSE_REQUESTS] = figures[BROAD_PACE] = figures[NARROW_PACE] = NAN;
}

/* How a figure is brought nearer: what the twin lacks is added; where it multiplies, by how much too little it is. */
static double
correct (Figure figure,
         double spent,
         double real,
         double twin)
{
  const LdsCalibrationMember *member = &lds_calibration_members[figure];

  if (member->multiplies)
    return twin > 0 && real > 0 ? spent * real / twin : NAN;
  return spent + real - twin;
}

static gboolean
is_time (Figure figure)
{
  return g_str_has_suffix (lds_calibration_members[figure].members[0], "_ns");
}

static double
clamp (Figure figure,
       double value)
{
  const LdsCalibrationMember *member = &lds_calibration_members[figure];

  return CLAMP (value, member->minimum, member->maximum);
}

/* All runs of plain requests of the runtime so far, one at a time: a pause holds up one answer. */
static void
find_pauses (LdsCalibration *self)
{
  double answers[N_SIDES] = {0}, pauses[N_SIDES] = {0}, paused_ns[N_SIDES] = {0}, share, each_ns;

  for (guint s = 0; s < LDS_CALIBRATION_N_STAGES; s++)
    for (guint w = SUBJECT; w <= REFERENCE; w++)
      for (guint i = 0; i < self->observations[s][w][HELLO_ALONE]->len; i++)
        {
          const Observation *seen =
              &g_array_index (self->observations[s][w][HELLO_ALONE], Observation, i);

          answers[w] += seen->n_answers;
          pauses[w] += seen->n_pauses;
          paused_ns[w] += seen->paused_ns;
        }
  if (pauses[SUBJECT] < MIN_PAUSES || answers[REFERENCE] <= 0)
    return;
  share = pauses[SUBJECT] / answers[SUBJECT] - pauses[REFERENCE] / answers[REFERENCE];
  each_ns = paused_ns[SUBJECT] / answers[SUBJECT] - paused_ns[REFERENCE] / answers[REFERENCE];
  if (share * answers[SUBJECT] * NOISE_FACTOR < pauses[SUBJECT] || each_ns <= 0 ||
      each_ns > MAX_PAUSES_PART * self->figures[REQUEST].median)
    {
      /* Earlier runs may have said otherwise. */
      self->figures[PAUSE] = self->figures[PAUSE_REQUESTS] = (LdsEstimate){0, NAN, NAN, NAN};
      return;
    }
  self->figures[PAUSE_REQUESTS] =
      (LdsEstimate){(guint)pauses[SUBJECT], 1 / share, 1 / share, 1 / share};
  self->figures[PAUSE] =
      (LdsEstimate){(guint)pauses[SUBJECT], each_ns / share, each_ns / share, each_ns / share};
}

/* Values of a figure that the runs of @stage give; @spent is what its twin spent. Returns how many. */
static guint
collect (const LdsCalibration *self,
         LdsCalibrationStage stage,
         Figure figure,
         double spent,
         double *values)
{
  guint n = 0;

  for (guint repeat = 0; repeat < lds_calibration_count_repeats (self, stage); repeat++)
    {
      double real[N_FIGURES], twin[N_FIGURES], value;

      derive (self, stage, SUBJECT, repeat, real);
      value = real[figure];
      if (stage != LDS_CALIBRATION_FIT)
        {
          double as_spent = spent;

          /* The first twin did not know the pace, and spent the same at any. */
          if (stage == LDS_CALIBRATION_CORRECT && is_time (figure))
            as_spent /= get_slowness (self, stage, HELLO, repeat);
          derive (self, stage, TWIN, repeat, twin);
          value = correct (figure, as_spent, real[figure], twin[figure]);
        }
      if (isfinite (value))
        values[n++] = clamp (figure, value);
    }
  return n;
}

/* What was fitted without a twin is only where to begin. */
static void
fit_figure (LdsCalibration *self,
            LdsCalibrationStage stage,
            Figure figure)
{
  double values[LDS_CALIBRATION_N_STAGES * LDS_PLAN_MAX_REPEATS];
  guint n = 0;

  self->spent[stage][figure] = self->figures[figure].n > 0 ? self->figures[figure].median : 0;
  for (guint s = MIN ((guint)stage, LDS_CALIBRATION_CORRECT); s <= (guint)stage; s++)
    n += collect (self, (LdsCalibrationStage)s, figure, self->spent[s][figure], values + n);
  if (n > 0)
    self->figures[figure] = lds_stats_estimate (values, n);
}

gboolean
lds_calibration_fit (LdsCalibration *self,
                     LdsCalibrationStage stage,
                     GError **error)
{
  guint n_runs = self->observations[stage][SUBJECT][HELLO]->len;

  g_return_val_if_fail (self != NULL, FALSE);

  if (n_runs < MIN_RUNS ||
      (stage != LDS_CALIBRATION_FIT && self->observations[stage][TWIN][HELLO]->len < MIN_RUNS))
    {
      g_autofree char *label = lds_lane_dup_label (self->subject);

      g_set_error (error, LDS_ERROR, LDS_ERROR_INVALID,
                   /* Translators: a lane */
                   _ ("%s cannot be calibrated: fewer than two runs of plain requests came to an answer; measure it with “bench” to see why."),
                   label);
      return FALSE;
    }
  if (stage == LDS_CALIBRATION_CORRECT)
    find_paces (self);
  for (guint f = 0; f < N_FIGURES; f++)
    fit_figure (self, stage, (Figure)f);
  if (stage != LDS_CALIBRATION_CHECK)
    find_pauses (self);
  return TRUE;
}

LdsEstimate
lds_calibration_get (const LdsCalibration *self,
                     const char *member)
{
  for (guint f = 0; f < N_FIGURES; f++)
    for (guint m = 0; m < G_N_ELEMENTS (lds_calibration_members[f].members); m++)
      if (g_strcmp0 (lds_calibration_members[f].members[m], member) == 0)
        return self->figures[f];
  g_return_val_if_reached (((LdsEstimate){0, NAN, NAN, NAN}));
}

const char *
lds_calibration_workload_of (guint point,
                             guint *connections)
{
  *connections = points[point].connections;
  return points[point].workload;
}

guint
lds_calibration_count_repeats (const LdsCalibration *self,
                               LdsCalibrationStage stage)
{
  return repeats[stage] * (self->quick ? 1 : LONG_REPEATS);
}
