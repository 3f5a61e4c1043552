#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No figure of a model or a twin is called Node.js or Python alone, in anything that is written or printed.

test-honesty.py CLI DATA-FOLDER…
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import honesty
import tap

CLI, *DATA = (os.path.abspath(path) for path in sys.argv[1:])
DONE, FAILED, USAGE, THRESHOLD, INVALID = range(5)
LIMIT_S = 120
# What one of them says of a model, and what is right beside it.
DOCTORED = [
    'Node.js 48.7 ms',
    'Node.js      500/s   166 µs   48.7 ms',
    'Node.js is 1.31 times Python (1.20 to 1.40).',
    'Measured on this machine: Node.js counts as 2.00 times Python.',
    'The verdict stays.\nPython needed 12.5 MiB of memory here.',
    'Node.js answered 12.3 k/s, and\nPython fewer.',
]
RIGHT = [
    'Event loop (model) 48.7 ms',
    'Node.js, node:http (real)      500/s   166 µs   48.7 ms',
    'Fastify on Node.js (twin) 12.3 k/s',
    'Fastify on Node.js (twin, off by 6 %) 12.3 k/s',
    'Node.js (model) counts as 1.31 times Python (model).',
    'It would become Python if “Memory” showed Node.js below 0.80 times Python.',
    'Node.js, 12.3 points ahead of Python',
    'Node.js and Python: 92 and 58 by opinion',
    'Run it for 5 s. Node.js is one of the options.',
]


def run(*args, codes=(DONE,)):
    """Runs the command to its end. Returns its standard output."""
    done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL,
                          env=os.environ | {'LC_ALL': 'C.UTF-8'})
    assert done.returncode in codes, (args, done.returncode, done.stderr)
    return done.stdout


def check(name, found):
    """Reports whether nothing was found."""
    tap.point(not found, '\n'.join(str(one) for one in found[:20]), name)


def test_checker(said):
    """The checker finds what is wrong, each by itself and in the middle of what is right."""
    check('each doctored text is found', [text for text in DOCTORED if not honesty.find(text, said)])
    check('nothing right is found', [text for text in RIGHT if honesty.find(text, said)])
    amid = [text for text in DOCTORED if len(honesty.find('\n\n'.join([*RIGHT, text, *RIGHT]), said)) != len(honesty.find(text, said))]
    check('and amid what is right nothing else', amid)
    saying = next(text for text in sorted(said) if honesty.RUNTIME.search(text) and not honesty.CONDITIONAL.search(text))
    check('an article may say what it says, another may not', honesty.find(saying, said) + ([] if honesty.find(saying) else [saying]))
    report = {'session': {'lanes': [{'label': 'Event loop', 'provenance': 'model'}], 'text': 'Python took 5 ms.'}}
    check('a document is looked through', [] if len(honesty.find_in_json(report)) == 2 else [honesty.find_in_json(report)])


def pages(path):
    """Returns a PDF's text in both of the orders that pdftotext has, or None where that is not here."""
    if shutil.which('pdftotext') is None:
        return None
    return '\n\n'.join(subprocess.run(['pdftotext', *layout, '-enc', 'UTF-8', path, '-'], capture_output=True, text=True,
                                      check=True, timeout=30).stdout for layout in ([], ['-layout']))


def stand_ins():
    """Returns a lane of each kind for either runtime: models, and what there is here of twins and real ones."""
    found = {}
    for lane in json.loads(run('lanes', '--json'))['lanes']:
        if lane['available'] and lane['model'] in ('event-loop', 'asyncio'):
            found.setdefault((lane['provenance'], lane['model']), lane['id'])
    return list(found.values())


def make(folder, said):
    """Makes what there is to be made of one assessment whose lanes stand for both runtimes."""
    answers = folder / 'answers.json'
    answers.write_text(json.dumps({'answers': {'conns': '100-1k', 'mix': 'io', 'rps': '1k-10k', 'lat': '100'}}), encoding='utf-8')
    plan = json.loads(run('assess', '--answers', answers, '--print-plan'))
    plan |= {'lanes': stand_ins(), 'workloads': ['json'], 'loads': [], 'connections': 4, 'rate_hz': 0, 'duration_ms': 600,
             'warm_up_ms': 200, 'repeats': 5}
    for member in ('estimated_ms', 'scale', 'left_out'):
        plan.pop(member, None)
    (folder / 'plan.json').write_text(json.dumps(plan), encoding='utf-8')
    out = run('assess', '--answers', answers, '--plan', folder / 'plan.json', '--output', folder, '--no-history',
              codes=(DONE, THRESHOLD, INVALID))
    report = json.loads((folder / 'report.json').read_text(encoding='utf-8'))
    check('the measurements became evidence', [] if any(one.get('used') for one in report['evidence']) else [report['evidence']])
    check('what assess prints', honesty.find(out, said))
    check('the report as JSON', honesty.find_in_json(report, said))
    for path in sorted(folder.iterdir()):
        if path.suffix == '.pdf':
            text = pages(path)
            if text is None:
                tap.skip('pdftotext is not installed', f'the report as {path.suffix}')
            else:
                check(f'the report as {path.suffix}', honesty.find(text, said))
        elif path.suffix in ('.html', '.md', '.txt', '.csv'):
            check(f'the report as {path.suffix}', honesty.find(path.read_text(encoding='utf-8'), said))
    out = run('compare', folder / 'report.json', codes=(DONE, INVALID))
    check('what compare prints', honesty.find(out, said))


def test_lists(said):
    """What there is to measure says of itself what it is."""
    for args in (['lanes'], ['workloads'], ['models'], ['pitfalls'], ['advise']):
        check(f"what {args[0]} prints", honesty.find(run(*args), said))
    check('the lanes as JSON', honesty.find_in_json(json.loads(run('lanes', '--json')), said))
    check('the pitfalls as JSON', honesty.find_in_json(json.loads(run('pitfalls', '--json')), said))


def main():
    """Runs all of it."""
    said = honesty.sayings(*DATA)
    test_checker(said)
    test_lists(said)
    with tempfile.TemporaryDirectory() as folder:
        make(pathlib.Path(folder), said)
    tap.end()


main()
