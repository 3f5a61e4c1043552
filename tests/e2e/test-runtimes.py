#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A runtime of the user's own, which one file describes, is listed and measured; one that is wrong says why. So is what
one costs: its twin.

test-runtimes.py CLI
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import tap

CLI = os.path.abspath(sys.argv[1])
DONE, FAILED, USAGE, THRESHOLD, INVALID = range(5)
LIMIT_S = 60
PLAN = ['bench', '--workloads', 'hello', '-R', '100', '-c', '2', '-d', '600ms', '-w', '200ms', '-r', '1', '--no-history', '--json']

# Does not know of Loadstone: it says things of its own, and not when it is ready.
SERVER = '''
import http.server, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    wbufsize = -1
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/plain')
        self.send_header('Content-Length', '6')
        self.end_headers()
        self.wfile.write(b'hello\\n')
    def log_message(self, *_):
        pass
print('{"event":"error","message":"this is no protocol"}', flush=True)
print('Starting on', sys.argv[1], flush=True)
time.sleep(0.2)
http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
'''
DESCRIPTOR = '''<?xml version="1.0"?>
<runtime version="1" id="{id}" family="threads" model="gil-threads">
  <title>Mine</title>
  <description>A server of my own making.</description>
  <detect program="{program}" arguments="{version}" minimum="{minimum}"/>
  <start arguments="{arguments}"/>
  <ready path="/"/>
  <serves workloads="hello"/>
</runtime>
'''


def add(folder, name, program='python3', minimum=3, version='--version', server=SERVER):
    """Describes a runtime in @folder."""
    home = folder / 'loadstone' / 'runtimes' / name
    home.mkdir(parents=True)
    (home / 'server.py').write_text(server, encoding='utf-8')
    (home / 'runtime.xml').write_text(DESCRIPTOR.format(id=name, program=program, minimum=minimum, version=version,
                                                        arguments='{folder}/server.py {port}'), encoding='utf-8')
    return home


def run(folder, *args):
    """Returns (exit code, document, standard error) of the command."""
    done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          env=os.environ | {'LC_ALL': 'C.UTF-8', 'XDG_DATA_HOME': str(folder), 'LOADSTONE_RUNTIMES': '/nowhere'})
    try:
        return done.returncode, json.loads(done.stdout), done.stderr
    except ValueError:
        return done.returncode, {}, done.stderr


def measure(folder, name):
    """Returns (exit code, the one run, the environment, standard error)."""
    code, document, err = run(folder, *PLAN, '--lanes', f'real:{name}')
    session = document.get('session', {'runs': [{'invalid_reasons': []}], 'environment': {}})
    return code, session['runs'][0], session['environment'], err


def codes(run_):
    return [reason['code'] for reason in run_['invalid_reasons']]


def test_own(folder):
    """Listed with its version, started, waited for, measured, stopped."""
    add(folder, 'mine')
    _, document, err = run(folder, 'lanes', '--json')
    lane = [lane for lane in document['lanes'] if lane['id'] == 'real:mine'][0]
    tap.point(lane['available'] and lane['label'] == 'Mine (real)' and lane['model_code'] == 'M4' and err == '' and
              lane['version'].startswith('3.'), f'{lane} {err}', 'a runtime of one\'s own is a lane')
    code, one, environment, err = measure(folder, 'mine')
    tap.point(code in (DONE, INVALID) and one['requests'] > 0 and one['errors'] == 0 and one['start_up_ms'] >= 200 and
              one['server_cpu_s'] >= 0 and one['peak_rss_bytes'] > 1e6, f"{code} {one.get('invalid_reasons')} {err}",
              'it is started, waited for and measured')
    tap.point(environment['runtimes'] == [f"mine {lane['version']}"], environment, 'the session knows its version')
    left = subprocess.run(['pgrep', '-f', str(folder)], capture_output=True, text=True, check=False).stdout
    tap.point(left == '', left, 'nothing is left of it')
    code, _, err = run(folder, 'bench', '--lanes', 'real:mine', '--workloads', 'json')
    tap.point(code == USAGE and 'does not serve “json”' in err, f'{code} {err}', 'what it does not serve is refused')


def test_wrong(folder):
    """Each fault is one sentence."""
    add(folder, 'broken')
    broken = folder / 'loadstone' / 'runtimes' / 'broken' / 'runtime.xml'
    broken.write_text('<runtime version="1" id="broken">', encoding='utf-8')
    add(folder, 'absent', program='no-such-runtime')
    add(folder, 'old', minimum=999)
    add(folder, 'older', minimum='3.999')
    version = subprocess.run(['python3', '--version'], capture_output=True, text=True, check=True).stdout.split()[1]
    for name, minimum in (('same', version), ('less', '3.0.1'), ('more', f'{version}.1')):
        add(folder, name, minimum=minimum)
    add(folder, 'dies', server='import sys; sys.exit("it cannot")')
    add(folder, 'mute', program='sh', minimum=0, version='-c :')
    code, document, err = run(folder, 'lanes', '--json')
    tap.point(code == DONE and err.count('\n') == 1 and str(broken) in err and
              'real:broken' not in [lane['id'] for lane in document['lanes']], f'{code} {err}',
              'a broken descriptor is named, and the others are listed')
    obstacles = {lane['id']: lane.get('obstacle') for lane in document['lanes']}
    tap.point(obstacles['real:same'] is obstacles['real:less'] is None and obstacles['real:more'], obstacles,
              'versions are compared number by number')
    for name, part in (('absent', 'no-such-runtime'), ('old', 'needs 999 or later'), ('older', 'needs 3.999 or later'), ('mute', 'which version'),
                       ('nobody', 'There is no runtime “nobody”')):
        code, _, _, err = measure(folder, name)
        tap.point(code in (FAILED, USAGE) and err.count('\n') == 1 and part in err, f'{code} {err}', f'{name}: why, in one sentence')
    add(folder, 'deaf', server='import time; time.sleep(60)')
    code, one, _, err = measure(folder, 'deaf')
    tap.point(code == INVALID and codes(one) == ['server-not-ready'] and 'deaf/server.py' in one['invalid_reasons'][0]['text'],
              f"{code} {one['invalid_reasons']} {err}", 'of a server that is never ready the command is told')
    code, one, _, err = measure(folder, 'dies')
    tap.point(code == INVALID and codes(one) == ['server-not-ready'] and 'it cannot' in one['invalid_reasons'][0]['text'],
              f"{code} {one['invalid_reasons']} {err}", 'a server that dies says what it said')


def test_twin(folder):
    """A profile of one's own is a lane that spends it, and takes the place of the shipped one."""
    shipped = json.loads((pathlib.Path(os.environ['LOADSTONE_PROFILES']) / 'node-http.json').read_text(encoding='utf-8'))
    own = folder / 'loadstone' / 'profiles'
    own.mkdir(parents=True)
    shipped['title'] = 'Slow as a snail'
    shipped['cost'] = {'request_total_ns': 2e6}
    (own / 'node-http.json').write_text(json.dumps(shipped), encoding='utf-8')
    _, document, err = run(folder, 'lanes', '--json')
    lane = [lane for lane in document['lanes'] if lane['id'] == 'twin:node-http'][0]
    tap.point(lane['available'] and lane['label'] == 'Slow as a snail (twin)' and lane['model'] == 'event-loop' and
              lane['provenance'] == 'twin' and lane['profile'] == 'node-http' and err == '', f'{lane} {err}',
              'a profile of one\'s own takes a shipped one\'s place')
    digest = hashlib.sha256((own / 'node-http.json').read_bytes()).hexdigest()
    for name, model in (('twin:node-http', 'event-loop'), ('twin:node-http/cluster', 'cluster')):
        code, document, err = run(folder, *PLAN, '--lanes', name)
        session = document['session']
        cpu_us = session['runs'][0]['server_cpu_s'] / max(session['runs'][0]['requests'], 1) * 1e6
        tap.point(code in (DONE, INVALID) and cpu_us >= 1800, f'{code} {cpu_us} {err}', f'{name} spends what the profile says')
        tap.point(session['plan']['lanes'] == [name], session['plan'], f'{name} is called so in the session')
        tap.point(session['environment']['profiles'] == [f"node-http {shipped['provenance']['kind']} "
                                                         f"{shipped['provenance']['date']} sha256:{digest[:16]}"],
                  session['environment'], f'{name}: the session knows which figures')
    for name, part in (('twin:node-htp', '“node-http”'), ('twin:node-http/prefork', 'prefork (M6)')):
        code, _, err = run(folder, *PLAN, '--lanes', name)
        tap.point(code == USAGE and err.count('\n') == 1 and part in err, f'{code} {err}', f'{name} is refused')
    (own / 'node-http.json').write_text('{', encoding='utf-8')
    code, document, err = run(folder, 'lanes', '--json')
    tap.point(code == DONE and err.count('\n') == 1 and str(own / 'node-http.json') in err and
              'twin:node-http' in [lane['id'] for lane in document['lanes']], f'{code} {err}',
              'a broken profile is named, and the shipped one stays')


def main():
    for test in (test_own, test_wrong, test_twin):
        with tempfile.TemporaryDirectory() as folder:
            test(pathlib.Path(folder))
    tap.end()


if __name__ == '__main__':
    main()
