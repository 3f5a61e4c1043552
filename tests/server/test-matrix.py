#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model with every workload, under concurrency: the right answers, and the same from all.

test-matrix.py TAP_FOLDER SERVER

A new workload needs a row in ASKED; a pair that does not apply, one in NOT_APPLICABLE.
"""

import collections
import concurrent.futures
import json
import math
import subprocess

from harness import MODELS, SERVER, Server, run_tests

CLIENTS, TURNS = 6, 2
WORKLOADS = [line.split('\t')[0] for line in
             subprocess.run([SERVER, '--list-workloads'], capture_output=True, text=True, check=True)
             .stdout.splitlines()]

# What is sent, the status to come, what the body has to be (bytes, or a function of the parsed JSON), the
# body sent, and whether the answer depends on what was before (else all have to be the same bytes).
Ask = collections.namedtuple('Ask', 'method path status good body varies', defaults=(None, False))


def roots(n):
    return sum(math.sqrt(i) for i in range(n))


COMPASS = {'id': 1, 'name': 'Plain compass no. 1', 'price': 0.5}

# What a server needs on its command line for a workload.
OPTIONS = {'gateway': ['--upstreams', '3'], 'io': ['--upstreams', '2']}

ASKED = {
    'hello': [Ask('GET', '/', 200, b'hello\n')],
    'json': [Ask('GET', '/json', 200, lambda user: len(user['products']) == 12)],
    'slow': [Ask('GET', '/slow?ms=5', 200, b'{"status":"done","t":5}')],
    'compute': [Ask('GET', '/compute?n=1000', 200, lambda a: math.isclose(a['sum'], roots(1000), rel_tol=1e-9)),
                Ask('GET', '/compute?n=x', 400, lambda a: 'n must be' in a['error'])],
    'user': [Ask('GET', '/user/7?ms=3', 200, lambda a: a['id'] == 7)],
    'users': [Ask('GET', '/users/12', 200, lambda a: a['id'] == 12)],
    'signup': [Ask('POST', '/users', 201, lambda a: a['email'] == 'a@b' and 'password' not in a,
                   b'{"email":"a@b","password":"secret"}'),
               Ask('POST', '/users', 400, lambda a: a['errors'] or a['error'],
                   b'{"email":"ab","password":"short"}')],
    'bad': [Ask('GET', '/bad?ms=2', 200, lambda a: True), Ask('GET', '/bad?ms=2&in=pool', 200, lambda a: True)],
    'fan-out': [Ask('GET', f'/fan-out?n=5&ms=2&mode={mode}&via={via}', 200, lambda a: a['n'] == 5)
                for mode in ('all', 'sequential') for via in ('timer', 'pool')],
    'mix': [Ask('GET', '/mix?total_ms=2&cpu=50', 200, lambda a: True)],
    'echo': [Ask(method, '/echo', 200, bytes(range(256)) * 20, bytes(range(256)) * 20)
             for method in ('POST', 'PUT', 'PATCH', 'DELETE')],
    'parse': [Ask('POST', '/parse', 200, lambda a: a['arrays'] == 1001 and a['numbers'] == 2000, b'[' + b'[1,2],' * 1000 + b'""]'),
              Ask('POST', '/parse', 400, lambda a: 'line 1, column ' in a['error'], b'[1,')],
    'report': [Ask('GET', '/report?rows=500', 200, lambda a: sum(r['orders'] for r in a['regions']) == 500)],
    'tasks': [Ask('GET', '/tasks?chunk=10', 200, lambda a: a['chunk'] == 10)],
    'image': [Ask('GET', '/image?size=16', 200, lambda a: sum(a['histogram']) == 256)],
    'predict': [Ask('GET', f'/predict?n=2&via={via}', 200, lambda a: [len(row) for row in a['scores']] == [10, 10])
                for via in ('compute', 'spawn')],
    'csv': [Ask('POST', f'/csv?mode={mode}', 200, b'date,rows,amount\n2026-01-01,2,7.50\n',
                b'date,customer,category,quantity,price\n2026-01-01,a,b,3,1.5\n2026-01-01,a,b,1,3\n2026-01-01,,b,1,3\n')
            for mode in ('stream', 'whole')],
    'stream': [Ask('GET', '/stream?chunks=3&bytes=5&ms=1', 200, b'aaaaabbbbbccccc')],
    'cache': [Ask('GET', '/cache?bytes=100&limit=9', 200, lambda a: a == {'bytes': 100, 'limit': 9})],
    'cart': [Ask('GET', '/cart/7', 200, lambda a: len(a['items']) == len(a['recommended']) == 5)],
    'products': [Ask('GET', f'/products?limit=200&connect={connect}', 200, lambda a: len(a) == 200 and a[0] == COMPASS)
                 for connect in (0, 1)],
    'product-add': [Ask('POST', f'/products?connect={connect}', 201, lambda a: a['id'] > 1000 and a['price'] == 12.4,
                        b'{"name":"Tar","price":12.4}', varies=True) for connect in (0, 1)] +
                   [Ask('POST', '/products', 400, lambda a: len(a['errors']) == 2, b'{"name":"","price":"12.4"}')],
    'product': [Ask('GET', '/products/1', 200, lambda a: a == COMPASS),
                Ask('PUT', '/products/2', 200, lambda a: a == {'id': 2, 'name': 'Tar', 'price': 3}, b'{"name":"Tar","price":3}'),
                Ask('DELETE', '/products/1001', 404, lambda a: 'no product' in a['error'])],
    'query': [Ask('GET', f'/query?from=0&below=100&connect={connect}', 200, lambda a: a['count'] == 496)
              for connect in (0, 1)],
    'io': [Ask('GET', '/io?id=1&ms=3', 200, lambda a: a == {'id': 1, 'price': 0.5, 'waited_ms': 3})],
    'gateway': [Ask('GET', '/api/s3/slow?ms=2&transform=1', 200, b'{"service":"s3","data":{"status":"done","t":2}}'),
                Ask('POST', '/api/2/echo', 200, b'to be passed on', b'to be passed on'),
                Ask('GET', '/api/s4/', 404, lambda a: a['error'])],
}

# Workloads without a plain answer, here only asked for in a wrong way: see test-websocket.py.
OPEN = ['ws-echo', 'chat', 'live', 'nlp', 'events']
ASKED |= {workload: [Ask('GET', path, 426, lambda a: 'WebSocket' in a['error'])]
          for workload, path in (('ws-echo', '/ws'), ('chat', '/chat'), ('live', '/live'), ('nlp', '/nlp'))}
ASKED['events'] = [Ask('HEAD', '/events', 200, b'')]

# Why a model does not take part in a workload: it has to say so with 501 (Not Implemented).
NOT_APPLICABLE = {(model, workload): 'an open connection would hold a thread or a process'
                  for model in ('gil-threads', 'free-threads', 'prefork') for workload in OPEN}


def check(answer, asked):
    status, headers, body = answer
    assert status == asked.status, (asked, status, body[:300])
    if isinstance(asked.good, bytes):
        assert body == asked.good, (asked, body[:300])
    else:
        assert headers['Content-Type'] == 'application/json', (asked, headers['Content-Type'])
        assert asked.good(json.loads(body)), (asked, body[:300])
    return body


def answers_of(server, asks):
    def client(_):
        return [(asked, check(server.get(asked.path, asked.method, asked.body), asked))
                for _ in range(TURNS) for asked in asks]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as executor:
        return [row for rows in executor.map(client, range(CLIENTS)) for row in rows]


SEEN = {}


def pair(model, workload):
    """A test of its own server, so that what one workload leaves behind does not hide what another does."""
    def test():
        why_not = NOT_APPLICABLE.get((model, workload))
        asks = ASKED[workload]
        if why_not:
            asks = [asked._replace(method=asked.method.replace('HEAD', 'GET'), status=501, good=lambda a: a['error'])
                    for asked in asks]
        with Server(model, *OPTIONS.get(workload, [])) as server:
            for asked, body in answers_of(server, asks):
                if not why_not and not asked.varies:
                    key = asked.method, asked.path, asked.body
                    assert SEEN.setdefault(key, body) == body, f'{asked.path} differs between models'
    return test


def test_tables_are_whole():
    assert set(ASKED) == set(WORKLOADS), set(ASKED) ^ set(WORKLOADS)
    assert all(model in MODELS and workload in WORKLOADS and why for (model, workload), why in NOT_APPLICABLE.items())


run_tests({'test_tables_are_whole': test_tables_are_whole}
          | {f'test_{workload} on {model}': pair(model, workload) for workload in ASKED for model in MODELS})
