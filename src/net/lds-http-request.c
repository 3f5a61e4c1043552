/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Incremental HTTP/1.1 request parser. */
#include "lds-http-request.h"

#include "lds-http-syntax.h"

/* One line is looked at once, when its line feed has come. A state is what the next line or byte is. */
enum
{
  STATE_START, /* request line, or one empty line before it */
  STATE_FIELD,
  STATE_BODY,
  STATE_CHUNK_SIZE,
  STATE_CHUNK_DATA,
  STATE_CHUNK_END,
  STATE_TRAILER,
  STATE_COMPLETE,
  STATE_ERROR,
};

enum
{
  SEEN_HOST = 1 << 0,
  SEEN_CONTENT_LENGTH = 1 << 1,
  SEEN_TRANSFER_ENCODING = 1 << 2,
  SEEN_CLOSE = 1 << 3,
  SEEN_KEEP_ALIVE = 1 << 4,
  SEEN_EMPTY_LINE = 1 << 5,
};

static LdsHttpRequestResult
fail (LdsHttpRequest *self,
      int status,
      const char *reason)
{
  self->_state = STATE_ERROR;
  self->status = status;
  self->reason = reason;
  self->keep_alive = false;
  return LDS_HTTP_REQUEST_ERROR;
}

void
lds_http_request_reset (LdsHttpRequest *self)
{
  *self = (LdsHttpRequest){0};
}

static LdsHttpMethod
method_of (LdsSpan text)
{
  static const struct
  {
    const char *text;
    LdsHttpMethod method;
  } methods[] = {
      {"GET", LDS_HTTP_METHOD_GET},
      {"HEAD", LDS_HTTP_METHOD_HEAD},
      {"POST", LDS_HTTP_METHOD_POST},
      {"PUT", LDS_HTTP_METHOD_PUT},
      {"DELETE", LDS_HTTP_METHOD_DELETE},
      {"PATCH", LDS_HTTP_METHOD_PATCH},
      {"OPTIONS", LDS_HTTP_METHOD_OPTIONS},
  };

  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (lds_span_equal (text, methods[i].text))
      return methods[i].method;
  return LDS_HTTP_METHOD_OTHER;
}

/* "scheme://host" or "scheme://host:port" at the start of the target; NULL when it is not that. */
static const char *
skip_authority (const char *target,
                const char *end)
{
  const char *colon = memchr (target, ':', (size_t)(end - target)), *authority, *p;

  if (colon == NULL || colon == target || end - colon < 4 || memcmp (colon, "://", 3) != 0)
    return NULL;
  /* RFC 3986 section 3.1. */
  for (p = target; p < colon; p++)
    if (!((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z') &&
        (p == target || !((*p >= '0' && *p <= '9') || *p == '+' || *p == '-' || *p == '.')))
      return NULL;
  authority = colon + 3;
  for (p = authority; p < end && *p != '/' && *p != '?';)
    p++;
  return lds_http_is_host ((LdsSpan){authority, (size_t)(p - authority)}, false) ? p : NULL;
}

/* Path and query within the target: origin form, absolute form, "*" for the server as a whole with
 * OPTIONS, authority form with CONNECT. RFC 9112 section 3.2. */
static bool
split_target (LdsHttpRequest *self,
              const char *target)
{
  const char *path = target, *end = target + self->target_bytes, *query, *path_end;

  if (lds_span_equal ((LdsSpan){target - 1 - self->method_bytes, self->method_bytes}, "CONNECT"))
    {
      /* An authority has no query, and without one its path is never empty. */
      if (!lds_http_is_host ((LdsSpan){target, self->target_bytes}, true))
        return false;
    }
  else if (lds_span_equal ((LdsSpan){target, self->target_bytes}, "*"))
    {
      if (self->method != LDS_HTTP_METHOD_OPTIONS)
        return false;
    }
  else if (*target != '/')
    {
      path = skip_authority (target, end);
      if (path == NULL)
        return false;
    }
  query = memchr (path, '?', (size_t)(end - path));
  path_end = query != NULL ? query : end;
  self->query_offset = self->target_offset + (uint32_t)(query != NULL ? query + 1 - target : 0);
  self->query_bytes = query != NULL ? (uint32_t)(end - query - 1) : 0;
  if (path == path_end)
    {
      /* No path is the path "/": a slash of "://" serves as one. */
      path = (const char *)memchr (target, '/', self->target_bytes);
      path_end = path + 1;
    }
  self->path_offset = self->target_offset + (uint32_t)(path - target);
  self->path_bytes = (uint32_t)(path_end - path);
  return true;
}

/* @line has no line ending. */
static LdsHttpRequestResult
parse_start_line (LdsHttpRequest *self,
                  const char *line,
                  size_t length)
{
  const char *end = line + length, *space, *target, *version;

  space = memchr (line, ' ', length);
  if (space == NULL || space == line ||
      !lds_http_all_of_class (line, (size_t)(space - line), LDS_HTTP_IS_TOKEN))
    return fail (self, 400, "the request line does not begin with a method");
  self->_start_offset = self->_line_offset;
  self->method_bytes = (uint32_t)(space - line);
  self->method = method_of ((LdsSpan){line, self->method_bytes});

  target = space + 1;
  space = memchr (target, ' ', (size_t)(end - target));
  if (space == NULL || space == target ||
      !lds_http_all_of_class (target, (size_t)(space - target), LDS_HTTP_IS_TARGET))
    return fail (self, 400, "the request line has no well-formed target");
  self->target_offset = self->_line_offset + (uint32_t)(target - line);
  self->target_bytes = (uint32_t)(space - target);
  if (!split_target (self, target))
    return fail (self, 400, "the request target is none that this method can have");

  version = space + 1;
  if (end - version != 8 || memcmp (version, "HTTP/", 5) != 0 || version[6] != '.' ||
      version[5] < '0' || version[5] > '9' || version[7] < '0' || version[7] > '9')
    return fail (self, 400, "the request line does not end in an HTTP version");
  if (version[5] != '1')
    return fail (self, 505, "only HTTP/1.x is spoken here");
  self->version_1_0 = version[7] == '0';
  return LDS_HTTP_REQUEST_INCOMPLETE;
}

static LdsHttpRequestResult
take_content_length (LdsHttpRequest *self,
                     LdsSpan value,
                     const LdsHttpLimits *limits)
{
  if ((self->_seen & SEEN_CONTENT_LENGTH) != 0)
    return fail (self, 400, "two Content-Length fields");
  self->_seen |= SEEN_CONTENT_LENGTH;
  if (!lds_http_parse_uint64 (value, &self->content_length))
    return fail (self, 400, "Content-Length is not a number");
  if (self->content_length > limits->max_body_bytes)
    return fail (self, 413, "the body is too large");
  return LDS_HTTP_REQUEST_INCOMPLETE;
}

static LdsHttpRequestResult
take_transfer_encoding (LdsHttpRequest *self,
                        LdsSpan value)
{
  LdsSpan coding;
  bool other = false;

  if ((self->_seen & SEEN_TRANSFER_ENCODING) != 0)
    return fail (self, 400, "two Transfer-Encoding fields");
  self->_seen |= SEEN_TRANSFER_ENCODING;
  if (self->version_1_0)
    return fail (self, 400, "Transfer-Encoding in HTTP/1.0");
  while (lds_span_next_element (&value, &coding))
    {
      if (self->chunked)
        return fail (self, 400, "chunked is not the last transfer coding");
      if (lds_span_equal_ignoring_case (coding, "chunked"))
        self->chunked = true;
      else
        other = true;
    }
  if (!self->chunked)
    return fail (self, 400, "the last transfer coding is not chunked");
  if (other)
    return fail (self, 501, "no transfer coding but chunked is known here");
  return LDS_HTTP_REQUEST_INCOMPLETE;
}

static void
take_connection (LdsHttpRequest *self,
                 LdsSpan value)
{
  LdsSpan option;

  while (lds_span_next_element (&value, &option))
    if (lds_span_equal_ignoring_case (option, "close"))
      self->_seen |= SEEN_CLOSE;
    else if (lds_span_equal_ignoring_case (option, "keep-alive"))
      self->_seen |= SEEN_KEEP_ALIVE;
    else if (lds_span_equal_ignoring_case (option, "upgrade") && !self->version_1_0)
      self->upgrade = true;
}

static LdsHttpRequestResult
parse_field (LdsHttpRequest *self,
             const char *line,
             size_t length,
             const LdsHttpLimits *limits)
{
  const char *colon;
  LdsSpan name, value;

  if (++self->_fields > limits->max_fields)
    return fail (self, 431, "too many header fields");
  if (*line == ' ' || *line == '\t')
    return fail (self, 400, "a header field is folded over two lines");
  colon = memchr (line, ':', length);
  if (colon == NULL)
    return fail (self, 400, "a header field has no colon");
  lds_http_split_field (line, length, colon, &name, &value);
  if (name.length == 0 || !lds_http_all_of_class (name.data, name.length, LDS_HTTP_IS_TOKEN))
    return fail (self, 400, "the name of a header field has a character that it may not have");
  if (!lds_http_all_of_class (colon + 1, (size_t)(line + length - colon - 1), LDS_HTTP_IS_VALUE))
    return fail (self, 400, "the value of a header field has a control character");
  if (self->_state == STATE_TRAILER)
    return LDS_HTTP_REQUEST_INCOMPLETE;

  /* By length first: most fields are none of these. */
  switch (name.length)
    {
    case 4:
      if (lds_span_equal_ignoring_case (name, "host"))
        {
          if ((self->_seen & SEEN_HOST) != 0)
            return fail (self, 400, "two Host fields");
          /* It may be empty; RFC 9112 section 3.2. */
          if (value.length > 0 && !lds_http_is_host (value, false))
            return fail (self, 400, "the Host field is not a host");
          self->_seen |= SEEN_HOST;
        }
      break;
    case 6:
      if (lds_span_equal_ignoring_case (name, "expect") && !self->version_1_0)
        {
          if (!lds_span_equal_ignoring_case (value, "100-continue"))
            return fail (self, 417, "no expectation but 100-continue is known here");
          self->expect_continue = true;
        }
      break;
    case 10:
      if (lds_span_equal_ignoring_case (name, "connection"))
        take_connection (self, value);
      break;
    case 14:
      if (lds_span_equal_ignoring_case (name, "content-length"))
        return take_content_length (self, value, limits);
      break;
    case 17:
      if (lds_span_equal_ignoring_case (name, "transfer-encoding"))
        return take_transfer_encoding (self, value);
      break;
    default:
      break;
    }
  return LDS_HTTP_REQUEST_INCOMPLETE;
}

static LdsHttpRequestResult
end_head (LdsHttpRequest *self,
          uint32_t next_offset)
{
  if (!self->version_1_0 && (self->_seen & SEEN_HOST) == 0)
    return fail (self, 400, "the Host field is missing");
  if (self->chunked && (self->_seen & SEEN_CONTENT_LENGTH) != 0)
    return fail (self, 400, "both Transfer-Encoding and Content-Length");
  self->keep_alive = (self->_seen & SEEN_CLOSE) == 0 &&
                     (!self->version_1_0 || (self->_seen & SEEN_KEEP_ALIVE) != 0);
  self->head_bytes = next_offset;
  self->_state = self->chunked ? STATE_CHUNK_SIZE : STATE_BODY;
  return LDS_HTTP_REQUEST_INCOMPLETE;
}

static LdsHttpRequestResult
parse_chunk_size (LdsHttpRequest *self,
                  const char *line,
                  size_t length,
                  const LdsHttpLimits *limits)
{
  uint64_t size = 0;
  size_t i;

  for (i = 0; i < length; i++)
    {
      unsigned char c = (unsigned char)line[i], digit;

      if (c >= '0' && c <= '9')
        digit = (unsigned char)(c - '0');
      else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        digit = (unsigned char)((c | 0x20) - 'a' + 10);
      else
        break;
      if (size >> 60 != 0)
        return fail (self, 400, "a chunk size is too large");
      size = size << 4 | digit;
    }
  if (i == 0)
    return fail (self, 400, "a chunk size is not a hexadecimal number");
  /* Extensions are checked for their form alone and dropped; RFC 9112 section 7.1.1. */
  if (i < length &&
      (line[i] != ';' || !lds_http_all_of_class (line + i, length - i, LDS_HTTP_IS_VALUE)))
    return fail (self, 400, "a chunk size is followed by something else than an extension");
  if (size > limits->max_body_bytes - self->body_bytes)
    return fail (self, 413, "the body is too large");
  self->_chunk_left = size;
  self->_state = size > 0 ? STATE_CHUNK_DATA : STATE_TRAILER;
  return LDS_HTTP_REQUEST_INCOMPLETE;
}

static LdsHttpRequestResult
line_too_long (LdsHttpRequest *self)
{
  if (self->_state == STATE_START)
    return fail (self, 414, "the request line is too long");
  if (self->_state == STATE_CHUNK_SIZE)
    return fail (self, 400, "a chunk-size line is too long");
  return fail (self, 431, "a header field is too long");
}

static LdsHttpRequestResult
parse_line (LdsHttpRequest *self,
            const char *line,
            size_t length,
            const LdsHttpLimits *limits)
{
  switch (self->_state)
    {
    case STATE_START:
      if (length == 0)
        {
          /* RFC 9112 section 2.2: one empty line before a request is ignored. */
          if ((self->_seen & SEEN_EMPTY_LINE) != 0)
            return fail (self, 400, "empty lines instead of a request");
          self->_seen |= SEEN_EMPTY_LINE;
          return LDS_HTTP_REQUEST_INCOMPLETE;
        }
      self->_state = STATE_FIELD;
      return parse_start_line (self, line, length);
    case STATE_FIELD:
      if (length == 0)
        return end_head (self, self->_scan_offset);
      return parse_field (self, line, length, limits);
    case STATE_CHUNK_SIZE:
      return parse_chunk_size (self, line, length, limits);
    case STATE_CHUNK_END:
      if (length != 0)
        return fail (self, 400, "a chunk is longer than its size says");
      self->_state = STATE_CHUNK_SIZE;
      return LDS_HTTP_REQUEST_INCOMPLETE;
    default:
      if (length == 0)
        {
          self->_state = STATE_COMPLETE;
          return LDS_HTTP_REQUEST_COMPLETE;
        }
      return parse_field (self, line, length, limits);
    }
}

/* With which byte of the current line, counted from 1, the head has become too large; SIZE_MAX when
 * the line does not count as head. Chunk extensions do, from their semicolon on, plain chunk
 * framing does not. By byte, so that the same limit is met however the input was cut up. */
static size_t
byte_over_section (const LdsHttpRequest *self,
                   const char *line,
                   size_t line_bytes,
                   const LdsHttpLimits *limits)
{
  size_t over = limits->max_head_bytes - self->_section_bytes + 1;
  const char *semicolon;

  if (self->_state != STATE_CHUNK_SIZE && self->_state != STATE_CHUNK_END)
    return over;
  semicolon = memchr (line, ';', line_bytes);
  if (semicolon == NULL)
    return SIZE_MAX;
  return over > (size_t)(semicolon + 1 - line) ? over : (size_t)(semicolon + 1 - line);
}

/* Reads lines from _line_offset on until the state is one that reads bytes. */
static LdsHttpRequestResult
parse_lines (LdsHttpRequest *self,
             const char *data,
             size_t length,
             const LdsHttpLimits *limits)
{
  while (self->_state != STATE_BODY && self->_state != STATE_CHUNK_DATA)
    {
      const char *line = data + self->_line_offset;
      const char *feed = memchr (data + self->_scan_offset, '\n', length - self->_scan_offset);
      size_t line_bytes = (feed != NULL ? (size_t)(feed + 1 - data) : length) - self->_line_offset;
      LdsHttpRequestResult result;
      size_t line_at = (size_t)limits->max_line_bytes + 1, section_at;

      /* Before its end has come, so that nobody can make us keep more than the limit. */
      if (self->_state == STATE_CHUNK_END && line_bytes > 2)
        return fail (self, 400, "a chunk is longer than its size says");
      section_at = byte_over_section (self, line, line_bytes, limits);
      if (line_bytes >= line_at && line_at <= section_at)
        return line_too_long (self);
      if (line_bytes >= section_at)
        return fail (self, 431, "the header section is too large");
      if (feed == NULL)
        {
          self->_scan_offset = (uint32_t)length;
          return LDS_HTTP_REQUEST_INCOMPLETE;
        }
      if (line_bytes < 2 || feed[-1] != '\r')
        return fail (self, 400, "a line ends in LF without CR");

      self->_scan_offset = (uint32_t)(feed + 1 - data);
      if (section_at != SIZE_MAX)
        self->_section_bytes += (uint32_t)line_bytes;
      result = parse_line (self, line, line_bytes - 2, limits);
      self->_line_offset = self->_scan_offset;
      if (result != LDS_HTTP_REQUEST_INCOMPLETE)
        return result;
    }
  return LDS_HTTP_REQUEST_INCOMPLETE;
}

/* Joins chunk data behind the head. Reads from _line_offset on, writes at the end of the body; what
 * is left unread is moved down once a call, so that a call is linear in what it got. */
static LdsHttpRequestResult
parse_chunks (LdsHttpRequest *self,
              char *data,
              size_t *length,
              const LdsHttpLimits *limits)
{
  LdsHttpRequestResult result;
  size_t body_end, left;

  for (;;)
    {
      if (self->_state == STATE_CHUNK_DATA)
        {
          size_t available = *length - self->_line_offset;
          size_t n = available < self->_chunk_left ? available : (size_t)self->_chunk_left;

          memmove (data + self->head_bytes + self->body_bytes, data + self->_line_offset, n);
          self->body_bytes += (uint32_t)n;
          self->_chunk_left -= n;
          self->_line_offset += (uint32_t)n;
          self->_scan_offset = self->_line_offset;
          if (self->_chunk_left > 0)
            {
              result = LDS_HTTP_REQUEST_INCOMPLETE;
              break;
            }
          self->_state = STATE_CHUNK_END;
        }
      result = parse_lines (self, data, *length, limits);
      if (self->_state != STATE_CHUNK_DATA)
        break;
    }
  if (result == LDS_HTTP_REQUEST_COMPLETE)
    self->total_bytes = self->_line_offset;
  if (result != LDS_HTTP_REQUEST_INCOMPLETE)
    return result;

  body_end = self->head_bytes + self->body_bytes;
  left = *length - self->_line_offset;
  memmove (data + body_end, data + self->_line_offset, left);
  *length = body_end + left;
  self->_line_offset = (uint32_t)body_end;
  self->_scan_offset = (uint32_t)*length;
  return result;
}

LdsHttpRequestResult
lds_http_request_parse (LdsHttpRequest *self,
                        char *data,
                        size_t *length,
                        const LdsHttpLimits *limits)
{
  if (self->_state == STATE_COMPLETE)
    return LDS_HTTP_REQUEST_COMPLETE;
  if (self->_state == STATE_ERROR)
    return LDS_HTTP_REQUEST_ERROR;

  if (self->_state <= STATE_FIELD)
    {
      LdsHttpRequestResult result = parse_lines (self, data, *length, limits);

      /* The head's end goes on here or below, the first chunk's lines already in parse_lines(). */
      if (result == LDS_HTTP_REQUEST_ERROR)
        return result;
      if (result == LDS_HTTP_REQUEST_COMPLETE)
        {
          self->total_bytes = self->_line_offset;
          return result;
        }
      if (self->_state <= STATE_FIELD)
        return result;
    }
  if (self->chunked)
    return parse_chunks (self, data, length, limits);
  if (*length - self->head_bytes < self->content_length)
    {
      self->_scan_offset = (uint32_t)*length;
      return LDS_HTTP_REQUEST_INCOMPLETE;
    }
  self->body_bytes = (uint32_t)self->content_length;
  self->total_bytes = self->head_bytes + self->body_bytes;
  self->_state = STATE_COMPLETE;
  return LDS_HTTP_REQUEST_COMPLETE;
}

bool
lds_http_request_wants_continue (const LdsHttpRequest *self)
{
  return self->expect_continue && self->head_bytes > 0 && self->_scan_offset == self->head_bytes &&
         (self->_state == STATE_CHUNK_SIZE || self->_state == STATE_BODY);
}
