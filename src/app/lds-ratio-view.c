/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The axis of all ratios as a widget. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-ratio-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "lds-chart-view.h"
#include "lds-format.h"

#define MIN_WIDTH_PX  240
#define NATURAL_EM    60 /* of the chart's font size */
#define NOTES_FROM_EM 42 /* below that width verdicts would leave the plot no room */

struct _LdsRatioView
{
  GtkWidget parent_instance;

  GPtrArray *rows;  /* (element-type LdsRatioRow) */
  GPtrArray *plain; /* (element-type LdsRatioRow): copies without the verdicts, which own nothing */
  char *text;
};

G_DEFINE_FINAL_TYPE (LdsRatioView, lds_ratio_view, GTK_TYPE_WIDGET)

static void
lds_ratio_view_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  LdsRatioView *self = LDS_RATIO_VIEW (widget);
  LdsTheme theme = lds_chart_view_theme_for (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MIN_WIDTH_PX;
      *natural = MAX (MIN_WIDTH_PX, (int)(theme.font_size * NATURAL_EM));
    }
  else
    *minimum = *natural = (int)ceil (lds_ratio_chart_height (&theme, self->rows->len));
}

static void
lds_ratio_view_snapshot (GtkWidget *widget,
                         GtkSnapshot *snapshot)
{
  LdsRatioView *self = LDS_RATIO_VIEW (widget);
  int width = gtk_widget_get_width (widget);
  int height = gtk_widget_get_height (widget);
  LdsTheme theme;
  cairo_t *cr;

  if (width <= 0 || height <= 0 || self->rows->len == 0)
    return;
  theme = lds_chart_view_theme_for (widget);
  cr =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height));
  lds_ratio_chart_draw (cr, &theme,
                        width < theme.font_size * NOTES_FROM_EM ? self->plain : self->rows, width);
  cairo_destroy (cr);
}

static void
lds_ratio_view_dispose (GObject *object)
{
  LdsRatioView *self = LDS_RATIO_VIEW (object);

  g_clear_pointer (&self->plain, g_ptr_array_unref);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->text, g_free);
  G_OBJECT_CLASS (lds_ratio_view_parent_class)->dispose (object);
}

static void
lds_ratio_view_class_init (LdsRatioViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lds_ratio_view_dispose;
  widget_class->measure = lds_ratio_view_measure;
  widget_class->snapshot = lds_ratio_view_snapshot;
  gtk_widget_class_set_css_name (widget_class, "ratios");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lds_ratio_view_init (LdsRatioView *self)
{
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify)lds_ratio_row_free);
  self->plain = g_ptr_array_new_with_free_func (g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Ratios on one axis, above 1 better for Node.js"), -1);
  /* Colours and fonts are read when drawing: any change of them only needs another drawing. */
  g_signal_connect_object (adw_style_manager_get_default (), "notify",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lds_ratio_view_new (void)
{
  return g_object_new (LDS_TYPE_RATIO_VIEW, NULL);
}

/* --- In words -------------------------------------------------------------------------------- */

static char *
dup_claimed (const LdsRatioRow *row)
{
  g_autofree char *low = lds_format_value (row->claimed_low, LDS_UNIT_NONE);
  g_autofree char *high = lds_format_value (row->claimed_high, LDS_UNIT_NONE);

  if (isnan (row->claimed_low) && isnan (row->claimed_high))
    return NULL;
  if (isnan (row->claimed_low))
    /* Translators: a ratio */
    return g_strdup_printf (_ ("claimed at most %s"), high);
  if (isnan (row->claimed_high))
    /* Translators: a ratio */
    return g_strdup_printf (_ ("claimed at least %s"), low);
  if (row->claimed_low == row->claimed_high)
    /* Translators: a ratio */
    return g_strdup_printf (_ ("claimed %s"), low);
  /* Translators: two ratios */
  return g_strdup_printf (_ ("claimed %s to %s"), low, high);
}

static char *
dup_measured (const LdsRatioRow *row)
{
  g_autofree char *value = lds_format_value (row->value, LDS_UNIT_NONE);
  g_autofree char *low = lds_format_value (row->low, LDS_UNIT_NONE);
  g_autofree char *high = lds_format_value (row->high, LDS_UNIT_NONE);

  if (isnan (row->value))
    return g_strdup (_ ("not measured"));
  if (isnan (row->low))
    /* Translators: a ratio */
    return g_strdup_printf (_ ("measured %s"), value);
  /* Translators: a ratio, both ends of its interval */
  return g_strdup_printf (_ ("measured %s (%s to %s)"), value, low, high);
}

static char *
dup_text (GPtrArray *rows)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      const LdsRatioRow *row = rows->pdata[i];
      g_autofree char *claimed = dup_claimed (row);
      g_autofree char *measured = dup_measured (row);

      if (i > 0)
        g_string_append_c (text, '\n');
      if (claimed == NULL)
        /* Translators: a row's name, what was measured */
        g_string_append_printf (text, _ ("%s: %s."), row->label, measured);
      else
        /* Translators: a row's name, what is claimed, what was measured */
        g_string_append_printf (text, _ ("%s: %s, %s."), row->label, claimed, measured);
    }
  return g_string_free (text, FALSE);
}

void
lds_ratio_view_take_rows (LdsRatioView *self,
                          GPtrArray *rows)
{
  g_return_if_fail (LDS_IS_RATIO_VIEW (self));
  g_return_if_fail (rows != NULL);

  g_ptr_array_set_size (self->plain, 0);
  g_ptr_array_unref (self->rows);
  self->rows = rows;
  for (guint i = 0; i < rows->len; i++)
    {
      LdsRatioRow *copy = g_memdup2 (rows->pdata[i], sizeof *copy);

      copy->note = NULL;
      g_ptr_array_add (self->plain, copy);
    }
  g_free (self->text);
  self->text = dup_text (rows);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->text, -1);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

const char *
lds_ratio_view_get_text (LdsRatioView *self)
{
  g_return_val_if_fail (LDS_IS_RATIO_VIEW (self), NULL);
  return self->text;
}
