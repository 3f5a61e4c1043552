/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report document: what was answered, advised and measured, as one immutable value. Its JSON is
 * canonical: every other form is written from it alone, so a saved report gives the same pages
 * again, with no clock and no chance in them. */
#pragma once

#include <cairo.h>
#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "lds-claim-evidence.h"
#include "lds-questionnaire.h"
#include "lds-session.h"

G_BEGIN_DECLS

/* Versions of data/schemas/report.schema.json: the first number changes when older readers would
 * read wrongly, the second when something is added. */
#define LDS_REPORT_SCHEMA_MAJOR 1
#define LDS_REPORT_SCHEMA_MINOR 3

/* Reference-counted; any number of readers on the thread that made it. */
typedef struct _LdsReport LdsReport;

#define LDS_TYPE_REPORT (lds_report_get_type ())
GType lds_report_get_type (void);
LdsReport *lds_report_ref (LdsReport *self);
void lds_report_unref (LdsReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsReport, lds_report_unref)

/**
 * lds_report_new:
 * @title: (nullable): what is being decided, "Checkout service"; %NULL for a report without a name
 * @answers: as they are now
 * @prior: what followed from the answers alone
 * @final: (nullable): what followed once something was measured; %NULL when nothing was
 * @session: (nullable): what was measured
 * @claims: (nullable): what is known of the articles' claims, all of them; those that bear on the verdict are reported
 * @created_at_us: wall clock, µs since 1970; the one date that the report will ever show
 *
 * Copies what it needs; words for people are kept in the language of the moment.
 *
 * Returns: (transfer full): the report
 */
LdsReport *lds_report_new (const char *title,
                           LdsAnswers *answers,
                           const LdsVerdict *prior,
                           const LdsVerdict *final,
                           const LdsSession *session,
                           const LdsClaimEvidence *claims,
                           gint64 created_at_us);

/**
 * lds_report_from_json:
 *
 * Returns: (transfer full): the report; or %NULL with LDS_ERROR_INPUT naming the wrong member, or
 *   saying that a newer Loadstone wrote it. lds_report_to_json() gives @object back exactly
 */
LdsReport *lds_report_from_json (JsonObject *object, GError **error);

/** Reads a file that lds_report_write() wrote as "json"; LDS_ERROR_INPUT names @path and the reason. */
LdsReport *lds_report_load (const char *path, GError **error);

/** Returns: (transfer full): the canonical form, as in data/schemas/report.schema.json */
JsonNode *lds_report_to_json (LdsReport *self);

/** Returns: (nullable) (transfer none): the title given to lds_report_new() */
const char *lds_report_get_title (LdsReport *self);
/** Returns µs since 1970. */
gint64 lds_report_get_created_at_us (LdsReport *self);
/** Returns: (nullable) (transfer none): what was measured */
const LdsSession *lds_report_get_session (LdsReport *self);
/** Returns: (transfer none): the verdict in one sentence, as of everything known */
const char *lds_report_get_headline (LdsReport *self);

/* How a report is written. */
typedef enum
{
  LDS_PAPER_A4,
  LDS_PAPER_LETTER,
} LdsPaper;

/* One form of the report; the table of them is the one place to touch to add another. */
typedef struct
{
  const char *id;        /* "pdf": the option of `loadstone-cli report`, too */
  const char *extension; /* ".pdf": with the dot; ends the file's name */
  const char *title;     /* untranslated: "PDF document" */
  /* Writes @self to @path whole or not at all; LDS_ERROR_FAILED names @path. */
  gboolean (*write) (LdsReport *self, const char *path, LdsPaper paper, GError **error);
} LdsReportWriter;

/** Returns: (array length=n_writers) (transfer none): every form, in the order to show them */
const LdsReportWriter *lds_report_writer_list (guint *n_writers);
/** Returns: (nullable) (transfer none): the form of that id */
const LdsReportWriter *lds_report_writer_find (const char *id);

/**
 * lds_report_write_pdf:
 *
 * The same report gives the same bytes, on the same machine at least: fonts are the machine's.
 */
gboolean lds_report_write_pdf (LdsReport *self, const char *path, LdsPaper paper, GError **error);
gboolean lds_report_write_json (LdsReport *self, const char *path, LdsPaper paper, GError **error);

/** lds_report_pages: how many pages the report has on @paper */
guint lds_report_n_pages (LdsReport *self, LdsPaper paper);

/**
 * lds_report_draw_page:
 * @page: 0 to lds_report_n_pages() - 1
 * @cr: one point (1/72 inch) is one unit; the page's top left is the origin
 *
 * Draws one page as it prints, on white, for the window's preview.
 */
void lds_report_draw_page (LdsReport *self, LdsPaper paper, guint page, cairo_t *cr);

/** Size in points of @paper. */
void lds_paper_get_size (LdsPaper paper, double *width, double *height);

G_END_DECLS
