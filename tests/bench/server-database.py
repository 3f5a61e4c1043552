#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a connection for each request costs (X-23), and what a broker does: not run by `meson test`.

server-database.py SERVER [--model ID] [--connections 32] [--rounds 5] [--seconds 2]

Drives one server with wrk, in turns with connect=0 and connect=1, and prints the medians of the
per-round ratios of requests a second: pool over connection for each request. Where redis-server is
installed also products stored a second with the queue of the server's own over those with Redis, two
servers in turns.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PATHS = ['/products/1', '/products?limit=100', '/query']
ADD = ('wrk.method = "POST"\n'
       'wrk.body = "{\\"name\\":\\"Tar, 1 kg\\",\\"price\\":12.4}"\n')


def requests_a_second(port, path, arguments, script=None):
    command = ['wrk', '-t1', f'-c{arguments.connections}', f'-d{arguments.seconds}s',
               f'http://127.0.0.1:{port}{path}'] + (['-s', script] if script else [])
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    if 'Socket errors' in done.stdout or 'Non-2xx' in done.stdout:
        sys.exit(f'wrk saw errors:\n{done.stdout}')
    return float(re.search(r'Requests/sec:\s+([\d.]+)', done.stdout).group(1))


@contextlib.contextmanager
def serving(arguments, *options):
    """A server; its port."""
    process = subprocess.Popen([arguments.server, '--model', arguments.model, *options], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline())['port']
    finally:
        process.stdin.close()
        process.wait()


@contextlib.contextmanager
def broker():
    """Redis on a free port; that port."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(['redis-server', '--port', str(port), '--bind', '127.0.0.1', '--save', ''],
                                   stdout=subprocess.DEVNULL, cwd=folder)
        try:
            deadline = time.monotonic() + 10
            while True:
                try:
                    socket.create_connection(('127.0.0.1', port)).close()
                    break
                except ConnectionRefusedError:
                    if time.monotonic() > deadline:
                        sys.exit('redis-server does not start')
                    time.sleep(0.01)
            yield port
        finally:
            process.kill()
            process.wait()


def report(name, pairs):
    ratios = [first / second for first, second in pairs]
    print(f'{name}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds)')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('server')
    parser.add_argument('--model', default='event-loop')
    parser.add_argument('--connections', type=int, default=32)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--seconds', type=int, default=2)
    arguments = parser.parse_args()

    with serving(arguments) as port:
        for path in PATHS:
            join = '&' if '?' in path else '?'
            pairs = [[requests_a_second(port, f'{path}{join}connect={connect}', arguments) for connect in (0, 1)]
                     for _ in range(arguments.rounds)]
            report(f'{arguments.model}, GET {path}, pool over connection a request', pairs)
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, 'add.lua')
        with open(script, 'w', encoding='ascii') as file:
            file.write(ADD)
        with serving(arguments) as port:
            pairs = [[requests_a_second(port, f'/products?connect={connect}', arguments, script) for connect in (0, 1)]
                     for _ in range(arguments.rounds)]
            report(f'{arguments.model}, POST /products, pool over connection a request', pairs)
        if not shutil.which('redis-server'):
            return
        with broker() as redis, serving(arguments) as port, \
                serving(arguments, '--events', f'redis://127.0.0.1:{redis}') as port_of_redis:
            pairs = [[requests_a_second(p, '/products', arguments, script) for p in (port, port_of_redis)]
                     for _ in range(arguments.rounds)]
            report(f'{arguments.model}, POST /products, queue over Redis', pairs)


if __name__ == '__main__':
    main()
