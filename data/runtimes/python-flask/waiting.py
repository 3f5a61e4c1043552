# SPDX-License-Identifier: GPL-3.0-or-later
"""Views that answer at once, that wait, and that answer in parts. What waits blocks."""

import time

from flask import Blueprint, Response, request

import computing
from exchange import Refusal, read_form
from parameters import choice, id_of, number
from workloads import (MAX_MS, MAX_SUM_MS, METHODS, account_of, lines, refuse_scalar, user_of,
                       user_with_products, wrongs_of)

views = Blueprint('waiting', __name__)


def sleep(ms):
    time.sleep(ms / 1000)


@views.get('/')
def hello():
    # Flask would add a charset to a media type of text.
    return Response(b'hello\n', content_type='text/plain')


@views.get('/json')
def document():
    return Response(user_with_products(), content_type='application/json')


@views.get('/slow')
def slow():
    ms = number('ms', 200, MAX_MS)
    sleep(ms)
    return {'status': 'done', 't': ms}


@views.get('/bad')
def bad():
    ms = number('ms', 200, MAX_MS)
    choice('in', 'loop', 'pool')
    sleep(ms)
    return {'status': 'done', 't': ms}


@views.get('/user/<part>')
def user(part):
    person = id_of(part)
    ms = number('ms', 250, MAX_MS)
    sleep(ms)
    return {'id': person, 'name': f'User {person}', 't': ms}


@views.get('/users/<part>')
def users(part):
    return user_of(id_of(part))


@views.post('/users')
def signup():
    validates = number('validate', 1, 1)
    form = refuse_scalar(read_form(request.get_data()))
    errors = wrongs_of(form) if validates else []
    if errors:
        return {'errors': errors}, 400
    return account_of(form.get('email')), 201


@views.get('/mix')
def mix():
    total_ms = number('total_ms', 10, 10000)
    cpu = number('cpu', 50, 100)
    cpu_ms = total_ms * cpu / 100
    computing.spin(cpu_ms / 1000)
    sleep(total_ms - cpu_ms)
    return {'total_ms': total_ms, 'cpu': cpu}


@views.get('/fan-out')
def fan_out():
    n = number('n', 10, 10000, 1)
    ms = number('ms', 50, MAX_MS)
    mode = choice('mode', 'all', 'sequential')
    via = choice('via', 'timer', 'pool')
    if n * ms > MAX_SUM_MS:
        raise Refusal(400, f'n times ms must be at most {MAX_SUM_MS}')
    for _ in range(n):
        sleep(ms)
    return {'n': n, 't': ms, 'mode': mode, 'via': via}


@views.route('/echo', methods=METHODS)
def echo():
    content_type = request.headers.get('Content-Type')
    if content_type and len(content_type) > 200:
        raise Refusal(400, 'Content-Type must be at most 200 bytes')
    response = Response(request.get_data(), content_type=content_type)
    if not content_type:
        del response.headers['Content-Type']
    return response


@views.get('/stream')
def stream():
    n = number('chunks', 10, 100000, 1)
    size = number('bytes', 1024, 1024 * 1024, 1)
    ms = number('ms', 0, MAX_MS)
    if n * ms > MAX_SUM_MS:
        raise Refusal(400, f'chunks times ms must be at most {MAX_SUM_MS}')

    def parts():
        for i in range(n):
            if i > 0:
                sleep(ms)
            yield lines(i, size)
    return Response(parts(), content_type='text/plain')
