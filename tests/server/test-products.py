#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product workloads as a client and a subscriber see them, on every model, and what a server leaves behind.

test-products.py TAP_FOLDER SERVER
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
import sys
import tempfile

from harness import MODELS, PATIENCE_S, SERVER, Server, is_gone, run_tests, wait_for

BROKER = shutil.which('redis-server') or shutil.which('valkey-server')
SEED_ROWS = 1000


@contextlib.contextmanager
def private_folder():
    """A folder that is $TMPDIR; nothing may be in it in the end but what the test has put there."""
    with tempfile.TemporaryDirectory(prefix='loadstone-test-') as folder:
        yield folder, dict(os.environ, TMPDIR=folder)


def ask(server, method, path, body=None):
    status, headers, text = server.get(path, method, body if body is None else json.dumps(body))
    assert headers['Content-Type'] == 'application/json'
    return status, json.loads(text)


def count(server):
    return ask(server, 'GET', '/query?below=1000000000')[1]['count']


def test_life_of_a_product(model):
    with Server(model) as server:
        for connect in 0, 1:
            query = f'?connect={connect}'
            status, row = ask(server, 'POST', '/products' + query, {'name': 'Tar "A"; DROP TABLE product', 'price': 12.4})
            path = f'/products/{row["id"]}' + query
            assert status == 201 and row == {'id': SEED_ROWS + 1, 'name': 'Tar "A"; DROP TABLE product', 'price': 12.4}
            assert ask(server, 'GET', path) == (200, row)
            row |= {'name': 'Compass \u2116 1', 'price': 0}
            assert ask(server, 'PUT', path, {'name': row['name'], 'price': 0}) == (200, row)
            listed = ask(server, 'GET', f'/products{query}&limit=2000')
            assert listed[0] == 200 and listed[1][-1] == row and len(listed[1]) == SEED_ROWS + 1
            assert ask(server, 'DELETE', path) == (200, {'deleted': row['id']})
            assert ask(server, 'DELETE', path)[0] == ask(server, 'GET', path)[0] == 404
            assert count(server) == SEED_ROWS


def test_database_and_service(model):
    """W-002-7: the same answer whether there is a service to call or not; what it does wrong is told."""
    with Server(model, '--upstreams', '2') as server, Server(model) as alone:
        for path in '/io?id=1&ms=3', '/io?id=2&ms=0&connect=1', '/io?id=1001':
            assert ask(server, 'GET', path) == ask(alone, 'GET', path), path
        assert ask(server, 'GET', '/io?id=2&ms=1') == (200, {'id': 2, 'price': 79.69, 'waited_ms': 1})
    with socket.socket() as nobody:
        nobody.bind(('127.0.0.1', 0))
        with Server(model, '--upstream', str(nobody.getsockname()[1])) as server:
            assert ask(server, 'GET', '/io?ms=1')[0] == 502


def test_nothing_is_lost(model):
    """Clients add and remove at a time, over a pool and not: in the end all is there that should be."""
    with Server(model, '--database-timeout-ms', '20000') as server:
        def client(number):
            kept = []
            for turn in range(8):
                query = f'?connect={int((number + turn) % 3 == 0)}'
                status, row = ask(server, 'POST', '/products' + query, {'name': f'{number}', 'price': turn})
                assert status == 201, row
                if turn % 2:
                    assert ask(server, 'DELETE', f'/products/{row["id"]}{query}')[0] == 200
                else:
                    kept.append(row)
            return kept
        with concurrent.futures.ThreadPoolExecutor(12) as executor:
            kept = [row for rows in executor.map(client, range(12)) for row in rows]
        rows = ask(server, 'GET', '/products?limit=5000')[1][SEED_ROWS:]
        assert len(kept) == len(rows) == 48
        assert sorted(kept, key=lambda row: row['id']) == rows


def test_nothing_is_left(model):
    """The temporary database goes with its server: at its end, and when it or its parent is killed."""
    code = ('import json, subprocess, sys, time, urllib.request\n'
            'p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stdin=subprocess.PIPE)\n'
            'port = json.loads(p.stdout.readline())["port"]\n'
            'urllib.request.urlopen(f"http://127.0.0.1:{port}/products").read()\n'
            'print(p.pid, flush=True)\n'
            'time.sleep(1000)\n')
    with private_folder() as (folder, environment):
        for number in None, signal.SIGTERM, signal.SIGKILL:
            with Server(model, env=environment) as server:
                assert server.get('/')[0] == 200 and os.listdir(folder) == []
                assert server.get('/products')[0] == 200 and len(os.listdir(folder)) == 1
                assert os.stat(os.path.join(folder, os.listdir(folder)[0])).st_mode & 0o777 == 0o700
                if number:
                    server.process.send_signal(number)
                    assert server.process.wait(PATIENCE_S) == (0 if number == signal.SIGTERM else -number)
                    server.process.wait = lambda timeout: 0
            wait_for(lambda: os.listdir(folder) == [])
        parent = subprocess.Popen([sys.executable, '-c', code, SERVER, '--model', model], env=environment,
                                  stdout=subprocess.PIPE, text=True)
        pid = int(parent.stdout.readline())
        assert len(os.listdir(folder)) == 1
        parent.kill()
        parent.wait()
        parent.stdout.close()
        wait_for(lambda: is_gone(pid) and os.listdir(folder) == [])


def test_drains_with_a_locked_database(model):
    """A request that waits for a lock does not keep a server from ending in time."""
    with private_folder() as (folder, environment):
        file = os.path.join(folder, 'kept.db')
        with Server(model, '--database', file, '--database-timeout-ms', '60000', env=environment) as server:
            other = sqlite3.connect(file, isolation_level=None)
            other.execute('BEGIN IMMEDIATE')
            with server.send(b'DELETE /products/1 HTTP/1.1\r\nHost: a\r\n\r\n') as client:
                server.wait_until_read(client)
                server.process.stdin.close()
                assert server.process.wait(PATIENCE_S) == 0
            other.execute('ROLLBACK')
            assert other.execute('SELECT count(*) FROM product').fetchone() == (SEED_ROWS,)
            other.close()


def test_one_file_of_two_servers():
    """W-004-9: what one writes the other reads; who finds it locked for too long answers 503."""
    with private_folder() as (folder, environment):
        file = os.path.join(folder, 'kept.db')
        options = ['--database', file, '--database-timeout-ms', '20']
        with Server(MODELS[0], *options, env=environment) as first, Server('prefork', *options, env=environment) as second:
            assert ask(first, 'POST', '/products', {'name': 'of the first', 'price': 1})[0] == 201
            assert ask(second, 'GET', f'/products/{SEED_ROWS + 1}')[1]['name'] == 'of the first'
            other = sqlite3.connect(file, isolation_level=None)
            other.execute('BEGIN IMMEDIATE')
            for server in first, second:
                status, answer = ask(server, 'DELETE', '/products/1')
                assert status == 503 and 'locked' in answer['error'], answer
                assert ask(server, 'GET', '/products/1')[0] == 200
            other.execute('ROLLBACK')
            other.close()
            assert ask(second, 'DELETE', '/products/1')[0] == 200
            assert ask(first, 'GET', '/products/1')[0] == 404
        assert os.listdir(folder) == ['kept.db']
        with Server('prefork', *options, '--workers', '3', env=environment) as server:
            assert count(server) == SEED_ROWS
            for _ in range(6):
                assert ask(server, 'POST', '/products', {'name': 'of a worker', 'price': 1})[0] == 201
        assert os.listdir(folder) == ['kept.db']
        assert sqlite3.connect(file).execute('PRAGMA integrity_check').fetchone() == ('ok',)


def test_workers_share_a_temporary_database():
    with private_folder() as (folder, environment), Server('prefork', '--workers', '3', env=environment) as server:
        with concurrent.futures.ThreadPoolExecutor(6) as executor:
            added = list(executor.map(lambda n: ask(server, 'POST', '/products', {'name': str(n), 'price': n}), range(30)))
        assert [status for status, _ in added] == [201] * 30
        for worker in server.children():
            # The folder stays while its workers come and go.
            os.kill(worker, signal.SIGKILL)
            wait_for(lambda: worker not in server.children() and len(server.children()) == 3)
            assert count(server) == SEED_ROWS + 30
        assert len(os.listdir(folder)) == 1


def refused(*options, **popen):
    done = subprocess.run([SERVER, '--model', MODELS[0], *options], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False, **popen)
    event = json.loads(done.stdout)
    assert event['event'] == 'error' and event['message'] in done.stderr
    return done.returncode, event['message']


def test_wrong_arguments():
    with private_folder() as (folder, environment):
        diary = os.path.join(folder, 'diary.txt')
        with open(diary, 'w', encoding='ascii') as file:
            file.write('Dear diary, ' * 100)
        for file, named in ((diary, 'is not a database'), (folder, 'is not a file'), ('', 'is not a file'),
                            (os.path.join(folder, 'no', 'where'), 'unable to open')):
            code, message = refused('--database', file, env=environment)
            assert code == 1 and message.startswith('--database: ') and named in message, message
        with open(diary, encoding='ascii') as file:
            assert file.read() == 'Dear diary, ' * 100
        assert os.listdir(folder) == ['diary.txt']
    code, message = refused(env=dict(os.environ, TMPDIR='/nowhere'))
    assert code == 1 and 'TMPDIR' in message
    for address in 'redis://example.org', '127.0.0.1:6379', 'redis://127.0.0.1:0', 'redis://me:secret@127.0.0.1', '':
        code, message = refused('--events', address)
        assert code == 2 and message.startswith('--events: '), message
    code, message = refused('--events', 'redis://127.0.0.1:1')
    assert code == 1 and 'no broker answers on port 1' in message
    for option in '--database-connections=0', '--database-timeout-ms=60001', '--database-timeout-ms=x':
        assert refused(option)[0] == 2


class Broker:
    """Redis or Valkey, on a port of its own or on @port; a context that ends it."""

    def __init__(self, port=0):
        for _ in range(20):
            with socket.socket() as free:
                free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                free.bind(('127.0.0.1', port))
                self.port = free.getsockname()[1]
            self.process = subprocess.Popen([BROKER, '--port', str(self.port), '--bind', '127.0.0.1', '--save', '',
                                             '--appendonly', 'no'], stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
            # Another program may have taken the port.
            wait_for(lambda: self.process.poll() is not None or self.answers())
            if self.process.poll() is None:
                return
        raise AssertionError('no broker could be started')

    def answers(self):
        try:
            with socket.create_connection(('127.0.0.1', self.port), timeout=PATIENCE_S) as client:
                client.sendall(b'PING\r\n')
                return client.recv(7) == b'+PONG\r\n'
        except ConnectionError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.wait()

    def subscribe(self, channel):
        client = socket.create_connection(('127.0.0.1', self.port), timeout=PATIENCE_S)
        client.sendall(f'SUBSCRIBE {channel}\r\n'.encode())
        file = client.makefile('rb')
        client.close()
        assert [file.readline() for _ in range(6)][5] == b':1\r\n'
        return file


def next_event(file):
    """Returns the event that a subscriber hears next."""
    lines = [file.readline() for _ in range(7)]
    assert lines[2] == b'message\r\n', lines
    return json.loads(lines[6])


def test_events_of_a_broker(model):
    with Broker() as broker, Server(model, '--events', f'redis://localhost:{broker.port}') as server:
        heard = broker.subscribe('product_events')
        for name in 'Tar', 'a "quoted" \\ name', '\u00e9' * 100, "'; --":
            row = ask(server, 'POST', '/products', {'name': name, 'price': 1})[1]
            assert next_event(heard) == {'action': 'created', 'id': row['id'], 'name': name}
        # the id is a number, however it was written in the path.
        assert ask(server, 'DELETE', '/products/0001001')[0] == 200
        assert next_event(heard) == {'action': 'deleted', 'id': 1001}
        assert ask(server, 'DELETE', '/products/1001')[0] == 404
        assert ask(server, 'PUT', '/products/1', {'name': 'x', 'price': 1})[0] == 200
        assert ask(server, 'DELETE', '/products/1')[0] == 200
        # Of the two in between nothing was published.
        assert next_event(heard) == {'action': 'deleted', 'id': 1}
        heard.close()


def test_broker_goes(model):
    """Without its broker a server stores and says that it could not publish; all else goes on."""
    with Broker() as broker:
        server = Server(model, '--events', f'valkey://127.0.0.1:{broker.port}/news')
        assert ask(server, 'POST', '/products', {'name': 'x', 'price': 1})[0] == 201
    with server:
        for number in 2, 3:
            status, answer = ask(server, 'POST', '/products', {'name': 'x', 'price': 1})
            assert status == 503 and 'could not be published' in answer['error'], answer
            assert count(server) == SEED_ROWS + number
        with Broker(broker.port) as again:
            heard = again.subscribe('news')
            wait_for(lambda: ask(server, 'POST', '/products', {'name': 'x', 'price': 1})[0] == 201)
            assert next_event(heard)['action'] == 'created'
            heard.close()


def counts_of(server, condition):
    """Returns the first line of counts that meets @condition."""
    while True:
        line = json.loads(server.process.stdout.readline())
        if condition(line):
            return line


def test_counts():
    """Published, consumed by the queue's consumer, how late, and what was locked: in the lines of counts."""
    with private_folder() as (folder, environment):
        file = os.path.join(folder, 'kept.db')
        with Server(MODELS[0], '--stats-interval-ms', '5', '--database', file, '--database-timeout-ms', '5',
                    env=environment) as server:
            for _ in range(20):
                assert ask(server, 'POST', '/products', {'name': 'x', 'price': 1})[0] == 201
            line = counts_of(server, lambda line: line['events_consumed'] == 20)
            assert line['events_published'] == 20 and line['events_failed'] == line['database_busy'] == 0
            # Counted right after the event was.
            counts_of(server, lambda line: line['event_lag_ns'] > 0)
            other = sqlite3.connect(file, isolation_level=None)
            other.execute('BEGIN IMMEDIATE')
            assert ask(server, 'DELETE', '/products/1')[0] == 503
            counts_of(server, lambda line: line['database_busy'] == 1)
            other.close()


def why_skipped(name, model):
    if 'broker' in name and not BROKER:
        return 'neither redis-server nor valkey-server is installed'
    return None


if __name__ == '__main__':
    run_tests(globals(), why_skipped)
