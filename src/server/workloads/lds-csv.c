/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV in, sums by date out. */
#include "lds-csv.h"

#include <inttypes.h>
#include <stdlib.h>

/* The longest field that is looked into: "YYYY-MM-DD", and prices. */
#define FIELD_BYTES 24
/* Rows between two looks at the breaker: some 20 to 50 us. */
#define STRETCH 4096

enum
{
  COLUMN_DATE,
  COLUMN_CUSTOMER,
  COLUMN_CATEGORY,
  COLUMN_QUANTITY,
  COLUMN_PRICE,
  N_COLUMNS,
};

static const char *const names[N_COLUMNS] = {"date", "customer", "category", "quantity", "price"};

typedef struct
{
  uint32_t date; /* 20260221 */
  uint32_t quantity;
  int64_t cents; /* the price; once it is worked out, the amount */
  bool lacks;    /* a field is empty */
} Row;

typedef struct
{
  uint32_t date;
  uint64_t rows;
  int64_t cents;
} Sum;

typedef enum
{
  AT_FIELD,     /* before the first character of a field */
  IN_FIELD,     /* of a field without quotes */
  IN_QUOTES,    /* of one with */
  AFTER_QUOTE,  /* behind what is the closing quote, or the first of two that stand for one */
  AFTER_RETURN, /* a line feed must follow */
} Place;

struct _LdsCsv
{
  bool whole;
  LdsCsvError error;
  unsigned line;
  Place place;
  unsigned column;
  size_t field_bytes;      /* of the field so far */
  char field[FIELD_BYTES]; /* its beginning */
  Row row;

  Row *rows; /* (array length=n_rows): when all are kept */
  size_t n_rows, capacity;

  Sum sums[LDS_CSV_MAX_DATES]; /* by ascending date */
  size_t n_sums;
  size_t last; /* of them, the one that was found last */
};

LdsCsv *
lds_csv_new (bool whole)
{
  LdsCsv *self = calloc (1, sizeof *self);

  if (self != NULL)
    {
      self->whole = whole;
      self->line = 1;
    }
  return self;
}

void
lds_csv_free (LdsCsv *self)
{
  free (self->rows);
  free (self);
}

/* Reads @n digits from @text. */
static bool
read_digits (const char *text,
             size_t n,
             uint32_t *value)
{
  *value = 0;
  for (size_t i = 0; i < n; i++)
    {
      if (text[i] < '0' || text[i] > '9')
        return false;
      *value = *value * 10 + (uint32_t)(text[i] - '0');
    }
  return n > 0;
}

static bool
read_date (const char *text,
           size_t length,
           uint32_t *date)
{
  uint32_t year, month, day;

  if (length != 10 || text[4] != '-' || text[7] != '-' || !read_digits (text, 4, &year) ||
      !read_digits (text + 5, 2, &month) || !read_digits (text + 8, 2, &day) || month < 1 ||
      month > 12 || day < 1 || day > 31)
    return false;
  *date = year * 10000 + month * 100 + day;
  return true;
}

static bool
read_price (const char *text,
            size_t length,
            int64_t *cents)
{
  const char *point = memchr (text, '.', length);
  size_t n = point != NULL ? (size_t)(point - text) : length;
  size_t n_decimals = point != NULL ? length - n - 1 : 0;
  uint32_t units, decimals = 0;

  if (n > 7 || !read_digits (text, n, &units) || units > 1000000 || n_decimals > 2 ||
      (point != NULL && !read_digits (point + 1, n_decimals, &decimals)))
    return false;
  *cents = (int64_t)units * 100 + (n_decimals == 1 ? 10 * decimals : decimals);
  return *cents <= 100000000;
}

static LdsCsvError
read_field (LdsCsv *self)
{
  const char *text = self->field;
  size_t length = self->field_bytes;

  if (self->column >= N_COLUMNS)
    return self->line == 1 ? LDS_CSV_HEADER : LDS_CSV_FIELDS;
  if (self->line == 1)
    return length == strlen (names[self->column]) && memcmp (text, names[self->column], length) == 0
               ? LDS_CSV_OK
               : LDS_CSV_HEADER;
  if (length == 0)
    self->row.lacks = true;
  else if (self->column == COLUMN_DATE)
    return read_date (text, length, &self->row.date) ? LDS_CSV_OK : LDS_CSV_DATE;
  else if (self->column == COLUMN_QUANTITY)
    return length <= 4 && read_digits (text, length, &self->row.quantity) &&
                   self->row.quantity <= 1000
               ? LDS_CSV_OK
               : LDS_CSV_QUANTITY;
  else if (self->column == COLUMN_PRICE)
    return length < FIELD_BYTES && read_price (text, length, &self->row.cents) ? LDS_CSV_OK
                                                                               : LDS_CSV_PRICE;
  return LDS_CSV_OK;
}

static LdsCsvError
add_to_sum (LdsCsv *self,
            const Row *row)
{
  size_t low = 0, high = self->n_sums;

  /* Rows often come by date. */
  if (self->last < self->n_sums && self->sums[self->last].date == row->date)
    low = high = self->last;
  while (low < high)
    {
      size_t middle = (low + high) / 2;

      if (self->sums[middle].date < row->date)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == self->n_sums || self->sums[low].date != row->date)
    {
      if (self->n_sums == LDS_CSV_MAX_DATES)
        return LDS_CSV_DATES;
      memmove (self->sums + low + 1, self->sums + low, (self->n_sums - low) * sizeof *self->sums);
      self->sums[low] = (Sum){.date = row->date};
      self->n_sums++;
    }
  self->sums[low].rows++;
  self->sums[low].cents += row->cents;
  self->last = low;
  return LDS_CSV_OK;
}

static LdsCsvError
keep_row (LdsCsv *self)
{
  if (self->n_rows == self->capacity)
    {
      size_t capacity = self->capacity > 0 ? 2 * self->capacity : 1024;
      Row *rows = realloc (self->rows, capacity * sizeof *rows);

      if (rows == NULL)
        return LDS_CSV_NO_MEMORY;
      self->rows = rows;
      self->capacity = capacity;
    }
  self->rows[self->n_rows++] = self->row;
  return LDS_CSV_OK;
}

static LdsCsvError
end_field (LdsCsv *self)
{
  LdsCsvError error = read_field (self);

  self->column++;
  self->field_bytes = 0;
  self->place = AT_FIELD;
  return error;
}

static LdsCsvError
end_row (LdsCsv *self)
{
  LdsCsvError error = end_field (self);
  bool is_header = self->line == 1;

  if (error != LDS_CSV_OK)
    return error;
  if (self->column != N_COLUMNS)
    return is_header ? LDS_CSV_HEADER : LDS_CSV_FIELDS;
  if (!is_header && self->whole)
    {
      error = keep_row (self);
    }
  else if (!is_header && !self->row.lacks)
    {
      self->row.cents *= self->row.quantity;
      error = add_to_sum (self, &self->row);
    }
  if (error != LDS_CSV_OK)
    return error;
  self->row = (Row){0};
  self->column = 0;
  self->line++;
  return LDS_CSV_OK;
}

static inline void
add_character (LdsCsv *self,
               char c)
{
  if (self->field_bytes < FIELD_BYTES)
    self->field[self->field_bytes] = c;
  self->field_bytes++;
}

static LdsCsvError
take (LdsCsv *self,
      char c)
{
  switch (self->place)
    {
    case IN_QUOTES:
      if (c == '"')
        self->place = AFTER_QUOTE;
      else
        add_character (self, c);
      return LDS_CSV_OK;

    case AFTER_RETURN:
      return c == '\n' ? end_row (self) : LDS_CSV_FIELDS;

    case AFTER_QUOTE:
      if (c == '"')
        {
          self->place = IN_QUOTES;
          add_character (self, c);
          return LDS_CSV_OK;
        }
      if (c != ',' && c != '\n' && c != '\r')
        return LDS_CSV_QUOTES;
      break;

    case AT_FIELD:
      if (c == '"')
        {
          self->place = IN_QUOTES;
          return LDS_CSV_OK;
        }
      break;

    case IN_FIELD:
      break;
    }
  if (c == ',')
    return end_field (self);
  if (c == '\n')
    return end_row (self);
  if (c == '\r')
    {
      self->place = AFTER_RETURN;
      return LDS_CSV_OK;
    }
  self->place = IN_FIELD;
  add_character (self, c);
  return LDS_CSV_OK;
}

void
lds_csv_add (LdsCsv *self,
             const char *bytes,
             size_t length)
{
  for (size_t i = 0; i < length && self->error == LDS_CSV_OK; i++)
    self->error = take (self, bytes[i]);
}

/* The steps that a data frame is taken through, each over the whole table. */
static LdsCsvError
work_on_table (LdsCsv *self,
               const LdsBreaker *breaker)
{
  size_t n = 0;

  for (size_t i = 0; i < self->n_rows; i++)
    {
      if (!self->rows[i].lacks)
        self->rows[n++] = self->rows[i];
      if (i % STRETCH == STRETCH - 1)
        lds_breaker_check (breaker);
    }
  for (size_t i = 0; i < n; i++)
    {
      self->rows[i].cents *= self->rows[i].quantity;
      if (i % STRETCH == STRETCH - 1)
        lds_breaker_check (breaker);
    }
  for (size_t i = 0; i < n; i++)
    {
      LdsCsvError error = add_to_sum (self, &self->rows[i]);

      if (error != LDS_CSV_OK)
        return error;
      if (i % STRETCH == STRETCH - 1)
        lds_breaker_check (breaker);
    }
  return LDS_CSV_OK;
}

LdsCsvError
lds_csv_finish (LdsCsv *self,
                LdsBuffer *output,
                const LdsBreaker *breaker,
                unsigned *line)
{
  bool mid_row = self->place != AT_FIELD || self->column > 0;

  if (self->error == LDS_CSV_OK && self->place == IN_QUOTES)
    self->error = LDS_CSV_QUOTES;
  /* The last line may go without its end. */
  if (self->error == LDS_CSV_OK && (mid_row || self->line == 1))
    self->error = end_row (self);
  *line = self->line;
  if (self->error == LDS_CSV_OK && self->whole)
    self->error = work_on_table (self, breaker);
  if (self->error != LDS_CSV_OK)
    return self->error;
  lds_buffer_printf (output, "date,rows,amount\n");
  for (size_t i = 0; i < self->n_sums; i++)
    {
      const Sum *sum = &self->sums[i];

      lds_buffer_printf (output, "%04u-%02u-%02u,%" PRIu64 ",%" PRId64 ".%02d\n", sum->date / 10000,
                         sum->date / 100 % 100, sum->date % 100, sum->rows, sum->cents / 100,
                         (int)(sum->cents % 100));
    }
  return LDS_CSV_OK;
}

const char *
lds_csv_error_text (LdsCsvError error)
{
  switch (error)
    {
    case LDS_CSV_HEADER:
      return "the first line must be date,customer,category,quantity,price";
    case LDS_CSV_FIELDS:
      return "a row must have five fields";
    case LDS_CSV_QUOTES:
      return "a quote is not closed, or something follows it";
    case LDS_CSV_DATE:
      return "the date must be YYYY-MM-DD";
    case LDS_CSV_QUANTITY:
      return "the quantity must be a whole number from 0 to 1000";
    case LDS_CSV_PRICE:
      return "the price must be from 0 to 1000000, with at most two decimals";
    case LDS_CSV_DATES:
      return "there must be at most 4096 dates";
    case LDS_CSV_NO_MEMORY:
      return "there was not enough memory";
    case LDS_CSV_OK:
      break;
    }
  return "there is no error";
}
