#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether knees and costs repeat as METHOD asks: not run by `meson test`.

knee-marks.py CLI [--lane event-loop] [--workload json] [--times 2] [--duration 2s]

knee  the same lane searched several times: largest by smallest, at most 1.10
cost  CPU time per request at one rate, half of the lowest knee, over as many sessions: at most 1.03

On a machine that others use nothing of this can be told: the runs are INVALID, and are named.
"""

import argparse
import json
import os
import subprocess


def bench(arguments, *more):
    """Returns the session of one measurement of the lane."""
    done = subprocess.run([arguments.cli, 'bench', '--lanes', arguments.lane, '--workloads', arguments.workload,
                           '-d', arguments.duration, '-w', '300ms', '--json', *more],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
                          env=os.environ | {'LC_ALL': 'C.UTF-8'})
    return json.loads(done.stdout)['session']


def report(name, values, mark):
    """Prints the ratio of the largest to the smallest of @values against @mark."""
    if len(values) < 2:
        print(f'{name}: not known, for too few measurements were valid')
        return
    ratio = max(values) / min(values)
    print(f'{name}: {", ".join(f"{value:.6g}" for value in values)}: {ratio:.3f} of {mark}'
          f' {"kept" if ratio <= mark else "MISSED"}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('cli')
    parser.add_argument('--lane', default='event-loop')
    parser.add_argument('--workload', default='json')
    parser.add_argument('--times', type=int, default=2)
    parser.add_argument('--duration', default='2s')
    arguments = parser.parse_args()
    knees = []
    for _ in range(arguments.times):
        knee = bench(arguments, '--find-knee', '-r', '1')['knees'][0]
        print(f'{knee["state"]}: {knee["knee_hz"]} ({knee["from_hz"]} to {knee["to_hz"]}) in {knee["n_steps"]} steps,'
              f' {knee["n_void"]} void')
        if knee['state'] in ('found', 'at-least'):
            knees.append(knee['knee_hz'])
    report('knee', knees, 1.10)
    if not knees:
        return
    costs = []
    for _ in range(arguments.times):
        summary = bench(arguments, '-R', f'{min(knees) / 2:.0f}', '-r', '5')['summary'][0]
        print(f'at {min(knees) / 2:.0f}/s: {summary["n_valid"]} valid, {summary["n_invalid"]} invalid')
        if summary['n_valid'] > 0:
            costs.append(summary['metrics']['cpu_per_request_ns']['median'])
    report('cost, ns', costs, 1.03)


if __name__ == '__main__':
    main()
