#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""FastAPI on uvicorn, as python-fastapi, with NumPy for what computes.

server.py --port N
"""

import os
import sys

# Where this lies, nothing is written.
sys.dont_write_bytecode = True
# A request is one task for one core.
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [FOLDER, *(os.path.join(FOLDER, '..', name)
                          for name in ('python-fastapi', 'python-uvicorn', 'python-asyncio'))]

import lifetime  # noqa: E402
import numpy_routes  # noqa: E402
import waiting  # noqa: E402
from app import make_app  # noqa: E402
from serving import serve  # noqa: E402
from store import Store  # noqa: E402


def main():
    options = lifetime.read_options('An HTTP server with FastAPI and NumPy.')
    serve(options.port, lambda folder: make_app(Store(folder),
                                                [waiting.router, numpy_routes.router]))


if __name__ == '__main__':
    main()
