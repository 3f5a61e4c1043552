#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""loadstone-server as a process: every model with every workload, real clients, and its end.

test-server.py TAP_FOLDER SERVER WORKLOADS
"""

import concurrent.futures
import contextlib
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import xml.etree.ElementTree

from harness import GET, MODELS, NOT_APPLICABLE, PATIENCE_S, SERVER, Server, is_gone, read_answers, run_tests, wait_for

WORKLOADS = sys.argv[3]
KEEP_ALIVE = [model for model in MODELS if model != 'prefork']

# Path, status, content type, body; None: the same from all models, checked there.
ANSWERS = [
    ('/', 200, 'text/plain', b'hello\n'),
    ('/json', 200, 'application/json', None),
    ('/slow?ms=10', 200, 'application/json', b'{"status":"done","t":10}'),
    ('/slow?ms=0', 200, 'application/json', b'{"status":"done","t":0}'),
    ('/compute?n=5', 200, 'application/json', b'{"n":5,"sum":6.146264}'),
    ('/compute?n=0', 200, 'application/json', b'{"n":0,"sum":0.000000}'),
    ('/compute?n=300000', 200, 'application/json', None),
    ('/nowhere', 404, 'application/json', None),
    ('/slow?ms=soon', 400, 'application/json', None),
    ('/compute?n=10000000001', 400, 'application/json', None),
]


# One function a test; those with a parameter run once for each model.

def test_answers(model, seen={}):
    with Server(model) as server:
        for path, status, kind, body in ANSWERS:
            got_status, headers, got_body = server.get(path)
            assert (got_status, headers['Content-Type']) == (status, kind), (path, got_status)
            assert body is None or got_body == body, (path, got_body)
            assert seen.setdefault(path, got_body) == got_body, f'{path} differs between models'
            assert int(headers['Content-Length']) == len(got_body)
            if kind == 'application/json':
                json.loads(got_body)
            head_status, head, nothing = server.get(path, 'HEAD')
            assert (head_status, head['Content-Length'], nothing) == (status, str(len(got_body)), b'')
        assert len(seen['/json']) == 1024
        status, headers, _ = server.get('/', 'POST', b'x' * 100000)
        assert (status, headers['Allow']) == (405, 'GET, HEAD')


def test_concurrent_clients(model):
    with Server(model) as server:
        expected = {path: server.get(path) for path in ('/', '/json', '/slow?ms=5', '/compute?n=20000')}

        def client(number):
            good = 0
            for turn in range(10):
                path = list(expected)[(number + turn) % len(expected)]
                good += server.get(path)[::2] == expected[path][::2]
            return good
        with concurrent.futures.ThreadPoolExecutor(24) as executor:
            assert sum(executor.map(client, range(24))) == 240


def test_keep_alive(model):
    with Server(model) as server, server.connect() as client:
        for turn in range(20):
            path = [b'/', b'/slow?ms=1', b'/compute?n=5', b'/json'][turn % 4]
            client.sendall(GET % path)
            if model not in KEEP_ALIVE:
                answer = client.makefile('rb').read()
                assert b'\r\nConnection: close\r\n' in answer and answer.endswith(b'hello\n')
                return
            assert read_answers(client, 1)


def test_pipelining(model):
    paths = [b'/', b'/json', b'/slow?ms=1', b'/compute?n=5'] * 25
    with Server(model) as server:
        expected = {path: server.get(path.decode())[2] for path in paths}
        with server.send(b''.join(GET % path for path in paths)) as client:
            if model not in KEEP_ALIVE:
                paths = paths[:1]
            assert read_answers(client, len(paths)) == [expected[path] for path in paths]


def test_cut_up(model):
    with Server(model) as server, server.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in GET % b'/slow?ms=1':
            client.sendall(bytes([byte]))
        assert read_answers(client, 1) == [b'{"status":"done","t":1}']


def test_half_closed(model):
    """A client that ends its side after the request still gets the answer."""
    with Server(model) as server, server.send(GET % b'/slow?ms=20') as client:
        client.shutdown(socket.SHUT_WR)
        assert client.makefile('rb').read().endswith(b'{"status":"done","t":20}')


def test_malformed(model):
    with Server(model) as server:
        for text, status in ((b'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400), (b'\x16\x03\x01\n', 400),
                             (b'GET /' + b'a' * 9000, 414), (b'GET / HTTP/3.0\r\n\r\n', 505),
                             # Much is still on its way when the answer is given: it must arrive all the same.
                             (b'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n' + b'x' * 600000, 413)):
            with server.send(text) as client:
                answer = client.makefile('rb').read()
                assert answer.startswith(b'HTTP/1.1 %d ' % status), (text[:60], answer)
                assert b'\r\nConnection: close\r\n' in answer
        assert server.get('/')[2] == b'hello\n'


def test_slow_reader(model):
    """One who asks and does not take the answers holds up nobody, and no memory."""
    with Server(model) as server, server.connect() as client:
        client.setblocking(False)
        sent, requests = 0, (GET % b'/json') * 2000
        while True:
            try:
                sent += client.send(requests[sent % len(requests):])
            except BlockingIOError:
                # Full, unless the server still takes some while others are answered.
                before = sent
                assert server.get('/')[2] == b'hello\n'
                assert server.get('/json')[0] == 200
                with contextlib.suppress(BlockingIOError):
                    sent += client.send(requests[sent % len(requests):])
                if sent == before:
                    break
            assert sent < 200 * 1000 * 1000, 'the server reads without bound'
        assert server.status('VmRSS') < 16 * 1024 or 'ASAN_OPTIONS' in os.environ
        client.setblocking(True)
        client.settimeout(PATIENCE_S)
        whole = sent // len(GET % b'/json')
        assert all(len(body) == 1024 for body in read_answers(client, whole))


def test_only_loopback(model):
    with Server(model) as server:
        found = []
        for name in ('/proc/net/tcp', '/proc/net/tcp6'):
            with contextlib.suppress(FileNotFoundError), open(name, encoding='ascii') as file:
                for line in list(file)[1:]:
                    fields = line.split()
                    if fields[3] == '0A' and fields[1].endswith(f':{server.port:04X}'):
                        found.append(fields[1])
        assert found == [f'0100007F:{server.port:04X}'], found


def test_end_of_input(model):
    with Server(model) as server:
        with server.send(b'GET /sl'), server.connect() as idle:
            server.process.stdin.close()
            # A reset if it has not been accepted yet.
            with contextlib.suppress(ConnectionResetError):
                assert idle.recv(1) == b''
            assert server.process.wait(PATIENCE_S) == 0


def test_drains(model):
    for number in (signal.SIGTERM, signal.SIGINT):
        # Long enough for the signal to be heard before, on a busy machine too, and shorter than the drain.
        with Server(model) as server, server.send(GET % b'/slow?ms=600') as client:
            server.wait_until_read(client)
            server.process.send_signal(number)
            answer = client.makefile('rb').read()
            assert answer.endswith(b'{"status":"done","t":600}'), answer
            assert b'\r\nConnection: close\r\n' in answer
            assert server.process.wait(PATIENCE_S) == 0


def test_drains_in_bounded_time(model):
    for path in (b'/slow?ms=60000', b'/compute?n=10000000000'):
        with Server(model) as server, server.send(GET % path) as client:
            server.wait_until_read(client)
            children = server.children()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(PATIENCE_S) == 0
            wait_for(lambda: all(is_gone(pid) for pid in children))


def test_port_in_use(model):
    with Server(model) as server:
        done = subprocess.run([SERVER, '--model', model, '--port', str(server.port)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 1
        event = json.loads(done.stdout)
        assert event['event'] == 'error' and f'port {server.port} on 127.0.0.1 is in use' in event['message']
        assert event['message'] in done.stderr


def test_port_again(model):
    """A port is free again as soon as its server has ended, for all that is left in TIME_WAIT."""
    with Server(model) as server:
        port = server.port
        server.get('/')
    with Server(model, '--port', str(port)) as server:
        assert server.port == port and server.get('/')[0] == 200


def test_few_files(model):
    """With no file descriptor left it neither ends nor spins, and goes on when there are some again."""
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
    with Server(model, preexec_fn=limit) as server:
        first = server.connect()
        others = [server.connect() for _ in range(40)]
        if model in KEEP_ALIVE:
            first.sendall(GET % b'/')
            assert read_answers(first, 1) == [b'hello\n']
        first.close()
        for client in others:
            client.close()

        def served():
            # Whoever comes while those that have left still wait to be accepted may be closed with them.
            with contextlib.suppress(ConnectionError, http.client.HTTPException):
                return server.get('/')[2] == b'hello\n'
        wait_for(served)


def test_max_connections():
    for model in KEEP_ALIVE:
        if model == 'cluster':  # has no such option: a primary hands over what it has accepted
            continue
        with Server(model, '--max-connections', '2') as server:
            clients = [server.connect() for _ in range(4)]
            for client in clients[:2]:
                client.sendall(GET % b'/')
                assert read_answers(client, 1) == [b'hello\n']
            clients[2].sendall(GET % b'/')
            clients[2].settimeout(0)
            try:
                clients[2].recv(1)
                assert False, 'a third connection was served'
            except BlockingIOError:
                pass
            clients[0].close()
            clients[2].settimeout(PATIENCE_S)
            assert read_answers(clients[2], 1) == [b'hello\n']
            for client in clients:
                client.close()


def test_threads_as_needed():
    with Server('gil-threads', '--threads', '3') as server:
        before = server.status('Threads')
        server.get('/')
        assert server.status('Threads') == before + 1
        with concurrent.futures.ThreadPoolExecutor(12) as executor:
            answers = list(executor.map(lambda _: server.get('/slow?ms=20')[0], range(12)))
        assert answers == [200] * 12
        assert server.status('Threads') == before + 3


def test_computing_thread_gives_way():
    """Under the global lock others are answered while one computes; on the loop they are not."""
    with Server('gil-threads', '--switch-interval-us', '1000') as server:
        with server.send(GET % b'/compute?n=10000000000') as computing:
            server.wait_until_read(computing)
            assert server.get('/')[2] == b'hello\n'
            assert server.get('/slow?ms=1')[0] == 200


def test_one_request_at_a_time():
    """A worker that waits for one client's request serves no other."""
    with Server('prefork') as server, server.connect() as silent, server.send(GET % b'/') as second:
        # The second is in the backlog: what it sent lies unread until the first goes.
        second.settimeout(0)
        for _ in range(20):
            try:
                assert second.recv(1) == 'nothing'
            except BlockingIOError:
                os.sched_yield()
        second.settimeout(PATIENCE_S)
        silent.close()
        assert second.makefile('rb').read().endswith(b'hello\n')


def test_data():
    """What data/workloads/ asks for is what there is."""
    workloads = {}
    for name in os.listdir(WORKLOADS):
        root = xml.etree.ElementTree.parse(os.path.join(WORKLOADS, name)).getroot()
        if root.tag == 'workload':
            workloads[root.get('id')] = root
    done = subprocess.run([SERVER, '--list-workloads'], capture_output=True, text=True, check=True)
    # One with other clients beside asks for what two others ask for.
    alone = [name for name, root in workloads.items() if root.find('beside') is None]
    assert sorted(alone) == sorted(line.split('\t')[0] for line in done.stdout.splitlines())
    for root in workloads.values():
        # As shipped: each parameter, wherever it is named, with its default.
        for parameter in root.findall('parameter'):
            braces = '{' + parameter.get('name') + '}'
            for element in root.iter():
                element.attrib.update({name: value.replace(braces, parameter.get('default'))
                                       for name, value in element.attrib.items()})
    arguments = [word for root in workloads.values() for word in root.get('server-arguments', '').split()]
    with Server(MODELS[0], *arguments) as server:
        for root in workloads.values():
            request, kind = root.find('request'), root.get('kind')
            if kind is not None:
                # A HEAD has no stream behind it; a WebSocket is opened by a handshake alone.
                assert server.get(request.get('path'), 'HEAD')[0] == (426 if kind == 'websocket' else 200)
                continue
            body = request.get('body', '').replace('%s', request.get('body-item', '') * int(request.get('body-times', 0)))
            status, _, answer = server.get(request.get('path'), request.get('method'), body.encode())
            assert status in (200, 201) and request.get('expect').encode() in answer, (request.attrib, status, answer)


def test_wrong_arguments():
    for arguments, named in (([], '--model'), (['--model'], '--model'), (['--model', 'no"\\\x01\xff'], '--model'),
                             (['--model', 'prefork', '--workers', '0'], '--workers'),
                             (['--model', 'prefork', '--workers', '1x'], '--workers'),
                             (['--model', 'prefork', '--threads', '1'], '--threads'),
                             (['--model', 'event-loop', '--port', '65536'], '--port'),
                             (['--model', 'event-loop', '--port=-1'], '--port'),
                             (['--model', 'event-loop', '--backlog', ''], '--backlog'),
                             (['--model', 'event-loop', '--upstream', '0'], '--upstream'),
                             (['--model', 'event-loop', '--upstream', '80x'], '--upstream'),
                             (['--model', 'event-loop', *['--upstream', '80'] * 65], '--upstream'),
                             (['--model', 'event-loop', '--upstreams', '65'], '--upstreams'),
                             (['--model', 'event-loop', '--upstreams', '2', '--upstream', '80'], '--upstreams'),
                             (['--model', 'event-loop', '--ports', '0'], '--ports'),
                             (['--model', 'prefork', '--ports', '2'], '--ports'),
                             (['--model', 'prefork', '--link', 'http'], '--link'),
                             (['--model', 'event-loop', '--worker-profile', 'x'], '--worker'),
                             (['--model', 'polyglot', '--link', 'pigeon'], '--link'),
                             (['--model', 'polyglot', '--worker-model', 'polyglot'], '--worker-model'),
                             (['--model', 'polyglot', '--link', 'rpc', '--worker-model', 'prefork'], '--worker-model'),
                             (['--model', 'polyglot', '--worker-profile', 'no such'], '--worker-profile'),
                             (['--bogus'], '--bogus'), (['-x'], '-x'), (['event-loop'], 'event-loop')):
        done = subprocess.run([SERVER, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors='surrogateescape', check=False)
        assert done.returncode == 2, (arguments, done)
        event = json.loads(done.stdout)
        assert event['event'] == 'error' and named in event['message'], (arguments, done)
        assert named in done.stderr


def test_information():
    for option, expected in (('--help', '--switch-interval-us'), ('--version', 'loadstone-server '),
                             ('--list-models', 'gil-threads\t'), ('--list-workloads', 'slow\tGET /slow?ms=200')):
        done = subprocess.run([SERVER, option], capture_output=True, text=True, check=True)
        assert expected in done.stdout and done.stderr == '', option


def why_skipped(name, model):
    if name == 'test_slow_reader' and model not in KEEP_ALIVE:
        return NOT_APPLICABLE  # a connection carries one request
    return None


if __name__ == '__main__':
    run_tests(globals(), why_skipped)
