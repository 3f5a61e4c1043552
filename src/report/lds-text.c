/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text on a cairo surface through Pango. */
#define G_LOG_DOMAIN "lds-text"

#include "config.h"
#include "lds-text.h"

#include <math.h>
#include <string.h>

/* Nothing that is drawn is longer; laying out a hostile file's megabytes would take minutes. */
#define MAX_BYTES 65536

struct _LdsText
{
  PangoContext *context;
  PangoLayout *layout;
  PangoFontDescription *font;
  PangoAttrList *plain, *struck;
};

static PangoAttrList *
make_attributes (gboolean struck)
{
  PangoAttrList *attributes = pango_attr_list_new ();

  /* Figures stand below each other digit by digit and do not jump while they change. */
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  if (struck)
    pango_attr_list_insert (attributes, pango_attr_strikethrough_new (TRUE));
  return attributes;
}

LdsText *
lds_text_new (void)
{
  LdsText *self = g_new0 (LdsText, 1);

  self->context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  self->layout = pango_layout_new (self->context);
  self->font = pango_font_description_new ();
  self->plain = make_attributes (FALSE);
  self->struck = make_attributes (TRUE);
  return self;
}

void
lds_text_free (LdsText *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->layout);
  g_object_unref (self->context);
  pango_font_description_free (self->font);
  pango_attr_list_unref (self->plain);
  pango_attr_list_unref (self->struck);
  g_free (self);
}

void
lds_text_set (LdsText *self,
              cairo_t *cr,
              const LdsTheme *theme,
              const char *text,
              double size,
              LdsTextStyle style,
              double max_width)
{
  gssize length = (gssize)strnlen (text, MAX_BYTES);
  /* Cutting amid a character is mended as any other bad sequence. */
  g_autofree char *valid =
      g_utf8_validate (text, length, NULL) ? NULL : g_utf8_make_valid (text, length);

  pango_cairo_update_context (cr, self->context);
  if (theme->kind == LDS_THEME_PRINT)
    {
      /* Letters at their true places, whatever the printer's grid. */
      cairo_font_options_t *options = cairo_font_options_create ();

      cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
      cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
      pango_cairo_context_set_font_options (self->context, options);
      pango_context_set_round_glyph_positions (self->context, FALSE);
      cairo_font_options_destroy (options);
    }
  pango_font_description_set_family_static (
      self->font,
      (style & LDS_TEXT_MONO) != 0 ? "DejaVu Sans Mono, Noto Sans Mono, monospace" : theme->font);
  pango_font_description_set_absolute_size (self->font, size * PANGO_SCALE);
  pango_font_description_set_weight (
      self->font, (style & LDS_TEXT_BOLD) != 0 ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_style (
      self->font, (style & LDS_TEXT_ITALIC) != 0 ? PANGO_STYLE_ITALIC : PANGO_STYLE_NORMAL);
  pango_layout_set_font_description (self->layout, self->font);
  pango_layout_set_attributes (self->layout,
                               (style & LDS_TEXT_STRUCK) != 0 ? self->struck : self->plain);
  pango_layout_set_wrap (self->layout, PANGO_WRAP_WORD_CHAR);
  /* What the last user of the layout may have set. */
  pango_layout_set_alignment (self->layout, PANGO_ALIGN_LEFT);
  pango_layout_set_line_spacing (self->layout, 0);
  pango_layout_set_height (self->layout, -1);
  pango_layout_set_single_paragraph_mode (self->layout, (style & LDS_TEXT_SINGLE_LINE) != 0);
  pango_layout_set_ellipsize (self->layout, (style & LDS_TEXT_SINGLE_LINE) != 0 && max_width > 0
                                                ? PANGO_ELLIPSIZE_END
                                                : PANGO_ELLIPSIZE_NONE);
  pango_layout_set_width (self->layout, max_width > 0 ? (int)floor (max_width * PANGO_SCALE) : -1);
  pango_layout_set_text (self->layout, valid != NULL ? valid : text,
                         valid != NULL ? -1 : (int)length);
  pango_layout_context_changed (self->layout);
}

void
lds_text_measure (LdsText *self,
                  double *width,
                  double *height)
{
  PangoRectangle logical;

  pango_layout_get_extents (self->layout, NULL, &logical);
  if (width != NULL)
    *width = (double)logical.width / PANGO_SCALE;
  if (height != NULL)
    *height = (double)logical.height / PANGO_SCALE;
}

double
lds_text_baseline (LdsText *self)
{
  return (double)pango_layout_get_baseline (self->layout) / PANGO_SCALE;
}

PangoLayout *
lds_text_layout (LdsText *self)
{
  return self->layout;
}

void
lds_text_draw (LdsText *self,
               cairo_t *cr,
               LdsColor color,
               double x,
               double y,
               LdsAlign align)
{
  PangoRectangle logical;
  double left, width;

  pango_layout_get_extents (self->layout, NULL, &logical);
  left = (double)logical.x / PANGO_SCALE;
  width = (double)logical.width / PANGO_SCALE;
  if (align == LDS_ALIGN_CENTER)
    x -= width / 2 + left;
  else if (align == LDS_ALIGN_RIGHT)
    x -= width + left;
  else if (pango_layout_get_width (self->layout) < 0)
    x -= left;
  lds_color_set_source (&color, cr);
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, self->layout);
}
