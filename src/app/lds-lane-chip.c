/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lane by its hue, line and name. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-lane-chip.h"

#include <glib/gi18n.h>

#include "lds-chart-view.h"

#define SWATCH_WIDTH_PX 28

static void
draw_swatch_cb (GtkDrawingArea *area,
                cairo_t *cr,
                int width,
                int height,
                gpointer user_data)
{
  const LdsLane *lane = g_object_get_data (G_OBJECT (area), "lane");
  LdsTheme theme;

  if (lane == NULL)
    return;
  theme = lds_chart_view_theme_for (GTK_WIDGET (area));
  lds_theme_draw_swatch (cr, &theme, lane->family, lane->provenance, 0, 0, height / 2.0, width);
}

GtkWidget *
lds_lane_swatch_new (void)
{
  GtkWidget *area = g_object_new (GTK_TYPE_DRAWING_AREA,
                                  "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                                  "content-width", SWATCH_WIDTH_PX,
                                  "content-height", 14,
                                  "valign", GTK_ALIGN_CENTER,
                                  NULL);

  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_swatch_cb, NULL, NULL);
  return area;
}

void
lds_lane_swatch_set_lane (GtkWidget *swatch,
                          const LdsLane *lane)
{
  g_object_set_data (G_OBJECT (swatch), "lane", (gpointer)lane);
  gtk_widget_queue_draw (swatch);
}

GtkWidget *
lds_lane_chip_new (const LdsLane *lane)
{
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *swatch = lds_lane_swatch_new ();
  GtkWidget *label = gtk_label_new (NULL);

  lds_lane_swatch_set_lane (swatch, lane);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), label);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "chip");
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (button), TRUE);
  g_object_set_data (G_OBJECT (button), "lane", (gpointer)lane);
  g_object_set_data (G_OBJECT (button), "label", label);
  lds_lane_chip_renew (button);
  return button;
}

void
lds_lane_chip_renew (GtkWidget *chip)
{
  const LdsLane *lane = g_object_get_data (G_OBJECT (chip), "lane");
  GtkLabel *label = g_object_get_data (G_OBJECT (chip), "label");
  g_autofree char *name = NULL;

  g_return_if_fail (lane != NULL && label != NULL);

  name = lds_lane_dup_label (lane);
  gtk_label_set_label (label, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  lds_lane_chip_set_refused (chip, FALSE, NULL);
}

void
lds_lane_chip_set_refused (GtkWidget *chip,
                           gboolean struck,
                           const char *remark)
{
  const LdsLane *lane = g_object_get_data (G_OBJECT (chip), "lane");
  GtkLabel *label = g_object_get_data (G_OBJECT (chip), "label");
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  g_autofree char *tooltip = NULL;

  g_return_if_fail (lane != NULL && label != NULL);

  if (struck)
    pango_attr_list_insert (attributes, pango_attr_strikethrough_new (TRUE));
  gtk_label_set_attributes (label, attributes);
  if (remark != NULL)
    /* Translators: what a lane is, which of its runs were refused and why, then what clicking does */
    tooltip = g_strdup_printf (_ ("%s\n%s\nClick to hide or show it in the charts"), gettext (lane->description), remark);
  else
    /* Translators: what a lane is, then what clicking does */
    tooltip = g_strdup_printf (_ ("%s\nClick to hide or show it in the charts"), gettext (lane->description));
  gtk_widget_set_tooltip_text (chip, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chip), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  remark != NULL ? remark : gettext (lane->description), -1);
}
