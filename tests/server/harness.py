# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of loadstone-server as a process share. Their arguments: TAP_FOLDER SERVER, then their own."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import traceback

sys.path.insert(0, sys.argv[1])
import tap  # noqa: E402

SERVER = sys.argv[2]
PATIENCE_S = 30  # for conditions that must come true; nothing is timed
MODELS = [line.split('\t')[0] for line in
          subprocess.run([SERVER, '--list-models'], capture_output=True, text=True, check=True).stdout.splitlines()]


class Server:
    """A server of @model; a context that ends it by the end of its standard input."""

    def __init__(self, model, *options, **popen):
        self.process = subprocess.Popen([SERVER, '--model', model, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen)
        line = self.process.stdout.readline()
        self.ready = json.loads(line) if line else None
        assert self.ready and self.ready['event'] == 'ready', (line, self.process.communicate())
        assert self.ready['model'] == model and self.ready['pid'] == self.process.pid
        self.pid, self.port = self.process.pid, self.ready['port']

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.process.stdin.close()
        code = self.process.wait(PATIENCE_S)
        errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        if kind is None:
            assert code == 0, (code, errors)
            assert 'Sanitizer' not in errors and 'runtime error' not in errors, errors

    def connect(self):
        return socket.create_connection(('127.0.0.1', self.port), timeout=PATIENCE_S)

    def get(self, path, method='GET', body=None):
        client = http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE_S)
        try:
            client.request(method, path, body)
            response = client.getresponse()
            return response.status, response.headers, response.read()
        finally:
            client.close()

    def send(self, text):
        client = self.connect()
        client.sendall(text)
        return client

    def wait_until_read(self, client):
        """Waits until the server has taken what @client sent: its socket has nothing unread."""
        ours = f'0100007F:{client.getsockname()[1]:04X}'
        theirs = f'0100007F:{self.port:04X}'

        def taken():
            with open('/proc/net/tcp', encoding='ascii') as file:
                for line in file:
                    fields = line.split()
                    if fields[1:3] == [theirs, ours]:
                        return fields[4].endswith(':00000000')
            return False
        wait_for(taken)

    def status(self, key):
        with open(f'/proc/{self.pid}/status', encoding='ascii') as file:
            return int(next(line for line in file if line.startswith(key + ':')).split()[1])

    def children(self):
        return children_of(self.pid)


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, 'the condition never came true'
        time.sleep(0.002)


def children_of(pid):
    """Of all threads of @pid; none when it has gone."""
    children = []
    for thread in os.listdir(f'/proc/{pid}/task') if os.path.exists(f'/proc/{pid}/task') else []:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError), \
                open(f'/proc/{pid}/task/{thread}/children', encoding='ascii') as file:
            children += [int(child) for child in file.read().split()]
    return children


def is_gone(pid):
    """Whether it has ended; its first thread may have while others still hold what is open."""
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as file:
            fields = file.read().rsplit(')', 1)[1].split()
            return fields[0] == 'Z' and int(fields[17]) <= 1
    except (FileNotFoundError, ProcessLookupError):
        return True


def read_answers(client, count):
    """Reads @count answers that have Content-Length; returns their bodies."""
    file, bodies = client.makefile('rb'), []
    for _ in range(count):
        line = file.readline()
        assert line.startswith(b'HTTP/1.1 '), line
        length = None
        while (line := file.readline()) != b'\r\n':
            assert line, 'the answer was cut off'
            if line.lower().startswith(b'content-length:'):
                length = int(line.split(b':')[1])
        bodies.append(file.read(length))
        assert len(bodies[-1]) == length
    return bodies


GET = b'GET %s HTTP/1.1\r\nHost: a\r\n\r\n'


NOT_APPLICABLE = object()


def run_tests(tests, why_skipped=lambda name, model: None):
    """Runs those of @tests, a module's names, that are test functions; those with a parameter once
    for each model. @why_skipped returns a reason, None, or NOT_APPLICABLE for a pair that makes no test."""
    for name, test in [item for item in tests.items() if item[0].startswith('test_')]:
        each = test.__code__.co_argcount > 0
        for model in MODELS if each else [None]:
            title = name[5:].replace('_', ' ') + (f', {model}' if each else '')
            reason = why_skipped(name, model)
            if reason is NOT_APPLICABLE:
                continue
            if reason:
                tap.skip(reason, title)
                continue
            try:
                test(model) if each else test()
            except Exception:  # pylint: disable=broad-except
                tap.point(False, traceback.format_exc(), title)
            else:
                tap.point(True, '', title)
    tap.end()
