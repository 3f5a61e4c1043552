/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: breaks, heads and feet, paragraphs, outline and structure. */
#define G_LOG_DOMAIN "lds-pages"

#include "config.h"
#include "lds-pages.h"

#include <cairo-pdf.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MARGIN_LEFT   60.0
#define MARGIN_RIGHT  60.0
#define MARGIN_TOP    78.0
#define MARGIN_BOTTOM 66.0
#define HEAD_Y        40.0
/* A section that may go on below another needs this much of the page. */
#define MIN_SECTION 260.0

typedef struct
{
  double size;    /* pt */
  double leading; /* lines apart, of the font's own height */
  double after;   /* pt */
  LdsTextStyle text;
  gboolean faint;
  const char *tag;
} StyleInfo;

static const StyleInfo styles[] = {
    [LDS_STYLE_TITLE] = {21, 1.04, 8, LDS_TEXT_BOLD, FALSE, "H1"},
    [LDS_STYLE_H1] = {17, 1.04, 8, LDS_TEXT_BOLD, FALSE, "H1"},
    [LDS_STYLE_H2] = {11, 1.06, 5, LDS_TEXT_BOLD, FALSE, "H2"},
    [LDS_STYLE_LEAD] = {10, 1.12, 12, LDS_TEXT_PLAIN, TRUE, "P"},
    [LDS_STYLE_BODY] = {9, 1.12, 6, LDS_TEXT_PLAIN, FALSE, "P"},
    [LDS_STYLE_SMALL] = {8, 1.08, 3, LDS_TEXT_PLAIN, FALSE, "P"},
    [LDS_STYLE_CAPTION] = {7.5, 1.08, 4, LDS_TEXT_PLAIN, TRUE, "P"},
    [LDS_STYLE_COMMAND] = {7.5, 1.15, 4, LDS_TEXT_MONO, FALSE, "P"},
};

void
lds_paper_get_size (LdsPaper paper,
                    double *width,
                    double *height)
{
  g_return_if_fail (width != NULL && height != NULL);
  *width = paper == LDS_PAPER_LETTER ? 612 : 595.276;
  *height = paper == LDS_PAPER_LETTER ? 792 : 841.89;
}

LdsPages *
lds_pages_new (LdsPaper paper,
               cairo_surface_t *pdf,
               guint n_pages,
               const char *running_title,
               const char *foot)
{
  LdsPages *self = g_new0 (LdsPages, 1);

  lds_paper_get_size (paper, &self->page_width, &self->page_height);
  self->pdf = pdf != NULL ? cairo_surface_reference (pdf) : NULL;
  self->recordings = g_ptr_array_new_with_free_func ((GDestroyNotify)cairo_surface_destroy);
  self->text = lds_text_new ();
  self->furniture = lds_text_new ();
  self->theme = lds_theme_get (LDS_THEME_PRINT, FALSE);
  self->left = MARGIN_LEFT;
  self->width = self->page_width - MARGIN_LEFT - MARGIN_RIGHT;
  self->top = MARGIN_TOP;
  self->bottom = self->page_height - MARGIN_BOTTOM;
  self->n_pages = n_pages;
  self->running_title = running_title;
  self->foot = foot;
  return self;
}

void
lds_pages_free (LdsPages *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->cr, cairo_destroy);
  g_clear_pointer (&self->pdf, cairo_surface_destroy);
  g_ptr_array_unref (self->recordings);
  lds_text_free (self->text);
  lds_text_free (self->furniture);
  g_free (self);
}

void
lds_pages_begin_tag (LdsPages *self,
                     const char *tag)
{
  cairo_tag_begin (self->cr, tag, NULL);
}

void
lds_pages_end_tag (LdsPages *self,
                   const char *tag)
{
  cairo_tag_end (self->cr, tag);
}

double
lds_style_size (LdsStyle style)
{
  return styles[style].size;
}

static void
rule (LdsPages *self,
      double y,
      const LdsColor *color)
{
  cairo_set_dash (self->cr, NULL, 0, 0);
  cairo_set_line_width (self->cr, 0.5);
  lds_color_set_source (color, self->cr);
  cairo_move_to (self->cr, self->left, y);
  cairo_line_to (self->cr, self->left + self->width, y);
  cairo_stroke (self->cr);
}

static void
set_single (LdsPages *self,
            const char *text,
            double width)
{
  lds_text_set (self->furniture, self->cr, &self->theme, text, 7.5, LDS_TEXT_SINGLE_LINE, width);
}

/* Head and foot. */
static void
draw_furniture (LdsPages *self)
{
  double right = self->left + self->width, foot_y = self->page_height - 44;
  g_autofree char *number = NULL;

  if (self->page > 0)
    {
      set_single (self, self->running_title, self->width * 0.62);
      lds_text_draw (self->furniture, self->cr, self->theme.faint_text, self->left, HEAD_Y,
                     LDS_ALIGN_LEFT);
      set_single (self, self->page_section != NULL ? self->page_section : "", self->width * 0.36);
      lds_text_draw (self->furniture, self->cr, self->theme.faint_text, right, HEAD_Y,
                     LDS_ALIGN_RIGHT);
      rule (self, HEAD_Y + 15, &self->theme.grid);
    }
  rule (self, foot_y - 6, &self->theme.grid);
  set_single (self, self->foot, self->width * 0.75);
  lds_text_draw (self->furniture, self->cr, self->theme.faint_text, self->left, foot_y,
                 LDS_ALIGN_LEFT);
  if (self->n_pages > 0)
    /* Translators: page 3 of 9 */
    number = g_strdup_printf (_ ("%u of %u"), self->page + 1, self->n_pages);
  else
    number = g_strdup_printf ("%u", self->page + 1);
  set_single (self, number, self->width * 0.25);
  lds_text_draw (self->furniture, self->cr, self->theme.faint_text, right, foot_y, LDS_ALIGN_RIGHT);
}

static void
end_page (LdsPages *self)
{
  if (!self->has_page)
    return;
  draw_furniture (self);
  if (self->pdf != NULL)
    cairo_show_page (self->cr);
  else
    g_clear_pointer (&self->cr, cairo_destroy);
  self->has_page = FALSE;
  self->page++;
}

static void
begin_page (LdsPages *self)
{
  if (self->pdf == NULL)
    {
      cairo_rectangle_t extents = {0, 0, self->page_width, self->page_height};
      cairo_surface_t *surface =
          cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, &extents);

      g_ptr_array_add (self->recordings, surface);
      self->cr = cairo_create (surface);
    }
  else if (self->cr == NULL)
    self->cr = cairo_create (self->pdf);
  self->has_page = TRUE;
  self->page_section = self->section;
  self->y = self->top;
}

static void
break_page (LdsPages *self)
{
  end_page (self);
  begin_page (self);
}

guint
lds_pages_finish (LdsPages *self)
{
  g_return_val_if_fail (self != NULL, 0);
  end_page (self);
  return self->page;
}

GPtrArray *
lds_pages_get_recordings (LdsPages *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->recordings;
}

gboolean
lds_pages_reserve (LdsPages *self,
                   double height)
{
  g_return_val_if_fail (self != NULL, FALSE);
  if (!self->has_page)
    begin_page (self);
  if (self->y + height <= self->bottom || self->y <= self->top)
    return FALSE;
  break_page (self);
  return TRUE;
}

void
lds_pages_skip (LdsPages *self,
                double height)
{
  g_return_if_fail (self != NULL);
  if (self->y > self->top)
    self->y += height;
}

static void
add_outline (LdsPages *self,
             const char *title)
{
  g_autofree char *attributes = NULL;

  if (self->pdf == NULL)
    return;
  attributes = g_strdup_printf ("page=%u pos=[0 %d]", self->page + 1, (int)MAX (self->y - 20, 0));
  cairo_pdf_surface_add_outline (self->pdf, CAIRO_PDF_OUTLINE_ROOT, title, attributes,
                                 CAIRO_PDF_OUTLINE_FLAG_OPEN);
}

void
lds_pages_begin_section (LdsPages *self,
                         const char *title,
                         gboolean new_page)
{
  g_return_if_fail (self != NULL && title != NULL);
  if (self->has_page && (new_page || self->y + MIN_SECTION > self->bottom))
    end_page (self);
  self->section = title;
  if (self->has_page)
    lds_pages_skip (self, 26);
  else
    begin_page (self);
  add_outline (self, title);
  lds_pages_paragraph (self, LDS_STYLE_H1, title);
}

void
lds_pages_set_section (LdsPages *self,
                       const char *title)
{
  g_return_if_fail (self != NULL && title != NULL);
  self->section = title;
  if (!self->has_page)
    begin_page (self);
  add_outline (self, title);
}

static void
set_styled (LdsPages *self,
            LdsStyle style,
            const char *text,
            double width)
{
  const StyleInfo *info = &styles[style];

  lds_text_set (self->text, self->cr, &self->theme, text, info->size, info->text, width);
  pango_layout_set_line_spacing (lds_text_layout (self->text), (float)info->leading);
}

static LdsColor
style_color (LdsPages *self,
             LdsStyle style)
{
  return styles[style].faint ? self->theme.faint_text : self->theme.text;
}

double
lds_pages_text_height (LdsPages *self,
                       LdsStyle style,
                       const char *text,
                       double width)
{
  double height;

  set_styled (self, style, text, width);
  lds_text_measure (self->text, NULL, &height);
  return height;
}

double
lds_pages_put_text (LdsPages *self,
                    LdsStyle style,
                    const char *text,
                    LdsColor color,
                    double x,
                    double y,
                    double width,
                    LdsAlign align)
{
  double height;

  set_styled (self, style, text, width);
  if (align == LDS_ALIGN_RIGHT)
    pango_layout_set_alignment (lds_text_layout (self->text), PANGO_ALIGN_RIGHT);
  else if (align == LDS_ALIGN_CENTER)
    pango_layout_set_alignment (lds_text_layout (self->text), PANGO_ALIGN_CENTER);
  lds_text_measure (self->text, NULL, &height);
  lds_text_draw (self->text, self->cr, color, x, y, LDS_ALIGN_LEFT);
  return height;
}

/* Draws the layout that is set, line by line, breaking pages between lines, and tags it. */
static void
flow_layout (LdsPages *self,
             const char *tag,
             LdsColor color,
             double x)
{
  PangoLayoutIter *iter = pango_layout_get_iter (lds_text_layout (self->text));

  lds_pages_begin_tag (self, tag);
  do
    {
      PangoRectangle logical;
      int line_top, line_bottom;
      double height, baseline;

      pango_layout_iter_get_line_yrange (iter, &line_top, &line_bottom);
      pango_layout_iter_get_line_extents (iter, NULL, &logical);
      height = (double)(line_bottom - line_top) / PANGO_SCALE;
      baseline = (double)(pango_layout_iter_get_baseline (iter) - line_top) / PANGO_SCALE;
      if (self->y + height > self->bottom)
        {
          lds_pages_end_tag (self, tag);
          lds_pages_reserve (self, height);
          lds_pages_begin_tag (self, tag);
        }
      lds_color_set_source (&color, self->cr);
      cairo_move_to (self->cr, x + (double)logical.x / PANGO_SCALE, self->y + baseline);
      pango_cairo_show_layout_line (self->cr, pango_layout_iter_get_line_readonly (iter));
      self->y += height;
    }
  while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
  lds_pages_end_tag (self, tag);
}

void
lds_pages_paragraph (LdsPages *self,
                     LdsStyle style,
                     const char *text)
{
  g_return_if_fail (self != NULL && text != NULL);
  lds_pages_reserve (self, styles[style].size * 2.6);
  set_styled (self, style, text, self->width);
  flow_layout (self, styles[style].tag, style_color (self, style), self->left);
  self->y += styles[style].after;
}

void
lds_pages_item (LdsPages *self,
                const char *mark,
                const char *text)
{
  double indent = 14;

  g_return_if_fail (self != NULL && mark != NULL && text != NULL);
  lds_pages_reserve (self, styles[LDS_STYLE_BODY].size * 2.6);
  lds_pages_put_text (self, LDS_STYLE_BODY, mark, self->theme.faint_text, self->left, self->y,
                      indent, LDS_ALIGN_LEFT);
  set_styled (self, LDS_STYLE_BODY, text, self->width - indent);
  flow_layout (self, "P", self->theme.text, self->left + indent);
  self->y += styles[LDS_STYLE_BODY].after * 0.7;
}

void
lds_pages_heading (LdsPages *self,
                   const char *text,
                   double keep)
{
  g_return_if_fail (self != NULL && text != NULL);
  lds_pages_skip (self, 14);
  lds_pages_reserve (self, styles[LDS_STYLE_H2].size * 2 + keep);
  lds_pages_paragraph (self, LDS_STYLE_H2, text);
}
