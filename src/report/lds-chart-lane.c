/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart's line of a lane. */
#define G_LOG_DOMAIN "lds-chart"

#include "config.h"
#include "lds-chart-private.h"

LdsSeries *
lds_chart_add_lane (LdsChart *self,
                    const LdsLane *lane)
{
  g_autofree char *label = NULL;
  guint variant = 0;
  LdsSeries *series;

  g_return_val_if_fail (self != NULL && lane != NULL, NULL);
  for (guint i = 0; i < self->series->len; i++)
    {
      const LdsSeries *other = g_ptr_array_index (self->series, i);

      if (other->family == lane->family && other->provenance == lane->provenance)
        variant++;
    }
  label = lds_lane_dup_label (lane);
  series = lds_chart_add_series (self, label, lane->family, lane->provenance);
  series->variant = variant;
  return series;
}
