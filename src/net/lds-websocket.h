/* SPDX-License-Identifier: GPL-3.0-or-later */
/* WebSocket frames, read from a caller's buffer and written into one: with no allocation.
 *
 * The caller keeps the bytes of one connection in one buffer and calls lds_websocket_reader_next()
 * whenever more have come. Payloads are unmasked in place and the fragments of a message are joined
 * in place over the frame heads between them, so that a message is always one span. Offsets are
 * kept, never pointers: the buffer may move between calls.
 *
 * No extension is ever agreed on, so reserved bits are errors. Source of every rule: RFC 6455 (The
 * WebSocket Protocol), December 2011, sections 5 to 8; accessed 2026-11-21.
 *
 * A reader belongs to one thread at a time.
 */
#pragma once

#include "lds-span.h"
#include "lds-utf8.h"

#include <stdint.h>

/* Which end of the connection we are. A client masks what it sends, a server does not; each
 * refuses frames that are not as the other end has to send them. */
typedef enum
{
  LDS_WEBSOCKET_SERVER,
  LDS_WEBSOCKET_CLIENT,
} LdsWebsocketRole;

typedef enum
{
  LDS_WEBSOCKET_OPCODE_CONTINUATION = 0,
  LDS_WEBSOCKET_OPCODE_TEXT = 1,
  LDS_WEBSOCKET_OPCODE_BINARY = 2,
  LDS_WEBSOCKET_OPCODE_CLOSE = 8,
  LDS_WEBSOCKET_OPCODE_PING = 9,
  LDS_WEBSOCKET_OPCODE_PONG = 10,
} LdsWebsocketOpcode;

/* Close codes: RFC 6455 section 7.4.1. */
#define LDS_WEBSOCKET_CLOSE_NORMAL      1000
#define LDS_WEBSOCKET_CLOSE_GOING_AWAY  1001
#define LDS_WEBSOCKET_CLOSE_PROTOCOL    1002
#define LDS_WEBSOCKET_CLOSE_NO_CODE     1005 /* never sent: a close frame without a code */
#define LDS_WEBSOCKET_CLOSE_NOT_UTF8    1007
#define LDS_WEBSOCKET_CLOSE_TOO_LARGE   1009
#define LDS_WEBSOCKET_CLOSE_OUR_FAILURE 1011

#define LDS_WEBSOCKET_KEY_BYTES         4
#define LDS_WEBSOCKET_HEAD_MAX_BYTES    14
#define LDS_WEBSOCKET_CONTROL_MAX_BYTES 125 /* payload of ping, pong and close */
/* Room for any ping, pong or close frame, masked or not. */
#define LDS_WEBSOCKET_CONTROL_ROOM_BYTES \
  (2 + LDS_WEBSOCKET_KEY_BYTES + LDS_WEBSOCKET_CONTROL_MAX_BYTES)

typedef enum
{
  LDS_WEBSOCKET_INCOMPLETE, /* receive more, call again */
  LDS_WEBSOCKET_MESSAGE,    /* text or binary, whole */
  LDS_WEBSOCKET_PING,       /* answer with a pong of the same payload */
  LDS_WEBSOCKET_PONG,
  LDS_WEBSOCKET_CLOSE, /* answer with close_code unless we closed first, then end the connection */
  LDS_WEBSOCKET_ERROR, /* send a close frame with close_code, then end the connection */
} LdsWebsocketEvent;

typedef struct
{
  /* Valid after MESSAGE, PING, PONG and CLOSE, until the next call. In bytes. */
  uint32_t payload_offset; /* into the data; see lds_websocket_reader_payload() */
  uint32_t payload_bytes;  /* of CLOSE: the other end's words, its code left out */
  uint32_t total_bytes;    /* drop so many from the front of the data before the next call */
  bool text;               /* of MESSAGE: UTF-8 text, else binary */

  /* Valid after CLOSE and ERROR. */
  uint16_t close_code; /* after CLOSE LDS_WEBSOCKET_CLOSE_NO_CODE where there was none */
  const char *reason;  /* after ERROR: a static clause for a person, ASCII, at most 123 bytes */

  /* Private. */
  uint32_t _max_message_bytes;
  uint32_t _message_offset;              /* where the payload of the message begins */
  uint32_t _message_end;                 /* behind its joined part */
  uint32_t _read_offset;                 /* what comes next; what lies between the two is waste */
  uint32_t _frame_left;                  /* bytes of the frame's payload still to come */
  uint8_t _key[LDS_WEBSOCKET_KEY_BYTES]; /* turned so that the next byte takes the first of it */
  uint8_t _role;
  uint8_t _state;
  uint8_t _opcode;  /* of the frame */
  uint8_t _message; /* opcode of the message that has begun, 0 when none has */
  bool _final;      /* the frame is the last one of its message */
  LdsUtf8 _utf8;
} LdsWebsocketReader;

/**
 * lds_websocket_reader_init:
 * @max_message_bytes: 1 to 2^30; a larger message is refused with 1009 as soon as a frame head
 *   announces it. What an unfinished message makes the caller keep is this, a frame head, a control
 *   frame and what was received last
 *
 * Makes @self ready for the first byte behind the handshake.
 */
void lds_websocket_reader_init (LdsWebsocketReader *self,
                                LdsWebsocketRole role,
                                uint32_t max_message_bytes);

/**
 * lds_websocket_reader_next:
 * @data: (array length=length) (inout): what was received, without what earlier events said to
 *   drop. Changed in place: unmasked and joined
 * @length: (inout): its number of bytes, at most 2^31. Shrinks on INCOMPLETE when frame heads were
 *   joined over; on every other event it is unchanged
 *
 * To be called until it returns INCOMPLETE, CLOSE or ERROR, dropping total_bytes after each other
 * event. That is 0 for a control frame between the fragments of a message, whose bytes are still
 * needed: then only append.
 *
 * Refuses with 1002: reserved bits and opcodes; a client's frame without mask, a server's with one;
 * lengths not in their shortest form; control frames that are fragmented or carry more than 125
 * bytes; a continuation of nothing; a new message inside another; a close payload of one byte; a
 * close code other than 1000 to 1003, 1007 to 1011 and 3000 to 4999. With 1007 text, or words of a
 * close frame, that are not UTF-8, at the first byte that shows it. With 1009 too large a message.
 *
 * Linear in the bytes received in all. When @length has come down to 0, the buffer may be freed: the
 * reader keeps what it needs. After CLOSE and ERROR every further call gives the same and reads nothing.
 */
LdsWebsocketEvent lds_websocket_reader_next (LdsWebsocketReader *self,
                                             char *data,
                                             size_t *length);

/** The payload after MESSAGE, PING, PONG and CLOSE. @data is the buffer as it is now. */
LdsSpan lds_websocket_reader_payload (const LdsWebsocketReader *self, const char *data);

/**
 * lds_websocket_mask:
 * @data: (array length=length) (inout): masked, or unmasked, in place
 * @offset: of @data in its frame's payload
 *
 * RFC 6455 section 5.3. Thirty-two bytes at a time; @data needs no alignment.
 */
void lds_websocket_mask (char *data,
                         size_t length,
                         const uint8_t key[LDS_WEBSOCKET_KEY_BYTES],
                         size_t offset);

/**
 * lds_websocket_write_head:
 * @to: room for LDS_WEBSOCKET_HEAD_MAX_BYTES
 * @final: false when more frames of the same message follow
 * @payload_bytes: at most 2^63 - 1
 * @key: (nullable): a client's, new and unforeseeable for every frame (RFC 6455 section 10.3); the
 *   payload must then be masked with it. %NULL for a server's frame
 *
 * Returns the length of the head in bytes, 2 to 14.
 */
size_t lds_websocket_write_head (char *to,
                                 LdsWebsocketOpcode opcode,
                                 bool final,
                                 uint64_t payload_bytes,
                                 const uint8_t *key);

/**
 * lds_websocket_write_head_before:
 * @payload: where the payload is; not read
 * @room: bytes before @payload that may be overwritten
 *
 * Writes the head of a frame so that it ends right before @payload; the rest as for
 * lds_websocket_write_head().
 *
 * Returns its length, that is the frame begins at @payload minus it; 0, with nothing written, when
 * @room is too small. LDS_WEBSOCKET_HEAD_MAX_BYTES is always enough.
 */
size_t lds_websocket_write_head_before (char *payload,
                                        size_t room,
                                        LdsWebsocketOpcode opcode,
                                        bool final,
                                        uint64_t payload_bytes,
                                        const uint8_t *key);

/**
 * lds_websocket_write_control:
 * @to: room for LDS_WEBSOCKET_CONTROL_ROOM_BYTES, not within @payload
 * @opcode: PING or PONG
 * @payload: (nullable): at most LDS_WEBSOCKET_CONTROL_MAX_BYTES; what is beyond is left off
 * @key: (nullable): as for lds_websocket_write_head(); the payload is masked here
 *
 * Returns the length of the whole frame in bytes.
 */
size_t lds_websocket_write_control (char *to,
                                    LdsWebsocketOpcode opcode,
                                    LdsSpan payload,
                                    const uint8_t *key);

/**
 * lds_websocket_write_close:
 * @to: room for LDS_WEBSOCKET_CONTROL_ROOM_BYTES
 * @code: LDS_WEBSOCKET_CLOSE_NO_CODE writes a close frame without a payload
 * @reason: (nullable): ASCII; what is beyond 123 bytes is left off
 * @key: (nullable): as for lds_websocket_write_head(); the payload is masked here
 *
 * Returns the length of the whole frame in bytes.
 */
size_t lds_websocket_write_close (char *to, uint16_t code, const char *reason, const uint8_t *key);
