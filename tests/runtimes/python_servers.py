# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of the Python reference servers share. Their arguments: TAP_FOLDER SERVER RUNTIMES_FOLDER, then
their own; PYTHON in the environment is the interpreter to serve with, else the one that runs the tests."""

import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../server'))
import harness  # noqa: E402
import xml.etree.ElementTree
from harness import PATIENCE_S, is_gone, wait_for  # noqa: E402

RUNTIMES = pathlib.Path(sys.argv[3])
PYTHON = os.environ.get('PYTHON', sys.executable)
# The runtimes, and the models that stand for them.
MODELS = {'python-asyncio': 'asyncio', 'python-threads': 'gil-threads', 'python-process-pool': 'process-pool',
          'python-prefork': 'prefork', 'python-fastapi': 'asyncio', 'python-uvicorn': 'asyncio', 'python-numpy': 'asyncio',
          'python-flask': 'prefork', 'python-flask-threads': 'gil-threads', 'python-free-threaded': 'free-threads'}
STANDARD = ('python-asyncio', 'python-threads', 'python-process-pool', 'python-prefork')
PAIR = concurrent.futures.ThreadPoolExecutor(2)
# Interpreters of those that need another one than PYTHON.
INTERPRETERS = {}
ON_A_LOOP = ('python-asyncio', 'python-process-pool')
WITH_WORKERS = ('python-process-pool', 'python-prefork')


class Real(harness.Server):
    """A reference server, whose temporary files lie in `folder`: nothing of it may be left there. What it has
    to say on standard error must begin with `says`; or with `may_say`, if it does say something."""

    says = may_say = ''

    def __init__(self, runtime, *options):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.process = start(runtime, '--port', '0', *options, stdin=subprocess.PIPE,
                             env={**os.environ, 'TMPDIR': self.folder})
        line = self.process.stdout.readline()
        self.ready = json.loads(line) if line else None
        assert self.ready and list(self.ready) == ['event', 'port', 'companions'], (line, self.process.communicate())
        assert self.ready['event'] == 'ready' and self.ready['companions'] == []
        self.pid, self.port = self.process.pid, self.ready['port']

    def __exit__(self, kind, value, trace):
        children = self.children()
        # Ends, with the status that the harness asks for, and says nothing meanwhile.
        if self.process.poll() is None:
            self.process.stdin.close()
        code = self.process.wait(PATIENCE_S)
        output, errors = self.process.stdout.read(), self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        left = os.listdir(self.folder)
        self.temporary.cleanup()
        if kind is None:
            said = errors.startswith(self.says) and bool(errors) == bool(self.says)
            assert (code, output) == (0, '') and (said or self.may_say and errors.startswith(self.may_say)), (code, output, errors)
            assert not left, left
            wait_for(lambda: all(is_gone(child) for child in children))


def start(runtime, *options, **popen):
    return subprocess.Popen([INTERPRETERS.get(runtime, PYTHON), str(RUNTIMES / runtime / 'server.py'), *options],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen)


def serves(runtime):
    descriptor = xml.etree.ElementTree.parse(RUNTIMES / runtime / 'runtime.xml')
    return descriptor.find('serves').get('workloads').split()


def order(method, path, body=None, **fields):
    return method, path, body, {name.replace('_', '-'): value for name, value in fields.items()}


# Where the two parsers of JSON see a mistake, and how they call it, is their own.
PLACE = re.compile(rb'("error":"the body is not JSON(?: that can be read)?): .*"}$')


def ask(port, asked):
    method, path, body, fields = asked
    client = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE_S)
    try:
        client.request(method, path, body, fields)
        response = client.getresponse()
        return response.status, response.headers, response.read()
    finally:
        client.close()


def comparable(answer):
    status, headers, body = answer
    return status, headers['Content-Type'], headers['Allow'], PLACE.sub(rb'\1"}', body)


def compare(real, twin, asked):
    mine, theirs = map(comparable, PAIR.map(lambda server: ask(server.port, asked), (real, twin)))
    assert mine == theirs, (asked[0], asked[1], (asked[2] or b'')[:200], [part if isinstance(part, int) else part and part[:400]
                                                                         for part in mine + theirs])
    return mine


def bound(test, runtime):
    return lambda: test(runtime)


def why_no_python(python=PYTHON, minimum=(3, 9)):
    """Why @python will not do, None when it will."""
    probe = subprocess.run([python, '-c', f'import sqlite3, sys; sys.exit(sys.version_info < {minimum})'], check=False,
                           capture_output=True) if os.path.exists(python) else None
    if probe and probe.returncode == 0:
        return None
    return f'{python} is not there, older than {".".join(map(str, minimum))}, or without sqlite3'


def run_tests(tests, runtimes, not_applicable=(), more=None, why_skipped=None):
    """Runs each of @tests, a module's names, that is a test function once for each of @runtimes, but for the pairs
    (runtime, name) that are @not_applicable, and @more, tests without a parameter. @why_skipped says of a test's name
    why it is not run; unless it is given, none is where the interpreter will not do."""
    reason = None if why_skipped else why_no_python()
    all_tests = dict(more or {})
    for runtime in runtimes:
        all_tests |= {f'test_{runtime} {name[5:]}': bound(test, runtime) for name, test in tests.items()
                      if name.startswith('test_') and (runtime, name[5:]) not in not_applicable}
    harness.run_tests(all_tests, lambda name, model: why_skipped(name) if why_skipped else reason)
