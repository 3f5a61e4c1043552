/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search for the knee. */
#define G_LOG_DOMAIN "lds-bench"

#include "config.h"
#include "lds-knee.h"

#include <math.h>

/* First step up or down from where the search begins; later ones are as wide as all before. */
#define FIRST_STEP 1.25
/* What two rates that are meant to be the same may differ by; rounding makes 5e-4. */
#define SAME_RATIO 1.001
/* Odds by which one run more makes a decision likelier: 0.8 / 0.2. */
#define ODDS 4.0

/* What is known of one rate. */
typedef struct
{
  double rate_hz;
  guint n_good;
  guint n_bad; /* those of the load generator among them */
  guint n_client;
  int old_balance; /* of earlier times */
} Rate;

double
lds_knee_round_hz (double rate_hz)
{
  double unit;

  g_return_val_if_fail (rate_hz > 0 && isfinite (rate_hz), rate_hz);

  unit = pow (10, floor (log10 (rate_hz)) - 3);
  /* Dividing by a power of ten is exact where multiplying by its inverse is not. */
  return unit < 1 ? round (rate_hz / unit) / round (1 / unit) : round (rate_hz / unit) * unit;
}

static int
compare_rates (gconstpointer a,
               gconstpointer b)
{
  double x = ((const Rate *)a)->rate_hz, y = ((const Rate *)b)->rate_hz;

  return x < y ? -1 : x > y;
}

static int
get_balance (const Rate *rate)
{
  return (int)rate->n_good - (int)rate->n_bad;
}

static gboolean
is_undecided (const Rate *rate)
{
  return rate->n_good + rate->n_bad >= LDS_KNEE_MAX_REPEATS &&
         ABS (get_balance (rate)) < LDS_KNEE_DECISIVE;
}

/* What is only known from earlier counts as one run, or not at all where it was as often good as bad. */
static void
count_old (GArray *rates,
           guint index)
{
  Rate *rate = &g_array_index (rates, Rate, index);

  if (rate->n_good + rate->n_bad > 0)
    return;
  rate->n_good = rate->old_balance > 0;
  rate->n_bad = rate->old_balance < 0;
  if (rate->old_balance == 0)
    g_array_remove_index (rates, index);
}

/* Returns: (transfer full) (element-type Rate): ascending */
static GArray *
count_by_rate (const LdsKneeOutcome *outcomes,
               guint n)
{
  GArray *rates = g_array_new (FALSE, TRUE, sizeof (Rate));

  for (guint i = 0; i < n; i++)
    {
      Rate *found = NULL;

      for (guint r = 0; found == NULL && r < rates->len; r++)
        {
          Rate *rate = &g_array_index (rates, Rate, r);

          if (fmax (rate->rate_hz, outcomes[i].rate_hz) <=
              SAME_RATIO * fmin (rate->rate_hz, outcomes[i].rate_hz))
            found = rate;
        }
      if (found == NULL)
        {
          Rate rate = {.rate_hz = outcomes[i].rate_hz};

          g_array_append_val (rates, rate);
          found = &g_array_index (rates, Rate, rates->len - 1);
        }
      if (outcomes[i].is_old)
        {
          found->old_balance += outcomes[i].vote == LDS_KNEE_GOOD ? 1 : -1;
          continue;
        }
      found->n_good += outcomes[i].vote == LDS_KNEE_GOOD;
      found->n_bad += outcomes[i].vote != LDS_KNEE_GOOD;
      found->n_client += outcomes[i].vote == LDS_KNEE_CLIENT;
    }
  for (guint i = rates->len; i > 0; i--)
    count_old (rates, i - 1);
  g_array_sort (rates, compare_rates);
  return rates;
}

/* Takes the undecided rates out of @rates. Returns the middle one of them; 0 when there are none. */
static double
take_undecided (GArray *rates)
{
  double middle_hz = 0;
  guint n = 0, seen = 0;

  for (guint i = 0; i < rates->len; i++)
    n += is_undecided (&g_array_index (rates, Rate, i));
  for (guint i = rates->len; i > 0; i--)
    if (is_undecided (&g_array_index (rates, Rate, i - 1)))
      {
        if (seen++ == n / 2)
          middle_hz = g_array_index (rates, Rate, i - 1).rate_hz;
        g_array_remove_index (rates, i - 1);
      }
  return middle_hz;
}

/* Returns how many of the lower rates are good, by the step from good to bad that explains most runs:
 * the likeliest, when all rates err alike. Of equals the lowest. */
static guint
find_step (GArray *rates)
{
  int score = 0, best = 0;
  guint step = 0;

  for (guint i = 0; i < rates->len; i++)
    {
      score += get_balance (&g_array_index (rates, Rate, i));
      if (score <= best)
        continue;
      best = score;
      step = i + 1;
    }
  return step;
}

/* The chance that what @balance runs more say is wrong. */
static double
get_risk (int balance)
{
  return 1 / (1 + pow (ODDS, balance));
}

/* With no runs left: the nearest rates on both sides of the step that are decided, if there are some. */
static void
fall_back (GArray *rates,
           guint step,
           const Rate **low,
           const Rate **high)
{
  for (guint i = step; i > 0; i--)
    if (get_balance (&g_array_index (rates, Rate, i - 1)) >= LDS_KNEE_DECISIVE)
      {
        *low = &g_array_index (rates, Rate, i - 1);
        break;
      }
  for (guint i = step; i < rates->len; i++)
    if (-get_balance (&g_array_index (rates, Rate, i)) >= LDS_KNEE_DECISIVE)
      {
        *high = &g_array_index (rates, Rate, i);
        break;
      }
}

/* Returns the state, and what to try next in @next_hz while it is searching. */
static LdsKneeState
decide (const LdsKneeLimits *limits,
        const Rate *low,
        const Rate *high,
        double undecided_hz,
        double span,
        double *next_hz)
{
  double half = sqrt (1 + limits->accuracy);
  double ratio = low != NULL && high != NULL ? high->rate_hz / low->rate_hz : INFINITY;
  gboolean is_split = low != NULL && high != NULL && undecided_hz > low->rate_hz &&
                      undecided_hz < high->rate_hz;

  *next_hz = NAN;
  if (low == NULL && high == NULL)
    {
      /* Nothing is known, or that rate is undecided: on one side of it the answer must lie. */
      *next_hz = undecided_hz > 0 ? undecided_hz / half : limits->first_hz;
      return LDS_KNEE_SEARCHING;
    }
  if (low == NULL && high->rate_hz > limits->min_hz * SAME_RATIO)
    *next_hz = fmax (high->rate_hz / fmax (span, FIRST_STEP), limits->min_hz);
  else if (high == NULL && low->rate_hz * SAME_RATIO < limits->max_hz)
    *next_hz = fmin (low->rate_hz * fmax (span, FIRST_STEP), limits->max_hz);
  else if (is_split && ratio > (1 + limits->accuracy) * SAME_RATIO)
    *next_hz = undecided_hz / low->rate_hz > high->rate_hz / undecided_hz ? undecided_hz / half
                                                                          : undecided_hz * half;
  else if (isfinite (ratio) && !is_split && ratio > half * SAME_RATIO)
    *next_hz = sqrt (low->rate_hz * high->rate_hz);
  else if (low != NULL && get_balance (low) < LDS_KNEE_DECISIVE)
    *next_hz = low->rate_hz;
  else if (high != NULL && -get_balance (high) < LDS_KNEE_DECISIVE)
    *next_hz = high->rate_hz;
  if (!isnan (*next_hz))
    return LDS_KNEE_SEARCHING;
  if (low == NULL)
    return LDS_KNEE_BELOW;
  if (high == NULL || 2 * high->n_client > high->n_bad)
    return LDS_KNEE_AT_LEAST;
  return LDS_KNEE_FOUND;
}

static void
set_interval (LdsKnee *knee,
              double accuracy)
{
  double half = sqrt (1 + accuracy);

  knee->from_hz = knee->low_hz;
  knee->to_hz = knee->state == LDS_KNEE_AT_LEAST ? INFINITY : knee->high_hz;
  if (knee->low_hz > 0)
    knee->from_hz = fmin (knee->low_hz, knee->estimate_hz / half);
  if (isfinite (knee->to_hz))
    knee->to_hz = fmax (knee->high_hz, knee->estimate_hz * half);
}

LdsKnee
lds_knee_search (const LdsKneeLimits *limits,
                 const LdsKneeOutcome *outcomes,
                 guint n)
{
  LdsKnee knee = {.n_runs = n, .high_hz = INFINITY, .estimate_hz = NAN, .next_hz = NAN};
  g_autoptr (GArray) rates = NULL;
  const Rate *low = NULL, *high = NULL;
  double undecided_hz, span = 1;
  guint step;

  g_return_val_if_fail (limits != NULL && limits->min_hz > 0, knee);
  g_return_val_if_fail (limits->min_hz <= limits->max_hz && limits->accuracy > 0, knee);

  rates = count_by_rate (outcomes, n);
  if (rates->len > 0)
    span = g_array_index (rates, Rate, rates->len - 1).rate_hz /
           g_array_index (rates, Rate, 0).rate_hz;
  undecided_hz = take_undecided (rates);
  step = find_step (rates);
  if (step > 0)
    low = &g_array_index (rates, Rate, step - 1);
  if (step < rates->len)
    high = &g_array_index (rates, Rate, step);
  knee.state = decide (limits, low, high, undecided_hz, span, &knee.next_hz);
  if (knee.state == LDS_KNEE_SEARCHING && n >= limits->max_runs)
    {
      knee.state = LDS_KNEE_UNSETTLED;
      fall_back (rates, step, &low, &high);
    }
  if (knee.state == LDS_KNEE_SEARCHING)
    knee.next_hz = lds_knee_round_hz (CLAMP (knee.next_hz, limits->min_hz, limits->max_hz));
  else
    knee.next_hz = NAN;

  if (low != NULL)
    knee.low_hz = low->rate_hz;
  if (high != NULL)
    knee.high_hz = high->rate_hz;
  if (low != NULL && high != NULL && knee.state != LDS_KNEE_AT_LEAST)
    knee.estimate_hz = sqrt (low->rate_hz * high->rate_hz);
  else if (low != NULL || high != NULL)
    knee.estimate_hz = low != NULL ? low->rate_hz : high->rate_hz;
  set_interval (&knee, limits->accuracy);
  if (low != NULL || high != NULL)
    knee.confidence = fmax (
        1 - (low != NULL ? get_risk (get_balance (low)) : 0) -
            (high != NULL && knee.state != LDS_KNEE_AT_LEAST ? get_risk (-get_balance (high)) : 0),
        0);
  return knee;
}
