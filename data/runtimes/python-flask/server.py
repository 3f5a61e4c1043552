#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flask on gunicorn: processes that take one request at a time, each on a connection of its own.

server.py --port N [--workers W]
"""

import os
import sys

# Where this lies, nothing is written.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../python-asyncio'))

from serving import serve  # noqa: E402

if __name__ == '__main__':
    serve('An HTTP server with Flask on gunicorn, of processes.', worker_class='sync')
