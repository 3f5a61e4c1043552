#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""loadstone-server with a profile, as a process: CPU time, memory, start-up, and what is refused.

test-server-profile.py TAP_FOLDER SERVER PROFILES

CPU time is what the kernel has counted for the process, never time on the clock: the median of
several trials, and again later where the machine was busy, for what is wrong stays wrong.
"""

import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, sys.argv[1])
import tap  # noqa: E402

SERVER, PROFILES = sys.argv[2:4]
PATIENCE_S = 60
TRIALS, REQUESTS, ATTEMPTS, TOLERANCE = 7, 60, 10, 0.03
PAUSE_S = 0.5
GET = b'GET %s HTTP/1.1\r\nHost: a\r\n\r\n'
ENVIRONMENT = os.environ | {'LOADSTONE_PROFILES': PROFILES}
SANITIZED = b'__asan_init' in pathlib.Path(SERVER).read_bytes()


class Server:
    """A server of @model with a profile; a context that ends it."""

    def __init__(self, model, profile, *options):
        self.process = subprocess.Popen([SERVER, '--model', model, '--profile', profile, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        self.port = json.loads(self.process.stdout.readline())['port']
        with open(f'/proc/{self.process.pid}/task/{self.process.pid}/children', encoding='ascii') as file:
            self.workers = [int(pid) for pid in file.read().split()]
        self.pids = [self.process.pid] + self.workers

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        code = self.process.wait(PATIENCE_S)
        assert kind is not None or code == 0, code

    def cpu_ns(self, pids):
        total = 0
        for pid in pids:
            for task in os.listdir(f'/proc/{pid}/task'):
                with open(f'/proc/{pid}/task/{task}/schedstat', encoding='ascii') as file:
                    total += int(file.read().split()[0])
        return total

    def rss_bytes(self, pid):
        with open(f'/proc/{pid}/statm', encoding='ascii') as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGESIZE')

    def get(self, path, count):
        """Asks for @path one time after the other, on as few connections as the server allows."""
        client = None
        for _ in range(count):
            if client is None:
                client = socket.create_connection(('127.0.0.1', self.port), timeout=PATIENCE_S)
            client.sendall(GET % path)
            answer = client.recv(65536)
            assert answer.startswith(b'HTTP/1.1 200 '), answer
            if b'Connection: close\r\n' in answer:
                client.close()
                client = None
        if client is not None:
            client.close()

    def trial_ns(self, path, count):
        """The CPU time that one of @count requests takes."""
        begin_ns = self.cpu_ns(self.pids)
        self.get(path, count)
        return (self.cpu_ns(self.pids) - begin_ns) / count

    def request_ns(self, path, count):
        """The median over trials of the CPU time that one request takes."""
        self.get(path, count)
        return statistics.median(self.trial_ns(path, count) for _ in range(TRIALS))


def write(folder, name, **members):
    path = os.path.join(folder, f'{name}.json')
    document = {'version': 1, 'id': name, 'title': name, 'runtime': 'none', 'framework': 'none', 'models': ['M1'],
                'provenance': {'source': 'a test', 'machine': 'none', 'date': '2026-11-21', 'kind': 'claim', 'note': 'none'},
                'cost': {}} | members
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(document, file)
    return path


def near(name, expected, measure):
    """Reports whether what @measure returns is @expected, within the tolerance."""
    said = []
    for _ in range(ATTEMPTS):
        value = measure()
        said.append(f'{value:.6g} instead of {expected:.6g}, {value / expected:.3f} of it')
        if abs(value / expected - 1) <= TOLERANCE:
            tap.point(True, '', name)
            return
        time.sleep(PAUSE_S)
    tap.point(False, '\n'.join(said), name)


def test_cpu(folder):
    # Well above what the server and its wake-ups use themselves, so that the profile's figure decides.
    profile = write(folder, 'cpu', cost={'request_total_ns': 1_000_000, 'response_byte_ns': 1000, 'timer_ns': 500_000})
    for model in ('event-loop', 'prefork'):
        with Server(model, profile) as server:
            near(f'{model}: a request takes the CPU time of the profile', 1_006_000, lambda: server.request_ns(b'/', REQUESTS))
            near(f'{model}: bytes come on top', 1_000_000 + 1024 * 1000, lambda: server.request_ns(b'/json', REQUESTS // 4))
            near(f'{model}: so does a wait', 1_500_000 + 22 * 1000, lambda: server.request_ns(b'/slow?ms=0', REQUESTS // 2))
    with Server('event-loop', 'node-express') as server:
        near('event-loop: so with a shipped profile', 66_667 + 6 * 1.79, lambda: server.request_ns(b'/', 1000))


def test_compute(folder):
    # The server's own part is within the request's.
    profiles = [write(folder, f'times-{ratio}', cost={'compute_ratio': ratio, 'request_total_ns': 3e6}) for ratio in (1, 4)]
    path = b'/compute?n=2000000'

    def ratio(servers):
        # In turn: how fast the machine computes changes with what its other guests do.
        for server in servers:
            server.get(path, 5)
        pairs = [[server.trial_ns(path, 5) - 3e6 for server in servers] for _ in range(TRIALS)]
        return statistics.median(four / one for one, four in pairs)

    for model in ('event-loop', 'worker-threads', 'gil-threads', 'prefork'):
        with Server(model, profiles[0]) as one, Server(model, profiles[1]) as four:
            near(f'{model}: a computation takes four times as long', 4, lambda: ratio((one, four)))


def test_memory(folder):
    profile = write(folder, 'memory', memory={'base_rss_bytes': 90_000_000, 'worker_rss_bytes': 120_000_000,
                                              'connection_bytes': 100_000})
    with Server('prefork', profile, '--workers', '2') as server:
        sizes = {pid: server.rss_bytes(pid) for pid in server.pids}
        good = abs(sizes.pop(server.process.pid) / 90e6 - 1) < 0.05 and len(sizes) == 2 and all(
            abs(size / 120e6 - 1) < 0.05 for size in sizes.values())
        tap.point(good, str(sizes), 'prefork: each process is as large as the profile says')
    with Server('event-loop', profile) as server:
        before = server.rss_bytes(server.process.pid)
        tap.point(abs(before / 90e6 - 1) < 0.05, str(before), 'event-loop: the process is as large as the profile says')
        clients = []
        for _ in range(200):
            clients.append(socket.create_connection(('127.0.0.1', server.port), timeout=PATIENCE_S))
            clients[-1].sendall(GET % b'/')
            clients[-1].recv(4096)
        each = (server.rss_bytes(server.process.pid) - before) / len(clients)
        # A sanitizer's allocator has its own idea of what to take at a time.
        tap.point(SANITIZED or 95_000 < each < 115_000, str(each), 'event-loop: and so is each connection')
        for client in clients:
            client.close()


def test_start(folder):
    profile = write(folder, 'start', startup={'cpu_ns': 300_000_000})

    def start_ns(model):
        with Server(model, profile) as server:
            return server.cpu_ns(server.workers or server.pids)
    for model in ('event-loop', 'prefork'):
        near(f'{model}: starting takes the CPU time of the profile', 300e6, lambda: start_ns(model))


def test_refused(folder):
    bad = write(folder, 'bad', cost={'request_total_ns': -1})
    cases = {
        'a file that is not there': (folder + '/none.json', 'none.json" cannot be opened: No such file or directory;'),
        'an unknown id': ('node-htp', 'node-htp.json" cannot be opened'),
        'an id that is none': ('Node', 'neither the id of a profile'),
        'a wrong figure': (bad, 'has a member "cost.request_total_ns" that is not a number from 0 to 1000000000.'),
    }
    for name, (profile, part) in cases.items():
        done = subprocess.run([SERVER, '--model', 'event-loop', '--profile', profile], capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL, timeout=PATIENCE_S, env=ENVIRONMENT)
        message = json.loads(done.stdout)['message']
        tap.point(done.returncode == 2 and message.startswith('--profile: the profile "') and part in message
                  and done.stderr == f'loadstone-server: {message}\n', f'{done.returncode} {done.stdout} {done.stderr}',
                  f'refused: {name}')


def main():
    with tempfile.TemporaryDirectory() as folder:
        for test in (test_refused, test_cpu, test_compute, test_memory, test_start):
            test(folder)
    tap.end()


main()
