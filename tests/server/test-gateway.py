#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gateway: what it asks its upstreams for, what it makes of their answers, and upstreams that misbehave.

test-gateway.py TAP_FOLDER SERVER
"""

import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading

from harness import GET, PATIENCE_S, SERVER, Server, is_gone, read_answers, run_tests, wait_for

Request = collections.namedtuple('Request', 'line fields body')
OK = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
HELLO = OK + b'Content-Length: 6\r\n\r\nhello\n'


class Upstream:
    """A server on a free port that answers each request with what @answer(request, connection) returns:
    bytes, which are sent as they are; then it closes if they are followed by None. A context."""

    def __init__(self, answer, port=0):
        self.answer, self.requests, self.connections, self.closed, self.sockets = answer, [], 0, 0, set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(('127.0.0.1', port), backlog=512, reuse_port=True)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        # Wakes accept(), which closing alone does not.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for connection in self.sockets:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.sockets.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with connection, connection.makefile('rb') as file:
                while (request := self.read(file)) is not None:
                    with self.lock:
                        self.requests.append(request)
                    for part in self.answer(request, connection):
                        if part is None:
                            return
                        connection.sendall(part)
        except OSError:
            pass
        finally:
            with self.lock:
                self.sockets.discard(connection)
                self.closed += 1

    @staticmethod
    def read(file):
        line = file.readline()
        if not line:
            return None
        fields = []
        while (field := file.readline()) not in (b'\r\n', b''):
            name, value = field.decode('latin-1').rstrip('\r\n').split(': ', 1)
            fields.append((name, value))
        length = int(dict(fields).get('Content-Length', 0))
        return Request(line.decode('latin-1').rstrip('\r\n'), fields, file.read(length))


def exchange(server, text):
    """Sends @text and returns the answer: status, fields, body."""
    with server.send(text) as client:
        response = http.client.HTTPResponse(client, method=text.split(b' ')[0].decode())
        response.begin()
        return response.status, response.getheaders(), response.read()


def gateway(model, *upstreams, **options):
    arguments = [word for upstream in upstreams for word in ('--upstream', str(upstream.port))]
    for name, value in options.items():
        arguments += ['--' + name.replace('_', '-'), str(value)]
    return Server(model, *arguments)


def test_no_upstreams(model):
    with Server(model) as server:
        status, _, body = server.get('/api/s1/json')
        assert status == 503 and b'--upstreams' in body and b'--upstream PORT' in body, body


def test_own_upstreams(model):
    """Those that a server starts itself answer as servers do, each behind its own name."""
    with Server('event-loop') as plain, Server(model, '--upstreams', '20') as server:
        for path in ('json', 'slow?ms=3', '', 'nowhere', 'compute?n=5'):
            expected = plain.get('/' + path)
            for service in ('s1', 's20', '7'):
                if path:
                    got = server.get(f'/api/{service}/{path}')
                    assert got[::2] == expected[::2], (path, got)
                    assert got[1]['Content-Type'] == expected[1]['Content-Type']
        assert server.get('/api/s20/json?transform=1')[2] == b'{"service":"s20","data":' + plain.get('/json')[2] + b'}'
        for service in ('s0', 's21', '0', '21', 's', 'x', 's-1', '%731', 's1.5', '99999999999'):
            assert server.get(f'/api/{service}/json')[0] == 404, service
        for path in ('/api', '/api/', '/api/s1', '/api/s1/'):
            assert server.get(path)[0] == 404, path


def test_concurrent(model):
    with Server(model, '--upstreams', '20') as server:
        def client(number):
            good = 0
            connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=PATIENCE_S)
            for turn in range(20):
                ms = (number + turn) % 4
                connection.request('GET', f'/api/s{(number * 7 + turn) % 20 + 1}/slow?ms={ms}')
                response = connection.getresponse()
                good += response.read() == b'{"status":"done","t":%d}' % ms and response.status == 200
            connection.close()
            return good
        with concurrent.futures.ThreadPoolExecutor(24) as executor:
            assert sum(executor.map(client, range(24))) == 24 * 20


def test_what_is_passed_on(model):
    """RFC 9110 section 7.6: end-to-end fields as they came, nothing of what is between neighbours."""
    with Upstream(lambda request, _: [HELLO]) as upstream, gateway(model, upstream) as server:
        exchange(server, b'GET /api/s1/a%20b/%2e%2e//c;d=%C3%A9?x=1&x=2&y=%26 HTTP/1.1\r\nHost: example.org\r\n'
                 b'Accept: a/b\r\naccept: c/d\r\nX-Blank:\r\nCookie: a=b; c="d, e"\r\nVia: 1.1 before\r\n'
                 b'Connection: X-Hop, te\r\nX-Hop: 1\r\nTE: trailers\r\nKeep-Alive: timeout=5\r\nTrailer: X-End\r\n'
                 b'Upgrade: h2c\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic x\r\n\r\n')
        request = upstream.requests[-1]
        assert request.line == 'GET /a%20b/%2e%2e//c;d=%C3%A9?x=1&x=2&y=%26 HTTP/1.1', request
        assert request.fields == [('Host', f'127.0.0.1:{upstream.port}'), ('Accept', 'a/b'), ('accept', 'c/d'),
                                  ('X-Blank', ''), ('Cookie', 'a=b; c="d, e"'), ('Via', '1.1 before'),
                                  ('Via', '1.1 loadstone')], request
        exchange(server, b'GET /api/1/x HTTP/1.0\r\nConnection: close\r\n\r\n')
        assert ('Via', '1.0 loadstone') in upstream.requests[-1].fields

        for body, framing in ((b'', b'Content-Length: 0\r\n\r\n'), (b'{"a":1}', b'Content-Length: 7\r\n\r\n{"a":1}'),
                              (b'x' * 300000, b'Content-Length: 300000\r\n\r\n' + b'x' * 300000),
                              # A body in chunks with a trailer section is passed on with its length.
                              (b'abcde', b'Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n3\r\ncde\r\n0\r\nX-T: 1\r\n\r\n'),
                              # A request within the body is a body.
                              (GET % b'/x', b'Content-Length: %d\r\n\r\n' % len(GET % b'/x') + GET % b'/x')):
            status, _, answer = exchange(server, b'POST /api/s1/p?q HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n' + framing
                                         if not body else b'POST /api/s1/p?q HTTP/1.1\r\nHost: a\r\n' + framing)
            request = upstream.requests[-1]
            assert (status, answer) == (200, b'hello\n')
            assert request.line == 'POST /p?q HTTP/1.1' and request.body == body, request[:2]
            assert [value for name, value in request.fields if name == 'Content-Length'] == [str(len(body))]
            assert not {'Transfer-Encoding', 'Expect', 'Trailer', 'X-T'} & {name for name, _ in request.fields}
        for method in ('PUT', 'DELETE', 'PATCH', 'PROPFIND', 'OPTIONS'):
            assert exchange(server, f'{method} /api/s1/m HTTP/1.1\r\nHost: a\r\nMax-Forwards: 3\r\n\r\n'.encode())[0] == 200
            request = upstream.requests[-1]
            assert request.line == f'{method} /m HTTP/1.1' and request.body == b''
            assert ('Max-Forwards', '2' if method == 'OPTIONS' else '3') in request.fields
        count = len(upstream.requests)
        assert exchange(server, b'TRACE /api/s1/m HTTP/1.1\r\nHost: a\r\n\r\n')[0] == 501
        assert exchange(server, b'OPTIONS /api/s1/m HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n')[0] == 204
        # Two readings of where a request ends are refused before anything is passed on.
        for fields in (b'Content-Length: 5\r\nTransfer-Encoding: chunked', b'Content-Length: 5\r\nContent-Length: 6',
                       b'Transfer-Encoding: xchunked', b'Content-Length: +5', b'X: a\x00b', b'X: a\rb',
                       b'\r\n'.join([b'Connection: a'] * 5)):
            assert exchange(server, b'POST /api/s1/p HTTP/1.1\r\nHost: a\r\n' + fields + b'\r\n\r\nhello')[0] in (400, 501), fields
        assert len(upstream.requests) == count


# What an upstream sends (None: closes) and what the gateway's client gets.
ANSWERS = [
    ('length', [HELLO], 200, b'hello\n'),
    ('chunked', [OK + b'Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n', b'3;a=b\r\nlo\n\r\n0\r\nX-Trailer: 1\r\n\r\n'], 200, b'hello\n'),
    ('up to the end', [OK + b'\r\nhel', b'lo\n', None], 200, b'hello\n'),
    ('HTTP/1.0', [b'HTTP/1.0 200 OK\r\n\r\nhello\n', None], 200, b'hello\n'),
    ('nothing', [OK + b'Content-Length: 0\r\n\r\n'], 200, b''),
    ('no content', [b'HTTP/1.1 204 No Content\r\n\r\n'], 204, b''),
    ('not modified', [b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 6\r\n\r\n'], 304, b''),
    ('interim', [b'HTTP/1.1 100 Continue\r\n\r\n', b'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n', HELLO], 200, b'hello\n'),
    ('byte by byte', [bytes([byte]) for byte in HELLO], 200, b'hello\n'),
    ('large', [OK + b'Content-Length: 3000000\r\n\r\n', b'x' * 3000000], 200, b'x' * 3000000),
    ('error of its own', [b'HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\noh\n'], 500, b'oh\n'),
    ('too late, of its own', [b'HTTP/1.1 504 Oh\r\nContent-Length: 3\r\n\r\noh\n'], 504, b'oh\n'),
    ('more than it says', [HELLO + HELLO], 200, b'hello\n'),
    ('less than it says', [OK + b'Content-Length: 7\r\n\r\nhello\n', None], 502, None),
    ('ends within a chunk', [OK + b'Transfer-Encoding: chunked\r\n\r\n7\r\nhello\n', None], 502, None),
    ('closes at once', [None], 502, None),
    ('closes within the head', [OK, None], 502, None),
    ('two lengths', [OK + b'Content-Length: 6\r\nContent-Length: 7\r\n\r\nhello\n'], 502, None),
    ('length and chunks', [OK + b'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'], 502, None),
    ('not HTTP', [b'SSH-2.0-OpenSSH_9.2\r\n'], 502, None),
    ('too large a head', [OK + b''.join(b'X-%d: %s\r\n' % (i, b'y' * 1000) for i in range(64)) + b'\r\n'], 502, None),
    ('too large a body', [OK + b'Content-Length: 99999999999\r\n\r\n'], 502, None),
    ('switches protocols', [b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'], 502, None),
    ('interim without end', [b'HTTP/1.1 100 Continue\r\n\r\n' * 50], 502, None),
]


def test_answers(model, seen={}):
    answers = {name.replace(' ', '-').replace('/', '').replace(',', ''): parts for name, parts, _, _ in ANSWERS}
    with Upstream(lambda request, _: answers[request.line.split(' ')[1][1:]]) as upstream, gateway(model, upstream) as server:
        for key, (name, _, status, body) in zip(answers, ANSWERS):
            for method in ('GET', 'POST'):
                got = server.get('/api/s1/' + key, method)
                assert got[0] == status and (body is None or got[2] == body), (name, method, got[0], got[2][:99])
                assert seen.setdefault((key, method), got[2]) == got[2], f'{name} differs between models'
                if status == 502:
                    json.loads(got[2])
        # Nothing of all this has spoiled a connection for those that come after.
        assert all(server.get('/api/s1/length')[2] == b'hello\n' for _ in range(20))


def test_fields_of_the_answer(model):
    answer = (b'HTTP/1.1 203 Whatever\r\nContent-Type: application/json; charset=utf-8\r\nETag: "a, b"\r\nSet-Cookie: a=b\r\n'
              b'Set-Cookie: c=d\r\nX-Large: ' + b'y' * 5000 + b'\r\nX-Hop: 1\r\nConnection: x-hop\r\nKeep-Alive: timeout=5\r\n'
              b'Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nLocation: /elsewhere\r\nContent-Length: 4\r\n\r\n{ } ')
    long_type = b'multipart/mixed; boundary=' + b'z' * 100
    with Upstream(lambda request, _: [answer if '/a' in request.line
                                      else b'HTTP/1.1 200 OK\r\nContent-Type: ' + long_type + b'\r\nContent-Encoding: gzip\r\n'
                                           b'Content-Length: 2\r\n\r\n\x1f\x8b']) as upstream, \
            gateway(model, upstream) as server:
        status, fields, body = exchange(server, GET % b'/api/s1/a')
        got = [field for field in fields if field[0] not in ('Date', 'Connection')]
        assert (status, body) == (203, b'{ } ')
        assert got == [('Content-Type', 'application/json; charset=utf-8'), ('Content-Length', '4'), ('ETag', '"a, b"'),
                       ('Set-Cookie', 'a=b'), ('Set-Cookie', 'c=d'), ('X-Large', 'y' * 5000), ('Location', '/elsewhere')], got
        dates = [value for name, value in fields if name == 'Date']
        assert len(dates) == 1 and '1970' not in dates[0]
        # Changed, it is no longer what the entity tag stands for.
        status, fields, body = exchange(server, GET % b'/api/s1/a?transform=1')
        assert (status, body) == (203, b'{"service":"s1","data":{ } }') and 'ETag' not in dict(fields)
        assert dict(fields)['Content-Length'] == str(len(body))
        status, fields, body = exchange(server, GET % b'/api/s1/b?transform=1')
        assert body == b'\x1f\x8b' and dict(fields)['Content-Encoding'] == 'gzip'
        assert [value for name, value in fields if name == 'Content-Type'] == [long_type.decode()]


def test_head(model):
    lengths = {'/said': b'Content-Length: 12345\r\n', '/chunked': b'Transfer-Encoding: chunked\r\n', '/unsaid': b''}
    with Upstream(lambda request, _: [OK + lengths[request.line.split(' ')[1]] + b'\r\n']) as upstream, \
            gateway(model, upstream) as server:
        for path, framing in lengths.items():
            with server.send(f'HEAD /api/s1{path} HTTP/1.1\r\nHost: a\r\n\r\n'.encode()) as client:
                client.shutdown(socket.SHUT_WR)
                answer = client.makefile('rb').read()
            assert upstream.requests[-1].line == f'HEAD {path} HTTP/1.1'
            assert answer.startswith(b'HTTP/1.1 200 OK\r\n') and answer.endswith(b'\r\n\r\n'), answer
            assert (b'Content-Length: 12345' in answer) == (b'12345' in framing) and b'Content-Length: 0' not in answer


def test_keeps_connections(model):
    with Upstream(lambda request, _: [HELLO]) as upstream, gateway(model, upstream) as server:
        for _ in range(50):
            assert server.get('/api/s1/x')[0] == 200
        # One for each thread that asks, or for each process.
        assert upstream.connections <= (40 if 'threads' in model else max(1, len(server.children()))), upstream.connections


def test_bounded_connections():
    """More requests than connections to one upstream wait for one of them."""
    gate = threading.Event()

    def answer(request, _):
        gate.wait(PATIENCE_S)
        return [HELLO]
    with Upstream(answer) as upstream, gateway('event-loop', upstream) as server:
        clients = [server.send(GET % b'/api/s1/x') for _ in range(200)]
        wait_for(lambda: upstream.connections == 128)
        # Those that leave make room, whether they had a connection or waited for one.
        for client in clients[:150:3]:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
            client.close()
        left = [client for index, client in enumerate(clients) if index >= 150 or index % 3]
        gate.set()
        for client in left:
            assert read_answers(client, 1) == [b'hello\n']
            client.close()
        assert server.get('/api/s1/x')[0] == 200


def test_stale_connections(model):
    """A connection that the upstream has closed meanwhile costs nobody an answer."""
    def answer(request, connection):
        return [HELLO, None] if '/close' in request.line else [HELLO]
    with Upstream(answer) as upstream, gateway(model, upstream) as server:
        for turn in range(20):
            assert server.get('/api/s1/close')[0] == 200
            wait_for(lambda: upstream.closed > turn)  # pylint: disable=cell-var-from-loop
            assert server.get('/api/s1/x', 'POST' if turn % 2 else 'GET', b'x')[2] == b'hello\n'
    # Closed in answer to a request that could be sent again: it is, once; one that could not is not.
    seen = collections.Counter()

    def first(request, connection):
        seen[request.line] += 1
        return [HELLO] if 'warm' in request.line else [None]
    for method, times in (('GET', 2), ('POST', 1)):
        seen.clear()
        with Upstream(first) as upstream, gateway(model, upstream) as server:
            connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=PATIENCE_S)
            for path, status in (('warm', 200), ('cut', 502)):
                connection.request(method, '/api/s1/' + path)
                response = connection.getresponse()
                response.read()
                assert response.status == status
            connection.close()
            # Another thread of a pool has no connection that could be stale.
            assert seen[f'{method} /cut HTTP/1.1'] in ((times,) if 'threads' not in model else (1, 2)), seen


def test_time_limit(model):
    never = threading.Event()

    def answer(request, _):
        if 'trickle' in request.line:
            yield OK + b'Content-Length: 1000\r\n\r\n'
            while not never.wait(0.01):
                yield b'x'
        elif 'never' in request.line:
            never.wait(PATIENCE_S)
            yield None
        else:
            yield HELLO
    with Upstream(answer) as upstream, gateway(model, upstream, fetch_timeout_ms=150) as server:
        try:
            for path in ('never', 'trickle'):
                status, _, body = server.get('/api/s1/' + path)
                assert status == 504 and b'time' in body, (status, body)
                assert server.get('/api/s1/x')[2] == b'hello\n'
        finally:
            never.set()


@contextlib.contextmanager
def held_port():
    """A port that is bound, without a listener: it refuses connections, and nobody but an Upstream gets it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(('127.0.0.1', 0))
        yield holder.getsockname()[1]


def test_unreachable(model):
    with held_port() as port:
        with Server(model, '--upstream', str(port)) as server:
            assert server.get('/api/s1/x')[0] == 502
            with Upstream(lambda request, _: [HELLO], port) as _:
                assert server.get('/api/s1/x')[2] == b'hello\n'
            assert server.get('/api/s1/x')[0] == 502


def test_reads_while_it_sends(model):
    """An upstream may answer, and close, before it has read a large request."""
    body = b'x' * 8000000

    class Hasty(Upstream):
        def serve(self, connection):
            with connection:
                while b'\r\n\r\n' not in connection.recv(4096):
                    pass
                connection.sendall(b'HTTP/1.1 413 Large\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlong')
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
    with Hasty(None) as upstream, gateway(model, upstream) as server:
        for _ in range(3):
            assert server.get('/api/s1/x', 'POST', body)[::2] == (413, b'long')


def test_upstream_killed_under_load(model):
    """While it is away there are 502s, and nothing else; when it is back there are answers."""
    with held_port() as port, Upstream(lambda request, _: [HELLO], port) as upstream, gateway(model, upstream) as server:
        counts, stop, lock = collections.Counter(), threading.Event(), threading.Lock()

        def client():
            while not stop.is_set():
                status, _, body = server.get('/api/s1/x')
                assert status == 502 or (status == 200 and body == b'hello\n'), (status, body)
                with lock:
                    counts[status] += 1
        with concurrent.futures.ThreadPoolExecutor(8) as executor:
            clients = [executor.submit(client) for _ in range(8)]
            try:
                wait_for(lambda: counts[200] > 50)
                upstream.close()
                before = counts[502]
                wait_for(lambda: counts[502] > before + 50)
                with Upstream(lambda request, _: [HELLO], upstream.port):
                    before = counts[200]
                    wait_for(lambda: counts[200] > before + 50)
                    stop.set()
                    for each in clients:
                        each.result(PATIENCE_S)
            finally:
                stop.set()


def test_client_leaves(model):
    """One who leaves while its request is away leaves nothing behind."""
    gate = threading.Event()

    def answer(request, _):
        if 'held' in request.line:
            gate.wait(PATIENCE_S)
        return [HELLO]
    with Upstream(answer) as upstream, gateway(model, upstream) as server:
        client = server.send(GET % b'/api/s1/held')
        wait_for(lambda: upstream.requests)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        client.close()
        gate.set()
        assert server.get('/api/s1/x')[2] == b'hello\n'


def test_own_upstreams_are_named(model):
    """Services that the server started are beside it: who measures it must know them."""
    with Server(model, '--upstreams', '2') as server:
        assert len(server.ready['companions']) == 1 and server.ready['companions'][0] in server.children()
    with Server(model) as server:
        assert server.ready['companions'] == []


def test_own_upstreams_killed(model):
    """They are started again; while they are away there are 502s, and nothing else."""
    with Server(model, '--upstreams', '3', '--stats-interval-ms', '20') as server:
        killed = server.ready['companions'][0]
        for turn in range(2):
            assert server.get('/api/s3/json')[0] == 200
            os.kill(killed, signal.SIGKILL)
            wait_for(lambda: is_gone(killed))  # pylint: disable=cell-var-from-loop

            def back():
                status = server.get('/api/s3/json')[0]
                assert status in (200, 502), status
                return status == 200
            wait_for(back)
            line = {}
            wait_for(lambda: line.update(json.loads(server.process.stdout.readline())) or
                     line['restarts'] == turn + 1)  # pylint: disable=cell-var-from-loop
            assert len(line['companions']) == 1 and line['companions'] != [killed], line
            killed = line['companions'][0]
            assert killed in server.children()


def test_drains(model):
    with Server(model, '--upstreams', '3') as server, server.send(GET % b'/api/s2/slow?ms=200') as client:
        children = server.children()
        server.wait_until_read(client)
        server.process.send_signal(signal.SIGTERM)
        assert client.makefile('rb').read().endswith(b'{"status":"done","t":200}')
        assert server.process.wait(PATIENCE_S) == 0
        assert all(is_gone(pid) for pid in children)


def test_ends_though_upstreams_do_not(model):
    with Server(model, '--upstreams', '2') as server, server.send(GET % b'/api/s2/slow?ms=60000') as client:
        children = server.children()
        server.wait_until_read(client)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_S) == 0
        wait_for(lambda: all(is_gone(pid) for pid in children))


def test_killed(model):
    with Server(model, '--upstreams', '2') as server:
        children = server.children()
        assert children
        server.process.kill()
        assert server.process.wait(PATIENCE_S) == -signal.SIGKILL
        wait_for(lambda: all(is_gone(pid) for pid in children))
        server.process.wait = lambda timeout: 0


def test_ports():
    """One server on several ports: all of them serve, and are named in the ready line."""
    with Server('event-loop', '--ports', '64') as server:
        ports = server.ready['ports']
        assert len(set(ports)) == 64 and ports[0] == server.port
        for port in ports:
            with socket.create_connection(('127.0.0.1', port), timeout=PATIENCE_S) as client:
                client.sendall(GET % b'/')
                assert read_answers(client, 1) == [b'hello\n']


def test_cannot_start_upstreams():
    """When the second server cannot start, the first says so and ends."""
    done = subprocess.run([sys.executable, '-c', 'import os, resource, sys\n'
                           'resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))\n'
                           'os.execv(sys.argv[1], sys.argv[1:])', SERVER, '--model', 'event-loop', '--upstreams', '40'],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.returncode == 1, done
    event = json.loads(done.stdout)
    assert event['event'] == 'error' and 'second server' in event['message'], done


if __name__ == '__main__':
    run_tests(globals())
