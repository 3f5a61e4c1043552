#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Histograms and interval logs, read by a tool of the HdrHistogram family and back.

test-hdr-tools.py TAP_FOLDER HISTOGRAM_TOOL MODULES

MODULES is where the module hdr-histogram-js is put, unless it is there already.
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, sys.argv[1])
import npm  # noqa: E402
import tap  # noqa: E402

TOOL, MODULES = sys.argv[2:]
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'hdr-tools.js')
PATIENCE_S = 60


def ours(command, text=''):
    return subprocess.run([TOOL, command], input=text, capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout


def theirs(command, text):
    environment = dict(os.environ, NODE_PATH=os.path.join(MODULES, 'node_modules'))
    done = subprocess.run(['node', SCRIPT, command], input=text, capture_output=True, text=True, check=True,
                          timeout=PATIENCE_S, env=environment)
    return [json.loads(line) for line in done.stdout.splitlines()]


def same(a, b):
    return a['total'] == b['total'] and a['percentiles'] == b['percentiles']


def main():
    made = [json.loads(line) for line in ours('make').splitlines()]
    reason = npm.why_not(MODULES, 'hdr-histogram-js', '3.0.1')
    if reason is not None:
        tap.skip(reason, 'hdr-histogram-js')
        tap.end()

    read = theirs('histograms', ''.join(h['v2'] + '\n' for h in made))
    tap.point(len(read) == len(made), f'{len(read)} of {len(made)}', 'each histogram is read')
    for mine, other in zip(made, read):
        tap.point(same(mine, other), f'{mine}\n{other}', f'{mine["name"]}: the same percentiles in the other tool')
        tap.point(int(mine['total']) == 0 or other['max'] == mine['percentiles']['100'], f'{mine}\n{other}',
                  f'{mine["name"]}: the same maximum')

    back = [json.loads(line) for line in ours('read', ''.join(h['v2'] + '\n' for h in read)).splitlines()]
    for mine, other in zip(made, back):
        tap.point(same(mine, other), f'{mine}\n{other}', f'{mine["name"]}: the same percentiles when it comes back')

    intervals = theirs('hlog', ours('hlog'))
    tap.point(len(intervals) == len(made), f'{len(intervals)} of {len(made)}', 'each interval of a log is read')
    for i, (mine, interval) in enumerate(zip(made, intervals)):
        tap.point(same(mine, interval), f'{mine}\n{interval}', f'{mine["name"]}: the same percentiles in a log')
        expected = 1441812279474 + 100 * i
        tap.point((round(interval['start_ms']), round(interval['end_ms'])) == (expected, expected + 100), str(interval),
                  f'{mine["name"]}: its time')
        tap.point((interval['tag'] == 'service') == (i % 2 == 1), str(interval), f'{mine["name"]}: its stream')
    tap.end()


main()
