#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""“claims”: listed, planned and tested for real, what is wrong refused, and nothing said of a runtime by a model.

test-claims.py CLI CLAIMS-SCHEMA
"""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile

import jsonschema

import schemas
import tap

CLI, SCHEMA = (os.path.abspath(path) for path in sys.argv[1:3])
DONE, FAILED, USAGE, THRESHOLD, INVALID = range(5)
LIMIT_S = 120
# Architecture alone decides these, so that they need no runtime.
STRUCTURE = ['C-000-4', 'C-000-5', 'C-000-6']
ARITHMETIC = ['C-000-12', 'C-004-1', 'C-004-2', 'C-004-3']


def run(*args):
    """Runs the command. Returns (exit code, standard output, standard error)."""
    done = subprocess.run([CLI, 'claims', *args], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def other(*args):
    """Runs another command, which reads what was tested. Returns as run()."""
    done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def check(name, good, *said):
    """Reports one point, with what was said when it is not good."""
    tap.point(good, '\n'.join(str(text) for text in said), name)


def fits(text):
    """Returns the document's claims by id when it is as the schema has it, closed; else raises."""
    schema = schemas.closed(json.loads(pathlib.Path(SCHEMA).read_text(encoding='utf-8')))
    document = json.loads(text)
    jsonschema.Draft202012Validator(schema).validate(document)
    return {claim['id']: claim for claim in document['claims']}, document


def test_list():
    schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding='utf-8'))
    missing = list(schemas.undescribed(schema))
    check('every member of the schema is described', not missing, missing)
    code, out, err = run('--json')
    claims, document = fits(out)
    told = {name: claim['verdict'] for name, claim in claims.items() if 'verdict' in claim}
    check('claims are listed as JSON', code == DONE and len(claims) == 95 and not err and not document['notes'], out[:500], err)
    check('before a run only arithmetic has verdicts', {name for name, verdict in told.items() if verdict == 'refuted'} == set(ARITHMETIC)
          and set(told.values()) == {'refuted', 'not-testable'}, told)
    check('a ratio is turned towards Node.js', claims['C-001-1']['figures'][0]['claimed_for_node'] == {'low': 1.3, 'high': 1.5}
          and claims['C-000-35']['figures'][0]['claimed_for_node'] == {'high': 1}, claims['C-000-35'])
    check('cards stand beside the claims that they concern', [card['id'] for card in claims['C-000-5']['cards']] == ['CON-5']
          and 'E-20' in [card['id'] for card in claims['C-002-17']['cards']], claims['C-000-5'])
    code, out, err = run()
    check('claims are listed for people', code == DONE and all(f'{name} ' in out for name in claims), out, err)
    code, out, err = run('C-000-4', 'C-000-4')
    check('a claim that is named twice is listed once', code == DONE and out.count('C-000-4') == 1, out, err)


def test_twins():
    """What names a framework is decided by its twin where the framework itself is not here, and never by a model."""
    code, out, err = run('run', '--list', '--quick', '--json', 'C-000-26')
    claims, _ = fits(out)
    figure = claims['C-000-26']['figures'][0]
    check('a claim about frameworks is measured on those', code == DONE
          and figure['lane'].split(':')[0] in ('real', 'twin') and figure['over_lane'].split(':')[0] in ('real', 'twin')
          and figure['lane'].endswith(':node-fastify') and figure['over_lane'].endswith(':node-express'), figure, err)


def test_refused():
    for args, parts in ((['C-000-99'], ['C-000-99', 'C-000-9']), (['run', 'zzz'], ['zzz', 'lists them']),
                        (['run', '--quick', '--no-history', '--tag', 'x'], ['--tag', '--no-history']),
                        (['run', '--list', '--pdf', 'x.pdf'], ['--list', '--pdf'])):
        code, out, err = run(*args)
        check(f'{" ".join(args)} is refused in a sentence', code == USAGE and not out and err.count('\n') == 1
              and all(part in err for part in parts), code, out, err)


def test_plan():
    code, out, err = run('run', '--list', '--quick', '--json', *STRUCTURE, 'C-000-1')
    claims, document = fits(out)
    lanes = {claim: claims[claim]['figures'][0]['lane'] for claim in claims}
    check('without runtimes models decide what is of architecture alone', code == DONE and lanes == {
        'C-000-4': 'model:event-loop', 'C-000-5': 'model:gil-threads', 'C-000-6': 'model:asyncio',
        'C-000-1': None}, lanes, err)
    check('a plan says how long it takes', document['estimated_ms'] > 15 * 1000, document['estimated_ms'])
    code, out, err = run('run', '--list', *STRUCTURE)
    check('a plan is printed for people', code == DONE and 'Event loop (model)' in out and 'It would take about' in out, out, err)


def test_arithmetic(folder):
    code, out, err = run('run', '--no-history', '--json', *ARITHMETIC, 'C-000-20')
    claims, document = fits(out)
    check('arithmetic slips are shown without a run', code == DONE and not err and document['estimated_ms'] == 0
          and all(claims[name]['verdict'] == 'refuted' and claims[name]['grade'] == 'E-' for name in ARITHMETIC), out, err)
    text = ' '.join(claims['C-004-1']['worked_out'])
    check('all readings are told', '47.2' in text and '1887' in text and '80.6' in text, text)
    check('a requirement is not testable', claims['C-000-20']['verdict'] == 'not-testable'
          and claims['C-000-20']['grade'] == 'E0', claims['C-000-20'])
    code, out, err = run('run', '--no-history', '--pdf', f'{folder}/claims.pdf', 'C-000-12')
    check('Little’s law is told to people', code == DONE and '90.9' in out and 'refuted' in out, out, err)
    check('verdicts are written as PDF', pathlib.Path(f'{folder}/claims.pdf').read_bytes().startswith(b'%PDF'))


def test_measured(folder):
    database = f'{folder}/history.sqlite'
    code, out, err = run('run', '--quick', '--json', '--database', database, *STRUCTURE)
    claims, document = fits(out)
    verdicts = {name: (claim['verdict'], claim['grade']) for name, claim in claims.items()}
    check('claims are measured', code == DONE and verdicts == {
        'C-000-4': ('confirmed', 'E2'), 'C-000-5': ('refuted', 'E-'), 'C-000-6': ('confirmed', 'E2')}, out, err)
    figure = claims['C-000-5']['figures'][0]
    check('verdicts rest on five runs and an interval', figure['n'] >= 5 and figure['low'] <= figure['value'] <= figure['high']
          < 700e6, figure)
    check('a model is called a model', all(claim['figures'][0]['lanes_label'].endswith('(model)')
                                          for claim in claims.values()), claims)
    check('claims with the same load share runs', len(document['sessions']) == 1, document['sessions'])
    listed = subprocess.run([CLI, 'history', 'list', '--json', '--database', database], capture_output=True, text=True,
                            timeout=LIMIT_S, check=False).stdout
    check('what was measured is kept', 'C-000-4, C-000-5, C-000-6' in listed and '"claims"' in listed, listed)
    return claims


def without_record(claim):
    """Returns what is known of a claim without when and where it was measured."""
    return {name: value for name, value in claim.items() if name not in ('measured_at', 'caveat', 'sessions')}


def test_remembered(folder, measured):
    """What was measured is judged again from the history, to the same verdicts, and damage is told and passed over."""
    database = f'{folder}/history.sqlite'
    code, out, err = run('--json', '--database', database, *STRUCTURE)
    claims, _ = fits(out)
    check('the history gives the same verdicts again', code == DONE and not err
          and {name: without_record(claim) for name, claim in claims.items()} == measured, out, err)
    check('it says when and where it was measured', all(claim['sessions'] == [1] and claim['measured_at'] and claim['caveat'] is None
                                                        for claim in claims.values()), out)
    code, out, err = run('--database', database, 'C-000-4')
    check('people are told so', code == DONE and 'C-000-4   E2' in out and '\n    confirmed, E2, measured 20' in out, out, err)
    code, out, err = other('explain', 'C-000-4', '--database', database)
    check('explain lifts its grade', code == DONE and 'Evidence: E2, reproduced here: C-000-4' in out and not err, out, err)
    with sqlite3.connect(database) as connection:
        environment = json.loads(connection.execute('SELECT environment FROM session').fetchone()[0])
        connection.execute('UPDATE session SET environment = ?', [json.dumps(environment | {'commit': 'feedc0de'})])
    connection.close()
    code, out, err = run('--database', database, 'C-000-4')
    check('another build is told of', code == DONE and 'confirmed, E2' in out
          and 'Session 1 was measured with another build of Loadstone.' in out, out, err)
    with sqlite3.connect(database) as connection:
        connection.execute('UPDATE session SET environment = ?', [json.dumps(environment | {'cpu_model': 'Abacus'})])
    connection.close()
    code, out, err = run('--database', database, 'C-000-4')
    check('another machine says nothing of this one', code == DONE and 'C-000-4   E1' in out and 'confirmed' not in out
          and err == 'Session 1 was measured on another machine, so it says nothing of this one.\n', out, err)
    with sqlite3.connect(database) as connection:
        connection.execute('UPDATE session SET environment = ?', [json.dumps(environment)])
        connection.execute("UPDATE run_document SET json = '{' WHERE run_id = (SELECT min (run_id) FROM run_document)")
    connection.close()
    code, out, err = run('--database', database, 'C-000-4')
    check('a damaged session is passed over with a sentence', code == DONE and 'C-000-4   E1' in out
          and err.startswith('Session 1 of claims is passed over: ') and err.count('\n') == 1, out, err)
    code, out, err = run('--database', f'{folder}/no-such.sqlite', 'C-000-4')
    check('a history that is not there is refused', code == USAGE and 'no-such.sqlite' in err and not out, out, err)


def test_grades(folder):
    """A refuted claim marks what rests on it wherever its grade is shown, and without a history nothing changes."""
    database = f'{folder}/grades.sqlite'
    code, out, err = run('run', '--quick', '--json', '--database', database, 'C-002-6')
    check('a claim that a rule rests on is measured', code == DONE and fits(out)[0]['C-002-6']['grade'] == 'E2', out, err)
    answers = ['--set', 'plaincpu=per-request', '--set', 'js=5', '--set', 'deploy=longrun']
    code, before, err = other('advise', '--json', *answers)
    code, after, err = other('advise', '--json', '--database', database, *answers)
    plain = [next(item for item in json.loads(text)['contributions'] if item['criterion'] == 'plain') for text in (before, after)]
    check('what rests on it is lifted', [item['grade'] for item in plain] == ['E1', 'E2']
          and [item['graded_by'] for item in plain] == [None, 'C-002-6'], plain, err)
    check('certainty ends higher where it carries the verdict', [json.loads(text)['cap'] for text in (before, after)] == [74, 84], before, after)
    check('scores stay', json.loads(before)['scores'] == json.loads(after)['scores'])
    code, out, err = other('advise', '--database', database, *answers)
    check('people are told of the grade', 'grade E2, reproduced here: C-002-6' in out, out, err)
    pathlib.Path(f'{folder}/broken.sqlite').write_text('This is no database, however long it is.' * 100, encoding='utf-8')
    code, out, err = other('advise', '--database', f'{folder}/broken.sqlite', *answers)
    check('a history that cannot be read is warned of', code == DONE and 'grade E1' in out and err.count('\n') == 1
          and err.startswith('Warning: what was tested before does not count: '), code, err)


def test_interrupted(folder):
    database = f'{folder}/interrupted.sqlite'
    process = subprocess.Popen([CLI, 'claims', 'run', '--database', database, 'C-000-4'], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    lines = [process.stderr.readline(), process.stderr.readline()]  # the session, then its first run
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    check('an interruption says how to go on', process.returncode == FAILED and not out
          and lines[0].startswith('Session 1 of 1:') and 'history resume' in err.splitlines()[-1], lines, out, err)
    process = subprocess.Popen([CLI, 'claims', 'run', '--quick', '--json', '--no-history', 'C-000-4', 'C-002-6'],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    while not process.stderr.readline().startswith('Session 2 of 2:'):
        pass
    process.stderr.readline()  # its first run is over
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    claims, _ = fits(out)
    check('what was whole before an interruption is judged', process.returncode == FAILED
          and claims['C-000-4']['verdict'] == 'confirmed' and claims['C-002-6']['verdict'] == 'not-reproducible'
          and claims['C-002-6']['figures'][0]['reason'] == 'It has not been measured.', out, err)


def main():
    with tempfile.TemporaryDirectory() as folder:
        test_twins()
        # Without runtimes and twins, wherever this runs.
        os.mkdir(f'{folder}/none')
        os.environ |= {'LC_ALL': 'C.UTF-8', 'LOADSTONE_RUNTIMES': f'{folder}/none', 'LOADSTONE_PROFILES': f'{folder}/none',
                       'XDG_DATA_HOME': folder}
        test_list()
        test_refused()
        test_plan()
        test_arithmetic(folder)
        test_remembered(folder, test_measured(folder))
        test_grades(folder)
        test_interrupted(folder)
    tap.end()


if __name__ == '__main__':
    main()
