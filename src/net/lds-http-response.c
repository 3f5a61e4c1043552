/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Incremental parser of HTTP/1.1 responses. */
#include "lds-http-response.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum
{
  STATE_HEAD,
  STATE_LENGTH,
  STATE_CLOSE,
  STATE_CHUNK_SIZE,
  STATE_CHUNK_EXTENSION,
  STATE_CHUNK_SIZE_LF,
  STATE_CHUNK_DATA,
  STATE_CHUNK_DATA_CR,
  STATE_CHUNK_DATA_LF,
  STATE_TRAILER_START,
  STATE_TRAILER,
  STATE_TRAILER_END_LF,
  STATE_DONE,
  STATE_MALFORMED,
} State;

static const char status_line_start[] = "HTTP/1.";
#define STATUS_LINE_START_SIZE (sizeof status_line_start - 1)
/* "HTTP/1.1 200" */
#define STATUS_LINE_MIN_SIZE 12u
/* 2^60 has 16 hexadecimal digits; more can only be leading zeros or too much. */
#define CHUNK_SIZE_MAX_DIGITS 16u

void
lds_http_response_init (LdsHttpResponse *self,
                        LdsHttpHeadCache *cache)
{
  memset (self, 0, sizeof *self);
  self->cache = cache;
}

void
lds_http_response_clear (LdsHttpResponse *self)
{
  free (self->collected);
  memset (self, 0, sizeof *self);
}

void
lds_http_response_begin (LdsHttpResponse *self,
                         bool head_request)
{
  self->head = (LdsHttpResponseHead){0};
  self->head_text = NULL;
  self->head_text_bytes = 0;
  self->left = 0;
  self->body_bytes = 0;
  self->n_collected = 0;
  self->scanned = 0;
  self->line_start = 0;
  self->chunk_extra_bytes = 0;
  self->n_lines = 0;
  self->n_interim = 0;
  self->state = STATE_HEAD;
  self->n_digits = 0;
  self->head_request = head_request;
}

bool
lds_http_response_has_begun (const LdsHttpResponse *self)
{
  return self->state != STATE_HEAD || self->n_collected > 0 || self->n_interim > 0;
}

/* RFC 9110, section 5.6.2: the characters of a token. */
static bool
is_token_char (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool
equals (const char *text,
        size_t size,
        const char *lower_case)
{
  return size == strlen (lower_case) && strncasecmp (text, lower_case, size) == 0;
}

/* Takes the next element off a comma-separated list, without the blanks around it. */
static bool
next_element (const char **list,
              size_t *list_size,
              const char **element,
              size_t *element_size)
{
  const char *comma, *from = *list;
  size_t size = *list_size;

  if (size == 0)
    return false;
  comma = memchr (from, ',', size);
  if (comma != NULL)
    {
      *list_size = size - (size_t)(comma - from) - 1;
      *list = comma + 1;
      size = (size_t)(comma - from);
    }
  else
    {
      *list = from + size;
      *list_size = 0;
    }
  while (size > 0 && (*from == ' ' || *from == '\t'))
    from++, size--;
  while (size > 0 && (from[size - 1] == ' ' || from[size - 1] == '\t'))
    size--;
  *element = from;
  *element_size = size;
  return true;
}

/* What the framing headers said, before it is weighed. */
typedef struct
{
  uint64_t length;
  bool has_length;
  bool has_coding;
  bool is_chunked; /* and chunked is the last coding */
  bool close;
  bool keep_alive;
} Fields;

static bool
read_length (Fields *fields,
             const char *value,
             size_t size)
{
  uint64_t length = 0;

  if (size == 0)
    return false;
  for (size_t i = 0; i < size; i++)
    {
      if (value[i] < '0' || value[i] > '9')
        return false;
      length = length * 10 + (uint64_t)(value[i] - '0');
      if (length > LDS_HTTP_RESPONSE_BODY_MAX_BYTES)
        return false;
    }
  if (fields->has_length && fields->length != length)
    return false;
  fields->has_length = true;
  fields->length = length;
  return true;
}

static bool
read_field (Fields *fields,
            const char *line,
            size_t size)
{
  size_t name_size = 0, value_size;
  const char *value, *element;
  size_t element_size;

  while (name_size < size && is_token_char (line[name_size]))
    name_size++;
  if (name_size == 0 || name_size == size || line[name_size] != ':')
    return false;
  value = line + name_size + 1;
  value_size = size - name_size - 1;
  for (size_t i = 0; i < value_size; i++)
    if (((unsigned char)value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7f)
      return false;
  while (value_size > 0 && (*value == ' ' || *value == '\t'))
    value++, value_size--;
  while (value_size > 0 && (value[value_size - 1] == ' ' || value[value_size - 1] == '\t'))
    value_size--;

  if (equals (line, name_size, "content-length"))
    return read_length (fields, value, value_size);
  if (equals (line, name_size, "transfer-encoding"))
    {
      fields->has_coding = true;
      while (next_element (&value, &value_size, &element, &element_size))
        {
          if (fields->is_chunked)
            return false; /* nothing may follow chunked */
          fields->is_chunked = equals (element, element_size, "chunked");
        }
    }
  else if (equals (line, name_size, "connection"))
    while (next_element (&value, &value_size, &element, &element_size))
      {
        fields->close |= equals (element, element_size, "close");
        fields->keep_alive |= equals (element, element_size, "keep-alive");
      }
  return true;
}

/* Parses a whole head: @size ends behind its empty line. */
static bool
parse_head (LdsHttpResponseHead *head,
            const char *data,
            size_t size,
            bool head_request)
{
  Fields fields = {0};
  bool is_old;
  size_t at = 0;

  *head = (LdsHttpResponseHead){0};
  for (unsigned n = 0;; n++)
    {
      const char *line = data + at, *end = memchr (line, '\n', size - at);
      size_t line_size = end != NULL ? (size_t)(end - line) : 0;

      if (end == NULL)
        return false;
      at += line_size + 1;
      if (line_size > 0 && line[line_size - 1] == '\r')
        line_size--;
      if (n == 0)
        {
          if (line_size < STATUS_LINE_MIN_SIZE ||
              memcmp (line, status_line_start, STATUS_LINE_START_SIZE) != 0 ||
              (line[7] != '0' && line[7] != '1') || line[8] != ' ' ||
              (line_size > STATUS_LINE_MIN_SIZE && line[STATUS_LINE_MIN_SIZE] != ' '))
            return false;
          for (size_t i = 9; i < STATUS_LINE_MIN_SIZE; i++)
            {
              if (line[i] < '0' || line[i] > '9')
                return false;
              head->status = (uint16_t)(head->status * 10 + (line[i] - '0'));
            }
          if (head->status < 100 || head->status > 599)
            return false;
          is_old = line[7] == '0';
        }
      else if (line_size == 0)
        break;
      else if (!read_field (&fields, line, line_size))
        return false;
    }

  if (fields.has_coding && (fields.has_length || is_old))
    return false;
  head->keep_alive = !fields.close && (!is_old || fields.keep_alive);
  if (head_request || head->status < 200 || head->status == 204 || head->status == 304)
    head->framing = LDS_HTTP_BODY_NONE;
  else if (fields.is_chunked)
    head->framing = LDS_HTTP_BODY_CHUNKED;
  else if (fields.has_length)
    {
      head->framing = fields.length > 0 ? LDS_HTTP_BODY_LENGTH : LDS_HTTP_BODY_NONE;
      head->content_length = fields.length;
    }
  else
    {
      head->framing = LDS_HTTP_BODY_CLOSE;
      head->keep_alive = false;
    }
  return true;
}

/* Looks for the empty line, going on where the last call stopped. Returns the head's size, 0 when
 * it is not whole yet; sets STATE_MALFORMED for a limit. */
static size_t
find_head_end (LdsHttpResponse *self,
               const char *data,
               size_t size)
{
  if (memcmp (data, status_line_start,
              size < STATUS_LINE_START_SIZE ? size : STATUS_LINE_START_SIZE) != 0)
    {
      self->state = STATE_MALFORMED;
      return 0;
    }
  if (size > LDS_HTTP_RESPONSE_HEAD_MAX_BYTES)
    size = LDS_HTTP_RESPONSE_HEAD_MAX_BYTES;
  while (self->scanned < size)
    {
      const char *end = memchr (data + self->scanned, '\n', size - self->scanned);
      size_t line_size;

      if (end == NULL)
        {
          self->scanned = (uint32_t)size;
          break;
        }
      line_size = (size_t)(end - data) - self->line_start;
      if (line_size == 0 || (line_size == 1 && end[-1] == '\r'))
        return (size_t)(end - data) + 1;
      if (++self->n_lines > LDS_HTTP_RESPONSE_HEAD_MAX_LINES)
        {
          self->state = STATE_MALFORMED;
          return 0;
        }
      self->scanned = self->line_start = (uint32_t)(end - data) + 1;
    }
  if (size == LDS_HTTP_RESPONSE_HEAD_MAX_BYTES)
    self->state = STATE_MALFORMED;
  return 0;
}

/* The head is known, @size bytes at @text: what comes next? */
static void
begin_body (LdsHttpResponse *self,
            const char *text,
            size_t size)
{
  self->n_collected = self->scanned = self->line_start = 0;
  self->n_lines = 0;
  self->head_text = text;
  self->head_text_bytes = (uint32_t)size;
  if (self->head.status < 200)
    {
      /* 101 would change the protocol, which nobody asked for. */
      if (self->head.status == 101 || ++self->n_interim > LDS_HTTP_RESPONSE_INTERIM_MAX)
        self->state = STATE_MALFORMED;
      return;
    }
  switch ((LdsHttpBodyFraming)self->head.framing)
    {
    case LDS_HTTP_BODY_LENGTH:
      self->left = self->head.content_length;
      self->state = STATE_LENGTH;
      break;
    case LDS_HTTP_BODY_CHUNKED:
      self->state = STATE_CHUNK_SIZE;
      break;
    case LDS_HTTP_BODY_CLOSE:
      self->state = STATE_CLOSE;
      break;
    case LDS_HTTP_BODY_NONE:
    default:
      self->state = STATE_DONE;
      break;
    }
}

static void
read_head (LdsHttpResponse *self,
           const char *data,
           size_t size,
           size_t *at)
{
  const char *from = data + *at;
  size_t n = size - *at, head_size;
  LdsHttpHeadCache *cache = self->cache;

  if (self->n_collected == 0 && cache != NULL && cache->size > 0 && n >= cache->size &&
      cache->head_request == self->head_request && memcmp (from, cache->bytes, cache->size) == 0)
    {
      self->head = cache->head;
      *at += cache->size;
      begin_body (self, from, cache->size);
      return;
    }
  if (self->n_collected > 0)
    {
      size_t before = self->n_collected, room = LDS_HTTP_RESPONSE_HEAD_MAX_BYTES - before;

      n = n < room ? n : room;
      memcpy (self->collected + before, from, n);
      self->n_collected += (uint32_t)n;
      head_size = find_head_end (self, self->collected, self->n_collected);
      *at += head_size > 0 ? head_size - before : n;
      from = self->collected;
    }
  else
    {
      head_size = find_head_end (self, from, n);
      if (head_size == 0 && self->state == STATE_HEAD)
        {
          if (self->collected == NULL)
            self->collected = malloc (LDS_HTTP_RESPONSE_HEAD_MAX_BYTES);
          if (self->collected == NULL)
            {
              self->state = STATE_MALFORMED;
              return;
            }
          memcpy (self->collected, from, n);
          self->n_collected = (uint32_t)n;
        }
      *at += head_size > 0 ? head_size : n;
    }
  if (head_size == 0)
    return;
  if (!parse_head (&self->head, from, head_size, self->head_request))
    {
      self->state = STATE_MALFORMED;
      return;
    }
  if (cache != NULL && head_size <= sizeof cache->bytes)
    {
      memcpy (cache->bytes, from, head_size);
      cache->size = (uint32_t)head_size;
      cache->head = self->head;
      cache->head_request = self->head_request;
    }
  begin_body (self, from, head_size);
}

static int
hex_value (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/* One byte of the lines between chunks. */
static void
read_chunk_line (LdsHttpResponse *self,
                 char c)
{
  int digit;

  switch ((State)self->state)
    {
    case STATE_CHUNK_SIZE:
      digit = hex_value (c);
      if (digit >= 0 && self->n_digits < CHUNK_SIZE_MAX_DIGITS)
        {
          self->left = self->left << 4 | (uint64_t)digit;
          self->n_digits++;
          return;
        }
      if (digit >= 0 || self->n_digits == 0 ||
          self->left > LDS_HTTP_RESPONSE_BODY_MAX_BYTES - self->body_bytes)
        self->state = STATE_MALFORMED;
      else if (c == '\r')
        self->state = STATE_CHUNK_SIZE_LF;
      else if (c == ';' || c == ' ' || c == '\t')
        self->state = STATE_CHUNK_EXTENSION;
      else
        self->state = STATE_MALFORMED;
      return;
    case STATE_CHUNK_EXTENSION:
      if (++self->chunk_extra_bytes > LDS_HTTP_RESPONSE_CHUNK_EXTRA_MAX_BYTES || c == '\n')
        self->state = STATE_MALFORMED;
      else if (c == '\r')
        self->state = STATE_CHUNK_SIZE_LF;
      return;
    case STATE_CHUNK_SIZE_LF:
      self->n_digits = 0;
      if (c != '\n')
        self->state = STATE_MALFORMED;
      else
        self->state = self->left > 0 ? STATE_CHUNK_DATA : STATE_TRAILER_START;
      return;
    case STATE_CHUNK_DATA_CR:
      self->state = c == '\r' ? STATE_CHUNK_DATA_LF : STATE_MALFORMED;
      return;
    case STATE_CHUNK_DATA_LF:
      self->state = c == '\n' ? STATE_CHUNK_SIZE : STATE_MALFORMED;
      return;
    case STATE_TRAILER_START:
      if (c == '\r')
        self->state = STATE_TRAILER_END_LF;
      else
        self->state = is_token_char (c) ? STATE_TRAILER : STATE_MALFORMED;
      return;
    case STATE_TRAILER:
      if (++self->chunk_extra_bytes > LDS_HTTP_RESPONSE_CHUNK_EXTRA_MAX_BYTES)
        self->state = STATE_MALFORMED;
      else if (c == '\n')
        self->state = STATE_TRAILER_START;
      return;
    case STATE_TRAILER_END_LF:
      self->state = c == '\n' ? STATE_DONE : STATE_MALFORMED;
      return;
    case STATE_HEAD:
    case STATE_LENGTH:
    case STATE_CLOSE:
    case STATE_CHUNK_DATA:
    case STATE_DONE:
    case STATE_MALFORMED:
    default:
      return;
    }
}

/* Hands out what there is of the body, at most @limit bytes. */
static LdsHttpResponseEvent
take_body (LdsHttpResponse *self,
           const char *data,
           size_t size,
           uint64_t limit,
           size_t *at,
           const char **body,
           size_t *body_size)
{
  size_t n = size - *at;

  if (n > limit)
    n = (size_t)limit;
  *body = data + *at;
  *body_size = n;
  *at += n;
  self->body_bytes += n;
  return LDS_HTTP_RESPONSE_BODY;
}

LdsHttpResponseEvent
lds_http_response_next (LdsHttpResponse *self,
                        const char *data,
                        size_t size,
                        size_t *at,
                        const char **body,
                        size_t *body_size)
{
  for (;;)
    {
      LdsHttpResponseEvent event;

      if (self->state == STATE_DONE)
        return LDS_HTTP_RESPONSE_DONE;
      if (self->state == STATE_MALFORMED)
        return LDS_HTTP_RESPONSE_MALFORMED;
      if (*at >= size)
        return LDS_HTTP_RESPONSE_MORE;
      switch ((State)self->state)
        {
        case STATE_HEAD:
          read_head (self, data, size, at);
          break;
        case STATE_LENGTH:
        case STATE_CHUNK_DATA:
          event = take_body (self, data, size, self->left, at, body, body_size);
          self->left -= *body_size;
          if (self->left == 0)
            self->state = self->state == STATE_LENGTH ? STATE_DONE : STATE_CHUNK_DATA_CR;
          return event;
        case STATE_CLOSE:
          if (self->body_bytes >= LDS_HTTP_RESPONSE_BODY_MAX_BYTES)
            {
              self->state = STATE_MALFORMED;
              break;
            }
          return take_body (self, data, size, LDS_HTTP_RESPONSE_BODY_MAX_BYTES - self->body_bytes,
                            at, body, body_size);
        case STATE_CHUNK_SIZE:
        case STATE_CHUNK_EXTENSION:
        case STATE_CHUNK_SIZE_LF:
        case STATE_CHUNK_DATA_CR:
        case STATE_CHUNK_DATA_LF:
        case STATE_TRAILER_START:
        case STATE_TRAILER:
        case STATE_TRAILER_END_LF:
          read_chunk_line (self, data[(*at)++]);
          break;
        case STATE_DONE:
        case STATE_MALFORMED:
        default:
          break;
        }
    }
}

LdsSpan
lds_http_response_head_text (const LdsHttpResponse *self)
{
  if (self->state == STATE_HEAD || self->head_text == NULL)
    return (LdsSpan){NULL, 0};
  return (LdsSpan){self->head_text, self->head_text_bytes};
}

bool
lds_http_response_next_field (LdsSpan head,
                              size_t *cursor,
                              LdsSpan *name,
                              LdsSpan *value)
{
  const char *end = head.data + head.length, *from = head.data + *cursor, *line_end, *colon;

  if (head.length == 0)
    return false;
  if (*cursor == 0)
    from = (const char *)memchr (from, '\n', head.length) + 1;
  line_end = memchr (from, '\n', (size_t)(end - from));
  if (line_end == NULL)
    return false;
  *cursor = (size_t)(line_end + 1 - head.data);
  colon = memchr (from, ':', (size_t)(line_end - from));
  if (colon == NULL)
    return false;
  *name = (LdsSpan){from, (size_t)(colon - from)};
  from = colon + 1;
  while (from < line_end && (*from == ' ' || *from == '\t'))
    from++;
  while (line_end > from && (line_end[-1] == ' ' || line_end[-1] == '\t' || line_end[-1] == '\r'))
    line_end--;
  *value = (LdsSpan){from, (size_t)(line_end - from)};
  return true;
}

bool
lds_http_response_end (LdsHttpResponse *self)
{
  if (self->state == STATE_CLOSE)
    self->state = STATE_DONE;
  return self->state == STATE_DONE;
}
