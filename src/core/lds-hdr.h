/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compressed V2 form of a histogram, which is the one that other tools exchange. */
#pragma once

#include <glib.h>

#include "lds-histogram.h"

G_BEGIN_DECLS

/**
 * lds_hdr_encode:
 *
 * Source: V2 encoding of HdrHistogram, as in HdrHistogram_c include/hdr/hdr_histogram_log.h.
 *
 * Returns: (transfer full): @histogram in the compressed V2 form in base64 ("HISTFAAAA…"). What is not
 *   part of it is said at lds_histogram_to_bytes()
 */
char *lds_hdr_encode (const LdsHistogram *histogram);

/**
 * lds_hdr_decode_add:
 * @text: a compressed or uncompressed V2 histogram in base64, which may be hostile
 *
 * Adds the counts in @text to @histogram, as lds_histogram_add_bytes() does. Uses no more memory than
 * the largest histogram takes, whatever @text would unpack to.
 *
 * Returns: %FALSE, with @histogram unchanged, when @text is not well-formed or would not fit
 */
gboolean lds_hdr_decode_add (LdsHistogram *histogram, const char *text);

G_END_DECLS
