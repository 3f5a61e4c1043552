# SPDX-License-Identifier: GPL-3.0-or-later
"""The application: what is refused is said in the same words, whoever refuses it."""

from fastapi import FastAPI, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from exchange import Refusal
from scores import Scores
from workloads import METHODS


def refused(status, message, fields=None):
    return JSONResponse({'error': message}, status, fields)


async def refuse(request, refusal):
    return refused(refusal.status, refusal.message)


async def refuse_parameter(request, error):
    wrong = error.errors()[0]
    where, name = wrong['loc']
    name = 'the id in the path' if where == 'path' else name
    return refused(400, f'{name} {wrong["ctx"]["error"]}')


async def refuse_path(request, error):
    return refused(404, 'there is nothing at this path')


async def refuse_method(request, error):
    """Starlette itself names the methods of one route alone."""
    allowed = {method for route in request.app.state.routes
               if route.path_regex.fullmatch(request.url.path)
               for method in getattr(route, 'methods', ())}
    if request.method == 'OPTIONS':
        allowed.add('OPTIONS')
    fields = {'Allow': ', '.join(method for method in METHODS if method in allowed)}
    if request.method == 'OPTIONS':
        return Response(status_code=204, headers=fields)
    return refused(405, 'this path does not know that method', fields)


async def fail(request, error):
    # Uvicorn says there what it was.
    return refused(500, 'the server failed: see what it says on standard error')


def make_app(store, routers):
    # No documentation is served, and another path is never tried.
    app = FastAPI(openapi_url=None, redirect_slashes=False, exception_handlers={
        Refusal: refuse, RequestValidationError: refuse_parameter, 404: refuse_path,
        405: refuse_method, Exception: fail})
    app.state.store = store
    app.state.scores = Scores()
    app.state.routes = [route for router in routers for route in router.routes]
    for router in routers:
        app.include_router(router)
    return app, app.state.scores.end
