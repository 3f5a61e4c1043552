# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that answer at once, that wait, and that answer in parts."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field, ValidationError

import computing
from exchange import Refusal, read_form
from parameters import Body, Id, Ms, Told, Validate, choice, whole
from workloads import (MAX_SUM_MS, METHODS, account_of, lines, refuse_scalar, user_of,
                       user_with_products)

router = APIRouter()
READ = ['GET', 'HEAD']


@router.api_route('/', methods=READ)
async def hello():
    # Starlette would add a charset to a media type of text.
    return Response(b'hello\n', headers={'Content-Type': 'text/plain'})


@router.api_route('/json', methods=READ)
async def document():
    return Response(user_with_products(), media_type='application/json')


@router.api_route('/slow', methods=READ)
async def slow(ms: Ms = 200):
    await asyncio.sleep(ms / 1000)
    return {'status': 'done', 't': ms}


@router.api_route('/bad', methods=READ)
async def bad(ms: Ms = 200,
              where: Annotated[str, choice('loop', 'pool'), Query(alias='in')] = 'loop'):
    if where == 'loop':
        time.sleep(ms / 1000)
    else:
        await run_in_threadpool(time.sleep, ms / 1000)
    return {'status': 'done', 't': ms}


@router.api_route('/user/{number}', methods=READ)
async def user(number: Id, ms: Ms = 250):
    await asyncio.sleep(ms / 1000)
    return {'id': number, 'name': f'User {number}', 't': ms}


@router.api_route('/users/{number}', methods=READ)
async def users(number: Id):
    return user_of(number)


class Signup(BaseModel):
    email: Annotated[str, Field(pattern='@')]
    password: Annotated[str, Field(min_length=6)]


WRONG = {'email': 'email must contain @', 'password': 'password must have at least 6 characters'}


@router.post('/users', status_code=201)
async def signup(body: Body, validate: Validate = 1):
    form = refuse_scalar(read_form(body))
    try:
        email = Signup.model_validate(form).email if validate else form.get('email')
    except ValidationError as error:
        errors = [WRONG[wrong['loc'][0]] for wrong in error.errors()]
        return JSONResponse({'errors': errors}, 400)
    return account_of(email)


@router.api_route('/mix', methods=READ)
async def mix(total_ms: Annotated[int, whole(0, 10000)] = 10,
              cpu: Annotated[int, whole(0, 100)] = 50):
    cpu_ms = total_ms * cpu / 100
    if cpu_ms > 0:
        computing.spin(cpu_ms / 1000)
    if cpu_ms < total_ms:
        await asyncio.sleep((total_ms - cpu_ms) / 1000)
    return {'total_ms': total_ms, 'cpu': cpu}


@router.api_route('/fan-out', methods=READ)
async def fan_out(n: Annotated[int, whole(1, 10000)] = 10, ms: Ms = 50,
                  mode: Annotated[str, choice('all', 'sequential')] = 'all',
                  via: Annotated[str, choice('timer', 'pool')] = 'timer'):
    if n * ms > MAX_SUM_MS:
        raise Refusal(400, f'n times ms must be at most {MAX_SUM_MS}')

    def query():
        seconds = ms / 1000
        return asyncio.sleep(seconds) if via == 'timer' else run_in_threadpool(time.sleep, seconds)

    if mode == 'all':
        await asyncio.gather(*(query() for _ in range(n)))
    else:
        for _ in range(n):
            await query()
    return {'n': n, 't': ms, 'mode': mode, 'via': via}


@router.api_route('/echo', methods=METHODS)
async def echo(request: Request, body: Body):
    content_type = request.headers.get('Content-Type')
    if not content_type:
        return Response(body)
    if len(content_type) > 200:
        raise Refusal(400, 'Content-Type must be at most 200 bytes')
    return Response(body, headers={'Content-Type': content_type})


@router.api_route('/stream', methods=READ)
async def stream(request: Request, chunks: Annotated[int, whole(1, 100000)] = 10,
                 size: Annotated[int, whole(1, 1024 * 1024), Query(alias='bytes')] = 1024,
                 ms: Ms = 0):
    if chunks * ms > MAX_SUM_MS:
        raise Refusal(400, f'chunks times ms must be at most {MAX_SUM_MS}')

    async def parts():
        for i in range(chunks):
            if i > 0 and ms > 0:
                await asyncio.sleep(ms / 1000)
            yield lines(i, size)
    fields = {'Content-Type': 'text/plain'}
    if request.method == 'HEAD':
        return Response(headers=fields)
    return StreamingResponse(parts(), headers=fields)


@router.api_route('/events', methods=READ)
async def events(request: Request, told: Told, hz: Annotated[int, whole(1, 100)] = 1):
    fields = {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache'}
    if request.method == 'HEAD':
        return Response(headers=fields)
    return StreamingResponse(told.follow(hz), headers=fields)
