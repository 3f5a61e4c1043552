/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charts: decimation keeps what is seen; drawing survives every kind of data and leaves a picture. */
#include <math.h>
#include <string.h>

#include "lds-bar-chart.h"
#include "lds-chart.h"

#define WIDTH  640
#define HEIGHT 240

static cairo_surface_t *
draw (LdsChart *chart,
      double width,
      double height)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);

  lds_chart_draw (chart, cr, width, height);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* Number of pixels that are about of that colour. */
static guint
count_pixels (cairo_surface_t *surface,
              LdsColor color)
{
  const guchar *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  guint n = 0;

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      {
        const guchar *p = data + (size_t)y * (size_t)stride + (size_t)x * 4;

        n += p[3] > 200 && fabs (p[2] - color.red * 255) < 12 &&
             fabs (p[1] - color.green * 255) < 12 && fabs (p[0] - color.blue * 255) < 12;
      }
  return n;
}

/* Number of pixels that are not empty. */
static guint
count_drawn (cairo_surface_t *surface)
{
  const guchar *data = cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface);
  guint n = 0;

  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      n += data[(size_t)y * (size_t)stride + (size_t)x * 4 + 3] > 0;
  return n;
}

static void
test_decimate (void)
{
  g_autoptr (LdsChart) chart =
      lds_chart_new (NULL, LDS_UNIT_NONE, LDS_SCALE_TIME, LDS_SCALE_LINEAR);
  LdsSeries *series = lds_chart_add_series (chart, "x", LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_MODEL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autoptr (GArray) indices = NULL;
  const guint n = 60000, n_columns = 500;
  guint at = 0;

  for (guint i = 0; i < n; i++)
    lds_series_append (series, i / 10.0, i == 30000 ? 1e6 : i % 20000 == 7 ? NAN
                                                                           : g_rand_double (rand));
  indices = lds_series_decimate (series, 0, (n - 1) / 10.0, n_columns);
  g_assert_cmpuint (indices->len, <=, 4 * n_columns + 10);
  for (guint i = 1; i < indices->len; i++)
    g_assert_cmpuint (g_array_index (indices, guint, i - 1), <, g_array_index (indices, guint, i));

  /* In every column, the extremes of what was kept are those of all its points. */
  for (guint column = 0; column < n_columns; column++)
    {
      double all_low = INFINITY, all_high = -INFINITY, low = INFINITY, high = -INFINITY;
      double columns_per_x = n_columns / ((n - 1) / 10.0);
      guint first = at;

      for (guint i = 0; i < n; i++)
        if (MIN ((guint)(i / 10.0 * columns_per_x), n_columns - 1) == column)
          {
            double y = g_array_index (series->y, double, i);

            all_low = fmin (all_low, y);
            all_high = fmax (all_high, y);
          }
      for (; at < indices->len; at++)
        {
          guint i = g_array_index (indices, guint, at);
          double y = g_array_index (series->y, double, i);

          if (MIN ((guint)(i / 10.0 * columns_per_x), n_columns - 1) != column)
            break;
          low = fmin (low, y);
          high = fmax (high, y);
        }
      g_assert_cmpuint (at, >, first);
      g_assert_cmpfloat (low, ==, all_low);
      g_assert_cmpfloat (high, ==, all_high);
    }
}

static void
test_figures (void)
{
  g_autoptr (LdsChart) chart =
      lds_chart_new (NULL, LDS_UNIT_NONE, LDS_SCALE_TIME, LDS_SCALE_LINEAR);
  LdsSeries *series = lds_chart_add_series (chart, "x", LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_MODEL);

  g_assert_false (lds_series_has_figures (series));
  lds_series_append (series, 0, NAN);
  g_assert_false (lds_series_has_figures (series));
  lds_series_append (series, 1, 0);
  g_assert_true (lds_series_has_figures (series));
}

static void
test_decimate_view (void)
{
  g_autoptr (LdsChart) chart =
      lds_chart_new (NULL, LDS_UNIT_NONE, LDS_SCALE_TIME, LDS_SCALE_LINEAR);
  LdsSeries *series = lds_chart_add_series (chart, "x", LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_MODEL);
  g_autoptr (GArray) none = lds_series_decimate (series, 0, 1, 10);
  g_autoptr (GArray) middle = NULL;

  g_assert_cmpuint (none->len, ==, 0);
  for (guint i = 0; i < 100; i++)
    lds_series_append (series, i, i);
  /* One beyond either end, so that the line leaves the plot. */
  middle = lds_series_decimate (series, 10, 20, 100);
  g_assert_cmpuint (g_array_index (middle, guint, 0), ==, 9);
  g_assert_cmpuint (g_array_index (middle, guint, middle->len - 1), ==, 21);
  g_assert_cmpuint (middle->len, ==, 13);
  /* Time does not go back. */
  lds_series_append (series, 50, 1);
  g_assert_cmpuint (series->x->len, ==, 100);
  g_assert_cmpfloat (lds_series_value_at (series, 12.4), ==, 12);
  g_assert_true (isnan (lds_series_value_at (series, 200)));
}

/* However dense, the one high spike of a line must be seen. */
static void
test_spike (void)
{
  for (guint dense = 0; dense < 2; dense++)
    {
      g_autoptr (LdsChart) chart =
          lds_chart_new ("Throughput", LDS_UNIT_RATE_HZ, LDS_SCALE_TIME, LDS_SCALE_LINEAR);
      LdsSeries *series =
          lds_chart_add_series (chart, "Line", LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_REAL);
      const guint n = dense ? 20000 : 100;
      cairo_surface_t *surface;
      double left, top_row = -1;
      const guchar *data;

      for (guint i = 0; i < n; i++)
        lds_series_append (series, i, i == n / 2 ? 1000 : 100);
      surface = draw (chart, WIDTH, HEIGHT);
      data = cairo_image_surface_get_data (surface);
      left = lds_chart_x_at (chart, 0);
      g_assert_true (isnan (left));
      for (int y = 0; y < HEIGHT && top_row < 0; y++)
        for (int x = 60; x < 400 && top_row < 0; x++)
          {
            const guchar *p =
                data + (size_t)y * (size_t)cairo_image_surface_get_stride (surface) + (size_t)x * 4;

            if (p[3] > 60 && p[0] > p[2] + 40)
              top_row = y;
          }
      /* Full scale is 1000: the spike reaches the top of the plot, the rest lies near its foot. */
      g_assert_cmpfloat (top_row, >=, 0);
      g_assert_cmpfloat (top_row, <, HEIGHT / 4.0);
      cairo_surface_destroy (surface);
    }
}

static void
test_every_kind_of_data (void)
{
  const double values[] = {NAN, 0, -1, 1, 1e300, -1e300, INFINITY, 5e-324, 1e9};
  const LdsScale scales[] = {LDS_SCALE_LINEAR, LDS_SCALE_LOG};
  const LdsThemeKind kinds[] = {LDS_THEME_LIGHT, LDS_THEME_DARK, LDS_THEME_PRINT};

  for (guint s = 0; s < G_N_ELEMENTS (scales); s++)
    for (guint n = 0; n <= 400; n = n == 0 ? 1 : n * 20)
      for (guint v = 0; v < G_N_ELEMENTS (values); v++)
        for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
          {
            g_autoptr (LdsChart) chart = lds_chart_new (
                "Réponse · زمن الاستجابة", LDS_UNIT_DURATION_NS, LDS_SCALE_TIME, scales[s]);
            LdsSeries *series = lds_chart_add_series (chart, "Line \xff broken", LDS_FAMILY_THREADS,
                                                      LDS_PROVENANCE_TWIN);
            LdsTheme theme = lds_theme_get (kinds[k], v % 2 == 0);

            lds_chart_set_theme (chart, &theme);
            for (guint i = 0; i < n; i++)
              lds_series_append_interval (series, i * 0.1, i % 7 == 3 ? NAN : values[v], values[v],
                                          i % 5 == 0 ? NAN : values[v]);
            lds_chart_set_cursor (chart, 0.1);
            lds_chart_set_placeholder (chart, "Not run yet");
            lds_chart_set_threshold (chart, 3e6, "SLO");
            cairo_surface_destroy (draw (chart, WIDTH, HEIGHT));
            cairo_surface_destroy (draw (chart, 200, 80));
            cairo_surface_destroy (draw (chart, 1, 1));
          }
}

static void
test_provenance_is_seen (void)
{
  guint covered[3];
  const LdsProvenance provenances[] = {LDS_PROVENANCE_MODEL, LDS_PROVENANCE_TWIN,
                                       LDS_PROVENANCE_REAL};

  /* The same line: dotted covers less than dashed, dashed less than solid, stroked or by columns. */
  for (guint n = 100; n <= 10000; n *= 100)
    {
      for (guint i = 0; i < 3; i++)
        {
          g_autoptr (LdsChart) chart =
              lds_chart_new (NULL, LDS_UNIT_NONE, LDS_SCALE_TIME, LDS_SCALE_LINEAR);
          LdsSeries *series = lds_chart_add_series (chart, "", LDS_FAMILY_PREFORK, provenances[i]);
          LdsTheme theme = lds_theme_get (LDS_THEME_LIGHT, FALSE);
          cairo_surface_t *surface;

          for (guint j = 0; j < n; j++)
            lds_series_append (series, j, 5);
          lds_chart_set_labels (chart, FALSE);
          surface = draw (chart, WIDTH, HEIGHT);
          covered[i] = count_pixels (surface, theme.families[LDS_FAMILY_PREFORK]);
          cairo_surface_destroy (surface);
        }
      g_assert_cmpuint (covered[0], >, 50);
      g_assert_cmpuint (covered[0] + 50, <, covered[1]);
      g_assert_cmpuint (covered[1] + 50, <, covered[2]);
    }
}

/* Marks of single points, none left out however many there are, and nothing between them. */
static void
test_points (void)
{
  const LdsMark marks[] = {LDS_MARK_LANE, LDS_MARK_CROSS, LDS_MARK_TRIANGLE};
  LdsTheme theme = lds_theme_get (LDS_THEME_LIGHT, FALSE);
  guint covered[2];

  for (guint m = 0; m < G_N_ELEMENTS (marks); m++)
    {
      LdsColor color = m == 0   ? theme.families[LDS_FAMILY_PREFORK]
                       : m == 1 ? theme.alert
                                : theme.faint_text;

      for (guint i = 0; i < 2; i++)
        {
          g_autoptr (LdsChart) chart =
              lds_chart_new (NULL, LDS_UNIT_NONE, LDS_SCALE_INTERVAL, LDS_SCALE_LINEAR);
          LdsSeries *series =
              lds_chart_add_series (chart, "", LDS_FAMILY_PREFORK, LDS_PROVENANCE_REAL);
          cairo_surface_t *surface;

          series->style = LDS_SERIES_POINTS;
          series->mark = marks[m];
          for (guint j = 0; j <= (i == 0 ? 10 : 20); j++)
            lds_series_append (series, 100 + j * (i == 0 ? 10.0 : 5.0), 5);
          lds_chart_set_labels (chart, FALSE);
          surface = draw (chart, WIDTH, HEIGHT);
          covered[i] = count_pixels (surface, color);
          cairo_surface_destroy (surface);
        }
      g_assert_cmpuint (covered[0], >, 20);
      g_assert_cmpuint (covered[1], >, covered[0] * 3 / 2);
    }
}

/* A curve has no markers, a span is a ground of its own, and a name that is empty takes no room. */
static void
test_curve_and_span (void)
{
  LdsTheme theme = lds_theme_get (LDS_THEME_LIGHT, FALSE);
  guint covered[2], shaded[2];
  double left, right, named_right;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (LdsChart) chart =
          lds_chart_new (NULL, LDS_UNIT_NONE, LDS_SCALE_LOG, LDS_SCALE_LINEAR);
      LdsSeries *series = lds_chart_add_series (chart, i == 0 ? "Event loop (model)" : "",
                                                LDS_FAMILY_PREFORK, LDS_PROVENANCE_REAL);
      cairo_surface_t *surface;
      cairo_t *cr;

      for (guint j = 1; j <= 8; j++)
        lds_series_append (series, j, 5);
      series->style = i == 0 ? LDS_SERIES_LINE : LDS_SERIES_CURVE;
      lds_chart_set_x_title (chart, "Connections");
      lds_chart_set_insets (chart, 40, 40);
      if (i == 1)
        lds_chart_set_span (chart, 4, 10, FALSE, "extrapolated");
      surface = draw (chart, WIDTH, HEIGHT);
      covered[i] = count_pixels (surface, theme.families[LDS_FAMILY_PREFORK]);
      shaded[i] = count_drawn (surface);
      cr = cairo_create (surface);
      lds_chart_measure_insets (chart, cr, WIDTH, HEIGHT, &left, i == 0 ? &named_right : &right);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
      /* Wherever it lies. */
      lds_chart_set_span (chart, NAN, 1, TRUE, "none");
      cairo_surface_destroy (draw (chart, WIDTH, HEIGHT));
      lds_chart_set_span (chart, -1e300, 1e300, TRUE, "all");
      cairo_surface_destroy (draw (chart, WIDTH, HEIGHT));
      cairo_surface_destroy (draw (chart, 90, 60));
    }
  g_assert_cmpuint (covered[1], >, 100);
  g_assert_cmpuint (covered[1], <, covered[0]);
  g_assert_cmpuint (shaded[1], >, shaded[0] + 10000);
  g_assert_cmpfloat (right + 50, <, named_right);
}

static void
test_cursor (void)
{
  g_autoptr (LdsChart) chart = lds_chart_new ("Memory", LDS_UNIT_BYTES, LDS_SCALE_TIME, LDS_SCALE_LINEAR);
  LdsSeries *series = lds_chart_add_series (chart, "Event loop (model)", LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_MODEL);
  g_autofree char *text = NULL;
  double from = NAN, to = NAN;

  for (guint i = 0; i <= 100; i++)
    lds_series_append (series, i, 1048576.0 * (i + 1));
  cairo_surface_destroy (draw (chart, WIDTH, HEIGHT));
  for (double px = 0; px < WIDTH; px++)
    {
      double x = lds_chart_x_at (chart, px);

      if (!isfinite (x))
        continue;
      if (!isfinite (from))
        from = x;
      g_assert_true (!isfinite (to) || x > to);
      to = x;
    }
  g_assert_cmpfloat_with_epsilon (from, 0, 1);
  g_assert_cmpfloat_with_epsilon (to, 100, 1);
  text = lds_chart_describe (chart);
  g_assert_nonnull (strstr (text, "Event loop (model): 101\u00a0MiB, between 1.00\u00a0MiB and 101\u00a0MiB."));
}

static void
test_insets (void)
{
  g_autoptr (LdsChart) chart = lds_chart_new ("Memory", LDS_UNIT_BYTES, LDS_SCALE_TIME, LDS_SCALE_LINEAR);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 8, 8);
  cairo_t *cr = cairo_create (surface);
  double left, right;

  lds_chart_measure_insets (chart, cr, WIDTH, HEIGHT, &left, &right);
  g_assert_cmpfloat (left, >, 0);
  g_assert_cmpfloat (right, >, 0);
  lds_chart_set_insets (chart, 100, 140);
  lds_chart_draw (chart, cr, WIDTH, HEIGHT);
  g_assert_true (isnan (lds_chart_x_at (chart, 99)));
  g_assert_true (isfinite (lds_chart_x_at (chart, 101)));
  g_assert_true (isfinite (lds_chart_x_at (chart, WIDTH - 141)));
  g_assert_true (isnan (lds_chart_x_at (chart, WIDTH - 139)));
  /* Measuring again leaves where the pointer is as it was. */
  lds_chart_measure_insets (chart, cr, WIDTH / 2, HEIGHT, &left, &right);
  g_assert_cmpfloat (left, <, 100);
  g_assert_true (isnan (lds_chart_x_at (chart, 99)));
  g_assert_true (isfinite (lds_chart_x_at (chart, WIDTH - 141)));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* With nothing to place on it, a y axis says nothing; a threshold is something. */
static void
test_empty (void)
{
  LdsTheme theme = lds_theme_get (LDS_THEME_LIGHT, FALSE);

  theme.grid = (LdsColor){1, 0, 1, 1};
  for (guint i = 0; i < 4; i++)
    {
      const double values[] = {NAN, 0, NAN, 3e6};
      g_autoptr (LdsChart) chart =
          lds_chart_new ("Response time", LDS_UNIT_DURATION_NS, LDS_SCALE_TIME, LDS_SCALE_LOG);
      LdsSeries *series =
          lds_chart_add_series (chart, "x", LDS_FAMILY_PREFORK, LDS_PROVENANCE_MODEL);
      cairo_surface_t *surface;

      lds_chart_set_theme (chart, &theme);
      lds_chart_set_placeholder (chart, "No data yet");
      lds_series_append (series, 0, values[i]);
      lds_series_append (series, 1, values[i]);
      if (i == 2)
        lds_chart_set_threshold (chart, 5e6, "SLO");
      surface = draw (chart, WIDTH, HEIGHT);
      if (i < 2)
        g_assert_cmpuint (count_pixels (surface, theme.grid), ==, 0);
      else
        g_assert_cmpuint (count_pixels (surface, theme.grid), >, 0);
      cairo_surface_destroy (surface);
    }
}

static void
test_bars (void)
{
  const double values[] = {NAN, 0, 1, 1e300, -5};
  LdsTheme theme = lds_theme_get (LDS_THEME_PRINT, FALSE);
  cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (surface);

  lds_bar_chart_draw (cr, &theme, NULL, 0, LDS_UNIT_RATE_HZ, 300);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      LdsBar bars[2] = {
          {"Event loop (model)", LDS_FAMILY_EVENT_LOOP, LDS_PROVENANCE_MODEL, 0, values[i],
           values[i] * 0.9, values[i] * 1.1, FALSE, "5 runs"},
          {"Claim", LDS_FAMILY_PREFORK, LDS_PROVENANCE_CLAIM, 0, values[i], NAN, NAN, TRUE, NULL},
      };
      LdsContributionBar contributions[] = {{"Concurrency", values[i], "R-1"}, {"Team", -3, NULL}};

      lds_bar_chart_draw (cr, &theme, bars, 2, LDS_UNIT_RATE_HZ, 300);
      lds_bar_draw_cell (cr, &theme, &bars[0], 2, 60, 12);
      g_assert_cmpfloat (lds_contribution_bars_draw (cr, &theme, contributions, 2, NULL, 300), ==,
                         lds_contribution_bars_height (cr, &theme, contributions, 2, 300));
      lds_meter_draw (cr, &theme, values[i], 97, 74, 200, 8);
    }
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/chart/decimate", test_decimate);
  g_test_add_func ("/report/chart/decimate-view", test_decimate_view);
  g_test_add_func ("/report/chart/figures", test_figures);
  g_test_add_func ("/report/chart/spike", test_spike);
  g_test_add_func ("/report/chart/every-kind-of-data", test_every_kind_of_data);
  g_test_add_func ("/report/chart/provenance-is-seen", test_provenance_is_seen);
  g_test_add_func ("/report/chart/points", test_points);
  g_test_add_func ("/report/chart/curve-and-span", test_curve_and_span);
  g_test_add_func ("/report/chart/cursor", test_cursor);
  g_test_add_func ("/report/chart/insets", test_insets);
  g_test_add_func ("/report/chart/empty", test_empty);
  g_test_add_func ("/report/bars", test_bars);
  return g_test_run ();
}
