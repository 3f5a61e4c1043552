# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of the reference servers on Node.js share. Their arguments: TAP_FOLDER SERVER RUNTIMES, then the names of
the runtimes to test. Those with packages have them set up by the command LOADSTONE_CLI, in XDG_CACHE_HOME."""

import contextlib
import functools
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'server'))
from harness import PATIENCE_S, Server, children_of, is_gone, wait_for  # noqa: E402

RUNTIMES = pathlib.Path(sys.argv[3])
NAMES = sys.argv[4:]
NODE = shutil.which('node')
NODE_MAJOR = 20
# What shares a thread or a process has two here, whatever the machine.
OPTIONS = {'node-cluster': ['--workers', '2'], 'node-workers': ['--workers', '2']}


def read_descriptor(name):
    return xml.etree.ElementTree.parse(RUNTIMES / name / 'runtime.xml')


def serves(name):
    return read_descriptor(name).find('serves').get('workloads').split()


def loadstone(*args):
    return subprocess.run([os.environ['LOADSTONE_CLI'], 'lanes', 'setup', *args], capture_output=True, text=True, check=False,
                          env=os.environ | {'LC_ALL': 'C.UTF-8', 'LOADSTONE_RUNTIMES': str(RUNTIMES)})


@functools.cache
def set_up(name):
    """Returns (variables of the environment, why it cannot be tested)."""
    descriptor = read_descriptor(name)
    if descriptor.find('setup') is None:
        return {}, None
    done = loadstone(name)
    while 'Another Loadstone' in done.stderr:  # a test beside this one
        time.sleep(0.2)
        done = loadstone(name)
    if 'could not reach its registry' in done.stderr or 'there is no program' in done.stderr:
        return {}, done.stderr.splitlines()[-1]
    assert done.returncode == 0, done
    listed = json.loads(loadstone('--list', '--json').stdout)['runtimes']
    folder = [runtime['folder'] for runtime in listed if runtime['id'] == name][0]
    return {'NODE_PATH': f'{folder}/node_modules'} | {each.get('name'): each.get('value') for each in descriptor.iter('environment')}, None


def why_skipped(*_):
    """Why none of them can be tested; None when they can."""
    if not NODE:
        return 'node is not there'
    version = subprocess.run([NODE, '--version'], capture_output=True, text=True, check=True).stdout.strip()
    if int(version[1:].split('.')[0]) < NODE_MAJOR:
        return f'node is {version}, older than {NODE_MAJOR}'
    return next((why for _, why in map(set_up, NAMES) if why), None)


def command(name, *options):
    variables = [f'{name}={value}' for name, value in set_up(name)[0].items()]
    return ['/usr/bin/env', *variables, NODE, str(RUNTIMES / name / 'server.mjs'), *options]


def descendants(pid):
    return [found for child in children_of(pid) for found in (child, *descendants(child))]


class Real(Server):
    """A reference server; a context that ends it, and looks at what it leaves behind."""

    def __init__(self, name, *options, errors='', **popen):  # pylint: disable=super-init-not-called
        self.errors = errors
        self.process = subprocess.Popen(command(name, '--port', '0', *(options or OPTIONS.get(name, []))), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen)
        line = self.process.stdout.readline()
        assert line, self.process.communicate()
        self.pid, self.port = self.process.pid, json.loads(line)['port']
        assert line == f'{{"event":"ready","port":{self.port},"companions":[]}}\n', line

    def __exit__(self, kind, value, trace):
        left = descendants(self.pid)
        if self.process.poll() is None:
            self.process.stdin.close()
        code = self.process.wait(PATIENCE_S)
        output, errors = self.process.stdout.read(), self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        if kind is None:
            assert (code, output) == (0, ''), (code, output, errors)
            assert self.errors in errors and (self.errors or not errors), errors
            wait_for(lambda: all(map(is_gone, left)))


def ask(server, method, path, body=None, headers=None):
    client = http.client.HTTPConnection('127.0.0.1', server.port, timeout=PATIENCE_S)
    with contextlib.closing(client):
        client.request(method, path, body, headers or {}, encode_chunked='Transfer-Encoding' in (headers or {}))
        answer = client.getresponse()
        return answer.status, answer.headers, answer.read()
