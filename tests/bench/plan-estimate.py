#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a plan's estimate is from the time that its measurement takes. By hand, for it is a timing:

    plan-estimate.py build/src/cli/loadstone-cli [--quick] [usecase…]

Prints a line for each use case; exit code 1 when one differs by 25 % or more.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

LIMIT = 0.25


def measure(cli, folder, usecase, options):
    """Returns seconds estimated and seconds taken, start to end."""
    answers, plan = folder / 'answers.json', folder / 'plan.json'
    answers.write_text(json.dumps({'answers': {'usecase': usecase}}), encoding='utf-8')
    assess = [cli, 'assess', '--answers', answers, '--output', folder]
    plan.write_bytes(subprocess.run([*assess, '--print-plan', *options], check=True, stdout=subprocess.PIPE).stdout)
    begin = time.monotonic()
    # An invalid run or a missed limit is no matter here.
    code = subprocess.run([*assess, '--plan', plan], check=False, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode
    assert code in (0, 3, 4), code
    return json.loads(plan.read_text(encoding='utf-8'))['estimated_ms'] / 1000, time.monotonic() - begin


def main():
    cli, *rest = sys.argv[1:]
    options = [option for option in rest if option.startswith('-')]
    usecases = [option for option in rest if not option.startswith('-')] or ['crud']
    wrong = 0
    for usecase in usecases:
        with tempfile.TemporaryDirectory() as folder:
            estimated, taken = measure(cli, pathlib.Path(folder), usecase, options)
        wrong += abs(taken / estimated - 1) >= LIMIT
        print(f'{usecase}: estimated {estimated:.1f} s, took {taken:.1f} s, {taken / estimated - 1:+.1%}', flush=True)
    return wrong > 0


if __name__ == '__main__':
    sys.exit(main())
