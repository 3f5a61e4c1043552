#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""loadstone-server with worker processes: they are replaced, and never outlive who started them.

test-processes.py TAP_FOLDER SERVER
"""

import json
import os
import signal
import subprocess
import sys

from harness import GET, MODELS, PATIENCE_S, SERVER, Server, is_gone, run_tests, wait_for

# Each with the options that make it have workers.
PROCESSES = {
    'prefork': [[]],
}


def variants():
    return [(model, options) for model in PROCESSES for options in PROCESSES[model]]


def test_killed_parent(model):
    """Whoever starts a server may be killed with -9, even with the server's input still open."""
    code = ('import json, subprocess, sys, time\n'
            'p = subprocess.Popen([*sys.argv[1:]], stdout=subprocess.PIPE)\n'
            'print(json.loads(p.stdout.readline())["pid"], flush=True)\n'
            'time.sleep(1000)\n')
    keep_read, keep_write = os.pipe()
    for options in PROCESSES.get(model, [None]):
        more = [] if options is None else ['--workers', '2', *options]
        parent = subprocess.Popen([sys.executable, '-c', code, SERVER, '--model', model, *more],
                                  stdin=keep_read, stdout=subprocess.PIPE, text=True)
        try:
            pid = int(parent.stdout.readline())
            with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as file:
                pids = [pid, *map(int, file.read().split())]
            assert options is None or len(pids) == 3, pids
        finally:
            parent.kill()
            parent.wait()
            parent.stdout.close()
        wait_for(lambda: all(is_gone(one) for one in pids))
    os.close(keep_read)
    os.close(keep_write)


def test_killed_master():
    for model, options in variants():
        with Server(model, '--workers', '3', *options) as server:
            children = server.children()
            assert len(children) == 3
            server.process.kill()
            assert server.process.wait(PATIENCE_S) == -signal.SIGKILL
            wait_for(lambda: all(is_gone(pid) for pid in children))
            # What it had open is free again.
            with Server(model, '--port', str(server.port), *options) as again:
                assert again.get('/')[0] == 200
            server.process.wait = lambda timeout: 0


def test_killed_worker():
    for model, options in variants():
        with Server(model, '--workers', '2', *options) as server:
            first = server.children()
            assert len(first) == 2
            for _ in range(3):
                killed = server.children()[0]
                os.kill(killed, signal.SIGKILL)
                wait_for(lambda: killed not in server.children() and len(server.children()) == 2)
                assert server.get('/')[2] == b'hello\n'
            assert server.children() != first


def test_idle_worker_asked_to_end():
    """A worker that ends as asked is replaced too: only the master's end is the server's."""
    for model, options in variants():
        with Server(model, '--workers', '2', *options) as server:
            asked = server.children()[0]
            os.kill(asked, signal.SIGTERM)
            wait_for(lambda: asked not in server.children() and len(server.children()) == 2)
            assert server.get('/')[2] == b'hello\n'


def test_ends_with_its_workers():
    for model, options in variants():
        for number in (signal.SIGTERM, None):
            with Server(model, '--workers', '3', *options) as server:
                children = server.children()
                with server.send(GET % b'/slow?ms=200') as client:
                    server.wait_until_read(client)
                    if number:
                        server.process.send_signal(number)
                    else:
                        server.process.stdin.close()
                    assert client.makefile('rb').read().endswith(b'{"status":"done","t":200}')
                assert server.process.wait(PATIENCE_S) == 0
                assert all(is_gone(pid) for pid in children)


if __name__ == '__main__':
    run_tests(globals())
