# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of the database."""

from flask import Blueprint, current_app, request
from werkzeug.local import LocalProxy

from parameters import id_of, number
from products import MAX_PRICE, product_of, read_product, summary_of

views = Blueprint('products', __name__)
store = LocalProxy(lambda: current_app.config['STORE'])


@views.get('/products')
def product_list():
    connect = number('connect', 0, 1)
    limit = number('limit', 100, 100000)
    return [product_of(row) for row in store.list(connect, limit)]


@views.post('/products')
def product_add():
    connect = number('connect', 0, 1)
    validates = number('validate', 1, 1)
    name, price, errors = read_product(request.get_data(), validates)
    if errors:
        return {'errors': errors}, 400
    return product_of(store.add(connect, name, price)), 201


@views.get('/products/<part>')
def product_get(part):
    product = id_of(part)
    connect = number('connect', 0, 1)
    return product_of(store.get(connect, product))


@views.put('/products/<part>')
def product_put(part):
    product = id_of(part)
    connect = number('connect', 0, 1)
    validates = number('validate', 1, 1)
    name, price, errors = read_product(request.get_data(), validates)
    if errors:
        return {'errors': errors}, 400
    return product_of(store.change(connect, product, name, price))


@views.delete('/products/<part>')
def product_delete(part):
    product = id_of(part)
    connect = number('connect', 0, 1)
    store.remove(connect, product)
    return {'deleted': product}


@views.get('/query')
def query():
    connect = number('connect', 0, 1)
    low = number('from', 0, MAX_PRICE)
    below = number('below', 100, MAX_PRICE)
    return summary_of(store.summarize(connect, low, below))
