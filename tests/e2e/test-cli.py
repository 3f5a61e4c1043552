#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as scripts depend on it: data, sentences, exit codes, and nothing left behind.

test-cli.py CLI SERVER FAKE-SERVER PLAN-SCHEMA [assess|history]
"""

import json
import math
import os
import pathlib
import resource
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

import tap

CLI, SERVER, FAKE_SERVER, PLAN_SCHEMA = (os.path.abspath(path) for path in sys.argv[1:5])
DONE, FAILED, USAGE, THRESHOLD, INVALID = range(5)
LIMIT_S = 90
SHORT = ['-c', '4', '-d', '400ms', '-w', '300ms', '-r', '1']


def environment(**more):
    """Returns the environment of a child, with @more in it."""
    return os.environ | {'LC_ALL': 'C.UTF-8'} | more


def run(*args, **more):
    """Runs the command to its end. Returns (exit code, standard output, standard error)."""
    done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          stdin=subprocess.DEVNULL, env=environment(**more))
    return done.returncode, done.stdout, done.stderr


def start(*args, **more):
    """Starts the command."""
    return subprocess.Popen([CLI, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            stdin=subprocess.DEVNULL, env=environment(**more))


def wait_for(condition):
    """Returns what @condition returns once that is true; raises after a long while."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise TimeoutError('what was waited for did not come')


def children(pid):
    """Returns {process id: name} of all that descend from @pid."""
    found = {}
    for task in pathlib.Path(f'/proc/{pid}/task').glob('*/children'):
        try:
            ids = task.read_text(encoding='ascii').split()
        except OSError:
            continue
        for child in ids:
            try:
                found[int(child)] = pathlib.Path(f'/proc/{child}/comm').read_text(encoding='utf-8').strip()
            except OSError:
                continue
            found |= children(int(child))
    return found


def is_gone(pid):
    """Returns whether @pid has ended; a zombie that nobody reaps in a container has."""
    try:
        stat = pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='utf-8')
    except OSError:
        return True
    return stat.rsplit(')', 1)[1].split()[0] == 'Z'


def both_children(process):
    """Returns the descendants once server and load generator run."""
    def look():
        found = children(process.pid)
        return found if {'loadstone-serve', 'loadstone-load'} <= set(found.values()) else None
    return wait_for(look)


def find(processes, name):
    """Returns the lowest process id of that name."""
    return min(pid for pid, comm in processes.items() if comm == name)


def is_sentence(text, *parts):
    """Returns whether @text ends in one line from the program that holds all @parts."""
    last = text.strip().splitlines()[-1] if text.strip() else ''
    return last.startswith('loadstone-cli ') and last[-1] in '.?' and all(part in last for part in parts)


def check(name, good, *said):
    """Reports one point, with what was said when it is not good."""
    tap.point(good, '\n'.join(str(text) for text in said), name)


def test_lists():
    code, out, err = run('lanes', '--json')
    lanes = json.loads(out)['lanes']
    check('lanes are listed as JSON', code == DONE
          and {'model:event-loop', 'model:gil-threads', 'model:prefork', 'real:node-http', 'real:python-asyncio'}
          <= {lane['id'] for lane in lanes}
          and all(lane['id'].startswith(lane['provenance'] + ':') and lane['label'].endswith(f"({lane['provenance']})")
                  and (lane['obstacle'] is None) == lane['available'] for lane in lanes), out, err)
    check('what runs here has its version', all(lane['version'] for lane in lanes
                                                if lane['provenance'] == 'real' and lane['available']), out, err)
    code, out, err = run('profiles', '--json')
    profiles = {profile['id']: profile for profile in json.loads(out)['profiles']}
    check('profiles are listed with where they come from', code == DONE and profiles['node-http']['models'][0] == 'M1'
          and all(profile['provenance']['source'] and profile['provenance']['kind'] in ('claim', 'measured', 'derived')
                  for profile in profiles.values()), out, err)
    code, out, err = run('profiles')
    check('profiles are listed for people', code == DONE and all(f'{name} ' in out for name in profiles)
          and 'derived: DOMAIN C.0' in out, out, err)
    code, out, err = run('models', '--json')
    listed = subprocess.run([SERVER, '--list-models'], capture_output=True, text=True, check=True).stdout
    check('models are those of the server', {model['id'] for model in json.loads(out)['models']}
          == {line.split('\t')[0] for line in listed.splitlines()}, out, listed)
    code, out, err = run('workloads', '--json')
    listed = subprocess.run([SERVER, '--list-workloads'], capture_output=True, text=True, check=True).stdout
    usage = dict(line.split('\t') for line in listed.splitlines())
    workloads = json.loads(out)['workloads']
    alone = [w for w in workloads if w['beside'] is None]
    check('workloads are those of the server', {w['id'] for w in alone} == set(usage)
          and all(f"{w['method']} {w['path']}".split('?')[0] in usage[w['id']] for w in alone), out, listed)
    check('or two of them at a time', len(alone) < len(workloads)
          and all(any(w['beside'].split('?')[0] in one for one in usage.values()) for w in workloads if w not in alone), out, listed)


def test_help():
    """Each command says what it is for, and how it ends."""
    code, out, err = run('--help')
    commands = [line.split()[0] for line in out.split('Commands:')[1].split('“')[0].splitlines() if line.strip()]
    check('help lists the commands and tells how they end', code == DONE and 'bench' in commands and 'Exit status: 0' in out, out)
    code, out, err = run('history', '--help')
    check('help of the history tells what an ID is', code == DONE and 'ID is' in out, out)
    below = [['history', line.split()[0]] for line in out.split('Subcommands:')[1].split('ID is')[0].splitlines() if line.strip()]
    for command in [[name] for name in commands if name != 'history'] + below:
        code, out, err = run(*command, '--help')
        lines = out.split('\n\n')
        check(f'help of {" ".join(command)}', code == DONE and not err and lines[0].startswith('Usage:')
              and lines[1].endswith('.') and 'Exit status: 0' in out, out)


def test_full_output():
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([CLI, 'questions', '--json'], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=LIMIT_S, check=False, env=environment())
        helped = subprocess.run([CLI, '--help'], stdout=full, stderr=subprocess.PIPE, text=True, timeout=LIMIT_S,
                                check=False, env=environment())
        missed = subprocess.run([CLI, 'bench', '--lanes', 'event-loop', '--workloads', 'slow', '--slo', 'p99=1us', *SHORT],
                                stdout=full, stderr=subprocess.PIPE, text=True, timeout=LIMIT_S, check=False, env=environment())
    check('help that cannot be written is exit 1', helped.returncode == FAILED and 'standard output' in helped.stderr, helped)
    check('so is a finding, which is told too', missed.returncode == FAILED and 'limit' in missed.stderr.splitlines()[-2]
          and is_sentence(missed.stderr, 'standard output'), missed)
    check('data that cannot be written is exit 1', done.returncode == FAILED and is_sentence(done.stderr, 'standard output'),
          done.returncode, done.stderr)


def test_bad_input(folder):
    broken = folder / 'broken.json'
    broken.write_text('{"answers": {"mix": ', encoding='utf-8')
    unknown = folder / 'unknown.json'
    unknown.write_text('{"answers": {"mixx": "io"}}', encoding='utf-8')
    cases = {
        'an unknown question': (['advise', '--set', 'mixx=io'], 'mixx'),
        'an unknown criterion': (['advise', '--weight', 'zzzzzzzzz=3'], 'explain'),
        'a weight that is none': (['advise', '--weight', 'conc'], '--weight conc=8'),
        'a plan and a quick one': (['assess', '--quick', '--plan', broken, '-o', folder / 'never'], '--plan'),
        'a session with another title': (['assess', '--resume', '1', '--title', 'x', '-o', folder / 'never'], '--title'),
        'going on without the history': (['assess', '--resume', '1', '--no-history', '-o', folder / 'never'], '--no-history'),
        'a tag that is none': (['assess', '--tag', '', '-o', folder / 'never'], 'tag'),
        'an unknown value': (['advise', '--set', 'conns=100k'], 'conns'),
        'a broken answers file': (['advise', '--answers', broken], 'broken.json'),
        'a broken answers file for assess': (['assess', '--answers', broken, '-o', folder / 'never'], 'broken.json'),
        'an unknown question in a file': (['assess', '--answers', unknown, '-o', folder / 'never'], 'mixx'),
        'an unknown value for assess': (['assess', '--set', 'mix=oi', '-o', folder / 'never'], 'mix'),
        'a missing answers file': (['assess', '--answers', folder / 'none.json'], 'none.json'),
        'an unknown lane': (['bench', '--lanes', 'event-lop'], 'event-loop'),
        'an unknown workload': (['bench', '--workloads', 'helo'], 'hello'),
        'a workload that a lane cannot serve': (['bench', '--lanes', 'prefork', '--workloads', 'hello,chat'], 'chat'),
        'a parameter out of range': (['bench', '--workloads', 'slow?ms=60001'], '60000'),
        'a parameter that is none': (['bench', '--workloads', 'slow?s=1'], 'ms'),
        'an SLO that is none': (['bench', '--slo', '50'], 'p99=50ms'),
        'a load that is none': (['bench', '--load', 'hello=x'], 'hello=64@2000'),
        'a load with no rate behind its sign': (['bench', '--load', 'hello=64@'], 'hello=64@2000'),
        'a load of what is not measured': (['bench', '--load', 'slow=8'], '--workloads'),
        'fewer connections than client threads': (['bench', '-c', '1', '-t', '2'], 'client_threads'),
        'less than no connections': (['bench', '-c', '-5'], '--connections is -5'),
        'more workers than can be': (['bench', '--workers', '257'], '--workers'),
        'an unknown option': (['bench', '--lane', 'event-loop'], '--help'),
        'a server elsewhere': (['bench', '--lanes', 'url:http://server.example'], '--allow-host server.example'),
        'a server elsewhere without a rate': (['bench', '--lanes', 'url:http://server.example', '--allow-host', 'server.example'], '--rate 100'),
        'a server that is no address': (['bench', '--lanes', 'url:127.0.0.1:80'], 'http://127.0.0.1:8080'),
        'serve with a server that is there': (['serve', '--model', 'url:http://127.0.0.1:8080'], 'models'),
        'serve with workers where there are none': (['serve', '--model', 'event-loop', '--workers', '2'], '--workers'),
        'serve with too many workers': (['serve', '--model', 'prefork', '--workers', '257'], '256'),
        'a duration that is none': (['bench', '-d', 'long'], 'long'),
        'a duration out of range': (['bench', '-d', '0'], 'duration_ms'),
        'no connections': (['bench', '-c', '0'], 'connections'),
        'two kinds of loop': (['bench', '--closed', '-R', '10'], '--closed'),
        'a stray argument': (['bench', 'event-loop'], 'event-loop'),
        'serve without a model': (['serve'], '--model'),
        'serve with an unknown model': (['serve', '--model', 'even-loop'], 'event-loop'),
        'serve with an unknown profile': (['serve', '--model', 'event-loop', '--profile', 'node-htp'], 'node-http'),
        'serve with a profile of another model': (['serve', '--model', 'prefork', '--profile', 'node-http'], 'prefork (M6)'),
        'serve with a broken profile': (['serve', '--model', 'event-loop', '--profile', broken], 'broken.json'),
        'calibrate an unknown runtime': (['calibrate', 'node-htp'], 'node-htp'),
        'calibrate a model': (['calibrate', 'model:event-loop'], 'no real runtime'),
        'calibrate to where no folder can be': (['calibrate', 'twin:node-http', '-o', '/proc/loadstone-profiles'], '/proc/loadstone-profiles'),
        'serve on an impossible port': (['serve', '--model', 'event-loop', '--port', '70000'], '65535'),
    }
    for name, (args, part) in cases.items():
        code, out, err = run(*args)
        check(f'{name} is refused in one sentence', code == USAGE and not out and err.count('\n') == 1
              and is_sentence(err, part), code, out, err)
    check('nothing was made for what was refused', not (folder / 'never').exists())


def test_output_refused(folder):
    """What cannot be written is refused before anything is measured."""
    file = folder / 'a-file'
    file.write_text('', encoding='utf-8')
    pid_file = folder / 'pid'
    for path in (file / 'below', '/proc/loadstone-report'):
        for args in (['assess', '--quick', '-o', path], ['bench', '-o', pathlib.Path(path) / 'out.json']):
            code, out, err = run(*args, LOADSTONE_SERVER=FAKE_SERVER, FAKE_PID_FILE=str(pid_file))
            check(f'{args[0]}: output to {pathlib.Path(path).name} is refused', code == USAGE and not out
                  and err.count('\n') == 1 and is_sentence(err), code, out, err)
    for args, part in ((['--scale', 'threads:1,2'], 'connections:1,2,4,8'), (['--scale', 'workers:'], '--scale'),
                       (['--scale', 'connections:4,2'], 'ascend'), (['--for', '64@'], '--for'),
                       (['--find-knee', '--closed'], '--find-knee')):
        code, out, err = run('bench', '--lanes', 'event-loop', *args)
        check(f'bench {" ".join(args)} is refused', code == USAGE and not out and is_sentence(err, part), code, out, err)
    code, out, err = run('bench', '-o', folder)
    check('bench: output to a folder is refused', code == USAGE and is_sentence(err, 'folder'), code, err)
    for option in ('--json', '--hgrm', '--hlog'):
        for path in (folder, file / 'below'):
            # Nothing listens there, which would be said if it were tried.
            code, out, err = run('load', 'http://127.0.0.1:1/', option, path)
            check(f'load: {option} to {pathlib.Path(path).name} is refused first', code == USAGE and not out
                  and err.count('\n') == 1 and is_sentence(err, 'folder'), code, out, err)
    check('no server was started for it', not pid_file.exists())


def test_bench(folder):
    path = folder / 'new' / 'result.json'
    code, out, err = run('bench', '--lanes', 'event-loop,prefork', '--workloads', 'slow', '--json', '-o', path, *SHORT)
    data = json.loads(out)
    runs = data['session']['runs']
    check('bench measures, prints JSON and nothing else', code == DONE and len(runs) == 2
          and all(one['valid'] and one['requests'] > 0 for one in runs), code, err)
    check('bench writes the same', json.loads(path.read_text(encoding='utf-8')) == data)
    check('bench tells each run on standard error', err.count('\n') == 2, err)
    samples = runs[0]['samples']
    check('samples stand on one axis', len({len(column) for column in samples.values()}) == 1
          and samples['t_ns'] == sorted(samples['t_ns']) and samples['t_ns'][0] < 0 < samples['t_ns'][-1]
          and max(samples['n_processes']) >= 1, samples)
    try:
        import jsonschema
        schema = json.loads(pathlib.Path(PLAN_SCHEMA).read_text(encoding='utf-8'))
        jsonschema.Draft202012Validator.check_schema(schema)
        errors = list(jsonschema.Draft202012Validator(schema).iter_errors(data['session']['plan']))
        check('the plan is as its schema has it', not errors, errors)
        errors = list(jsonschema.Draft202012Validator(schema).iter_errors(data['session']['plan'] | {'repeats': 0}))
        check('the schema refuses what is no plan', errors)
    except ImportError:
        tap.skip('python3-jsonschema is not installed', 'the plan is as its schema has it')
    code, out, err = run('workloads', '--json')
    every = [workload['id'] for workload in json.loads(out)['workloads'] if workload['kind'] == 'requests']
    code, out, err = run('bench', '--lanes', 'event-loop', '--workloads', ','.join(every), '--json',
                         '-c', '2', '-d', '100ms', '-w', '0', '-r', '1')
    runs = json.loads(out)['session']['runs']
    check('every workload is answered well when measured', [one['workload'] for one in runs] == every
          and all(one['errors'] == 0 for one in runs), [(one['workload'], one['errors']) for one in runs], err)
    code, out, err = run('bench', '--lanes', 'event-loop', '--workloads', 'slow', '--slo', 'p99=1ms', *SHORT)
    check('a missed SLO is exit 3', code == THRESHOLD and 'Event loop (model)' in out and is_sentence(err, '1.00'), code, out, err)
    code, out, err = run('bench', '--lanes', 'event-loop', '--workloads', 'slow', '--slo', 'p99=30s', *SHORT)
    check('a kept SLO is exit 0', code == DONE, code, out, err)


def test_stream(folder):
    """Where connections stay open people see deliveries, while they are measured and after."""
    path = folder / 'stream.json'
    chat = ('bench', '--lanes', 'event-loop', '--workloads', 'chat,live?hz=100', '--load', 'chat=4@50', '--load', 'live?hz=100=4', *SHORT)
    code, out, err = run(*chat, '-o', path)
    tables = [line.split() for line in out.splitlines() if 'Lane' in line]
    # On a busy machine a run may be refused; what is shown stays the same.
    check('a table of streams has deliveries, their times and reach', code in (DONE, INVALID) and len(tables) == 2 and all(
        table == 'Lane Deliveries Delivery p50 Delivery p99 Reach PSS Runs'.split() for table in tables), code, out, err)
    runs = json.loads(path.read_text(encoding='utf-8'))['session']['runs']
    for one in runs:
        measured = [i for i, phase in enumerate(one['samples']['phase']) if phase == 1]
        rates = [one['samples']['deliveries_hz'][i] or 0 for i in measured]
        times = [one['samples']['delivery_p99_ns'][i] for i in measured]
        check(f'{one["workload"]}: deliveries are kept along the run and of all of it',
              max(rates) > 0 and any(time is not None and time > 0 for time in times)
              and one['delivery_histogram'] and one['delivery_max_ns'] > 0
              and 'delivery_histogram' not in one['load_result']['stream'], one['samples'])
    code, out, err = run(*chat, '--slo', 'p99=0.0001ms')
    check('a delivery above the SLO is exit 3, or the run is no good', code in (THRESHOLD, INVALID), code, out, err)
    code, out, err = run('bench', '--lanes', 'event-loop', '--workloads', 'live', '--find-knee')
    check('what only listens has no knee', code == USAGE and not out and is_sentence(err, 'live', '--find-knee'), code, out, err)


def test_live_line():
    """What is seen on a terminal while a stream is loaded."""
    process = start('serve', '--model', 'event-loop', '--json')
    port = json.loads(process.stdout.readline())['port']
    ours, theirs = os.openpty()
    load = subprocess.Popen([CLI, 'load', f'ws://127.0.0.1:{port}/chat', '--stream', 'broadcast', '-c', '4', '-R', '50', '-d', '1s',
                             '-w', '0'], stdout=subprocess.DEVNULL, stderr=theirs, stdin=subprocess.DEVNULL, env=environment())
    os.close(theirs)
    seen = b''
    try:
        while block := os.read(ours, 65536):
            seen += block
    except OSError:
        pass  # the other end was closed
    os.close(ours)
    load.wait(LIMIT_S)
    check('while a stream is loaded its deliveries are shown', b'/s delivered, delivery p50 ' in seen and b'response time' not in seen, seen)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT_S)


def test_plan(folder):
    path, answers = folder / 'plan.json', folder / 'chat.json'
    answers.write_text(json.dumps({'answers': {'usecase': 'chat', 'conns': '1k-10k', 'lat': '100'}}), encoding='utf-8')
    code, out, err = run('assess', '--answers', answers, '--print-plan')
    plan = json.loads(out)
    check('a plan for a chat broadcasts at its size and limit, and says how long it takes', code == DONE
          and plan['workloads'][0].startswith('chat') and plan['slo_p99_ms'] == 100 and plan['estimated_ms'] > 0
          and plan['loads'][0]['connections'] * plan['scale']['connections'] == 10000, code, out, err)
    path.write_text(out, encoding='utf-8')
    code, again, err = run('bench', '--plan', path, '--print-plan')
    check('a plan that was saved is the same plan', code == DONE and again == out, code, again, err)
    code, again, err = run('assess', '--answers', answers, '--plan', path, '--print-plan')
    check('for assess too', code == DONE and again == out, code, again, err)
    code, again, err = run('assess', '--answers', answers, '--lanes', 'cluster,twin:node-http', '--print-plan')
    check('its lanes are those that are named, and nothing is said of others', code == DONE
          and json.loads(again)['lanes'] == ['model:cluster', 'twin:node-http']
          and json.loads(again)['workloads'][0] == plan['workloads'][0]
          and not any(one['code'].startswith(('model:', 'real:')) for one in json.loads(again)['left_out']), code, again, err)
    code, again, err = run('assess', '--answers', answers, '--lanes', 'prefork', '--print-plan')
    check('one that cannot serve the plan is refused', code == USAGE and not again and is_sentence(err, 'prefork'), code, again, err)
    code, again, err = run('assess', '--resume', '1', '--lanes', 'prefork')
    check('a session has its lanes', code == USAGE and not again and is_sentence(err, '--lanes'), code, again, err)
    plan |= {'lanes': ['model:event-loop'], 'workloads': ['chat', 'live?hz=20', 'slow?ms=5'], 'repeats': 1,
             'loads': [{'workload': 'chat', 'connections': 20, 'rate_hz': 20}, {'workload': 'live?hz=20', 'connections': 20, 'rate_hz': 0},
                       {'workload': 'slow?ms=5', 'connections': 2, 'rate_hz': 0}]}
    path.write_text(json.dumps(plan), encoding='utf-8')
    code, out, err = run('bench', '--plan', path, '--seed', '7', '--json', '-d', '500ms', '-w', '100ms')
    runs = json.loads(out)['session']['runs']
    check('options go over it, and streams are measured', [(one['workload'], one['seed'], one['duration_ms']) for one in runs]
          == [('chat', 7, 500), ('live?hz=20', 7, 500), ('slow?ms=5', 7, 500)] and all(one['requests'] > 0 for one in runs), out[:500], err)
    streams = [one['load_result']['stream'] for one in runs[:2]]
    check('all members are reached', all(stream['members'] == 20 and stream['reach'] == 1 for stream in streams), streams)
    code, out, err = run('bench', '--lanes', 'all', '--workloads', 'chat', '--print-plan')
    check('lanes that hold no sockets are left out, and why', code == DONE and 'model:prefork' not in json.loads(out)['lanes']
          and 'model:event-loop' in json.loads(out)['lanes'] and 'Left out: model:prefork.' in err, code, out, err)
    for text, part in (('{"lanes": ["prefork"], "workloads": ["hello"], "repaets": 3}', '“repeats”'),
                       ('{"lanes": ["prefork"], "workloads": ["slow?ms=-1"]}', 'whole number'), ('[]', 'object'), ('', 'JSON')):
        path.write_text(text, encoding='utf-8')
        code, out, err = run('bench', '--plan', path)
        check(f'a plan is refused that has {part}', code == USAGE and not out and is_sentence(err, part), code, out, err)
    code, out, err = run('assess', '--plan', folder / 'no-such.json')
    check('a plan that is not there is refused', code == USAGE and not out and is_sentence(err, 'no-such.json'), code, out, err)


def test_adaptive():
    # A ceiling far below what any server does is what is found on any machine that is not too busy to say.
    code, out, err = run('bench', '--lanes', 'event-loop', '--workloads', 'hello', '--for', '100@50', '-R', '200', '--json', *SHORT)
    session = json.loads(out)['session']
    knee, = session['knees']
    check('a search ends, and says what it found', code in (DONE, INVALID) and session['complete']
          and knee['state'] in ('at-least', 'unsettled', 'found', 'given-up') and not session['summary'][0]['metrics'], code, knee, err)
    check('a search goes to no rate above the plan\'s', all(0 < one['rate_hz'] <= 200 for one in session['runs']), err)
    row, = session['capacity']['rows']
    check('what a load takes is said, or that it is not known', (row['instances'] is None) == (knee['from_hz'] is None), row, knee)
    code, out, err = run('bench', '--lanes', 'event-loop,prefork', '--workloads', 'slow', '--scale', 'connections:1,2,4',
                         '--scale', 'workers:1,2,3', *SHORT)
    check('series end in tables', code in (DONE, INVALID) and out.count('Worker processes (model)') >= 2
          and 'Event loop (model)' in out, code, out, err)


def test_never_ready(folder):
    pid_file = folder / 'silent.pid'
    code, out, err = run('bench', '--lanes', 'event-loop', *SHORT, LOADSTONE_SERVER=FAKE_SERVER,
                         FAKE_SERVER='silent', FAKE_PID_FILE=str(pid_file))
    check('a server that is never ready is INVALID and exit 4', code == INVALID and 'not ready' in out and is_sentence(err, 'invalid'), code, out, err)
    check('it is not left behind', is_gone(int(pid_file.read_text(encoding='ascii'))))


def test_server_killed():
    process = start('bench', '--lanes', 'event-loop', '--workloads', 'slow', '-c', '4', '-d', '60', '-w', '0', '-r', '1')
    found = both_children(process)
    os.kill(find(found, 'loadstone-serve'), signal.SIGKILL)
    out, err = process.communicate(timeout=LIMIT_S)
    check('a server killed in mid-run is INVALID and exit 4', process.returncode == INVALID
          and 'signal 9' in out and is_sentence(err, 'invalid'), process.returncode, out, err)
    check('nothing is left behind by it', all(is_gone(pid) for pid in found), found)


def test_conductor_killed():
    for lane in ('event-loop', 'prefork'):
        process = start('bench', '--lanes', lane, '--workloads', 'slow', '--workers', '3', '-c', '4', '-d', '60', '-r', '1')
        found = both_children(process)
        if lane == 'prefork':
            found = wait_for(lambda: children(process.pid) if len(children(process.pid)) >= 5 else None)
        process.kill()
        process.communicate(timeout=LIMIT_S)
        check(f'{lane}: the conductor killed with -9 leaves no orphan', wait_for(lambda: all(is_gone(pid) for pid in found)), found)


def test_interrupted(folder):
    path = folder / 'interrupted'
    process = start('assess', '-o', path)
    found = both_children(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    check('an interrupted assess is exit 1', process.returncode == FAILED and not out
          and is_sentence(err, 'Interrupted'), process.returncode, out, err)
    check('it leaves no file', not list(path.iterdir()), list(path.iterdir()))
    check('it leaves no child', all(is_gone(pid) for pid in found), found)
    path = folder / 'interrupted.json'
    process = start('bench', '--workloads', 'slow', '-o', path)
    found = both_children(process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=LIMIT_S)
    check('a terminated bench is exit 1 and leaves nothing', process.returncode == FAILED and not path.exists()
          and all(is_gone(pid) for pid in found), process.returncode, out, err)


def test_interrupted_self_test(folder):
    """What was measured before it is kept and written."""
    path = folder / 'without-self-test.json'
    process = start('bench', '--lanes', 'event-loop', '--workloads', 'slow', '--self-test-real=50', '-o', path, *SHORT)
    lines = []
    while len(lines) < 4: # a run, the announcement, two runs of the self-test
        lines.append(process.stderr.readline())
    check('the self-test shows its progress', lines[1].startswith('Self-test: 500 runs') and lines[3].startswith('Run 2 of 500'), lines)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    session = json.loads(path.read_text(encoding='utf-8'))['session']
    check('an interrupted self-test is exit 1, and all before it is written', process.returncode == FAILED
          and is_sentence(err.splitlines(True)[-1], 'self-test was interrupted') and 'Waiting' in out and session['complete'] is True
          and [one['kind'] for one in session['self_test']] == ['simulated'] * 2, process.returncode, out, err)
    shown = json.loads(run('history', 'show', 'last', '--json')[1])
    check('and is in the history', shown['session']['complete'] is True and shown['session']['self_test'] == session['self_test'], shown)


def test_serve():
    process = start('serve', '--model', 'prefork', '--workers', '2', '--json')
    ready = json.loads(process.stdout.readline())
    hello = next(workload['url'] for workload in ready['workloads'] if workload['id'] == 'hello')
    with urllib.request.urlopen(hello, timeout=LIMIT_S) as answer:
        check('serve --json says where it serves', answer.read() == b'hello\n' and f":{ready['port']}/" in hello, ready)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT_S)
    process = start('serve', '--model', 'event-loop')
    urls = [process.stdout.readline().split('\t')[0] for _ in range(4)]
    with urllib.request.urlopen(urls[0], timeout=LIMIT_S) as answer:
        check('serve serves', answer.read() == b'hello\n', urls)
    port = urls[0].split(':')[2].rstrip('/')
    lane = f'url:http://127.0.0.1:{port}'
    code, out, err = run('bench', '--lanes', lane, '--workloads', 'slow', '--json', *SHORT)
    runs = json.loads(out)['session']['runs']
    check('a server of one\'s own is measured by its address', code == DONE and [one['lane'] for one in runs] == [lane]
          and runs[0]['requests'] > 0 and runs[0]['server_cpu_s'] is None, code, out, err)
    code, out, err = run('serve', '--model', 'event-loop', '--port', port)
    check('a port in use is exit 1 and one sentence', code == FAILED and not out and err.count('\n') == 1 and is_sentence(err, port), code, out, err)
    found = children(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    code, out, err2 = run('bench', '--lanes', lane, '--workloads', 'slow', *SHORT)
    check('a server that has gone is told in one sentence', code == INVALID and f'“http://127.0.0.1:{port}”' in out, code, out, err2)
    check('an interrupted serve is exit 0', process.returncode == DONE, process.returncode, out, err)
    check('its server has ended', found and all(is_gone(pid) for pid in found), found)


def check_evidence(report, out):
    """Whatever the machine let be measured: cells, certainty and words follow from it."""
    rows = {row['criterion']: row for row in report['evidence']}
    final = {one['criterion']: one for one in report['verdict']['final']['contributions']}
    prior = {one['criterion']: one for one in report['verdict']['prior']['contributions']}
    used = [row for row in rows.values() if row['used']]
    print(f'# measured: {", ".join(row["criterion"] for row in used) or "nothing"}')
    check('every criterion that can be measured has prior, evidence and posterior', len(rows) == 8
          and all((row['basis'] is None) != (row['reason'] is None) for row in rows.values()), rows)
    check('a bare model moves no cell that needs a runtime', not {'data', 'plain', 'cold', 'mem'} & {row['criterion'] for row in used})
    wrong = []
    for row in rows.values():
        lead = 25 * math.log2(row['counted_ratio']) if row['used'] else 0
        want = (min(95, max(5, 50 + lead)), min(95, max(5, 50 - lead))) if row['used'] else \
            tuple(prior[row['criterion']]['cells'][side] for side in ('node', 'python'))
        shown = final[row['criterion']]['cells']
        before = all(abs(cell - prior[row['criterion']]['cells'][side]) < 0.06 for side, cell in row['prior']['cells'].items())
        if not before or any(abs(shown[side] - cell) > 0.06 for side, cell in zip(('node', 'python'), want)):
            wrong.append(row)
        if row['used'] and (row['counted_ratio'] != (row['ratio'] if row['detectable'] else 1)
                            or row['detectable'] == (row['low'] <= 1 <= row['high'])):
            wrong.append(row)
    check('the cells follow from the ratios', not wrong, wrong)
    check('what was used is told in the text', all(row['basis'] in out for row in used) and len(report['moved']) >= (3 if used else 0)
          and all(sentence in out for sentence in report['moved']), out)
    check('what was used lifts the cap', report['verdict']['final']['cap'] == 84 or not used, report['verdict']['final']['cap'])


def test_assess(folder):
    path = folder / 'deep' / 'report'
    begun = time.monotonic()
    code, out, err = run('assess', '--quick', '--self-test-real=1', '-o', path)
    print(f'# assess --quick took {time.monotonic() - begun:.1f} s')
    check('assess --quick ends', code in (DONE, INVALID), code, err)
    check('it writes both files, whole', sorted(file.name for file in path.iterdir()) == ['report.json', 'report.pdf']
          and (path / 'report.pdf').read_bytes().startswith(b'%PDF') and b'%%EOF' in (path / 'report.pdf').read_bytes()[-64:])
    report = json.loads((path / 'report.json').read_text(encoding='utf-8'))
    check('it says where they are, the verdict and the figures', str(path / 'report.pdf') in out
          and 'Node.js' in out.splitlines()[0] and 'WebSocket chat' in out, out)
    check_evidence(report, out)
    check('the report holds its self-test', {one['kind'] for one in report['session']['self_test']} == {'simulated', 'measured'}
          and 'measured comparisons of a lane with itself' in out, report['session']['self_test'], out)
    again = folder / 'again'
    code, out, err = run('assess', '--quick', '--json', '-o', again, LOADSTONE_SERVER=FAKE_SERVER, FAKE_SERVER='exit-early')
    check('assess --json prints the report and nothing else, INVALID as it is', code == INVALID
          and json.loads(out) == json.loads((again / 'report.json').read_text(encoding='utf-8')), code, out[:200], err)
    check('all runs of the plan are in the report', report['session']['complete'] is True)


def sessions(**more):
    """Returns the sessions of the history, the newest first."""
    code, out, err = run('history', 'list', '--json', **more)
    assert code == DONE, err
    return json.loads(out)['sessions']


def is_sound(database):
    """Returns whether SQLite finds nothing wrong."""
    with sqlite3.connect(database) as connection:
        return connection.execute('PRAGMA integrity_check').fetchall() == [('ok',)]


def test_killed_and_resumed(database):
    args = ['bench', '--lanes', 'event-loop,prefork', '--workloads', 'slow', '-c', '4', '-d', '400ms', '-w', '100ms', '-r', '4']
    process = start(*args, '--title', 'Cut short', '--tag', 'e2e')
    wait_for(lambda: any(one['runs_measured'] >= 3 for one in sessions()))
    check('a session is seen while it is measured', sessions()[0]['state'] == 'running', sessions())
    code, out, err = run('history', 'resume', 'last')
    check('a session that is being measured is not resumed', code == USAGE and is_sentence(err, 'being measured'), code, out, err)
    found = both_children(process)
    process.kill()
    process.communicate(timeout=LIMIT_S)
    check('the conductor killed with -9 leaves no orphan', wait_for(lambda: all(is_gone(pid) for pid in found)), found)
    check('its history is sound', is_sound(database))
    row = sessions()[0]
    check('its session is interrupted', row['state'] == 'interrupted' and 3 <= row['runs_measured'] < 8
          and row['title'] == 'Cut short' and row['tags'] == ['e2e'], row)
    code, out, err = run('history', 'show', 'last')
    check('show says how to go on', code == DONE and f"resume {row['id']}" in out, out, err)
    check('show says what it was measured on and with', 'Commit: ' in out and 'Build type: ' in out and 'Kernel: Linux' in out, out)
    before = json.loads(run('history', 'export', 'last')[1])['session']
    code, out, err = run('history', 'resume', str(row['id']), '--json')
    after = json.loads(out)['session']
    check('resume measures what is missing, and no more', code == DONE and after['complete'] is True
          and err.count('\n') == 8 - row['runs_measured'] and after['runs'][:len(before['runs'])] == before['runs']
          and sorted((one['lane'], one['repeat']) for one in after['runs'])
          == sorted((lane, repeat) for lane in ('model:event-loop', 'model:prefork') for repeat in range(4)), code, err)
    check('the environment says so', 'resumed_at' in after['environment']
          and 'machine-changed' not in [one['code'] for one in after['warnings']], after['environment'], after['warnings'])
    libraries = {one.partition(' ')[0] for one in after['environment']['libraries']}
    check('and what measured', {'libuv', 'SQLite', 'liburing', 'libcurl'} <= libraries and after['environment']['commit']
          and isinstance(after['environment']['pinning_possible'], bool)
          and not {'other-build', 'library-changed'} & {one['code'] for one in after['warnings']}, after['environment'],
          after['warnings'])
    code, exported, err = run('history', 'export', str(row['id']))
    check('the export is what the measurement gave', exported == out, err)
    check('the session is complete', sessions()[0]['state'] == 'complete' and len(sessions()) == 1, sessions())
    code, out, err = run('bench', '--resume', 'last')
    check('a complete session is not resumed', code == USAGE and is_sentence(err, 'complete'), code, out, err)


def test_history_commands(folder):
    path = folder / 'result.json'
    code, out, err = run('bench', '--lanes', 'event-loop', '--workloads', 'slow', '--json', '-o', path, *SHORT)
    number = str(sessions()[0]['id'])
    check('the export is the file of --output', code == DONE
          and run('history', 'export', number)[1] == path.read_text(encoding='utf-8'), code, err)
    code, out, err = run('bench', '--lanes', 'event-loop', '--workloads', 'slow', '--no-history', *SHORT)
    check('--no-history keeps nothing', code == DONE and str(sessions()[0]['id']) == number, code, err)
    run('history', 'rename', number, 'Größe')
    run('history', 'tag', number, 'one', 'two')
    code, out, err = run('history', 'search', 'GRÖSSE', 'two')
    check('what is renamed and tagged is found', code == DONE and 'Größe' in out and 'one, two' in out and '1/1' in out
          and 'Cut short' not in out, out, err)
    code, out, err = run('history', 'list', '--runs', '--lane', 'prefork', '--workload', 'slow', '--valid', '--json')
    check('runs are filtered', code == DONE and len(json.loads(out)['runs']) == 4
          and {one['lane'] for one in json.loads(out)['runs']} == {'model:prefork'}, out, err)
    code, out, err = run('history', 'list', '--since', '2999-01-01')
    check('nothing found is no failure', code == DONE and not out and err, code, out, err)
    run('history', 'milestone', 'Checkout', 'first', '1')
    run('history', 'milestone', 'Checkout', 'second', number)
    code, out, err = run('history', 'diff', 'Checkout', 'first', 'second', '--json')
    check('two milestones are told apart', code == DONE and json.loads(out)['measurements']
          and json.loads(out)['only_from'] == [{'lane': 'model:prefork', 'workload': 'slow'}], out, err)
    code, out, err = run('history', 'diff', 'Checkout', 'first', 'second')
    check('two milestones are told apart for people', code == DONE and 'Throughput' in out and 'too few runs' in out, out, err)
    code, out, err = run('history', 'delete', '1', number)
    check('sessions are deleted', code == DONE and not sessions(), code, err)
    code, out, err = run('history', 'undo')
    check('and taken back', code == DONE and len(sessions()) == 2, code, err)
    other = str(folder / 'other.sqlite')
    code, out, err = run('history', 'import', path, '--database', other)
    check('a file is imported', code == DONE and run('history', 'export', 'last', '--database', other)[1]
          == path.read_text(encoding='utf-8'), code, out, err)
    code, out, err = run('history', 'import', path, '--database', other)
    check('but once', code == USAGE and is_sentence(err, 'already'), code, out, err)
    broken = folder / 'broken.json'
    broken.write_text('{"session": {"plan": {}}}', encoding='utf-8')
    cases = {
        'history without a subcommand': (['history'], 'history list'),
        'an unknown subcommand': (['history', 'lits'], 'lits'),
        'a session that is none': (['history', 'show', 'x'], 'history list'),
        'a session that is not there': (['history', 'show', '99'], '99'),
        'a day that is none': (['history', 'list', '--since', 'yesterday'], 'yesterday'),
        'a lane that is none': (['history', 'list', '--lane', 'event-lop'], 'event-loop'),
        'a file that is not there': (['history', 'import', folder / 'none.json'], 'none.json'),
        'a file that holds no session': (['history', 'import', broken], 'broken.json'),
        'a title that is none': (['bench', '--title', ' '], 'title'),
        'a milestone that is there': (['history', 'milestone', 'Checkout', 'first', '1'], 'never changed'),
        'a session to resume that is not there': (['bench', '--resume', '99'], '99'),
        'resume with a plan of its own': (['bench', '--resume', '1', '--lanes', 'prefork'], '--resume'),
        'resume without a history': (['bench', '--resume', '1', '--no-history'], '--no-history'),
        'an assessment of a session without answers': (['assess', '--resume', '1', '-o', folder / 'never'], 'answers'),
    }
    for name, (args, part) in cases.items():
        code, out, err = run(*args)
        check(f'{name} is refused in one sentence', code == USAGE and not out and err.count('\n') == 1
              and is_sentence(err, part), code, out, err)


def test_interrupted_and_resumed(folder):
    """With answers: what goes on is the assessment."""
    fake = {'LOADSTONE_SERVER': FAKE_SERVER, 'FAKE_SERVER': 'exit-early'}
    process = start('assess', '--quick', '--title', 'Großer Chat', '-o', folder / 'first')
    both_children(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    check('who interrupts is told how to go on', process.returncode == FAILED and is_sentence(err, 'history resume'), err)
    check('and the session waits', sessions()[0]['state'] == 'interrupted' and sessions()[0]['kind'] == 'assess', sessions()[0])
    code, out, err = run('history', 'resume', 'last', '-o', folder / 'second', **fake)
    report = json.loads((folder / 'second' / 'report.json').read_text(encoding='utf-8'))
    check('its title goes on', report['title'] == 'Großer Chat', report['title'])
    check('an assessment is gone on with to its report', code == INVALID and report['session']['complete'] is True
          and sessions()[0]['state'] == 'complete', code, out, err)
    code, out, err = run('assess', '--resume', 'last', '-o', folder / 'third')
    again = json.loads((folder / 'third' / 'report.json').read_text(encoding='utf-8'))
    check('one that is complete is reported again, and not measured', code == INVALID
          and 'Run' not in err and again['session'] == report['session'] and again['answers'] == report['answers'], code, out, err)
    other = {'LOADSTONE_HISTORY': str(folder / 'reports.sqlite')}
    code, out, err = run('history', 'import', folder / 'third' / 'report.json', **other)
    check('a report is imported', code == DONE and sessions(**other)[0]['runs_measured'] == len(report['session']['runs']), code, out, err)
    code, out, err = run('assess', '--resume', 'last', '-o', folder / 'fourth', **other)
    again = json.loads((folder / 'fourth' / 'report.json').read_text(encoding='utf-8'))
    check('with its answers', code == INVALID and again['answers'] == report['answers'], code, out, err)
    run('history', 'milestone', 'Chat', 'quick', 'last')
    code, out, err = run('history', 'milestone', 'Chat', 'quick', '--show')
    milestone = json.loads(out)
    check('a milestone holds answers, verdict and measurements', milestone['answers']['conns']
          and milestone['verdict']['headline'] and milestone['sessions'][0]['summary'], out[:300], err)


def test_history_fails(folder):
    """Measuring is worth more than remembering it."""
    database = folder / 'damaged.sqlite'
    database.write_text('This is a letter, and no database at all. ' * 100, encoding='utf-8')
    args = ['bench', '--lanes', 'event-loop', '--workloads', 'slow', '--json', *SHORT]
    code, out, err = run(*args, '--database', database)
    check('with a damaged history is measured, with one warning', code == DONE and len(json.loads(out)['session']['runs']) == 1
          and err.count('not recorded in full') == 1 and err.count('\n') == 2 and 'is damaged' in err, code, err)
    check('a damaged history is left as it is', database.read_text(encoding='utf-8').startswith('This is a letter'))
    code, out, err = run('history', 'list', '--database', database)
    check('a damaged history is told in one sentence', code == FAILED and not out and err.count('\n') == 1
          and is_sentence(err, '--set-aside'), code, err)
    code, out, err = run('history', 'check', '--set-aside', '--database', database)
    kept = [file for file in folder.iterdir() if file.name.startswith('damaged.sqlite.damaged-')]
    check('it is set aside when asked for', code == DONE and len(kept) == 1 and str(kept[0]) in out
          and kept[0].read_text(encoding='utf-8').startswith('This is a letter') and is_sound(database), code, out, err)

    full = folder / 'full.sqlite'
    run('history', 'list', '--database', full)
    limit = 120000
    done = subprocess.run([CLI, *args[:-1], '8', '--database', full], capture_output=True, text=True, timeout=LIMIT_S,
                          check=False, stdin=subprocess.DEVNULL, env=environment(), restore_signals=False,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    check('with a full disk is measured to the end, with one warning', done.returncode == DONE
          and len(json.loads(done.stdout)['session']['runs']) == 8 and done.stderr.count('not recorded in full') == 1,
          done.returncode, done.stderr)
    rows = sessions(LOADSTONE_HISTORY=str(full))
    check('and what has been written is sound', is_sound(full) and rows and rows[0]['runs_measured'] < 8, rows)


def test_told_how_to_go_on(folder):
    """What is told to be typed works as it stands, whichever history it is."""
    database = folder / 'a history.sqlite'
    process = start('bench', '--lanes', 'event-loop', '--workloads', 'slow', '--database', database, '-c', '4', '-d', '30s', '-w', '0')
    both_children(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    told = err.partition('“')[2].partition('”')[0]
    shown = run('history', 'show', 'last', '--database', database)[1]
    check('who interrupts is told of the history that is named', shlex.split(told)
          == ['loadstone-cli', 'history', 'resume', '1', '--database', str(database)] and f'“{told}”' in shown, err, shown)
    code, out, err = run(*shlex.split(told)[1:], LOADSTONE_SERVER=FAKE_SERVER, FAKE_SERVER='exit-early')
    check('and it goes on', code == INVALID, code, err)


def test_two_at_once():
    before = len(sessions())
    processes = [start('bench', '--lanes', 'event-loop', '--workloads', 'slow', *SHORT) for _ in range(2)]
    for process in processes:
        process.communicate(timeout=LIMIT_S)
    rows = sessions()[:2]
    check('two measurements at once are both kept', len(sessions()) == before + 2
          and all(row['state'] == 'complete' for row in rows), rows)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        database = folder / 'history.sqlite'
        os.environ['LOADSTONE_HISTORY'] = str(database)
        if sys.argv[5:] == ['assess']:
            test_assess(folder)
        elif sys.argv[5:] == ['history']:
            test_killed_and_resumed(database)
            test_history_commands(folder)
            test_interrupted_and_resumed(folder)
            test_history_fails(folder)
            test_told_how_to_go_on(folder)
            test_two_at_once()
        else:
            test_lists()
            test_help()
            test_full_output()
            test_bad_input(folder)
            test_output_refused(folder)
            test_bench(folder)
            test_stream(folder)
            test_live_line()
            test_plan(folder)
            test_adaptive()
            test_serve()
            test_never_ready(folder)
            test_server_killed()
            test_conductor_killed()
            test_interrupted(folder)
            test_interrupted_self_test(folder)
    tap.end()


main()
