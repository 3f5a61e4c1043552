#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether knees and costs repeat as METHOD asks: not run by `meson test`.

knee-marks.py CLI SERVER [--model event-loop] [--workload json] [--duration 1s] [--times 1]

The same server twice in one session: as a model, and under another name as a runtime of one's own. Their runs lie
beside each other, so that a machine whose speed changes from minute to minute changes both alike.

knee  one by the other, at most 1.10
cost  CPU time per request at one rate, one by the other, at most 1.03: of the medians, and as lanes are compared, the
      median of the runs that lay beside each other

On a machine that others use nothing of this can be told: the runs are INVALID, and are named.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

DESCRIPTOR = '''<runtime version="1" id="again" family="event-loop" model="{model}">
  <title>The same again</title>
  <description>The same server under another name.</description>
  <detect program="{server}" arguments="--version"/>
  <start arguments="--model {model} --port {{port}} --stats-interval-ms 100"/>
  <ready/>
  <serves workloads="{workload}"/>
</runtime>
'''


def measure(arguments, folder):
    """Returns one session with the knees of the model and of the runtime."""
    home = pathlib.Path(folder) / 'loadstone' / 'runtimes' / 'again'
    home.mkdir(parents=True, exist_ok=True)
    (home / 'runtime.xml').write_text(DESCRIPTOR.format(server=os.path.abspath(arguments.server), model=arguments.model,
                                                        workload=arguments.workload), encoding='utf-8')
    done = subprocess.run([arguments.cli, 'bench', '--lanes', f'{arguments.model},real:again', '--workloads', arguments.workload,
                           '-d', arguments.duration, '-w', '300ms', '--find-knee', '-r', '5', '--no-history', '--json'],
                          stdout=subprocess.PIPE, text=True, check=False,
                          env=os.environ | {'LC_ALL': 'C.UTF-8', 'XDG_DATA_HOME': folder})
    return json.loads(done.stdout)['session']


def list_costs(session):
    """CPU time per request at one rate of both, of each round in which both were valid."""
    rounds = {}
    for run in session['runs']:
        if run['purpose'] == 'equal-rate' and run['valid']:
            rounds.setdefault(run['repeat'], []).append((run['lane'], run['server_cpu_s'] * 1e9 / run['requests']))
    return [[cost for _, cost in sorted(pair)] for pair in rounds.values() if len(pair) == 2]


def report(name, values, mark):
    """Prints the ratio of the larger to the smaller of @values against @mark."""
    if any(value is None for value in values):
        print(f'{name}: not known, for too few runs were valid')
        return
    ratio = max(values) / min(values)
    print(f'{name}: {", ".join(f"{value:.6g}" for value in values)}: {ratio:.3f} of {mark} {"kept" if ratio <= mark else "MISSED"}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('cli')
    parser.add_argument('server')
    parser.add_argument('--model', default='event-loop')
    parser.add_argument('--workload', default='json')
    parser.add_argument('--duration', default='1s')
    parser.add_argument('--times', type=int, default=1)
    arguments = parser.parse_args()
    for _ in range(arguments.times):
        with tempfile.TemporaryDirectory() as folder:
            session = measure(arguments, folder)
        knees = session['knees']
        for knee in knees:
            print(f'{knee["state"]}: {knee["knee_hz"]} ({knee["from_hz"]} to {knee["to_hz"]}) in {knee["n_steps"]} steps,'
                  f' {knee["n_void"]} void')
        report('knee', [knee['knee_hz'] for knee in knees], 1.10)
        report('cost, ns', [knee['cpu_per_request_ns']['median'] if knee.get('cpu_per_request_ns') else None for knee in knees], 1.03)
        costs = list_costs(session)
        print('rounds:', ', '.join(f'{one:.0f} {other:.0f}' for one, other in costs))
        if len(costs) >= 5:
            report('cost, run beside run', [1, statistics.median(one / other for one, other in costs)], 1.03)
        for warning in session['warnings']:
            print(warning['text'])


if __name__ == '__main__':
    main()
