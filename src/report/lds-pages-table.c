/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables that go on over pages. */
#define G_LOG_DOMAIN "lds-pages"

#include "config.h"
#include "lds-pages.h"

#include <math.h>

#include "lds-bar-chart.h"

#define SIZE       8.0
#define NOTE_SIZE  7.0
#define HEAD_SIZE  7.5
#define GUTTER     9.0
#define PAD        4.5
#define BAR_HEIGHT 7.0
#define SWATCH     16.0
/* No cell is higher than this, so that every row fits a page: what is beyond is cut with an
 * ellipsis. Only hostile files come near. */
#define MAX_CELL_HEIGHT 420.0

typedef struct
{
  LdsPages *pages;
  const LdsColumn *columns;
  guint n_columns;
  double total_share;
} Table;

static double
column_x (const Table *table,
          guint index)
{
  double shares = 0;

  for (guint i = 0; i < index; i++)
    shares += table->columns[i].share;
  return table->pages->left + shares / table->total_share * (table->pages->width + GUTTER);
}

static double
column_width (const Table *table,
              guint index)
{
  return table->columns[index].share / table->total_share * (table->pages->width + GUTTER) - GUTTER;
}

/* Draws (or only measures) a text aligned in a column; returns its height. */
static double
put (const Table *table,
     const char *text,
     double size,
     LdsTextStyle style,
     LdsColor color,
     LdsAlign align,
     double x,
     double y,
     double width,
     gboolean draw)
{
  LdsPages *pages = table->pages;
  PangoLayout *layout;
  double height;

  lds_text_set (pages->text, pages->cr, &pages->theme, text, size, style, MAX (width, 1));
  layout = lds_text_layout (pages->text);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_height (layout, (int)(MAX_CELL_HEIGHT * PANGO_SCALE));
  pango_layout_set_line_spacing (layout, 1.05f);
  if (align == LDS_ALIGN_RIGHT)
    pango_layout_set_alignment (layout, PANGO_ALIGN_RIGHT);
  lds_text_measure (pages->text, NULL, &height);
  if (draw)
    lds_text_draw (pages->text, pages->cr, color, x, y, LDS_ALIGN_LEFT);
  return height;
}

static double
put_cell (const Table *table,
          guint index,
          const LdsCell *cell,
          double y,
          gboolean draw)
{
  LdsPages *pages = table->pages;
  const LdsColumn *column = &table->columns[index];
  double x = column_x (table, index), width = column_width (table, index), height = 0;

  if (cell->swatch && cell->lane != NULL)
    {
      if (draw)
        lds_theme_draw_swatch (pages->cr, &pages->theme, cell->lane->family,
                               cell->lane->provenance, cell->variant, x, y + SIZE * 0.68, SWATCH);
      x += SWATCH + 5;
      width -= SWATCH + 5;
    }
  if (cell->text != NULL)
    height += put (table, cell->text, SIZE, cell->style, pages->theme.text, column->align, x, y,
                   width, draw);
  if (cell->note != NULL)
    height += put (table, cell->note, NOTE_SIZE, LDS_TEXT_PLAIN,
                   cell->alert ? pages->theme.alert : pages->theme.faint_text, column->align, x,
                   y + height, width, draw);
  if (cell->bar > 0 && cell->lane != NULL)
    {
      LdsBar bar = {.family = cell->lane->family,
                    .provenance = cell->lane->provenance,
                    .variant = cell->variant,
                    .value = cell->bar,
                    .low = cell->bar_low,
                    .high = cell->bar_high,
                    .invalid = cell->bar_invalid};

      if (draw)
        {
          cairo_save (pages->cr);
          cairo_translate (pages->cr, x, y + height + 1);
          lds_bar_draw_cell (pages->cr, &pages->theme, &bar, 1, width, BAR_HEIGHT);
          cairo_restore (pages->cr);
        }
      height += BAR_HEIGHT + 1;
    }
  return height;
}

static void
draw_rule (LdsPages *pages,
           double y,
           double width,
           const LdsColor *color)
{
  cairo_set_dash (pages->cr, NULL, 0, 0);
  cairo_set_line_width (pages->cr, width);
  lds_color_set_source (color, pages->cr);
  cairo_move_to (pages->cr, pages->left, y);
  cairo_line_to (pages->cr, pages->left + pages->width, y);
  cairo_stroke (pages->cr);
}

static double
put_head (const Table *table,
          double y,
          gboolean draw)
{
  double height = 0;

  for (guint i = 0; i < table->n_columns; i++)
    {
      const LdsColumn *column = &table->columns[i];
      double cell =
          put (table, column->title, HEAD_SIZE, LDS_TEXT_BOLD, table->pages->theme.faint_text,
               column->align, column_x (table, i), y, column_width (table, i), draw);

      height = MAX (height, cell);
    }
  if (draw)
    draw_rule (table->pages, y + height + 3, 0.8, &table->pages->theme.axis);
  return height + 3;
}

static double
put_row (const Table *table,
         const LdsRow *row,
         double y,
         gboolean draw)
{
  LdsPages *pages = table->pages;
  double height = 0;

  for (guint i = 0; i < table->n_columns; i++)
    {
      double cell = put_cell (table, i, &row->cells[i], y + PAD, draw);

      height = MAX (height, cell);
    }
  if (row->remark != NULL)
    height += 1.5 + put (table, row->remark, NOTE_SIZE, LDS_TEXT_PLAIN,
                         row->remark_is_alert ? pages->theme.alert : pages->theme.faint_text,
                         LDS_ALIGN_LEFT, pages->left, y + PAD + height + 1.5, pages->width, draw);
  if (row->aside != NULL)
    height += 1.5 + put (table, row->aside, NOTE_SIZE, LDS_TEXT_PLAIN, pages->theme.faint_text,
                         LDS_ALIGN_LEFT, pages->left, y + PAD + height + 1.5, pages->width, draw);
  height += 2 * PAD;
  if (draw)
    draw_rule (pages, y + height, 0.4, &pages->theme.grid);
  return height;
}

void
lds_pages_table (LdsPages *self,
                 const LdsColumn *columns,
                 guint n_columns,
                 const LdsRow *rows,
                 guint n_rows)
{
  Table table = {self, columns, n_columns, 0};

  g_return_if_fail (self != NULL && columns != NULL && (rows != NULL || n_rows == 0));
  if (n_rows == 0)
    return;
  for (guint i = 0; i < n_columns; i++)
    table.total_share += columns[i].share;
  lds_pages_reserve (self, put_head (&table, 0, FALSE) + put_row (&table, &rows[0], 0, FALSE));
  lds_pages_begin_tag (self, "Table");
  self->y += put_head (&table, self->y, TRUE);
  for (guint i = 0; i < n_rows; i++)
    {
      double height = put_row (&table, &rows[i], 0, FALSE);

      if (self->y + height > self->bottom)
        {
          lds_pages_end_tag (self, "Table");
          lds_pages_reserve (self, height);
          lds_pages_begin_tag (self, "Table");
          self->y += put_head (&table, self->y, TRUE);
        }
      lds_pages_begin_tag (self, "TR");
      put_row (&table, &rows[i], self->y, TRUE);
      lds_pages_end_tag (self, "TR");
      self->y += height;
    }
  lds_pages_end_tag (self, "Table");
  self->y += 8;
}
