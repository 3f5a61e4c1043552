/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters and hosts of HTTP/1.1. */
#include "lds-http-syntax.h"

#define V LDS_HTTP_IS_VALUE
#define R (LDS_HTTP_IS_VALUE | LDS_HTTP_IS_TARGET)
#define H (R | LDS_HTTP_IS_HOST)
#define T (R | LDS_HTTP_IS_TOKEN)
#define A (R | LDS_HTTP_IS_TOKEN | LDS_HTTP_IS_HOST)

const uint8_t lds_http_classes[256] = {
    ['\t'] = V,
    [' '] = V,
    ['!'] = A,
    ['"'] = R,
    ['#'] = V | LDS_HTTP_IS_TOKEN,
    ['$'] = A,
    ['%'] = T,
    ['&'] = A,
    ['\''] = A,
    ['('] = H,
    [')'] = H,
    ['*'] = A,
    ['+'] = A,
    [','] = H,
    ['-'] = A,
    ['.'] = A,
    ['/'] = R,
    ['0' ... '9'] = A,
    [':'] = R,
    [';'] = H,
    ['<'] = R,
    ['='] = H,
    ['>'] = R,
    ['?'] = R,
    ['@'] = R,
    ['A' ... 'Z'] = A,
    ['['] = R,
    ['\\'] = R,
    [']'] = R,
    ['^'] = T,
    ['_'] = A,
    ['`'] = T,
    ['a' ... 'z'] = A,
    ['{'] = R,
    ['|'] = T,
    ['}'] = R,
    ['~'] = A,
    [0x80 ... 0xff] = V,
};

static bool
is_hex_digit (char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Escaped characters may stand in a host, but hardly ever do. */
static bool
is_name (const char *p,
         const char *end)
{
  if (lds_http_all_of_class (p, (size_t)(end - p), LDS_HTTP_IS_HOST))
    return p < end;
  for (; p < end; p++)
    if (*p == '%' && end - p > 2 && is_hex_digit (p[1]) && is_hex_digit (p[2]))
      p += 2;
    else if ((lds_http_classes[(unsigned char)*p] & LDS_HTTP_IS_HOST) == 0)
      return false;
  return true;
}

/* An address in brackets: what it is made of, not whether there is such an address. */
static bool
is_bracketed (const char *p,
              const char *end)
{
  if (end - p < 3 || *p != '[' || end[-1] != ']')
    return false;
  for (p++; p < end - 1; p++)
    if ((lds_http_classes[(unsigned char)*p] & LDS_HTTP_IS_HOST) == 0 && *p != ':')
      return false;
  return true;
}

bool
lds_http_is_host (LdsSpan text,
                  bool with_port)
{
  const char *p = text.data, *end = p + text.length, *host_end = end;

  /* Digits from the end on, up to a colon, are a port. */
  while (host_end > p && host_end[-1] >= '0' && host_end[-1] <= '9')
    host_end--;
  if (host_end > p && host_end[-1] == ':')
    {
      if (end - host_end > 5 || (with_port && host_end == end))
        return false;
      host_end--;
    }
  else if (with_port)
    return false;
  else
    host_end = end;
  return is_name (p, host_end) || is_bracketed (p, host_end);
}
