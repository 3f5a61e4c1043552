/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading interval logs (.hlog), line by line: what a line's histogram unpacks to is nobody's memory
 * until somebody asks for it. */
#define G_LOG_DOMAIN "lds-hlog"

#include "config.h"
#include "lds-hlog.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "lds-clock.h"
#include "lds-error.h"
#include "lds-hdr.h"

/* Times are kept in 64 bits of ns, which end in 2262. */
#define MAX_TIME_S 9.2e9
/* Where a log names no base of its times, they are absolute unless they lie more than a year before its
 * start: HistogramLogReader's rule. */
#define YEAR_S (365.0 * 24 * 3600)

struct _LdsHlogReader
{
  const char *at; /* the next line */
  const char *end;
  char *name;
  guint line_number; /* of the line below, from 1 */
  char *line;
  const char *tag;       /* in it; NULL without */
  const char *histogram; /* in it; NULL when it is not an interval */
  double start_time_s;   /* since the epoch; NaN when not known */
  double base_time_s;    /* what times of lines are added to; NaN when not known */
};

LdsHlogReader *
lds_hlog_reader_new (const char *text,
                     gsize length,
                     const char *name)
{
  LdsHlogReader *self;

  g_return_val_if_fail (text != NULL || length == 0, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  self = g_new0 (LdsHlogReader, 1);
  self->at = text;
  self->end = text != NULL ? text + length : NULL;
  self->name = g_strdup (name);
  self->start_time_s = NAN;
  self->base_time_s = NAN;
  return self;
}

void
lds_hlog_reader_free (LdsHlogReader *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->line);
  g_free (self);
}

gint64
lds_hlog_reader_get_start_time_ms (LdsHlogReader *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return isnan (self->start_time_s) ? -1 : (gint64)round (self->start_time_s * 1e3);
}

/* Reads a number from 0 to MAX_TIME_S that nothing but one of @ends follows. Returns where that is, or
 * NULL. */
static const char *
read_number (const char *text,
             const char *ends,
             double *number)
{
  char *end;

  text += strspn (text, " \t");
  /* Only what is written with digits: strtod() would know infinity and hexadecimal as well. */
  if (!g_ascii_isdigit (*text) || (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')))
    return NULL;
  *number = g_ascii_strtod (text, &end);
  if (!(*number <= MAX_TIME_S))
    return NULL;
  return *end != '\0' && strchr (ends, *end) != NULL ? end : NULL;
}

static gboolean
read_comment (LdsHlogReader *self,
              GError **error)
{
  static const char start_time[] = "#[StartTime:", base_time[] = "#[BaseTime:",
                    version[] = "#[Histogram log format version ";
  double *time_s = NULL;
  const char *value = NULL;

  if (g_str_has_prefix (self->line, version))
    {
      /* Later ones of version 1 have the same lines; the histograms of earlier ones say themselves that
       * they are not V2. */
      if (g_str_has_prefix (self->line + strlen (version), "1."))
        return TRUE;
      g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
                   /* Translators: a line's number, then a file name */
                   _ ("Line %u of “%s” names a version of the log format that is not known: write the log in version 1.2."),
                   self->line_number, self->name);
      return FALSE;
    }
  if (g_str_has_prefix (self->line, start_time))
    time_s = &self->start_time_s, value = self->line + strlen (start_time);
  else if (g_str_has_prefix (self->line, base_time))
    time_s = &self->base_time_s, value = self->line + strlen (base_time);
  if (time_s == NULL || read_number (value, " ]", time_s) != NULL)
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a line's number, then a file name */
               _ ("Line %u of “%s” should name a time in seconds since the epoch: correct or remove it."),
               self->line_number, self->name);
  return FALSE;
}

/* What is to be added to a line's time to have it since the start of the log. */
static double
get_offset_s (LdsHlogReader *self,
              double time_s)
{
  if (isnan (self->start_time_s))
    return isnan (self->base_time_s) ? 0 : self->base_time_s;
  if (!isnan (self->base_time_s))
    return self->base_time_s - self->start_time_s;
  return time_s < self->start_time_s - YEAR_S ? 0 : -self->start_time_s;
}

static gboolean
read_interval (LdsHlogReader *self,
               LdsHlogInterval *interval,
               GError **error)
{
  const char *at = self->line;
  double start_s, length_s, max;

  self->tag = NULL;
  if (g_str_has_prefix (at, "Tag="))
    {
      char *comma = strchr (self->line, ',');

      if (comma != NULL)
        {
          *comma = '\0';
          self->tag = self->line + strlen ("Tag=");
          at = comma + 1;
        }
    }
  if ((self->tag == NULL || g_utf8_validate (self->tag, -1, NULL)) &&
      (at = read_number (at, ",", &start_s)) != NULL &&
      (at = read_number (at + 1, ",", &length_s)) != NULL &&
      (at = read_number (at + 1, ",", &max)) != NULL)
    {
      start_s += get_offset_s (self, start_s);
      if (start_s < 0 && start_s > -1e-3)
        start_s = 0; /* an absolute time, rounded another way than that of the start */
      if (start_s >= 0 && start_s <= MAX_TIME_S)
        {
          self->histogram = at + 1 + strspn (at + 1, " \t");
          interval->tag = self->tag;
          interval->start_ns = (gint64)round (start_s * (double)LDS_NS_PER_S);
          interval->length_ns = (gint64)round (length_s * (double)LDS_NS_PER_S);
          return TRUE;
        }
    }
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a line's number, then a file name */
               _ ("Line %u of “%s” is not an interval: it should have start, length and maximum, then a histogram, with commas between."),
               self->line_number, self->name);
  return FALSE;
}

/* Makes the next line the reader's. Returns FALSE at the end of the text. */
static gboolean
next_line (LdsHlogReader *self)
{
  const char *newline;
  gsize length;

  self->histogram = NULL;
  if (self->at == self->end)
    return FALSE;
  newline = memchr (self->at, '\n', (gsize)(self->end - self->at));
  length = (gsize)((newline != NULL ? newline : self->end) - self->at);
  g_free (self->line);
  self->line = g_strndup (self->at, length);
  /* A NUL ends a string but no line: as another character it is refused where it matters. */
  for (char *nul = self->line;
       (nul = memchr (nul, '\0', length - (gsize)(nul - self->line))) != NULL;)
    *nul = '?';
  g_strchomp (self->line);
  self->at = newline != NULL ? newline + 1 : self->end;
  self->line_number++;
  return TRUE;
}

gboolean
lds_hlog_reader_next (LdsHlogReader *self,
                      LdsHlogInterval *interval,
                      GError **error)
{
  g_return_val_if_fail (self != NULL && interval != NULL, FALSE);

  while (next_line (self))
    {
      if (*self->line == '#')
        {
          if (!read_comment (self, error))
            return FALSE;
        }
      else if (*self->line != '\0' && !g_str_has_prefix (self->line, "\"StartTimestamp\""))
        return read_interval (self, interval, error);
    }
  return FALSE;
}

gboolean
lds_hlog_reader_add (LdsHlogReader *self,
                     LdsHistogram *histogram,
                     GError **error)
{
  g_return_val_if_fail (self != NULL && self->histogram != NULL, FALSE);
  g_return_val_if_fail (histogram != NULL, FALSE);

  if (lds_hdr_decode_add (histogram, self->histogram))
    return TRUE;
  g_set_error (error, LDS_ERROR, LDS_ERROR_INPUT,
               /* Translators: a line's number, then a file name */
               _ ("Line %u of “%s” holds no histogram that can be read: it should be in the V2 form, with 3 significant digits, a lowest value of 1, and no value over 73 minutes."),
               self->line_number, self->name);
  return FALSE;
}

gboolean
lds_hlog_merge (const char *text,
                gsize length,
                const char *name,
                const char *tag,
                LdsHistogram *histogram,
                GError **error)
{
  g_autoptr (LdsHlogReader) reader = lds_hlog_reader_new (text, length, name);
  g_autoptr (GError) local = NULL;
  LdsHistogram *merged;
  LdsHlogInterval interval;
  gboolean is_found = FALSE;

  g_return_val_if_fail (histogram != NULL, FALSE);

  /* It begins with what is there, so that the bound on all counts holds for the sum. */
  merged = g_memdup2 (histogram, sizeof *histogram);
  while (local == NULL && lds_hlog_reader_next (reader, &interval, &local))
    if (g_strcmp0 (interval.tag, tag) == 0)
      {
        is_found = TRUE;
        lds_hlog_reader_add (reader, merged, &local);
      }
  if (local == NULL && !is_found)
    {
      if (tag != NULL)
        g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                     /* Translators: a file name, then the name of a stream of values */
                     _ ("“%s” has no interval with the tag “%s”: name another tag."), name, tag);
      else
        g_set_error (&local, LDS_ERROR, LDS_ERROR_INPUT,
                     _ ("“%s” has no interval without a tag: name a tag."), name);
    }
  if (local == NULL)
    *histogram = *merged;
  g_free (merged);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
