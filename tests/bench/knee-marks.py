#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether knees and costs repeat as METHOD asks: not run by `meson test`.

knee-marks.py CLI SERVER [--model event-loop] [--workload json] [--duration 1s] [--times 1]

The same server twice in one session: as a model, and under another name as a runtime of one's own. Their runs lie
beside each other, so that a machine whose speed changes from minute to minute changes both alike.

knee  one by the other, at most 1.10
cost  CPU time per request at one rate, one by the other, at most 1.03

On a machine that others use nothing of this can be told: the runs are INVALID, and are named.
"""

import argparse
import json
import os
import pathlib
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
    """Returns the knees of one session, the model's and the runtime's."""
    home = pathlib.Path(folder) / 'loadstone' / 'runtimes' / 'again'
    home.mkdir(parents=True, exist_ok=True)
    (home / 'runtime.xml').write_text(DESCRIPTOR.format(server=os.path.abspath(arguments.server), model=arguments.model,
                                                        workload=arguments.workload), encoding='utf-8')
    done = subprocess.run([arguments.cli, 'bench', '--lanes', f'{arguments.model},real:again', '--workloads', arguments.workload,
                           '-d', arguments.duration, '-w', '300ms', '--find-knee', '-r', '5', '--no-history', '--json'],
                          stdout=subprocess.PIPE, text=True, check=False,
                          env=os.environ | {'LC_ALL': 'C.UTF-8', 'XDG_DATA_HOME': folder})
    return json.loads(done.stdout)['session']['knees']


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
            knees = measure(arguments, folder)
        for knee in knees:
            print(f'{knee["state"]}: {knee["knee_hz"]} ({knee["from_hz"]} to {knee["to_hz"]}) in {knee["n_steps"]} steps,'
                  f' {knee["n_void"]} void')
        report('knee', [knee['knee_hz'] for knee in knees], 1.10)
        report('cost, ns', [knee['cpu_per_request_ns']['median'] if knee.get('cpu_per_request_ns') else None for knee in knees], 1.03)


if __name__ == '__main__':
    main()
