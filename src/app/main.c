/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loadstone: the window. */
#define G_LOG_DOMAIN "loadstone-app"

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "lds-application.h"

int
main (int argc,
      char *argv[])
{
  g_autoptr (LdsApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LDS_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("Loadstone"));

  application = lds_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
