/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages: where the next thing goes, page breaks, heads and feet, paragraphs and tables that run over
 * several pages, outline and structure. What stands on them is the report's business. */
#pragma once

#include <cairo.h>

#include "lds-report.h"
#include "lds-text.h"

G_BEGIN_DECLS

typedef enum
{
  LDS_STYLE_TITLE, /* the verdict */
  LDS_STYLE_H1,    /* a section */
  LDS_STYLE_H2,
  LDS_STYLE_LEAD, /* the paragraph below a section's heading */
  LDS_STYLE_BODY,
  LDS_STYLE_SMALL,
  LDS_STYLE_CAPTION, /* faint, below a chart */
  LDS_STYLE_COMMAND, /* monospaced */
} LdsStyle;

/* Belongs to one thread. Public members may be read; @y may be moved down. */
typedef struct
{
  cairo_t *cr; /* of the current page; in points from its top left */
  LdsText *text;
  LdsTheme theme; /* for what is drawn on the pages */
  double page_width, page_height;
  double left, width; /* of the column of text */
  double top, bottom; /* of the column: no content beyond */
  double y;           /* where the next thing goes */
  guint page;         /* 0-based */

  /*< private >*/
  LdsText *furniture;                         /* of heads and feet: a page may end amid a paragraph that is in @text */
  cairo_surface_t *pdf;                       /* (nullable): otherwise pages are recorded */
  GPtrArray *recordings;                      /* (element-type cairo_surface_t) */
  const char *running_title, *section, *foot; /* of heads and feet; the caller's */
  const char *page_section;                   /* that the page began in: its head names it */
  guint n_pages;                              /* known from an earlier pass; 0 = not yet */
  gboolean has_page;
} LdsPages;

/**
 * lds_pages_new:
 * @pdf: (nullable): a cairo PDF surface; %NULL records the pages instead
 * @n_pages: for "3 of 9"; 0 on the first pass, which finds it out
 * @running_title, @foot: in every head and foot; must outlive the pages
 */
LdsPages *lds_pages_new (LdsPaper paper,
                         cairo_surface_t *pdf,
                         guint n_pages,
                         const char *running_title,
                         const char *foot);
void lds_pages_free (LdsPages *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsPages, lds_pages_free)

/** Ends the last page. Returns the number of pages. */
guint lds_pages_finish (LdsPages *self);

/** Returns: (transfer none) (element-type cairo_surface_t): the recorded pages */
GPtrArray *lds_pages_get_recordings (LdsPages *self);

/**
 * lds_pages_begin_section:
 * @title: its heading and its entry in the outline; must outlive the section
 * @new_page: begins a page, otherwise goes on below if a good part of the page is left
 */
void lds_pages_begin_section (LdsPages *self, const char *title, gboolean new_page);

/** Names the section in heads and in the outline, without a heading and without a new page. */
void lds_pages_set_section (LdsPages *self, const char *title);

/** Goes on to the next page when less than @height is left on this one, and says whether it did. */
gboolean lds_pages_reserve (LdsPages *self, double height);

/** Leaves @height free, nothing at the top of a page. */
void lds_pages_skip (LdsPages *self, double height);

/** A heading that keeps at least @keep points of what follows on its page. */
void lds_pages_heading (LdsPages *self, const char *text, double keep);

/** A paragraph over the whole column, broken over pages line by line. */
void lds_pages_paragraph (LdsPages *self, LdsStyle style, const char *text);

/** A paragraph after a hanging mark: a bullet or a number. */
void lds_pages_item (LdsPages *self, const char *mark, const char *text);

/**
 * lds_pages_put_text:
 * @y: top
 *
 * Text at a place, in a width, not broken over pages. Returns its height.
 */
double lds_pages_put_text (LdsPages *self,
                           LdsStyle style,
                           const char *text,
                           LdsColor color,
                           double x,
                           double y,
                           double width,
                           LdsAlign align);

/** Height that lds_pages_put_text() would need. */
double lds_pages_text_height (LdsPages *self, LdsStyle style, const char *text, double width);

/** Size in points of @style, and the distance of its lines. */
double lds_style_size (LdsStyle style);

/** Structure, as PDF readers and screen readers know it: "H1", "P", "Table", "Figure" … A tag must end
 * on the page that it begins on. */
void lds_pages_begin_tag (LdsPages *self, const char *tag);
void lds_pages_end_tag (LdsPages *self, const char *tag);

/* A cell of a table. */
typedef struct
{
  const char *text; /* (nullable): empty */
  const char *note; /* (nullable): below it, small and faint */
  LdsTextStyle style;
  gboolean alert;      /* the note in the colour of INVALID */
  const LdsLane *lane; /* (nullable): whose hue and line swatch and bar have */
  guint variant;
  gboolean swatch;               /* its line before the text */
  double bar, bar_low, bar_high; /* 0 to 1 of the column's width, below the text; 0 = none */
  gboolean bar_invalid;
} LdsCell;

typedef struct
{
  const char *title;
  double share; /* of the table's width; shares sum to any total */
  LdsAlign align;
} LdsColumn;

/* A row: a cell a column, and (nullable) remarks below over the whole width. */
typedef struct
{
  LdsCell *cells; /* (array length=n_columns) */
  const char *remark;
  gboolean remark_is_alert;
  const char *aside; /* after the remark, never in alarm */
} LdsRow;

/** A table with ruled rows that go on over pages, each page repeating the head. */
void lds_pages_table (LdsPages *self,
                      const LdsColumn *columns,
                      guint n_columns,
                      const LdsRow *rows,
                      guint n_rows);

G_END_DECLS
