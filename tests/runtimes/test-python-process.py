#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python reference servers as processes: their connections, how they begin, and that they end and leave
nothing behind.

test-python-process.py TAP_FOLDER SERVER RUNTIMES_FOLDER
"""

import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess

from python_servers import (MODELS, ON_A_LOOP, STANDARD, WITH_WORKERS, Real, ask, compare, harness, order, run_tests, start)
from harness import GET, PATIENCE_S, children_of, is_gone, read_answers, wait_for  # found by python_servers

# With a connection for each request, and with a loop that does nothing else while it computes.
NOT_APPLICABLE = {('python-prefork', 'many_connections'), ('python-asyncio', 'computes_elsewhere')}
ENDLESS = '/compute?n=10000000000'


def test_many_connections(runtime):
    """More than there are threads, all open at a time, and each asked more than once."""
    with Real(runtime) as real, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(real.connect()) for _ in range(100)]
        for _ in range(3):
            for client in clients:
                client.sendall(GET % b'/slow?ms=1')
            for client in clients:
                assert read_answers(client, 1) == [b'{"status":"done","t":1}']


def test_pipelined(runtime):
    with Real(runtime) as real, real.send(GET % b'/slow?ms=2' + GET % b'/' + GET % b'/slow?ms=1') as client:
        if runtime == 'python-prefork':
            assert read_answers(client, 1) == [b'{"status":"done","t":2}']
        else:
            assert read_answers(client, 3) == [b'{"status":"done","t":2}', b'hello\n', b'{"status":"done","t":1}']


def test_close(runtime):
    """A connection stays, or ends with its answer, as the client asks."""
    with Real(runtime) as real:
        for request in (b'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', b'GET / HTTP/1.0\r\n\r\n'):
            with real.send(request) as client:
                answer = client.makefile('rb').read()
                assert answer.startswith(b'HTTP/1.1 200 ') and answer.endswith(b'\r\n\r\nhello\n'), answer
        with real.send(b'GET /stream?chunks=2&bytes=3 HTTP/1.0\r\n\r\n') as client:
            assert client.makefile('rb').read().endswith(b'\r\n\r\naaabbb')
        with real.send(b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n') as client:
            file = client.makefile('rb')
            assert file.readline() == b'HTTP/1.1 100 Continue\r\n' and file.readline() == b'\r\n'
            client.sendall(b'abc')
            assert read_answers(client, 1) == [b'abc']


def test_body_limit(runtime):
    with Real(runtime) as real, harness.Server(MODELS[runtime]) as twin:
        assert compare(real, twin, order('POST', '/echo', b'x' * (16 << 20)))[0] == 200
        for length, status in ((b'16777217', b'413'), (b'9' * 30, b'400'), (b'x', b'400'), (b'-1', b'400')):
            bodies = []
            for server in (real, twin):
                with server.send(b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ' + length + b'\r\n\r\nabc') as client:
                    client.shutdown(socket.SHUT_WR)
                    head, _, body = client.makefile('rb').read().partition(b'\r\n\r\n')
                    assert head.split()[1] == status and b'application/json' in head, head
                    bodies.append(body)
            assert bodies[0] == bodies[1], bodies
        assert ask(real.port, order('GET', '/'))[2] == b'hello\n'


def test_not_http(runtime):
    """What is no request is answered with an error and the end of the connection, and does no harm."""
    with Real(runtime) as real:
        for text, statuses in ((b'nonsense\r\n\r\n', (b'400',)), (b'GET / HTTP/3.0\r\nHost: a\r\n\r\n', (b'505',)),
                               (b'GET /' + b'x' * 100000 + b' HTTP/1.1\r\nHost: a\r\n\r\n', (b'414', b'431'))):
            with real.send(text) as client:
                answer = client.makefile('rb').read()
                assert any(status in answer.split(b'\r\n')[0] for status in statuses), (text[:50], answer[:100])
                assert json.loads(answer.partition(b'\r\n\r\n')[2])['error']
        if runtime in ON_A_LOOP:
            for text in (b'X: a\nb', b'X: a\x00', b'X', b'X : a', b'Host: b', b'Content-Length: 1\r\nTransfer-Encoding: chunked'):
                with real.send(b'GET /echo HTTP/1.1\r\nHost: a\r\n' + text + b'\r\n\r\n') as client:
                    assert client.makefile('rb').read().startswith(b'HTTP/1.1 400 '), text
        for text in (b'', b'GET', b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc'):
            with real.send(text) as client:
                client.shutdown(socket.SHUT_WR)
                # The standard library's own server takes half a line for a wrong one.
                answer = client.makefile('rb').read()
                assert not answer or (runtime not in ON_A_LOOP and answer.startswith(b'HTTP/1.1 400 ')), answer
        assert ask(real.port, order('GET', '/'))[2] == b'hello\n'


def test_chunked_body(runtime):
    """A body of unknown length, which the standard library's own HTTP server knows nothing of."""
    with Real(runtime) as real:
        for text, good in ((b'3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX: y\r\n\r\n', True), (b'x\r\n', False), (b'1\r\nabc\r\n', False),
                           (b'1000001\r\n', False)):
            with real.send(b'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' + text) as client:
                client.shutdown(socket.SHUT_WR)
                head, _, body = client.makefile('rb').read().partition(b'\r\n\r\n')
                status = int(head.split()[1])
                if runtime not in ON_A_LOOP:
                    assert status == 501 and json.loads(body)['error'], (head, body)
                elif good:
                    assert (status, body) == (200, b'abcdefg'), (head, body)
                else:
                    assert status in (400, 413) and json.loads(body)['error'], (head, body)


def test_client_goes(runtime):
    with Real(runtime) as real:
        for path in (b'/stream?chunks=1000&bytes=100000', b'/slow?ms=20', b'/events?hz=100'):
            for _ in range(10):
                with real.send(GET % path) as client:
                    real.wait_until_read(client)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        assert ask(real.port, order('GET', '/'))[2] == b'hello\n'


def test_slow_reader(runtime):
    """An answer that its client does not take is not made meanwhile: 200 MiB of it are nowhere."""
    with Real(runtime) as real, real.send(b'GET /stream?chunks=200&bytes=1048576 HTTP/1.1\r\nHost: a\r\n'
                                              b'Connection: close\r\n\r\n') as client:
        file = client.makefile('rb')
        assert file.readline() == b'HTTP/1.1 200 OK\r\n'
        if runtime != 'python-prefork':
            assert ask(real.port, order('GET', '/'))[2] == b'hello\n'
        for pid in (real.pid, *real.children()):
            with open(f'/proc/{pid}/status', encoding='ascii') as status:
                assert next(int(line.split()[1]) for line in status if line.startswith('VmRSS')) < 100 * 1024
        size = 0
        while block := file.read(1 << 20):
            size += len(block)
        assert size > 200 << 20


def read_event(file):
    """The next event of a stream, without its chunk's head."""
    length = int(file.readline(), 16)
    text = file.read(length + 2)
    assert text.startswith(b'data: ') and text.endswith(b'\n\n\r\n'), text
    return json.loads(text[6:])


def test_events(runtime):
    with Real(runtime) as real, harness.Server(MODELS[runtime]) as twin:
        if runtime not in ON_A_LOOP:
            assert compare(real, twin, order('GET', '/events'))[0] == 501
            return
        clients, heads, events = [], [], []
        for server in (real, real, twin):
            clients.append(server.send(GET % b'/events?hz=100').makefile('rb'))
            assert clients[-1].readline() == b'HTTP/1.1 200 OK\r\n'
            heads.append({line.strip().lower() for line in iter(clients[-1].readline, b'\r\n') if not line.startswith(b'Date')})
            events.append([read_event(clients[-1]) for _ in range(5)])
        assert heads[0] == heads[1] == heads[2], heads
        for told in events:
            for event in told:
                minute = event['seq'] % 90
                assert event == {'seq': event['sent_ns'] // 10000000, 'sent_ns': event['sent_ns'], 'minute': minute, 'home': 'Maricourt',
                                 'away': 'Lucera', 'score': [(minute + 11) // 31, minute // 40]}, event
            assert list(told[0]) == list(events[2][0])
            assert [event['seq'] for event in told] == sorted({event['seq'] for event in told})
        # All end well when the server does.
        real.process.send_signal(signal.SIGTERM)
        for file in clients[:2]:
            assert file.read().endswith(b'\r\n0\r\n\r\n')


def descendants(pid):
    """The children of @pid, and theirs."""
    children = children_of(pid)
    return children + [descendant for child in children for descendant in descendants(child)]


def test_ends_by_signal(runtime):
    for number in (signal.SIGTERM, signal.SIGINT):
        with Real(runtime) as real:
            assert ask(real.port, order('GET', '/products'))[0] == 200
            with real.connect() as idle:
                real.process.send_signal(number)
                assert real.process.wait(PATIENCE_S) == 0
                # Reset, where no worker has come to accept it.
                with contextlib.suppress(ConnectionResetError):
                    assert idle.recv(1) == b''


def test_ends_in_the_middle(runtime):
    """What is in flight is finished; what takes for ever is not."""
    with Real(runtime) as real, real.send(GET % b'/slow?ms=300') as client:
        real.wait_until_read(client)
        real.process.send_signal(signal.SIGTERM)
        answer = client.makefile('rb').read()
        assert answer.endswith(b'\r\n\r\n{"status":"done","t":300}') and b'Connection: close' in answer, answer
    for end in (lambda server: server.process.send_signal(signal.SIGTERM), lambda server: server.process.stdin.close()):
        for path in (ENDLESS, '/slow?ms=60000', '/bad?ms=60000', '/predict?n=999&via=spawn'):
            with Real(runtime) as real:
                before = len(descendants(real.pid))
                with real.send(GET % path.encode()) as client:
                    real.wait_until_read(client)
                    if 'spawn' in path:
                        wait_for(lambda: len(descendants(real.pid)) > before)
                    family = descendants(real.pid)
                    end(real)
                    assert real.process.wait(PATIENCE_S) == 0
                    wait_for(lambda: all(is_gone(pid) for pid in family))


def test_killed(runtime):
    """No worker outlives a server that could not tell it to end."""
    with Real(runtime, *(['--workers', '3'] if runtime in WITH_WORKERS else [])) as real:
        children = real.children()
        assert len(children) == (3 if runtime in WITH_WORKERS else 0), children
        real.process.kill()
        assert real.process.wait(PATIENCE_S) == -signal.SIGKILL
        wait_for(lambda: all(is_gone(child) for child in children))
        real.process.returncode = 0
        # Nobody was there to remove it; the next of Loadstone's servers does.
        left, = os.listdir(real.folder)
        assert left.startswith('loadstone-server-')
        with harness.Server('asyncio', env={**os.environ, 'TMPDIR': real.folder}) as twin:
            assert ask(twin.port, order('GET', '/products'))[0] == 200
            wait_for(lambda: left not in os.listdir(real.folder))
        wait_for(lambda: not os.listdir(real.folder))


def test_worker_killed(runtime):
    if runtime not in WITH_WORKERS:
        assert start(runtime, '--port', '0', '--workers', '2', stdin=subprocess.PIPE).wait(PATIENCE_S) == 2
        return
    with Real(runtime, '--workers', '2') as real:
        before = real.children()
        os.kill(before[0], signal.SIGKILL)
        if runtime == 'python-prefork':
            wait_for(lambda: len(real.children()) == 2 and before[0] not in real.children())
            for _ in range(4):
                assert ask(real.port, order('GET', '/compute?n=10'))[0] == 200
        else:
            # The pool is broken, as the library says; what computes nothing goes on.
            wait_for(lambda: not real.children())
            status, _, body = ask(real.port, order('GET', '/compute?n=10'))
            assert status == 500 and b'a process of the pool has ended' in body, body
            assert ask(real.port, order('GET', '/slow?ms=1'))[0] == 200


def test_computes_elsewhere(runtime):
    """While a pool computes, or another process or thread does, the rest goes on."""
    with Real(runtime, *(['--workers', '2'] if runtime in WITH_WORKERS else [])) as real, \
            real.send(GET % ENDLESS.encode()) as client:
        real.wait_until_read(client)
        assert ask(real.port, order('GET', '/'))[2] == b'hello\n'
        assert ask(real.port, order('GET', '/compute?n=1000'))[0] == 200


def folder_of(real):
    """The one that the server has made for its files."""
    name, = os.listdir(real.folder)
    return os.path.join(real.folder, name)


def test_database_fails(runtime):
    with Real(runtime) as real:
        with contextlib.closing(sqlite3.connect(os.path.join(folder_of(real), 'products.db'), isolation_level=None)) as other:
            # Reading goes on beside somebody who writes; writing waits for 5 s, then says so.
            other.execute('BEGIN IMMEDIATE')
            assert ask(real.port, order('GET', '/products/1'))[0] == 200
            assert ask(real.port, order('POST', '/products', b'{"name":"Tar","price":1}'))[::2] == (
                503, b'{"error":"the database was locked for too long: try again"}')
            other.execute('ROLLBACK')
            other.execute('DROP TABLE product')
        for path in ('/products', '/query?connect=1'):
            assert ask(real.port, order('GET', path))[::2] == (
                500, b'{"error":"the database failed: see what the server says on standard error"}')
        real.says = f'server.py: the database {folder_of(real)}/products.db failed: no such table: product.\n'


def test_files_fail(runtime):
    with Real(runtime) as real:
        shutil.rmtree(folder_of(real))
        assert ask(real.port, order('GET', '/csv'))[::2] == (
            503, b'{"error":"the temporary file to read cannot be written: free some space"}')


def test_child_killed(runtime):
    """The process that predicts may be killed; who asked is told."""
    with Real(runtime) as real, concurrent.futures.ThreadPoolExecutor(1) as executor:
        before = descendants(real.pid)
        answer = executor.submit(ask, real.port, order('GET', '/predict?n=1000&via=spawn'))
        wait_for(lambda: set(descendants(real.pid)) - set(before))
        child, = set(descendants(real.pid)) - set(before)
        os.kill(child, signal.SIGKILL)
        assert answer.result()[::2] == (500, b'{"error":"the child process did not answer"}')


def test_options(runtime):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = str(taken.getsockname()[1])
        for options, code, words in ((['--port', port], 1, port), (['--port', '65536'], 2, '--port'), (['--port', 'x'], 2, '--port'),
                                     ([], 2, '--port'), (['--port', '0', '--nonsense'], 2, '--nonsense'), (['--port', '0', '--workers', '0'], 2, '--workers')):
            process = start(runtime, *options, stdin=subprocess.PIPE)
            output, errors = process.communicate(timeout=PATIENCE_S)
            assert (process.returncode, output) == (code, '') and words in errors, (options, process.returncode, output, errors)
            assert errors.endswith('.\n') and errors.count('\n') == 1 and 'Traceback' not in errors, errors


def test_port_again(runtime):
    """The port of a server that has served and ended can be had again at once."""
    with Real(runtime) as first:
        assert ask(first.port, order('GET', '/'))[2] == b'hello\n'
        port = str(first.port)
    process = start(runtime, '--port', port, stdin=subprocess.PIPE)
    assert json.loads(process.stdout.readline())['port'] == int(port)
    assert process.communicate(timeout=PATIENCE_S) == ('', '') and process.returncode == 0


run_tests(globals(), STANDARD, NOT_APPLICABLE)
