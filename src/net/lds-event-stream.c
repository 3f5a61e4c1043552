/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Server-sent events. */
#include "lds-event-stream.h"

#include <stdlib.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

void
lds_event_stream_init (LdsEventStream *self,
                       size_t max_bytes)
{
  *self = (LdsEventStream){._max_bytes = max_bytes};
}

void
lds_event_stream_clear (LdsEventStream *self)
{
  free (self->_buffer);
  lds_event_stream_init (self, self->_max_bytes);
}

/* Puts @bytes behind what the buffer holds. */
static bool
collect (LdsEventStream *self,
         LdsSpan bytes,
         size_t *count)
{
  size_t held = self->_data_bytes + self->_line_bytes, room = self->_room > 0 ? self->_room : 256;

  if (bytes.length > self->_max_bytes || *count > self->_max_bytes - bytes.length)
    return false;
  while (room < held + bytes.length)
    room *= 2;
  if (room > self->_room)
    {
      char *bigger = realloc (self->_buffer, room);

      if (bigger == NULL)
        return false;
      self->_buffer = bigger;
      self->_room = room;
    }
  if (bytes.length > 0)
    memcpy (self->_buffer + held, bytes.data, bytes.length);
  *count += bytes.length;
  return true;
}

/* What was found in the piece goes into the buffer: the piece ends, or there is more of it. */
static bool
keep_found (LdsEventStream *self)
{
  if (!self->_was_found)
    return true;
  self->_was_found = false;
  return collect (self, self->_found, &self->_data_bytes);
}

/* @value: within the piece, or within the buffer behind the data */
static bool
add_data (LdsEventStream *self,
          LdsSpan value,
          bool is_collected)
{
  bool is_first = !self->_has_data;

  self->_has_data = true;
  if (is_collected)
    {
      /* “data” stood before the value: there is room for a line feed. */
      if (!is_first)
        self->_buffer[self->_data_bytes++] = '\n';
      memmove (self->_buffer + self->_data_bytes, value.data, value.length);
      self->_data_bytes += value.length;
      return self->_data_bytes <= self->_max_bytes;
    }
  if (is_first)
    {
      self->_found = value;
      self->_was_found = true;
      return value.length <= self->_max_bytes;
    }
  return keep_found (self) && collect (self, (LdsSpan){"\n", 1}, &self->_data_bytes) &&
         collect (self, value, &self->_data_bytes);
}

/* Takes a line without its end. Returns false when there is too much. */
static bool
take_line (LdsEventStream *self,
           LdsSpan line,
           bool is_collected)
{
  const size_t n = strlen ("data");
  LdsSpan value = {line.data + line.length, 0};

  if (line.length < n || memcmp (line.data, "data", n) != 0 || (line.length > n && line.data[n] != ':'))
    return true;
  if (line.length > n)
    value = (LdsSpan){line.data + n + 1, line.length - n - 1};
  if (value.length > 0 && *value.data == ' ')
    value = (LdsSpan){value.data + 1, value.length - 1};
  return add_data (self, value, is_collected);
}

/* Finds the end of the line that begins at @line. */
static const char *
find_end (LdsSpan line)
{
  const char *feed = memchr (line.data, '\n', line.length);
  const char *carriage_return =
      memchr (line.data, '\r', feed != NULL ? (size_t)(feed - line.data) : line.length);

  return carriage_return != NULL ? carriage_return : feed;
}

static LdsEventStreamEvent
end_line (LdsEventStream *self,
          LdsSpan line)
{
  bool is_collected = self->_line_bytes > 0;
  bool is_good;

  if (is_collected)
    {
      if (!collect (self, line, &self->_line_bytes))
        return LDS_EVENT_STREAM_TOO_LARGE;
      line = (LdsSpan){self->_buffer + self->_data_bytes, self->_line_bytes};
    }
  if (!self->_has_begun && line.length >= strlen (BYTE_ORDER_MARK) &&
      memcmp (line.data, BYTE_ORDER_MARK, strlen (BYTE_ORDER_MARK)) == 0)
    line = (LdsSpan){line.data + strlen (BYTE_ORDER_MARK), line.length - strlen (BYTE_ORDER_MARK)};
  self->_has_begun = true;
  if (line.length == 0)
    {
      self->_line_bytes = 0;
      if (!self->_has_data)
        return LDS_EVENT_STREAM_MORE;
      self->data = self->_was_found ? self->_found : (LdsSpan){self->_buffer, self->_data_bytes};
      self->_was_given = true;
      return LDS_EVENT_STREAM_EVENT;
    }
  is_good = take_line (self, line, is_collected);
  self->_line_bytes = 0;
  return is_good ? LDS_EVENT_STREAM_MORE : LDS_EVENT_STREAM_TOO_LARGE;
}

/* Everything of the piece has been looked at but @rest, the beginning of a line. */
static bool
end_piece (LdsEventStream *self,
           LdsSpan rest)
{
  if (keep_found (self) && (rest.length == 0 || collect (self, rest, &self->_line_bytes)))
    return true;
  self->_is_broken = true;
  return false;
}

LdsEventStreamEvent
lds_event_stream_next (LdsEventStream *self,
                       const char *data,
                       size_t size,
                       size_t *at)
{
  if (self->_was_given)
    {
      self->_was_given = self->_was_found = self->_has_data = false;
      self->_data_bytes = 0;
    }
  while (*at < size && !self->_is_broken)
    {
      LdsSpan line = {data + *at, size - *at};
      const char *end;
      LdsEventStreamEvent event;

      if (self->_after_return && *line.data == '\n')
        {
          self->_after_return = false;
          (*at)++;
          continue;
        }
      self->_after_return = false;
      end = find_end (line);
      if (end == NULL)
        {
          *at = size;
          return end_piece (self, line) ? LDS_EVENT_STREAM_MORE : LDS_EVENT_STREAM_TOO_LARGE;
        }
      line.length = (size_t)(end - line.data);
      self->_after_return = *end == '\r';
      *at += line.length + 1;
      event = end_line (self, line);
      self->_is_broken = event == LDS_EVENT_STREAM_TOO_LARGE;
      if (event == LDS_EVENT_STREAM_EVENT)
        return event;
    }
  if (self->_is_broken)
    return LDS_EVENT_STREAM_TOO_LARGE;
  return end_piece (self, (LdsSpan){data, 0}) ? LDS_EVENT_STREAM_MORE : LDS_EVENT_STREAM_TOO_LARGE;
}
