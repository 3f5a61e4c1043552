# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes to the database: SQLite's driver blocks, so they are plain functions, which FastAPI runs
on threads."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from parameters import Body, Connect, Id, Products, Validate, whole
from products import MAX_PRICE, product_of, read_product, summary_of

router = APIRouter()
READ = ['GET', 'HEAD']


@router.api_route('/products', methods=READ)
def product_list(store: Products, connect: Connect = 0,
                 limit: Annotated[int, whole(0, 100000)] = 100):
    return [product_of(row) for row in store.list(connect, limit)]


@router.post('/products', status_code=201)
def product_add(store: Products, body: Body, connect: Connect = 0, validate: Validate = 1):
    name, price, errors = read_product(body, validate)
    if errors:
        return JSONResponse({'errors': errors}, 400)
    return product_of(store.add(connect, name, price))


@router.api_route('/products/{number}', methods=READ)
def product_get(store: Products, number: Id, connect: Connect = 0):
    return product_of(store.get(connect, number))


@router.put('/products/{number}')
def product_put(store: Products, number: Id, body: Body, connect: Connect = 0,
                validate: Validate = 1):
    name, price, errors = read_product(body, validate)
    if errors:
        return JSONResponse({'errors': errors}, 400)
    return product_of(store.change(connect, number, name, price))


@router.delete('/products/{number}')
def product_delete(store: Products, number: Id, connect: Connect = 0):
    store.remove(connect, number)
    return {'deleted': number}


@router.api_route('/query', methods=READ)
def query(store: Products, connect: Connect = 0,
          low: Annotated[int, whole(0, MAX_PRICE), Query(alias='from')] = 0,
          below: Annotated[int, whole(0, MAX_PRICE)] = 100):
    return summary_of(store.summarize(connect, low, below))
