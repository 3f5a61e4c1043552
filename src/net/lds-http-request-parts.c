/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a request that has been parsed. */
#include "lds-http-request.h"

#include "lds-http-syntax.h"

LdsSpan
lds_http_request_method_text (const LdsHttpRequest *self,
                              const char *data)
{
  return (LdsSpan){data + self->_start_offset, self->method_bytes};
}

LdsSpan
lds_http_request_target (const LdsHttpRequest *self,
                         const char *data)
{
  return (LdsSpan){data + self->target_offset, self->target_bytes};
}

LdsSpan
lds_http_request_path (const LdsHttpRequest *self,
                       const char *data)
{
  return (LdsSpan){data + self->path_offset, self->path_bytes};
}

LdsSpan
lds_http_request_query (const LdsHttpRequest *self,
                        const char *data)
{
  return (LdsSpan){data + self->query_offset, self->query_bytes};
}

LdsSpan
lds_http_request_body (const LdsHttpRequest *self,
                       const char *data)
{
  return (LdsSpan){data + self->head_bytes, self->body_bytes};
}

bool
lds_http_request_next_field (const LdsHttpRequest *self,
                             const char *data,
                             uint32_t *cursor,
                             LdsSpan *name,
                             LdsSpan *value)
{
  const char *line, *feed, *colon;

  if (*cursor == 0)
    {
      feed = memchr (data + self->target_offset, '\n', self->head_bytes - self->target_offset);
      *cursor = (uint32_t)(feed + 1 - data);
    }
  /* The empty line ends the head. */
  if (*cursor + 2 >= self->head_bytes)
    return false;
  line = data + *cursor;
  feed = memchr (line, '\n', self->head_bytes - *cursor);
  colon = memchr (line, ':', (size_t)(feed - line));
  lds_http_split_field (line, (size_t)(feed - 1 - line), colon, name, value);
  *cursor = (uint32_t)(feed + 1 - data);
  return true;
}

bool
lds_http_request_field (const LdsHttpRequest *self,
                        const char *data,
                        const char *name,
                        LdsSpan *value)
{
  LdsSpan found;
  uint32_t cursor = 0;

  while (lds_http_request_next_field (self, data, &cursor, &found, value))
    if (lds_span_equal_ignoring_case (found, name))
      return true;
  return false;
}

bool
lds_http_query_value (LdsSpan query,
                      const char *name,
                      LdsSpan *value)
{
  const char *p = query.data, *end = p + query.length;

  while (p < end)
    {
      const char *stop = memchr (p, '&', (size_t)(end - p));
      const char *equals;

      if (stop == NULL)
        stop = end;
      equals = memchr (p, '=', (size_t)(stop - p));
      if (lds_span_equal ((LdsSpan){p, (size_t)((equals != NULL ? equals : stop) - p)}, name))
        {
          const char *start = equals != NULL ? equals + 1 : stop;

          *value = (LdsSpan){start, (size_t)(stop - start)};
          return true;
        }
      p = stop < end ? stop + 1 : end;
    }
  return false;
}

bool
lds_http_parse_uint64 (LdsSpan digits,
                       uint64_t *value)
{
  uint64_t n = 0;

  if (digits.length < 1 || digits.length > 20)
    return false;
  for (size_t i = 0; i < digits.length; i++)
    {
      unsigned digit = (unsigned)(unsigned char)digits.data[i] - '0';

      if (digit > 9 || __builtin_mul_overflow (n, 10, &n) || __builtin_add_overflow (n, digit, &n))
        return false;
    }
  *value = n;
  return true;
}
