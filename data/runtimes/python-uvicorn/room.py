# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSockets in terms of ASGI's messages: one that is alone, those that share a room, and those that are only told."""

import asyncio
import contextlib

from exchange import Refusal

# Messages that a member may be behind: 16 MiB of the largest that are measured.
BACKLOG = 256
TOO_SLOW = {'type': 'websocket.close', 'code': 1008, 'reason': 'too slow for what is said here'}


def upgrade_required():
    """Returns what who asks for no upgrade is told."""
    reply = Refusal(426, 'there is a WebSocket at this path: ask for an upgrade to it').reply()
    reply.fields = [('Upgrade', 'websocket'), ('Connection', 'Upgrade'),
                    ('Sec-WebSocket-Version', '13')]
    return reply


async def hear(receive):
    """Yields each message as it is to be sent."""
    while (message := await receive())['type'] == 'websocket.receive':
        yield {**message, 'type': 'websocket.send'}


async def echo(receive, send):
    async for message in hear(receive):
        await send(message)


async def follow(texts, gone, receive, send):
    """Tells all texts; what is said is not listened to. `gone` is the exception of `send` when there is nobody."""
    telling = asyncio.create_task(tell_all(texts, gone, send))
    try:
        async for _ in hear(receive):
            pass
    finally:
        telling.cancel()


async def tell_all(texts, gone, send):
    with contextlib.suppress(gone):
        async with contextlib.aclosing(texts):
            async for text in texts:
                await send({'type': 'websocket.send', 'text': text})


class Room:
    """What one member says, all hear. Each has a queue of its own, so that nobody waits for one
    who does not read; who is too far behind has to leave."""

    def __init__(self, gone):
        self.gone = gone  # the exception of `send` when there is nobody
        self.queues = set()

    async def join(self, receive, send):
        queue = asyncio.Queue(BACKLOG)
        self.queues.add(queue)
        telling = asyncio.create_task(self.tell(queue, send))
        try:
            async for message in hear(receive):
                self.say(message)
                # Many may have come at once; those who tell have their turn after each.
                await asyncio.sleep(0)
        finally:
            self.queues.discard(queue)
            telling.cancel()

    def say(self, message):
        for queue in tuple(self.queues):
            queue.put_nowait(message)
            if queue.full():
                self.queues.discard(queue)

    async def tell(self, queue, send):
        with contextlib.suppress(self.gone):
            while queue in self.queues or not queue.empty():
                await send(await queue.get())
            await send(TOO_SLOW)
