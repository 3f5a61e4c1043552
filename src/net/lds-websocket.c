/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket frames. */
#include "lds-websocket.h"

enum
{
  STATE_HEAD,
  STATE_PAYLOAD, /* of a text or binary message: taken as it comes */
  STATE_CONTROL, /* taken when it is whole */
  STATE_CLOSED,
  STATE_ERROR,
};

#define FINAL_BIT      0x80
#define RESERVED_BITS  0x70
#define OPCODE_BITS    0x0f
#define CONTROL_BIT    0x08
#define MASK_BIT       0x80
#define LENGTH_BITS    0x7f
#define LENGTH_IN_2    126
#define LENGTH_IN_8    127
#define CLOSE_CODE_MAX 4999

static LdsWebsocketEvent
fail (LdsWebsocketReader *self,
      uint16_t close_code,
      const char *reason)
{
  self->_state = STATE_ERROR;
  self->close_code = close_code;
  self->reason = reason;
  self->payload_offset = self->payload_bytes = self->total_bytes = 0;
  return LDS_WEBSOCKET_ERROR;
}

static LdsWebsocketEvent
fail_protocol (LdsWebsocketReader *self,
               const char *reason)
{
  return fail (self, LDS_WEBSOCKET_CLOSE_PROTOCOL, reason);
}

void
lds_websocket_reader_init (LdsWebsocketReader *self,
                           LdsWebsocketRole role,
                           uint32_t max_message_bytes)
{
  *self = (LdsWebsocketReader){._role = (uint8_t)role, ._max_message_bytes = max_message_bytes};
}

void
lds_websocket_mask (char *data,
                    size_t length,
                    const uint8_t key[LDS_WEBSOCKET_KEY_BYTES],
                    size_t offset)
{
  /* As vectors of the size that every 64-bit machine has; the same key in each four bytes. */
  typedef uint32_t Vector __attribute__ ((vector_size (16)));
  uint8_t turned[2 * LDS_WEBSOCKET_KEY_BYTES];
  uint32_t word, key_word;
  Vector key_vector, low, high;

  memcpy (turned, key, LDS_WEBSOCKET_KEY_BYTES);
  memcpy (turned + LDS_WEBSOCKET_KEY_BYTES, key, LDS_WEBSOCKET_KEY_BYTES);
  memcpy (&key_word, turned + offset % LDS_WEBSOCKET_KEY_BYTES, sizeof key_word);
  key_vector = (Vector){key_word, key_word, key_word, key_word};
  for (; length >= 2 * sizeof low; length -= 2 * sizeof low, data += 2 * sizeof low)
    {
      memcpy (&low, data, sizeof low);
      memcpy (&high, data + sizeof low, sizeof high);
      low ^= key_vector;
      high ^= key_vector;
      memcpy (data, &low, sizeof low);
      memcpy (data + sizeof low, &high, sizeof high);
    }
  if (length >= sizeof low)
    {
      memcpy (&low, data, sizeof low);
      low ^= key_vector;
      memcpy (data, &low, sizeof low);
      length -= sizeof low;
      data += sizeof low;
    }
  for (; length >= sizeof word; length -= sizeof word, data += sizeof word)
    {
      memcpy (&word, data, sizeof word);
      word ^= key_word;
      memcpy (data, &word, sizeof word);
    }
  for (size_t i = 0; i < length; i++)
    data[i] = (char)((uint8_t)data[i] ^ turned[offset % LDS_WEBSOCKET_KEY_BYTES + i]);
}

/* The first byte of a head. Returns INCOMPLETE when it is right. */
static LdsWebsocketEvent
check_opcode (LdsWebsocketReader *self,
              uint8_t byte)
{
  uint8_t opcode = byte & OPCODE_BITS;

  if ((byte & RESERVED_BITS) != 0)
    return fail_protocol (self, "a reserved bit is set, but no extension was agreed on");
  switch (opcode)
    {
    case LDS_WEBSOCKET_OPCODE_CONTINUATION:
      if (self->_message == 0)
        return fail_protocol (self, "a continuation frame continues nothing");
      return LDS_WEBSOCKET_INCOMPLETE;
    case LDS_WEBSOCKET_OPCODE_TEXT:
    case LDS_WEBSOCKET_OPCODE_BINARY:
      if (self->_message != 0)
        return fail_protocol (self, "a message begins before the last fragment of another");
      return LDS_WEBSOCKET_INCOMPLETE;
    case LDS_WEBSOCKET_OPCODE_CLOSE:
    case LDS_WEBSOCKET_OPCODE_PING:
    case LDS_WEBSOCKET_OPCODE_PONG:
      if ((byte & FINAL_BIT) == 0)
        return fail_protocol (self, "a control frame is fragmented");
      return LDS_WEBSOCKET_INCOMPLETE;
    default:
      return fail_protocol (self, "a frame has a reserved opcode");
    }
}

/* Checked byte by byte in their order, so that the same is found however the head was cut up; what
 * is incomplete is at most 13 bytes and read again. Returns INCOMPLETE, too, when it was whole: then
 * the state is another. */
static LdsWebsocketEvent
read_head (LdsWebsocketReader *self,
           const char *data,
           size_t length)
{
  const uint8_t *head = (const uint8_t *)data + self->_read_offset;
  size_t available = length - self->_read_offset, head_bytes = 2;
  bool is_masked = self->_role == LDS_WEBSOCKET_SERVER;
  uint64_t payload_bytes;

  if (available < 1)
    return LDS_WEBSOCKET_INCOMPLETE;
  if (check_opcode (self, head[0]) == LDS_WEBSOCKET_ERROR)
    return LDS_WEBSOCKET_ERROR;
  if (available < 2)
    return LDS_WEBSOCKET_INCOMPLETE;
  if (((head[1] & MASK_BIT) != 0) != is_masked)
    return fail_protocol (self, is_masked ? "a frame of a client is not masked"
                                          : "a frame of a server is masked");

  payload_bytes = head[1] & LENGTH_BITS;
  if ((head[0] & CONTROL_BIT) != 0 && payload_bytes > LDS_WEBSOCKET_CONTROL_MAX_BYTES)
    return fail_protocol (self, "a control frame carries more than 125 bytes");
  if (payload_bytes >= LENGTH_IN_2)
    {
      bool is_long = payload_bytes == LENGTH_IN_8;
      size_t length_bytes = is_long ? 8 : 2;

      if (available < head_bytes + length_bytes)
        return LDS_WEBSOCKET_INCOMPLETE;
      payload_bytes = 0;
      for (size_t i = 0; i < length_bytes; i++)
        payload_bytes = payload_bytes << 8 | head[head_bytes + i];
      if (payload_bytes < (is_long ? UINT64_C (1) << 16 : LENGTH_IN_2) || payload_bytes >> 63 != 0)
        return fail_protocol (self, "the length of a frame is not in its shortest form");
      head_bytes += length_bytes;
    }
  if ((head[0] & CONTROL_BIT) == 0 &&
      payload_bytes > self->_max_message_bytes - (self->_message_end - self->_message_offset))
    return fail (self, LDS_WEBSOCKET_CLOSE_TOO_LARGE, "the message is too large");

  if (is_masked)
    {
      if (available < head_bytes + LDS_WEBSOCKET_KEY_BYTES)
        return LDS_WEBSOCKET_INCOMPLETE;
      memcpy (self->_key, head + head_bytes, LDS_WEBSOCKET_KEY_BYTES);
      head_bytes += LDS_WEBSOCKET_KEY_BYTES;
    }
  self->_opcode = head[0] & OPCODE_BITS;
  self->_frame_left = (uint32_t)payload_bytes;
  self->_read_offset += (uint32_t)head_bytes;
  if ((head[0] & CONTROL_BIT) != 0)
    {
      self->_state = STATE_CONTROL;
      return LDS_WEBSOCKET_INCOMPLETE;
    }
  self->_state = STATE_PAYLOAD;
  self->_final = (head[0] & FINAL_BIT) != 0;
  if (self->_opcode != LDS_WEBSOCKET_OPCODE_CONTINUATION)
    {
      self->_message = self->_opcode;
      /* _utf8 stands at the end of a character: the last text did not end elsewhere. */
      self->_message_offset = self->_message_end = self->_read_offset;
    }
  return LDS_WEBSOCKET_INCOMPLETE;
}

/* Gives out @payload_bytes at @payload_offset, and everything up to _read_offset with it unless a
 * message that has begun still needs it. */
static LdsWebsocketEvent
report (LdsWebsocketReader *self,
        LdsWebsocketEvent event,
        uint32_t payload_offset,
        uint32_t payload_bytes)
{
  self->payload_offset = payload_offset;
  self->payload_bytes = payload_bytes;
  self->total_bytes = 0;
  if (self->_message == 0)
    {
      self->total_bytes = self->_read_offset;
      self->_read_offset = self->_message_offset = self->_message_end = 0;
    }
  return event;
}

/* Unmasks and joins what there is of the frame's payload. */
static LdsWebsocketEvent
take_payload (LdsWebsocketReader *self,
              char *data,
              size_t length)
{
  size_t available = length - self->_read_offset;
  uint32_t n = available < self->_frame_left ? (uint32_t)available : self->_frame_left;
  char *from = data + self->_read_offset, *to = data + self->_message_end;

  if (self->_role == LDS_WEBSOCKET_SERVER)
    lds_websocket_mask (from, n, self->_key, 0);
  if (self->_message == LDS_WEBSOCKET_OPCODE_TEXT && !lds_utf8_check (&self->_utf8, from, n))
    return fail (self, LDS_WEBSOCKET_CLOSE_NOT_UTF8, "a text message is not UTF-8");
  if (from != to)
    memmove (to, from, n);
  self->_message_end += n;
  self->_read_offset += n;
  self->_frame_left -= n;
  if (self->_frame_left > 0)
    {
      uint8_t key[2 * LDS_WEBSOCKET_KEY_BYTES];

      memcpy (key, self->_key, LDS_WEBSOCKET_KEY_BYTES);
      memcpy (key + LDS_WEBSOCKET_KEY_BYTES, self->_key, LDS_WEBSOCKET_KEY_BYTES);
      memcpy (self->_key, key + n % LDS_WEBSOCKET_KEY_BYTES, LDS_WEBSOCKET_KEY_BYTES);
      return LDS_WEBSOCKET_INCOMPLETE;
    }
  self->_state = STATE_HEAD;
  if (!self->_final)
    return LDS_WEBSOCKET_INCOMPLETE;
  if (self->_message == LDS_WEBSOCKET_OPCODE_TEXT && !lds_utf8_is_whole (&self->_utf8))
    return fail (self, LDS_WEBSOCKET_CLOSE_NOT_UTF8, "a text message is not UTF-8");
  self->text = self->_message == LDS_WEBSOCKET_OPCODE_TEXT;
  self->_message = 0;
  return report (self, LDS_WEBSOCKET_MESSAGE, self->_message_offset,
                 self->_message_end - self->_message_offset);
}

/* Source: RFC 6455 section 7.4.2, and the registry's 1007 to 1011; accessed 2026-11-21. */
static bool
is_close_code (unsigned code)
{
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1011) ||
         (code >= 3000 && code <= CLOSE_CODE_MAX);
}

static LdsWebsocketEvent
take_close (LdsWebsocketReader *self,
            const char *payload,
            uint32_t payload_offset,
            uint32_t payload_bytes)
{
  LdsUtf8 utf8 = {0};

  self->close_code = LDS_WEBSOCKET_CLOSE_NO_CODE;
  if (payload_bytes == 1)
    return fail_protocol (self, "a close frame carries one byte");
  if (payload_bytes >= 2)
    {
      unsigned code = (unsigned)(uint8_t)payload[0] << 8 | (uint8_t)payload[1];

      if (!is_close_code (code))
        return fail_protocol (self, "a close frame has a code that may not be sent");
      if (!lds_utf8_check (&utf8, payload + 2, payload_bytes - 2) || !lds_utf8_is_whole (&utf8))
        return fail (self, LDS_WEBSOCKET_CLOSE_NOT_UTF8, "the words of a close frame are not UTF-8");
      self->close_code = (uint16_t)code;
      payload_offset += 2;
      payload_bytes -= 2;
    }
  self->_state = STATE_CLOSED;
  self->_message = 0;
  return report (self, LDS_WEBSOCKET_CLOSE, payload_offset, payload_bytes);
}

static LdsWebsocketEvent
take_control (LdsWebsocketReader *self,
              char *data,
              size_t length)
{
  uint32_t offset = self->_read_offset, n = self->_frame_left;

  if (length - offset < n)
    return LDS_WEBSOCKET_INCOMPLETE;
  if (self->_role == LDS_WEBSOCKET_SERVER)
    lds_websocket_mask (data + offset, n, self->_key, 0);
  self->_read_offset += n;
  self->_frame_left = 0;
  self->_state = STATE_HEAD;
  if (self->_opcode == LDS_WEBSOCKET_OPCODE_CLOSE)
    return take_close (self, data + offset, offset, n);
  return report (
      self, self->_opcode == LDS_WEBSOCKET_OPCODE_PING ? LDS_WEBSOCKET_PING : LDS_WEBSOCKET_PONG,
      offset, n);
}

/* Moves what has not been read to the end of what was joined: once a call, and it is never more
 * than a piece of a head or of a control frame. */
static void
drop_waste (LdsWebsocketReader *self,
            char *data,
            size_t *length)
{
  size_t waste = self->_read_offset - self->_message_end;

  if (waste == 0)
    return;
  memmove (data + self->_message_end, data + self->_read_offset, *length - self->_read_offset);
  self->_read_offset = self->_message_end;
  *length -= waste;
}

LdsWebsocketEvent
lds_websocket_reader_next (LdsWebsocketReader *self,
                           char *data,
                           size_t *length)
{
  for (;;)
    {
      LdsWebsocketEvent event;
      uint8_t state = self->_state;

      switch (state)
        {
        case STATE_HEAD:
          event = read_head (self, data, *length);
          break;
        case STATE_PAYLOAD:
          event = take_payload (self, data, *length);
          break;
        case STATE_CONTROL:
          event = take_control (self, data, *length);
          break;
        case STATE_CLOSED:
          return LDS_WEBSOCKET_CLOSE;
        default:
          return LDS_WEBSOCKET_ERROR;
        }
      if (event != LDS_WEBSOCKET_INCOMPLETE)
        return event;
      if (self->_state == state)
        {
          drop_waste (self, data, length);
          return LDS_WEBSOCKET_INCOMPLETE;
        }
    }
}

LdsSpan
lds_websocket_reader_payload (const LdsWebsocketReader *self,
                              const char *data)
{
  return (LdsSpan){data + self->payload_offset, self->payload_bytes};
}

size_t
lds_websocket_write_head (char *to,
                          LdsWebsocketOpcode opcode,
                          bool final,
                          uint64_t payload_bytes,
                          const uint8_t *key)
{
  uint8_t *head = (uint8_t *)to;
  size_t n = 2, length_bytes = 0;

  head[0] = (uint8_t)((final ? FINAL_BIT : 0) | (unsigned)opcode);
  if (payload_bytes < LENGTH_IN_2)
    head[1] = (uint8_t)payload_bytes;
  else if (payload_bytes < UINT64_C (1) << 16)
    {
      head[1] = LENGTH_IN_2;
      length_bytes = 2;
    }
  else
    {
      head[1] = LENGTH_IN_8;
      length_bytes = 8;
    }
  while (length_bytes > 0)
    head[n++] = (uint8_t)(payload_bytes >> (8 * --length_bytes));
  if (key != NULL)
    {
      head[1] |= MASK_BIT;
      memcpy (head + n, key, LDS_WEBSOCKET_KEY_BYTES);
      n += LDS_WEBSOCKET_KEY_BYTES;
    }
  return n;
}

size_t
lds_websocket_write_head_before (char *payload,
                                 size_t room,
                                 LdsWebsocketOpcode opcode,
                                 bool final,
                                 uint64_t payload_bytes,
                                 const uint8_t *key)
{
  char head[LDS_WEBSOCKET_HEAD_MAX_BYTES];
  size_t n = lds_websocket_write_head (head, opcode, final, payload_bytes, key);

  if (n > room)
    return 0;
  memcpy (payload - n, head, n);
  return n;
}

size_t
lds_websocket_write_control (char *to,
                             LdsWebsocketOpcode opcode,
                             LdsSpan payload,
                             const uint8_t *key)
{
  size_t n, length = payload.length;

  if (length > LDS_WEBSOCKET_CONTROL_MAX_BYTES)
    length = LDS_WEBSOCKET_CONTROL_MAX_BYTES;
  n = lds_websocket_write_head (to, opcode, true, length, key);
  if (length > 0)
    memcpy (to + n, payload.data, length);
  if (key != NULL)
    lds_websocket_mask (to + n, length, key, 0);
  return n + length;
}

size_t
lds_websocket_write_close (char *to,
                           uint16_t code,
                           const char *reason,
                           const uint8_t *key)
{
  char payload[LDS_WEBSOCKET_CONTROL_MAX_BYTES];
  size_t length = 0;

  if (code != LDS_WEBSOCKET_CLOSE_NO_CODE)
    {
      payload[0] = (char)(uint8_t)(code >> 8);
      payload[1] = (char)(uint8_t)code;
      length = 2;
      if (reason != NULL)
        {
          size_t n = strnlen (reason, sizeof payload - length);

          memcpy (payload + length, reason, n);
          length += n;
        }
    }
  return lds_websocket_write_control (to, LDS_WEBSOCKET_OPCODE_CLOSE, (LdsSpan){payload, length},
                                      key);
}
