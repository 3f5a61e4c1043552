/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axes: projection and round ticks. */
#define G_LOG_DOMAIN "lds-axis"

#include "config.h"
#include "lds-axis.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Percentile axes end here at the latest: one in ten million. */
#define MAX_QUANTILE     0.9999999
#define MAX_LOG_TICKS    400
#define MAX_LINEAR_TICKS 200

static const double mantissas[] = {1, 2, 5};

/* Binary units step through 1, 2, 5 … 500 of each 1024-fold: "200 MiB", never "191 MiB". */
static const double binary_mantissas[] = {1, 2, 5, 10, 20, 50, 100, 200, 500};

static double
log_base (LdsUnit unit)
{
  return unit == LDS_UNIT_BYTES ? 1024 : 10;
}

/* The @index-th 1-2-5 value of @unit; index 0 is 1. */
static double
log_value (LdsUnit unit,
           int index)
{
  const double *steps = unit == LDS_UNIT_BYTES ? binary_mantissas : mantissas;
  int n_steps =
      unit == LDS_UNIT_BYTES ? (int)G_N_ELEMENTS (binary_mantissas) : (int)G_N_ELEMENTS (mantissas);
  int power = (int)floor ((double)index / n_steps);

  return pow (log_base (unit), power) * steps[index - power * n_steps];
}

/* Index of the largest 1-2-5 value at or below @value. */
static int
log_index_below (LdsUnit unit,
                 double value)
{
  int n_steps =
      unit == LDS_UNIT_BYTES ? (int)G_N_ELEMENTS (binary_mantissas) : (int)G_N_ELEMENTS (mantissas);
  int index = ((int)floor (log (value) / log (log_base (unit))) - 1) * n_steps;

  while (log_value (unit, index + 1) <= value * (1 + 1e-9))
    index++;
  return index;
}

/* The smallest 1-2-5 number at or above @least. */
static double
nice_step (double least)
{
  double power = pow (10, floor (log10 (least)));

  for (guint i = 0; i < G_N_ELEMENTS (mantissas); i++)
    if (mantissas[i] * power >= least * (1 - 1e-9))
      return mantissas[i] * power;
  return 10 * power;
}

/* As nice_step(), on a clock. */
static double
nice_time_step (double least_s)
{
  static const double steps_s[] = {1, 2, 5, 10, 15, 30, 60, 120, 300,
                                   600, 900, 1800, 3600, 7200, 14400, 28800, 86400};

  if (least_s <= 1)
    return nice_step (least_s);
  for (guint i = 0; i < G_N_ELEMENTS (steps_s); i++)
    if (steps_s[i] >= least_s * (1 - 1e-9))
      return steps_s[i];
  return 86400 * nice_step (least_s / 86400);
}

static void
make_linear (LdsAxis *self,
             double low,
             double high)
{
  double step;

  low = MIN (low, 0);
  high = MAX (high, 0);
  /* Figures this small are noise of a computation, and their powers of ten underflow. */
  if (!(high - low > 1e-15))
    high = low + 1;
  self->unit_name = lds_format_scale (MAX (fabs (low), fabs (high)), self->unit, &self->factor);
  /* Room for about five steps, and the last tick at or above the data. */
  step = nice_step ((high - low) * self->factor / 5) / self->factor;
  self->low = floor (low / step * (1 - 1e-9)) * step;
  self->high = ceil (high / step * (1 - 1e-9)) * step;
}

/* Between round values, with room for half a step on either side. */
static void
make_interval (LdsAxis *self,
               double low,
               double high)
{
  double step;

  if (!(high - low > 1e-9 * fabs (high)) || !(high - low > 1e-15))
    {
      low -= MAX (fabs (low) * 0.05, 0.5);
      high += MAX (fabs (high) * 0.05, 0.5);
    }
  self->unit_name = lds_format_scale (MAX (fabs (low), fabs (high)), self->unit, &self->factor);
  step = nice_step ((high - low) * self->factor / 4) / self->factor;
  self->low = floor (low / step - 0.25) * step;
  self->high = ceil (high / step + 0.25) * step;
  if (low >= 0)
    self->low = MAX (self->low, 0);
}

static void
make_log (LdsAxis *self,
          double low,
          double high)
{
  int first, last;

  if (!(low > 0))
    low = high > 0 ? high / 1000 : 1;
  if (!(high >= low))
    high = low * 10;
  /* Beyond these no figure of ours lies, and log_value() stays exact. */
  low = CLAMP (low, 1e-15, 1e19);
  high = CLAMP (high, 1e-15, 1e19);
  first = log_index_below (self->unit, low);
  last = log_index_below (self->unit, high);
  if (log_value (self->unit, last) < high * (1 - 1e-9))
    last++;
  if (last - first < 3)
    {
      last = MAX (last, first + 2);
      first--;
    }
  self->low = log_value (self->unit, first);
  self->high = log_value (self->unit, last);
}

LdsAxis
lds_axis_make (LdsScale scale,
               LdsUnit unit,
               double low,
               double high)
{
  LdsAxis self = {.scale = scale, .unit = unit, .low = 0, .high = 1, .factor = 1, .unit_name = ""};

  if (!isfinite (low) || !isfinite (high))
    low = high = scale == LDS_SCALE_LOG ? 1 : 0;
  low = CLAMP (low, -1e20, 1e20);
  high = CLAMP (high, -1e20, 1e20);
  if (low > high)
    {
      double swap = low;

      low = high;
      high = swap;
    }
  switch (scale)
    {
    case LDS_SCALE_INTERVAL:
      make_interval (&self, low, high);
      break;
    case LDS_SCALE_LOG:
      make_log (&self, low, high);
      break;
    case LDS_SCALE_TIME:
      /* Beyond these a second more is lost in rounding. */
      self.low = CLAMP (low, -1e15, 1e15);
      self.high = MIN (high, 1e15);
      if (!(self.high > self.low))
        self.high = self.low + 1;
      break;
    case LDS_SCALE_PERCENTILE:
      self.low = CLAMP (low, 0, 0.9);
      self.high = high > self.low && high < 1 ? MIN (high, MAX_QUANTILE) : 0.99;
      if (!(self.high > self.low))
        self.high = 0.99;
      break;
    case LDS_SCALE_LINEAR:
    default:
      make_linear (&self, low, high);
      break;
    }
  return self;
}

/* A monotonic function of @value that is linear along the axis. */
static double
transform (const LdsAxis *self,
           double value)
{
  if (self->scale == LDS_SCALE_LOG)
    return value > 0 ? log10 (value) : NAN;
  if (self->scale == LDS_SCALE_PERCENTILE)
    return value < 1 ? -log10 (1 - value) : NAN;
  return value;
}

double
lds_axis_project (const LdsAxis *self,
                  double value)
{
  double low = transform (self, self->low), high = transform (self, self->high);

  if (!isfinite (value))
    return NAN;
  value = transform (self, value);
  return isnan (value) ? NAN : CLAMP ((value - low) / (high - low), -10, 11);
}

double
lds_axis_unproject (const LdsAxis *self,
                    double place)
{
  double low = transform (self, self->low), high = transform (self, self->high);
  double value = low + place * (high - low);

  if (self->scale == LDS_SCALE_LOG)
    return pow (10, value);
  if (self->scale == LDS_SCALE_PERCENTILE)
    return 1 - pow (10, -value);
  return value;
}

static void
add_tick (GArray *ticks,
          double value,
          const char *label)
{
  LdsTick tick = {.value = value, .major = label != NULL};

  if (label != NULL)
    g_strlcpy (tick.label, label, sizeof tick.label);
  g_array_append_val (ticks, tick);
}

static guint
decimals_of (double step)
{
  /* 0.5 needs one decimal, 0.05 two; the margin takes up rounding of the power. */
  return step >= 1 ? 0 : (guint)MIN (9, ceil (-log10 (step) - 1e-9));
}

static void
add_linear_ticks (const LdsAxis *self,
                  guint max_labels,
                  GArray *ticks)
{
  double span = (self->high - self->low) * self->factor;
  double step = nice_step (span / MAX (1, max_labels - 1));
  double first;
  guint decimals;

  /* An axis that does not begin at zero may fall between two round steps. */
  while (ceil (self->low * self->factor / step - 1e-9) * step > self->high * self->factor)
    step /= 2;
  first = ceil (self->low * self->factor / step - 1e-9);
  decimals = decimals_of (step);

  for (guint i = 0; i < MAX_LINEAR_TICKS; i++)
    {
      double figure = (first + i) * step;
      g_autofree char *label = NULL;

      if (figure > self->high * self->factor + step * 1e-6)
        break;
      if (fabs (figure) < step * 1e-6)
        figure = 0;
      label = g_strdup_printf ("%'.*f", (int)decimals, figure);
      add_tick (ticks, figure / self->factor, label);
    }
}

static char *
format_clock (double value_s,
              double step_s,
              double largest_s)
{
  gint64 seconds = (gint64)llround (fabs (value_s));
  const char *sign = value_s < 0 ? "−" : "";

  if (largest_s < 120 || step_s < 1)
    /* Translators: seconds on a time axis */
    return g_strdup_printf (_ ("%s%.*f s"), sign, (int)decimals_of (step_s), fabs (value_s));
  if (largest_s < 3600)
    return g_strdup_printf ("%s%" G_GINT64_FORMAT ":%02d", sign, seconds / 60, (int)(seconds % 60));
  return g_strdup_printf ("%s%" G_GINT64_FORMAT ":%02d:%02d", sign, seconds / 3600,
                          (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static void
add_time_ticks (const LdsAxis *self,
                guint max_labels,
                GArray *ticks)
{
  double step = nice_time_step ((self->high - self->low) / MAX (1, max_labels - 1));
  double first;

  /* An axis that does not begin at a round time may fall between two round steps. */
  while (ceil (self->low / step - 1e-9) * step > self->high)
    step /= 2;
  first = ceil (self->low / step - 1e-9);

  for (guint i = 0; i < MAX_LINEAR_TICKS; i++)
    {
      double value = (first + i) * step;
      g_autofree char *label = NULL;

      if (value > self->high + step * 1e-6)
        break;
      label = format_clock (value, step, MAX (fabs (self->low), fabs (self->high)));
      add_tick (ticks, value, label);
    }
}

/* 1, 2, 5, 10 … with the unit of each: the axis may reach from µs to s. */
static void
add_log_ticks (const LdsAxis *self,
               guint max_labels,
               GArray *ticks)
{
  int first = log_index_below (self->unit, self->low * (1 + 1e-9));
  int last = log_index_below (self->unit, self->high * (1 + 1e-9));
  /* All labelled if there is room, then every power, then every second one … */
  int stride = 1;

  while ((last - first) / stride + 1 > (int)max_labels)
    stride = stride == 1 ? 3 : stride * 2;
  for (int i = first; i <= last && i - first < MAX_LOG_TICKS; i++)
    {
      double value = log_value (self->unit, i), factor;
      const char *unit_name = lds_format_scale (value * (1 + 1e-9), self->unit, &factor);
      g_autofree char *label = NULL;

      if (value < self->low * (1 - 1e-9))
        continue;
      if (((i % stride) + stride) % stride == 0)
        label = g_strdup_printf ("%'.*f%s%s", (int)decimals_of (value * factor), value * factor,
                                 *unit_name != '\0' && *unit_name != '/' ? "\u00a0" : "", unit_name);
      if (stride <= 6 || label != NULL)
        add_tick (ticks, value, label);
    }
}

static void
add_percentile_ticks (const LdsAxis *self,
                      GArray *ticks)
{
  static const double quantiles[] = {0, 0.5, 0.75, 0.9, 0.99,
                                     0.999, 0.9999, 0.99999, 0.999999, 0.9999999};

  for (guint i = 0; i < G_N_ELEMENTS (quantiles); i++)
    {
      double percent = quantiles[i] * 100;
      g_autofree char *label = NULL;

      if (quantiles[i] < self->low - 1e-9 || quantiles[i] > self->high * (1 + 1e-12))
        continue;
      /* Translators: a percentile on an axis: 99.9 % */
      label = g_strdup_printf (_ ("%.*f\u00a0%%"), percent < 99.5 ? 0 : (int)i - 4, percent);
      add_tick (ticks, quantiles[i], label);
    }
}

GArray *
lds_axis_ticks (const LdsAxis *self,
                guint max_labels)
{
  GArray *ticks = g_array_new (FALSE, TRUE, sizeof (LdsTick));

  max_labels = CLAMP (max_labels, 2, 50);
  switch (self->scale)
    {
    case LDS_SCALE_LOG:
      add_log_ticks (self, max_labels, ticks);
      break;
    case LDS_SCALE_TIME:
      add_time_ticks (self, max_labels, ticks);
      break;
    case LDS_SCALE_PERCENTILE:
      add_percentile_ticks (self, ticks);
      break;
    case LDS_SCALE_LINEAR:
    case LDS_SCALE_INTERVAL:
    default:
      add_linear_ticks (self, max_labels, ticks);
      break;
    }
  return ticks;
}
