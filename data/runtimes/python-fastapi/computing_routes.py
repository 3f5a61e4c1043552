# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that compute: on the loop, so that meanwhile nobody else is served."""

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool

import computing
import orders
from parameters import Body, Products, choice, whole
from vectors import read_vectors
from workloads import predict_by_child, score_rows

router = APIRouter()
READ = ['GET', 'HEAD']


def json(text):
    return Response(text, media_type='application/json')


@router.api_route('/compute', methods=READ)
async def compute(n: Annotated[int, whole(0, 10 ** 10)] = 20000000):
    return json(f'{{"n":{n},"sum":{computing.sum_roots(n):.6f}}}')


@router.post('/parse')
async def parse(body: Body):
    return computing.count_json(body)


@router.api_route('/report', methods=READ)
async def report(rows: Annotated[int, whole(1, 1000000)] = 20000):
    return json(computing.report(rows))


@router.api_route('/tasks', methods=READ)
async def tasks(chunk: Annotated[int, whole(1, 1000000)] = 100):
    return {'chunk': chunk, 'digest': f'{computing.run_tasks(chunk):016x}'}


@router.api_route('/image', methods=READ)
async def image(size: Annotated[int, whole(1, 2048)] = 64):
    return json(computing.image(size))


Via = Annotated[str, choice('compute', 'spawn')]


async def scores_of(vectors, via):
    if via == 'spawn':
        return json(score_rows(await run_in_threadpool(predict_by_child, vectors)))
    return json(score_rows(computing.predict(vectors)))


@router.api_route('/predict', methods=READ)
async def predict_own(via: Via = 'compute', n: Annotated[int, whole(1, 1000)] = 1):
    return await scores_of(computing.own_vectors(n), via)


@router.post('/predict')
async def predict(body: Body, via: Via = 'compute'):
    return await scores_of(read_vectors(body), via)


Mode = Annotated[str, choice('stream', 'whole')]


def table(text):
    return Response(text, headers={'Content-Type': 'text/csv'})


@router.api_route('/csv', methods=READ)
async def own_table(store: Products, mode: Mode = 'stream', mb: Annotated[int, whole(1, 64)] = 1):
    return table(orders.summarize(store.folder, mb, mode, None))


@router.post('/csv')
async def sent_table(store: Products, body: Body, mode: Mode = 'stream'):
    return table(orders.summarize(store.folder, None, mode, body))
