#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A twin beside the real thing, for real: a runtime of one's own that is the embedded server with a profile, and the
twin of that profile.

test-fidelity.py CLI SERVER SCHEMA
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import jsonschema
import schemas
import tap

CLI, SERVER, SCHEMA = (os.path.abspath(path) for path in sys.argv[1:4])
DONE, FAILED, USAGE, THRESHOLD, INVALID = range(5)
KEPT = ['fidelity', '--quick', '-d', '300ms', '-w', '100ms', '-r', '1']
SHORT = [*KEPT, '--no-history']
DESCRIPTOR = '''<runtime version="1" id="again" family="event-loop" model="event-loop">
  <title>The same again</title>
  <description>The embedded server as a runtime.</description>
  <detect program="{server}" arguments="--version"/>
  <start arguments="--model event-loop --profile {profile} --port {{port}}"/>
  <ready/>
  <serves workloads="users mix"/>
</runtime>
'''


def fill(folder):
    """Describes the runtime and what it costs in @folder."""
    shipped = json.loads((pathlib.Path(os.environ['LOADSTONE_PROFILES']) / 'node-http.json').read_text(encoding='utf-8'))
    shipped['id'] = 'again'
    shipped['cost'] = {'request_total_ns': 200000}
    profile = folder / 'loadstone' / 'profiles' / 'again.json'
    home = folder / 'loadstone' / 'runtimes' / 'again'
    for parent in (profile.parent, home):
        parent.mkdir(parents=True)
    profile.write_text(json.dumps(shipped), encoding='utf-8')
    (home / 'runtime.xml').write_text(DESCRIPTOR.format(server=SERVER, profile=profile), encoding='utf-8')


def environment(folder):
    return os.environ | {'LC_ALL': 'C.UTF-8', 'XDG_DATA_HOME': str(folder), 'LOADSTONE_RUNTIMES': '/nowhere'}


def run(folder, *args):
    """Returns (exit code, standard output, standard error)."""
    done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=120, check=False, env=environment(folder))
    return done.returncode, done.stdout, done.stderr


def test_measured(folder):
    schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding='utf-8'))
    jsonschema.Draft202012Validator.check_schema(schema)
    missing = list(schemas.undescribed(schema))
    tap.point(not missing, missing, 'the schema describes each member')
    copy = folder / 'copy.json'
    code, out, err = run(folder, *KEPT, '--json', '--output', str(copy))
    document = json.loads(out) if out else {}
    errors = [error.message for error in jsonschema.Draft202012Validator(schemas.closed(schema)).iter_errors(document)]
    tap.point(code in (DONE, INVALID) and not errors, f'{code} {errors} {err}', 'what is printed is what the schema says')
    tap.point(out and copy.read_text(encoding='utf-8') == out, copy, 'and is written')
    _, out, _ = run(folder, 'history', 'list', '--json')
    kept = json.loads(out)['sessions'] if out else []
    tap.point([session['state'] for session in kept] == ['complete', 'complete'] and 'to write to' not in err, [kept, err], 'both sessions are in the history')
    rows = document.get('rows', [])
    tap.point(sorted(row['workload'] for row in rows) == ['mix?cpu=10', 'users'] and
              {(row['real'], row['twin']) for row in rows} == {('real:again', 'twin:again')}, rows, 'one row a case')
    known = [row for row in rows if row['throughput'] is not None]
    tap.point(len(known) == document.get('n_rows') and all(row['throughput']['real'] > 0 for row in known) and
              all(row['rate_hz'] > 0 for row in known), rows, 'with the figures of both')
    tap.point(document.get('environment', {}).get('profiles') is not None, document.get('environment'), 'and which profile it was')


def test_words(folder):
    code, out, err = run(folder, *SHORT, 'real:again')
    tap.point(code in (DONE, INVALID) and 'Twin of' in out and 'again' in out and 'beside its twin' in err, f'{code} {out} {err}',
              'a table on a terminal')
    for arguments, part in ((['nobody'], 'nobody'), (['--repeats', '-1'], '--repeats'), (['-d', 'long'], '--duration'),
                            (['--output', '/dev/null/x.json'], '/dev/null')):
        code, out, err = run(folder, 'fidelity', *arguments)
        tap.point(code == USAGE and part in err and err.count('\n') == 1 and out == '', f'{code} {out} {err}',
                  f'{arguments[0]}: what is wrong, in one sentence')
    with tempfile.TemporaryDirectory() as empty:
        code, out, err = run(empty, 'fidelity')
        tap.point(code == FAILED and 'loadstone-cli lanes' in err and out == '', f'{code} {err}', 'without a runtime it says so')


def test_told(folder):
    """What a whole run found is said of the twin from then on, until its costs are others."""
    def label():
        lanes = json.loads(run(folder, 'lanes', '--json')[1])['lanes']
        return [lane['label'] for lane in lanes if lane['id'] == 'twin:again'][0]

    profile = folder / 'loadstone' / 'profiles' / 'again.json'
    before = label()
    code, _, err = run(folder, 'fidelity', 'again', '-d', '300ms', '-w', '100ms', '-r', '1', '--no-history')
    found = folder / 'loadstone' / 'fidelity' / 'again.json'
    tap.point(code in (DONE, INVALID) and found.exists() == (code == DONE), f'{code} {err}', 'what was found is kept')
    if code == DONE:
        error = json.loads(found.read_text(encoding='utf-8'))['throughput_error_median']
        tap.point(label() == before.replace('(twin)', f'(twin, off by {error * 100:.0f} %)'), label(), 'and said beside the name')
    profile.write_text(profile.read_text(encoding='utf-8') + '\n', encoding='utf-8')
    tap.point(label() == before, label(), 'of other costs it says nothing')


def test_stopped(folder):
    with subprocess.Popen([CLI, 'fidelity', '-d', '300ms', '-w', '100ms', '--no-history', '--json'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment(folder)) as child:
        # What it will do, then its first run: from there on it hears signals.
        child.stderr.readline()
        child.stderr.readline()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        tap.point(child.returncode == FAILED and out == '', f'{child.returncode} {out} {err}', 'stopped, it prints nothing')
    left = subprocess.run(['pgrep', '-f', str(folder)], capture_output=True, text=True, check=False).stdout
    tap.point(left == '', left, 'and nothing is left of it')


with tempfile.TemporaryDirectory() as temporary:
    fill(pathlib.Path(temporary))
    for test in (test_measured, test_words, test_told, test_stopped):
        test(pathlib.Path(temporary))
tap.end()
