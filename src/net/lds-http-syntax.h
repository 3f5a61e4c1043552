/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parsers and writers of HTTP/1.1 in this folder share: characters, field lines, hosts. */
#pragma once

#include "lds-span.h"

#include <stdint.h>

/* Character classes, RFC 9110 sections 5.5 and 5.6.2, RFC 3986 sections 2 and 3.2.2. */
enum
{
  LDS_HTTP_IS_TOKEN = 1,
  LDS_HTTP_IS_TARGET = 2, /* visible ASCII but '#', which a request target cannot hold */
  LDS_HTTP_IS_VALUE = 4,  /* field-vchar, obs-text, space and tab */
  LDS_HTTP_IS_HOST = 8,   /* unreserved and sub-delims: of a registered name */
};

extern const uint8_t lds_http_classes[256];

/** Whether each of @length bytes is of @class, one of the above; true for no bytes. */
static inline bool
lds_http_all_of_class (const char *data,
                       size_t length,
                       uint8_t class)
{
  const unsigned char *p = (const unsigned char *)data, *end = p + length;
  uint8_t all = class;

  for (; end - p >= 4; p += 4)
    all &= lds_http_classes[p[0]] & lds_http_classes[p[1]] & lds_http_classes[p[2]] &
           lds_http_classes[p[3]];
  for (; p < end; p++)
    all &= lds_http_classes[*p];
  return all != 0;
}

/**
 * lds_http_split_field:
 * @line: (array length=length): a field line without its line ending
 * @colon: its first colon
 * @name: (out): what is before the colon, as it is
 * @value: (out): without white space around it
 */
static inline void
lds_http_split_field (const char *line,
                      size_t length,
                      const char *colon,
                      LdsSpan *name,
                      LdsSpan *value)
{
  const char *start = colon + 1, *end = line + length;

  while (start < end && (*start == ' ' || *start == '\t'))
    start++;
  while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  *name = (LdsSpan){line, (size_t)(colon - line)};
  *value = (LdsSpan){start, (size_t)(end - start)};
}

/**
 * lds_http_is_host:
 * @text: `host` or `host:port` (RFC 9110 section 7.2), without user information
 * @with_port: whether there must be a port, which is else left to @text
 *
 * Returns false, too, for an empty host with or without port; an empty @text is the caller's matter.
 */
bool lds_http_is_host (LdsSpan text, bool with_port);
