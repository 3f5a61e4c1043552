/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ratios on one axis, and claims as pages: rows from claims, drawing of every kind of row, cards, a whole PDF. */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "lds-claim-cards.h"
#include "lds-claims-pdf.h"
#include "lds-ratio-chart.h"

#define WIDTH  640
#define HEIGHT 240

static gboolean
nothing_is_here (const LdsLane *lane,
                 GError **error)
{
  return FALSE;
}

/* The row of a figure that is labelled so. */
static const LdsRatioRow *
find_row (GPtrArray *rows,
          const char *label)
{
  for (guint i = 0; i < rows->len; i++)
    if (strcmp (((LdsRatioRow *)rows->pdata[i])->label, label) == 0)
      return rows->pdata[i];
  g_assert_not_reached ();
}

/* Of the articles' ratios those of the two runtimes are on the axis, all turned one way. */
static void
test_rows (void)
{
  g_autoptr (GPtrArray) rows = lds_ratio_rows_new (lds_claim_list (), NULL);
  const LdsRatioRow *row = find_row (rows, "C-000-1, Throughput");

  g_assert_cmpfloat_with_epsilon (row->claimed_low, 1.4, 1e-12);
  g_assert_cmpfloat_with_epsilon (row->claimed_high, 1.7, 1e-12);
  g_assert_true (isnan (row->value));
  g_assert_null (row->note);
  row = find_row (rows, "C-000-35, Throughput"); /* Python's processes are said to be the better ones */
  g_assert_true (isnan (row->claimed_low));
  g_assert_cmpfloat_with_epsilon (row->claimed_high, 1, 1e-12);
  row = find_row (rows, "C-001-1, p50"); /* Python is said to take longer */
  g_assert_cmpfloat_with_epsilon (row->claimed_low, 1.3, 1e-12);
  for (guint i = 0; i < rows->len; i++)
    g_assert_false (g_str_has_prefix (((LdsRatioRow *)rows->pdata[i])->label, "C-000-26,")); /* two of Node.js */
}

static guint
count_drawn (GPtrArray *rows,
             double width)
{
  LdsTheme theme = lds_theme_get (LDS_THEME_LIGHT, FALSE);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  const guchar *data;
  guint n = 0;

  lds_ratio_chart_draw (cr, &theme, rows, width);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  for (gsize i = 3; i < (gsize)cairo_image_surface_get_stride (surface) * HEIGHT; i += 4)
    n += data[i] > 0;
  cairo_surface_destroy (surface);
  return n;
}

static LdsRatioRow *
new_row (double claimed_low,
         double claimed_high,
         double value,
         double low,
         double high,
         LdsProvenance provenance)
{
  LdsRatioRow *row = g_new0 (LdsRatioRow, 1);

  *row = (LdsRatioRow){g_strdup ("C-1, Throughput"), claimed_low, claimed_high, value, low, high,
                       LDS_FAMILY_EVENT_LOOP, provenance, g_strdup ("refuted")};
  return row;
}

static void
test_draw (void)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_ratio_row_free);
  LdsTheme theme = lds_theme_get (LDS_THEME_PRINT, FALSE);
  guint claims_alone, with_measured;

  g_assert_cmpuint (count_drawn (none, WIDTH), >, 0);
  g_ptr_array_add (rows, new_row (1.4, 1.7, NAN, NAN, NAN, LDS_PROVENANCE_REAL));
  claims_alone = count_drawn (rows, WIDTH);
  g_ptr_array_set_size (rows, 0);
  g_ptr_array_add (rows, new_row (1.4, 1.7, 0.9, 0.6, 1.3, LDS_PROVENANCE_REAL));
  with_measured = count_drawn (rows, WIDTH);
  g_assert_cmpuint (with_measured, >, claims_alone + 50);
  /* One-sided claims, single runs, what lies far out or cannot be, widths with no room. */
  g_ptr_array_add (rows, new_row (NAN, 1, 2, NAN, NAN, LDS_PROVENANCE_MODEL));
  g_ptr_array_add (rows, new_row (2, NAN, 1e9, 1e8, 1e10, LDS_PROVENANCE_TWIN));
  g_ptr_array_add (rows, new_row (2, 2, 0, 0, INFINITY, LDS_PROVENANCE_TWIN));
  for (double width = 0; width <= WIDTH; width += 80)
    count_drawn (rows, width);
  g_assert_cmpfloat (lds_ratio_chart_height (&theme, 4), >, lds_ratio_chart_height (&theme, 3));
}

static void
test_cards (void)
{
  g_autoptr (GPtrArray) cards = lds_claim_cards_new (lds_claim_find ("C-000-5", NULL));
  g_autoptr (GPtrArray) none = lds_claim_cards_new (lds_claim_find ("C-000-36", NULL));
  g_autofree char *text = NULL;

  g_assert_cmpuint (cards->len, ==, 1);
  text = lds_claim_card_dup_text (cards->pdata[0]);
  g_assert_true (g_str_has_prefix (text, "CON-5: "));
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_pdf (void)
{
  g_autoptr (LdsClaimPlan) plan = lds_claim_plan_new (lds_claim_list (), nothing_is_here, TRUE);
  g_autoptr (GPtrArray) sessions = g_ptr_array_new ();
  g_autoptr (GPtrArray) findings = lds_claim_judge (plan, sessions);
  g_autofree char *folder = g_dir_make_tmp ("claims-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "claims.pdf", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "no", "such", "folder.pdf", NULL);
  g_autofree char *first = NULL, *second = NULL;
  g_autoptr (GError) error = NULL;
  gsize first_length, second_length;

  g_assert_true (lds_claims_write_pdf (lds_claim_list (), findings, 0, path, LDS_PAPER_A4, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &first, &first_length, NULL));
  g_assert_true (g_str_has_prefix (first, "%PDF-1.5"));
  /* Nothing of the clock is in it. */
  g_assert_true (lds_claims_write_pdf (lds_claim_list (), findings, 0, path, LDS_PAPER_A4, NULL));
  g_assert_true (g_file_get_contents (path, &second, &second_length, NULL));
  g_assert_cmpmem (first, first_length, second, second_length);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_false (
      lds_claims_write_pdf (lds_claim_list (), findings, 0, nowhere, LDS_PAPER_A4, &error));
  g_assert_nonnull (error);
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ratio-chart/rows", test_rows);
  g_test_add_func ("/ratio-chart/draw", test_draw);
  g_test_add_func ("/ratio-chart/cards", test_cards);
  g_test_add_func ("/ratio-chart/pdf", test_pdf);
  return g_test_run ();
}
