#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""asyncio with a pool of processes for what computes, made of the modules of python-asyncio.

server.py --port N [--workers W]
"""

import asyncio
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, connection, parent_process

# Where this lies, nothing is written.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../python-asyncio'))

import lifetime  # noqa: E402
import loop_operations  # noqa: E402
import loop_server  # noqa: E402
from exchange import Refusal  # noqa: E402
from store import Store, remove_folder, temporary_folder  # noqa: E402


class Operations(loop_operations.Operations):
    def __init__(self, store, pool):
        super().__init__(store)
        self.pool = pool

    async def compute(self, function, *args):
        try:
            future = self.pool.submit(function, *args)
        except BrokenProcessPool:
            raise Refusal(500, 'a process of the pool has ended and the pool is not usable any '
                               'more: restart the server') from None
        try:
            return await asyncio.wrap_future(future)
        except BrokenProcessPool:
            raise Refusal(500, 'a process of the pool ended while the job was waiting for it or '
                               'running') from None


def end_with_parent():
    """Begins each worker: it leaves signals to the server, and does not outlive it."""
    def watch():
        connection.wait([parent_process().sentinel])
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=watch, daemon=True).start()


def main():
    options = lifetime.read_options('An HTTP server on asyncio with a pool of processes.',
                                    workers=len(os.sched_getaffinity(0)))
    with temporary_folder() as folder:
        store = Store(folder)

        def clean_up():
            for worker in active_children():
                worker.kill()
            remove_folder(folder)

        with ProcessPoolExecutor(options.workers, initializer=end_with_parent) as pool:
            # The first job starts the workers: before there is a thread, a loop or a socket here.
            pool.submit(int).result()
            server = loop_server.LoopServer(Operations(store, pool))
            asyncio.run(server.serve(lifetime.listen(options.port), clean_up))


if __name__ == '__main__':
    main()
