# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that compute with NumPy. It gives the global lock back meanwhile, so they are plain
functions, which FastAPI runs on threads: the loop goes on, and other cores are used."""

from typing import Annotated

import numpy
from fastapi import APIRouter, Response

import computing
from parameters import Body, choice, whole
from vectors import read_vectors
from workloads import predict_by_child, score_rows

router = APIRouter()
READ = ['GET', 'HEAD']
# Roots at a time: as many as stay in a core's own cache.
STRETCH = 16384

BIASES, FACTORS = (numpy.array(part) for part in zip(*computing.weights()))


def json(text):
    return Response(text, media_type='application/json')


def sum_roots(n):
    """One addition after the other, for a sum of floats depends on the order: sum() adds in another
    one, accumulate() in this."""
    terms = numpy.zeros(STRETCH + 1)
    for begin in range(0, n, STRETCH):
        end = min(begin + STRETCH, n)
        part = terms[:end - begin + 1]
        part[1:] = numpy.arange(begin, end)
        numpy.sqrt(part[1:], out=part[1:])
        numpy.add.accumulate(part, out=part)
        terms[0] = part[-1]
    return terms[0]


def predict_by_matrix(vectors):
    # In whatever order the library adds: that shows behind the sixth decimal only.
    return (numpy.asarray(vectors) @ FACTORS.T + BIASES).tolist()


@router.api_route('/compute', methods=READ)
def compute(n: Annotated[int, whole(0, 10 ** 10)] = 20000000):
    return json(f'{{"n":{n},"sum":{sum_roots(n):.6f}}}')


Via = Annotated[str, choice('compute', 'spawn')]


def scores_of(vectors, via):
    predict = predict_by_child if via == 'spawn' else predict_by_matrix
    return json(score_rows(predict(vectors)))


@router.api_route('/predict', methods=READ)
def predict_own(via: Via = 'compute', n: Annotated[int, whole(1, 1000)] = 1):
    return scores_of(computing.own_vectors(n), via)


@router.post('/predict')
def predict(body: Body, via: Via = 'compute'):
    return scores_of(read_vectors(body), via)
