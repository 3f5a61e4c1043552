#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to have a job done elsewhere: not run by `meson test`.

server-dispatch.py SERVER [--seconds 2] [--rounds 5]

GET /compute?n=1, a job of next to nothing, on each model against the same on the event loop, which does it in
place: time from request to answer at 1 connection, CPU time of the server (all its processes) a request at 64,
and requests a second at 64. Models take turns, medians of the rounds' ratios; the machine decides where they run.
"""

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess

MODELS = [('event-loop', []), ('asyncio', []), ('worker-threads', []), ('thread-per-request', []),
          ('process-pool', []), ('process-pool', ['--workers', '4'])]
PATH = '/compute?n=1'


@contextlib.contextmanager
def serving(program, model, options):
    server = subprocess.Popen([program, '--model', model, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    try:
        yield json.loads(server.stdout.readline())['port'], server.pid
    finally:
        server.stdin.close()
        server.wait(5)


def cpu_s(pid):
    """Of the process and its children."""
    with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
        pids = [str(pid), *file.read().split()]
    ticks = 0
    for one in pids:
        with open(f'/proc/{one}/stat', encoding='ascii') as file:
            ticks += sum(map(int, file.read().rsplit(')', 1)[1].split()[11:13]))
    return ticks / os.sysconf('SC_CLK_TCK')


def load(port, connections, seconds):
    """Requests, and requests a second."""
    done = subprocess.run(['wrk', '-t1', f'-c{connections}', f'-d{seconds}s', f'http://127.0.0.1:{port}{PATH}'],
                          capture_output=True, text=True, check=True).stdout
    if 'Non-2xx' in done:
        raise SystemExit(f'wrk saw errors:\n{done}')
    return int(re.search(r'(\d+) requests in', done).group(1)), float(re.search(r'Requests/sec:\s+([\d.]+)', done).group(1))


def measure(program, model, options, seconds):
    with serving(program, model, options) as (port, pid):
        _, alone = load(port, 1, seconds)
        begin = cpu_s(pid)
        requests, rate = load(port, 64, seconds)
        return {'us': 1e6 / alone, 'cpu_us': 1e6 * (cpu_s(pid) - begin) / requests, 'rate': rate}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('server')
    parser.add_argument('--seconds', type=int, default=2)
    parser.add_argument('--rounds', type=int, default=5)
    arguments = parser.parse_args()

    rounds = [[measure(arguments.server, *model, arguments.seconds) for model in MODELS]
              for _ in range(arguments.rounds)]
    for i, (model, options) in enumerate(MODELS):
        def median(key):
            return statistics.median(each[i][key] for each in rounds)

        def ratio(key):
            return statistics.median(each[i][key] / each[0][key] for each in rounds)
        print(f'{" ".join([model, *options]):26} alone {median("us"):6.1f} us = {ratio("us"):5.2f} x, '
              f'CPU {median("cpu_us"):6.2f} us = {ratio("cpu_us"):5.2f} x, '
              f'{median("rate"):8.0f}/s = {ratio("rate"):5.3f} x', flush=True)


if __name__ == '__main__':
    main()
