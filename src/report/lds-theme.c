/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Palettes, dashes, markers and hatching. */
#define G_LOG_DOMAIN "lds-theme"

#include "config.h"
#include "lds-theme.h"

#include <math.h>

#define FONT "Cantarell, Inter, Noto Sans, DejaVu Sans, sans-serif"

#define RGB(hex)                                                                         \
  {                                                                                      \
    ((hex) >> 16 & 0xff) / 255.0, ((hex) >> 8 & 0xff) / 255.0, ((hex)&0xff) / 255.0, 1.0 \
  }
#define RGBA(hex, a)                                                                   \
  {                                                                                    \
    ((hex) >> 16 & 0xff) / 255.0, ((hex) >> 8 & 0xff) / 255.0, ((hex)&0xff) / 255.0, a \
  }

/* Source: M. Okabe and K. Ito, "Color Universal Design", 2008: set that stays apart for all common
 * kinds of colour vision. Lightened for dark ground, darkened (same hues) for high contrast. */
#define FAMILIES_LIGHT                                                                             \
  {                                                                                                \
    RGB (0x0072b2), RGB (0x009e73), RGB (0xe69f00), RGB (0xd55e00), RGB (0xcc79a7), RGB (0x56b4e9) \
  }
#define FAMILIES_DARK                                                                              \
  {                                                                                                \
    RGB (0x4a9fe0), RGB (0x2fc79a), RGB (0xf5b83d), RGB (0xf4854a), RGB (0xe7a3c8), RGB (0x9fdcfb) \
  }
#define FAMILIES_LIGHT_HIGH                                                                        \
  {                                                                                                \
    RGB (0x004a77), RGB (0x00573f), RGB (0x7a5200), RGB (0x8f3d00), RGB (0x843a62), RGB (0x145a80) \
  }
#define FAMILIES_DARK_HIGH                                                                         \
  {                                                                                                \
    RGB (0x7cc0f5), RGB (0x5fe3bb), RGB (0xffd070), RGB (0xffa678), RGB (0xf6c3de), RGB (0xc5ebff) \
  }

static const LdsTheme themes[] = {
    [LDS_THEME_LIGHT] = {
        .kind = LDS_THEME_LIGHT,
        .background = RGB (0xffffff),
        .text = RGB (0x2e3436),
        .faint_text = RGB (0x5f6467),
        .axis = RGB (0x8b8f92),
        .grid = RGBA (0x000000, 0.09),
        .positive = RGB (0x0072b2),
        .negative = RGB (0xd55e00),
        .alert = RGB (0xb3261e),
        .families = FAMILIES_LIGHT,
        .font = FONT,
        .font_size = 12,
        .line_width = 2,
        .device_scale = 1,
    },
    [LDS_THEME_DARK] = {
        .kind = LDS_THEME_DARK,
        .background = RGB (0x1e1e1e),
        .text = RGB (0xf2f2f2),
        .faint_text = RGB (0xb4b8bb),
        .axis = RGB (0x8b8f92),
        .grid = RGBA (0xffffff, 0.11),
        .positive = RGB (0x4a9fe0),
        .negative = RGB (0xf4854a),
        .alert = RGB (0xff8a80),
        .families = FAMILIES_DARK,
        .font = FONT,
        .font_size = 12,
        .line_width = 2,
        .device_scale = 1,
    },
    [LDS_THEME_PRINT] = {
        .kind = LDS_THEME_PRINT,
        .background = RGB (0xffffff),
        .text = RGB (0x1c1f21),
        .faint_text = RGB (0x5a5f63),
        .axis = RGB (0x8b8f92),
        .grid = RGB (0xe3e5e6),
        .positive = RGB (0x0072b2),
        .negative = RGB (0xd55e00),
        .alert = RGB (0xa3180f),
        .families = FAMILIES_LIGHT,
        .font = FONT,
        .font_size = 7.5,
        .line_width = 1.2,
        .device_scale = 1,
    },
};

LdsTheme
lds_theme_get (LdsThemeKind kind,
               gboolean high_contrast)
{
  static const LdsColor light[] = FAMILIES_LIGHT_HIGH, dark[] = FAMILIES_DARK_HIGH;
  LdsTheme theme = themes[kind];
  gboolean is_dark = kind == LDS_THEME_DARK;

  if (!high_contrast)
    return theme;
  theme.high_contrast = TRUE;
  theme.background = is_dark ? (LdsColor)RGB (0x000000) : (LdsColor)RGB (0xffffff);
  theme.text = theme.faint_text = is_dark ? (LdsColor)RGB (0xffffff) : (LdsColor)RGB (0x000000);
  theme.axis = theme.text;
  theme.grid = lds_color_fade (theme.text, 0.3);
  theme.positive = is_dark ? dark[LDS_FAMILY_EVENT_LOOP] : light[LDS_FAMILY_EVENT_LOOP];
  theme.negative = is_dark ? dark[LDS_FAMILY_PREFORK] : light[LDS_FAMILY_PREFORK];
  theme.line_width *= 1.25;
  for (guint i = 0; i < LDS_N_FAMILIES; i++)
    theme.families[i] = is_dark ? dark[i] : light[i];
  return theme;
}

LdsColor
lds_color_fade (LdsColor color,
                double alpha)
{
  color.alpha *= alpha;
  return color;
}

LdsColor
lds_color_mix (LdsColor color,
               LdsColor other,
               double amount)
{
  return (LdsColor){
      color.red + (other.red - color.red) * amount,
      color.green + (other.green - color.green) * amount,
      color.blue + (other.blue - color.blue) * amount,
      color.alpha + (other.alpha - color.alpha) * amount,
  };
}

void
lds_color_set_source (const LdsColor *color,
                      cairo_t *cr)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha);
}

LdsColor
lds_theme_family_color (const LdsTheme *theme,
                        LdsFamily family,
                        guint variant)
{
  LdsColor color;

  g_return_val_if_fail ((guint)family < LDS_N_FAMILIES, theme->text);
  color = theme->families[family];
  /* Every second variant towards the text, the others towards the ground: far apart soonest. */
  if (variant % 3 == 1)
    return lds_color_mix (color, theme->text, 0.45);
  if (variant % 3 == 2)
    return lds_color_mix (color, theme->background, 0.4);
  return color;
}

int
lds_theme_dash (LdsProvenance provenance,
                double line_width,
                double dashes[2])
{
  switch (provenance)
    {
    case LDS_PROVENANCE_TWIN:
      dashes[0] = 3.4 * line_width;
      dashes[1] = 2 * line_width;
      return 2;
    case LDS_PROVENANCE_MODEL:
      dashes[0] = 1.1 * line_width;
      dashes[1] = 1.5 * line_width;
      return 2;
    case LDS_PROVENANCE_REAL:
    case LDS_PROVENANCE_URL:
    case LDS_PROVENANCE_CLAIM:
    default:
      return 0;
    }
}

void
lds_theme_set_line (cairo_t *cr,
                    LdsProvenance provenance,
                    double line_width)
{
  double dashes[2];
  int n_dashes = lds_theme_dash (provenance, line_width, dashes);

  cairo_set_line_width (cr, line_width);
  cairo_set_dash (cr, dashes, n_dashes, 0);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
}

static void
trace_polygon (cairo_t *cr,
               double x,
               double y,
               double radius,
               guint n_corners,
               double first_angle)
{
  for (guint i = 0; i < n_corners; i++)
    {
      double angle = first_angle + 2 * G_PI * i / n_corners;

      cairo_line_to (cr, x + radius * cos (angle), y + radius * sin (angle));
    }
  cairo_close_path (cr);
}

static void
trace_shape (cairo_t *cr,
             LdsFamily family,
             LdsProvenance provenance,
             double x,
             double y,
             double radius)
{
  cairo_new_path (cr);
  if (provenance == LDS_PROVENANCE_CLAIM)
    {
      trace_polygon (cr, x, y, radius * 1.2, 4, 0);
      return;
    }
  switch (family)
    {
    case LDS_FAMILY_ASYNCIO:
      trace_polygon (cr, x, y, radius * 1.2, 4, G_PI / 4);
      break;
    case LDS_FAMILY_THREADS:
      trace_polygon (cr, x, y + radius * 0.2, radius * 1.25, 3, -G_PI / 2);
      break;
    case LDS_FAMILY_PREFORK:
      trace_polygon (cr, x, y - radius * 0.2, radius * 1.25, 3, G_PI / 2);
      break;
    case LDS_FAMILY_POLYGLOT:
      trace_polygon (cr, x, y, radius * 1.15, 5, -G_PI / 2);
      break;
    case LDS_FAMILY_URL:
      trace_polygon (cr, x, y, radius * 1.1, 6, 0);
      break;
    case LDS_FAMILY_EVENT_LOOP:
    case LDS_N_FAMILIES:
    default:
      cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
      break;
    }
}

void
lds_theme_draw_marker (cairo_t *cr,
                       const LdsTheme *theme,
                       LdsFamily family,
                       LdsProvenance provenance,
                       guint variant,
                       double x,
                       double y,
                       double size)
{
  LdsColor color = lds_theme_family_color (theme, family, variant);
  gboolean filled = provenance == LDS_PROVENANCE_REAL || provenance == LDS_PROVENANCE_URL;

  cairo_save (cr);
  trace_shape (cr, family, provenance, x, y, size / 2);
  lds_color_set_source (filled ? &color : &theme->background, cr);
  cairo_fill_preserve (cr);
  lds_color_set_source (&color, cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_width (cr, MAX (size / 5, theme->line_width * 0.6));
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
lds_theme_draw_swatch (cairo_t *cr,
                       const LdsTheme *theme,
                       LdsFamily family,
                       LdsProvenance provenance,
                       guint variant,
                       double x,
                       double y,
                       double width)
{
  LdsColor color = lds_theme_family_color (theme, family, variant);

  cairo_save (cr);
  if (provenance != LDS_PROVENANCE_CLAIM)
    {
      lds_theme_set_line (cr, provenance, theme->line_width);
      lds_color_set_source (&color, cr);
      cairo_move_to (cr, x, y);
      cairo_line_to (cr, x + width, y);
      cairo_stroke (cr);
    }
  lds_theme_draw_marker (cr, theme, family, provenance, variant, x + width / 2, y,
                         theme->font_size * 0.62);
  cairo_restore (cr);
}

void
lds_theme_draw_hatch (cairo_t *cr,
                      const LdsTheme *theme,
                      LdsColor color,
                      double x,
                      double y,
                      double width,
                      double height)
{
  double step = theme->font_size * 0.45;

  if (!(width > 0 && height > 0))
    return;
  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  lds_color_set_source (&color, cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, theme->line_width * 0.5);
  for (double at = x - height; at < x + width; at += step)
    {
      cairo_move_to (cr, at, y + height);
      cairo_line_to (cr, at + height, y);
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}
