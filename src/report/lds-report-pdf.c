/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report as pages: PDF, and the window's preview of it. */
#define G_LOG_DOMAIN "lds-report"

#include "config.h"
#include "lds-report-pdf-private.h"

#include <cairo-pdf.h>
#include <glib/gi18n-lib.h>

#include "lds-pdf-file.h"

typedef void (*DrawSection) (LdsReport *self, LdsPages *pages);

/* Runs that compare, or what follows from an adaptive plan. */
static void
draw_measured (LdsReport *self,
               LdsPages *pages)
{
  if (self->session != NULL && lds_plan_is_adaptive (self->session->plan))
    lds_report_draw_knees (self, pages);
  else
    lds_report_draw_measurements (self, pages);
}

static const DrawSection sections[] = {
    lds_report_draw_verdict,
    lds_report_draw_evidence,
    lds_report_draw_dissent,
    draw_measured,
    lds_report_draw_claims,
    lds_report_draw_appendix,
};

guint
lds_report_lane_variant (LdsReport *self,
                         const LdsLane *lane)
{
  guint variant = 0;

  for (guint i = 0; i < self->session->plan->lanes->len; i++)
    {
      const LdsLane *other = g_ptr_array_index (self->session->plan->lanes, i);

      if (other == lane)
        break;
      variant += other->family == lane->family && other->provenance == lane->provenance;
    }
  return variant;
}

static char *
dup_running_title (LdsReport *self)
{
  return self->title != NULL
             /* Translators: what is decided, in the head of each page */
             ? g_strdup_printf (_ ("Loadstone: %s"), self->title)
             : g_strdup (_ ("Loadstone report"));
}

static char *
dup_foot (LdsReport *self)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_utc (self->created_at_us / G_USEC_PER_SEC);
  g_autofree char *text = date != NULL ? g_date_time_format (date, "%Y-%m-%d %H:%M") : g_strdup ("");

  /* Translators: the program with its version, then date and time in UTC */
  return g_strdup_printf (_ ("%s · %s UTC"), self->generator, text);
}

static LdsPages *
draw_pages (LdsReport *self,
            LdsPaper paper,
            cairo_surface_t *pdf,
            guint n_pages,
            const char *running_title,
            const char *foot)
{
  LdsPages *pages = lds_pages_new (paper, pdf, n_pages, running_title, foot);

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    sections[i](self, pages);
  lds_pages_finish (pages);
  return pages;
}

guint
lds_report_n_pages (LdsReport *self,
                    LdsPaper paper)
{
  g_autoptr (LdsPages) pages = NULL;

  g_return_val_if_fail (self != NULL, 0);
  pages = draw_pages (self, paper, NULL, 0, "", "");
  return pages->page;
}

/* Pages with everything on them, numbers included; kept, as a preview draws them again and again. */
static GPtrArray *
get_recordings (LdsReport *self,
                LdsPaper paper)
{
  if (self->recordings[paper] == NULL)
    {
      g_autofree char *running_title = dup_running_title (self), *foot = dup_foot (self);
      guint n_pages = lds_report_n_pages (self, paper);
      g_autoptr (LdsPages) pages = draw_pages (self, paper, NULL, n_pages, running_title, foot);

      self->recordings[paper] = g_ptr_array_ref (lds_pages_get_recordings (pages));
    }
  return self->recordings[paper];
}

void
lds_report_draw_page (LdsReport *self,
                      LdsPaper paper,
                      guint page,
                      cairo_t *cr)
{
  GPtrArray *recordings;
  double width, height;

  g_return_if_fail (self != NULL && cr != NULL);
  recordings = get_recordings (self, paper);
  g_return_if_fail (page < recordings->len);
  lds_paper_get_size (paper, &width, &height);
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_clip (cr);
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_set_source_surface (cr, recordings->pdata[page], 0, 0);
  cairo_paint (cr);
  cairo_restore (cr);
}

gboolean
lds_report_write_pdf (LdsReport *self,
                      const char *path,
                      LdsPaper paper,
                      GError **error)
{
  g_autofree char *running_title = NULL, *foot = NULL;
  LdsPdfFile *file;
  cairo_surface_t *surface;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  running_title = dup_running_title (self);
  foot = dup_foot (self);
  file = lds_pdf_file_new (paper, running_title, self->created_at_us);
  surface = lds_pdf_file_get_surface (file);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_SUBJECT,
                                  lds_report_get_headline (self));
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, self->generator);
  lds_pages_free (
      draw_pages (self, paper, surface, lds_report_n_pages (self, paper), running_title, foot));
  return lds_pdf_file_finish (file, path, error);
}
