#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of python-threads, on a Python whose threads all execute at the same time.

server.py --port N
"""

import os
import sys

# Where this lies, nothing is written.
sys.dont_write_bytecode = True
if getattr(sys, '_is_gil_enabled', lambda: True)():
    sys.exit('server.py: this Python has a global lock: start one that is built without, such as '
             'python3.14t, and with PYTHON_GIL unset.')
# Instead of this folder, whose server.py is this one.
sys.path[0] = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../python-threads')

from server import main  # noqa: E402

if __name__ == '__main__':
    main()
