# SPDX-License-Identifier: GPL-3.0-or-later
"""Views that compute."""

from flask import Blueprint, Response, current_app, request

import computing
import orders
from parameters import choice, number
from workloads import predict_by_child, read_vectors, score_rows

views = Blueprint('computing', __name__)


def json(text):
    return Response(text, content_type='application/json')


@views.get('/compute')
def compute():
    n = number('n', 20000000, 10 ** 10)
    return json(f'{{"n":{n},"sum":{computing.sum_roots(n):.6f}}}')


@views.post('/parse')
def parse():
    return computing.count_json(request.get_data())


@views.get('/report')
def report():
    return json(computing.report(number('rows', 20000, 1000000, 1)))


@views.get('/tasks')
def tasks():
    chunk = number('chunk', 100, 1000000, 1)
    return {'chunk': chunk, 'digest': f'{computing.run_tasks(chunk):016x}'}


@views.get('/image')
def image():
    return json(computing.image(number('size', 64, 2048, 1)))


@views.route('/predict', methods=['GET', 'POST'])
def predict():
    via = choice('via', 'compute', 'spawn')
    if request.method == 'POST':
        vectors = read_vectors(request.get_data())
    else:
        vectors = computing.own_vectors(number('n', 1, 1000, 1))
    scores = predict_by_child(vectors) if via == 'spawn' else computing.predict(vectors)
    return json(score_rows(scores))


@views.route('/csv', methods=['GET', 'POST'])
def table():
    mode = choice('mode', 'stream', 'whole')
    body = mb = None
    if request.method == 'POST':
        body = request.get_data()
    else:
        mb = number('mb', 1, 64, 1)
    text = orders.summarize(current_app.config['STORE'].folder, mb, mode, body)
    return Response(text, content_type='text/csv')
