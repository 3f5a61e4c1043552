# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP/1.1 on asyncio's streams."""

import asyncio
import concurrent.futures
import email.utils
import functools
import http.client
import re
import time
import traceback

import lifetime
from exchange import MAX_BODY_BYTES, Refusal, Request, whole_number
from loop_operations import THREADS
from workloads import answer

LINGER_S = 1
# But a tab, and the ends of lines.
CONTROL = re.compile(rb'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n')
CHUNK_SIZE = re.compile(rb'[0-9a-fA-F]{1,8}')


@functools.lru_cache(maxsize=1)
def http_date(second):
    return email.utils.formatdate(second, usegmt=True)


def head_of(status, fields):
    lines = [f'HTTP/1.1 {status} {http.client.responses[status]}',
             *(f'{name}: {value}' for name, value in fields),
             f'Date: {http_date(int(time.time()))}', '', '']
    return '\r\n'.join(lines).encode('latin-1')


def parse_head(head):
    """Returns (method, target, version, fields)."""
    if CONTROL.search(head):
        raise Refusal(400, 'the head has a control character')
    first, *lines = head.decode('latin-1').strip('\r\n').split('\r\n')
    try:
        method, target, version = first.split(' ')
    except ValueError:
        raise Refusal(400, 'the request line is not a method, a target and a version') from None
    if version not in ('HTTP/1.1', 'HTTP/1.0'):
        raise Refusal(505, 'only HTTP/1.x is spoken here')
    fields = {}
    for line in lines:
        name, colon, value = line.partition(':')
        if not colon or not name or name != name.strip():
            raise Refusal(400, 'a header field has no name')
        name = name.lower()
        if name in fields and name in ('content-length', 'transfer-encoding', 'host'):
            raise Refusal(400, f'two {name} fields')
        fields[name] = value.strip()
    if version == 'HTTP/1.1' and 'host' not in fields:
        raise Refusal(400, 'the Host field is missing')
    return method, target, version, fields


async def read_chunks(reader):
    parts = []
    size = 0
    try:
        while True:
            line = (await reader.readline()).partition(b';')[0].strip()
            if not CHUNK_SIZE.fullmatch(line):
                raise Refusal(400, 'a chunk size is not a hexadecimal number')
            count = int(line, 16)
            size += count
            if size > MAX_BODY_BYTES:
                raise Refusal(413, 'the body is too large')
            if count == 0:
                break
            parts.append(await reader.readexactly(count))
            if await reader.readexactly(2) != b'\r\n':
                raise Refusal(400, 'a chunk is longer than its size says')
        # Fields behind the last chunk, to the empty line.
        while (await reader.readline()).strip():
            pass
    except ValueError:
        raise Refusal(400, 'a line of a chunked body is too long') from None
    return b''.join(parts)


class Connection:
    def __init__(self, server, reader, writer):
        self.server = server
        self.reader = reader
        self.writer = writer
        self.busy = False

    async def serve(self):
        try:
            await self.serve_all()
        except (OSError, asyncio.IncompleteReadError):
            pass  # The client has gone.
        finally:
            self.writer.close()

    async def serve_all(self):
        try:
            while await self.serve_one():
                pass
        except Refusal as refusal:
            # After something that is no request nobody knows where the next one begins.
            await self.send(refusal.reply(), [('Connection', 'close')], has_body=True)
            await self.linger()

    async def serve_one(self):
        """Serves a request. Returns whether there may be another."""
        try:
            head = await self.reader.readuntil(b'\r\n\r\n')
        except asyncio.LimitOverrunError:
            raise Refusal(431, 'the header section is too large') from None
        self.busy = True
        method, target, version, fields = parse_head(head)
        request = Request(method, target, fields, await self.read_body(fields))
        try:
            reply = await answer(request, self.server.operations)
        except Exception:
            traceback.print_exc()
            reply = Refusal(500, 'the server failed: see what it says on standard error').reply()
        options = fields.get('connection', '').lower()
        keep = 'close' not in options and not self.server.stopping
        extra = []
        if version == 'HTTP/1.0':
            keep = keep and 'keep-alive' in options and reply.chunks is None
            extra = [('Connection', 'keep-alive')] if keep else []
        elif not keep:
            extra = [('Connection', 'close')]
        if reply.chunks is None:
            await self.send(reply, extra, has_body=method != 'HEAD')
        else:
            await self.send_chunks(reply, extra, method != 'HEAD', version == 'HTTP/1.1')
        self.busy = False
        return keep and not self.server.stopping

    async def read_body(self, fields):
        coding, length = fields.get('transfer-encoding'), fields.get('content-length', '0')
        if coding is not None:
            if coding.lower() != 'chunked' or 'content-length' in fields:
                raise Refusal(400, 'the body must have either a length or chunks')
        elif whole_number(length) is None:
            raise Refusal(400, 'Content-Length is not a number')
        elif int(length) > MAX_BODY_BYTES:
            raise Refusal(413, 'the body is too large')
        if fields.get('expect', '').lower() == '100-continue':
            self.writer.write(b'HTTP/1.1 100 Continue\r\n\r\n')
        if coding is not None:
            return await read_chunks(self.reader)
        return await self.reader.readexactly(int(length)) if length != '0' else b''

    async def send(self, reply, extra, has_body):
        fields = [*reply.fields, *extra]
        if reply.content_type:
            fields.insert(0, ('Content-Type', reply.content_type))
        if reply.status != 204:
            fields.append(('Content-Length', len(reply.body)))
        head = head_of(reply.status, fields)
        self.writer.write(head + reply.body if has_body else head)
        await self.writer.drain()

    async def send_chunks(self, reply, extra, has_body, in_chunks):
        fields = [('Content-Type', reply.content_type), *reply.fields, *extra]
        if in_chunks:
            fields.append(('Transfer-Encoding', 'chunked'))
        self.writer.write(head_of(reply.status, fields))
        try:
            if has_body:
                async for chunk in reply.chunks:
                    self.writer.write(b'%x\r\n%b\r\n' % (len(chunk), chunk) if in_chunks else chunk)
                    await self.writer.drain()
                if in_chunks:
                    self.writer.write(b'0\r\n\r\n')
            await self.writer.drain()
        finally:
            # The client may have gone in the middle.
            await reply.chunks.aclose()

    async def linger(self):
        """Reads on for a moment: closing with bytes unread would take the answer away."""
        async def read_on():
            while await self.reader.read(65536):
                pass
        self.writer.write_eof()
        try:
            await asyncio.wait_for(read_on(), LINGER_S)
        except asyncio.TimeoutError:
            pass


class LoopServer:
    def __init__(self, operations):
        self.operations = operations
        self.stopping = False
        self.connections = {}

    async def serve_connection(self, reader, writer):
        connection = Connection(self, reader, writer)
        self.connections[connection] = asyncio.current_task()
        try:
            await connection.serve()
        finally:
            del self.connections[connection]

    async def serve(self, listener, clean_up):
        loop = asyncio.get_running_loop()
        loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(THREADS))
        stop = asyncio.Event()
        lifetime.watch(lambda: loop.call_soon_threadsafe(stop.set), clean_up)
        server = await asyncio.start_server(self.serve_connection, sock=listener,
                                            backlog=lifetime.BACKLOG)
        lifetime.say_ready(listener)
        await stop.wait()
        self.stopping = True
        # A connection accepted just now takes some turns of the loop to get to serve_connection(),
        # and the server must not be closed before.
        loop.remove_reader(listener)
        for _ in range(10):
            await asyncio.sleep(0)
        server.close()
        self.operations.end()
        for connection in self.connections:
            if not connection.busy:
                connection.writer.close()
        if self.connections:
            await asyncio.wait(list(self.connections.values()))
