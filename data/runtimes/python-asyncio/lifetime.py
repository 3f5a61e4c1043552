# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server begins and ends: its options, its socket, the line that says it is ready, and its
end on SIGTERM, on SIGINT, or when standard input ends, for then its parent is gone."""

import argparse
import json
import os
import resource
import select
import signal
import socket
import sys
import threading
import time

BACKLOG = 2048  # Source: uvicorn and gunicorn, setting "backlog".
ENDING = (signal.SIGTERM, signal.SIGINT)
DRAIN_S = 0.9  # What is in flight at the end has this long to be finished.


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f'{self.prog}: {message}.\n')


def whole(minimum, maximum):
    def convert(text):
        if not (text.isascii() and text.isdigit() and minimum <= int(text[:9]) <= maximum):
            raise argparse.ArgumentTypeError(f'must be a whole number from {minimum} to {maximum}')
        return int(text)
    return convert


def read_options(description, workers=None):
    """With `workers`, their number unless told otherwise, the server has that option."""
    parser = Parser(description=description, allow_abbrev=False)
    parser.add_argument('--port', type=whole(0, 65535), required=True, help='0 is any free one')
    if workers is not None:
        parser.add_argument('--workers', type=whole(1, 256), default=workers, help='processes')
    return parser.parse_args()


def listen(port):
    """Returns a socket that listens on 127.0.0.1, or ends the program."""
    # A connection is a file: as many as the system lets us have.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(('127.0.0.1', port))
        listener.listen(BACKLOG)
    except OSError as error:
        sys.exit(f'server.py: cannot listen on port {port} of 127.0.0.1: {error.strerror}; choose '
                 'another port, or 0 for any free one.')
    listener.setblocking(False)
    return listener


def say_ready(listener):
    line = {'event': 'ready', 'port': listener.getsockname()[1], 'companions': []}
    print(json.dumps(line, separators=(',', ':')), flush=True)


def signals_as_input(*numbers):
    """Returns a pipe from which the numbers of signals can be read as bytes. Unlike a handler, who
    reads it may take locks; and a signal that comes just before somebody waits is not lost."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in numbers:
        # Not ignored, for that would be so in processes that are started as well.
        signal.signal(number, lambda *_: None)
    return readable


def goes_on(signals):
    """Waits for a signal. Returns False when it asks to end, and at the end of standard input."""
    try:
        readable, _, _ = select.select([0, signals], [], [])
        if 0 in readable and not os.read(0, 4096):
            return False
    except OSError:
        return False  # There is no standard input.
    return signals not in readable or not set(os.read(signals, 512)) & set(ENDING)


def watch(stop, clean_up, signals=None):
    """Has `stop` called, on a thread of its own, when the server should end. One still there
    DRAIN_S later, for it computes, is ended by force; `clean_up` must be done even then.
    `signals` is a pipe that tells of them, where somebody else handles them."""
    if signals is None:
        signals = signals_as_input(*ENDING)

    def guard():
        while goes_on(signals):
            pass
        stop()
        time.sleep(DRAIN_S)
        clean_up()
        os._exit(0)

    threading.Thread(target=guard, daemon=True).start()
