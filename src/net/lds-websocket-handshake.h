/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an HTTP/1.1 connection becomes a WebSocket: the server's side and the client's.
 *
 * Source of every rule: RFC 6455, section 4, December 2011, and RFC 9110, sections 7.8 and 15.5.22,
 * June 2022; accessed 2026-11-21. No subprotocol and no extension is ever chosen: an answer names
 * none, and an answer that names one is refused.
 */
#pragma once

#include "lds-http-request.h"

#define LDS_WEBSOCKET_NONCE_BYTES  16
#define LDS_WEBSOCKET_KEY_CHARS    24 /* of a nonce in base64 */
#define LDS_WEBSOCKET_ACCEPT_CHARS 28 /* of a SHA-1 digest in base64 */
/* Room for the head of the answer 101. */
#define LDS_WEBSOCKET_ANSWER_ROOM_BYTES 256
/* A server's answer that is longer than this is refused. */
#define LDS_WEBSOCKET_ANSWER_MAX_BYTES (16 * 1024)

typedef struct
{
  int status;                                  /* 101, or what to answer instead: 400 or 426 */
  const char *reason;                          /* unless 101: a static clause for a person */
  const char *extra_fields;                    /* (nullable): static; whole field lines that the answer has to have */
  char accept[LDS_WEBSOCKET_ACCEPT_CHARS + 1]; /* of 101: value of Sec-WebSocket-Accept */
} LdsWebsocketHandshake;

/**
 * lds_websocket_handshake_check:
 * @request: complete
 * @data: the buffer that its offsets refer to
 * @handshake: (out): what to answer
 *
 * Whether a request to a path where there is a WebSocket is a correct upgrade. 426 (Upgrade
 * Required), with the fields that RFC 9110 section 15.5.22 and RFC 6455 section 4.4 demand, when it
 * asks for none or for another version than 13; 400 when it asks for one in a wrong way: not with
 * GET, not in HTTP/1.1, with a body, with no key of 16 bytes, or with two keys or versions.
 *
 * Returns whether it is, that is whether the status is 101.
 */
bool lds_websocket_handshake_check (const LdsHttpRequest *request,
                                    const char *data,
                                    LdsWebsocketHandshake *handshake);

/**
 * lds_websocket_write_answer:
 * @to: room for LDS_WEBSOCKET_ANSWER_ROOM_BYTES
 * @accept: as the handshake has it
 *
 * Writes the whole answer 101 (Switching Protocols); frames may follow it directly.
 *
 * Returns its length in bytes.
 */
size_t lds_websocket_write_answer (char *to, const char accept[LDS_WEBSOCKET_ACCEPT_CHARS + 1]);

/**
 * lds_websocket_accept:
 * @key: (array length=LDS_WEBSOCKET_KEY_CHARS): value of Sec-WebSocket-Key
 * @accept: (out): value of Sec-WebSocket-Accept, ended by NUL
 */
void lds_websocket_accept (const char *key, char accept[LDS_WEBSOCKET_ACCEPT_CHARS + 1]);

/**
 * lds_websocket_key:
 * @nonce: chosen at random for each connection
 * @key: (out): value of Sec-WebSocket-Key, ended by NUL
 */
void lds_websocket_key (const uint8_t nonce[LDS_WEBSOCKET_NONCE_BYTES],
                        char key[LDS_WEBSOCKET_KEY_CHARS + 1]);

/**
 * lds_websocket_write_request:
 * @target: of the request, such as "/chat": visible ASCII
 * @host: value of Host: visible ASCII
 * @key: as lds_websocket_key() gave it
 *
 * Writes a client's whole request.
 *
 * Returns its length in bytes; 0, with @to in disorder, when it is @room or more.
 */
size_t lds_websocket_write_request (char *to,
                                    size_t room,
                                    const char *target,
                                    const char *host,
                                    const char key[LDS_WEBSOCKET_KEY_CHARS + 1]);

typedef enum
{
  LDS_WEBSOCKET_ANSWER_INCOMPLETE, /* receive more, call again */
  LDS_WEBSOCKET_ANSWER_ACCEPTED,
  LDS_WEBSOCKET_ANSWER_REFUSED, /* end the connection */
} LdsWebsocketAnswer;

/**
 * lds_websocket_read_answer:
 * @data: (array length=length): what the server has sent so far
 * @key: what was asked with
 * @head_bytes: (out): after ACCEPTED: where the first frame begins
 * @status: (out): after REFUSED: of the answer, 0 when it is not HTTP
 * @reason: (out): after REFUSED: a static clause for a person
 *
 * Looks at the whole of @data each time: for the one answer that a connection gets.
 */
LdsWebsocketAnswer lds_websocket_read_answer (const char *data,
                                              size_t length,
                                              const char key[LDS_WEBSOCKET_KEY_CHARS + 1],
                                              size_t *head_bytes,
                                              int *status,
                                              const char **reason);
