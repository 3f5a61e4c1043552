#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""uvicorn with an app that knows no framework, of the workloads of python-asyncio.

server.py --port N
"""

import os
import sys

# Where this lies, nothing is written.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../python-asyncio'))

import lifetime  # noqa: E402
from asgi import App  # noqa: E402
from loop_operations import Operations  # noqa: E402
from serving import serve  # noqa: E402
from store import Store  # noqa: E402


def make_app(folder):
    operations = Operations(Store(folder))
    return App(operations), operations.end


def main():
    options = lifetime.read_options('An HTTP server on uvicorn.')
    serve(options.port, make_app)


if __name__ == '__main__':
    main()
