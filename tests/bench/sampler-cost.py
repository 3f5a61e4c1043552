#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What watching costs, as a share of a core: not run by `meson test`.

sampler-cost.py [--seconds 6] [--lanes A,B] [--connections 64]

LOADSTONE_CLI measures each lane under a light open loop; what its sampler took is in the result. The mark is 0.5 %.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

INVALID = 4


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=int, default=6)
    parser.add_argument('--lanes', default='event-loop,gil-threads,prefork')
    parser.add_argument('--connections', type=int, default=64)
    options = parser.parse_args()
    cli = os.environ.get('LOADSTONE_CLI', 'loadstone-cli')
    with tempfile.NamedTemporaryFile(suffix='.json') as file:
        done = subprocess.run([cli, 'bench', '--lanes', options.lanes, '-R', '500', '-c', str(options.connections), '-r', '3',
                               '-w', '0', '-d', str(options.seconds), '-o', file.name], stdout=subprocess.DEVNULL, check=False)
        if done.returncode not in (0, INVALID):
            sys.exit('the command failed')
        runs = json.load(open(file.name, encoding='utf-8'))['session']['runs']
    for lane in dict.fromkeys(run['lane'] for run in runs):
        own = [run for run in runs if run['lane'] == lane]
        share = statistics.median(run['sampling_cpu_s'] / run['duration_s'] for run in own)
        print(f'{lane}: {len(own[0]["processes"])} processes, {max(own[0]["samples"]["n_threads"])} threads: {share:.2%} of a core')


main()
