# SPDX-License-Identifier: GPL-3.0-or-later
"""The workloads on the database of products."""

import sys

from exchange import Refusal, Reply, read_form, to_json

MAX_PRICE = 10 ** 9
UNREADABLE = 'the body is not JSON that can be read'


def plain(price):
    """The same number, a whole one without its point, as in JSON it needs none."""
    return int(price) if abs(price) < 1e15 and price.is_integer() else price


def product_of(row):
    number, name, price = row
    return {'id': number, 'name': name, 'price': plain(price)}


def summary_of(row):
    names = ('count', 'total', 'mean', 'cheapest', 'dearest')
    return {name: plain(float(value or 0)) for name, value in zip(names, row)}


def read_product(body, validates):
    """Returns name, price and what is wrong with them. Without validation only what has no room
    is refused."""
    form = read_form(body, UNREADABLE)
    form = form if isinstance(form, dict) else {}
    name, price = form.get('name'), form.get('price')
    name = name if isinstance(name, str) else ''
    is_number = isinstance(price, (int, float)) and not isinstance(price, bool)
    if is_number and abs(price) > sys.float_info.max:
        raise Refusal(400, f'{UNREADABLE}: the number is too large')
    errors = []
    if len(name.encode()) > 200 or any(c < ' ' for c in name) or (validates and not name):
        errors.append('name must be a text of 1 to 200 bytes without control characters')
    if validates and not (is_number and 0 <= price <= MAX_PRICE):
        errors.append(f'price must be a number from 0 to {MAX_PRICE}')
    return name, float(price) if is_number else 0.0, errors


async def product_list(request, run):
    connect = request.number('connect', 0, 1)
    limit = request.number('limit', 100, 100000)
    rows = await run.call(run.store.list, connect, limit)
    return Reply(to_json([product_of(row) for row in rows]))


async def product_add(request, run):
    connect = request.number('connect', 0, 1)
    name, price, errors = read_product(request.body, request.number('validate', 1, 1))
    if errors:
        return Reply(to_json({'errors': errors}), status=400)
    row = await run.call(run.store.add, connect, name, price)
    return Reply(to_json(product_of(row)), status=201)


async def product_get(request, run):
    number = request.id()
    connect = request.number('connect', 0, 1)
    return Reply(to_json(product_of(await run.call(run.store.get, connect, number))))


async def product_put(request, run):
    number = request.id()
    connect = request.number('connect', 0, 1)
    name, price, errors = read_product(request.body, request.number('validate', 1, 1))
    if errors:
        return Reply(to_json({'errors': errors}), status=400)
    row = await run.call(run.store.change, connect, number, name, price)
    return Reply(to_json(product_of(row)))


async def product_delete(request, run):
    number = request.id()
    connect = request.number('connect', 0, 1)
    await run.call(run.store.remove, connect, number)
    return Reply(to_json({'deleted': number}))


async def query(request, run):
    connect = request.number('connect', 0, 1)
    low = request.number('from', 0, MAX_PRICE)
    below = request.number('below', 100, MAX_PRICE)
    row = await run.call(run.store.summarize, connect, low, below)
    return Reply(to_json(summary_of(row)))


ROUTES = {
    '/products': {'GET': product_list, 'POST': product_add},
    '/products/:id': {'GET': product_get, 'PUT': product_put, 'DELETE': product_delete},
    '/query': {'GET': query},
}
