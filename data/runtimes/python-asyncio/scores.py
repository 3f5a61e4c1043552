# SPDX-License-Identifier: GPL-3.0-or-later
"""Scores, told to whoever listens, so many times a second."""

import asyncio
import time

from workloads import score_text

# Texts that a member may be behind before it misses some.
MEMBER_TEXTS = 16


def as_event(text):
    return f'data: {text}\n\n'.encode()


class Scores:
    def __init__(self):
        self.topics = {}

    async def follow(self, hz, form=as_event):
        """Yields what `form` makes of each text, which is made once for all who want as many a second."""
        topic = self.topics.get(hz)
        if topic is None:
            topic = self.topics[hz] = Topic(hz)
        member = asyncio.Queue(MEMBER_TEXTS)
        topic.members.add(member)
        try:
            while True:
                text = await member.get()
                if text is None:
                    return
                yield form(text)
        finally:
            topic.members.discard(member)
            if not topic.members:
                topic.task.cancel()
                self.topics.pop(hz, None)

    def end(self):
        """Ends what each follower gets."""
        for topic in self.topics.values():
            topic.tell(None)


class Topic:
    """Those who are told the scores `hz` times a second."""

    def __init__(self, hz):
        self.members = set()
        self.task = asyncio.ensure_future(self.tick(hz))

    async def tick(self, hz):
        period_ns = 10 ** 9 // hz
        while True:
            due_ns = (time.monotonic_ns() // period_ns + 1) * period_ns
            # Loops with timers of whole milliseconds, as uvloop's, may wake us before.
            while (left_ns := due_ns - time.monotonic_ns()) > 0:
                await asyncio.sleep(max(left_ns / 1e9, 0.001))
            self.tell(score_text(hz, time.monotonic_ns()))

    def tell(self, text):
        for member in self.members:
            if member.full():
                member.get_nowait()
            member.put_nowait(text)
