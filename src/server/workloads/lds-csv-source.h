/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file for the CSV pipeline to read: made when it is first asked for, the same in every process, in
 * a temporary file without a name, so that it is gone when the process is. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define LDS_CSV_SOURCE_MAX_MB 64

typedef struct
{
  int fd;       /* for pread(); the source's own */
  uint64_t end; /* read up to here: whole rows */
} LdsCsvSource;

/**
 * lds_csv_source_get:
 * @mb: at least so many MiB, 1 to LDS_CSV_SOURCE_MAX_MB
 *
 * Any thread; the first to ask for more than there is writes it, which may block.
 *
 * Returns false when the file cannot be written.
 */
bool lds_csv_source_get (unsigned mb, LdsCsvSource *source);
