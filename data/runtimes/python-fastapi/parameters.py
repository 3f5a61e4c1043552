# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request brings, as routes declare it."""

from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator

from exchange import MAX_BODY_BYTES, MAX_ID, Refusal, whole_number
from scores import Scores
from store import Store
from workloads import MAX_MS


def whole(minimum, maximum):
    def read(text):
        value = whole_number(text)
        if value is None or not minimum <= value <= maximum:
            raise ValueError(f'must be a whole number from {minimum} to {maximum}')
        return value
    return BeforeValidator(read)


def choice(*choices):
    def read(text):
        if text not in choices:
            raise ValueError(f'must be {", ".join(choices[:-1])} or {choices[-1]}')
        return text
    return BeforeValidator(read)


TOO_LARGE = Refusal(413, 'the body is too large')


async def read_body(request: Request):
    if int(request.headers.get('Content-Length', 0)) > MAX_BODY_BYTES:
        raise TOO_LARGE
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise TOO_LARGE
        parts.append(part)
    return b''.join(parts)


def store_of(request: Request):
    return request.app.state.store


def scores_of(request: Request):
    return request.app.state.scores


Id = Annotated[int, whole(1, MAX_ID)]
Ms = Annotated[int, whole(0, MAX_MS)]
Connect = Annotated[int, whole(0, 1), Query()]
Validate = Annotated[int, whole(0, 1), Query()]
Body = Annotated[bytes, Depends(read_body)]
Products = Annotated[Store, Depends(store_of)]
Told = Annotated[Scores, Depends(scores_of)]
