/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP/1.1 response heads and chunks. */
#include "lds-http-writer.h"

#include "lds-http-syntax.h"

#include <time.h>

typedef struct
{
  char *start;
  size_t length;
  size_t capacity;
  bool overflow;
} Cursor;

static void
put (Cursor *cursor,
     const char *text,
     size_t length)
{
  if (length > cursor->capacity - cursor->length)
    {
      cursor->overflow = true;
      return;
    }
  memcpy (cursor->start + cursor->length, text, length);
  cursor->length += length;
}

#define PUT_LITERAL(cursor, literal) put (cursor, literal, sizeof (literal) - 1)

static void
put_text (Cursor *cursor,
          const char *text)
{
  put (cursor, text, strlen (text));
}

static void
put_number (Cursor *cursor,
            uint64_t number)
{
  char digits[20];
  size_t n = sizeof digits;

  do
    digits[--n] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  put (cursor, digits + n, sizeof digits - n);
}

const char *
lds_http_status_text (int status)
{
  /* RFC 9110 section 15; 429 and 431: RFC 6585. */
  static const struct
  {
    int status;
    const char *text;
  } phrases[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {205, "Reset Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };

  for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
    if (phrases[i].status == status)
      return phrases[i].text;
  return "Unknown";
}

bool
lds_http_status_has_body (int status)
{
  return status >= 200 && status != 204 && status != 304;
}

static void
put_framing (Cursor *cursor,
             const LdsHttpReplyHead *head)
{
  if (!lds_http_status_has_body (head->status))
    return;
  if (!head->stream)
    {
      PUT_LITERAL (cursor, "Content-Length: ");
      put_number (cursor, head->content_length);
      PUT_LITERAL (cursor, "\r\n");
    }
  else if (!head->version_1_0)
    PUT_LITERAL (cursor, "Transfer-Encoding: chunked\r\n");
}

size_t
lds_http_write_head_before (char *body,
                            size_t room,
                            const LdsHttpReplyHead *head)
{
  /* Its length is known only when it is written, so all but the extra fields is written aside first;
   * it is short. */
  char buffer[LDS_HTTP_HEAD_FIXED_BYTES], *to;
  Cursor cursor = {.start = buffer, .capacity = sizeof buffer};
  size_t extra_bytes = 0, before, all;
  bool by_close = head->stream && head->version_1_0 && lds_http_status_has_body (head->status);

  if (head->status == 200)
    PUT_LITERAL (&cursor, "HTTP/1.1 200 OK\r\n");
  else
    {
      PUT_LITERAL (&cursor, "HTTP/1.1 ");
      put_number (&cursor, (uint64_t)head->status);
      PUT_LITERAL (&cursor, " ");
      put_text (&cursor, lds_http_status_text (head->status));
      PUT_LITERAL (&cursor, "\r\n");
    }
  if (head->content_type != NULL)
    {
      PUT_LITERAL (&cursor, "Content-Type: ");
      put_text (&cursor, head->content_type);
      PUT_LITERAL (&cursor, "\r\n");
    }
  put_framing (&cursor, head);
  before = cursor.length;
  if (head->date != NULL)
    {
      PUT_LITERAL (&cursor, "Date: ");
      put_text (&cursor, head->date);
      PUT_LITERAL (&cursor, "\r\n");
    }
  if (head->close || by_close)
    PUT_LITERAL (&cursor, "Connection: close\r\n");
  else if (head->version_1_0)
    PUT_LITERAL (&cursor, "Connection: keep-alive\r\n");
  PUT_LITERAL (&cursor, "\r\n");

  if (head->extra_fields != NULL)
    extra_bytes = head->extra_bytes > 0 ? head->extra_bytes : strlen (head->extra_fields);
  if (cursor.overflow || extra_bytes > room || cursor.length > room - extra_bytes)
    return 0;
  all = cursor.length + extra_bytes;
  to = body - all;
  if (extra_bytes == 0)
    {
      memcpy (to, buffer, all);
      return all;
    }
  memcpy (to, buffer, before);
  memcpy (to + before, head->extra_fields, extra_bytes);
  memcpy (to + before + extra_bytes, buffer + before, cursor.length - before);
  return all;
}

size_t
lds_http_write_field (char *to,
                      size_t room,
                      const char *name,
                      LdsSpan value)
{
  size_t name_bytes = strlen (name), all = name_bytes + 2 + value.length + 2;
  Cursor cursor = {.start = to, .capacity = room};

  if (name_bytes == 0 || value.length > room || all > room ||
      !lds_http_all_of_class (name, name_bytes, LDS_HTTP_IS_TOKEN) ||
      !lds_http_all_of_class (value.data, value.length, LDS_HTTP_IS_VALUE))
    return 0;
  put (&cursor, name, name_bytes);
  PUT_LITERAL (&cursor, ": ");
  if (value.length > 0)
    put (&cursor, value.data, value.length);
  PUT_LITERAL (&cursor, "\r\n");
  return all;
}

size_t
lds_http_write_chunk_around (char *data,
                             size_t length,
                             size_t room)
{
  static const char digits[] = "0123456789abcdef";
  char line[LDS_HTTP_CHUNK_ROOM_BYTES];
  size_t at = sizeof line - 2, n = length;

  if (length == 0)
    return 0;
  line[at] = '\r';
  line[at + 1] = '\n';
  do
    line[--at] = digits[n & 15];
  while ((n >>= 4) > 0);
  n = sizeof line - at;
  if (n > room)
    return 0;
  memcpy (data - n, line + at, n);
  data[length] = '\r';
  data[length + 1] = '\n';
  return n;
}

const char *
lds_http_date (void)
{
  static _Thread_local time_t rendered_s = -1;
  static _Thread_local char text[32];
  struct timespec now;

  /* The coarse clock is a read of shared memory; the field has whole seconds. */
  clock_gettime (CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != rendered_s)
    {
      struct tm utc;

      gmtime_r (&now.tv_sec, &utc);
      /* No locale is ever set in a process of this layer's, so that names are English. */
      strftime (text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
      rendered_s = now.tv_sec;
    }
  return text;
}
