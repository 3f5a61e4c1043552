# SPDX-License-Identifier: GPL-3.0-or-later
"""How uvicorn serves here: on a socket of ours, with uvloop and httptools, and until SIGTERM, SIGINT
or the end of standard input."""

import asyncio
import concurrent.futures
import os
import signal

import uvicorn

import lifetime
from loop_operations import THREADS
from store import remove_folder, temporary_folder


class Server(uvicorn.Server):
    """`end` ends what would never end by itself."""

    def __init__(self, app, end, listener):
        # Deflating costs more than what it is to be compared with does without.
        super().__init__(uvicorn.Config(app, loop='uvloop', http='httptools', lifespan='off',
                                        ws_per_message_deflate=False, access_log=False,
                                        log_level='error'))
        self.listener = listener
        self.end = end
        self.signals, self.wake = os.pipe()
        for number in lifetime.ENDING:
            # Uvicorn has its own handlers while it serves; these are for before and after.
            signal.signal(number, self.handle_exit)

    def handle_exit(self, sig, frame):
        super().handle_exit(sig, frame)
        os.write(self.wake, bytes([sig]))

    def stop(self):
        self.should_exit = True

    async def startup(self, sockets=None):
        asyncio.get_running_loop().set_default_executor(
            concurrent.futures.ThreadPoolExecutor(THREADS))
        await super().startup(sockets)
        lifetime.say_ready(self.listener)

    async def shutdown(self, sockets=None):
        self.end()
        await super().shutdown(sockets)


def serve(port, make_app):
    """Serves what `make_app(folder)` returns: an ASGI app, and a function that ends its streams."""
    listener = lifetime.listen(port)
    with temporary_folder() as folder:
        server = Server(*make_app(folder), listener)
        lifetime.watch(server.stop, lambda: remove_folder(folder), server.signals)
        server.run([listener])
