/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interval logs (.hlog) of the HdrHistogram tools: one line, one histogram, for each interval.
 *
 * Source: HdrHistogram's HistogramLogWriter and HistogramLogReader, log format version 1.2. Two
 * streams in one log, e.g. response and service times, are told apart by their tags.
 */
#pragma once

#include <glib.h>

#include "lds-histogram.h"

G_BEGIN_DECLS

/**
 * lds_hlog_append_header:
 * @text: an empty string, or what comments were put at the head of the log
 * @start_time_ms: when the log begins, in ms since the epoch; up to the year 9999
 *
 * What is appended ends in a newline, as do intervals: a caller may collect a whole log in @text and
 * give it to lds_file_write(), or empty @text after each line that it has passed on.
 */
void lds_hlog_append_header (GString *text, gint64 start_time_ms);

/**
 * lds_hlog_append_interval:
 * @tag: (nullable): the stream, without commas, quotes and white space; %NULL in a log of one stream
 * @start_ns: when the interval begins, since the start of the log
 * @length_ns: how long it is
 *
 * Times are written to the ms, the maximum in ms to the µs.
 */
void lds_hlog_append_interval (GString *text,
                               const char *tag,
                               gint64 start_ns,
                               gint64 length_ns,
                               const LdsHistogram *histogram);

typedef struct _LdsHlogReader LdsHlogReader;

typedef struct
{
  const char *tag;  /* UTF-8; NULL where the line has none */
  gint64 start_ns;  /* since the start of the log; since 0 where that is not known */
  gint64 length_ns; /* not negative */
} LdsHlogInterval;

/**
 * lds_hlog_reader_new:
 * @text: a log, which may be hostile; must outlive the reader
 * @name: what it is, for messages: a path or "standard input"
 */
LdsHlogReader *lds_hlog_reader_new (const char *text, gsize length, const char *name);

/** Frees @self; %NULL is allowed. */
void lds_hlog_reader_free (LdsHlogReader *self);

/**
 * lds_hlog_reader_next:
 * @interval: (out): the next interval; its tag is valid until the next call
 *
 * Reads logs of version 1, whose lines may begin at absolute times too. The column with the maximum is
 * not used: its unit is not known.
 *
 * Returns: %FALSE at the end of the log, or with LDS_ERROR_INPUT naming @name, line and reason
 */
gboolean lds_hlog_reader_next (LdsHlogReader *self, LdsHlogInterval *interval, GError **error);

/**
 * lds_hlog_reader_add:
 *
 * Adds the values of the interval that lds_hlog_reader_next() came to to @histogram. What a log holds
 * is taken for ns.
 *
 * Returns: %FALSE, with @histogram unchanged, with LDS_ERROR_INPUT naming the line and what to do
 */
gboolean lds_hlog_reader_add (LdsHlogReader *self, LdsHistogram *histogram, GError **error);

/** Returns the start of the log in ms since the epoch, or -1 when no line so far has named it. */
gint64 lds_hlog_reader_get_start_time_ms (LdsHlogReader *self);

/**
 * lds_hlog_merge:
 * @tag: (nullable): the stream; %NULL for the intervals without a tag
 *
 * Adds all intervals of one stream to @histogram.
 *
 * Returns: %FALSE, with @histogram unchanged, with the errors of the reader, or with LDS_ERROR_INPUT
 *   when the log has no interval of that stream
 */
gboolean lds_hlog_merge (const char *text,
                         gsize length,
                         const char *name,
                         const char *tag,
                         LdsHistogram *histogram,
                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LdsHlogReader, lds_hlog_reader_free)

G_END_DECLS
