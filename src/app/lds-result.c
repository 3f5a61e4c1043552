/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of the table of results. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-result.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LdsResult
{
  GObject parent_instance;

  const LdsLane *lane;
  const LdsWorkload *workload;
  LdsEstimate *estimates; /* (array length=n_metrics) */
  char *remark;
  guint valid : 1;
};

G_DEFINE_FINAL_TYPE (LdsResult, lds_result, G_TYPE_OBJECT)

static void
lds_result_finalize (GObject *object)
{
  LdsResult *self = LDS_RESULT (object);

  g_free (self->estimates);
  g_free (self->remark);
  G_OBJECT_CLASS (lds_result_parent_class)->finalize (object);
}

static void
lds_result_class_init (LdsResultClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lds_result_finalize;
}

static void
lds_result_init (LdsResult *self)
{
}

/* What the invalid runs would say if they were to be believed. */
static void
estimate_invalid (LdsResult *self,
                  GPtrArray *runs)
{
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);

  for (guint i = 0; i < n_metrics; i++)
    {
      g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));

      for (guint j = 0; metrics[i].of_run != NULL && j < runs->len; j++)
        {
          const LdsRun *run = runs->pdata[j];
          double value;

          if (run->spec.lane != self->lane || run->spec.workload != self->workload)
            continue;
          value = metrics[i].of_run (run);
          if (isfinite (value))
            g_array_append_val (values, value);
        }
      self->estimates[i] = lds_stats_estimate ((const double *)(gpointer)values->data, values->len);
    }
}

static char *
dup_remark (const LdsSummary *summary)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (summary->n_valid > 0)
    g_string_append_printf (text, ngettext ("%u valid run", "%u valid runs", summary->n_valid), summary->n_valid);
  if (summary->n_invalid > 0)
    {
      if (text->len > 0)
        g_string_append (text, ", ");
      g_string_append_printf (text, ngettext ("%u invalid run", "%u invalid runs", summary->n_invalid), summary->n_invalid);
    }
  for (guint i = 0; i < summary->reasons->len; i++)
    g_string_append_printf (text, "\n%s", (const char *)summary->reasons->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

LdsResult *
lds_result_new (const LdsSummary *summary,
                GPtrArray *runs)
{
  LdsResult *self = g_object_new (LDS_TYPE_RESULT, NULL);
  guint n_metrics;

  lds_metric_list (&n_metrics);
  self->lane = summary->lane;
  self->workload = summary->workload;
  self->valid = summary->n_valid > 0;
  self->estimates = g_memdup2 (summary->estimates, n_metrics * sizeof *self->estimates);
  self->remark = dup_remark (summary);
  if (!self->valid && runs != NULL)
    estimate_invalid (self, runs);
  return self;
}

const LdsLane *
lds_result_get_lane (LdsResult *self)
{
  g_return_val_if_fail (LDS_IS_RESULT (self), NULL);
  return self->lane;
}

const LdsWorkload *
lds_result_get_workload (LdsResult *self)
{
  g_return_val_if_fail (LDS_IS_RESULT (self), NULL);
  return self->workload;
}

gboolean
lds_result_is_valid (LdsResult *self)
{
  g_return_val_if_fail (LDS_IS_RESULT (self), FALSE);
  return self->valid;
}

LdsEstimate
lds_result_get_estimate (LdsResult *self,
                         const char *metric)
{
  LdsEstimate none = {0, NAN, NAN, NAN};
  guint n_metrics;
  const LdsMetric *metrics = lds_metric_list (&n_metrics);

  g_return_val_if_fail (LDS_IS_RESULT (self), none);

  for (guint i = 0; i < n_metrics; i++)
    if (g_str_equal (metrics[i].id, metric))
      return self->estimates[i];
  return none;
}

char *
lds_result_dup_figure (LdsResult *self,
                       const char *metric)
{
  LdsEstimate estimate = lds_result_get_estimate (self, metric);
  const LdsMetric *row = lds_metric_find (metric);

  g_return_val_if_fail (row != NULL, NULL);
  return lds_format_value (estimate.n > 0 ? estimate.median : NAN, row->unit);
}

char *
lds_result_dup_interval (LdsResult *self,
                         const char *metric)
{
  LdsEstimate estimate = lds_result_get_estimate (self, metric);
  const LdsMetric *row = lds_metric_find (metric);

  g_return_val_if_fail (row != NULL, NULL);
  return estimate.n >= LDS_ESTIMATE_MIN_RUNS && estimate.low < estimate.high
             ? lds_format_range (estimate.low, estimate.high, estimate.median, row->unit)
             : NULL;
}

const char *
lds_result_get_remark (LdsResult *self)
{
  g_return_val_if_fail (LDS_IS_RESULT (self), NULL);
  return self->remark;
}

int
lds_result_compare (LdsResult *a,
                    LdsResult *b,
                    const char *metric)
{
  double x = lds_result_get_estimate (a, metric).median;
  double y = lds_result_get_estimate (b, metric).median;

  if (isnan (x) || isnan (y))
    return isnan (x) - isnan (y);
  return (x > y) - (x < y);
}
