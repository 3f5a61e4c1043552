#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that share a listening socket and serve one request at a time, each on a connection of
its own, as gunicorn's sync workers do. A waiting request is a process standing still.

server.py --port N [--workers W]
"""

import contextlib
import os
import select
import signal
import sys
import time
import traceback

# Where this lies, nothing is written.
sys.dont_write_bytecode = True
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(FOLDER, '../python-asyncio'),
                os.path.join(FOLDER, '../python-threads')]

import lifetime  # noqa: E402
from blocking import Handler, Operations, accept  # noqa: E402
from store import Store, temporary_folder  # noqa: E402

WORKERS = 1  # Source: gunicorn, setting "workers".
TIMEOUT_S = 30  # The same, setting "timeout".


class OneRequestHandler(Handler):
    timeout = TIMEOUT_S


class Worker:
    def __init__(self, listener, master, operations):
        self.listener = listener
        self.master = master
        self.operations = operations

    def closes(self):
        return True

    def run(self):
        """Serves until the master closes its end of a pipe, or has gone. Signals are its matter."""
        signal.set_wakeup_fd(-1)
        while True:
            readable, _, _ = select.select([self.listener, self.master], [], [])
            if self.master in readable:
                return
            connection, address = accept(self.listener)
            if not connection:
                continue
            handler = OneRequestHandler(connection, address, self, self.operations)
            with contextlib.suppress(OSError):
                handler.handle_one_request()
            handler.close()


class Master:
    def __init__(self, listener, operations):
        self.listener = listener
        self.operations = operations
        self.alive = os.pipe()
        self.workers = set()

    def start_worker(self):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.close(self.alive[1])
                Worker(self.listener, self.alive[0], self.operations).run()
                code = 0
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(code)
        self.workers.add(pid)

    def reap(self):
        while self.workers:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self.workers.discard(pid)

    def run(self, count):
        signals = lifetime.signals_as_input(*lifetime.ENDING, signal.SIGCHLD)
        for _ in range(count):
            self.start_worker()
        lifetime.say_ready(self.listener)
        while lifetime.goes_on(signals):
            self.reap()
            while len(self.workers) < count:
                self.start_worker()
        self.end()

    def end(self):
        self.listener.close()
        os.close(self.alive[1])
        deadline = time.monotonic() + lifetime.DRAIN_S
        while self.workers and time.monotonic() < deadline:
            time.sleep(0.01)
            self.reap()
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)
        while self.workers:
            self.workers.discard(os.wait()[0])


def main():
    options = lifetime.read_options('An HTTP server of processes.', workers=WORKERS)
    listener = lifetime.listen(options.port)
    with temporary_folder() as folder:
        Master(listener, Operations(Store(folder))).run(options.workers)


if __name__ == '__main__':
    main()
