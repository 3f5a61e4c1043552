#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that others have written: curl, wrk, Node's fetch and its module ws, Python's http.client.

test-real-clients.py TAP_FOLDER SERVER MODULES

MODULES is where `npm install` puts the module ws, unless it is there already.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys

from harness import MODELS, NOT_APPLICABLE, PATIENCE_S, Server, run_tests
import npm  # beside tap, where harness finds it

MODULES = sys.argv[3]
WS_VERSION = '8'
HERE = os.path.dirname(os.path.abspath(__file__))
BLOCKING = [model for model in MODELS if model in ('gil-threads', 'free-threads', 'prefork')]
# Members of one topic are those of one process here.
OPTIONS = {'cluster': ['--workers', '1']}


def test_curl(model):
    with Server(model) as server:
        url = f'http://127.0.0.1:{server.port}'
        curl = ['curl', '-sS', '-m', str(PATIENCE_S)]
        done = subprocess.run([*curl, f'{url}/', f'{url}/json', f'{url}/slow?ms=1', '-w', '%{http_code} '],
                              capture_output=True, text=True, check=True)
        assert done.stdout.count('200 ') == 3, done.stdout
        # It waits for 100 (Continue) before a body as large as this.
        body = os.urandom(2000000)
        for field in ('Expect: 100-continue', 'Transfer-Encoding: chunked'):
            done = subprocess.run([*curl, '-H', field, '--data-binary', '@-', f'{url}/echo'], input=body,
                                  capture_output=True, check=True)
            assert done.stdout == body, (field, len(done.stdout))
        done = subprocess.run([*curl, '-X', 'POST', '-H', 'Transfer-Encoding: chunked', '--data-binary', '@-',
                               f'{url}/json', '-w', '%{http_code}'], input=b'x' * 300000, capture_output=True, check=True)
        assert done.stdout.endswith(b'405'), done.stdout
        done = subprocess.run([*curl, '-I', f'{url}/json', '--http1.0'], capture_output=True, text=True, check=True)
        assert done.stdout.startswith('HTTP/1.1 200 ') and 'content-length: 1024' in done.stdout.lower(), done.stdout


def test_wrk(model):
    """Every answer is read as one, none fails. Not how many there are: that is for benchmarks."""
    with Server(model) as server:
        for path in ('/', '/json', '/echo'):
            if path != '/' and model not in ('event-loop', 'gil-threads', 'prefork'):
                continue
            done = subprocess.run(['wrk', '-t1', '-c32', '-d1s', f'http://127.0.0.1:{server.port}{path}'],
                                  capture_output=True, text=True, check=True, timeout=PATIENCE_S)
            assert 'Non-2xx' not in done.stdout and 'requests in' in done.stdout, done.stdout
            assert ' 0 requests in' not in done.stdout, done.stdout
            # Where each answer ends its connection, wrk counts what it had not sent yet as an error.
            assert 'Socket errors' not in done.stdout or model == 'prefork', done.stdout


def test_python(model):
    with Server(model) as server:
        client = http.client.HTTPConnection('127.0.0.1', server.port, timeout=PATIENCE_S)
        for turn in range(20):
            client.request('GET', '/json')
            answer = client.getresponse()
            assert answer.status == 200 and len(json.loads(answer.read())['products']) == 12, turn
            # In chunks, as it is sent when its length is not known.
            client.request('PUT', '/echo', iter([b'a' * 1000, b'', b'b' * 70000]), encode_chunked=True,
                           headers={'Transfer-Encoding': 'chunked'})
            assert client.getresponse().read() == b'a' * 1000 + b'b' * 70000
            client.request('HEAD', '/json')
            answer = client.getresponse()
            assert (answer.headers['Content-Length'], answer.read()) == ('1024', b'')
        client.close()


def test_node(model):
    """Node's fetch, which keeps connections alive and uses several."""
    code = ("const u = process.argv[1]; Promise.all(Array.from({length: 60}, (_, i) =>"
            "  fetch(u + ['/', '/json', '/slow?ms=2'][i % 3]).then(r => r.text())))"
            ".then(t => console.log(t.reduce((n, x) => n + x.length, 0)))")
    with Server(model) as server:
        done = subprocess.run(['node', '-e', code, f'http://127.0.0.1:{server.port}'], capture_output=True,
                              text=True, check=True, timeout=PATIENCE_S)
        assert int(done.stdout) == 20 * (6 + 1024 + 23), done.stdout


def test_node_ws(model):
    with Server(model, *OPTIONS.get(model, [])) as server:
        done = subprocess.run(['node', os.path.join(HERE, 'real-clients.js'), str(server.port)], capture_output=True,
                              text=True, check=False, timeout=PATIENCE_S,
                              env=os.environ | {'NODE_PATH': os.path.join(MODULES, 'node_modules')})
        assert done.stdout == 'ok\n', done.stderr


def why_skipped(name, model):
    program = name[5:]
    if program in ('curl', 'node', 'wrk') and not shutil.which(program):
        return f'{program} is not installed'
    if program == 'node_ws':
        if model in BLOCKING:
            return NOT_APPLICABLE  # an open connection would hold a thread or a process
        return npm.why_not(MODULES, 'ws', WS_VERSION)
    return None


if __name__ == '__main__':
    run_tests(globals(), why_skipped)
