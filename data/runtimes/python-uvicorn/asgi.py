# SPDX-License-Identifier: GPL-3.0-or-later
"""ASGI without a framework."""

import functools
import traceback

from exchange import MAX_BODY_BYTES, Refusal, Request
from room import Room, echo, follow, upgrade_required
from workloads import ROUTES, answer

TOO_LARGE = Refusal(413, 'the body is too large')


async def no_socket(request, run):
    return upgrade_required()


def read_hz(request):
    return request.number('hz', 1, 100, 1)


async def no_live(request, run):
    read_hz(request)
    return upgrade_required()


class App:
    def __init__(self, operations):
        self.operations = operations
        room = Room(gone=OSError)
        # What is done with a WebSocket that is asked for so.
        self.sockets = {'/ws': lambda request: echo, '/chat': lambda request: room.join, '/live': self.live}
        ROUTES.update(dict.fromkeys(self.sockets, {'GET': no_socket}) | {'/live': {'GET': no_live}})

    def live(self, request):
        return functools.partial(follow, self.operations.scores(read_hz(request), str), OSError)

    async def __call__(self, scope, receive, send):
        serve = self.serve if scope['type'] == 'http' else self.serve_socket
        await serve(scope, receive, send)

    async def serve(self, scope, receive, send):
        method = scope['method']
        reply = await self.reply_to(method, scope, receive)
        fields = [(name.encode(), value.encode()) for name, value in reply.fields]
        if reply.content_type:
            fields.append((b'Content-Type', reply.content_type.encode('latin-1')))
        if reply.chunks is None and reply.status != 204:
            fields.append((b'Content-Length', b'%d' % len(reply.body)))
        await send({'type': 'http.response.start', 'status': reply.status, 'headers': fields})
        if reply.chunks is not None:
            try:
                if method != 'HEAD':
                    async for chunk in reply.chunks:
                        await send({'type': 'http.response.body', 'body': chunk,
                                    'more_body': True})
            finally:
                await reply.chunks.aclose()
        await send({'type': 'http.response.body', 'body': reply.body})

    async def reply_to(self, method, scope, receive):
        target = target_of(scope)
        fields = {name.decode('latin-1'): value.decode('latin-1')
                  for name, value in scope['headers']}
        try:
            if int(fields.get('content-length', 0)) > MAX_BODY_BYTES:
                raise TOO_LARGE
            body = await read_body(receive)
            return await answer(Request(method, target, fields, body), self.operations)
        except Refusal as refusal:
            return refusal.reply()
        except OSError:
            raise  # The client has gone.
        except Exception:
            traceback.print_exc()
            return Refusal(500, 'the server failed: see what it says on standard error').reply()

    async def serve_socket(self, scope, receive, send):
        await receive()
        try:
            use = self.sockets[scope['path']](Request('GET', target_of(scope), {}, b''))
        except (KeyError, Refusal):
            # 403: uvicorn takes any other answer for a failure of ours.
            await send({'type': 'websocket.close'})
            return
        await send({'type': 'websocket.accept'})
        await use(receive, send)


def target_of(scope):
    target = scope['raw_path'].decode('latin-1')
    if scope['query_string']:
        target += '?' + scope['query_string'].decode('latin-1')
    return target


async def read_body(receive):
    parts = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message['type'] == 'http.disconnect':
            raise ConnectionResetError
        part = message.get('body', b'')
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise TOO_LARGE
        parts.append(part)
        more = message.get('more_body', False)
    return b''.join(parts)
