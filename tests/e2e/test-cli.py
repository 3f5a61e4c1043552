#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as scripts depend on it: data, sentences, exit codes, and nothing left behind.

test-cli.py CLI SERVER FAKE-SERVER PLAN-SCHEMA [assess]
"""

import json
import os
import pathlib
import signal
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
    check('lanes are listed as JSON', code == DONE and {'model:event-loop', 'model:gil-threads', 'model:prefork'}
          <= {lane['id'] for lane in lanes} and all(lane['provenance'] == 'model' and '(model)' in lane['label'] for lane in lanes), out, err)
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
    check('workloads are those of the server', {w['id'] for w in workloads} == set(usage)
          and all(f"{w['method']} {w['path']}".split('?')[0] in usage[w['id']] for w in workloads), out, listed)


def test_full_output():
    with open('/dev/full', 'wb') as full:
        done = subprocess.run([CLI, 'questions', '--json'], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=LIMIT_S, check=False, env=environment())
    check('data that cannot be written is exit 1', done.returncode == FAILED and is_sentence(done.stderr, 'standard output'),
          done.returncode, done.stderr)


def test_bad_input(folder):
    broken = folder / 'broken.json'
    broken.write_text('{"answers": {"mix": ', encoding='utf-8')
    unknown = folder / 'unknown.json'
    unknown.write_text('{"answers": {"mixx": "io"}}', encoding='utf-8')
    cases = {
        'an unknown question': (['advise', '--set', 'mixx=io'], 'mixx'),
        'an unknown value': (['advise', '--set', 'conns=100k'], 'conns'),
        'a broken answers file': (['advise', '--answers', broken], 'broken.json'),
        'a broken answers file for assess': (['assess', '--answers', broken, '-o', folder / 'never'], 'broken.json'),
        'an unknown question in a file': (['assess', '--answers', unknown, '-o', folder / 'never'], 'mixx'),
        'an unknown value for assess': (['assess', '--set', 'mix=oi', '-o', folder / 'never'], 'mix'),
        'a missing answers file': (['assess', '--answers', folder / 'none.json'], 'none.json'),
        'an unknown lane': (['bench', '--lanes', 'event-lop'], 'event-loop'),
        'an unknown workload': (['bench', '--workloads', 'helo'], 'hello'),
        'a workload that cannot be measured': (['bench', '--workloads', 'hello,chat'], 'chat'),
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


def test_assess(folder):
    path = folder / 'deep' / 'report'
    begun = time.monotonic()
    code, out, err = run('assess', '--quick', '-o', path)
    print(f'# assess --quick took {time.monotonic() - begun:.1f} s')
    check('assess --quick ends', code in (DONE, INVALID), code, err)
    check('it writes both files, whole', sorted(file.name for file in path.iterdir()) == ['report.json', 'report.pdf']
          and (path / 'report.pdf').read_bytes().startswith(b'%PDF') and b'%%EOF' in (path / 'report.pdf').read_bytes()[-64:])
    report = json.loads((path / 'report.json').read_text(encoding='utf-8'))
    check('it says where they are, the verdict and the figures', str(path / 'report.pdf') in out
          and 'Node.js' in out.splitlines()[0] and 'Waiting 200 ms' in out, out)
    again = folder / 'again'
    code, out, err = run('assess', '--quick', '--json', '-o', again, LOADSTONE_SERVER=FAKE_SERVER, FAKE_SERVER='exit-early')
    check('assess --json prints the report and nothing else, INVALID as it is', code == INVALID
          and json.loads(out) == json.loads((again / 'report.json').read_text(encoding='utf-8')), code, out[:200], err)
    check('all runs of the plan are in the report', report['session']['complete'] is True)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if sys.argv[5:] == ['assess']:
            test_assess(folder)
        else:
            test_lists()
            test_full_output()
            test_bad_input(folder)
            test_output_refused(folder)
            test_bench(folder)
            test_adaptive()
            test_serve()
            test_never_ready(folder)
            test_server_killed()
            test_conductor_killed()
            test_interrupted(folder)
    tap.end()


main()
