#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What workloads answer, through every model, against a second implementation of what they compute.

test-workloads.py TAP_FOLDER SERVER
"""

import concurrent.futures
import contextlib
import csv
import datetime
import decimal
import functools
import io
import json
import math
import os
import random
import socket

from harness import Server, run_tests, wait_for

# With their default of one worker.
ONE_AT_A_TIME = ['prefork']
MASK = (1 << 64) - 1


def sequence(state):
    """SplitMix64."""
    while True:
        state = (state + 0x9e3779b97f4a7c15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & MASK
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & MASK
        yield z ^ (z >> 31)


def signed(numbers):
    return (next(numbers) >> 11) / (1 << 52) - 1


def fnv(data):
    value = 0xcbf29ce484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001b3) & MASK
    return value


def report(rows):
    numbers = sequence(20260221)
    regions = {}
    for number in range(rows):
        first, second = next(numbers), next(numbers)
        name = ['east', 'islands', 'midlands', 'north', 'south', 'west'][first % 6]
        regions.setdefault(name, []).append((second % 1000000, -number, 1 + (first >> 32) % 12))
    return {'rows': rows, 'regions': [
        {'region': name, 'orders': len(orders), 'quantity': sum(order[2] for order in orders),
         'amount': sum(order[0] for order in orders) / 100,
         'median': sorted(order[0] for order in orders)[(len(orders) - 1) // 2] / 100,
         'largest': -max(orders)[1]}
        for name, orders in sorted(regions.items())]}


def tasks(chunk):
    block = bytes((i * 131 + 7) & 255 for i in range(1024))
    digest = sum(fnv(number.to_bytes(8, 'little') + block) for number in range(chunk)) & MASK
    return {'chunk': chunk, 'digest': f'{digest:016x}'}


def image(size):
    numbers = sequence(10000)
    grey = [[(x + y) * 191 // (2 * size) + next(numbers) % 65 for x in range(size)] for y in range(size)]
    for _ in range(2):
        # Along the rows, turned over; so that the second time goes along the columns, and turns back.
        blurred = [[(8 + sum(weight * row[min(max(x + k, 0), size - 1)] for weight, k in
                             zip((1, 4, 6, 4, 1), (-2, -1, 0, 1, 2)))) // 16 for x in range(size)] for row in grey]
        grey = [list(column) for column in zip(*blurred)]
    values = [value for row in grey for value in row]
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    return {'size': size, 'minimum': min(values), 'maximum': max(values), 'mean': round(mean, 4),
            'deviation': round(deviation, 4),
            'histogram': [sum(value // 16 == bin for value in values) for bin in range(16)],
            'checksum': f'{fnv(values):016x}'}


@functools.cache
def weights():
    numbers, rows = sequence(128010), []
    for _ in range(10):
        bias = signed(numbers)
        rows.append((bias, [signed(numbers) for _ in range(128)]))
    return rows


def predict(vectors):
    return [[bias + sum(w * x for w, x in zip(row, vector)) for bias, row in weights()] for vector in vectors]


def own_vectors(count):
    numbers = sequence(6)
    return [[signed(numbers) for _ in range(128)] for _ in range(count)]


def document():
    return {'name': 'Pétra \u0000 ☸', 'empty': [{}, [], '', None],
            'rows': [{'id': i, 'price': i / 8, 'tags': ['a', str(i)], 'good': i % 2 == 0} for i in range(20000)]}


def count(value, found, depth=0):
    found['depth'] = max(found.get('depth', 0), depth + isinstance(value, (dict, list)))
    if isinstance(value, dict):
        found['members'] = found.get('members', 0) + len(value)
        for child in value.values():
            count(child, found, depth + 1)
    elif isinstance(value, list):
        for child in value:
            count(child, found, depth + 1)
    kind = {dict: 'objects', list: 'arrays', str: 'strings', int: 'numbers', float: 'numbers'}.get(type(value), 'literals')
    found[kind] = found.get(kind, 0) + 1
    return found


HEADER = 'date,customer,category,quantity,price\r\n'


def orders(mb):
    """The file that GET /csv reads."""
    numbers, text, size = sequence(8), [HEADER.replace('\r', '')], 0
    size = len(text[0])
    while size < mb << 20:
        number = next(numbers)
        day = datetime.date(2025, 1, 1) + datetime.timedelta(days=number % 365)
        lacking = (number >> 20) % 100
        category = ['charts', 'compasses', 'lamps', '"ropes, thin"', 'sails'][(number >> 32) % 5]
        customer = f'c{(number >> 40) % 20000:05}'
        quantity = 1 + (number >> 56) % 9
        price = next(numbers) % 50000
        row = ['' if lacking == 0 else str(day), '' if lacking == 1 else customer, category,
               '' if lacking == 3 else str(quantity), '' if lacking in (4, 5) else f'{price // 100}.{price % 100:02}']
        text.append(','.join(row) + '\n')
        size += len(text[-1])
    return ''.join(text)


def sums(text):
    """What the pipeline makes of @text, by way of Python's reader and exact decimals."""
    found = {}
    for row in csv.DictReader(io.StringIO(text, newline='')):
        if all(row.values()):
            count_of, amount = found.get(row['date'], (0, 0))
            found[row['date']] = count_of + 1, amount + int(row['quantity']) * decimal.Decimal(row['price'])
    return 'date,rows,amount\n' + ''.join(f'{date},{rows},{amount:.2f}\n' for date, (rows, amount) in sorted(found.items()))


def cart(number, products):
    """What GET /cart/@number answers; @products by id, as GET /products has them."""
    def vector(product):
        numbers_of = sequence(product << 32)
        return [signed(numbers_of) for _ in range(64)]
    numbers = sequence(number)
    items = [1 + next(numbers) % 1000 for _ in range(5)]
    whole = [sum(values) for values in zip(*map(vector, items))]
    scores = {product: sum(a * b for a, b in zip(whole, vector(product))) for product in range(1, 1001) if product not in items}
    best = sorted(scores, key=lambda product: (-scores[product], product))[:5]
    return {'id': number, 'items': [products[product] for product in items],
            'total': round(sum(products[product]['price'] for product in items), 2),
            'recommended': [{'id': product, 'score': round(scores[product], 6)} for product in best]}


EXPECTED = {path: function(number) for path, function, number in (
    ('/report?rows=1', report, 1), ('/report?rows=5000', report, 5000), ('/report', report, 20000),
    ('/tasks?chunk=1', tasks, 1), ('/tasks?chunk=40', tasks, 40), ('/tasks', tasks, 100),
    ('/image?size=1', image, 1), ('/image?size=7', image, 7), ('/image', image, 64))}


def check_computed(server):
    for path, expected in EXPECTED.items():
        status, _, body = server.get(path)
        assert (status, json.loads(body)) == (200, expected), (path, body, expected)


def check_scores(body, expected):
    scores = json.loads(body)['scores']
    assert len(scores) == len(expected)
    for mine, theirs in zip(scores, expected):
        assert len(mine) == 10 and all(abs(a - b) < 2e-6 for a, b in zip(mine, theirs)), (mine, theirs)


def test_computed(model):
    with Server(model) as server:
        check_computed(server)


def test_computed_concurrently(model):
    with Server(model) as server, concurrent.futures.ThreadPoolExecutor(6) as executor:
        for future in [executor.submit(check_computed, server) for _ in range(6)]:
            future.result()


def test_parse(model, seen=[]):
    text = json.dumps(document(), indent=1).encode()
    expected = count(document(), {'bytes': len(text)})
    with Server(model) as server:
        status, _, body = server.get('/parse', 'POST', text)
        assert (status, json.loads(body)) == (200, expected), (body, expected)
        seen.append(body)
        assert body == seen[0]
        status, _, body = server.get('/parse', 'POST', text[:-1])
        lines = text.count(b'\n') + 1
        assert status == 400 and f'line {lines}, column ' in json.loads(body)['error'], body


def test_body_limit():
    for model in ('event-loop', 'gil-threads'):
        with Server(model, '--max-body-bytes', '1000') as server:
            assert server.get('/parse', 'POST', b'[' + b' ' * 998 + b']')[0] == 200
            assert server.get('/parse', 'POST', b'[' + b' ' * 999 + b']')[0] == 413
        with Server(model, '--max-body-bytes', str(64 << 20)) as server:
            body = b'[' + b'"0123456789abcde",' * ((20 << 20) // 18) + b'0]'
            status, _, answer = server.get('/parse', 'POST', body)
            assert status == 200 and json.loads(answer)['bytes'] == len(body)


def test_predict(model, seen={}):
    vectors = own_vectors(3)
    with Server(model) as server:
        for path, method, body, expected in (
                ('/predict', 'GET', None, vectors[:1]), ('/predict?n=3', 'GET', None, vectors),
                ('/predict', 'POST', {'features': vectors[1]}, vectors[1:2]), ('/predict', 'POST', {'batch': vectors}, vectors)):
            bodies = []
            for via in ('compute', 'spawn'):
                status, _, answer = server.get(f'{path}{"&" if "?" in path else "?"}via={via}', method,
                                               json.dumps(body).encode() if body else None)
                assert status == 200, answer
                check_scores(answer, predict(expected))
                bodies.append(answer)
            assert bodies[0] == bodies[1] == seen.setdefault((path, method, str(body)), bodies[0])


def descendants(pid):
    """The children of all threads of @pid, and theirs."""
    found = []
    for thread in os.listdir(f'/proc/{pid}/task'):
        with contextlib.suppress(FileNotFoundError), open(f'/proc/{pid}/task/{thread}/children', encoding='ascii') as file:
            for child in map(int, file.read().split()):
                found += [child, *descendants(child)]
    return found


def test_spawned_children_end(model):
    with Server(model) as server:
        before = descendants(server.pid)
        with concurrent.futures.ThreadPoolExecutor(8) as executor:
            answers = list(executor.map(lambda _: server.get('/predict?n=10&via=spawn'), range(24)))
        assert all(answer[::2] == answers[0][::2] and answer[0] == 200 for answer in answers)
        wait_for(lambda: sorted(descendants(server.pid)) == sorted(before))


def test_csv(model, seen={}):
    chance = random.Random(4)
    rows = [[f'2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}', chance.choice(['', 'c1', 'c,2', 'c"3']),
             chance.choice(['a', 'b\r\nb', 'ü']), str(chance.randint(0, 1000)), f'{chance.randint(0, 99999999) / 100}']
            for _ in range(3000)]
    text = io.StringIO(newline='')
    csv.writer(text).writerows(rows)
    text = HEADER + text.getvalue()
    if not seen:
        seen.update(post=sums(text), get=sums(orders(1)))
    with Server(model) as server:
        for mode in ('stream', 'whole'):
            status, headers, body = server.get(f'/csv?mode={mode}', 'POST', text.encode())
            assert (status, headers['Content-Type'], body.decode()) == (200, 'text/csv', seen['post']), body[:300]
            status, _, body = server.get(f'/csv?mode={mode}')
            assert (status, body.decode()) == (200, seen['get']), body[:300]


def test_cart(model, seen={}):
    with Server(model) as server:
        if not seen:
            products = json.loads(server.get('/products?limit=1000')[2])
            assert len(products) == 1000
            products = {product['id']: product for product in products}
            seen.update({number: cart(number, products) for number in (1, 7, 2 ** 53 - 1)})
        for number, expected in seen.items():
            for connect in (0, 1):
                status, _, body = server.get(f'/cart/{number}?connect={connect}')
                assert (status, json.loads(body)) == (200, expected), (body, expected)


def test_cache(model):
    """One process remembers; with many, each its own."""
    with Server(model) as server:
        for _ in range(20):
            assert server.get('/cache?bytes=10')[2] == b'{"bytes":10,"limit":0}'
        shown = json.loads(server.get('/cache?show=1')[2])
        assert 1 <= shown['entries'] <= 20 and shown['bytes'] >= 10 * shown['entries'], shown
        for _ in range(40):
            server.get('/cache?bytes=10&limit=3')
        assert json.loads(server.get('/cache?show=1')[2])['entries'] <= 20
        if len(descendants(server.pid)) <= 1:
            assert json.loads(server.get('/cache?show=1')[2])['entries'] == 3


def test_stream(model):
    expected = b''.join((bytes([ord('a') + i % 26]) * 63 + b'\n') * 1024 for i in range(30))
    with Server(model) as server:
        for path, body in (('/stream', expected[:65536 * 10]), ('/stream?chunks=30&bytes=65536', expected),
                           ('/stream?chunks=30&bytes=65536&ms=1', expected)):
            status, headers, got = server.get(path)
            if path == '/stream':
                body = b''.join(body[at:at + 1024] for at in range(0, len(body), 65536))
            assert (status, headers['Transfer-Encoding'], headers['Content-Length']) == (200, 'chunked', None)
            assert got == body, (path, len(got))
        assert server.get('/stream', 'HEAD')[2] == b''
        with server.send(b'GET /stream?chunks=2&bytes=65536 HTTP/1.0\r\n\r\n') as client:
            answer = client.makefile('rb').read()
            assert answer.partition(b'\r\n\r\n')[2] == expected[:2 * 65536]
        # The client may have ended its side already.
        with server.send(b'GET /stream?chunks=5&bytes=65536&ms=2 HTTP/1.1\r\nHost: a\r\n\r\n') as client:
            client.shutdown(socket.SHUT_WR)
            assert client.makefile('rb').read().endswith(b'\r\n0\r\n\r\n')


def test_stream_slow_reader(model):
    """An answer that its client does not take is not made meanwhile: 200 MiB of it are nowhere."""
    with Server(model) as server, server.send(b'GET /stream?chunks=200&bytes=1048576 HTTP/1.1\r\nHost: a\r\n'
                                              b'Connection: close\r\n\r\n') as client:
        file = client.makefile('rb')
        assert file.readline() == b'HTTP/1.1 200 OK\r\n'
        if model not in ONE_AT_A_TIME:
            assert server.get('/')[2] == b'hello\n' and server.get('/stream')[0] == 200
        for pid in [server.pid, *descendants(server.pid)]:
            with open(f'/proc/{pid}/status', encoding='ascii') as status:
                rss_kib = next(int(line.split()[1]) for line in status if line.startswith('VmRSS'))
            assert rss_kib < 64 * 1024 or 'ASAN_OPTIONS' in os.environ, rss_kib
        size = 0
        while block := file.read(1 << 20):
            size += len(block)
        assert size > 200 << 20 and block == b''


def test_stream_left(model):
    """A client that goes in the middle takes nothing along."""
    with Server(model) as server:
        for _ in range(20):
            with server.send(b'GET /stream?chunks=1000&bytes=100000 HTTP/1.1\r\nHost: a\r\n\r\n') as client:
                assert client.recv(100)
        assert server.get('/')[2] == b'hello\n'


def test_waiting(model, seen={}):
    """Those that only wait or return, briefly; what they ask of models is in test-workloads-waiting.c."""
    with Server(model) as server:
        for path, expected in (
                ('/bad?ms=1', {'status': 'done', 't': 1}), ('/bad?ms=1&in=pool', {'status': 'done', 't': 1}),
                ('/user/7?ms=1', {'id': 7, 'name': 'User 7', 't': 1}),
                ('/fan-out?n=5&ms=1', {'n': 5, 't': 1, 'mode': 'all', 'via': 'timer'}),
                ('/fan-out?n=20&ms=1&via=pool', {'n': 20, 't': 1, 'mode': 'all', 'via': 'pool'}),
                ('/fan-out?n=3&ms=1&mode=sequential', {'n': 3, 't': 1, 'mode': 'sequential', 'via': 'timer'}),
                ('/fan-out?n=3&ms=1&mode=sequential&via=pool', {'n': 3, 't': 1, 'mode': 'sequential', 'via': 'pool'}),
                ('/mix?total_ms=2&cpu=50', {'total_ms': 2, 'cpu': 50}), ('/mix?total_ms=1&cpu=100', {'total_ms': 1, 'cpu': 100})):
            status, _, body = server.get(path)
            assert (status, json.loads(body)) == (200, expected), (path, body)
            assert body == seen.setdefault(path, body)
        data = bytes(range(256)) * 5000
        for method in ('POST', 'PUT', 'DELETE', 'PATCH', 'BREW'):
            status, _, body = server.get('/echo', method, data)
            assert (status, body) == (200, data), (method, status, len(body))
        for body, status in (({'email': 'a@b', 'password': 'sécret'}, 201), ({'email': 'ab', 'password': 'secret'}, 400)):
            assert server.get('/users', 'POST', json.dumps(body).encode())[0] == status


if __name__ == '__main__':
    run_tests(globals())
