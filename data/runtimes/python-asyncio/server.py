#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""asyncio alone: one loop, which computes as well, and threads for what blocks.

server.py --port N
"""

import asyncio
import sys

# Where this lies, nothing is written.
sys.dont_write_bytecode = True

import lifetime  # noqa: E402
import loop_operations  # noqa: E402
import loop_server  # noqa: E402
from store import Store, remove_folder, temporary_folder  # noqa: E402


def main():
    options = lifetime.read_options('An HTTP server on asyncio.')
    listener = lifetime.listen(options.port)
    with temporary_folder() as folder:
        operations = loop_operations.Operations(Store(folder))
        server = loop_server.LoopServer(operations)
        asyncio.run(server.serve(listener, lambda: remove_folder(folder)))


if __name__ == '__main__':
    main()
