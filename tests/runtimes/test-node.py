#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference servers on Node.js answer what loadstone-server does, byte for byte, and end as it does.

test-node.py TAP_FOLDER SERVER RUNTIMES NAME…

RUNTIMES is the folder data/runtimes, each NAME one of the runtimes in it.
"""

import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import random
import select
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'server'))
from harness import PATIENCE_S, SERVER, Server, is_gone, read_answers, run_tests, wait_for  # noqa: E402
from node_servers import NAMES, OPTIONS, Real, ask, command, descendants, serves, why_skipped  # noqa: E402

# What is compared byte by byte: method, path, body, fields.
BYTES = bytes(range(256)) * 300
SAME = [(method, path, None, None) for method, path in (
    # Paths and methods that are not there.
    ('GET', '/nope'), ('HEAD', '/nope'), ('POST', '/nope'), ('GET', '/constructor'), ('GET', '/user'),
    ('GET', '/user/'), ('GET', '/user/7/8'), ('GET', '/hello'), ('POST', '/'), ('PUT', '/users/1'),
    ('GET', '/users'), ('DELETE', '/csv'), ('GET', '/parse'), ('PUT', '/predict'), ('POST', '/events'),
    ('OPTIONS', '/'), ('OPTIONS', '/users'), ('OPTIONS', '/predict'), ('OPTIONS', '/nope'),
    # Those that answer at once.
    ('GET', '/'), ('GET', '/?a=b'), ('HEAD', '/'), ('GET', '/json'), ('HEAD', '/json'), ('GET', '/users/1'),
    ('GET', '/users/14'), ('GET', '/users/-1'), ('GET', '/users/0'), ('GET', '/users/9007199254740991'),
    ('GET', '/users/9007199254740992'), ('GET', '/users/18446744073709551616'),
    # Those that wait.
    ('GET', '/slow'), ('GET', '/slow?ms=0'), ('GET', '/slow?ms=007'), ('GET', '/slow?ms=1&ms=x'), ('GET', '/slow?ms'),
    ('GET', '/slow?ms=-1'), ('GET', '/slow?ms=1.5'), ('GET', '/slow?ms=60001'), ('GET', '/slow?ms=1e1'),
    ('GET', '/user/7'), ('GET', '/user/ada'), ('GET', '/user/7?ms=x'), ('HEAD', '/user/8?ms=1'),
    ('GET', '/bad'), ('GET', '/bad?ms=1&in=loop'), ('GET', '/bad?ms=1&in=pool'), ('GET', '/bad?in=pools'),
    ('GET', '/bad?in='), ('GET', '/bad?ms=60001'),
    ('GET', '/fan-out'), ('GET', '/fan-out?n=3&ms=1&mode=sequential'), ('GET', '/fan-out?n=9&ms=1&via=pool'),
    ('GET', '/fan-out?n=3&ms=1&via=pool&mode=sequential'), ('GET', '/fan-out?n=10000&ms=1'), ('GET', '/fan-out?n=0'),
    ('GET', '/fan-out?n=10001'), ('GET', '/fan-out?n=10000&ms=61'), ('GET', '/fan-out?mode=some'), ('GET', '/fan-out?via=air'),
    # Those that compute.
    *(('GET', f'/compute?n={n}') for n in (0, 1, 2, 1000, 1234567, 20000000, 10000000001, '-1', 'x', '')),
    ('GET', '/mix'), ('GET', '/mix?total_ms=3&cpu=33'), ('GET', '/mix?total_ms=2&cpu=0'), ('GET', '/mix?total_ms=2&cpu=100'),
    ('GET', '/mix?total_ms=0'), ('GET', '/mix?cpu=101'), ('GET', '/mix?total_ms=10001'),
    ('GET', '/report'), *(('GET', f'/report?rows={rows}') for rows in (0, 1, 2, 7, 500, 30000, 1000001)),
    ('GET', '/tasks'), *(('GET', f'/tasks?chunk={chunk}') for chunk in (0, 1, 2, 40, 3000, 1000001)),
    ('GET', '/image'), *(('GET', f'/image?size={size}') for size in (*range(34), 64, 100, 120, 128, 200, 256, 2049)),
    ('GET', '/predict'), ('GET', '/predict?n=1000'), ('GET', '/predict?n=3&via=spawn'), ('GET', '/predict?n=0'),
    ('GET', '/predict?n=1001'), ('GET', '/predict?via=air'),
    # Those that read or keep much, or answer in parts.
    ('GET', '/csv'), ('GET', '/csv?mb=3&mode=whole'), ('GET', '/csv?mb=2&mode=stream'), ('GET', '/csv?mb=0'),
    ('GET', '/csv?mb=65'), ('GET', '/csv?mode=half'),
    ('GET', '/stream'), ('GET', '/stream?chunks=3&bytes=100&ms=2'), ('GET', '/stream?chunks=30&bytes=65535'),
    ('GET', '/stream?chunks=1&bytes=1048576'), ('HEAD', '/stream'), ('GET', '/stream?chunks=0'), ('GET', '/stream?bytes=0'),
    ('GET', '/stream?bytes=1048577'), ('GET', '/stream?ms=60001'), ('GET', '/stream?chunks=11&ms=60000'),
    ('GET', '/cache'), ('GET', '/cache?bytes=10&limit=3'), ('GET', '/cache?bytes=0'), ('GET', '/cache?limit=1000001'),
    ('GET', '/cache?show=2'), ('HEAD', '/events'), ('GET', '/events?hz=0'), ('GET', '/events?hz=101'), ('GET', '/events?hz=x'),
)]
SAME += [(method, '/echo', BYTES, {'Content-Type': 'image/x; v="1"'})
         for method in ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS')]
SAME += [('POST', '/echo', b'', None), ('GET', '/echo?x=y', None, None), ('POST', '/echo', b'a', {'Content-Type': 'x/' + 'x' * 198}),
         ('POST', '/echo', b'a', {'Content-Type': 'x/' + 'x' * 199})]

SAME += [('POST', f'/users{query}', body.encode(), None) for query in ('', '?validate=1', '?validate=0') for body in (
    '{"email":"ada@example.org","password":"secret"}', '{"password":"éééééé","email":"@","more":[1]}',
    '{"email":"Petra \\"P\\" Ü@☸🧭","password":"🧭🧭🧭🧭🧭🧭"}', '{"email":"ab","password":"secret"}',
    '{"email":"a@b","password":"ééééé"}', '{"email":"a@b","password":"🧭🧭🧭"}', '{"email":"a@b","password":123456}',
    '{"email":["a@b"],"password":null}', '{"email":null,"password":"secret"}', '{}', '[]', ' ' * 65537)]
SAME += [('POST', '/users?validate=2', b'{}', None)]

SAME += [('POST', '/parse', body, None) for body in (
    b'[]', b' 7 ', b'null', b'"a"',
    b'{"a": [1, 2.5, -3e2, "x\\u0000y", {}], "b": {"c": null, "d": [true, [false]]}, "\\u00e9": "\xc3\xa9"}',
    b'{"a":1,"a":2}', b'[' * 2048 + b']' * 2048, b'[' + b'[1,2],' * 100000 + b'""]',
    b'[' + b'{"number":12,"name":"user"},' * 100000 + b'0]')]

VECTORS = [[random.Random(i).uniform(-9, 9) for _ in range(128)] for i in range(3)]
ZERO = [0] * 128
SAME += [('POST', f'/predict{query}', json.dumps(body).encode(), None) for query, body in (
    ('', {'features': VECTORS[0]}), ('', {'batch': VECTORS}), ('?via=spawn', {'batch': VECTORS}), ('', {'features': ZERO}), ('', {}),
    ('', []), ('', {'features': ZERO, 'batch': [ZERO]}), ('', {'features': [1, 2]}), ('', {'features': ['0', *ZERO[1:]]}),
    ('', {'features': None}), ('', {'batch': [ZERO, [True, *ZERO[1:]]]}), ('', {'batch': []}), ('', {'batch': {}}),
    ('?via=spawn', {'batch': [ZERO] * 4097}), ('', {'batch': [ZERO] * 4096}))]

HEADER = 'date,customer,category,quantity,price\n'
TABLES = [text.encode() for text in (
    HEADER, HEADER[:-1], HEADER.replace('\n', '\r\n'), '', '\n', HEADER.replace(',price', ''), HEADER.replace('price', 'price,more'),
    HEADER.replace('price', 'prices'), HEADER.replace('date', '"date"'), HEADER.replace('\n', '\r'), HEADER.replace('\n', '\rx'),
    *(HEADER + rows for rows in (
        '2026-02-21,c1,lamps,3,2.50\n2025-12-31,c2,lamps,2,1\n2026-02-21,c3,"ropes, ""thin""\n",10,0.1',
        ',c,l,1,1\n2026-01-01,,l,1,1\n2026-01-01,c,,1,1\n2026-01-01,c,l,,1\n2026-01-01,c,l,1,\n,,,,\n'
        '2026-01-01,c,"",1,1\n2026-01-01,c,l,1000,1000000.00\r\n2026-01-02,c,l,0,7\r\n',
        '2026-01-01,c,l,1\n', '2026-01-01,c,l,1,1\n2026-01-01,c,l,1,1,1\n', '\n', '2026-01-01,"c"d,l,1,1\n',
        '2026-01-01,"c,l,1,1\n',
        '"2026-01-01","ü""☸",a"b,"1","0.29"\n', '2026-01-01,c,l,1,1\r', '2026-01-01,c,l,1,1\rx', '2026-1-1,c,l,1,1\n',
        '2026-13-01,c,l,1,1\n',
        '2026-01-00,c,l,1,1\n', '2026/01/01,c,l,1,1\n', '0000-01-01,c,l,1,1\n', '2026-01-01,c,l,1001,1\n', '2026-01-01,c,l,-1,1\n',
        '2026-01-01,c,l,1.5,1\n', '2026-01-01,c,l,00001,1\n', '2026-01-01,c,l,1,1000000.01\n', '2026-01-01,c,l,1,1.234\n',
        '2026-01-01,c,l,1,.5\n', '2026-01-01,c,l,1,1.\n', '2026-01-01,c,l,1,1e3\n', '2026-01-01,c,l,1,-1\n', '2026-01-01,c,l,1,00000001\n',
        ''.join(f'{year}-01-01,c,l,1,1.15\n' for year in range(1000, 5096)),
        ''.join(f'{year}-01-01,c,l,1,1\n' for year in range(1000, 5097)))))]
SAME += [('POST', f'/csv?mode={mode}', table, None) for table in TABLES for mode in ('stream', 'whole')]

# Of what is not JSON each parser tells in its own words why, so only how that begins is compared.
NOT_JSON = [('POST', path, body, None) for path in ('/parse', '/users', '/predict')
            for body in (b'', b'[1,', b'{"a": 1,\n "b" 2}', b'[1] 2', b'\x00', b'{\'a\': 1}')]
NOT_JSON += [('POST', '/parse', b'[' * 2049 + b']' * 2049, None), ('POST', '/users', b'"text"', None), ('POST', '/predict', b'7', None)]

COMPARED_FIELDS = ['Content-Type', 'Allow']


def answers_of(server, asks):
    """What a client needs of the answers, with the length where there is no body that has it."""
    for asked in asks:
        status, headers, body = ask(server, *asked)
        length = headers['Content-Length'] if asked[0] == 'HEAD' else len(body)
        yield asked, (status, {name: headers[name] for name in COMPARED_FIELDS}, length, body)


def expected(found=[]):  # pylint: disable=dangerous-default-value
    """What loadstone-server answers, asked for once."""
    if not found:
        with Server('event-loop') as server:
            found.extend(answers_of(server, SAME + NOT_JSON))
    return found[:len(SAME)], found[len(SAME):]


def test_same_answers(name):
    same, not_json = expected()
    with Real(name) as server:
        for (asked, theirs), (_, ours) in zip(same, answers_of(server, SAME)):
            assert ours == theirs, (asked, ours, theirs)
        for (asked, theirs), (_, ours) in zip(not_json, answers_of(server, NOT_JSON)):
            assert ours[:2] == theirs[:2] and ours[0] == 400, (asked, ours, theirs)
            assert all(json.loads(answer[3])['error'].startswith('the body is not JSON: ') for answer in (ours, theirs)), ours


# Asked for by tests of their own.
ELSEWHERE = ['events', 'ws-echo', 'chat', 'nlp', 'live']


def test_serves_what_it_says(name):
    """Each workload that is listed is one of loadstone-server's, and asked for above."""
    listed = serves(name)
    usages = dict(line.split('\t') for line in subprocess.run([SERVER, '--list-workloads'], capture_output=True, text=True,
                                                              check=True).stdout.splitlines())
    asked = {(method, path.split('?')[0]) for method, path, _, _ in SAME}
    assert len(set(listed)) == len(listed)
    for workload in listed:
        method, path = usages[workload].split(' ')
        assert (method, path.split('?')[0]) in asked or workload in ELSEWHERE, workload


def test_answers_under_concurrency(name):
    chosen = [(asked, answer) for asked, answer in expected()[0]
              if asked[0] == 'POST' or (answer[0] == 200 and not asked[1].startswith(('/slow', '/fan-out', '/compute', '/bad')))]

    def client(seed):
        mine = random.Random(seed).sample(chosen, len(chosen) // 4)
        for (asked, theirs), (_, ours) in zip(mine, answers_of(server, [asked for asked, _ in mine])):
            assert ours == theirs, (asked, ours, theirs)
    with Real(name) as server, concurrent.futures.ThreadPoolExecutor(6) as executor:
        list(executor.map(client, range(6)))


def test_connections(name):
    get = b'GET %s HTTP/1.1\r\nHost: a\r\n\r\n'
    with Real(name) as server:
        client = http.client.HTTPConnection('127.0.0.1', server.port, timeout=PATIENCE_S)
        with contextlib.closing(client):
            client.request('GET', '/users/1')
            client.getresponse().read()
            socket = client.sock
            for asked in (('GET', '/nope'), ('POST', '/users', b'{'), ('PUT', '/echo', BYTES), ('POST', '/nope', BYTES),
                          ('HEAD', '/stream')):
                client.request(*asked)
                client.getresponse().read()
                assert client.sock is socket, asked
            # In chunks, as it is sent when its length is not known.
            client.request('PUT', '/echo', iter([b'a' * 1000, b'b' * 70000]), encode_chunked=True,
                           headers={'Transfer-Encoding': 'chunked'})
            assert client.getresponse().read() == b'a' * 1000 + b'b' * 70000
        # The first takes longer than the others.
        with server.send(get % b'/slow?ms=50' + get % b'/users/2' + get % b'/') as client:
            bodies = read_answers(client, 3)
            assert bodies[0] == b'{"status":"done","t":50}' and b'User 2' in bodies[1] and bodies[2] == b'hello\n', bodies
        for head in (b'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', b'GET / HTTP/1.0\r\n\r\n'):
            with server.send(head) as client:
                assert client.makefile('rb').read().endswith(b'\r\n\r\nhello\n')
        # A client that goes in the middle takes nothing along.
        for _ in range(5):
            for head in (get % b'/stream?chunks=1000&bytes=100000', get % b'/slow?ms=30', get % b'/events?hz=100', get % b'/csv',
                         get % b'/predict?via=spawn', b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc'):
                with server.send(head) as client:
                    server.wait_until_read(client)
        assert ask(server, 'GET', '/slow?ms=100')[0] == 200


def test_body_limit(name):
    with Real(name) as server, Server('event-loop') as other:
        largest = b'[' + b' ' * ((16 << 20) - 2) + b']'
        assert ask(server, 'POST', '/parse', largest)[2] == ask(other, 'POST', '/parse', largest)[2]
        # That one answers at the head and closes; a client that still sends would not see it.
        with other.send(b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 16777217\r\n\r\n') as client:
            theirs = client.makefile('rb').read()
        assert theirs.startswith(b'HTTP/1.1 413 ') and b'\r\nContent-Type: application/json\r\n' in theirs, theirs
        # As does this one.
        if name == 'node-fastify':
            with server.send(b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 16777217\r\n\r\n') as client:
                ours = client.makefile('rb').read()
            assert ours.startswith(b'HTTP/1.1 413 ') and ours.split(b'\r\n\r\n')[1] == theirs.split(b'\r\n\r\n')[1], ours
            return
        for headers, body in (({}, largest + b' '), ({'Transfer-Encoding': 'chunked'}, iter([largest, b' ' * (1 << 20)]))):
            status, fields, answer = ask(server, 'POST', '/echo', body, headers)
            assert (status, fields['Content-Type']) == (413, 'application/json') and theirs.endswith(b'\r\n\r\n' + answer), answer


def test_stream_slow_reader(name):
    """An answer that its client does not take is not made meanwhile: 1000 MiB of it are nowhere."""
    with Real(name) as server, server.send(b'GET /stream?chunks=1000&bytes=1048576 HTTP/1.1\r\nHost: a\r\n'
                                           b'Connection: close\r\n\r\n') as client:
        file = client.makefile('rb')
        assert file.readline() == b'HTTP/1.1 200 OK\r\n'
        assert ask(server, 'GET', '/stream')[0] == 200 and ask(server, 'GET', '/slow')[0] == 200
        for pid in (server.pid, *descendants(server.pid)):
            with open(f'/proc/{pid}/status', encoding='ascii') as status:
                rss_kib = next(int(line.split()[1]) for line in status if line.startswith('VmRSS'))
            assert rss_kib < 300 * 1024, rss_kib


def read_events(client, count):
    """Reads the head and @count events of a stream in chunks."""
    file, events = client.makefile('rb'), []
    assert file.readline() == b'HTTP/1.1 200 OK\r\n'
    fields = dict(line.decode().rstrip().lower().split(': ', 1) for line in iter(file.readline, b'\r\n'))
    assert (fields['content-type'], fields['cache-control']) == ('text/event-stream', 'no-cache'), fields
    while len(events) < count:
        chunk = file.read(int(file.readline(), 16))
        assert file.readline() == b'\r\n' and chunk.startswith(b'data: ') and chunk.endswith(b'\n\n') and chunk.count(b'\n') == 2, chunk
        events.append(json.loads(chunk[6:]))
    return file, events


def test_events(name):
    """The same text to all, of the same form and with the same numbers as loadstone-server's."""
    get = b'GET /events?hz=20 HTTP/1.1\r\nHost: a\r\n\r\n'
    with Server('event-loop') as other, contextlib.ExitStack() as stack:
        with Real(name) as server:
            clients = [stack.enter_context(each.send(get)) for each in (server, server, server, other)]
            streams = [read_events(client, 12) for client in clients]
            seen = {}
            for _, events in streams:
                assert [event['seq'] for event in events] == sorted({event['seq'] for event in events}), events
                for event in events:
                    assert list(event) == ['seq', 'sent_ns', 'minute', 'home', 'away', 'score'], event
                    period_ns = 10 ** 9 // 20
                    assert event['sent_ns'] // period_ns == event['seq'], event
                    del event['sent_ns']
                    assert seen.setdefault(event['seq'], event) == event
            # Its end ends them in the right way.
            server.process.send_signal(signal.SIGTERM)
            for file, _ in streams[:3]:
                assert (b'\r\n' + file.read()).endswith(b'\r\n0\r\n\r\n')


def test_cache(name):
    """What a process remembers: all, or so much."""
    with Real(name) as server:
        processes = max(len(server.children()), 1)
        for _ in range(10 * processes):
            ask(server, 'GET', '/cache?bytes=10')
        # Connections go to workers in turn, so that each has as much.
        for _ in range(processes):
            shown = json.loads(ask(server, 'GET', '/cache?show=1')[2])
            assert shown == {'entries': 10, 'bytes': 100, 'ceiling': 256 << 20}, shown
        for _ in range(processes):
            ask(server, 'GET', '/cache?bytes=1&limit=3')
        assert json.loads(ask(server, 'GET', '/cache?show=1')[2])['entries'] == 3
        for _ in range(300 * processes):
            ask(server, 'GET', '/cache?bytes=1048576')
        assert json.loads(ask(server, 'GET', '/cache?show=1')[2])['bytes'] == 256 << 20


def refuses_connections(server):
    try:
        server.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def test_ends(name):
    """By SIGTERM or SIGINT as by the end of standard input; what is in flight is finished, and no child stays."""
    for number in (signal.SIGTERM, signal.SIGINT, None):
        with Real(name) as server:
            assert len(server.children()) == (2 if name == 'node-cluster' else 0)
            with server.send(b'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nin two') as sending, \
                    server.send(b'GET /slow?ms=60000 HTTP/1.1\r\nHost: a\r\n\r\n') as waiting, \
                    server.send(b'GET /predict?via=spawn HTTP/1.1\r\nHost: a\r\n\r\n') as spawning, server.connect():
                for client in (sending, waiting, spawning):
                    server.wait_until_read(client)
                left = descendants(server.pid)
                if number:
                    server.process.send_signal(number)
                else:
                    server.process.stdin.close()
                wait_for(lambda: refuses_connections(server))  # pylint: disable=cell-var-from-loop
                sending.sendall(b' (2)')
                answer = sending.makefile('rb').read()
                assert answer.endswith(b'\r\n\r\nin two (2)') and b'\r\nConnection: close\r\n' in answer, answer
                assert waiting.makefile('rb').read() == b''
                assert server.process.wait(PATIENCE_S) == 0
                wait_for(lambda pids=left: all(map(is_gone, pids)))


def test_its_parent_is_gone(name):
    """What has started it is killed: its standard input ends, and so does all of it."""
    script = 'import subprocess, sys; server = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE); server.wait()'
    with subprocess.Popen([sys.executable, '-c', script, *command(name, *OPTIONS.get(name, []))], stdout=subprocess.PIPE) as parent:
        assert b'"ready"' in parent.stdout.readline()
        left = descendants(parent.pid)
        assert left
        parent.kill()
        parent.wait()
        wait_for(lambda: all(map(is_gone, left)))


def test_refuses(name):
    """Wrong options and a port that is taken: one sentence on standard error, and nothing else."""
    with Server('event-loop') as other:
        options = '--port, --workers' if name in OPTIONS else '--port'
        for arguments, code, sentence in (
                (['--port', 'x'], 2, '--port: "x" is not a whole number from 0 to 65535.'),
                (['--port=65536'], 2, '--port: "65536" is not a whole number from 0 to 65535.'),
                (['--port'], 2, '--port needs a value.'), (['--models', '1'], 2, f'--models is not an option; there is {options}.'),
                (['-p', '1'], 2, f'-p is not an option; there is {options}.'), (['80'], 2, f'80 is not an option; there is {options}.'),
                (['--workers', '0'], 2, '--workers: "0" is not a whole number from 1 to 256.' if name in OPTIONS
                 else f'--workers is not an option; there is {options}.'),
                (['--port', str(other.port)], 1, f'port {other.port} on 127.0.0.1 is in use by another program; '
                                                 'choose another port, or 0 for any free one.')):
            done = subprocess.run(command(name, *arguments), capture_output=True, text=True, timeout=PATIENCE_S, check=False,
                                  stdin=other.process.stdout)
            assert (done.returncode, done.stdout, done.stderr) == (code, '', f'{name}: {sentence}\n'), (arguments, done)


def test_port(name):
    """The port that is asked for, as soon as the one before has left it."""
    with Real(name) as server:
        port = server.port
        assert ask(server, 'GET', '/')[0] == 200
    with subprocess.Popen(command(name, '--port', str(port)), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert json.loads(process.stdout.readline())['port'] == port
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
    # On this machine only.
    with Real(name) as server, open('/proc/net/tcp', encoding='ascii') as file:
        assert [line.split()[1] for line in file if f':{server.port:04X} 00000000:0000 0A' in line] == [f'0100007F:{server.port:04X}']


def has_answered(client):
    return bool(select.select([client], [], [], 0)[0])


def test_who_waits_for_what_computes():
    """One loop is held up; the other processes and a loop with worker threads are not, unless made to block."""
    with Real('node-http') as server:
        with server.send(b'GET /compute?n=300000000 HTTP/1.1\r\nHost: a\r\n\r\n') as computing:
            server.wait_until_read(computing)
            assert ask(server, 'GET', '/')[0] == 200 and has_answered(computing)
    # What takes more than 10 s ends with the server.
    with Real('node-cluster', '--workers', '2') as server:
        with server.send(b'GET /compute?n=10000000000 HTTP/1.1\r\nHost: a\r\n\r\n') as computing:
            server.wait_until_read(computing)
            # Connections go to workers in turn: this one to the other.
            assert ask(server, 'GET', '/')[0] == 200 and not has_answered(computing)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(PATIENCE_S) == 0
    with Real('node-workers', '--workers', '1') as server:
        with server.send(b'GET /compute?n=10000000000 HTTP/1.1\r\nHost: a\r\n\r\n') as computing, \
                server.send(b'GET /tasks HTTP/1.1\r\nHost: a\r\n\r\n') as queued:
            for client in (computing, queued):
                server.wait_until_read(client)
            assert ask(server, 'GET', '/slow')[0] == 200 and not has_answered(computing) and not has_answered(queued)
            with server.send(b'GET /bad?ms=500 HTTP/1.1\r\nHost: a\r\n\r\n') as blocking:
                server.wait_until_read(blocking)
                assert ask(server, 'GET', '/')[0] == 200 and has_answered(blocking)
            with server.send(b'GET /bad?ms=60000&in=pool HTTP/1.1\r\nHost: a\r\n\r\n') as blocking:
                server.wait_until_read(blocking)
                assert ask(server, 'GET', '/slow')[0] == 200 and not has_answered(blocking)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(PATIENCE_S) == 0


def test_worker_thread_that_ends():
    """It takes its request along, as an error; those that wait and those that come are answered by another."""
    with Real('node-workers', '--workers', '1', errors='ERR_WORKER_OUT_OF_MEMORY',
              env={**os.environ, 'NODE_OPTIONS': '--max-old-space-size=40'}) as server:
        with concurrent.futures.ThreadPoolExecutor(2) as executor:
            failing = executor.submit(ask, server, 'GET', '/report?rows=1000000')
            queued = [executor.submit(ask, server, 'GET', '/tasks?chunk=1') for _ in range(3)]
            status, fields, body = failing.result()
            assert (status, fields['Content-Type'], body) == (500, 'application/json', b'{"error":"worker error"}'), body
            assert all(future.result()[0] == 200 for future in queued)
        assert ask(server, 'GET', '/image')[0] == 200


def test_worker_process_that_ends():
    """One that is killed is replaced, at the same port, also when it was the only one."""
    for workers in (1, 2):
        with Real('node-cluster', '--workers', str(workers)) as server:
            first = server.children()
            assert len(first) == workers
            for pid in first:
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda pids=first, count=workers: len(set(server.children()) - set(pids)) == count)

            def answers():
                with contextlib.suppress(ConnectionError, http.client.HTTPException):
                    return ask(server, 'GET', '/')[2] == b'hello\n'  # pylint: disable=cell-var-from-loop
            wait_for(answers)


# What only some do, and which.
ALONE = {'test_who_waits_for_what_computes': ['node-http', 'node-cluster', 'node-workers'],
         'test_worker_thread_that_ends': ['node-workers'], 'test_worker_process_that_ends': ['node-cluster']}


def each(test, name):
    return lambda: test(name)


def main():
    tests = {}
    for key, test in list(globals().items()):
        if not key.startswith('test_'):
            continue
        if test.__code__.co_argcount == 1:
            tests |= {f'{key}, {name}': each(test, name) for name in NAMES}
        elif set(ALONE[key]) <= set(NAMES):
            tests[key] = test
    run_tests(tests, why_skipped)


main()
