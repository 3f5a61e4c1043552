/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A PDF that is drawn in memory. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-pdf-file.h"

#include <cairo-pdf.h>
#include <glib/gi18n-lib.h>

#include "lds-error.h"
#include "lds-file.h"

struct _LdsPdfFile
{
  GByteArray *bytes;
  cairo_surface_t *surface;
};

static cairo_status_t
append_cb (void *user_data,
           const unsigned char *data,
           unsigned int length)
{
  g_byte_array_append (user_data, data, length);
  return CAIRO_STATUS_SUCCESS;
}

LdsPdfFile *
lds_pdf_file_new (LdsPaper paper,
                  const char *title,
                  gint64 created_at_us)
{
  LdsPdfFile *self = g_new (LdsPdfFile, 1);
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (created_at_us / G_USEC_PER_SEC);
  g_autofree char *text = date != NULL ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%SZ")
                                       : g_strdup ("1970-01-01T00:00:00Z");
  double width, height;

  lds_paper_get_size (paper, &width, &height);
  self->bytes = g_byte_array_new ();
  self->surface = cairo_pdf_surface_create_for_stream (append_cb, self->bytes, width, height);
  cairo_pdf_surface_restrict_to_version (self->surface, CAIRO_PDF_VERSION_1_5);
  cairo_pdf_surface_set_metadata (self->surface, CAIRO_PDF_METADATA_TITLE, title);
  cairo_pdf_surface_set_metadata (self->surface, CAIRO_PDF_METADATA_CREATE_DATE, text);
  cairo_pdf_surface_set_metadata (self->surface, CAIRO_PDF_METADATA_MOD_DATE, text);
  return self;
}

cairo_surface_t *
lds_pdf_file_get_surface (LdsPdfFile *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->surface;
}

gboolean
lds_pdf_file_finish (LdsPdfFile *self,
                     const char *path,
                     GError **error)
{
  g_autoptr (GByteArray) bytes = NULL;
  cairo_status_t status;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);

  cairo_surface_finish (self->surface);
  status = cairo_surface_status (self->surface);
  cairo_surface_destroy (self->surface);
  bytes = self->bytes;
  g_free (self);
  if (status == CAIRO_STATUS_SUCCESS)
    return lds_file_write (path, bytes->data, bytes->len, error);
  g_set_error (error, LDS_ERROR, LDS_ERROR_FAILED,
               /* Translators: a file name, then cairo's reason */
               _ ("Cannot write “%s”: the pages could not be drawn (%s)."), path,
               cairo_status_to_string (status));
  return FALSE;
}
