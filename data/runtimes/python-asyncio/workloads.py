# SPDX-License-Identifier: GPL-3.0-or-later
"""The workloads: what is served at which path.

A handler is a coroutine that gets the request and `run`, by which a server says how things are
done there: run.wait(ms) lets time pass, run.call(function, …) is for what blocks,
run.compute(function, …) for what computes, run.together(awaitables) for all of them at once,
run.scores(hz) for events without end, and run.store is the database.
"""

import subprocess
import sys
import time

import computing
import orders
import products
from exchange import Refusal, Reply, from_json, to_json

MAX_MS = 60000
MAX_SUM_MS = 600000
METHODS = ('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS')

USER = {
    'id': 1, 'name': 'Petra Peregrina', 'email': 'petra@example.org', 'city': 'Maricourt',
    'active': True,
    'note': 'Prefers a needle that floats to one on a pivot; see the letter on the magnet. Deliver '
            'to the harbour office, second floor, between eight and ten in the morning. Leave '
            'nothing at the gate. Please ask for the chart of the year before if the one of this '
            'year is sold out, and for its corrections up to now either way.',
}
BOUGHT = (
    (1, 'Pocket compass', 24.5), (2, 'Brass sextant', 189), (3, 'Chart of the North Sea', 17.25),
    (4, 'Marine chronometer', 349.99), (5, 'Parallel ruler', 12.8), (6, 'Dividers, straight', 21.4),
    (7, 'Log line, 100 m', 38), (8, 'Sounding lead, 3 kg', 27.75), (9, 'Signal lamp', 64.2),
    (10, 'Barometer, aneroid', 92.1), (11, 'Night order book', 8.95), (12, 'Azimuth circle', 143.6),
)


async def hello(request, run):
    return Reply(b'hello\n', 'text/plain')


def user_with_products():
    # By hand, for no encoder of JSON writes 24.50.
    products = ','.join(f'{{"id":{number},"name":{to_json(name)},"price":{price:.2f}}}'
                        for number, name, price in BOUGHT)
    return f'{to_json(USER)[:-1]},"products":[{products}]}}'


async def document(request, run):
    return Reply(user_with_products())


async def slow(request, run):
    ms = request.number('ms', 200, MAX_MS)
    await run.wait(ms)
    return Reply(to_json({'status': 'done', 't': ms}))


async def bad(request, run):
    ms = request.number('ms', 200, MAX_MS)
    if request.choice('in', 'loop', 'pool') == 'loop':
        time.sleep(ms / 1000)
    else:
        await run.call(time.sleep, ms / 1000)
    return Reply(to_json({'status': 'done', 't': ms}))


async def compute(request, run):
    n = request.number('n', 20000000, 10 ** 10)
    total = await run.compute(computing.sum_roots, n)
    return Reply(f'{{"n":{n},"sum":{total:.6f}}}')


async def user(request, run):
    number = request.id()
    ms = request.number('ms', 250, MAX_MS)
    await run.wait(ms)
    return Reply(to_json({'id': number, 'name': f'User {number}', 't': ms}))


def user_of(number):
    return {'id': number, 'name': f'User {number}', 'email': f'user{number}@example.org',
            'active': number % 7 != 0}


async def users(request, run):
    return Reply(to_json(user_of(request.id())))


def refuse_scalar(value):
    if not isinstance(value, (dict, list)):
        raise Refusal(400, 'the body is not JSON: line 1, column 1: it is no object')
    return value if isinstance(value, dict) else {}


def wrongs_of(form):
    """Says what is wrong with a form to sign up with."""
    email, password = form.get('email'), form.get('password')
    errors = []
    if not (isinstance(email, str) and '@' in email):
        errors.append('email must contain @')
    if not (isinstance(password, str) and len(password) >= 6):
        errors.append('password must have at least 6 characters')
    return errors


def account_of(email):
    # An id that follows from the address, in 53 bits, as every reader of JSON has them.
    number = computing.fnv(email.encode() if isinstance(email, str) else b'') >> 11
    return {'id': number, 'email': email}


async def signup(request, run):
    validates = request.number('validate', 1, 1)
    form = refuse_scalar(request.form())
    errors = wrongs_of(form) if validates else []
    if errors:
        return Reply(to_json({'errors': errors}), status=400)
    return Reply(to_json(account_of(form.get('email'))), status=201)


async def parse(request, run):
    return Reply(to_json(await run.compute(computing.count_json, request.body)))


async def report(request, run):
    rows = request.number('rows', 20000, 1000000, 1)
    return Reply(await run.compute(computing.report, rows))


async def tasks(request, run):
    chunk = request.number('chunk', 100, 1000000, 1)
    digest = await run.compute(computing.run_tasks, chunk)
    return Reply(to_json({'chunk': chunk, 'digest': f'{digest:016x}'}))


async def image(request, run):
    size = request.number('size', 64, 2048, 1)
    return Reply(await run.compute(computing.image, size))


def read_vector(values):
    """Returns the list of floats that `values` is, else None."""
    if not isinstance(values, list) or len(values) != computing.FEATURES:
        return None
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return None
    try:
        vector = [float(value) for value in values]
    except OverflowError:
        return None
    return vector if all(abs(value) < float('inf') for value in vector) else None


def read_vectors(body):
    form = refuse_scalar(from_json(body))
    if ('features' in form) == ('batch' in form):
        raise Refusal(400, 'the body must have either features or batch')
    if 'features' in form:
        vectors = [read_vector(form['features'])]
        if vectors[0] is None:
            raise Refusal(400, 'features must be a list of 128 numbers')
        return vectors
    batch = form['batch']
    if isinstance(batch, list) and 1 <= len(batch) <= 4096:
        vectors = [read_vector(values) for values in batch]
        if None not in vectors:
            return vectors
    raise Refusal(400, 'batch must be a list of 1 to 4096 lists of 128 numbers')


def predict_by_child(vectors):
    try:
        done = subprocess.run([sys.executable, '-B', computing.__file__], check=True,
                              input=to_json(vectors).encode(), stdout=subprocess.PIPE)
    except (OSError, subprocess.CalledProcessError):
        raise Refusal(500, 'the child process did not answer') from None
    return from_json(done.stdout)


def score_rows(scores):
    rows = ','.join('[' + ','.join(f'{score:.6f}' for score in row) + ']' for row in scores)
    return f'{{"scores":[{rows}]}}'


async def predict(request, run):
    via = request.choice('via', 'compute', 'spawn')
    if request.method == 'POST':
        vectors = read_vectors(request.body)
    else:
        vectors = computing.own_vectors(request.number('n', 1, 1000, 1))
    if via == 'spawn':
        scores = await run.call(predict_by_child, vectors)
    else:
        scores = await run.compute(computing.predict, vectors)
    return Reply(score_rows(scores))


async def table(request, run):
    mode = request.choice('mode', 'stream', 'whole')
    body = mb = None
    if request.method == 'POST':
        body = request.body
    else:
        mb = request.number('mb', 1, 64, 1)
    return Reply(await run.compute(orders.summarize, run.store.folder, mb, mode, body), 'text/csv')


async def mix(request, run):
    total_ms = request.number('total_ms', 10, 10000)
    cpu = request.number('cpu', 50, 100)
    cpu_ms = total_ms * cpu / 100
    if cpu_ms > 0:
        await run.compute(computing.spin, cpu_ms / 1000)
    if cpu_ms < total_ms:
        await run.wait(total_ms - cpu_ms)
    return Reply(to_json({'total_ms': total_ms, 'cpu': cpu}))


async def fan_out(request, run):
    n = request.number('n', 10, 10000, 1)
    ms = request.number('ms', 50, MAX_MS)
    mode = request.choice('mode', 'all', 'sequential')
    via = request.choice('via', 'timer', 'pool')
    if n * ms > MAX_SUM_MS:
        raise Refusal(400, f'n times ms must be at most {MAX_SUM_MS}')

    def query():
        return run.wait(ms) if via == 'timer' else run.call(time.sleep, ms / 1000)

    if mode == 'all':
        await run.together([query() for _ in range(n)])
    else:
        for _ in range(n):
            await query()
    return Reply(to_json({'n': n, 't': ms, 'mode': mode, 'via': via}))


async def echo(request, run):
    content_type = request.fields.get('content-type')
    if content_type and len(content_type) > 200:
        raise Refusal(400, 'Content-Type must be at most 200 bytes')
    return Reply(request.body, content_type)


def lines(i, size):
    """Part `i` of a stream."""
    line = bytes([ord('a') + i % 26]) * 63 + b'\n'
    return (line * (size // 64 + 1))[:size]


async def stream(request, run):
    n = request.number('chunks', 10, 100000, 1)
    size = request.number('bytes', 1024, 1024 * 1024, 1)
    ms = request.number('ms', 0, MAX_MS)
    if n * ms > MAX_SUM_MS:
        raise Refusal(400, f'chunks times ms must be at most {MAX_SUM_MS}')

    async def chunks():
        for i in range(n):
            if i > 0 and ms > 0:
                await run.wait(ms)
            yield lines(i, size)
    return Reply(content_type='text/plain', chunks=chunks())


def score_text(hz, now_ns):
    """What is told `hz` times a second; the ticks have their places on the clock."""
    sequence = now_ns // (10 ** 9 // hz)
    minute = sequence % 90
    return to_json({'seq': sequence, 'sent_ns': now_ns, 'minute': minute, 'home': 'Maricourt',
                    'away': 'Lucera', 'score': [(minute + 11) // 31, minute // 40]})


async def events(request, run):
    hz = request.number('hz', 1, 100, 1)
    return Reply(content_type='text/event-stream', fields=[('Cache-Control', 'no-cache')],
                 chunks=run.scores(hz))


ROUTES = {
    '/': {'GET': hello},
    '/json': {'GET': document},
    '/slow': {'GET': slow},
    '/bad': {'GET': bad},
    '/compute': {'GET': compute},
    '/user/:id': {'GET': user},
    '/users/:id': {'GET': users},
    '/users': {'POST': signup},
    '/parse': {'POST': parse},
    '/report': {'GET': report},
    '/tasks': {'GET': tasks},
    '/image': {'GET': image},
    '/predict': {'GET': predict, 'POST': predict},
    '/csv': {'GET': table, 'POST': table},
    '/mix': {'GET': mix},
    '/fan-out': {'GET': fan_out},
    '/stream': {'GET': stream},
    '/events': {'GET': events},
    **products.ROUTES,
}


def find_handler(request):
    """Returns the handler of `request`, or (None, Reply) that says why there is none."""
    if request.path == '/echo':
        return echo, None
    handlers = ROUTES.get(request.path)
    if handlers is None:
        stem, _, request.part = request.path.rpartition('/')
        handlers = ROUTES.get(stem + '/:id') if request.part else None
    if handlers is None:
        return None, Refusal(404, 'there is nothing at this path').reply()
    handler = handlers.get('GET' if request.method == 'HEAD' else request.method)
    if handler is not None:
        return handler, None
    allowed = set(handlers) | ({'HEAD'} if 'GET' in handlers else set())
    if request.method == 'OPTIONS':
        reply = Reply(content_type=None, status=204)
        allowed.add('OPTIONS')
    else:
        reply = Refusal(405, 'this path does not know that method').reply()
    reply.fields = [('Allow', ', '.join(method for method in METHODS if method in allowed))]
    return None, reply


async def answer(request, run):
    handler, reply = find_handler(request)
    if handler is None:
        return reply
    try:
        return await handler(request, run)
    except Refusal as refusal:
        return refusal.reply()
