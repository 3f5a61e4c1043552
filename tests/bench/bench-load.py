#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""loadstone-cli load beside wrk, on one server, in pairs; not a test: it asserts nothing on speed.

bench-load.py SERVER [--connections N] [--seconds S] [--rounds N] [--rates HZ,HZ]

SERVER is a program that takes a port as its argument and answers GET / there, or C source of one. It runs
on CPU 0, the clients on CPU 1, in alternating order; what counts is the median over pairs, for the
machine's mood falls on both. Then the open loop at each of the rates.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SERVER_CPU, CLIENT_CPU = '0', '1'
INVALID = 4


def timed(command):
    """Runs @command on the client's CPU; returns (standard output, CPU seconds of it and its children)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(['taskset', '-c', CLIENT_CPU, *command], stdout=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, INVALID):
        sys.exit(f'{command[0]} ended with {done.returncode}')
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_wrk(url, options):
    text, cpu = timed(['wrk', '-t1', f'-c{options.connections}', f'-d{options.seconds}s', url])
    requests = int(re.search(r'(\d+) requests in', text)[1])
    return float(re.search(r'Requests/sec:\s*([\d.]+)', text)[1]), cpu / requests


def load(url, options, *more):
    text, cpu = timed([os.environ.get('LOADSTONE_CLI', 'loadstone-cli'), 'load', url, '-t', '1',
                       '-c', str(options.connections), '-d', str(options.seconds), '-w', '0',
                       '--json', '-', *more])
    return json.loads(text), cpu


def run_load(url, options):
    result, cpu = load(url, options)
    return result['achieved_rate'], cpu / result['requests'], result['client_cpu_fraction']


def wait_for(port):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(('127.0.0.1', port)) == 0:
                return
        time.sleep(0.05)
    sys.exit('the server does not listen')


def compare(url, options):
    rows = []
    for i in range(options.rounds):
        if i % 2 == 0:
            wrk, ours = run_wrk(url, options), run_load(url, options)
        else:
            ours, wrk = run_load(url, options), run_wrk(url, options)
        rows.append((ours[0] / wrk[0], ours[1] / wrk[1]))
        print(f'wrk {wrk[0]:9.0f}/s  loadstone {ours[0]:9.0f}/s  rate x {rows[-1][0]:.2f}  '
              f'CPU per request x {rows[-1][1]:.2f}  client thread {ours[2]:.0%} of its core')
    print(f'median of {len(rows)} pairs: rate {statistics.median(row[0] for row in rows):.2f} x wrk, '
          f'client CPU per request {statistics.median(row[1] for row in rows):.2f} x wrk')


def open_loop(url, options, rate):
    result, _ = load(url, options, '-R', str(rate))
    lag, service = result['schedule_lag_us'], result['service_time_us']
    print(f"open loop {rate:6.0f}/s: achieved/target {result['rate_ratio']:.4f}, schedule lag p50 "
          f"{lag['p50']:.0f} us p99 {lag['p99']:.0f} us max {lag['max']:.0f} us, service p50 "
          f"{service['p50']:.0f} us, response p50 {result['latency_us']['p50']:.0f} us, client thread "
          f"{result['client_cpu_fraction']:.0%} of its core")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('server', type=pathlib.Path)
    parser.add_argument('--connections', type=int, default=64)
    parser.add_argument('--seconds', type=int, default=2)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--rates', default='1000,10000,50000')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = options.server.resolve()
        if program.suffix == '.c':
            program = pathlib.Path(folder) / 'server'
            subprocess.run(['cc', '-O2', '-o', program, options.server], check=True)
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(['taskset', '-c', SERVER_CPU, program, str(port)])
        try:
            wait_for(port)
            url = f'http://127.0.0.1:{port}/'
            if shutil.which('wrk'):
                compare(url, options)
            else:
                print('wrk is not installed: no comparison')
            for rate in filter(None, options.rates.split(',')):
                open_loop(url, options, float(rate))
        finally:
            server.terminate()
            server.wait()


main()
