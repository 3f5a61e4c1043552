#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What being observed costs a server: not run by `meson test`.

stats-overhead.py SERVER [--models event-loop,gil-threads,prefork,cluster] [--connections 64] [--rounds 15] [--seconds 1]

Two servers of each model, one with `--stats-interval-ms 100` and its lines read as the conductor does,
are driven by wrk in turns and pinned to another core than wrk. Prints the medians of the per-round ratios:
requests a second, observed over not observed (the mark is 0.99), and CPU time a request, not observed over
observed, which says the same where the machine has other things to do; and the memory that it takes more.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import threading

SERVER_CPU, CLIENT_CPU = 0, 1
INTERVAL_MS = 100


def pin(cpu):
    return lambda: os.sched_setaffinity(0, {cpu}) if (os.cpu_count() or 1) > 1 else None


class Server:
    def __init__(self, program, model, *options):
        self.process = subprocess.Popen([program, '--model', model, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, preexec_fn=pin(SERVER_CPU))
        self.port = json.loads(self.process.stdout.readline())['port']
        self.lines = 0
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for _ in self.process.stdout:
            self.lines += 1

    def pids(self):
        pid = self.process.pid
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
            return [pid, *map(int, file.read().split())]

    def cpu_ns(self):
        """The scheduler's own count, of all threads: ticks are too coarse for one per cent."""
        total = 0
        for pid in self.pids():
            for task in os.listdir(f'/proc/{pid}/task'):
                with open(f'/proc/{pid}/task/{task}/schedstat', encoding='ascii') as file:
                    total += int(file.read().split()[0])
        return total

    def pss_bytes(self):
        total = 0
        for pid in self.pids():
            with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as file:
                total += sum(int(line.split()[1]) * 1024 for line in file if line.startswith('Pss:'))
        return total

    def measure(self, connections, seconds):
        """Returns requests a second, and CPU ns a request."""
        before = self.cpu_ns()
        done = subprocess.run(['wrk', '-t1', f'-c{connections}', f'-d{seconds}s', f'http://127.0.0.1:{self.port}/'],
                              capture_output=True, text=True, check=True, preexec_fn=pin(CLIENT_CPU))
        used = self.cpu_ns() - before
        if 'Non-2xx' in done.stdout:
            sys.exit(f'wrk saw errors:\n{done.stdout}')
        return (float(re.search(r'Requests/sec:\s+([\d.]+)', done.stdout).group(1)),
                used / int(re.search(r'(\d+) requests in', done.stdout).group(1)))

    def end(self):
        self.process.stdin.close()
        self.process.wait(5)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('server')
    parser.add_argument('--models', default='event-loop,gil-threads,prefork,cluster')
    parser.add_argument('--connections', type=int, default=64)
    parser.add_argument('--rounds', type=int, default=15)
    parser.add_argument('--seconds', type=int, default=1)
    arguments = parser.parse_args()

    for model in arguments.models.split(','):
        servers = [Server(arguments.server, model, *options)
                   for options in ([], ['--stats-interval-ms', str(INTERVAL_MS)])]
        rates, costs = [], []
        for server in servers:
            server.measure(arguments.connections, 1)
        for turn in range(arguments.rounds):
            order = servers if turn % 2 else servers[::-1]
            results = {server: server.measure(arguments.connections, arguments.seconds) for server in order}
            (plain, plain_ns), (observed, observed_ns) = (results[server] for server in servers)
            rates.append(observed / plain)
            costs.append(plain_ns / observed_ns)
        if servers[0].lines or not servers[1].lines:
            sys.exit('the wrong server was observed')
        more = servers[1].pss_bytes() - servers[0].pss_bytes()
        print(f'{model}: median ratio {statistics.median(rates):.4f} ({min(rates):.3f} to {max(rates):.3f}),'
              f' by CPU time {statistics.median(costs):.4f}; {more / 1024:+.0f} KiB')
        for server in servers:
            server.end()


if __name__ == '__main__':
    main()
