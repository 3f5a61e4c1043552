# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/1.1 with the standard library's request handler, and how code that blocks does what
workloads ask for: in place, one thing after the other."""

import errno
import http.server
import socket
import time
import traceback

from exchange import MAX_BODY_BYTES, Refusal, Request, whole_number
from workloads import answer

LINGER_S = 1
# After a shortage of these the listener, which stays readable, is left alone for so long.
SHORT_OF = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
ACCEPT_PAUSE_S = 0.1


def accept(listener):
    """Returns (connection, address), or (None, None) when there is none to be had: somebody else
    was faster, or the client has gone."""
    try:
        connection, address = listener.accept()
    except OSError as error:
        if error.errno in SHORT_OF:
            time.sleep(ACCEPT_PAUSE_S)
        return None, None
    connection.setblocking(True)
    return connection, address


class Operations:
    def __init__(self, store):
        self.store = store

    async def wait(self, ms):
        time.sleep(ms / 1000)

    async def call(self, function, *args):
        return function(*args)

    async def compute(self, function, *args):
        return function(*args)

    async def together(self, awaitables):
        for awaitable in awaitables:
            await awaitable

    def scores(self, hz):
        raise Refusal(501, 'in this model an open connection holds a thread or a process; ask a '
                           'model with an event loop')


def finish(coroutine):
    """Returns what `coroutine` does; it never waits, for all that it awaits is above."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError('a workload awaited something else than its operations')


def each(chunks):
    """Yields what an asynchronous iterator of such coroutines does."""
    while True:
        try:
            yield finish(chunks.__anext__())
        except StopAsyncIteration:
            return


class Handler(http.server.BaseHTTPRequestHandler):
    """A connection. Unlike its base it serves a request only when it is told to."""

    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True
    # Written to a buffer, so that head and body go out together.
    wbufsize = -1
    # Whose request line has no version is answered with a head all the same.
    default_request_version = 'HTTP/1.0'
    error_message_format = '{"error":"%(message)s"}'
    error_content_type = 'application/json'

    def __init__(self, request, client_address, server, operations):
        self.request = request
        self.client_address = client_address
        self.server = server
        self.operations = operations
        self.setup()

    def close(self):
        try:
            self.finish()
            self.request.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The client has gone.
        self.request.close()

    def __getattr__(self, name):
        # Every method: which of them a path knows is not for the base to say.
        if name.startswith('do_'):
            return self.serve
        raise AttributeError(name)

    def log_message(self, format, *args):
        pass

    def handle_expect_100(self):
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def serve(self):
        try:
            body = self.read_body()
        except Refusal as refusal:
            self.close_connection = True
            self.send(refusal.reply())
            self.linger()
            return
        fields = {name.lower(): value for name, value in self.headers.items()}
        try:
            reply = finish(answer(Request(self.command, self.path, fields, body), self.operations))
        except Exception:
            traceback.print_exc()
            reply = Refusal(500, 'the server failed: see what it says on standard error').reply()
        if self.server.closes():
            self.close_connection = True
        if reply.chunks is None:
            self.send(reply)
        else:
            self.send_chunks(reply)

    def read_body(self):
        length = self.headers.get('Content-Length', '0')
        if 'Transfer-Encoding' in self.headers:
            raise Refusal(501, 'no transfer coding is known here')
        if whole_number(length) is None:
            raise Refusal(400, 'Content-Length is not a number')
        if int(length) > MAX_BODY_BYTES:
            raise Refusal(413, 'the body is too large')
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError
        return body

    def send_head(self, reply):
        self.send_response(reply.status)
        if reply.content_type:
            self.send_header('Content-Type', reply.content_type)
        for name, value in reply.fields:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header('Connection', 'close')

    def send(self, reply):
        self.send_head(reply)
        if reply.status != 204:
            self.send_header('Content-Length', len(reply.body))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(reply.body)

    def send_chunks(self, reply):
        in_chunks = self.request_version != 'HTTP/1.0'
        self.close_connection = self.close_connection or not in_chunks
        self.send_head(reply)
        if in_chunks:
            self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        if self.command == 'HEAD':
            return
        for chunk in each(reply.chunks):
            self.wfile.write(b'%x\r\n%b\r\n' % (len(chunk), chunk) if in_chunks else chunk)
            self.wfile.flush()
        if in_chunks:
            self.wfile.write(b'0\r\n\r\n')

    def linger(self):
        """Reads on for a moment: closing with bytes unread would take the answer away."""
        self.wfile.flush()
        try:
            self.request.shutdown(socket.SHUT_WR)
            self.request.settimeout(LINGER_S)
            while self.request.recv(65536):
                pass
        except OSError:
            pass
