#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of runtimes are installed whole or not at all, by npm and pip themselves, from files and without a network.

test-setup.py CLI
"""

import base64
import contextlib
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import tap

CLI = os.path.abspath(sys.argv[1])
DONE, FAILED, USAGE, _, INVALID = range(5)
LIMIT_S = 60
NODE, NPM = shutil.which('node'), shutil.which('npm')
CLOSED = 'http://127.0.0.1:1'  # a port that nobody listens to

NODE_SERVER = '''
import http from 'node:http';
import { createRequire } from 'node:module';
const { hello } = createRequire(import.meta.url)('thing');
const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/plain');
  response.end(process.env.MODE === 'production' ? hello : 'wrong\\n');
});
server.listen(Number(process.argv[2]), '127.0.0.1');
'''
PYTHON_SERVER = '''
import http.server, sys
import thing
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    wbufsize = -1
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/plain')
        self.send_header('Content-Length', '6')
        self.end_headers()
        self.wfile.write(thing.HELLO)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
'''
DESCRIPTOR = '''<?xml version="1.0"?>
<runtime version="1" id="{id}" family="event-loop" model="event-loop">
  <title>Mine</title>
  <description>A server of my own making.</description>
  <detect program="{program}" arguments="--version" minimum="{minimum}"/>
  <setup with="{installer}" packages="thing"/>
  <environment name="MODE" value="production"/>
  <start arguments="{{folder}}/server {{port}}"/>
  <ready path="/"/>
  <serves workloads="hello"/>
</runtime>
'''


class Place:
    """A user's folders with one runtime in them, and the command as he runs it."""

    def __init__(self, folder, name, program, installer, server, minimum=3):
        self.data, self.cache = folder / 'data', folder / 'cache'
        self.home = self.data / 'loadstone' / 'runtimes' / name
        self.installed = self.cache / 'loadstone' / 'runtimes'
        self.home.mkdir(parents=True)
        self.environment = os.environ | {
            'LC_ALL': 'C.UTF-8', 'XDG_DATA_HOME': str(self.data), 'XDG_CACHE_HOME': str(self.cache),
            'LOADSTONE_RUNTIMES': '/nowhere', 'HTTPS_PROXY': CLOSED, 'HTTP_PROXY': CLOSED, 'npm_config_cache': str(folder / 'npm'),
            'npm_config_registry': 'https://registry.npmjs.org/'}
        (self.home / 'server').write_text(server, encoding='utf-8')
        (self.home / 'runtime.xml').write_text(DESCRIPTOR.format(id=name, program=program, installer=installer, minimum=minimum),
                                               encoding='utf-8')

    def run(self, *args, **environment):
        """Returns (exit code, standard output, standard error) of the command."""
        done = subprocess.run([CLI, *args], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                              env=self.environment | environment)
        return done.returncode, done.stdout, done.stderr

    def start(self, *args):
        return subprocess.Popen([CLI, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment)

    def lane(self, name):
        lanes = json.loads(self.run('lanes', '--json')[1])['lanes']
        return [lane for lane in lanes if lane['id'] == f'real:{name}'][0]

    def left(self):
        """What is in the folder of installations."""
        return sorted(path.name for path in self.installed.iterdir()) if self.installed.exists() else []

    def measure(self, name):
        """Returns (exit code, the one run, the environment, standard error)."""
        code, out, err = self.run('bench', '--workloads', 'hello', '-R', '100', '-c', '2', '-d', '600ms', '-w', '200ms', '-r', '1',
                                  '--no-history', '--json', '--lanes', f'real:{name}')
        session = json.loads(out)['session'] if out else {'runs': [{}], 'environment': {}}
        return code, session['runs'][0], session['environment'], err


def lock(home, spec, resolved=None, version='1.2.3'):
    """Writes package.json and package-lock.json, as npm would, of a package "thing"."""
    entry = {'version': version} | ({'resolved': resolved} if resolved else {'integrity': 'sha512-' + 'A' * 86 + '=='})
    (home / 'package.json').write_text(json.dumps({'private': True, 'dependencies': {'thing': spec}}), encoding='utf-8')
    (home / 'package-lock.json').write_text(json.dumps({'lockfileVersion': 3, 'requires': True, 'packages': {
        '': {'dependencies': {'thing': spec}}, 'node_modules/thing': entry}}), encoding='utf-8')


def npm_place(folder, name='own-npm', more=b''):
    """A runtime whose only package is an archive beside it; it would write a file if its script were run."""
    place = Place(folder, name, 'node', 'npm', NODE_SERVER, 18)
    (place.home / 'server').rename(place.home / 'server.mjs')
    descriptor = place.home / 'runtime.xml'
    descriptor.write_text(descriptor.read_text(encoding='utf-8').replace('/server ', '/server.mjs '), encoding='utf-8')
    package = {'name': 'thing', 'version': '1.2.3', 'main': 'main.js', 'scripts': {'postinstall': f'touch {folder}/was-run'}}
    with tarfile.open(folder / 'thing.tgz', 'w:gz') as archive:
        for path, content in (('package.json', json.dumps(package).encode()), ('main.js', b"exports.hello = 'hello\\n';"), ('more', more)):
            member = tarfile.TarInfo(f'package/{path}')
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    lock(place.home, f'file:{folder}/thing.tgz', f'file:{folder}/thing.tgz')
    return place


def test_npm(folder):
    """Not set up, set up, started, found out of date, removed."""
    place = npm_place(folder)
    lane = place.lane('own-npm')
    sentence = 'Mine is not set up: run “loadstone-cli lanes setup own-npm”.'
    tap.point(not lane['available'] and lane['obstacle'] == sentence, lane, 'what is not set up says how that is done')
    code, _, _, err = place.measure('own-npm')
    tap.point((code, err) == (FAILED, f'loadstone-cli bench: {sentence}\n'), f'{code} {err}', 'it is not measured')

    code, out, err = place.run('lanes', 'setup', 'own-npm')
    tap.point((code, out, err) == (DONE, '', 'own-npm: installing 1 package with npm\nown-npm: set up, thing 1.2.3\n') and
              place.left() == ['own-npm'] and not (folder / 'was-run').exists(), f'{code} {out} {err} {place.left()}',
              'it is set up with one line a step, and no script of a package is run')
    lane = place.lane('own-npm')
    tap.point(lane['available'] and re.fullmatch(r'\d+\.\d+\.\d+ \(thing 1\.2\.3\)', lane['version']), lane, 'lanes tell the packages\' versions')
    code, one, environment, err = place.measure('own-npm')
    tap.point(code in (DONE, INVALID) and one['requests'] > 0 and one['errors'] == 0 and
              environment['runtimes'] == [f"own-npm {lane['version']}"], f"{code} {one.get('invalid_reasons')} {environment} {err}",
              'it is started with packages and environment, and the session knows their versions')

    # Once more, and where npm is not there: nothing is to be done.
    bare = folder / 'bare'
    bare.mkdir()
    (bare / 'node').symlink_to(NODE)
    code, _, err = place.run('lanes', 'setup', 'real:own-npm', PATH=str(bare))
    tap.point((code, err) == (DONE, 'own-npm: set up, thing 1.2.3\n'), f'{code} {err}', 'what is set up is left as it is')
    listed = json.loads(place.run('lanes', 'setup', '--list', '--json')[1])['runtimes']
    tap.point(listed == [{'id': 'own-npm', 'title': 'Mine', 'installer': 'npm', 'folder': str(place.installed / 'own-npm'),
                          'set_up': True, 'packages': ['thing 1.2.3'], 'obstacle': None}], listed, 'the list says so')

    stamp, package = place.installed / 'own-npm' / 'loadstone-stamp', place.installed / 'own-npm' / 'node_modules' / 'thing'
    for what, spoil in (('of which a package is gone', lambda: shutil.rmtree(package)),
                        ('with a damaged stamp', lambda: stamp.write_bytes(b'\0' * 9)),
                        ('with too large a stamp', lambda: stamp.write_text('a' * 10000, encoding='utf-8')),
                        ('without a stamp', stamp.unlink),
                        ('with an older lock file', lambda: lock(place.home, f'file:{folder}/thing.tgz', f'file:{folder}/thing.tgz', '1.2.4'))):
        spoil()
        spoilt = place.lane('own-npm')['obstacle']
        code, _, err = place.run('lanes', 'setup')
        tap.point(spoilt == sentence and (code, err.splitlines()[-1]) == (DONE, 'own-npm: set up, thing 1.2.3') and
                  place.lane('own-npm')['available'] and place.left() == ['own-npm'], f'{spoilt} {code} {err}',
                  f'an installation {what} is made anew')

    code, _, err = place.run('lanes', 'setup', '--remove', 'own-npm')
    again = place.run('lanes', 'setup', '--remove', 'own-npm')[0]
    tap.point((code, err, again) == (DONE, 'own-npm: removed\n', DONE) and place.left() == [] and not place.lane('own-npm')['available'],
              f'{code} {err} {place.left()}', 'it is removed')
    code, _, err = place.run('lanes', 'setup', 'own-npm', PATH=str(bare))
    tap.point(code == FAILED and err == 'loadstone-cli lanes: Mine is installed by npm, and there is no program “npm”. Install it '
              '(on Debian the package npm), and run “loadstone-cli lanes setup own-npm” again.\n' and place.left() == [],
              f'{code} {err}', 'without npm it says what to install')
    (place.home / 'package-lock.json').unlink()
    code, _, err = place.run('lanes', 'setup', 'own-npm')
    tap.point(code == USAGE and 'package-lock.json' in err and err.count('\n') == 1, f'{code} {err}', 'without a lock file it is refused')


def test_offline(folder):
    """A registry that cannot be reached: said plainly, nothing is left, what was there stays."""
    place = npm_place(folder)
    place.run('lanes', 'setup')
    before = (place.installed / 'own-npm' / 'loadstone-stamp').read_bytes()
    lock(place.home, '1.2.3')
    code, _, err = place.run('lanes', 'setup')
    tap.point(code == FAILED and err.splitlines()[1] ==
              'loadstone-cli lanes: npm could not reach its registry: connect ECONNREFUSED 127.0.0.1:1; connect to the network '
              'and run “loadstone-cli lanes setup own-npm” again.', f'{code} {err}', 'npm without a network says so')
    tap.point(place.left() == ['own-npm'] and (place.installed / 'own-npm' / 'loadstone-stamp').read_bytes() == before,
              place.left(), 'what was set up before stays')


def test_no_room(folder):
    """A disk that becomes full, which npm itself takes for a success."""
    place = npm_place(folder, more=bytes(1 << 20))
    place.cache.mkdir()
    mounted = ['unshare', '--mount', *(['--map-root-user'] if os.geteuid() else []), 'sh', '-c',
               'mount -t tmpfs -o size=512k none "$0" && { "$@"; code=$?; ls -A "$0/loadstone/runtimes"; exit $code; }', str(place.cache)]
    if subprocess.run([*mounted, 'true'], capture_output=True, check=False).returncode != 0:
        tap.skip('no disk can be mounted', 'a full disk')
        return
    done = subprocess.run([*mounted, CLI, 'lanes', 'setup'], capture_output=True, text=True, timeout=LIMIT_S, check=False,
                          env=place.environment)
    tap.point((done.returncode, done.stdout) == (FAILED, '') and done.stderr.count('\n') == 2 and 'has no room left' in done.stderr, done,
              'a full disk is told, and nothing is left on it')


@contextlib.contextmanager
def hanging(place):
    """An installation that waits for a registry that takes connections and says nothing: (command, connection)."""
    with socket.create_server(('127.0.0.1', 0)) as server:
        server.settimeout(LIMIT_S)
        place.environment |= dict.fromkeys(('HTTPS_PROXY', 'HTTP_PROXY'), f'http://127.0.0.1:{server.getsockname()[1]}')
        with place.start('lanes', 'setup') as process:
            try:
                connection = server.accept()[0]
                connection.settimeout(LIMIT_S)
                with connection:
                    yield process, connection
            finally:
                process.kill()


def is_closed(connection):
    """Waits until the other end, npm, is gone."""
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(4096):
            pass
    return True


def test_cancelled(folder):
    """In the middle: by a signal, and by a death that nobody can answer."""
    place = npm_place(folder)
    lock(place.home, '1.2.3')
    for number in (signal.SIGINT, signal.SIGTERM):
        with hanging(place) as (process, connection):
            code, _, err = place.run('lanes', 'setup')
            tap.point(code == FAILED and err == 'loadstone-cli lanes: Another Loadstone is setting up or removing packages of '
                      'runtimes. Wait until it is done, and try again.\n' and place.left() == ['.own-npm.new'], f'{code} {err} {place.left()}',
                      'two do not set up at once')
            process.send_signal(number)
            _, err = process.communicate(timeout=LIMIT_S)
            tap.point(process.returncode == FAILED and err.splitlines()[1:] ==
                      ['loadstone-cli lanes: Interrupted: own-npm was not set up, and nothing of it is left.'] and
                      place.left() == [] and is_closed(connection), f'{process.returncode} {err} {place.left()}',
                      f'{number.name} ends npm, and nothing is left')
    with hanging(place) as (process, connection):
        process.kill()
        process.wait()
        tap.point(is_closed(connection), '', 'npm does not outlive a command that was killed')
    left = place.left()
    lock(place.home, f'file:{folder}/thing.tgz', f'file:{folder}/thing.tgz')
    code, _, err = place.run('lanes', 'setup')
    tap.point(left == ['.own-npm.new'] and code == DONE and place.left() == ['own-npm'], f'{left} {code} {err} {place.left()}',
              'the next one clears away what it left')


def wheel(folder, name, version):
    """Makes a wheel of one module; returns its SHA-256."""
    info = f'{name}-{version}.dist-info'
    path = folder / f'{name}-{version}-py3-none-any.whl'
    files = {f'{name}.py': "HELLO = b'hello\\n'\n", f'{info}/METADATA': f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n',
             f'{info}/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'}
    record = ''.join(f'{file},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()},{len(text)}\n'
                     for file, text in files.items())
    with zipfile.ZipFile(path, 'w') as archive:
        for file, text in (files | {f'{info}/RECORD': f'{record}{info}/RECORD,,\n'}).items():
            archive.writestr(file, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_venv(folder):
    """As npm, with a virtual environment; packages that are not those of the lock file are refused."""
    place = Place(folder, 'own-venv', 'python3', 'venv', PYTHON_SERVER)
    requirements = place.home / 'requirements.txt'
    digest = wheel(folder, 'thing', '2.0.1')
    requirements.write_text(f'thing==2.0.1 \\\n    --hash=sha256:{digest}\n', encoding='utf-8')
    found = {'PIP_NO_INDEX': '1', 'PIP_FIND_LINKS': str(folder), 'PIP_TARGET': '/nowhere', 'PYTHONPATH': '/nowhere'}
    code, _, err = place.run('lanes', 'setup', **found)
    tap.point((code, err.splitlines()) == (DONE, ['own-venv: making a virtual environment', 'own-venv: installing 1 package with pip',
                                                  'own-venv: set up, thing 2.0.1']), f'{code} {err}', 'a venv is set up')
    code, one, environment, err = place.measure('own-venv')
    tap.point(code in (DONE, INVALID) and one['requests'] > 0 and one['errors'] == 0 and 'thing 2.0.1' in environment['runtimes'][0],
              f"{code} {one.get('invalid_reasons')} {environment} {err}", 'its interpreter is started')
    (place.installed / 'own-venv' / 'bin' / 'python3').unlink()
    tap.point('is not set up' in place.lane('own-venv')['obstacle'], place.lane('own-venv'), 'without interpreter it is not set up')

    requirements.write_text(f'thing==2.0.1 \\\n    --hash=sha256:{"0" * 64}\n', encoding='utf-8')
    place.run('lanes', 'setup', '--remove', 'own-venv')
    code, _, err = place.run('lanes', 'setup', **found)
    tap.point(code == FAILED and 'THESE PACKAGES DO NOT MATCH THE HASHES' in err and err.count('\n') == 3 and place.left() == [],
              f'{code} {err} {place.left()}', 'another file than that of the lock is refused')
    code, _, err = place.run('lanes', 'setup', PIP_INDEX_URL='https://pypi.org/simple', PIP_NO_INDEX='0', PIP_FIND_LINKS='')
    tap.point(code == FAILED and 'pip could not reach its package index: ' in err and 'own-venv” again.' in err and err.count('\n') == 3 and
              place.left() == [], f'{code} {err}', 'pip without a network says so')

    # A Python without the package python3-venv, as Debian has it.
    bare = folder / 'bare'
    bare.mkdir()
    (bare / 'python3').write_text('#!/bin/sh\ncase $* in --version) echo Python 3.11.2; exit;; esac\n'
                                  'echo "The virtual environment was not created successfully because ensurepip is not"\n'
                                  'echo "available."\nexit 1\n', encoding='utf-8')
    (bare / 'python3').chmod(0o755)
    code, _, err = place.run('lanes', 'setup', PATH=f'{bare}:{os.environ["PATH"]}')
    tap.point(code == FAILED and 'python3-venv' in err and err.count('\n') == 2 and place.left() == [], f'{code} {err}',
              'without python3-venv it says what to install')


def test_refused(folder):
    """Words that are none."""
    place = npm_place(folder)
    for args, part in ((['own-npn'], 'There is no runtime “own-npn”; did you mean “own-npm”?'),
                       (['quite-something-else'], 'loadstone-cli lanes setup --list'), (['--remove'], '--remove node-express'),
                       (['--list', 'own-npm'], '--list'), (['--list', '--remove'], '--list'), (['--json'], '--list'), (['--force'], '--help')):
        code, out, err = place.run('lanes', 'setup', *args)
        tap.point((code, out, err.count('\n')) == (USAGE, '', 1) and part in err, f'{code} {out} {err}', f'refused: {" ".join(args)}')
    code, out, err = place.run('lanes', 'setup', PATH='/nowhere')
    tap.point(code == DONE and err.startswith('own-npm: left out. ') and '“node”' in err, f'{code} {err}',
              'what was not named is left out where its program is not')
    code, out, err = place.run('lanes', 'setup', 'own-npm', PATH='/nowhere')
    tap.point(code == FAILED and '“node”' in err, f'{code} {err}', 'what was named is not')
    descriptor = place.home / 'runtime.xml'
    descriptor.write_text(re.sub('<setup.*/>', '', descriptor.read_text(encoding='utf-8')), encoding='utf-8')
    for args in (['own-npm'], ['--remove', 'own-npm']):
        code, out, err = place.run('lanes', 'setup', *args)
        tap.point((code, out, err) == (DONE, '', 'own-npm: needs no packages\n'), f'{code} {err}', f'without packages: {" ".join(args)}')


def test_no_cache(folder):
    """A cache that is no folder."""
    place = npm_place(folder)
    place.cache.write_text('', encoding='utf-8')
    code, out, err = place.run('lanes', 'setup')
    tap.point(code == FAILED and 'XDG_CACHE_HOME' in err and err.count('\n') == 1, f'{code} {err}', 'a cache that is no folder')


def main():
    for test in (test_npm, test_offline, test_no_room, test_cancelled, test_venv, test_refused, test_no_cache):
        if test != test_venv and not (NODE and NPM):  # pylint: disable=comparison-with-callable
            tap.skip('node or npm is not there', test.__doc__)
            continue
        with tempfile.TemporaryDirectory() as folder:
            test(pathlib.Path(folder))
    tap.end()


if __name__ == '__main__':
    main()
