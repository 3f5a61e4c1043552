#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory of the load generator over a long run, and of very many connections: not run by `meson test`.

load-soak.py [--server PROGRAM] [--minutes 10] [--connections 64] [--rate 10000] [--many 20000] [--parts PART,PART]
             [--engine NAME]...

closed, open  loadstone-load's RSS and PSS, and the RSS of the loadstone-cli that listens to it, sampled every
              second over so many minutes; with the slope over the second half, and in how many of its
              samples there was more than before. Memory that is kept for each request or frame
              makes a line; a latency not seen before, which touches a page of a histogram, a step.
many          --many connections open at once, in a closed loop (all of them in flight) and in an open one at
              --many requests a second (each in turn): how many the server has open, by its own count and
              by ss, on how many of them it has been asked, what was answered, and what a connection takes of
              the client's RSS, against a run of one connection.

The server is loadstone-server's event loop (LOADSTONE_SERVER, or as found). The hard limit of open files is
raised where --many needs it; where that is not allowed, there are as many connections as fit. The server's
soft limit is the same; the load generator gets a usual one, and must raise it itself. Linux searches long for
a free port, some 0.7 ms a connection, where more than half of ip_local_port_range is connected to one server.
"""

import argparse
import contextlib
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import threading
import time

import load_bench

MODEL = 'event-loop'
PATH = '/'
PARTS = ('closed', 'open', 'many')
SAMPLE_S = 1
STATS_INTERVAL_MS = 200
# Files beside the connections.
OTHER_FILES = 200
# The usual soft limit.
SOFT_FILES = 1024
MANY_SECONDS = 10
TURNS = 4
# Of a burst of connections more may have to wait to be accepted than by default.
BACKLOG = 65535


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('--server', default=os.environ.get('LOADSTONE_SERVER', 'loadstone-server'))
    parser.add_argument('--minutes', type=float, default=10)
    parser.add_argument('--connections', type=int, default=64)
    parser.add_argument('--rate', type=float, default=10_000)
    parser.add_argument('--many', type=int, default=20_000)
    parser.add_argument('--parts', default=','.join(PARTS))
    parser.add_argument('--engine', action='append', dest='engines', metavar='NAME')
    return load_bench.parse(parser)


class Server:
    """The event loop on the server's CPU, and what it counts."""

    def __init__(self, program, files):
        command = [program, '--model', MODEL, '--port', '0', '--backlog', str(BACKLOG),
                   '--stats-interval-ms', str(STATS_INTERVAL_MS)]
        if files:
            command = ['prlimit', f'--nofile={files}:{files}', *command]
        self.process = subprocess.Popen(['taskset', '-c', load_bench.SERVER_CPU, *command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())['port']
        self.url = f'http://127.0.0.1:{self.port}{PATH}'
        self.most_connections = 0
        self.last = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.last = json.loads(line)
            self.most_connections = max(self.most_connections, self.last['connections'])

    def end(self):
        self.process.stdin.close()
        self.process.wait()


@contextlib.contextmanager
def serving(program, files=None):
    server = Server(program, files)
    try:
        yield server
    finally:
        server.end()


def load_pid(cli):
    """The loadstone-load of a loadstone-cli, once it is there."""
    while cli.poll() is None:
        for task in pathlib.Path(f'/proc/{cli.pid}/task').iterdir():
            for pid in (task / 'children').read_text(encoding='ascii').split():
                if pathlib.Path(f'/proc/{pid}/comm').read_text(encoding='ascii').strip() == 'loadstone-load':
                    return int(pid)
        time.sleep(0.05)
    return None


def memory_kib(pid):
    """Returns {'Rss': ..., 'Pss': ...}, or None of a process that has ended."""
    try:
        lines = pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text(encoding='ascii').splitlines()
        found = {line.split(':')[0]: int(line.split()[1]) for line in lines if line.startswith(('Rss:', 'Pss:'))}
        return found if len(found) == 2 else None
    except (OSError, ValueError):
        return None


def sample(cli):
    """Returns the samples of a run up to its end: (seconds, RSS, PSS, RSS of @cli), all KiB."""
    pid, samples, begin = load_pid(cli), [], time.monotonic()
    while cli.poll() is None:
        ours, its = memory_kib(pid), memory_kib(cli.pid)
        if ours and its:
            samples.append((time.monotonic() - begin, ours['Rss'], ours['Pss'], its['Rss']))
        with contextlib.suppress(subprocess.TimeoutExpired):
            cli.wait(SAMPLE_S)
    return samples


def start(url, connections, seconds, engine, *more):
    """Like load_bench.start_load(), with the result in a file: a pipe would have to be read while we sample."""
    output = open(os.memfd_create('result'), 'w+', encoding='utf-8')
    process = subprocess.Popen(load_bench.load_command(url, connections, seconds, engine, *more),
                               stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, text=True)
    return process, output


def end(process, output):
    if process.wait() not in (0, load_bench.INVALID):
        raise SystemExit(f'the load generator ended with {process.returncode}: {process.stderr.read().strip()}')
    output.seek(0)
    result = json.load(output)
    output.close()
    process.stderr.close()
    return result


def errors(result):
    return {kind: count for kind, count in result['errors'].items() if count > 0} or 'none'


def soak(options, engine, kind):
    more = ['-R', str(options.rate)] if kind == 'open' else []
    with serving(options.server) as server:
        process, output = start(server.url, options.connections, round(options.minutes * 60), engine, *more)
        samples = sample(process)
        result = end(process, output)
    print(f"{result['engine']}, {kind} loop, {options.connections} connections, {result['duration_s']:.0f} s, "
          f"{result['requests']} requests, {result['achieved_rate']:.0f}/s, errors {errors(result)}"
          f'{load_bench.reasons(result)}')
    half = samples[len(samples) // 2:]
    for title, column in ('RSS', 1), ('PSS', 2), ('RSS of the listener', 3):
        series = [row[column] for row in samples]
        slope = statistics.linear_regression([row[0] for row in half], [row[column] for row in half]).slope
        later = series[len(series) // 2:]
        rises = sum(after > before for before, after in zip(later, later[1:]))
        print(f'  {title:20} first {series[0]:6} KiB, last {series[-1]:6} KiB, max {max(series):6} KiB, second half '
              f'{slope * 60:+.1f} KiB/min, more in {rises} of {len(later) - 1} samples', flush=True)


def sockets(port):
    """Returns how many connections the server has by ss, and on how many of them it got something."""
    if not shutil.which('ss'):
        return None
    command = ['taskset', '-c', load_bench.SERVER_CPU, 'ss', '-HtinO', 'state', 'established', f'( sport = :{port} )']
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return len(lines), sum('bytes_received:' in line for line in lines)


def many(options, engine, kind, one_kib):
    more = ['-R', str(options.many)] if kind == 'open' else []
    with serving(options.server, options.many + OTHER_FILES) as server:
        process, output = start(server.url, options.many, MANY_SECONDS, engine, '--timeout', '10s', *more)
        seen = []

        def look():
            """Once, when every connection has had its turn several times: it costs both ends time."""
            while process.poll() is None:
                if server.last.get('requests', 0) > TURNS * options.many:
                    seen.append(sockets(server.port))
                    return
                time.sleep(STATS_INTERVAL_MS / 1000)

        looker = threading.Thread(target=look)
        looker.start()
        samples = sample(process)
        looker.join()
        result = end(process, output)
        time.sleep(2 * STATS_INTERVAL_MS / 1000)  # its last count
        counts, most = server.last, server.most_connections
    print(f"{result['engine']}, {kind} loop, {options.many} connections: at most {most} open at once by the "
          f"server's count" + (f', {seen[0][0]} by ss, asked on {seen[0][1]} of them' if any(seen) else ''))
    print(f"  {counts['accepted']} accepted, {counts['requests']} answered by the server; client: {result['sent']} "
          f"sent, {result['requests']} answered well in {result['duration_s']:.2f} s, {result['connects']} connected "
          f"in the measured interval, {result['retries']} retries, errors {errors(result)}, response p50 "
          f"{result['latency_us']['p50'] / 1e3:.1f} ms max {result['latency_us']['max'] / 1e3:.1f} ms"
          f'{load_bench.reasons(result)}')
    most_kib = max(row[1] for row in samples)
    print(f'  RSS of the client {most_kib} KiB, {(most_kib - one_kib) * 1024 / (options.many - 1):.0f} bytes a '
          f'connection beyond the {one_kib} KiB with one', flush=True)


def raise_hard_limit(connections):
    """Returns how many of @connections there can be."""
    wanted = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard >= wanted:
        print(f'open files: soft limit {soft}, hard limit {hard}: enough', flush=True)
        return connections
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, wanted))
    except ValueError:  # without CAP_SYS_RESOURCE, as root in a container can be
        connections = hard - OTHER_FILES
        print(f'open files: hard limit {hard}, which may not be raised: {connections} connections', flush=True)
    else:
        print(f'open files: hard limit raised from {hard} to {wanted}, soft limit left at {soft}', flush=True)
    return connections


def main():
    options = parse()
    parts = options.parts.split(',')
    for engine in options.engines:
        for kind in PARTS[:2]:
            if kind in parts:
                soak(options, engine, kind)
    if 'many' not in parts:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Of systems that start with a high soft limit: the load generator shall have something to raise.
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, SOFT_FILES), hard))
    options.many = raise_hard_limit(options.many)
    for engine in options.engines:
        with serving(options.server) as server:
            process, output = start(server.url, 1, MANY_SECONDS, engine)
            one_kib = max(row[1] for row in sample(process))
            end(process, output)
        for kind in PARTS[:2]:
            many(options, engine, kind, one_kib)


main()
