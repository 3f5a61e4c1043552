#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of counts that loadstone-server prints: form, sums, lag of the loop, and that nobody need read them.

test-observer.py TAP_FOLDER SERVER
"""

import array
import base64
import concurrent.futures
import fcntl
import json
import os
import signal
import termios
import time

from harness import GET, MODELS, PATIENCE_S, Server, read_answers, run_tests, wait_for

LOOPS = [model for model in MODELS if model not in ('gil-threads', 'prefork', 'free-threads')]
COUNTS = ['requests', 'lost', 'accepted', 'bytes_in', 'bytes_out', 'jobs', 'messages_in', 'messages_out',
          'messages_dropped', 'members_closed', 'ticks', 'ticks_missed', 'events_published',
          'events_consumed', 'events_failed', 'event_lag_ns', 'database_busy', 'probes_missed']
GAUGES = ['in_flight', 'connections', 'queue_depth']


def decode(text):
    """Returns the values of an encoded histogram as {lowest value of the bucket: count}."""
    data = base64.b64decode(text, validate=True)
    assert data[:4] == b'\x1c\x84\x93\x13' and int.from_bytes(data[4:8], 'big') == len(data) - 40
    counts, index, at = {}, 0, 40
    while at < len(data):
        number, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        value = number >> 1 ^ -(number & 1)
        if value < 0:
            index -= value
            continue
        octave, place = divmod(index - 2048, 1024)
        counts[index if index < 2048 else (place + 1024) << (octave + 1)] = value
        index += 1
    return counts


class Observed(Server):
    """A server whose lines of counts are read, one after the other."""

    def __init__(self, model, *options, interval_ms=20):
        super().__init__(model, '--stats-interval-ms', str(interval_ms), *options)
        self.last = None
        self.lags = {}

    def next(self):
        line = json.loads(self.process.stdout.readline())
        assert line['event'] == 'stats'
        assert all(isinstance(line[name], int) and line[name] >= 0
                   for name in COUNTS + GAUGES + ['t_ns', 'interval_ns', 'lines_dropped']), line
        assert sorted(line['responses']) == ['1xx', '2xx', '3xx', '4xx', '5xx']
        # What one line says of processes and of all of them is one reading.
        for name in ('requests', 'in_flight', 'connections'):
            assert all(worker[name] >= 0 for worker in line['workers'])
        assert sum(worker['requests'] for worker in line['workers']) <= line['requests']
        if 'loop_lag' in line:
            assert line['loop_behind_ns'] >= 0
            for lag, count in decode(line['loop_lag']).items():
                self.lags[lag] = self.lags.get(lag, 0) + count
        if self.last:
            assert line['t_ns'] - line['interval_ns'] == self.last['t_ns']
            assert all(line[name] >= self.last[name] for name in COUNTS), (self.last, line)
            assert all(line['responses'][name] >= self.last['responses'][name] for name in line['responses'])
        self.last = line
        return line

    def until(self, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition(self.next()):
            assert time.monotonic() < deadline, self.last
        return self.last


def test_starting_up(model):
    with Server(model) as server:
        phases = server.ready['startup_ns']
        assert sorted(phases) == ['listen', 'process', 'workers'], phases
        assert all(isinstance(phase, int) and 0 < phase < 10**11 for phase in phases.values()), phases


def test_nothing_unasked(model):
    with Server(model) as server:
        server.get('/')
        server.process.stdin.close()
        assert server.process.stdout.read() == ''


def test_counts(model):
    with Observed(model) as server:
        for path in ('/', '/json', '/slow?ms=1', '/nowhere'):
            server.get(path)
        with server.connect() as client:
            client.sendall(b'what\r\n\r\n')
            assert client.makefile('rb').read().startswith(b'HTTP/1.1 400 ')
        line = server.until(lambda line: line['connections'] == 0 and line['accepted'] == 5)
        assert line['requests'] == 4 and line['lost'] == 0 and line['in_flight'] == 0, line
        assert line['responses'] == {'1xx': 0, '2xx': 3, '3xx': 0, '4xx': 2, '5xx': 0}, line
        assert line['bytes_out'] > 1024 + 5 * 100 and line['bytes_in'] > 4 * 50, line


def test_in_flight(model):
    with Observed(model) as server:
        with server.send(GET % b'/slow?ms=300') as client:
            line = server.until(lambda line: line['in_flight'] == 1)
            assert line['connections'] == 1
            assert sum(worker['in_flight'] for worker in line['workers']) == 1
            assert client.recv(9) == b'HTTP/1.1 '
        server.until(lambda line: line['in_flight'] == 0 and line['connections'] == 0)


def test_under_load(model):
    requests, clients = 60, 8
    with Observed(model) as server:
        def client(_):
            return sum(server.get('/')[0] == 200 for _ in range(requests))
        with concurrent.futures.ThreadPoolExecutor(clients) as executor:
            answers = [executor.submit(client, number) for number in range(clients)]
            server.until(lambda line: line['requests'] == requests * clients)
        assert sum(answer.result() for answer in answers) == requests * clients
        line = server.until(lambda line: line['connections'] == 0)
        assert sum(worker['requests'] for worker in line['workers']) == line['requests'] == requests * clients
        assert ('gil' in line) == (line.get('gil', {}).get('takes', 0) > 0)
        assert ('loop_lag' in line) == (model in LOOPS)


def test_workers():
    with Observed('prefork', '--workers', '3') as server:
        line = server.next()
        assert sorted(worker['pid'] for worker in line['workers']) == sorted(server.children())
        with server.send(GET % b'/slow?ms=60000') as client:
            server.wait_until_read(client)
            line = server.until(lambda line: line['in_flight'] == 1)
            killed = [worker['pid'] for worker in line['workers'] if worker['in_flight']]
            os.kill(killed[0], signal.SIGKILL)
            line = server.until(lambda line: line['lost'] == 1)
            assert line['in_flight'] == 0 and line['connections'] == 0, line
        line = server.until(lambda line: len(line['workers']) == 3)
        assert killed[0] not in [worker['pid'] for worker in line['workers']]


def test_gil():
    with Observed('gil-threads', '--threads', '4', '--switch-interval-us', '1000') as server:
        with server.send(GET % b'/compute?n=10000000000') as computing:
            server.wait_until_read(computing)
            before = server.next()
            for _ in range(5):
                assert server.get('/')[0] == 200
            server.until(lambda line: line['gil']['forced'] > 0 and line['gil']['contended'] > 0 and
                         line['gil']['wait_ns'] > before.get('gil', {'wait_ns': 0})['wait_ns'])


def test_lag():
    """A loop that stands still is late for every point of the grid meanwhile, and shows it while it does."""
    for model in LOOPS:
        with Observed(model) as server:
            server.until(lambda line: server.lags)
            with server.send(GET % b'/bad?ms=600') as client:
                server.until(lambda line: line['loop_behind_ns'] > 20 * 10**6)
                assert read_answers(client, 1)
                server.until(lambda line: max(server.lags) >= 590 * 10**6)
                # One of each 10 ms, none left out.
                late = sum(count for lag, count in server.lags.items() if lag >= 10 * 10**6)
                assert late >= 58, late
        with Observed(model) as server:
            with server.send(GET % b'/bad?ms=200') as client:
                assert read_answers(client, 1)
                server.until(lambda line: server.lags and max(server.lags) >= 190 * 10**6)


def test_unread():
    """Nobody reads the lines: it goes on serving, and later says how many it left out. All that is there is whole."""
    with Observed('event-loop', interval_ms=1) as server:
        output, size, sizes = server.process.stdout.fileno(), array.array('i', [0]), []
        room = fcntl.fcntl(output, fcntl.F_GETPIPE_SZ)

        def full():
            # A page holds whole lines only, so how much the pipe takes depends on how long they are.
            assert server.get('/')[0] == 200
            fcntl.ioctl(output, termios.FIONREAD, size)
            sizes.append(size[0])
            return size[0] > room / 2 and len(set(sizes[-50:])) == 1
        wait_for(full)
        for _ in range(100):
            assert server.get('/')[0] == 200
        server.until(lambda line: line['lines_dropped'] > 0)
        server.until(lambda line: line['requests'] > 100)


def test_nobody_there():
    """Who was to read has closed the pipe: no reason to end, or to fail."""
    with Observed('event-loop', interval_ms=1) as server:
        server.next()
        server.process.stdout.close()
        for _ in range(50):
            assert server.get('/')[0] == 200
        wait_for(lambda: server.get('/json')[0] == 200)


if __name__ == '__main__':
    run_tests(globals())
