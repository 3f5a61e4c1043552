#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searches and series from the command to the report: shown alike, gone on with, kept as the schemas say.

test-adaptive.py CLI FAKE-SERVER REPORT-SCHEMA HISTORY-SCHEMA
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

import schemas
import tap

try:
    import jsonschema
except ImportError:
    jsonschema = None

CLI, FAKE_SERVER, REPORT_SCHEMA, SCHEMA = (os.path.abspath(path) for path in sys.argv[1:5])
DONE, FAILED, USAGE, THRESHOLD, INVALID = range(5)
LIMIT_S = 120
# A ceiling far below what any server does is what is found on any machine that is not too busy to say.
PLAN = ['--lanes', 'event-loop', '--workloads', 'hello', '--for', '100@50', '-R', '200', '--scale', 'connections:1,2,3',
        '-c', '4', '-d', '250ms', '-w', '0', '-r', '2']


def environment(**more):
    """Returns the environment of a child, with @more in it."""
    return os.environ | {'LC_ALL': 'C.UTF-8'} | more


def run(*args, **more):
    """Runs the command to its end. Returns (exit code, standard output, standard error)."""
    done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          stdin=subprocess.DEVNULL, env=environment(**more))
    return done.returncode, done.stdout, done.stderr


def read(*args):
    """Returns what the command prints as JSON."""
    code, out, err = run(*args)
    assert code == DONE, err
    return json.loads(out)


def check(name, good, *said):
    """Reports one point, with what was said when it is not good."""
    tap.point(good, '\n'.join(str(text) for text in said), name)


def wait_for(condition):
    """Returns what @condition returns once that is true; raises after a long while."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise TimeoutError('what was waited for did not come')


def check_schema(name, data, part):
    """Reports whether @data is what that definition of the history's schema describes, and nothing beside."""
    if jsonschema is None:
        tap.skip('python3-jsonschema is not installed', name)
        return
    schema = schemas.joined(json.loads(pathlib.Path(SCHEMA).read_text(encoding='utf-8')),
                            json.loads(pathlib.Path(REPORT_SCHEMA).read_text(encoding='utf-8')))
    for one in (schema, schemas.closed({'$ref': f'#/$defs/{part}', '$defs': schema['$defs']})):
        validator = jsonschema.Draft202012Validator(one, format_checker=jsonschema.FormatChecker())
        errors = [f'{list(error.absolute_path)}: {error.message}'[:300] for error in validator.iter_errors(data)]
        if errors:
            break
    check(name, not errors, *errors[:5])


def test_schema_itself():
    """Every member is described, and what is none of the history's is refused."""
    schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding='utf-8'))
    found = list(schemas.undescribed(schema))
    check('every member of the history\'s schema is described', not found, *found)
    if jsonschema is None:
        tap.skip('python3-jsonschema is not installed', 'the history\'s schema is one of 2020-12')
        return
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(
        schemas.joined(schema, json.loads(pathlib.Path(REPORT_SCHEMA).read_text(encoding='utf-8'))))
    bad = [{}, {'sessions': [{}]}, {'runs': [{'session': 1}]}, {'sessions': 'none'},
           {'assessments': [{'name': 'x'}]}, {'from': {}, 'to': {}}]
    accepted = [data for data in bad if validator.is_valid(data)]
    check('what is none of the history\'s is refused', not accepted, *accepted)


def pages(path):
    """Returns the text of a PDF in one line, or None where pdftotext is not here."""
    if shutil.which('pdftotext') is None:
        return None
    done = subprocess.run(['pdftotext', '-enc', 'UTF-8', path, '-'], capture_output=True, text=True, check=True, timeout=30)
    return ' '.join(done.stdout.split())


def check_section(name, path):
    """Reports whether a report has the section of an adaptive plan."""
    text = pages(path)
    if text is None:
        tap.skip('pdftotext is not installed', name)
        return
    check(name, all(part in text for part in ('The knee is the highest rate that a lane keeps', 'What 50.0/s on 100 connections take',
                                              'How throughput grows with connections', 'search of the knee, connections: 4')), text)


def test_shown_alike(folder):
    """What bench prints, history show prints again; lists count steps of a search apart."""
    path = folder / 'session.json'
    code, out, err = run('bench', *PLAN, '--title', 'Search', '-o', path)
    session = json.loads(path.read_text(encoding='utf-8'))['session']
    check('an adaptive session ends', code in (DONE, INVALID) and session['complete'] and 'Knee' in out, code, out, err)
    code, shown, err = run('history', 'show', 'last')
    check('history show prints what bench did', code == DONE and out in shown and shown != out, shown, out)
    n_search = sum(one['purpose'] in ('probe', 'knee') for one in session['runs'])
    check('and how many runs the search took', f'{len(session["runs"])} runs, of which a search took {n_search}.' in shown, shown)
    listed = read('history', 'list', '--json')
    row, = listed['sessions']
    check('steps of a search are counted apart', row['runs_searching'] == n_search and row['runs_measured'] == len(session['runs'])
          and row['runs_planned'] == len(session['runs']), row)
    code, table, err = run('history', 'list')
    figures = [one for one in session['runs'] if one['purpose'] not in ('probe', 'knee')]
    check('the table does so too', f' {sum(one["valid"] for one in figures)}/{len(figures)} ' in table and f' {n_search}  complete' in table, table)
    runs = read('history', 'list', '--runs', '--purpose', 'scale', '--json')
    check('runs are found by their purpose', len(runs['runs']) == 6 and {one['purpose'] for one in runs['runs']} == {'scale'}, runs)
    code, out, err = run('history', 'list', '--purpose', 'scales')
    check('a purpose that is none is refused in one sentence', code == USAGE and not out and err.count('\n') == 1 and 'scales' in err, err)
    check_schema('the list of sessions is as its schema says', listed, 'session_list')
    check_schema('the list of runs is as its schema says', read('history', 'list', '--runs', '--json'), 'run_list')
    check_schema('a session that is shown is as its schema says', read('history', 'show', 'last', '--json'), 'shown_session')
    return path


def test_kept():
    """Milestones have what was found; what is printed of them is as the schema says."""
    run('history', 'milestone', 'Checkout', 'first', 'last')
    run('bench', '--lanes', 'event-loop', '--workloads', 'hello', '-c', '4', '-d', '250ms', '-w', '0', '-r', '1')
    run('history', 'milestone', 'Checkout', 'second', 'last')
    run('history', 'milestone', 'Checkout', 'third', 'last')
    milestone = read('history', 'milestone', 'Checkout', 'first', '--show')
    kept, = milestone['sessions']
    check('a milestone keeps knees, series and capacity', kept['knees'][0]['lane'] == 'model:event-loop'
          and kept['scaling'][0]['points'] and kept['capacity']['rate_hz'] == 50, milestone)
    check_schema('a milestone is as its schema says', milestone, 'milestone')
    check_schema('the list of assessments is as its schema says', read('history', 'assessments', '--json'), 'assessment_list')
    for other in ('first', 'third'):
        check_schema(f'what differs from the {other} is as its schema says',
                     read('history', 'diff', 'Checkout', 'second', other, '--json'), 'milestone_diff')


def test_resumed():
    """Killed in the middle of its series, and gone on with: nothing twice, and the count of runs goes on."""
    last = read('history', 'list', '--json', '-n', '1')['sessions'][0]['id']
    process = subprocess.Popen([CLI, 'bench', *PLAN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               stdin=subprocess.DEVNULL, env=environment())
    # Of this session, not of one before.
    wait_for(lambda: read('history', 'list', '--runs', '-n', '1', '--json')['runs'][0]['session'] > last
             and read('history', 'list', '--runs', '-n', '1', '--json')['runs'][0]['purpose'] == 'scale')
    process.kill()
    process.communicate(timeout=LIMIT_S)
    row = read('history', 'list', '--json', '-n', '1')['sessions'][0]
    before = read('history', 'export', 'last')['session']
    check('a search that was killed is interrupted', row['state'] == 'interrupted' and row['runs_measured'] == len(before['runs']), row)
    code, out, err = run('history', 'show', 'last')
    check('show says after how many of about how many', code == DONE
          and f'Interrupted after {len(before["runs"])} of about ' in out, out, err)
    code, out, err = run('history', 'list', '-n', '1')
    check('so does the list', f'interrupted, {len(before["runs"])} of about ' in out, out)
    code, out, err = run('bench', '--resume', 'last', '--json')
    after = json.loads(out)['session']
    check('it is gone on with, and nothing is measured twice', code in (DONE, INVALID) and after['complete']
          and after['runs'][:len(before['runs'])] == before['runs'], code, err)
    # Only runs of the series are left, which are known in number.
    numbers = [tuple(map(int, found)) for found in re.findall(r'^Run (\d+) of about (\d+): ', err, re.M)]
    check('progress goes on from the runs of before', numbers == [
        (n, len(after['runs'])) for n in range(len(before['runs']) + 1, len(after['runs']) + 1)], err)
    row = read('history', 'list', '--json', '-n', '1')['sessions'][0]
    check('then it is complete', row['state'] == 'complete' and row['runs_planned'] == row['runs_measured'] == len(after['runs']), row)


def test_interrupted():
    """Who interrupts is told of about how many."""
    process = subprocess.Popen([CLI, 'bench', *PLAN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               stdin=subprocess.DEVNULL, env=environment())
    line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    err = line + err
    check('an interrupted search says how to go on', process.returncode == FAILED and not out
          and re.search(r'Interrupted after \d+ of about \d+ runs; “loadstone-cli history resume \d+” goes on\.$', err.strip()), err)
    code, out, err = run('history', 'resume', 'last')
    check('history resume goes on with it', code in (DONE, INVALID) and 'Knee' in out, code, out, err)


def test_reported(folder, session):
    """The report of an adaptive plan, made by assess and from what was saved."""
    plan = folder / 'plan.json'
    code, out, err = run('bench', *PLAN, '--print-plan')
    plan.write_text(out, encoding='utf-8')
    code, out, err = run('assess', '--plan', plan, '-o', folder / 'assess')
    check('assess measures an adaptive plan', code in (DONE, INVALID) and 'Knee' in out and 'the scalability law' in out
          and 'a verdict needs the knee of every lane' in out and 'Measuring: about ' in err, code, out, err)
    check_section('its report has the section', folder / 'assess' / 'report.pdf')
    code, out, err = run('report', folder / 'assess' / 'report.json', '--pdf', folder / 'again.pdf')
    check('a saved report gives the same pages', code == DONE
          and (folder / 'again.pdf').read_bytes() == (folder / 'assess' / 'report.pdf').read_bytes(), code, err)
    code, out, err = run('assess', '--resume', 'last', '-o', folder / 'resumed')
    check('assess reports what is complete again', code in (DONE, INVALID)
          and json.loads((folder / 'resumed' / 'report.json').read_text(encoding='utf-8'))['session']
          == json.loads((folder / 'assess' / 'report.json').read_text(encoding='utf-8'))['session'], code, err)

    for name in ('one', 'two'):
        code, out, err = run('report', session, '--set', 'conns=1k-10k', '--title', 'Checkout',
                             '--pdf', folder / f'{name}.pdf', '--json', folder / f'{name}.json')
    report = json.loads((folder / 'one.json').read_text(encoding='utf-8'))
    check('a session is reported', code == DONE and report['title'] == 'Checkout'
          and next(one for one in report['answers'] if one['id'] == 'conns')['value'] == '1k-10k', code, err)
    check('the same each time', all((folder / f'one.{form}').read_bytes() == (folder / f'two.{form}').read_bytes()
                                    for form in ('pdf', 'json')))
    check_section('with the section', folder / 'one.pdf')
    broken = folder / 'broken.json'
    broken.write_text('{"format": "loadstone-session", "version": 1}', encoding='utf-8')
    newer = folder / 'newer.json'
    newer.write_text('{"format": "loadstone-session", "version": 2, "session": {}}', encoding='utf-8')
    for name, args in {'a session without one': [broken], 'one of a newer Loadstone': [newer],
                       'answers that are none': [session, '--set', 'conns=many'],
                       'answers of a report': [folder / 'one.json', '--set', 'conns=1k-10k']}.items():
        code, out, err = run('report', *args, '--pdf', folder / 'never.pdf')
        check(f'{name} is refused in one sentence', code == USAGE and not out and err.count('\n') == 1
              and err.strip()[-1] in '.?' and not (folder / 'never.pdf').exists(), code, out, err)


def test_junit(folder):
    """A case a search and a series; what is not compared is not compared."""
    path, output = folder / 'junit.xml', folder / 'junit.json'
    code, out, err = run('bench', *PLAN, '--slo', 'p99=60s', '--junit', path, '-o', output)
    cases = list(xml.etree.ElementTree.parse(path).getroot().iter('testcase'))
    check('JUnit has a case a search and a series', code in (DONE, INVALID) and [one.get('name') for one in cases]
          == ['model:event-loop', 'model:event-loop over connections'] and 'Knee: ' in cases[0].findtext('system-out'), code, cases, err)
    check('which fail when the measurement is INVALID', (code == INVALID) == any(one.find('failure') is not None for one in cases), code)
    # Nothing is answered within a microsecond.
    code, out, err = run('bench', *PLAN[:6], '--find-knee', '-R', '200', '-c', '4', '-d', '250ms', '-w', '0', '-r', '1',
                         '--slo', 'p99=1us', '--junit', path)
    failures = list(xml.etree.ElementTree.parse(path).getroot().iter('failure'))
    check('a limit that no rate keeps is missed', code in (THRESHOLD, INVALID)
          and [one.get('type') for one in failures] == ['slo' if code == THRESHOLD else 'invalid'], code, failures, err)
    check('and that is said', code == INVALID or 'not even' in out and 'at any rate' in err, out, err)
    code, out, err = run('compare', output)
    check('searches are not compared', code == USAGE and not out and err.count('\n') == 1 and 'junit.json' in err and 'knees' in err, code, out, err)


def test_given_up():
    """A server that never comes: the search ends, says why, and is shown so again."""
    code, out, err = run('bench', *PLAN[:6], '-R', '200', '-c', '4', '-d', '250ms', '-w', '0', '-r', '1',
                         LOADSTONE_SERVER=FAKE_SERVER, FAKE_SERVER='exit-early')
    check('a search that comes to nothing is INVALID', code == INVALID and 'INVALID: Given up after 5 runs on end' in out, code, out, err)
    code, shown, err = run('history', 'show', 'last')
    check('and is shown so', code == DONE and out in shown, shown)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.environ['LOADSTONE_HISTORY'] = str(folder / 'history.sqlite')
        test_schema_itself()
        session = test_shown_alike(folder)
        test_kept()
        test_resumed()
        test_interrupted()
        test_reported(folder, session)
        test_junit(folder)
        test_given_up()
    tap.end()


main()
