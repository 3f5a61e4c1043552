/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours that mean something: hue says which option. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"
#include "lds-palette.h"

#include "lds-compat.h"

/* Okabe and Ito, "Color Universal Design" (2008): the event loop's blue, asyncio's green, the
 * polyglot's purple; the dark row is the same hue, lighter. */
static const struct
{
  const char *light;
  const char *dark;
} option_colors[LDS_N_OPTIONS] = {
    [LDS_OPTION_NODE] = {"#0072B2", "#4FA9DD"},
    [LDS_OPTION_PYTHON] = {"#009E73", "#3CC49C"},
    [LDS_OPTION_POLYGLOT] = {"#CC79A7", "#E09BC3"},
};

gboolean
lds_palette_is_dark (GtkWidget *widget)
{
  return adw_style_manager_get_dark (
      adw_style_manager_get_for_display (gtk_widget_get_display (widget)));
}

void
lds_palette_option (GtkWidget *widget,
                    LdsOption option,
                    GdkRGBA *color)
{
  if (option >= 0 && option < LDS_N_OPTIONS)
    gdk_rgba_parse (color, lds_palette_is_dark (widget) ? option_colors[option].dark
                                                        : option_colors[option].light);
  else
    lds_compat_get_color (widget, color);
}
