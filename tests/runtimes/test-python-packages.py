#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference servers made of packages for Python, and the one without the global lock: they answer what
loadstone-server answers in the model that stands for them, byte by byte, and end as it does.

test-python-packages.py TAP_FOLDER SERVER RUNTIMES_FOLDER WORKLOADS_FOLDER ENVIRONMENTS_FOLDER

ENVIRONMENTS_FOLDER is where virtual environments are put, unless they are there already.
"""

import concurrent.futures
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys

from python_asked import ASKED, NOWHERE, default_order
from python_packages import find_interpreters
from python_servers import (MODELS, PYTHON, RUNTIMES, Real, ask, comparable, compare, harness, order, run_tests, serves,
                            start)
from harness import GET, PATIENCE_S, children_of, is_gone, read_answers, wait_for  # found by python_servers
from websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, WebSocket, frame

PACKAGED = ('python-fastapi', 'python-uvicorn', 'python-numpy', 'python-flask', 'python-flask-threads')
ALL = (*PACKAGED, 'python-free-threaded')
ON_GUNICORN = ('python-flask', 'python-flask-threads')
WITH_SOCKETS = ('python-fastapi', 'python-uvicorn')
ON_THREADS = ('python-numpy', 'python-flask-threads', 'python-free-threaded')
# What only some have.
NOT_APPLICABLE = {(runtime, name) for names, runtimes in (
    (('upgrades', 'socket', 'room', 'live', 'events'), WITH_SOCKETS), (('computes_elsewhere',), ON_THREADS), (('worker_killed',), ON_GUNICORN))
                  for runtime in set(ALL) - set(runtimes) for name in names}
ENDLESS = '/compute?n=10000000000'
REASONS = find_interpreters(PACKAGED, sys.argv[5])


def agrees(runtime, asked):
    """Whether the framework has not another, and no worse, opinion of what is asked."""
    method, path, _, _ = asked
    if method == 'BREW':
        return runtime == 'python-free-threaded'  # those that parse HTTP know its methods by name
    if '%' in path:
        return runtime in ('python-uvicorn', 'python-free-threaded')  # frameworks decode paths
    if 'ms=1&ms=x' in path:
        return runtime not in ('python-fastapi', 'python-numpy')  # in FastAPI the last of a name counts
    return True


def costs(asked):
    """Whether it takes long, and is code that test-python.py has tested."""
    return asked[1] in ('/csv?mode=whole', '/csv?mb=2') or 'sequential' in asked[1]


SHARED = {}


def shared(runtime):
    """Returns a server, and one of the model, which several tests share until the last of them."""
    if runtime not in SHARED:
        stack = contextlib.ExitStack()
        real = stack.enter_context(Real(runtime))
        SHARED[runtime] = stack, real, stack.enter_context(harness.Server(MODELS[runtime]))
    return SHARED[runtime][1:]


def test_answers(runtime):
    real, twin = shared(runtime)
    served = serves(runtime)
    assert served and len(set(served)) == len(served) and set(served) <= set(ASKED) | {'chat', 'live', 'ws-echo'}
    for workload in served:
        if workload not in ASKED:
            continue
        asked, expected = default_order(workload)
        if expected is not None:
            status, _, _, body = compare(real, twin, asked)
            assert status < 300 and expected in body.decode(), (expected, body[:300])
        for asked in ASKED[workload]:
            if agrees(runtime, asked) and not costs(asked):
                compare(real, twin, asked)
    for asked in NOWHERE:
        if agrees(runtime, asked) and runtime != 'python-numpy':
            compare(real, twin, asked)


def test_concurrent(runtime):
    paths = ['/', '/json', '/slow?ms=5', '/compute?n=2000', '/predict?n=2']
    if runtime != 'python-numpy':
        paths += ['/user/3?ms=2', '/csv?mode=x', '/stream?chunks=4', '/products', '/query', '/bad?ms=1&in=pool', '/image?size=9', '/x']
    real, twin = shared(runtime)
    expected = {path: comparable(ask(twin.port, order('GET', path))) for path in paths}
    with concurrent.futures.ThreadPoolExecutor(8) as executor:
        for path, answer in executor.map(lambda path: (path, ask(real.port, order('GET', path))), paths * 8):
            assert comparable(answer) == expected[path], path


def read_head(file):
    """Returns the status and the fields, by lower-case name, of an answer."""
    status = int(file.readline().split()[1])
    return status, dict(line.strip().lower().split(b': ', 1) for line in iter(file.readline, b'\r\n'))


def test_bodies(runtime):
    """As large as a body may be, one byte more, and one of unknown length."""
    real, twin = shared(runtime)
    assert compare(real, twin, order('POST', '/echo', b'x' * (16 << 20)))[0] == 200
    with real.send(b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 16777217\r\n\r\nabc') as client:
        file = client.makefile('rb')
        assert read_head(file)[0] == 413 and file.read(33) == b'{"error":"the body is too large"}'
    if runtime == 'python-free-threaded':
        return  # the standard library's server knows no chunks
    with real.send(b'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n') as client:
        file = client.makefile('rb')
        assert read_head(file)[0] == 200 and file.read(7) == b'abcdefg'


def test_keeps_connections(runtime):
    """A connection stays for more requests, but with the workers that have one request at a time."""
    real, _ = shared(runtime)
    with real.connect() as client:
        client.sendall(GET % b'/slow?ms=1')
        assert read_answers(client, 1) == [b'{"status":"done","t":1}']
        if runtime == 'python-flask':
            assert client.recv(1) == b''
        else:
            client.sendall(GET % b'/')
            assert read_answers(client, 1) == [b'hello\n']


def test_slow_reader(runtime):
    """An answer that its client does not take is not made meanwhile: 100 MiB of it are nowhere."""
    real, _ = shared(runtime)

    def largest():
        sizes = []
        for pid in (real.pid, *real.children()):
            with open(f'/proc/{pid}/status', encoding='ascii') as status:
                sizes.append(next(int(line.split()[1]) for line in status if line.startswith('VmRSS')))
        return max(sizes)
    before = largest()
    with real.send(b'GET /stream?chunks=100&bytes=1048576 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n') as client:
        file = client.makefile('rb')
        assert file.readline() == b'HTTP/1.1 200 OK\r\n'
        if runtime != 'python-flask':
            assert ask(real.port, order('GET', '/'))[2] == b'hello\n'
        assert largest() < before + 40 * 1024, (before, largest())
        size = 0
        while block := file.read(1 << 20):
            size += len(block)
        assert size > 100 << 20


def test_client_goes(runtime):
    real, _ = shared(runtime)
    for path in (b'/stream?chunks=1000&bytes=100000', b'/slow?ms=20', b'/events?hz=100'):
        for _ in range(5):
            with real.send(GET % path) as client:
                real.wait_until_read(client)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
    assert ask(real.port, order('GET', '/'))[2] == b'hello\n'


def test_computes_elsewhere(runtime):
    """While NumPy computes, or another thread does, the rest goes on."""
    real, _ = shared(runtime)
    with real.send(GET % b'/compute?n=1000000000') as client:
        real.wait_until_read(client)
        assert ask(real.port, order('GET', '/'))[2] == b'hello\n'
        assert ask(real.port, order('GET', '/compute?n=1000'))[0] == 200
        client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            assert not client.recv(1), 'it has been computed before'
    # Nobody stops it until the end.
    real.may_say = '[' if runtime in ON_GUNICORN else ''


def test_upgrades(runtime):
    """Where a WebSocket is, who asks for none is told so, and deflating is never agreed on."""
    real, twin = shared(runtime)
    for path in ('/ws', '/chat', '/live?hz=2'):
        for method in ('GET', 'HEAD', 'POST', 'OPTIONS'):
            asked = order(method, path)
            assert compare(real, twin, asked)[0] == {'POST': 405, 'OPTIONS': 204}.get(method, 426)
            mine, theirs = (ask(server.port, asked)[1] for server in (real, twin))
            assert [mine[name] for name in ('Upgrade', 'Sec-WebSocket-Version')] == [theirs[name] for name in ('Upgrade', 'Sec-WebSocket-Version')]
    with real.send(b'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
                   b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n') as client:
        status, fields = read_head(client.makefile('rb'))
        assert status == 101 and b'sec-websocket-extensions' not in fields, fields


def test_socket(runtime):
    real, _ = shared(runtime)
    with WebSocket(real, '/ws') as client:
        for size in (0, 1, 125, 126, 65535, 65536, 1 << 20):
            data = bytes(97 + i % 26 for i in range(size))
            for opcode in (TEXT, BINARY):
                client.send(frame(opcode, data))
                assert client.receive() == (opcode, data), size
        client.send(frame(TEXT, 'Grü'.encode(), final=False), frame(PING, b'p'), frame(CONTINUATION, 'ße ☃'.encode()))
        assert client.receive() == (PONG, b'p') and client.receive() == (TEXT, 'Grüße ☃'.encode())
        client.send(*(frame(TEXT, b'%d' % i) for i in range(3000)))
        for i in range(3000):
            assert client.receive() == (TEXT, b'%d' % i)
        client.send(frame(CLOSE, struct.pack('>H', 1000)))
        assert client.receive() == (CLOSE, struct.pack('>H', 1000)) and client.receive() is None


def test_room(runtime):
    """All get all messages, those of each sender in its order; who leaves or does not read disturbs nobody."""
    real, _ = shared(runtime)
    with contextlib.ExitStack() as stack:
        members = [stack.enter_context(WebSocket(real, '/chat')) for _ in range(30)]
        with WebSocket(real, '/chat') as leaving:
            leaving.send(frame(TEXT, b'half')[:7])
            leaving.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        # More at once than a member may be behind.
        members[0].send(*(frame(TEXT, b'at once %d' % i) for i in range(600)))
        for member in members:
            for i in range(600):
                assert member.receive() == (TEXT, b'at once %d' % i)
        for i in range(20):
            for sender, member in enumerate(members):
                member.send(frame(BINARY, b'%d %d' % (sender, i)))
        seen = []
        for member in members:
            seen.append([member.receive()[1] for _ in range(20 * len(members))])
            for sender in range(len(members)):
                assert [text for text in seen[-1] if text.startswith(b'%d ' % sender)] == [b'%d %d' % (sender, i) for i in range(20)]
        assert all(texts == seen[0] for texts in seen), 'members of one room see one order'
        # Most leave, for what follows is much for few.
        slow, sender, reader = members[0], members[1], members[2]
        for member in members[3:]:
            member.send(frame(CLOSE, struct.pack('>H', 1000)))
            while member.receive() is not None:
                pass
        payload = bytes(60000)
        for _ in range(800):
            sender.send(frame(BINARY, payload))
            assert sender.receive() == reader.receive() == (BINARY, payload)
        got = 0
        while (received := slow.receive()) == (BINARY, payload):
            got += 1
        assert got < 800 and received[0] == CLOSE and received[1][:2] == struct.pack('>H', 1008), (got, received[0])


def test_live(runtime):
    """The same ticks as loadstone-server's, whoever leaves; what members say is not listened to."""
    real, twin = shared(runtime)
    with WebSocket(real, '/live?hz=20') as live, WebSocket(real, '/live?hz=20') as leaving, WebSocket(twin, '/live?hz=20') as theirs:
        live.send(frame(TEXT, b'hello?'))
        leaving.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        leaving.socket.close()
        seen = {}
        for member in (live, theirs):
            for _ in range(12):
                opcode, payload = member.receive()
                tick = json.loads(payload)
                assert opcode == TEXT and list(tick) == ['seq', 'sent_ns', 'minute', 'home', 'away', 'score'], tick
                assert tick.pop('sent_ns') // (10 ** 9 // 20) == tick['seq'], tick
                assert seen.setdefault(tick['seq'], tick) == tick
        assert len(seen) < 24, 'two servers have different ticks'
    for hz in (b'0', b'101', b'x'):
        with real.send(b'GET /live?hz=' + hz + b' HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
                       b'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n') as client:
            # uvicorn refuses a WebSocket with that and nothing else.
            assert read_head(client.makefile('rb'))[0] == 403, hz


def test_events(runtime):
    """And what has no end has one when the server does."""
    real, _ = shared(runtime)
    file = real.send(GET % b'/events?hz=100').makefile('rb')
    status, fields = read_head(file)
    assert status == 200 and fields[b'content-type'] == b'text/event-stream' and fields[b'cache-control'] == b'no-cache', fields
    sequence = []
    for _ in range(30):
        text = file.read(int(file.readline(), 16) + 2)
        assert text.startswith(b'data: ') and text.endswith(b'\n\n\r\n'), text
        sequence.append(json.loads(text[6:])['seq'])
    assert sequence == sorted(set(sequence)), sequence
    with WebSocket(real, '/chat') as member:
        real.process.send_signal(signal.SIGTERM)
        assert file.read().endswith(b'0\r\n\r\n')  # perhaps nothing else: no event may have come in between
        assert member.receive()[0] == CLOSE


def test_has_served_well(runtime):
    """What the tests above have shared ends, has nothing to say, and leaves nothing behind."""
    SHARED.pop(runtime)[0].close()


def descendants(pid):
    return [found for child in children_of(pid) for found in (child, *descendants(child))]


def end_in_flight(runtime):
    """What is in flight is finished; who has asked nothing is left alone."""
    with Real(runtime) as real, real.connect() as idle, real.send(GET % b'/slow?ms=300') as client:
        if runtime == 'python-flask':
            real.may_say = '['  # of the connection that comes first, for it waits for the request
            idle.close()
        real.wait_until_read(client)
        real.process.send_signal(signal.SIGTERM)
        answer = client.makefile('rb').read()
        assert answer.endswith(b'\r\n\r\n{"status":"done","t":300}'), answer
        assert runtime == 'python-flask' or idle.recv(1) == b''


def end_endless(runtime, path, end):
    """What takes for ever is not, and nobody is left."""
    with Real(runtime) as real, real.send(GET % path.encode()) as client:
        # That it has killed a worker, or what became of the worker's child.
        real.may_say = ('[', 'Traceback') if runtime in ON_GUNICORN else ''
        before = len(descendants(real.pid))
        real.wait_until_read(client)
        if 'spawn' in path:
            wait_for(lambda: len(descendants(real.pid)) > before)
        family = descendants(real.pid)
        end(real)
        assert real.process.wait(PATIENCE_S) == 0
        wait_for(lambda: all(is_gone(pid) for pid in family))


def test_ends(runtime):
    with concurrent.futures.ThreadPoolExecutor() as executor:
        ends = [executor.submit(end_in_flight, runtime),
                executor.submit(end_endless, runtime, ENDLESS, lambda server: server.process.send_signal(signal.SIGTERM)),
                executor.submit(end_endless, runtime, '/predict?n=999&via=spawn', lambda server: server.process.send_signal(signal.SIGINT)),
                executor.submit(end_endless, runtime, '/slow?ms=60000', lambda server: server.process.stdin.close())]
    for end in ends:
        end.result()


def test_killed(runtime):
    """No worker outlives a server that could not tell it to end, whether it has something to do or not."""
    with Real(runtime, *(['--workers', '3'] if runtime in ON_GUNICORN else [])) as real, real.send(GET % ENDLESS.encode()) as client:
        wait_for(lambda: len(real.children()) == (3 if runtime in ON_GUNICORN else 0))
        real.wait_until_read(client)
        children = real.children()
        real.process.kill()
        assert real.process.wait(PATIENCE_S) == -signal.SIGKILL
        wait_for(lambda: all(is_gone(child) for child in children))
        real.process.returncode = 0
        # Nobody was there to remove it; the next of Loadstone's servers does.
        left, = os.listdir(real.folder)
        with harness.Server('asyncio', env={**os.environ, 'TMPDIR': real.folder}) as twin:
            assert ask(twin.port, order('GET', '/products'))[0] == 200
            wait_for(lambda: left not in os.listdir(real.folder))
        wait_for(lambda: not os.listdir(real.folder))


def test_worker_killed(runtime):
    with Real(runtime, '--workers', '2') as real:
        real.says = '['
        wait_for(lambda: len(real.children()) == 2)
        before = real.children()
        os.kill(before[0], signal.SIGKILL)
        wait_for(lambda: len(real.children()) == 2 and before[0] not in real.children())
        for _ in range(4):
            assert ask(real.port, order('GET', '/compute?n=10'))[0] == 200


def test_options(runtime):
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = str(taken.getsockname()[1])
        wrong = [(['--port', port], 1, port), (['--port', '0', '--workers', '0'], 2, '--workers')]
        # All read them in one way.
        if runtime == 'python-uvicorn':
            wrong += [(['--port', '65536'], 2, '--port'), (['--port', 'x'], 2, '--port'), ([], 2, '--port'),
                      (['--port', '0', '--nonsense'], 2, '--nonsense')]
        for options, code, words in wrong:
            process = start(runtime, *options, stdin=subprocess.PIPE)
            output, errors = process.communicate(timeout=PATIENCE_S)
            assert (process.returncode, output) == (code, '') and words in errors, (options, process.returncode, output, errors)
            assert errors.endswith('.\n') and errors.count('\n') == 1 and 'Traceback' not in errors, errors


def with_a_lock():
    """The server without the global lock refuses a Python that has it."""
    done = subprocess.run([PYTHON, RUNTIMES / 'python-free-threaded' / 'server.py', '--port', '0'], stdin=subprocess.PIPE,
                          capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert (done.returncode, done.stdout) == (1, '') and 'has a global lock' in done.stderr and done.stderr.count('\n') == 1, done


def one_lock():
    """What frameworks share is of one version everywhere."""
    versions = {}
    for runtime in PACKAGED:
        lines = (RUNTIMES / runtime / 'requirements.txt').read_text(encoding='utf-8').splitlines()
        for name, _, version in (line.rstrip(' \\').partition('==') for line in lines if '==' in line and line[0] not in ' #'):
            assert versions.setdefault(name, version) == version, (runtime, name)
        wanted = {line.partition('<')[0] for line in (RUNTIMES / runtime / 'requirements.in').read_text(encoding='utf-8').split('\n')
                  if line and line[0] != '#'}
        assert wanted <= set(versions), (runtime, wanted)


run_tests(globals(), ALL, NOT_APPLICABLE, more={'test_free-threaded with a lock': with_a_lock, 'test_one lock': one_lock},
          why_skipped=lambda name: next((REASONS[runtime] for runtime in sorted(ALL, key=len, reverse=True)
                                         if name.startswith(f'test_{runtime} ')), None))
