# SPDX-License-Identifier: GPL-3.0-or-later
"""A WebSocket client of a few lines, which can also do what no client may."""

import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

HANDSHAKE = (b'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
             b'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')


def frame(opcode, payload=b'', final=True, key=b'\x01\x82\x33\xf4', first=None, length=None):
    """A client's frame. @key None leaves it unmasked; @first and @length put wrong bytes into its head."""
    size = len(payload)
    head = bytes([(0x80 if final else 0) | opcode if first is None else first])
    mask = 0x80 if key else 0
    if length is not None:
        head += bytes([mask | length[0]]) + length[1]
    elif size < 126:
        head += bytes([mask | size])
    elif size < 65536:
        head += bytes([mask | 126]) + struct.pack('>H', size)
    else:
        head += bytes([mask | 127]) + struct.pack('>Q', size)
    if not key:
        return head + payload
    pad = (key * (size // 4 + 1))[:size]
    masked = (int.from_bytes(payload, 'big') ^ int.from_bytes(pad, 'big')).to_bytes(size, 'big')
    return head + key + masked


class WebSocket:
    """A connection to @path of @server, opened; a context that closes its socket."""

    def __init__(self, server, path, early=b''):
        self.socket = server.send(HANDSHAKE % path.encode() + early)
        self.file = self.socket.makefile('rb')
        head = b''
        while not head.endswith(b'\r\n\r\n'):
            line = self.file.readline()
            assert line, head
            head += line
        assert head.startswith(b'HTTP/1.1 101 '), head
        assert b'\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n' in head, head

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.file.close()
        self.socket.close()

    def send(self, *frames):
        self.socket.sendall(b''.join(frames))

    def receive(self):
        """Returns the next frame: its opcode and payload; None at the end of the connection."""
        head = self.file.read(2)
        if not head:
            return None
        assert head[0] & 0x70 == 0 and head[1] < 128, 'a server sends no reserved bit and no mask'
        assert head[0] & 0x80, 'no frame of this server is a fragment'
        size = head[1]
        if size == 126:
            size = struct.unpack('>H', self.file.read(2))[0]
            assert size >= 126
        elif size == 127:
            size = struct.unpack('>Q', self.file.read(8))[0]
            assert size >= 65536
        payload = self.file.read(size)
        assert len(payload) == size, 'the connection ended within a frame'
        return head[0] & 15, payload

    def expect_close(self, code):
        """The next frame is a close frame with @code, and behind it the connection ends."""
        opcode, payload = self.receive()
        assert opcode == CLOSE, (opcode, payload[:80])
        assert (struct.unpack('>H', payload[:2])[0] if payload else None) == code, payload
        if code not in (None, 1000, 3000, 4999):
            assert payload[2:], 'no words for people'
        assert self.receive() is None
