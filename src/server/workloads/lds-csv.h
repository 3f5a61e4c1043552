/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pipeline of W-000-8: CSV is read, rows that lack something are dropped, each row's amount is
 * worked out, amounts are added up by date, and the sums are written as CSV.
 *
 * Input: a line "date,customer,category,quantity,price", then rows of these five fields, quoted where they
 * need to be (RFC 4180). A date is YYYY-MM-DD, a quantity a whole number from 0 to 1000, a price 0 to
 * 1000000 with at most two decimals. Output: "date,rows,amount", one row a date, by ascending date.
 *
 * It has two ways, with the same output: streaming, which keeps nothing but the sums, and whole, which
 * keeps a table of all rows and goes over it step by step, as data frames do.
 */
#pragma once

#include "lds-exchange.h"

/* Dates in one input, so that streaming is bounded: eleven years. */
#define LDS_CSV_MAX_DATES 4096

typedef enum
{
  LDS_CSV_OK,
  LDS_CSV_HEADER, /* the first line is not the one above */
  LDS_CSV_FIELDS, /* a row has not five fields */
  LDS_CSV_QUOTES, /* something follows a closing quote, or it is missing */
  LDS_CSV_DATE,   /* not as above; so the next two */
  LDS_CSV_QUANTITY,
  LDS_CSV_PRICE,
  LDS_CSV_DATES, /* more than LDS_CSV_MAX_DATES */
  LDS_CSV_NO_MEMORY,
} LdsCsvError;

typedef struct _LdsCsv LdsCsv;

/**
 * lds_csv_new:
 * @whole: keep a table of all rows
 *
 * Returns: (transfer full) (nullable): NULL when out of memory
 */
LdsCsv *lds_csv_new (bool whole);

void lds_csv_free (LdsCsv *self);

/**
 * lds_csv_add:
 *
 * Takes the next bytes of the input, however it is cut up. Nothing is done after an error.
 */
void lds_csv_add (LdsCsv *self, const char *bytes, size_t length);

/**
 * lds_csv_finish:
 * @output: where to append what came out
 * @breaker: checked while working on the table
 * @line: (out): of the error, from 1 on; else the number of lines
 */
LdsCsvError lds_csv_finish (LdsCsv *self,
                            LdsBuffer *output,
                            const LdsBreaker *breaker,
                            unsigned *line);

/** Returns what @error is, for people: "the date is not YYYY-MM-DD". */
const char *lds_csv_error_text (LdsCsvError error);
