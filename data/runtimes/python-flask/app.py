# SPDX-License-Identifier: GPL-3.0-or-later
"""The application."""

from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider

import computing_views
import products_views
import waiting
from exchange import MAX_BODY_BYTES, Refusal, to_json
from workloads import METHODS


class Json(DefaultJSONProvider):
    """Flask's own sorts members, escapes what is not ASCII, and ends in a newline."""

    def response(self, *args, **kwargs):
        return self._app.response_class(to_json(*args), content_type=self.mimetype)


def refuse(refusal):
    return {'error': refusal.message}, refusal.status


def refuse_size(error):
    return {'error': 'the body is too large'}, 413


def refuse_path(error):
    return {'error': 'there is nothing at this path'}, 404


def refuse_method(error):
    allowed = set(error.valid_methods)
    if request.method == 'OPTIONS':
        response = Response(status=204)
        del response.headers['Content-Type']
        allowed.add('OPTIONS')
    else:
        response = Response(to_json({'error': 'this path does not know that method'}), 405,
                            content_type='application/json')
    response.headers['Allow'] = ', '.join(method for method in METHODS if method in allowed)
    return response


def fail(error):
    # Flask's log says what it was.
    return {'error': 'the server failed: see what it says on standard error'}, 500


def make_app(store):
    app = Flask(__name__, static_folder=None)
    app.json = Json(app)
    app.config['STORE'] = store
    app.config['MAX_CONTENT_LENGTH'] = MAX_BODY_BYTES
    app.config['PROVIDE_AUTOMATIC_OPTIONS'] = False
    for what, handler in ((Refusal, refuse), (413, refuse_size), (404, refuse_path),
                          (405, refuse_method), (500, fail)):
        app.register_error_handler(what, handler)
    for module in (waiting, computing_views, products_views):
        app.register_blueprint(module.views)
    return app
