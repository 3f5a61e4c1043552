#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""FastAPI on uvicorn: one loop, which computes as well, and threads for what blocks.

server.py --port N
"""

import os
import sys

# Where this lies, nothing is written.
sys.dont_write_bytecode = True
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, os.path.join(FOLDER, '../python-asyncio'),
                os.path.join(FOLDER, '../python-uvicorn')]

import computing_routes  # noqa: E402
import lifetime  # noqa: E402
import products_routes  # noqa: E402
import sockets  # noqa: E402
import waiting  # noqa: E402
from app import make_app  # noqa: E402
from serving import serve  # noqa: E402
from store import Store  # noqa: E402

ROUTERS = [module.router for module in (waiting, computing_routes, products_routes, sockets)]


def main():
    options = lifetime.read_options('An HTTP server with FastAPI.')
    serve(options.port, lambda folder: make_app(Store(folder), ROUTERS))


if __name__ == '__main__':
    main()
