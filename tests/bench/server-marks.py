#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the models wait as the originals do: not run by `meson test`.

server-marks.py SERVER [--seconds 30]

slow      GET /slow (200 ms) at 400 connections: requests a second over the ceiling of Little's law
timeline  three GET /user/1 (250 ms each) sent at once: how long until all are answered (W-000-1)
bad       GET /bad (200 ms, blocking) at 10 connections: requests a second (W-002-4, W-002-4b)

The server is on CPU 0, wrk on CPU 1.
"""

import argparse
import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import statistics
import subprocess
import time

SLOW_S, SLOW_CONNECTIONS = 0.2, 400


def pin(cpu):
    return lambda: os.sched_setaffinity(0, {cpu}) if (os.cpu_count() or 1) > 1 else None


@contextlib.contextmanager
def serving(program, *options):
    """A server; gives its port."""
    server = subprocess.Popen([program, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              preexec_fn=pin(0))
    try:
        yield json.loads(server.stdout.readline())['port']
    finally:
        server.stdin.close()
        server.wait(5)


def wrk_rate(port, path, connections, seconds):
    done = subprocess.run(['wrk', '-t1', f'-c{connections}', f'-d{seconds}s', '--timeout', '60s',
                           f'http://127.0.0.1:{port}{path}'],
                          capture_output=True, text=True, check=True, preexec_fn=pin(1))
    if 'Non-2xx' in done.stdout:
        raise SystemExit(f'wrk saw errors:\n{done.stdout}')
    return float(re.search(r'Requests/sec:\s+([\d.]+)', done.stdout).group(1))


def get(port, path):
    client = http.client.HTTPConnection('127.0.0.1', port)
    client.request('GET', path)
    answer = client.getresponse()
    answer.read()
    client.close()
    return answer.status


def timeline_ms(port):
    """From the first of three requests to the last answer."""
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: get(port, '/'), range(3)))
        begin = time.monotonic()
        if list(pool.map(lambda _: get(port, '/user/1'), range(3))) != [200] * 3:
            raise SystemExit('GET /user/1 failed')
        return (time.monotonic() - begin) * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('server')
    parser.add_argument('--seconds', type=int, default=30)
    arguments = parser.parse_args()

    for model in 'event-loop', 'worker-threads', 'asyncio', 'gil-threads':
        with serving(arguments.server, '--model', model) as port:
            rate = wrk_rate(port, '/slow', SLOW_CONNECTIONS, arguments.seconds)
        ceiling = (40 if model == 'gil-threads' else SLOW_CONNECTIONS) / SLOW_S
        print(f'slow     {model:16} {rate:8.1f}/s = {rate / ceiling:.3f} of {ceiling:.0f}/s', flush=True)
    for model, options, expected_ms in (('event-loop', (), 250), ('gil-threads', (), 250), ('asyncio', (), 250),
                                        ('prefork', ('--workers', '1'), 750)):
        with serving(arguments.server, '--model', model, *options) as port:
            times = [timeline_ms(port) for _ in range(5)]
        print(f'timeline {model:16} median {statistics.median(times):.1f} ms ({min(times):.1f} to '
              f'{max(times):.1f}), {statistics.median(times) / expected_ms:.3f} of {expected_ms} ms', flush=True)
    for model, path, expected in (('asyncio', '/bad', 5), ('event-loop', '/bad', 5), ('gil-threads', '/bad', 50)):
        with serving(arguments.server, '--model', model) as port:
            rate = wrk_rate(port, path, 10, arguments.seconds)
        print(f'bad      {model:16} {path}: {rate:.2f}/s, ceiling {expected}/s', flush=True)


if __name__ == '__main__':
    main()
