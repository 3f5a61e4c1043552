#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python reference servers: what they answer is what loadstone-server answers in the model that stands
for them, byte by byte.

test-python.py TAP_FOLDER SERVER RUNTIMES_FOLDER WORKLOADS_FOLDER
"""

import concurrent.futures

from python_asked import ASKED, NOWHERE, default_order
from python_servers import (MODELS, ON_A_LOOP, STANDARD, Real, ask, comparable, compare, harness, order, run_tests, serves)


def answers(runtime, workload):
    """A test of one workload: its own request, then all that is asked beside."""
    def test():
        with Real(runtime) as real, harness.Server(MODELS[runtime]) as twin:
            asked, expected = default_order(workload)
            if expected is not None:
                status, _, _, body = compare(real, twin, asked)
                assert status < 300 and expected in body.decode(), (expected, body[:300])
            for asked in ASKED[workload]:
                compare(real, twin, asked)
    return test


def test_lists_are_whole(runtime):
    served = serves(runtime)
    assert served and set(served) <= set(ASKED) and len(set(served)) == len(served)
    assert set(ASKED) - set(served) == (set() if runtime in ON_A_LOOP else {'events'})


def test_nowhere(runtime):
    with Real(runtime) as real, harness.Server(MODELS[runtime]) as twin:
        for asked in NOWHERE:
            compare(real, twin, asked)


def test_concurrent(runtime):
    paths = ['/', '/json', '/slow?ms=5', '/compute?n=2000', '/user/3?ms=2', '/csv', '/stream?chunks=4', '/products', '/query',
             '/predict?n=2', '/fan-out?n=8&ms=1&via=pool', '/bad?ms=1&in=pool', '/image?size=9', '/x']
    with Real(runtime) as real, harness.Server(MODELS[runtime]) as twin, \
            concurrent.futures.ThreadPoolExecutor(8) as executor:
        expected = {path: comparable(ask(twin.port, order('GET', path))) for path in paths}
        for path, answer in executor.map(lambda path: (path, ask(real.port, order('GET', path))), paths * 8):
            assert comparable(answer) == expected[path], path


run_tests(globals(), STANDARD, more={f'test_{runtime} answers {workload}': answers(runtime, workload)
                                     for runtime in STANDARD for workload in serves(runtime)})
