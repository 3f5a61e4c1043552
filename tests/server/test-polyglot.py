#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The polyglot model: an edge whose computations are done by a service of worker processes, over each link.

test-polyglot.py TAP_FOLDER SERVER
"""

import concurrent.futures
import http.client
import json
import os
import signal
import struct

from harness import GET, MODELS, PATIENCE_S, Server, children_of, is_gone, run_tests, wait_for

LINKS = [['--link', link] for link in ('http', 'queue', 'rpc')]
if 'process-pool' in MODELS:
    LINKS.append(['--link', 'http', '--worker-model', 'process-pool'])
# The worker processes of this link are the service's children, not the edge's.
SERVICE = 'http'
LONG = GET % b'/compute?n=2000000000'


def descendants(pid):
    children = children_of(pid)
    return children + [each for child in children for each in descendants(child)]


def cpu_ticks(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as file:
            fields = file.read().rsplit(')', 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has just ended
    return int(fields[11]) + int(fields[12])


def busy_worker(server):
    """Waits until one of the edge's descendants computes; returns it."""
    before = {pid: cpu_ticks(pid) for pid in descendants(server.pid)}
    busy = []

    def found():
        busy[:] = [pid for pid in descendants(server.pid) if cpu_ticks(pid) > before.get(pid, 0) + 5]
        return busy
    wait_for(found)
    return busy[0]


def test_same_answers():
    """Over every link the bytes that the event loop gives by itself, whatever the size."""
    asked = [('GET', '/compute?n=0', None), ('GET', '/compute?n=300000', None), ('GET', '/report?rows=300', None),
             ('GET', '/image?size=16', None), ('GET', '/predict?n=3', None), ('GET', '/compute?n=x', None),
             ('POST', '/parse', b'[' + b'[1,2],' * 500000 + b'""]'), ('POST', '/parse', b'[1,'),
             ('GET', '/', None), ('GET', '/slow?ms=2', None)]
    with Server('event-loop') as plain:
        expected = [plain.get(path, method, body)[::2] for method, path, body in asked]
    for options in LINKS:
        with Server('polyglot', '--workers', '2', *options) as server:
            for (method, path, body), answer in zip(asked, expected):
                assert server.get(path, method, body)[::2] == answer, (options, path)


def test_concurrent():
    for options in LINKS:
        with Server('polyglot', '--workers', '3', *options) as server:
            expected = {n: server.get(f'/compute?n={n}')[2] for n in range(0, 5000, 500)}

            def client(number):
                connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=PATIENCE_S)
                for turn in range(20):
                    n = (number + turn) % 10 * 500
                    connection.request('GET', f'/compute?n={n}')
                    assert connection.getresponse().read() == expected[n], (options, n)
                connection.close()
            with concurrent.futures.ThreadPoolExecutor(12) as executor:
                list(executor.map(client, range(12)))


def test_edge_goes_on():
    """What waits and what is small is answered while all workers compute."""
    for options in LINKS:
        with Server('polyglot', '--workers', '1', *options) as server, server.send(LONG) as client:
            busy_worker(server)
            for _ in range(5):
                assert server.get('/')[2] == b'hello\n'
            client.close()


def test_killed_worker():
    """Its job is lost over HTTP and RPC; the queue gives it to another worker, once. Nobody hangs, and others work."""
    for options in LINKS[:3]:
        queue = 'queue' in options
        with Server('polyglot', '--workers', '2', *options) as server, server.send(LONG) as client:
            os.kill(busy_worker(server), signal.SIGKILL)
            if queue:
                os.kill(busy_worker(server), signal.SIGKILL)
            answer = client.makefile('rb').readline()
            assert answer.startswith(b'HTTP/1.1 502 '), (options, answer)
            for _ in range(10):
                assert server.get('/compute?n=5')[2] == b'{"n":5,"sum":6.146264}', options
            # All are there again.
            wait_for(lambda: len(descendants(server.pid)) == (3 if SERVICE in options else 2))


def test_redelivered():
    with Server('polyglot', '--workers', '2', '--link', 'queue') as server:
        clients = [server.send(GET % b'/compute?n=200000000') for _ in range(4)]
        os.kill(busy_worker(server), signal.SIGKILL)
        for client in clients:
            response = http.client.HTTPResponse(client)
            response.begin()
            assert (response.status, json.loads(response.read())['n']) == (200, 200000000)
            client.close()


def test_lost_with_its_worker():
    """A remote call's worker takes with it what had been sent to it, and nothing of the other's."""
    with Server('polyglot', '--workers', '1', '--link', 'rpc') as server:
        clients = [server.send(LONG) for _ in range(3)]
        worker = busy_worker(server)
        for client in clients:
            server.wait_until_read(client)
        os.kill(worker, signal.SIGKILL)
        for client in clients:
            assert client.makefile('rb').readline().startswith(b'HTTP/1.1 502 ')
            client.close()
        assert server.get('/compute?n=5')[0] == 200


def stats(server):
    """The next line of counts."""
    event = json.loads(server.process.stdout.readline())
    assert event['event'] == 'stats'
    return event


def wait_for_stats(server, condition):
    """Waits for a line of counts of which @condition is true; returns it."""
    last = {}
    wait_for(lambda: last.update(stats(server)) or condition(last))
    return last


def test_stopped_worker():
    """A worker that stands still holds its jobs for as long as an upstream may, and is then replaced."""
    for options in LINKS[:3]:
        with Server('polyglot', '--workers', '1', '--fetch-timeout-ms', '1500', *options) as server:
            worker = [pid for pid in descendants(server.pid) if not children_of(pid)][0]
            os.kill(worker, signal.SIGSTOP)
            try:
                clients = [server.send(GET % b'/compute?n=5') for _ in range(3)]
                assert server.get('/')[2] == b'hello\n'
                for client in clients:
                    answer = client.makefile('rb').readline()
                    assert answer.startswith(b'HTTP/1.1 504 '), (options, answer)
                    client.close()
                if SERVICE not in options:
                    wait_for(lambda: is_gone(worker))  # pylint: disable=cell-var-from-loop
            finally:
                if not is_gone(worker):
                    os.kill(worker, signal.SIGCONT)
            wait_for(lambda: server.get('/compute?n=5')[0] == 200)


def test_counts():
    """What was lost, given to another worker, and started again is in the line of counts."""
    expected = {'http': (1, 0), 'queue': (1, 1), 'rpc': (1, 0)}
    for link, (lost, redelivered) in expected.items():
        with Server('polyglot', '--workers', '2', '--link', link, '--stats-interval-ms', '20') as server, \
                server.send(LONG) as client:
            assert not stats(server)['jobs_lost']
            for _ in range(1 + redelivered):
                os.kill(busy_worker(server), signal.SIGKILL)
            assert client.makefile('rb').readline().startswith(b'HTTP/1.1 502 ')
            # The service counts the workers of its own.
            restarts = 0 if link == SERVICE else 1 + redelivered
            last = wait_for_stats(server, lambda line: line['jobs_lost'] and line['restarts'] == restarts)  # pylint: disable=cell-var-from-loop
            assert (last['jobs_lost'], last['jobs_redelivered'], last['companions']) == (lost, redelivered, []), last


def test_killed_service():
    """A worker service that ends is started again; meanwhile jobs are lost, and nothing else."""
    for options in LINKS:
        if SERVICE not in options:
            continue
        with Server('polyglot', '--workers', '2', '--stats-interval-ms', '20', *options) as server:
            for turn in range(2):
                service = server.children()[0]
                with server.send(LONG) as client:
                    busy_worker(server)
                    os.kill(service, signal.SIGKILL)
                    assert client.makefile('rb').readline().startswith(b'HTTP/1.1 502 ')

                def back():
                    status = server.get('/compute?n=5')[0]  # pylint: disable=cell-var-from-loop
                    assert status in (200, 502), status
                    assert server.get('/')[2] == b'hello\n'  # pylint: disable=cell-var-from-loop
                    return status == 200
                wait_for(lambda: is_gone(service))  # pylint: disable=cell-var-from-loop
                wait_for(back)
                wait_for_stats(server, lambda line: line['restarts'] == turn + 1)  # pylint: disable=cell-var-from-loop
                assert server.children() != [service]


def test_client_leaves():
    for options in LINKS:
        with Server('polyglot', '--workers', '1', *options) as server:
            server.send(GET % b'/compute?n=100000000').close()
            assert server.get('/compute?n=5')[0] == 200


def test_ends_with_its_workers():
    for options in LINKS:
        for request in (b'', LONG):
            with Server('polyglot', '--workers', '2', *options) as server, server.send(request) as client:
                if request:
                    busy_worker(server)
                workers = descendants(server.pid)
                assert len(workers) >= 2
                server.process.send_signal(signal.SIGTERM)
                assert server.process.wait(PATIENCE_S) == 0
                wait_for(lambda: all(is_gone(pid) for pid in workers))  # pylint: disable=cell-var-from-loop
                client.close()


def test_killed():
    for options in LINKS:
        with Server('polyglot', '--workers', '2', *options) as server, server.send(LONG):
            busy_worker(server)
            workers = descendants(server.pid)
            server.process.kill()
            assert server.process.wait(PATIENCE_S) == -signal.SIGKILL
            wait_for(lambda: all(is_gone(pid) for pid in workers))  # pylint: disable=cell-var-from-loop
            server.process.wait = lambda timeout: 0


def test_private_endpoint():
    """/job is there for who knows the token alone, and takes nothing but calls."""
    token = '0123456789abcdef' * 2
    state = struct.pack('Qd', 5, 0).ljust(64, b'\0')

    def call(workload=b'compute', magic=0x4c534a31, length=0, body=b'', failed=0):
        return struct.pack('=IIQQ32s', magic, failed, length, 7, workload).ljust(64, b'\0') + state + body

    def ask(server, body, method='POST', **headers):
        client = http.client.HTTPConnection('127.0.0.1', server.port, timeout=PATIENCE_S)
        client.request(method, '/job', body, headers)
        response = client.getresponse()
        answer = response.status, response.read()
        client.close()
        return answer

    def with_token(body, server):
        return ask(server, body, **{'X-Loadstone-Token': token})

    for model in ('event-loop', 'prefork'):
        with Server(model) as server:
            assert ask(server, call(), **{'X-Loadstone-Token': token})[0] == 404
            nothing = server.get('/nowhere')[2]
        with Server(model, env=os.environ | {'LOADSTONE_JOB_TOKEN': token}) as server:
            for headers in ({}, {'X-Loadstone-Token': token[:-1]}, {'X-Loadstone-Token': token[:-1] + 'g'}):
                assert ask(server, call(), **headers) == (404, nothing), headers
            assert ask(server, None, 'GET', **{'X-Loadstone-Token': token})[0] == 404
            status, result = with_token(call(), server)
            assert status == 200 and struct.unpack('Qd', result[64:80]) == (5, 6.146264369941973), result
            for bad in (b'', b'x' * 20, call()[:-1], call() + b'x', call(length=1), call(length=2**63), call(magic=1),
                        call(workload=b'hello'), call(workload=b'no such'), call(workload=b'x' * 32), call(workload=b'job')):
                status, answer = with_token(bad, server)
                assert status == 400 and b'error' in answer, (bad[:40], status, answer)
        # A token that could not have been made is none.
        with Server(model, env=os.environ | {'LOADSTONE_JOB_TOKEN': 'short'}) as server:
            assert ask(server, call(), **{'X-Loadstone-Token': 'short'})[0] == 404


def test_token_is_not_on_the_command_line():
    with Server('polyglot') as server:
        for pid in descendants(server.pid):
            with open(f'/proc/{pid}/cmdline', 'rb') as file:
                assert b'TOKEN' not in file.read().upper()
            with open(f'/proc/{pid}/environ', 'rb') as file:
                variable = [entry for entry in file.read().split(b'\0') if entry.startswith(b'LOADSTONE_JOB_TOKEN=')]
            with open(f'/proc/{pid}/cmdline', 'rb') as file:
                assert variable and variable[0].split(b'=')[1] not in file.read()


if __name__ == '__main__':
    run_tests(globals())
