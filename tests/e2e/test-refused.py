#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line refuses: by one sentence and exit code 2, and nothing that was there is lost.

test-refused.py CLI
"""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile

import tap

CLI = os.path.abspath(sys.argv[1])
DONE, FAILED, USAGE = range(3)
LIMIT_S = 60
SHORT = ['bench', '--lanes', 'event-loop,prefork', '--workloads', 'slow?ms=5', '-c', '4', '-d', '200ms', '-w', '0', '-r', '1']
# Nothing listens there, which would be said if it were tried.
NOWHERE = 'http://127.0.0.1:1/'


def run(*args, **more):
    """Runs the command to its end. Returns (exit code, standard output, standard error)."""
    done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          stdin=subprocess.DEVNULL, env=os.environ | {'LC_ALL': 'C.UTF-8'} | more)
    return done.returncode, done.stdout, done.stderr


def check(name, good, *said):
    """Reports one point, with what was said when it is not good."""
    tap.point(good, '\n'.join(str(text) for text in said), name)


def refused(name, args, *parts):
    """Checks that the command refuses @args by one sentence that holds all @parts."""
    code, out, err = run(*args)
    check(f'{name} is refused in one sentence', code == USAGE and not out and err.count('\n') == 1
          and err.startswith('loadstone-cli ') and err.strip()[-1] in '.?' and all(part in err for part in parts), code, out, err)


def test_outputs(folder):
    """An output is never what is read, the history, or another output."""
    session, history = folder / 'session.json', folder / 'history.sqlite'
    code, out, err = run(*SHORT, '-o', session, '--database', history)
    check('something is measured', session.exists() and history.exists(), code, out, err)
    (folder / 'link.json').symlink_to(session)
    plan = folder / 'plan.json'
    plan.write_text(run(*SHORT, '--print-plan')[1], encoding='utf-8')
    before = {path: path.read_bytes() for path in (session, history, plan)}
    new = folder / 'new'
    refused('a comparison over a file that is compared', ['compare', session, '-o', session], 'would be lost')
    refused('one over a link to the second', ['compare', folder / 'link.json', session, '-o', folder / 'link.json'], 'link.json')
    refused('an export over the history', ['history', 'export', '1', '--database', history, '-o', history], 'the history')
    refused('one over what belongs to it', ['history', 'export', '1', '--database', history, '-o', f'{history}-wal'], 'the history')
    refused('an export to a folder', ['history', 'export', '1', '--database', history, '-o', folder], 'is a folder')
    refused('a session over the history', ['bench', '--database', history, '-o', history], 'the history')
    refused('JUnit over the session', ['bench', '-o', new, '--junit', folder / '.' / 'new'], '--output and --junit')
    refused('a session over its plan', ['bench', '--plan', plan, '-o', plan], 'plan.json')
    refused('a session to standard output', ['bench', '-o', '-'], '--output is “-”')
    refused('two results in one file', ['load', NOWHERE, '--json', new, '--hgrm', new], '--hgrm and --json')
    refused('two results on standard output', ['load', NOWHERE, '--json', '-', '--hgrm', '-'], '--hgrm and --json')
    refused('a result over its plan', ['load', NOWHERE, '--plan', plan, '--json', plan], 'plan.json')
    refused('a report over its source', ['report', session, '--pdf', session], 'would be lost')
    refused('a report in two forms in one file', ['report', session, '--pdf', new, '--json', new], '--json and --pdf')
    refused('a report to a folder', ['report', session, '--pdf', folder], 'is a folder')
    refused('answers over the rules', ['advise', '--set', 'mix=io', '--rules', plan, '--save', plan], 'plan.json')
    refused('answers to a folder', ['advise', '--set', 'mix=io', '--save', folder], 'is a folder')
    check('nothing was lost, nothing made', before == {path: path.read_bytes() for path in before} and not new.exists())
    code, out, err = run('bench', '-o', '/dev/null', '--junit', '/dev/null', '--print-plan')
    check('a device may be named twice', code == DONE and out, code, err)


def test_history(folder):
    """Nothing is read from a history that is not there, and filters that nothing passes are refused."""
    history, missing = folder / 'history.sqlite', folder / 'mistyped' / 'history.sqlite'
    for args in (['list'], ['search', 'x'], ['show', '1'], ['export', '1'], ['resume', '1'], ['tag', '1', 'x'], ['rename', '1', 'x'],
                 ['delete', '1'], ['undo'], ['purge'], ['assessments'], ['milestone', 'A', 'x', '1'], ['diff', 'A', 'x', 'y'], ['check']):
        refused(f'{args[0]} of a history that is not there', ['history', *args, '--database', missing], 'There is no history')
    for command in ('bench', 'assess'):
        refused(f'going on with {command} in one', [command, '--resume', '1', '--database', missing, '-o', folder / 'new'], 'There is no history')
    refused('a history that is a folder', ['history', 'list', '--database', folder], 'is a folder')
    check('no history was made', not missing.parent.exists())
    refused('a rate that is none', ['history', 'list', '--min-rate', 'nan', '--database', history], '--min-rate is nan')
    refused('a negative rate', ['history', 'list', '--min-rate', '-1', '--database', history], '--min-rate is -1')
    refused('a time without a day', ['history', 'list', '--since', '2026-03-02', '--until', '2026-03-01', '--database', history], '2026-03-02')
    refused('a search for nothing', ['history', 'search', '', '--database', history], 'Name a word')
    refused('a rename without a name', ['history', 'rename', '--assessment', 'A', '--database', history], '--assessment')
    code, out, err = run('history', 'assessments', '--database', history)
    check('no assessment is told', code == DONE and not out and 'milestone' in err, code, out, err)
    for name in ('first', 'second'):
        run('history', 'milestone', 'A', name, '1', '--database', history)
    code, out, err = run('history', 'rename', '--assessment', 'A', 'B', '--database', history)
    check('an assessment gets another name', code == DONE and run('history', 'assessments', '--database', history)[1].startswith('B\n'), code, err)
    code, out, err = run('history', 'diff', 'B', 'first', 'second', '--database', history)
    rows = [line for line in out.splitlines() if line.startswith('model:')]
    check('a single run has no interval', code == DONE and rows and not any('(' in row for row in rows), out, err)
    # What is imported makes its history.
    code, out, err = run('history', 'import', folder / 'session.json', '--database', missing)
    check('an import makes a history', code == DONE and missing.exists(), code, err)


def test_plans(folder):
    """A plan that cannot be heard as a whole is refused, and so is an option that means nothing."""
    session, typo, newer = folder / 'session.json', folder / 'typo.json', folder / 'newer.json'
    typo.write_text('{"url": "http://127.0.0.1:1/", "conections": 5}', encoding='utf-8')
    newer.write_text('{"version": 99, "lanes": ["prefork"], "colour": 3}', encoding='utf-8')
    refused('a session as a plan of bench', ['bench', '--plan', session], 'session.json', 'loadstone-session')
    refused('one as a plan of assess', ['assess', '--plan', session, '-o', folder / 'new'], 'session.json', 'loadstone-session')
    refused('a newer plan with more in it', ['bench', '--plan', newer], 'newer.json', 'version 99')
    refused('a plan of another command', ['bench', '--plan', typo], 'typo.json')
    refused('a plan without a lane', ['bench', '--lanes', 'event-loop', '--workloads', 'hello', '--lanes', ''], 'names no lane')
    refused('a tag that nothing keeps', ['bench', '--tag', 'x', '--no-history'], '--tag and --no-history')
    refused('a tag that is none', ['bench', '--tag', '', '-o', folder / 'never' / 'x.json'], 'The tag')
    refused('no repeats', ['bench', '-r', '0', '-o', folder / 'never' / 'x.json'], '--repeats is 0')
    check('no folder was made for what was refused', not (folder / 'never').exists())
    refused('workers that no lane has', ['bench', '--lanes', 'event-loop', '--scale', 'workers:1,2,4'], 'scale_workers')
    refused('a session as a plan of load', ['load', NOWHERE, '--plan', session], 'format')
    refused('a mistyped plan of load', ['load', '--plan', typo], '“conections”', '“connections”')
    refused('a rate that is none', ['load', NOWHERE, '--rate', 'nan'], '--rate is nan')
    refused('a ceiling that is none', ['load', NOWHERE, '--max-rate', 'inf'], '--max-rate is inf')
    refused('random moments without a rate', ['load', NOWHERE, '--poisson'], '-R')
    refused('random thinking without a mean', ['load', NOWHERE, '--think-random'], '--think')
    for option, member in (('--idle', 'idle'), ('--payload', 'payload_bytes'), ('--expect-length', 'length'), ('-c', 'connections'),
                           ('-n', 'count'), ('--requests-per-connection', 'requests_per_connection'), ('--rate', 'rate_hz')):
        refused(f'load {option} -1', ['load', 'ws://127.0.0.1:1/' if option == '--payload' else NOWHERE, option, '-1'], f'“{member}”', '-1')


def test_no_room(folder):
    """Where a file may not become so large, that is told, and none is left that is not whole."""
    kept = folder / 'kept.json'
    done = subprocess.run([CLI, 'advise', '--set', 'mix=io', '--set', 'team=2-5', '--save', kept], capture_output=True, text=True,
                          timeout=LIMIT_S, check=False, stdin=subprocess.DEVNULL,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8)))
    check('a file that cannot be written is told in one sentence', done.returncode == FAILED and done.stderr.count('\n') == 1
          and 'kept.json' in done.stderr, done)
    check('nothing half-written is left', not list(folder.glob('kept*')), list(folder.iterdir()))


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.environ['LOADSTONE_HISTORY'] = str(folder / 'usual.sqlite')
        test_outputs(folder)
        test_history(folder)
        test_plans(folder)
        test_no_room(folder)
    tap.end()


main()
