/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one error domain, and the exit code that each error means on the command line. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LDS_ERROR (lds_error_quark ())

/**
 * LdsError:
 * @LDS_ERROR_INPUT: an argument, a file or a value was wrong; the message says what, where, and
 *   what to do
 * @LDS_ERROR_FAILED: something that should have worked did not (a child died, a disk was full)
 * @LDS_ERROR_THRESHOLD: the work was done, but an SLO or threshold was missed
 * @LDS_ERROR_INVALID: the work was done, but the measurement must not be believed
 */
typedef enum
{
  LDS_ERROR_INPUT,
  LDS_ERROR_FAILED,
  LDS_ERROR_THRESHOLD,
  LDS_ERROR_INVALID,
} LdsError;

/* Exit codes of every command; part of the command line's contract. */
typedef enum
{
  LDS_EXIT_DONE = 0,
  LDS_EXIT_FAILED = 1,
  LDS_EXIT_USAGE = 2,
  LDS_EXIT_THRESHOLD = 3,
  LDS_EXIT_INVALID = 4,
} LdsExit;

GQuark lds_error_quark (void);

/**
 * lds_error_exit_code:
 * @error: (nullable): what ended the command
 *
 * Returns the exit code for @error: done for %NULL, usage for wrong input and for GOption errors,
 * and failed for any error of another domain.
 */
LdsExit lds_error_exit_code (const GError *error);

/**
 * lds_error_refuse:
 * @error: (inout) (nullable): left alone when it is set already, so that the first of several stays
 *
 * Sets LDS_ERROR_INPUT. Returns %FALSE, for callers to return.
 */
gboolean lds_error_refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
