#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that block: connections wait in one poller, and one that has something to say is handed
to a thread of a pool, which answers and hands it back, as gunicorn's gthread workers do.

server.py --port N
"""

import concurrent.futures
import os
import selectors
import sys
import threading
import traceback

# Where this lies, nothing is written.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../python-asyncio'))

import lifetime  # noqa: E402
from blocking import Handler, Operations, accept  # noqa: E402
from store import Store, remove_folder, temporary_folder  # noqa: E402

# Source: AnyIO, to_thread.current_default_thread_limiter(), which Starlette runs plain routes with.
THREADS = 40


class Server:
    def __init__(self, listener, operations):
        self.listener = listener
        self.operations = operations
        self.stopping = False
        self.pool = concurrent.futures.ThreadPoolExecutor(THREADS)
        self.selector = selectors.DefaultSelector()
        self.lock = threading.Lock()  # of the selector's table
        self.woken, self.wake = os.pipe()

    def closes(self):
        return self.stopping

    def stop(self):
        self.stopping = True
        os.write(self.wake, b'.')

    def serve(self):
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)
        self.selector.register(self.woken, selectors.EVENT_READ, lambda: None)
        lifetime.say_ready(self.listener)
        while not self.stopping:
            for key, _ in self.selector.select():
                key.data()
        self.listener.close()
        self.pool.shutdown()

    def accept(self):
        connection, address = accept(self.listener)
        if connection:
            self.await_request(Handler(connection, address, self, self.operations))

    def await_request(self, handler):
        def hand_over():
            with self.lock:
                self.selector.unregister(handler.request)
            self.pool.submit(self.work, handler)
        with self.lock:
            self.selector.register(handler.request, selectors.EVENT_READ, hand_over)

    def work(self, handler):
        try:
            handler.handle_one_request()
            more = not handler.close_connection and self.has_more(handler)
        except OSError:
            handler.close_connection = True  # The client has gone.
        except Exception:
            handler.close_connection = True
            traceback.print_exc()
        if handler.close_connection or self.stopping:
            handler.close()
        elif more:
            self.pool.submit(self.work, handler)
        else:
            self.await_request(handler)

    def has_more(self, handler):
        """Whether a further request has been read already, of which the poller knows nothing."""
        handler.request.setblocking(False)
        more = handler.rfile.peek(1)
        handler.request.setblocking(True)
        return bool(more)


def main():
    options = lifetime.read_options('An HTTP server of threads that block.')
    listener = lifetime.listen(options.port)
    with temporary_folder() as folder:
        server = Server(listener, Operations(Store(folder)))
        lifetime.watch(server.stop, lambda: remove_folder(folder))
        server.serve()


if __name__ == '__main__':
    main()
