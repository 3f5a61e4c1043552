/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms that a report can be written in, and its canonical one. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "lds-file.h"
#include "lds-json.h"

static const LdsReportWriter writers[] = {
    {"pdf", ".pdf", N_ ("PDF document"), lds_report_write_pdf},
    {"json", ".json", N_ ("JSON, everything to the last figure"), lds_report_write_json},
};

const LdsReportWriter *
lds_report_writer_list (guint *n_writers)
{
  g_return_val_if_fail (n_writers != NULL, NULL);
  *n_writers = G_N_ELEMENTS (writers);
  return writers;
}

const LdsReportWriter *
lds_report_writer_find (const char *id)
{
  g_return_val_if_fail (id != NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    if (strcmp (writers[i].id, id) == 0)
      return &writers[i];
  return NULL;
}

gboolean
lds_report_write_json (LdsReport *self,
                       const char *path,
                       LdsPaper paper,
                       GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  node = lds_report_to_json (self);
  text = lds_json_to_text (node, TRUE);
  return lds_file_write (path, text, strlen (text), error);
}
