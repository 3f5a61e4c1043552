#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSockets, server-sent events and topics of loadstone-server as a process.

test-websocket.py TAP_FOLDER SERVER
"""

import contextlib
import itertools
import json
import os
import resource
import shutil
import socket
import struct
import subprocess
import time

from harness import GET, MODELS, NOT_APPLICABLE, PATIENCE_S, Server, read_answers, run_tests, wait_for
from websocket import BINARY, CLOSE, CONTINUATION, HANDSHAKE, PING, PONG, TEXT, WebSocket, frame

BLOCKING = [model for model in MODELS if model in ('gil-threads', 'free-threads', 'prefork')]
LOOPS = [model for model in MODELS if model not in BLOCKING]
MODEL = 'event-loop'
MESSAGE_LIMIT = 16 * 1024 * 1024

# Members of one topic here; across processes they are another test's.
OPTIONS = {'cluster': ['--workers', '1'], 'prefork-asyncio': ['--workers', '1']}


def handshake(**changes):
    """The handshake with some fields other than they should be; None leaves a field out."""
    fields = {'Host': 'a', 'Connection': 'Upgrade', 'Upgrade': 'websocket', 'Sec-WebSocket-Version': '13',
              'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ=='}
    method, version = changes.pop('method', 'GET'), changes.pop('version', '1.1')
    for name, value in changes.items():
        fields[name.replace('_', '-')] = value
    lines = [f'{name}: {value}' for name, value in fields.items() if value is not None]
    return '\r\n'.join([f'{method} /ws HTTP/{version}', *lines, '', '']).encode()


def answer_to(server, text):
    with server.send(text) as client:
        file = client.makefile('rb')
        status = int(file.readline().split()[1])
        fields = {}
        while (line := file.readline()) != b'\r\n':
            name, value = line.decode().split(':', 1)
            fields[name.lower()] = value.strip()
        return status, fields, file.read(int(fields.get('content-length', 0)))


def close_frame(code, words=b''):
    return frame(CLOSE, struct.pack('>H', code) + words)


def test_handshake(model):
    cases = [
        ({}, 101), ({'Connection': 'keep-alive, Upgrade'}, 101), ({'Upgrade': 'WebSocket'}, 101),
        ({'Sec_WebSocket_Protocol': 'chat, superchat'}, 101), ({'Sec_WebSocket_Extensions': 'permessage-deflate'}, 101),
        ({'Connection': None, 'Upgrade': None}, 426), ({'Upgrade': 'h2c'}, 426), ({'Sec_WebSocket_Version': '8'}, 426),
        ({'Sec_WebSocket_Version': None}, 426), ({'Connection': 'close'}, None),
        ({'Sec_WebSocket_Key': None}, 400), ({'Sec_WebSocket_Key': 'short'}, 400), ({'Host': None}, 400),
        ({'Sec_WebSocket_Key': 'dGhlIHNhbXBsZSBub25jZQ=!'}, 400), ({'Content_Length': '1'}, None),
        ({'version': '1.0'}, None), ({'method': 'POST'}, 405),
    ]
    with Server(model, *OPTIONS.get(model, [])) as server:
        for changes, expected in cases:
            status, fields, body = answer_to(server, handshake(**changes) + b'x' * ('Content_Length' in changes))
            assert status in ((400, 426) if expected is None else (expected,)), (changes, status)
            if status == 101:
                assert fields['sec-websocket-accept'] == 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', fields
                assert fields['upgrade'].lower() == 'websocket' and fields['connection'].lower() == 'upgrade'
                assert not {'sec-websocket-protocol', 'sec-websocket-extensions', 'content-length'} & set(fields), fields
            else:
                assert json.loads(body)['error'], changes
            if status == 426:
                assert fields['upgrade'] == 'websocket' and fields['sec-websocket-version'] == '13', fields
        # What is refused leaves an ordinary connection.
        with server.send(handshake(Sec_WebSocket_Key='x') + GET % b'/') as client:
            assert read_answers(client, 2)[1] == b'hello\n'
        assert server.get('/live', 'HEAD')[0] == 426
        assert server.get('/live?hz=101')[0] == server.get('/events?hz=0')[0] == 400


def test_refused():
    """Where a connection would hold a thread or a process, one sentence says so."""
    for model in BLOCKING:
        with Server(model) as server:
            for text in (HANDSHAKE % b'/ws', HANDSHAKE % b'/live', GET % b'/events'):
                status, _, body = answer_to(server, text)
                assert status == 501 and 'event loop' in json.loads(body)['error'], (model, status, body)
            assert server.get('/')[0] == 200


def test_echo(model):
    with Server(model, *OPTIONS.get(model, [])) as server, WebSocket(server, '/ws') as client:
        for size in (0, 1, 125, 126, 127, 65535, 65536, 1024 * 1024):
            data = bytes(97 + i % 26 for i in range(size))
            for opcode in (TEXT, BINARY):
                client.send(frame(opcode, data))
                assert client.receive() == (opcode, data), size
        client.send(frame(BINARY, bytes(range(256)), key=b'\0\0\0\0'))
        assert client.receive() == (BINARY, bytes(range(256)))


def test_fragments(model):
    """Every way to cut a message in up to four, with pings and pongs in between; all sent at once, then byte by byte."""
    text = 'Grüße ☃ 𝄞'.encode()
    with Server(model, *OPTIONS.get(model, [])) as server, WebSocket(server, '/ws') as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        n = 0
        for cuts in itertools.combinations_with_replacement(range(len(text) + 1), 3):
            edges = [0, *cuts, len(text)]
            pieces = [text[a:b] for a, b in zip(edges, edges[1:])]
            frames = [frame(TEXT if i == 0 else CONTINUATION, piece, final=i == 3) for i, piece in enumerate(pieces)]
            frames.insert(1 + n % 3, frame(PING, b'%d' % n) + frame(PONG, b'unasked'))
            n += 1
            if n % 40 == 0:
                for byte in b''.join(frames):
                    client.send(bytes([byte]))
            else:
                client.send(*frames)
            assert client.receive() == (PONG, b'%d' % (n - 1)), cuts
            assert client.receive() == (TEXT, text), cuts


def test_pipelined(model):
    """Frames behind the handshake, and many in one segment, are answered in order."""
    with Server(model, *OPTIONS.get(model, [])) as server, WebSocket(server, '/ws', b''.join(frame(TEXT, b'%d' % i) for i in range(3))) as client:
        client.send(*(frame(TEXT, b'%d' % i) for i in range(3, 5000)))
        for i in range(5000):
            assert client.receive() == (TEXT, b'%d' % i)


def test_ping(model):
    with Server(model, *OPTIONS.get(model, [])) as server, WebSocket(server, '/ws') as client:
        for payload in (b'', b'x', b'y' * 125):
            client.send(frame(PING, payload))
            assert client.receive() == (PONG, payload)


def test_close_codes(model):
    """Each kind of end, and the code that the server answers with."""
    cases = [
        ([close_frame(1000, b'bye')], 1000), ([close_frame(3000)], 3000), ([close_frame(4999)], 4999), ([frame(CLOSE)], None),
        ([close_frame(1000) + frame(TEXT, b'unread')], 1000),
        ([frame(TEXT, b'no mask', key=None)], 1002), ([frame(TEXT, b'x', first=0x91)], 1002), ([frame(3, b'x')], 1002),
        ([frame(11, b'x')], 1002), ([frame(CONTINUATION, b'of nothing')], 1002),
        ([frame(TEXT, b'a', final=False), frame(TEXT, b'b')], 1002), ([frame(PING, b'x', final=False)], 1002),
        ([frame(PING, b'x' * 126)], 1002), ([frame(CLOSE, b'x')], 1002), ([close_frame(999)], 1002),
        ([close_frame(1005)], 1002), ([close_frame(5000)], 1002),
        ([frame(TEXT, b'x' * 5, length=(126, b'\0\5'))], 1002), ([frame(TEXT, b'', length=(127, b'\x80' + b'\0' * 7))], 1002),
        ([frame(TEXT, b'\xff')], 1007), ([frame(TEXT, b'\xc3')], 1007), ([frame(TEXT, b'\xed\xa0\x80')], 1007),
        ([frame(TEXT, b'\xf4\x90', final=False)], 1007), ([frame(TEXT, b'ok', final=False), frame(CONTINUATION, b'\xfe')], 1007),
        ([close_frame(1000, b'\xff')], 1007),
        ([frame(BINARY, b'', length=(127, struct.pack('>Q', MESSAGE_LIMIT + 1)))], 1009),
        ([frame(BINARY, b'x', final=False), frame(CONTINUATION, b'', length=(127, struct.pack('>Q', MESSAGE_LIMIT)))], 1009),
        ([frame(TEXT, b'', length=(127, b'\x7f' + b'\xff' * 7))], 1009),
    ]
    with Server(model, *OPTIONS.get(model, [])) as server:
        for frames, code in cases:
            with WebSocket(server, '/ws') as client:
                client.send(*frames)
                try:
                    client.expect_close(code)
                except AssertionError as error:
                    raise AssertionError(f'{frames[0][:20]} and {code}') from error
        # Text is told from binary.
        with WebSocket(server, '/ws') as client:
            client.send(frame(BINARY, b'\xff\xfe'))
            assert client.receive() == (BINARY, b'\xff\xfe')


def test_largest_message():
    with Server(MODEL) as server, WebSocket(server, '/ws') as client:
        half = os.urandom(MESSAGE_LIMIT // 2)
        client.send(frame(BINARY, half, final=False), frame(CONTINUATION, half))
        assert client.receive() == (BINARY, half + half)


def test_gone(model):
    """Members that leave without a word, within a frame or within a message, leave the others alone."""
    with Server(model, *OPTIONS.get(model, [])) as server, WebSocket(server, '/chat') as stays:
        for text in (b'', frame(TEXT, b'half')[:7], frame(TEXT, b'first part', final=False)):
            for reset in (False, True):
                client = WebSocket(server, '/chat')
                client.send(text)
                if reset:
                    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                client.file.close()
                client.socket.close()
                stays.send(frame(TEXT, text.hex().encode()))
                assert stays.receive() == (TEXT, text.hex().encode())


def test_unfinished_handshake(model):
    """Who never ends its request holds up neither others nor the end."""
    with Server(model, *OPTIONS.get(model, [])) as server, server.send((HANDSHAKE % b'/ws')[:-2]) as client, WebSocket(server, '/ws') as other:
        other.send(frame(TEXT, b'x'))
        assert other.receive() == (TEXT, b'x')
        server.process.stdin.close()
        other.expect_close(1001)
        assert server.process.wait(PATIENCE_S) == 0
        client.setblocking(False)


def test_broadcast(model):
    """All 200 get all messages of one sender in order, and as they were sent; two topics are two."""
    with Server(model, *OPTIONS.get(model, [])) as server, contextlib.ExitStack() as stack:
        members = [stack.enter_context(WebSocket(server, '/chat')) for _ in range(200)]
        other = stack.enter_context(WebSocket(server, '/ws'))
        binary = bytes(range(256)) * 3
        for turn in range(20):
            members[turn].send(*(frame(TEXT, b'%d-%d' % (turn, i)) for i in range(10)), frame(BINARY, binary))
            for member in members:
                for i in range(10):
                    assert member.receive() == (TEXT, b'%d-%d' % (turn, i))
                assert member.receive() == (BINARY, binary)
        other.send(frame(TEXT, b'alone'))
        assert other.receive() == (TEXT, b'alone')


def test_many_senders(model):
    """Messages of each sender arrive in its order, at everybody, the sender included, and none twice."""
    with Server(model, *OPTIONS.get(model, [])) as server, contextlib.ExitStack() as stack:
        members = [stack.enter_context(WebSocket(server, '/chat')) for _ in range(20)]
        for i in range(50):
            for sender, member in enumerate(members):
                member.send(frame(TEXT, b'%d %d' % (sender, i)))
        seen = []
        for member in members:
            got = [member.receive()[1] for _ in range(20 * 50)]
            for sender in range(20):
                assert [m for m in got if m.startswith(b'%d ' % sender)] == [b'%d %d' % (sender, i) for i in range(50)]
            seen.append(got)
        assert all(got == seen[0] for got in seen), 'members of one topic see one order'


def test_slow_member(model):
    """One that does not read is closed once it lags by the limit; the others get everything, and memory is bounded."""
    with Server(model, *OPTIONS.get(model, []), '--stats-interval-ms', '10') as server, WebSocket(server, '/chat') as slow, \
            WebSocket(server, '/chat') as sender, WebSocket(server, '/chat') as reader:
        before = server.status('VmRSS')
        payload = b'x' * 60000
        sent = 0
        while server.status('VmRSS') < before + 64 * 1024:
            sender.send(frame(BINARY, payload))
            sent += 1
            assert sender.receive() == reader.receive() == (BINARY, payload)
            line = json.loads(server.process.stdout.readline())
            if line['members_closed'] == 1:
                break
        else:
            assert 'ASAN_OPTIONS' in os.environ, 'memory grows without bound'
        assert server.status('VmRSS') < before + 16 * 1024 or 'ASAN_OPTIONS' in os.environ
        # What it takes now is what lay in the kernel: whole frames in order, then the end.
        got = 0
        with contextlib.suppress(ConnectionResetError, AssertionError):
            while slow.receive() == (BINARY, payload):
                got += 1
        assert got < sent
        # One that lags nearly as far, and then reads, has missed nothing.
        with WebSocket(server, '/chat') as late:
            numbered = [payload + b'%d' % i for i in range(sent - 8)]
            for message in numbered:
                sender.send(frame(BINARY, message))
                assert sender.receive() == reader.receive() == (BINARY, message)
            late.send(frame(TEXT, b'still here'))
            for message in numbered:
                assert late.receive() == (BINARY, message)
            assert late.receive() == sender.receive() == reader.receive() == (TEXT, b'still here')


def test_echo_not_read(model):
    """Who sends and never reads is read no further: neither memory nor time without bound."""
    with Server(model, *OPTIONS.get(model, [])) as server, WebSocket(server, '/ws') as client, WebSocket(server, '/ws') as other:
        client.socket.setblocking(False)
        data, sent = frame(BINARY, b'z' * 50000), 0
        while True:
            try:
                sent += client.socket.send(data[sent % len(data):])
            except BlockingIOError:
                before = sent
                for _ in range(3):
                    other.send(frame(TEXT, b'x'))
                    assert other.receive() == (TEXT, b'x')
                with contextlib.suppress(BlockingIOError):
                    sent += client.socket.send(data[sent % len(data):])
                if sent == before:
                    break
            assert sent < 200 * 1000 * 1000, 'the server reads without bound'
        assert server.status('VmRSS') < 24 * 1024 or 'ASAN_OPTIONS' in os.environ
        client.socket.setblocking(True)
        client.socket.settimeout(PATIENCE_S)
        for _ in range(sent // len(data)):
            assert client.receive() == (BINARY, b'z' * 50000)


def read_events(file, count):
    """Parses @count server-sent events out of a body in chunks, as an EventSource does."""
    text, events = b'', []
    while len(events) < count:
        size = int(file.readline(), 16)
        assert size > 0, 'the stream ended'
        text += file.read(size)
        assert file.read(2) == b'\r\n'
        while b'\n\n' in text:
            event, text = text.split(b'\n\n', 1)
            lines = event.split(b'\n')
            assert all(line.startswith(b'data: ') for line in lines), event
            events.append(b'\n'.join(line[6:] for line in lines))
    return events


def expect_ticks(ticks, hz, now_ns):
    for tick in ticks:
        assert tick['sent_ns'] <= now_ns
        # Each has its place on the clock, is not early, and says where it stands.
        assert tick['seq'] == tick['sent_ns'] // (10**9 // hz), tick
    for one, two in zip(ticks, ticks[1:]):
        assert two['seq'] > one['seq'], (one, two)


def test_live(model):
    """WebSockets and event streams of one rate get the same ticks; another rate has its own."""
    with Server(model, *OPTIONS.get(model, [])) as server, WebSocket(server, '/live?hz=50') as live, WebSocket(server, '/live?hz=100') as faster:
        with server.send(GET % b'/events?hz=50') as client:
            file = client.makefile('rb')
            head = b''
            while not head.endswith(b'\r\n\r\n'):
                head += file.readline()
            assert head.startswith(b'HTTP/1.1 200 ') and b'\r\nContent-Type: text/event-stream\r\n' in head, head
            assert b'\r\nTransfer-Encoding: chunked\r\n' in head and b'\r\nCache-Control: no-cache\r\n' in head, head
            events = [json.loads(event) for event in read_events(file, 10)]
            file.close()
        live.send(frame(TEXT, b'nobody listens'))
        ticks = []
        while not ticks or ticks[-1]['seq'] < events[-1]['seq']:
            ticks.append(json.loads(live.receive()[1]))
        both = [tick for tick in ticks if tick['seq'] >= events[0]['seq']]
        assert both == events, (both, events)
        expect_ticks(ticks, 50, time.monotonic_ns())
        expect_ticks([json.loads(faster.receive()[1]) for _ in range(20)], 100, time.monotonic_ns())


def test_missed_ticks():
    """A loop that stands still misses ticks, counts them, and does not make up for them."""
    with Server(MODEL, '--stats-interval-ms', '20') as server, WebSocket(server, '/live?hz=100') as live:
        first = json.loads(live.receive()[1])
        assert server.get('/compute?n=100000000')[0] == 200
        while (tick := json.loads(live.receive()[1]))['seq'] == first['seq'] + 1:
            first = tick
        missed = tick['seq'] - first['seq'] - 1
        wait_for(lambda: json.loads(server.process.stdout.readline())['ticks_missed'] >= missed)


def test_no_members_no_ticks():
    with Server(MODEL, '--stats-interval-ms', '10') as server:
        with WebSocket(server, '/live?hz=100') as live:
            live.receive()
        wait_for(lambda: json.loads(server.process.stdout.readline())['connections'] == 0)
        ticks = json.loads(server.process.stdout.readline())['ticks']
        for _ in range(10):
            assert json.loads(server.process.stdout.readline())['ticks'] == ticks


def test_events_old_client(model):
    with Server(model, *OPTIONS.get(model, [])) as server:
        assert answer_to(server, b'GET /events HTTP/1.0\r\n\r\n')[0] == 505
        # It waits for no further request: what comes is dropped.
        with server.send(GET % b'/events?hz=100') as client:
            file = client.makefile('rb')
            while file.readline() != b'\r\n':
                pass
            for _ in range(50):
                client.sendall((GET % b'/') * 500)
            assert len(read_events(file, 5)) == 5
        assert server.get('/')[0] == 200


def test_events_curl(model):
    with Server(model, *OPTIONS.get(model, [])) as server:
        curl = subprocess.Popen(['curl', '-sSN', f'http://127.0.0.1:{server.port}/events?hz=100'], stdout=subprocess.PIPE)
        try:
            lines = [curl.stdout.readline() for _ in range(10)]
            assert all(line.startswith(b'data: {"seq":') for line in lines[::2]) and set(lines[1::2]) == {b'\n'}, lines
            # The stream ends as a whole: curl is content.
            server.process.stdin.close()
            curl.stdout.read()
            assert curl.wait(PATIENCE_S) == 0
        finally:
            curl.stdout.close()
            if curl.poll() is None:
                curl.kill()
                curl.wait()


def test_nlp(model):
    with Server(model, *OPTIONS.get(model, [])) as server, WebSocket(server, '/nlp') as one, WebSocket(server, '/nlp') as two:
        for text, score, words in (('', 0, 0), ('This is great, thanks', 5, 4), ('not good', -2, 2), ('It\'s "bad"\n\t☃', -2, 2),
                                   ('LOVE ' * 1000, 3000, 1000), ('never slow\\', 1, 2)):
            one.send(frame(TEXT, text.encode()))
            sentiment = 'positive' if score > 0 else 'negative' if score < 0 else 'neutral'
            for member in (one, two):
                opcode, payload = member.receive()
                assert opcode == TEXT and json.loads(payload) == {
                    'sentiment': sentiment, 'score': score, 'words': words, 'message': text}, (text, payload[:200])
        two.send(frame(BINARY, b'\0'))
        assert 'must be text' in json.loads(two.receive()[1])['error']
        # Several on their way at once come back in order, with a ping behind them, and a close behind that.
        two.send(*(frame(TEXT, b'%d' % i) for i in range(100)), frame(PING, b'p'), close_frame(1000))
        for i in range(100):
            assert json.loads(one.receive()[1])['message'] == str(i)
            assert json.loads(two.receive()[1])['message'] == str(i)
        assert two.receive() == (PONG, b'p')
        two.expect_close(1000)


def test_drains(model):
    """At the end every WebSocket is told 1001, every stream is completed, also those with a message on its way."""
    with Server(model, *OPTIONS.get(model, [])) as server, contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(WebSocket(server, path)) for path in ('/ws', '/chat', '/live', '/nlp') * 5]
        half = stack.enter_context(WebSocket(server, '/ws'))
        half.send(frame(TEXT, b'never ended', final=False))
        stream = stack.enter_context(server.send(GET % b'/events'))
        file = stream.makefile('rb')
        while file.readline() != b'\r\n':
            pass
        server.wait_until_read(half.socket)
        sockets[1].send(frame(TEXT, b'last words'))
        for member in sockets[1::4]:
            assert member.receive() == (TEXT, b'last words')
        server.process.stdin.close()
        for client in [*sockets, half]:
            while (received := client.receive())[0] == TEXT:
                pass
            assert received[0] == CLOSE and received[1][:2] == struct.pack('>H', 1001), received
            client.send(close_frame(1001))
            assert client.receive() is None
        assert file.read().endswith(b'0\r\n\r\n')
        file.close()
        assert server.process.wait(PATIENCE_S) == 0


def test_many_idle():
    """Thousands that do nothing: each costs less than 4 KiB, and all is given back."""
    n = 2000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * n:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * n + 200), hard))
    try:
        with Server(MODEL) as server, WebSocket(server, '/chat') as last:
            before = server.status('VmRSS')
            members = []
            for _ in range(n):
                client = server.send(HANDSHAKE % b'/chat')
                assert client.recv(1000).endswith(b'\r\n\r\n')
                members.append(client)
            assert (server.status('VmRSS') - before) * 1024 / n < 4096 or 'ASAN_OPTIONS' in os.environ
            last.send(frame(TEXT, b'to all'))
            for client in members:
                assert client.recv(1000) == b'\x81\x06to all'
                client.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def why_skipped(name, model):
    if model in BLOCKING:
        return NOT_APPLICABLE  # an open connection would hold a thread or a process; see "refused"
    if name == 'test_events_curl' and not shutil.which('curl'):
        return 'curl is not installed'
    return None


if __name__ == '__main__':
    run_tests(globals(), why_skipped)
