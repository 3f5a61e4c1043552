#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call from one server to another costs: not run by `meson test`.

server-links.py SERVER [--requests 2000] [--rounds 7]

Links: GET /compute?n=1 of the polyglot model over each link against the event loop, which does it in place.
Gateway: GET /api/s1/json of the gateway against GET /json of the very service behind it.

One connection that stays open, one request after the other; each round asks the two of a pair in turn, which of
them first changes from round to round. Printed are medians of the rounds: of the time from request to answer,
of the pairs' ratios and, as overhead per call, of their differences. The machine decides where processes run.
"""

import argparse
import contextlib
import http.client
import json
import statistics
import subprocess
import time

LINKS = ['http', 'queue', 'rpc']


@contextlib.contextmanager
def serving(program, *options):
    server = subprocess.Popen([program, '--model', *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait(5)


class Client:
    def __init__(self, port, path):
        self.connection, self.path = http.client.HTTPConnection('127.0.0.1', port, timeout=10), path
        self.times_us = []

    def ask(self, requests):
        """Appends the median time of a request to the rounds'."""
        times = []
        for _ in range(requests):
            begin = time.perf_counter_ns()
            self.connection.request('GET', self.path)
            response = self.connection.getresponse()
            response.read()
            times.append((time.perf_counter_ns() - begin) / 1000)
            if response.status != 200:
                raise SystemExit(f'{self.path} was answered with {response.status}')
        self.times_us.append(statistics.median(times))


def measure(first, second, requests, rounds):
    """Asks two clients in turn; the first requests of each are not counted."""
    for client in (first, second):
        client.ask(requests // 10 + 1)
        client.times_us.clear()
    for turn in range(rounds):
        for client in (first, second) if turn % 2 == 0 else (second, first):
            client.ask(requests)


def show(name, client, base, against):
    pairs = list(zip(client.times_us, base.times_us))
    overhead = statistics.median(one - other for one, other in pairs)
    print(f'{name:8} {statistics.median(client.times_us):7.1f} us, {against} {statistics.median(base.times_us):7.1f} us: '
          f'{statistics.median(one / other for one, other in pairs):5.2f} x, overhead {overhead:6.1f} us a call', flush=True)
    return overhead


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('server')
    parser.add_argument('--requests', type=int, default=2000)
    parser.add_argument('--rounds', type=int, default=7)
    arguments = parser.parse_args()
    overheads = {}

    for link in LINKS:
        with serving(arguments.server, 'event-loop') as plain, \
                serving(arguments.server, 'polyglot', '--link', link, '--workers', '1') as edge:
            base, client = Client(plain['port'], '/compute?n=1'), Client(edge['port'], '/compute?n=1')
            measure(client, base, arguments.requests, arguments.rounds)
            overheads[link] = show(link, client, base, 'in place')
    print('overhead http : queue : rpc = ' +
          ' : '.join(f'{overheads[link] / overheads["rpc"]:.2f}' for link in LINKS), flush=True)
    with serving(arguments.server, 'event-loop') as service, \
            serving(arguments.server, 'event-loop', '--upstream', str(service['port'])) as gateway:
        base, client = Client(service['port'], '/json'), Client(gateway['port'], '/api/s1/json')
        measure(client, base, arguments.requests, arguments.rounds)
        show('gateway', client, base, 'direct  ')


if __name__ == '__main__':
    main()
