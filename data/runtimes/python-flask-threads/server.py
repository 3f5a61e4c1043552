#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flask on gunicorn with threads: what python-flask is, but each process has a pool of them, and
connections stay open.

server.py --port N [--workers W]
"""

import os
import sys

# Where this lies, nothing is written.
sys.dont_write_bytecode = True
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(FOLDER, '../python-asyncio'), os.path.join(FOLDER, '../python-flask')]

from serving import serve  # noqa: E402

# Source: AnyIO, to_thread.current_default_thread_limiter(): as many as FastAPI has.
THREADS = 40

if __name__ == '__main__':
    serve('An HTTP server with Flask on gunicorn, of processes with threads.',
          worker_class='gthread', threads=THREADS)
