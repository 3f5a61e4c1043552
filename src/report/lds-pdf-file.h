/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A PDF that is drawn in memory and written when it is whole. */
#pragma once

#include "lds-pages.h"

G_BEGIN_DECLS

typedef struct _LdsPdfFile LdsPdfFile;

/**
 * lds_pdf_file_new:
 * @created_at_us: wall clock, µs since 1970, for its metadata: without a date of ours cairo would take the clock's; a
 *   date beyond the calendar is the first of it
 */
LdsPdfFile *lds_pdf_file_new (LdsPaper paper, const char *title, gint64 created_at_us);

/** Returns: (transfer none): where to draw its pages */
cairo_surface_t *lds_pdf_file_get_surface (LdsPdfFile *self);

/** Frees @self, and writes it to @path; LDS_ERROR_FAILED says why it cannot. */
gboolean lds_pdf_file_finish (LdsPdfFile *self, const char *path, GError **error);

G_END_DECLS
