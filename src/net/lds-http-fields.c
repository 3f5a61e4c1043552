/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields between neighbours, and fields from end to end. */
#include "lds-http-fields.h"

#include <strings.h>

static const char *const neighbours[] = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
};

bool
lds_http_connection_fields_add (LdsHttpConnectionFields *self,
                                LdsSpan value)
{
  if (self->n_values == LDS_HTTP_CONNECTION_FIELDS_MAX)
    return false;
  self->values[self->n_values++] = value;
  return true;
}

static bool
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* Whether @name is an element of the comma-separated @list. */
static bool
has_element (LdsSpan list,
             LdsSpan name)
{
  const char *from = list.data, *end = list.data + list.length;

  while (from < end)
    {
      const char *comma = memchr (from, ',', (size_t)(end - from));
      const char *next = comma != NULL ? comma + 1 : end, *to = comma != NULL ? comma : end;

      while (from < to && is_blank (*from))
        from++;
      while (to > from && is_blank (to[-1]))
        to--;
      if ((size_t)(to - from) == name.length && strncasecmp (from, name.data, name.length) == 0)
        return true;
      from = next;
    }
  return false;
}

bool
lds_http_is_hop_by_hop (const LdsHttpConnectionFields *self,
                        LdsSpan name)
{
  for (size_t i = 0; i < sizeof neighbours / sizeof *neighbours; i++)
    if (lds_span_equal_ignoring_case (name, neighbours[i]))
      return true;
  for (unsigned i = 0; i < self->n_values; i++)
    if (has_element (self->values[i], name))
      return true;
  return false;
}
