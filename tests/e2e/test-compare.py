#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""“compare” and JUnit as scripts depend on them: exit codes, sentences, figures that follow from the runs.

test-compare.py CLI FAKE-SERVER MAKE-REPORT REPORT-SCHEMA COMPARISON-SCHEMA
"""

import copy
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import tap

CLI, FAKE_SERVER, MAKE_REPORT, REPORT_SCHEMA, SCHEMA = (os.path.abspath(path) for path in sys.argv[1:6])
DONE, FAILED, USAGE, THRESHOLD, INVALID = range(5)
LIMIT_S = 120
SHORT = ['-c', '4', '-d', '250ms', '-w', '0', '-r', '1']
LOOP, PREFORK = 'model:event-loop', 'model:prefork'


def run(*args, **more):
    """Runs the command to its end. Returns (exit code, standard output, standard error)."""
    done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          stdin=subprocess.DEVNULL, env=os.environ | {'LC_ALL': 'C.UTF-8'} | more)
    return done.returncode, done.stdout, done.stderr


def check(name, good, *said):
    """Reports one point, with what was said when it is not good."""
    tap.point(good, '\n'.join(str(text) for text in said), name)


def is_sentence(text, *parts):
    """Returns whether @text is one line from the program that holds all @parts."""
    return text.count('\n') == 1 and text.startswith('loadstone-cli ') and text.strip()[-1] in '.?' \
        and all(part in text for part in parts)


def write(path, data):
    """Writes @data as JSON and returns the path."""
    path.write_text(json.dumps(data), encoding='utf-8')
    return path


def with_runs(data, rates):
    """Returns a session like @data whose lanes, by id, have a run a repeat at the rates given."""
    data = copy.deepcopy(data)
    model = data['session']['runs'][0] | {'valid': True, 'invalid_reasons': [], 'warnings': []}
    data['session']['plan'] |= {'lanes': list(rates), 'repeats': max(map(len, rates.values()))}
    data['session']['runs'] = [
        copy.deepcopy(model) | {'lane': lane, 'repeat': repeat, 'achieved_rate_hz': rate}
        for lane, row in rates.items() for repeat, rate in enumerate(row)]
    return data


def check_schema(name, path, data, part=None):
    """Reports whether @data is as the schema @path, or a @part of its definitions, has it."""
    try:
        import jsonschema
    except ImportError:
        tap.skip('python3-jsonschema is not installed', name)
        return
    schema = json.loads(pathlib.Path(path).read_text(encoding='utf-8'))
    jsonschema.Draft202012Validator.check_schema(schema)
    if part:
        schema = {'$ref': f'#/$defs/{part}', '$defs': schema['$defs']}
    errors = [f'{list(error.absolute_path)}: {error.message}'
              for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]
    check(name, not errors, *errors[:5])


def find(comparisons, lane, metric='throughput_hz'):
    """Returns what is said of @lane in @metric."""
    return next(one for one in comparisons if one['lane'] == lane)['metrics'][metric]


def test_one_file(folder, data):
    # Slower from repeat to repeat by more than the lanes differ: only pairs can tell them apart.
    loop = [1000, 900, 800, 700, 600, 500]
    path = write(folder / 'drift.json', with_runs(data, {
        LOOP: loop, PREFORK: [rate * share for rate, share in zip(loop, (.95, .951, .949, .952, .95, .948))],
        'model:gil-threads': [rate * share for rate, share in zip(loop, (.9, 1.1, .95, 1.04, .97, 1.03))]}))
    code, out, err = run('compare', path, '--json')
    said = json.loads(out)
    comparisons = said['comparisons']
    check('lanes of a file are compared with the best', code == DONE and not err and len(comparisons) == 2
          and {one['reference'] for one in comparisons} == {LOOP}, code, out, err)
    found = find(comparisons, PREFORK)
    check('what is 5 % slower in each pair is worse', found['test'] == 'pairs' and found['verdict'] == 'worse'
          and abs(found['ratio'] - .95) < .001 and found['low'] < found['ratio'] < found['high'] < 1, found)
    found = find(comparisons, 'model:gil-threads')
    check('what is now faster, now slower shows no detectable difference', found['verdict'] == 'no-detectable-difference'
          and found['low'] < 1 < found['high'], found)
    check('three lanes share the level', abs(comparisons[0]['alpha'] - .05 / 3) < 1e-9, comparisons[0]['alpha'])
    code, out, err = run('compare', path)
    check('people get a table and a sentence', code == DONE and '0.950 (0.94' in out and 'Waiting 200 ms, Throughput: no detectable difference '
          'between Event loop (model) and Threads with one lock (model)' in out, out, err)
    code, out, err = run('compare', path, '--lanes', 'prefork,event-loop', '--metrics', 'throughput', '--json')
    comparisons = json.loads(out)['comparisons']
    check('the first lane named is the reference', code == DONE and len(comparisons) == 1
          and comparisons[0]['reference'] == PREFORK and find(comparisons, LOOP)['verdict'] == 'better'
          and comparisons[0]['alpha'] == .05, out, err)
    code, out, err = run('compare', path, '--metrics', 'throughput')
    check('only the metrics named are shown', 'Throughput' in out and 'Memory' not in out, out)
    code, out, err = run('compare', write(folder / 'few.json', with_runs(data, {LOOP: [9, 8, 7], PREFORK: [3, 2, 1]})))
    check('three runs each are too few', code == DONE and 'too few runs' in out, code, out, err)
    return path


def test_two_files(folder, data):
    before = with_runs(data, {LOOP: [100, 101, 102, 103, 104], PREFORK: [50, 51, 52, 53, 54]})
    after = copy.deepcopy(before)
    for one in after['session']['runs']:
        one['achieved_rate_hz'] *= 1.1 if one['lane'] == LOOP else 1.001
    after['session']['environment'] |= {'cpu_model': 'Another CPU', 'loadstone_version': '9.9'}
    after['session']['plan']['duration_ms'] = 7000
    before, after = write(folder / 'before.json', before), write(folder / 'after.json', after)
    code, out, err = run('compare', before, after, '--json', '--output', folder / 'deep' / 'said.json')
    said = json.loads(out)
    check('each lane is compared with itself', code == DONE and not err
          and [(one['reference'], one['lane']) for one in said['comparisons']] == [(LOOP, LOOP), (PREFORK, PREFORK)], out, err)
    check('the output holds the same', json.loads((folder / 'deep' / 'said.json').read_text(encoding='utf-8')) == said)
    check_schema('what is said is as its schema has it', SCHEMA, said)
    found = find(said['comparisons'], LOOP)
    check('10 % more of 5 runs against 5 is found by ranks', found['test'] == 'ranks' and found['verdict'] == 'better'
          and abs(found['p'] - 2 / 252) < 1e-9 and found['superiority'] == 1, found)
    check('0.1 % more is not', find(said['comparisons'], PREFORK)['verdict'] == 'no-detectable-difference', said)
    caveats = '\n'.join(said['caveats'])
    check('what differs beside is said', all(part in caveats for part in (
        'Another CPU', '9.9', 'seconds measured: 0.25 / 7', 'two moments')), caveats)
    code, out, err = run('compare', before, before, '--json')
    check('a file is no different from itself', code == DONE and all(
        metric['verdict'] in ('no-detectable-difference', 'too-few-runs')
        for one in json.loads(out)['comparisons'] for metric in one['metrics'].values()), out, err)
    check('nothing is worse', run('compare', before, after, '--fail-if-worse')[0] == DONE)
    code, out, err = run('compare', after, before, '--fail-if-worse')
    check('a regression is exit 3 where that is asked for', code == THRESHOLD and is_sentence(err, 'worse')
          and run('compare', after, before)[0] == DONE, code, out, err)
    single = write(folder / 'prefork.json', with_runs(data, {PREFORK: [50, 51, 52, 53, 54]}))
    other = write(folder / 'loop.json', with_runs(data, {LOOP: [100, 101, 102, 103, 104]}))
    code, out, err = run('compare', single, other)
    check('a single lane is compared with the other file\'s single one', code == DONE
          and f'Event loop (model) in {other} is better than Worker processes (model) in {single}' in out, out, err)
    code, out, err = run('compare', before, single, '--json')
    check('what only one file measured is said', code == DONE
          and any(text.startswith(f'Only “{before}”') and 'Event loop (model)' in text and 'Worker' not in text
                  for text in json.loads(out)['caveats']), out, err)
    code, out, err = run('compare', before, single, '--lanes', 'prefork', '--json')
    check('but not who named what to compare', code == DONE and not any('Only' in text for text in json.loads(out)['caveats']), out, err)
    return before


def test_invalid(folder, data):
    lost = with_runs(data, {LOOP: [100, 101, 102, 103, 104], PREFORK: [50, 51, 52, 53, 54]})
    for one in lost['session']['runs']:
        if one['lane'] == PREFORK:
            one |= {'valid': False, 'invalid_reasons': [{'code': 'server-died', 'text': 'It died.'}]}
    for more in ([], ['--lanes', 'event-loop,prefork']):
        code, out, err = run('compare', write(folder / 'lost.json', lost), *more)
        check(f'a lane without a valid run is exit 4 {more}', code == INVALID and is_sentence(err, 'no valid run')
              and 'Worker processes (model) has no valid run.' in out, code, out, err)
    lost['session']['runs'][5] |= {'valid': True, 'invalid_reasons': []}
    code, out, err = run('compare', write(folder / 'lost.json', lost))
    check('INVALID runs are said', code == DONE and 'Worker processes (model): 4 runs are INVALID and count nowhere.' in out, code, out, err)


def test_refused(folder, data, good):
    broken = folder / 'broken.json'
    broken.write_text('{"format": ', encoding='utf-8')
    elsewhere = copy.deepcopy(json.loads(good.read_text(encoding='utf-8')))
    elsewhere['session']['plan']['workloads'] = ['hello']
    for one in elsewhere['session']['runs']:
        one['workload'] = 'hello'
    elsewhere = write(folder / 'elsewhere.json', elsewhere)
    alone = write(folder / 'alone.json', with_runs(data, {LOOP: [1, 2, 3, 4, 5]}))
    threads = write(folder / 'threads.json', with_runs(data, {'model:asyncio': [1, 2], 'model:cluster': [1, 2]}))
    subprocess.run([MAKE_REPORT, '1', folder / 'unmeasured.json'], check=True, timeout=LIMIT_S)
    cases = {
        'no file': ([], 'before.json'),
        'three files': ([good, good, good], 'before.json'),
        'a missing file': ([folder / 'none.json'], 'none.json'),
        'a broken file': ([broken], 'broken.json'),
        'something else': ([write(folder / 'else.json', {'format': 'else', 'session': {}})], 'bench --output'),
        'what a newer Loadstone wrote': ([write(folder / 'new.json', data | {'version': 2})], 'newer'),
        'a report without a session': ([folder / 'unmeasured.json'], 'nothing was measured'),
        'a list': ([write(folder / 'list.json', data | {'session': [1]})], 'session'),
        'no common workload': ([good, elsewhere], 'no workload in common'),
        'a workload that is not there': ([good, '--workloads', 'json'], '--workloads'),
        'an unknown workload': ([good, '--workloads', 'helo'], 'hello'),
        'no common lane': ([good, threads], 'no lane in common'),
        'a lane that is not there': ([good, '--lanes', 'event-loop,asyncio'], LOOP),
        'an unknown lane': ([good, '--lanes', 'event-lop'], 'event-loop'),
        'one lane of one file': ([alone], 'only one lane'),
        'one lane named': ([good, '--lanes', 'prefork'], 'only one lane'),
        'an unknown metric': ([good, '--metrics', 'p98'], 'p99'),
        'a self-test of files': ([good, '--self-test'], 'leave out files'),
        'a self-test of lanes': (['--self-test', '--lanes', 'prefork'], '--lanes'),
        'no metric': ([good, '--metrics', ''], 'p99'),
        'a self-test of nothing': (['--self-test=0'], '--self-test is 0'),
        'a self-test of words': (['--self-test=many'], 'many'),
        'a self-test beyond all plans': (['--self-test-real=101'], '100'),
        'output to a folder': (['--self-test', '-o', folder], 'folder'),
    }
    for name, (args, part) in cases.items():
        code, out, err = run('compare', *args)
        check(f'{name} is refused in one sentence', code == USAGE and not out and is_sentence(err, part), code, out, err)


def test_self_test(folder):
    code, out, err = run('compare', '--self-test', '--json', '-o', folder / 'self-test.json')
    said = json.loads(out)
    check('the simulated self-test keeps its level', code == DONE and len(said['self_test']) == 2 and all(
        one['n_comparisons'] == 200 and .02 <= one['rate'] <= .09 and one['low'] < one['rate'] < one['high']
        for one in said['self_test']), out, err)
    check('it is written, too', json.loads((folder / 'self-test.json').read_text(encoding='utf-8')) == said)
    code, out, err = run('compare', '--self-test=50')
    check('people get sentences', code == DONE and out.count('Of 50 simulated comparisons') == 2, out, err)
    # One comparison of real runs: whatever it finds, it says so. A busy machine may leave none.
    code, out, err = run('compare', '--self-test-real=1', '--json')
    said = json.loads(out)
    check('the measured self-test measures', code in (DONE, INVALID) and len(said['session']['runs']) == 10
          and {one['kind'] for one in said['self_test']} == {'measured'}
          and all(one['n_comparisons'] <= 1 for one in said['self_test']), code, out[:500], err)


def test_junit(folder):
    path = folder / 'ci' / 'junit.xml'
    output = folder / 'with-self-test.json'
    code, out, err = run('bench', '--lanes', 'event-loop,prefork', '--workloads', 'slow,slow?ms=5', '--slo', 'p99=190ms',
                         '--junit', path, '--self-test-real=1', '-o', output, *SHORT)
    tree = xml.etree.ElementTree.parse(path).getroot()
    cases = {(case.get('classname'), case.get('name')): case for case in tree.iter('testcase')}
    check('JUnit has a case a lane and workload', code == THRESHOLD and set(cases) == {
        (workload, lane) for workload in ('slow', 'slow?ms=5') for lane in (LOOP, PREFORK)}, code, cases, err)
    check('a missed SLO is a failure', all(
        [failure.get('type') for failure in cases['slow', lane].iter('failure')] == ['slo'] for lane in (LOOP, PREFORK)))
    check('counts and times are those of the cases', [(suite.get('name'), suite.get('tests')) for suite in tree.iter('testsuite')]
          == [('slow', '2'), ('slow?ms=5', '2')] and tree.find('testsuite').get('failures') == '2'
          and all(float(case.get('time')) > 0 for case in cases.values()))
    if shutil.which('xmllint'):
        done = subprocess.run(['xmllint', '--noout', path], capture_output=True, text=True, check=False)
        check('xmllint reads it', done.returncode == 0, done.stderr)
    session = json.loads(output.read_text(encoding='utf-8'))['session']
    check('a session holds its comparisons and self-tests', [one['kind'] for one in session['self_test']]
          == ['simulated'] * 2 + ['measured'] * 4 and all(one['made_at'] and one['n_comparisons'] in
                                                          ((200,) if one['metric'] is None else (0, 1))
                                                          for one in session['self_test'])
          and out.count('comparisons of a lane with itself') == 6
          and {one['workload'] for one in session['comparisons']} == {'slow', 'slow?ms=5'}, session['comparisons'])
    check_schema('the session is as the schema has it', REPORT_SCHEMA, session, 'session')
    code, out, err = run('bench', '--lanes', 'event-loop', '--workloads', 'slow', '--junit', path, *SHORT,
                         LOADSTONE_SERVER=FAKE_SERVER, FAKE_SERVER='exit-early')
    failures = list(xml.etree.ElementTree.parse(path).getroot().iter('failure'))
    check('INVALID is a failure with its reason', code == INVALID and [one.get('type') for one in failures] == ['invalid']
          and failures[0].get('message').startswith('INVALID: '), code, failures, err)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.environ['LOADSTONE_HISTORY'] = str(folder / 'history.sqlite')
        measured = folder / 'measured.json'
        code, _, err = run('bench', '--lanes', 'event-loop', '--workloads', 'slow', '-o', measured, *SHORT)
        check('there is something to compare', code == DONE, err)
        data = json.loads(measured.read_text(encoding='utf-8'))
        good = test_one_file(folder, data)
        test_two_files(folder, data)
        test_invalid(folder, data)
        test_refused(folder, data, good)
        subprocess.run([MAKE_REPORT, '0', folder / 'report.json'], check=True, timeout=LIMIT_S)
        code, out, err = run('compare', folder / 'report.json')
        check('lanes of a report are compared', code == DONE and 'JSON object' in out, code, out, err)
        test_self_test(folder)
        test_junit(folder)
    tap.end()


main()
