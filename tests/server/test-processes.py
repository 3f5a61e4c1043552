#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""loadstone-server with worker processes: they are replaced, and never outlive who started them.

test-processes.py TAP_FOLDER SERVER
"""

import contextlib
import json
import os
import signal
import subprocess
import sys

import websocket
from harness import GET, MODELS, PATIENCE_S, SERVER, Server, is_gone, read_answers, run_tests, wait_for

# Each with the options that make it have workers.
PROCESSES = {
    'prefork': [[]],
    'prefork-asyncio': [[]],
    'cluster': [['--accept', 'round-robin'], ['--accept', 'reuseport']],
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
            server.process.wait = lambda timeout: 0


def test_killed_master_frees_its_port():
    """What it had open is free again; somebody else may take the port first, but not each time."""
    for model, options in variants():
        for attempt in range(5):
            with Server(model, '--workers', '3', *options) as server:
                children = server.children()
                server.process.kill()
                assert server.process.wait(PATIENCE_S) == -signal.SIGKILL
                wait_for(lambda: all(is_gone(pid) for pid in children))  # pylint: disable=cell-var-from-loop
                server.process.wait = lambda timeout: 0
            try:
                with Server(model, '--port', str(server.port), *options) as again:
                    assert again.get('/')[0] == 200
                break
            except AssertionError:
                if attempt == 4:
                    raise


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


def observed(server):
    """Returns the next line of counts that @server prints."""
    return json.loads(server.process.stdout.readline())


def test_round_robin():
    """Connections that come one after the other are spread over the workers to within one."""
    for count in (9, 10, 11):
        with Server('cluster', '--workers', '3', '--stats-interval-ms', '20') as server, contextlib.ExitStack() as stack:
            for _ in range(count):
                client = stack.enter_context(server.send(GET % b'/'))
                assert read_answers(client, 1) == [b'hello\n']
            wait_for(lambda: observed(server)['connections'] == count)
            each = [worker['connections'] for worker in observed(server)['workers']]
            assert len(each) == 3 and sum(each) == count and max(each) - min(each) <= 1, each


def test_busy_worker_gets_no_more():
    """Node.js hands a connection to a worker that is free: one that stands still has at most one waiting for it."""
    with Server('cluster', '--workers', '2', '--stats-interval-ms', '20') as server, contextlib.ExitStack() as stack:
        busy = stack.enter_context(server.send(GET % b'/bad?ms=60000'))
        server.wait_until_read(busy)
        # The first or second of these is handed to it, all others to the one that is free.
        clients = [stack.enter_context(server.send(GET % b'/')) for _ in range(20)]
        wait_for(lambda: observed(server)['requests'] == 19)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_S) == 0


def test_reuseport():
    """Each worker has a listening socket, and the kernel uses all of them."""
    with Server('cluster', '--accept', 'reuseport', '--workers', '3', '--stats-interval-ms', '20') as server:
        with open('/proc/net/tcp', encoding='ascii') as file:
            listening = [line for line in file
                         if line.split()[1] == f'0100007F:{server.port:04X}' and line.split()[3] == '0A']
        assert len(listening) == 3
        with contextlib.ExitStack() as stack:
            for _ in range(120):
                client = stack.enter_context(server.send(GET % b'/'))
                assert read_answers(client, 1) == [b'hello\n']
            wait_for(lambda: observed(server)['connections'] == 120)
            each = [worker['connections'] for worker in observed(server)['workers']]
        # By chance one could be left out only once in 10^20 times.
        assert len(each) == 3 and min(each) > 0, each


def test_other_program_on_the_port():
    """The port of a server whose workers share it is nobody else's."""
    with Server('cluster', '--accept', 'reuseport', '--workers', '2') as server:
        done = subprocess.run([SERVER, '--model', 'cluster', '--accept', 'reuseport', '--port', str(server.port)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 1 and 'is in use' in json.loads(done.stdout)['message'], done


def test_connections_outlive_a_crash():
    """A worker's death costs its own clients their connections, and nobody else."""
    for model, options in variants():
        if model == 'prefork':
            continue
        with Server(model, '--workers', '3', '--stats-interval-ms', '20', *options) as server, \
                contextlib.ExitStack() as stack:
            clients = [stack.enter_context(server.send(GET % b'/')) for _ in range(60)]
            for client in clients:
                assert read_answers(client, 1) == [b'hello\n']
            wait_for(lambda: observed(server)['connections'] == 60)
            victim = observed(server)['workers'][1]
            os.kill(victim['pid'], signal.SIGKILL)
            wait_for(lambda: victim['pid'] not in server.children() and len(server.children()) == 3)
            alive = 0
            for client in clients:
                with contextlib.suppress(ConnectionError, BrokenPipeError):
                    client.sendall(GET % b'/')
                    alive += client.makefile('rb').readline().startswith(b'HTTP/1.1 200 ')
            assert alive == 60 - victim['connections'], (alive, victim)
            for _ in range(10):
                assert server.get('/')[2] == b'hello\n'


def test_crash_workload():
    for model, options in variants():
        with Server(model, '--workers', '2', *options) as server:
            assert server.get('/crash')[0] == 404
        with Server(model, '--workers', '2', '--allow-crash', *options) as server:
            before = server.children()
            with server.send(GET % b'/crash') as client:
                with contextlib.suppress(ConnectionError):
                    assert client.recv(1) == b''
            wait_for(lambda: len(set(server.children()) - set(before)) == 1 and len(server.children()) == 2)
            assert server.get('/')[2] == b'hello\n'
            assert len(set(server.children()) & set(before)) == 1


def test_accepted_is_served():
    """A server that is asked to end still answers those that have connected before, whoever had accepted them."""
    for model, options in variants():
        with Server(model, '--workers', '2', *options) as server:
            clients = [server.send(GET % b'/slow?ms=20') for _ in range(30 if model != 'prefork' else 2)]
            server.process.send_signal(signal.SIGTERM)
            for client in clients:
                with client:
                    assert client.makefile('rb').read().endswith(b'{"status":"done","t":20}')
            assert server.process.wait(PATIENCE_S) == 0


def test_broadcast_across_workers():
    """What one says in a chat all hear, whichever worker has them; nobody hears it twice."""
    for options in PROCESSES['cluster']:
        with Server('cluster', '--workers', '3', '--stats-interval-ms', '20', *options) as server, \
                contextlib.ExitStack() as stack:
            members = [stack.enter_context(websocket.WebSocket(server, '/chat')) for _ in range(24)]
            wait_for(lambda: observed(server)['connections'] == 24)
            assert all(worker['connections'] > 0 for worker in observed(server)['workers'])
            for turn, size in enumerate((3, 200, 20000)):
                text = (b'%d,' % turn).ljust(size, b'x')
                members[turn].send(websocket.frame(websocket.TEXT, text))
                for member in members:
                    assert member.receive() == (websocket.TEXT, text)
            # Nothing is behind the last one but the answer to a ping.
            for member in members:
                member.send(websocket.frame(websocket.PING, b'?'))
                assert member.receive() == (websocket.PONG, b'?')
            # A worker that takes another's place hears as well.
            victim = observed(server)['workers'][0]['pid']
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda: victim not in server.children() and len(server.children()) == 3)
            alive = []
            for member in members:
                with contextlib.suppress(OSError):
                    member.send(websocket.frame(websocket.PING, b'!'))
                    if member.receive() == (websocket.PONG, b'!'):
                        alive.append(member)
            assert 0 < len(alive) < 24
            alive += [stack.enter_context(websocket.WebSocket(server, '/chat')) for _ in range(9)]
            alive[0].send(websocket.frame(websocket.TEXT, b'anew'))
            for member in alive:
                assert member.receive() == (websocket.TEXT, b'anew')


def test_many_speak_at_once():
    """What many say in one turn of a loop goes to the other workers together, all of it."""
    with Server('cluster', '--workers', '2') as server, contextlib.ExitStack() as stack:
        members = [stack.enter_context(websocket.WebSocket(server, '/chat')) for _ in range(4)]
        texts = [b'%d' % number for number in range(1000)]
        members[0].send(*(websocket.frame(websocket.TEXT, text) for text in texts))
        for member in members:
            assert [member.receive()[1] for _ in texts] == texts


def test_relay_is_bounded():
    """Broadcasts for a worker that stands still are left out, and counted; connections still come through."""
    with Server('cluster', '--workers', '2', '--stats-interval-ms', '20') as server, contextlib.ExitStack() as stack:
        members = [stack.enter_context(websocket.WebSocket(server, '/chat')) for _ in range(2)]
        busy = stack.enter_context(server.send(GET % b'/bad?ms=4000'))
        wait_for(lambda: observed(server)['in_flight'] == 1)
        # In turn: the third connection is with the first one's worker.
        speaker = members[1]
        count = 0
        while not observed(server)['messages_dropped']:
            for _ in range(20):
                speaker.send(websocket.frame(websocket.TEXT, b'x' * 30000))
                assert speaker.receive() == (websocket.TEXT, b'x' * 30000)
                count += 1
            assert count < 10000
        assert read_answers(busy, 1)
        assert server.get('/')[2] == b'hello\n'


if __name__ == '__main__':
    run_tests(globals())
