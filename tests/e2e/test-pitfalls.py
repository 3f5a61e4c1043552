#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pitfalls from the command: listed, explained, refused, run beside their remedies, interrupted.

test-pitfalls.py CLI SCHEMA
"""

import json
import os
import pathlib
import signal
import subprocess
import sys

import schemas
import tap

try:
    import jsonschema
except ImportError:
    jsonschema = None

CLI, SCHEMA = (os.path.abspath(path) for path in sys.argv[1:3])
DONE, FAILED, USAGE, THRESHOLD, INVALID = range(5)
LIMIT_S = 120
# A closed loop and an open one. The first shows whatever else the machine does, for it is 32 waits at once against one
# at a time; runs of the second are refused where others keep the load generator from its core.
CERTAIN, OPEN = 'X-02', 'X-04'


def environment():
    """Returns the environment of a child."""
    return os.environ | {'LC_ALL': 'C.UTF-8'}


def run(*args):
    """Runs the command to its end. Returns (exit code, standard output, standard error)."""
    done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          stdin=subprocess.DEVNULL, env=environment())
    return done.returncode, done.stdout, done.stderr


def check(name, good, *said):
    """Reports one point, with what was said when it is not good."""
    tap.point(good, '\n'.join(str(text) for text in said), name)


def check_schema(name, data):
    """Reports whether @data is what the schema describes."""
    if jsonschema is None:
        tap.skip('python3-jsonschema is not installed', name)
        return
    validator = jsonschema.Draft202012Validator(json.loads(pathlib.Path(SCHEMA).read_text(encoding='utf-8')))
    errors = [f'{list(error.absolute_path)}: {error.message}'[:300] for error in validator.iter_errors(data)]
    check(name, not errors, *errors[:5])


def test_schema_itself():
    """Every member is described, and what is none of it is refused."""
    schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding='utf-8'))
    found = list(schemas.undescribed(schema))
    check('every member of the schema is described', not found, *found)
    if jsonschema is None:
        tap.skip('python3-jsonschema is not installed', 'the schema is one of 2020-12')
        return
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {'format': 'loadstone-pitfalls', 'version': 1, 'pitfalls': []}
    bad = [{}, good | {'version': 2}, good | {'pitfalls': [{}]}, good | {'more': 1}]
    validator = jsonschema.Draft202012Validator(schema)
    check('what is none of it is refused', validator.is_valid(good) and not any(validator.is_valid(data) for data in bad))


def test_list():
    """Each names its sides, its evidence and what it is; the rule pack knows it and tells where to see it."""
    code, out, err = run('pitfalls')
    data = json.loads(run('pitfalls', '--json')[1])
    ids = [pitfall['id'] for pitfall in data['pitfalls']]
    check_schema('the list is what the schema describes', data)
    check('the anti-patterns that can run are all there', code == DONE
          and {'X-01', 'X-02', 'X-04', 'X-06', 'X-08', 'X-20', 'X-23'} <= set(ids) and len(ids) == len(set(ids)), ids, err)
    check('people see the same', all(f"{one['id']}  {one['title']} (evidence {one['grade']})" in out and one['see'] in out
                                     and f"{one['wrong']['title']}: {one['wrong']['label']}" in out for one in data['pitfalls']), out)
    for name in ids:
        code, out, err = run('explain', name)
        check(f'{name} is a pitfall of the rule pack, which says how to run it', code == DONE and f'{name} (pitfall)' in out
              and f'loadstone-cli pitfalls run {name}\n' in out, code, out, err)
    out = run('explain', 'X-03')[1]
    check('one that cannot run does not say so', 'pitfalls run' not in out, out)


def test_refused():
    """What is wrong is said in one sentence, before anything is measured."""
    for args, part in ((['pitfalls', 'run', 'X-02', 'X-99'], 'X-99'), (['pitfalls', 'walk'], 'walk'), (['pitfalls', '--quick'], '--quick'),
                       (['pitfalls', 'run', '--fast'], '--fast')):
        code, out, err = run(*args)
        check(f"{' '.join(args)} is refused in one sentence", code == USAGE and not out and err.count('\n') == 1 and part in err,
              code, out, err)


def test_run():
    """What is worse by design is found to be worse here."""
    code, out, err = run('pitfalls', 'run', CERTAIN, OPEN, '--quick', '--json')
    certain, other = json.loads(out)['pitfalls']
    check_schema('what was run is what the schema describes', json.loads(out))
    check('those that were asked for were run, each with a finding', [certain['id'], other['id']] == [CERTAIN, OPEN]
          and code == (INVALID if other['finding'] == 'unknown' else DONE), code, out, err)
    check(f'{CERTAIN} shows, by more than chance', certain['finding'] == 'shown' and 1 < certain['factor']['low']
          <= certain['factor']['estimate'] <= certain['factor']['high'] and certain['wrong']['n_valid'] == 4, certain)
    check(f'{OPEN} shows, or says that it cannot tell and why', other['finding'] == 'shown' if other['factor'] is not None
          else other['finding'] == 'unknown' and other['wrong']['refused'] or other['remedy']['refused'], other)
    for one in (certain, other):
        check(f"{one['id']} is told to be of models", all(one[side]['provenance'] == 'model' and one[side]['label'].endswith('(model)')
                                                       for side in ('wrong', 'remedy')), one)
    code, out, err = run('pitfalls', 'run', CERTAIN, '--quick')
    check('people see it, too', code == DONE and out.count('Shown here. ') == 1 and 'Run 1 of 8' in err, code, out, err)


def test_interrupted():
    """Who ends it gets no half of a result."""
    process = subprocess.Popen([CLI, 'pitfalls', 'run', 'X-02', '--json'], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, text=True, env=environment())
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    check('an interrupted run is exit 1, one sentence, and nothing else', process.returncode == FAILED and not out
          and 'Run 1 of 10' in first and 'Interrupted after' in err.splitlines()[-1], process.returncode, out, first, err)


test_schema_itself()
test_list()
test_refused()
test_run()
test_interrupted()
tap.end()
