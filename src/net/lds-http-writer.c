/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP/1.1 response heads. */
#include "lds-http-writer.h"

#include <string.h>
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
  switch (status)
    {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
    }
}

size_t
lds_http_write_head_before (char *body,
                            size_t room,
                            const LdsHttpReplyHead *head)
{
  /* Its length is known only when it is written, so it is written aside first; it is short. */
  char buffer[LDS_HTTP_HEAD_ROOM_BYTES];
  Cursor cursor = {.start = buffer, .capacity = sizeof buffer};

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
  /* RFC 9110 section 8.6: none with 204. */
  if (head->status != 204)
    {
      PUT_LITERAL (&cursor, "Content-Length: ");
      put_number (&cursor, head->content_length);
      PUT_LITERAL (&cursor, "\r\n");
    }
  if (head->extra_fields != NULL)
    put_text (&cursor, head->extra_fields);
  if (head->date != NULL)
    {
      PUT_LITERAL (&cursor, "Date: ");
      put_text (&cursor, head->date);
      PUT_LITERAL (&cursor, "\r\n");
    }
  if (head->close)
    PUT_LITERAL (&cursor, "Connection: close\r\n");
  else if (head->version_1_0)
    PUT_LITERAL (&cursor, "Connection: keep-alive\r\n");
  PUT_LITERAL (&cursor, "\r\n");

  if (cursor.overflow || cursor.length > room)
    return 0;
  memcpy (body - cursor.length, buffer, cursor.length);
  return cursor.length;
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
