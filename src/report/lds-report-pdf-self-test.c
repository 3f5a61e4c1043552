/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the comparisons of the report may be believed: the same thing compared with itself. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-self-test.h"

#define N_COLUMNS 5

/* What was compared, and of how many runs. Returns: (transfer full) */
static char *
dup_title (const LdsSelfTest *test)
{
  if (test->metric != NULL)
    /* Translators: a metric, such as “Throughput” */
    return g_strdup_printf (_ ("Measured: %s"), _ (test->metric->title));
  return g_strdup (test->test == LDS_COMPARE_PAIRS ? _ ("Simulated, in one session")
                                                   : _ ("Simulated, in two sessions"));
}

/* @texts: keeps what the row points to */
static void
add_row (GArray *rows,
         GPtrArray *texts,
         const LdsSelfTest *test)
{
  LdsCell *cells = g_new0 (LdsCell, N_COLUMNS);
  LdsRow row = {.cells = cells};
  double low, high, rate = lds_self_test_rate (test, &low, &high);
  const char *const columns[N_COLUMNS] = {
      dup_title (test),
      g_strdup_printf ("%u", test->n_runs),
      g_strdup_printf ("%u", test->n_comparisons),
      g_strdup_printf ("%u", test->n_found),
      lds_format_value (rate, LDS_UNIT_FRACTION),
  };

  g_ptr_array_add (texts, cells);
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      cells[i].text = columns[i];
      g_ptr_array_add (texts, (gpointer)columns[i]);
    }
  if (test->n_comparisons > 0)
    {
      char *range = lds_format_range (low, high, rate, LDS_UNIT_FRACTION);

      cells[N_COLUMNS - 1].note = range;
      g_ptr_array_add (texts, range);
    }
  else
    cells[0].note = _ ("No comparison had enough valid runs.");
  g_array_append_val (rows, row);
}

static void
draw_table (GArray *tests,
            LdsPages *pages)
{
  const LdsColumn columns[N_COLUMNS] = {
      {_ ("Compared with itself"), 36, LDS_ALIGN_LEFT},
      {_ ("Runs a side"), 13, LDS_ALIGN_RIGHT},
      {_ ("Comparisons"), 15, LDS_ALIGN_RIGHT},
      {_ ("False alarms"), 15, LDS_ALIGN_RIGHT},
      {_ ("Rate, 95 % interval"), 21, LDS_ALIGN_RIGHT},
  };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (LdsRow));

  for (guint i = 0; i < tests->len; i++)
    add_row (rows, texts, &g_array_index (tests, LdsSelfTest, i));
  lds_pages_table (pages, columns, N_COLUMNS, (const LdsRow *)(const void *)rows->data, rows->len);
}

/* When the tests were made; measured ones are the last. */
static void
draw_time (GArray *tests,
           LdsPages *pages)
{
  const LdsSelfTest *last = &g_array_index (tests, LdsSelfTest, tests->len - 1);
  g_autofree char *time = lds_self_test_dup_time (last), *text = NULL;

  /* Translators: a date and a time */
  text = g_strdup_printf (_ ("Made: %s. Intervals by Wilson’s method."), time);
  lds_pages_skip (pages, 4);
  lds_pages_paragraph (pages, LDS_STYLE_SMALL, text);
}

void
lds_report_draw_self_test (LdsReport *self,
                           LdsPages *pages)
{
  GArray *tests = self->session->self_tests;

  lds_pages_heading (pages, _ ("How often a comparison is wrong"), 120);
  if (lds_self_test_is_measured (self->session))
    lds_pages_paragraph (pages, LDS_STYLE_BODY,
                         _ ("Right after the session one lane was compared with itself, many times, in the way lanes are compared here (an A/A test). Any difference found so is a false alarm. About 1 in 20 comparisons should raise one, which is the 5 % that the tests are made for; if more do, small differences in this report are not to be believed."));
  else if (tests->len > 0)
    lds_pages_paragraph (pages, LDS_STYLE_BODY,
                         _ ("How often a comparison on this machine finds a difference that is not there was not measured in this session (“--self-test” does that); simulated runs, compared with themselves, show what the tests by themselves do. About 1 in 20 comparisons should raise such a false alarm."));
  else
    lds_pages_paragraph (pages, LDS_STYLE_BODY,
                         _ ("How often a comparison finds a difference that is not there was not measured in this session (“--self-test” does that)."));
  if (tests->len == 0)
    return;
  lds_pages_skip (pages, 4);
  draw_table (tests, pages);
  draw_time (tests, pages);
}
