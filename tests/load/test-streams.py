#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams of loadstone-load against loadstone-server: what is sent has to arrive, all of it, and be counted.

test-streams.py TAP_FOLDER SERVER SERVER_TESTS LOAD
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, sys.argv[3])

from harness import PATIENCE_S, Server, run_tests  # noqa: E402

LOAD = sys.argv[4]
MODEL = 'event-loop'
# Nothing may be late on a busy machine.
PLAN = {'engine': os.environ.get('LOADSTONE_TEST_ENGINE', 'auto'), 'timeout_ms': PATIENCE_S * 1000, 'warm_up_ms': 100,
        'duration_ms': 300, 'connections': 20, 'threads': 2, 'frame_interval_ms': 20}


def run(server, scheme, path, **members):
    """Runs a plan. Returns the lines that it printed, and its exit code."""
    plan = PLAN | {'url': f'{scheme}://127.0.0.1:{server.port}{path}'} | members
    process = subprocess.Popen([LOAD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.write(json.dumps(plan) + '\n')
    process.stdin.flush()
    # Its input stays open: the end of that would be the end of the run.
    lines = [json.loads(line) for line in process.stdout]
    process.stdin.close()
    return lines, process.wait(PATIENCE_S)


def load(server, scheme, path, mode, **members):
    """Runs a plan. Returns its frames of what was measured, its result, and what that says of the stream."""
    members['stream'] = {'mode': mode} | members.get('stream', {})
    lines, code = run(server, scheme, path, **members)
    assert code == 0, lines
    frames = [line for line in lines if line['event'] == 'frame' and line['phase'] != 'warm-up']
    assert sum(frame['deliveries'] for frame in frames) >= lines[-1]['stream']['deliveries']
    return frames, lines[-1], lines[-1]['stream']


def check_clean(result):
    assert not any(result['errors'].values()), result['errors']
    stream = result['stream']
    assert stream['members'] == 20 and stream['unstamped'] == stream['cut'] == 0, stream
    assert stream['reach'] == 1 and stream['deliveries'] == stream['expected'] > 0, stream
    assert 'reach' not in [reason['code'] for reason in result['invalid_reasons']]
    assert result['connect_us']['min'] > 0


def test_echo():
    with Server(MODEL) as server:
        for size in (64, 200, 70000):
            _, result, stream = load(server, 'ws', '/ws', 'echo', stream={'payload_bytes': size}, threads=1)
            check_clean(result)
            assert stream['mode'] == 'echo' and stream['deliveries'] == stream['messages'], stream
            # A request belongs to the interval in which it was taken up, its message to that in which it left: the
            # two are apart by one of each connection at most.
            assert abs(result['requests'] - stream['messages']) <= 20, (result['requests'], stream)


def test_broadcast():
    """At a rate that the clock says, and of a fixed number."""
    with Server(MODEL) as server:
        _, result, stream = load(server, 'ws', '/chat', 'broadcast', rate_hz=100)
        check_clean(result)
        assert stream['messages'] <= 30 and stream['deliveries'] == 20 * stream['messages'], stream
        assert result['sent'] == result['requests'] and result['sent'] + result['errors']['unsent'] == 30
        _, result, stream = load(server, 'ws', '/chat', 'broadcast', count=101, duration_ms=PATIENCE_S * 1000,
                                 think_time_ms=5)
        check_clean(result)
        assert stream['messages'] == result['requests'] == 101 and stream['deliveries'] == 2020, stream


def test_broadcast_without_warm_up():
    """A thread may hear of the measured interval from a message before its own clock says so."""
    with Server(MODEL) as server:
        for _ in range(5):
            _, result, stream = load(server, 'ws', '/chat', 'broadcast', count=200, warm_up_ms=0,
                                     duration_ms=PATIENCE_S * 1000)
            check_clean(result)
            assert stream['messages'] == 200 and stream['deliveries'] == 4000, stream


def test_listen():
    with Server(MODEL) as server:
        for scheme, path in (('ws', '/live?hz=50'), ('http', '/events?hz=50')):
            frames, result, stream = load(server, scheme, path, 'listen')
            check_clean(result)
            assert stream['messages'] == result['sent'] == result['requests'] == 0
            # 15 ticks in the mean; what a busy server left out is missing for everybody.
            assert stream['deliveries'] <= 16 * 20 and stream['missed_ticks'] % 20 == 0, stream
            assert sum(frame['done'] for frame in frames) == sum(frame['deliveries'] for frame in frames)


def test_not_there():
    with Server('gil-threads') as server:
        for scheme, path in (('ws', '/ws'), ('http', '/events')):
            lines, code = run(server, scheme, path, stream={})
            assert code == 1, lines
            assert lines[-1]['event'] == 'error' and 'is of no use' in lines[-1]['message'], lines


run_tests(globals())
