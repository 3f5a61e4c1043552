#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""loadstone-cli load beside wrk, on one server, in pairs; not a test: it asserts nothing on speed.

bench-load.py SERVER [--connections N] [--seconds S] [--rounds N] [--rates HZ,HZ] [--engine NAME]...

SERVER is a program that takes a port as its argument and answers GET / there, or C source of one. It runs
on CPU 0, the clients on CPU 1, in alternating order; what counts is the median over pairs, for the
machine's mood falls on both. Then the open loop at each of the rates.
"""

import json
import re
import resource
import shutil
import statistics
import subprocess
import sys

import load_bench


def timed(command):
    """Runs @command; returns (standard output, CPU seconds of it and its children)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, load_bench.INVALID):
        sys.exit(f'{command} ended with {done.returncode}: {done.stderr.strip()}')
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_wrk(url, options):
    text, cpu = timed(['taskset', '-c', load_bench.CLIENT_CPU, 'wrk', '-t1', f'-c{options.connections}',
                       f'-d{options.seconds}s', url])
    requests = int(re.search(r'(\d+) requests in', text)[1])
    return float(re.search(r'Requests/sec:\s*([\d.]+)', text)[1]), cpu / requests


def run_load(url, options, engine):
    text, cpu = timed(load_bench.load_command(url, options.connections, options.seconds, engine, '-w', '0'))
    result = json.loads(text)
    return result['achieved_rate'], cpu / result['requests'], result['client_cpu_fraction']


def compare(url, options, engine):
    rows = []
    for i in range(options.rounds):
        if i % 2 == 0:
            wrk, ours = run_wrk(url, options), run_load(url, options, engine)
        else:
            ours, wrk = run_load(url, options, engine), run_wrk(url, options)
        rows.append((ours[0] / wrk[0], ours[1] / wrk[1]))
        print(f'wrk {wrk[0]:9.0f}/s  loadstone, {engine} {ours[0]:9.0f}/s  rate x {rows[-1][0]:.2f}  '
              f'CPU per request x {rows[-1][1]:.2f}  client thread {ours[2]:.0%} of its core', flush=True)
    print(f'{engine}: median of {len(rows)} pairs: rate {statistics.median(row[0] for row in rows):.2f} x wrk, '
          f'client CPU per request {statistics.median(row[1] for row in rows):.2f} x wrk', flush=True)


def open_loop(url, options, engine, rate):
    result = load_bench.load(url, options.connections, options.seconds, engine, '-w', '0', '-R', str(rate))
    lag, service = result['schedule_lag_us'], result['service_time_us']
    print(f"{engine}: open loop {rate:6.0f}/s: achieved/target {result['rate_ratio']:.4f}, schedule lag p50 "
          f"{lag['p50']:.0f} us p99 {lag['p99']:.0f} us max {lag['max']:.0f} us, service p50 "
          f"{service['p50']:.0f} us, response p50 {result['latency_us']['p50']:.0f} us, client thread "
          f"{result['client_cpu_fraction']:.0%} of its core{load_bench.reasons(result)}", flush=True)


def main():
    parser = load_bench.parser(__doc__, rounds=5, seconds=2)
    parser.add_argument('server')
    parser.add_argument('--rates', default='1000,10000,50000')
    options = load_bench.parse(parser)
    if not shutil.which('wrk'):
        print('wrk is not installed: no comparison')
    with load_bench.serving(options.server) as (_, port):
        url = f'http://127.0.0.1:{port}/'
        for engine in options.engines:
            if shutil.which('wrk'):
                compare(url, options, engine)
            for rate in filter(None, options.rates.split(',')):
                open_loop(url, options, engine, float(rate))


main()
