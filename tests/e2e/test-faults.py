#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may happen in the middle of a measurement: each run that it spoils says why, and the session goes on.

test-faults.py CLI SERVER STEP-CLOCK

Real servers and the real load generator. A run that nothing was done to may still be INVALID on a machine that
others use meanwhile; it has other reasons then.
"""

import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time

import tap

CLI, SERVER, STEP_CLOCK = (os.path.abspath(path) for path in sys.argv[1:4])
DONE, FAILED, USAGE, THRESHOLD, INVALID = range(5)
LIMIT_S = 90
# Two runs of a server that is far from busy.
PLAN = ['bench', '--lanes', 'event-loop', '-R', '200', '-c', '4', '-d', '1.2s', '-w', '300ms', '-r', '2', '--timeout', '500ms',
        '--json']
SANITIZED = b'__asan_init' in pathlib.Path(SERVER).read_bytes()


def start(*args, preexec=None, **more):
    """Starts the command."""
    return subprocess.Popen([CLI, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
                            env=os.environ | {'LC_ALL': 'C.UTF-8'} | more, preexec_fn=preexec)


def finish(process):
    """Returns (exit code, the session, standard error) of the command."""
    out, err = process.communicate(timeout=LIMIT_S)
    try:
        document = json.loads(out)
    except ValueError:
        return process.returncode, {'runs': []}, err
    return process.returncode, document.get('session', document), err


def wait_for(condition):
    """Returns what @condition returns once that is true; raises after a long while."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise TimeoutError('what was waited for did not come')


def child(pid, name):
    """Returns the process of @name that @pid has started, if it is there."""
    for task in pathlib.Path(f'/proc/{pid}/task').glob('*/children'):
        try:
            for found in task.read_text(encoding='ascii').split():
                if pathlib.Path(f'/proc/{found}/comm').read_text(encoding='utf-8').strip() == name[:15]:
                    return int(found)
        except OSError:
            continue
    return None


def codes(run):
    return [reason['code'] for reason in run['invalid_reasons']]


def strike(name, target, number, expected):
    """Sends the signal to one of the two children in the first run, once load is on."""
    process = start(*PLAN)
    wait_for(lambda: child(process.pid, 'loadstone-load'))
    time.sleep(0.7)
    victim = child(process.pid, target)
    os.kill(victim, number)
    _, session, err = finish(process)
    runs = session['runs']
    tap.point(len(runs) == 2 and not runs[0]['valid'] and bool(set(codes(runs[0])) & expected),
              f'{[codes(run) for run in runs]} {err}', f'{name}: its run is INVALID and says why')
    tap.point(len(runs) == 2 and not set(codes(runs[1])) & expected and runs[1]['requests'] > 0,
              f'{[codes(run) for run in runs]} {err}', f'{name}: the next run is made')
    tap.point(not pathlib.Path(f'/proc/{victim}').exists(), '', f'{name}: nothing is left of it')


def test_one_processor():
    core = min(os.sched_getaffinity(0))
    _, session, err = finish(start(*PLAN, preexec=lambda: os.sched_setaffinity(0, {core})))
    tap.point([warning['code'] for warning in session.get('warnings', [])].count('one-processor') == 1
              and len(session['runs']) == 2 and session['environment']['cpus'] == 1,
              f'{session.get("warnings")} {err}', 'one processor: measured, and said')


def test_few_files():
    """So few that the load generator cannot have its connections: it says so, the conductor goes on."""
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    code, session, err = finish(start(*PLAN, '-c', '100', preexec=limit))
    tap.point(code == INVALID and len(session['runs']) == 2 and all(codes(run) for run in session['runs']) and
              any('files' in reason['text'] for run in session['runs'] for reason in run['invalid_reasons']),
              f'{code} {[run["invalid_reasons"] for run in session["runs"]]} {err}',
              '64 file descriptors: 100 connections are refused in a sentence')
    _, session, err = finish(start(*PLAN, preexec=limit))
    tap.point(len(session['runs']) == 2 and all(run['requests'] > 0 for run in session['runs']), err,
              '64 file descriptors: 4 connections are measured')


def test_second_instance(folder):
    lock = str(folder / 'lock')
    first = start(*PLAN, LOADSTONE_LOCK=lock)
    wait_for(lambda: child(first.pid, 'loadstone-load'))
    second = start(*PLAN, LOADSTONE_LOCK=lock)
    for process in (first, second):
        code, session, err = finish(process)
        tap.point(code == INVALID and len(session['runs']) == 2 and 'another-measurement' in codes(session['runs'][0]),
                  f'{code} {[codes(run) for run in session["runs"]]} {err}',
                  'a second instance: the first run of each is INVALID and says why')
    _, session, err = finish(start(*PLAN, LOADSTONE_LOCK=lock))
    tap.point(len(session['runs']) == 2 and not any('another-measurement' in codes(run) for run in session['runs']), err,
              'a second instance: none is seen when it has ended')


def test_clock():
    _, session, err = finish(start(*PLAN, LD_PRELOAD=STEP_CLOCK))
    runs = session['runs']
    good = len(runs) == 2 and all(
        not set(codes(run)) - {'schedule-lag', 'rate-missed', 'client-saturated'} and 1.0 < run['duration_s'] < 60
        and run['response_max_ns'] < 60e9 for run in runs)
    tap.point(good, f'{[codes(run) for run in runs]} {err}', 'the clock is set an hour ahead: no figure knows of it')
    tap.point(good and runs[1]['started_at_us'] - runs[0]['started_at_us'] > 3000e6,
              '', 'the clock is set an hour ahead: it was')


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.environ['LOADSTONE_HISTORY'] = str(folder / 'history.sqlite')
        strike('server killed', 'loadstone-server', signal.SIGKILL, {'server-died'})
        strike('server stopped', 'loadstone-server', signal.SIGSTOP, {'errors', 'timeouts', 'rate-missed', 'server-silent'})
        strike('load generator killed', 'loadstone-load', signal.SIGKILL, {'load-died'})
        strike('load generator stopped', 'loadstone-load', signal.SIGSTOP, {'load-silent'})
        test_one_processor()
        if not SANITIZED:  # whose own files would not fit
            test_few_files()
            test_clock()
        test_second_instance(folder)
    tap.end()


main()
