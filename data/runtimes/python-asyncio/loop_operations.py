# SPDX-License-Identifier: GPL-3.0-or-later
"""How a loop does what workloads ask for."""

import asyncio

from scores import Scores

# Source: AnyIO, to_thread.current_default_thread_limiter(), which Starlette runs plain routes with.
THREADS = 40


class Operations:
    """What waits is awaited, what blocks goes to a thread, what computes holds the loop up."""

    def __init__(self, store):
        self.store = store
        self.told = Scores()

    async def wait(self, ms):
        await asyncio.sleep(ms / 1000)

    async def call(self, function, *args):
        return await asyncio.to_thread(function, *args)

    async def compute(self, function, *args):
        return function(*args)

    async def together(self, awaitables):
        await asyncio.gather(*awaitables)

    def scores(self, hz, *form):
        return self.told.follow(hz, *form)

    def end(self):
        """Ends what would never end."""
        self.told.end()
