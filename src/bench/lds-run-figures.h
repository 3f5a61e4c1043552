/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One figure of several runs, and those of two lanes that ran beside each other. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a run says, and which repeat of the plan it was. */
typedef struct
{
  guint repeat;
  double value;
} LdsRunFigure;

/**
 * lds_run_figures_list_values:
 * @figures: (element-type LdsRunFigure)
 *
 * Returns: (transfer full) (element-type double): their values, in order
 */
GArray *lds_run_figures_list_values (GArray *figures);

/**
 * lds_run_figures_list_pairs:
 * @a: (element-type LdsRunFigure)
 * @b: (element-type LdsRunFigure)
 * @values_a: (element-type double): what @a says of the repeats that both have is appended
 * @values_b: (element-type double): and what @b says of them, in the same order
 *
 * Each run is taken once, of several of one repeat one.
 */
void lds_run_figures_list_pairs (GArray *a, GArray *b, GArray *values_a, GArray *values_b);

G_END_DECLS
