#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSockets of the reference servers on Node.js: what loadstone-server's do, frame by frame.

test-node-ws.py TAP_FOLDER SERVER RUNTIMES NAME…
"""

import contextlib
import json
import pathlib
import signal
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'server'))
from harness import PATIENCE_S, Server, is_gone, run_tests, wait_for  # noqa: E402
from node_servers import NAMES, Real, ask, descendants, why_skipped  # noqa: E402
from websocket import BINARY, CLOSE, CONTINUATION, HANDSHAKE, PING, PONG, TEXT, WebSocket, frame  # noqa: E402

MESSAGE_LIMIT = 16 * 1024 * 1024
TEXTS = ['', 'a', 'Grüße ☃ 𝄞', 'tab\tline\nquote"back\\slash\x00\x1f\x7f', '{"sender":1,"seq":2,"sent_ns":3}', 'x' * 70000,
         'This is not good, never bad: GREAT. It\'s the best, not the worst', 'not', 'not not good', "good' 'good good", 'Kind İs good',
         'amazing awful bad best better broken crash excellent fail fast fine good great happy hate help late like lost love nice '
         'poor sad slow thanks terrible worse worst wrong']


def close_frame(code, words=b''):
    return frame(CLOSE, struct.pack('>H', code) + words)


def told(server, path, frames, count, pongs=0):
    """The @count frames that two members get when the first of them sends @frames, which are answered with @pongs as well."""
    with WebSocket(server, path) as sender, WebSocket(server, path) as other:
        # It is a member once it has been heard.
        other.send(frame(PING, b'here'))
        assert other.receive() == (PONG, b'here')
        sender.send(*frames)
        heard = [sender.receive() for _ in range(count + pongs)]
        return heard, heard if path == '/ws' else [other.receive() for _ in range(count)]


def test_same_messages(name):
    """Echoed, told to all, weighed: text and bytes, whole and in fragments."""
    frames = [frame(TEXT, text.encode()) for text in TEXTS]
    frames += [frame(TEXT, 'gö'.encode()[:2], final=False) + frame(PING) + frame(CONTINUATION, 'gö'.encode()[2:] + b'od')]
    frames += [frame(BINARY, bytes(range(256)) * 300), frame(BINARY, b'')]
    with Real(name) as server, Server('event-loop') as other:
        for path in ('/ws', '/chat'):
            ours, theirs = (told(each, path, frames, len(frames), pongs=1) for each in (server, other))
            # A pong is the sender's alone, and may come before or after what was sent before it.
            for one, two in zip(ours, theirs):
                assert [each for each in one if each[0] != PONG] == [each for each in two if each[0] != PONG], path
            assert (PONG, b'') in ours[0]
        weighed = [frame(TEXT, text.encode()) for text in TEXTS]
        ours, theirs = (told(each, '/nlp', weighed, len(weighed)) for each in (server, other))
        assert ours == theirs and len(set(ours[0])) == len(TEXTS), (ours, theirs)
        # Bytes cannot be weighed: that is told to who sent them, and to nobody else.
        for each in (server, other):
            with WebSocket(each, '/nlp') as sender, WebSocket(each, '/nlp') as member:
                member.send(frame(PING))
                assert member.receive()[0] == PONG
                sender.send(frame(BINARY, b'good'), frame(TEXT, b'good'))
                assert sender.receive() == (TEXT, b'{"error":"a message to be weighed must be text"}')
                assert sender.receive() == member.receive() == (TEXT, b'{"sentiment":"positive","score":2,"words":1,"message":"good"}')


def test_refused(name):
    """Ordinary requests to such a path, and wrong ones for a WebSocket."""
    with Real(name) as server, Server('event-loop') as other:
        for method, path in [(method, path) for method in ('GET', 'HEAD', 'POST', 'OPTIONS') for path in ('/ws', '/chat', '/nlp', '/live?hz=2')]:
            ours, theirs = (ask(each, method, path) for each in (server, other))
            assert (ours[0], ours[2]) == (theirs[0], theirs[2]), (method, path, ours, theirs)
            for field in ('Content-Type', 'Allow', 'Upgrade', 'Sec-WebSocket-Version'):
                assert ours[1][field] == theirs[1][field], (method, path, field)
        for path, status in (('/nope', b'404'), ('/live?hz=0', b'400'), ('/live?hz=101', b'400')):
            with server.send(HANDSHAKE % path.encode()) as client:
                answer = client.makefile('rb').read()
            assert answer.startswith(b'HTTP/1.1 ' + status + b' ') and json.loads(answer.split(b'\r\n\r\n', 1)[1])['error'], answer
        for was, is_ in ((b'dGhlIHNhbXBsZSBub25jZQ==', b'short'), (b'Version: 13', b'Version: 7')):
            with server.send((HANDSHAKE % b'/ws').replace(was, is_)) as client:
                assert client.makefile('rb').readline().split()[1] in (b'400', b'426')
        # No extension is agreed on, whatever is offered.
        with server.send((HANDSHAKE % b'/ws').replace(b'\r\n\r\n', b'\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n')) as client:
            file = client.makefile('rb')
            head = b''.join(iter(file.readline, b'\r\n'))
            assert head.startswith(b'HTTP/1.1 101 ') and b'sec-websocket-extensions' not in head.lower(), head
        assert ask(server, 'GET', '/')[0] == 200


def test_close_codes(name):
    """Each kind of end has the code that loadstone-server answers with."""
    cases = [close_frame(1000, b'bye'), close_frame(3000), frame(CLOSE), frame(TEXT, b'no mask', key=None), frame(TEXT, b'x', first=0x91),
             frame(3, b'x'), frame(CONTINUATION, b'of nothing'), frame(TEXT, b'a', final=False) + frame(TEXT, b'b'),
             frame(PING, b'x' * 126), close_frame(999), frame(TEXT, b'\xff'),
             frame(TEXT, b'ok', final=False) + frame(CONTINUATION, b'\xfe'),
             frame(BINARY, b'', length=(127, struct.pack('>Q', MESSAGE_LIMIT + 1)))]

    def code_of(server, sent):
        with WebSocket(server, '/ws') as client:
            client.send(sent)
            opcode, payload = client.receive()
            assert opcode == CLOSE and client.receive() is None, (sent[:20], opcode)
            return payload[:2]
    with Real(name) as server, Server('event-loop') as other:
        for sent in cases:
            assert code_of(server, sent) == code_of(other, sent), sent[:20]
        with WebSocket(server, '/ws') as client:
            half = bytes(range(256)) * (MESSAGE_LIMIT // 512)
            client.send(frame(BINARY, half, final=False), frame(CONTINUATION, half))
            assert client.receive() == (BINARY, half + half)


def test_gone(name):
    """Members that leave without a word leave the others alone."""
    with Real(name) as server, WebSocket(server, '/chat') as stays:
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


def test_many(name):
    """All get all messages of all senders in one order."""
    with Real(name) as server, contextlib.ExitStack() as stack:
        members = [stack.enter_context(WebSocket(server, '/chat')) for _ in range(20)]
        for member in members:
            member.send(frame(PING))
            assert member.receive()[0] == PONG
        for i in range(50):
            for sender, member in enumerate(members):
                member.send(frame(TEXT, b'%d %d' % (sender, i)))
        seen = [[member.receive()[1] for _ in range(20 * 50)] for member in members]
        assert all(got == seen[0] for got in seen) and len(set(seen[0])) == 1000


def rss_kib(server):
    return server.status('VmRSS')


def test_slow_member(name):
    """One that does not read is closed; the others get everything, and memory is bounded."""
    with Real(name) as server, WebSocket(server, '/chat') as slow, WebSocket(server, '/chat') as sender, \
            WebSocket(server, '/chat') as reader:
        payload, sent = b'x' * 60000, 0
        for member in (slow, reader):
            member.send(frame(PING))
            assert member.receive()[0] == PONG
        before = rss_kib(server)
        while sent < 4000:
            sender.send(frame(BINARY, payload))
            sent += 1
            assert sender.receive() == reader.receive() == (BINARY, payload)
        assert rss_kib(server) < before + 100 * 1024, 'of 240 MB that were not read most are still there'
        got = 0
        with contextlib.suppress(ConnectionResetError, AssertionError):
            while slow.receive() == (BINARY, payload):
                got += 1
        assert got < sent


def test_echo_not_read(name):
    """Who sends and never reads is read no further."""
    with Real(name) as server, WebSocket(server, '/ws') as client, WebSocket(server, '/ws') as other:
        client.socket.setblocking(False)
        data, sent = frame(BINARY, b'z' * 50000), 0
        while True:
            try:
                sent += client.socket.send(data[sent % len(data):])
            except BlockingIOError:
                before = sent
                for _ in range(20):
                    other.send(frame(TEXT, b'x'))
                    assert other.receive() == (TEXT, b'x')
                with contextlib.suppress(BlockingIOError):
                    sent += client.socket.send(data[sent % len(data):])
                if sent == before:
                    break
            assert sent < 200 * 1000 * 1000, 'the server reads without bound'
        client.socket.setblocking(True)
        client.socket.settimeout(PATIENCE_S)
        for _ in range(sent // len(data)):
            assert client.receive() == (BINARY, b'z' * 50000)


def test_live(name):
    """The same ticks as loadstone-server's, to WebSockets and event streams alike; what members say is not listened to."""
    with Real(name) as server, Server('event-loop') as other, WebSocket(server, '/live?hz=20') as live, \
            WebSocket(other, '/live?hz=20') as theirs, server.send(b'GET /events?hz=20 HTTP/1.1\r\nHost: a\r\n\r\n') as events:
        live.send(frame(TEXT, b'hello?'))
        file = events.makefile('rb')
        assert file.readline() == b'HTTP/1.1 200 OK\r\n'
        seen = {}
        for member in (live, theirs):
            for _ in range(12):
                opcode, payload = member.receive()
                tick = json.loads(payload)
                assert opcode == TEXT and list(tick) == ['seq', 'sent_ns', 'minute', 'home', 'away', 'score'], tick
                assert tick.pop('sent_ns') // (10 ** 9 // 20) == tick['seq'], tick
                assert seen.setdefault(tick['seq'], tick) == tick
        assert len(seen) < 24, 'two servers have different ticks'
        while not (line := file.readline()).startswith(b'data: '):
            pass
        assert list(json.loads(line[6:])) == ['seq', 'sent_ns', 'minute', 'home', 'away', 'score']


def test_ends(name):
    """Each WebSocket is told, and no one that does not answer holds up the end."""
    for number in (signal.SIGTERM, signal.SIGINT, None):
        with Real(name) as server, WebSocket(server, '/chat') as client, WebSocket(server, '/live') as live, WebSocket(server, '/ws') as deaf:
            left = descendants(server.pid)
            if number:
                server.process.send_signal(number)
            else:
                server.process.stdin.close()
            for each in (client, live, deaf):
                opcode, payload = each.receive()
                assert opcode == CLOSE and payload == struct.pack('>H', 1001) + b'the server is ending', payload
            client.send(frame(CLOSE, payload))
            assert client.receive() is None
            assert server.process.wait(PATIENCE_S) == 0
            wait_for(lambda pids=left: all(map(is_gone, pids)))


def each(test, name):
    return lambda: test(name)


run_tests({f'{key}, {name}': each(test, name) for key, test in list(globals().items()) if key.startswith('test_') for name in NAMES},
          why_skipped)
