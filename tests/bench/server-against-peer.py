#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How near a server model comes to a bare epoll loop: not run by `meson test`.

server-against-peer.py SERVER PEER.c [--model ID] [--connections 64,400] [--rounds 7] [--seconds 2]

PEER.c is a trivial server (`PEER PORT`) that answers `GET /`; it is compiled here. Both are driven by
wrk, in turns and pinned to another core than wrk, so that what the machine does besides meets both.
Prints the medians of the per-round ratios: requests a second, server over peer, and CPU time a
request, peer over server, which says the same where the machine has other things to do.
"""

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SERVER_CPU, CLIENT_CPU = 0, 1


def pin(cpu):
    return lambda: os.sched_setaffinity(0, {cpu}) if (os.cpu_count() or 1) > 1 else None


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_until_open(port):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            socket.create_connection(('127.0.0.1', port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.01)
    sys.exit(f'nothing listens on port {port}')


def cpu_seconds(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def measure(port, pid, connections, seconds):
    """Returns requests a second, and CPU us a request of the server."""
    before = cpu_seconds(pid)
    done = subprocess.run(['wrk', '-t1', f'-c{connections}', f'-d{seconds}s', f'http://127.0.0.1:{port}/'],
                          capture_output=True, text=True, check=True, preexec_fn=pin(CLIENT_CPU))
    used = cpu_seconds(pid) - before
    if 'Socket errors' in done.stdout or 'Non-2xx' in done.stdout:
        sys.exit(f'wrk saw errors:\n{done.stdout}')
    requests = int(re.search(r'(\d+) requests in', done.stdout).group(1))
    return float(re.search(r'Requests/sec:\s+([\d.]+)', done.stdout).group(1)), used / requests * 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('server')
    parser.add_argument('peer')
    parser.add_argument('--model', default='event-loop')
    parser.add_argument('--connections', default='64,400')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--seconds', type=int, default=2)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        peer_program = os.path.join(folder, 'peer')
        subprocess.run(['cc', '-O2', '-w', '-o', peer_program, arguments.peer], check=True)
        peer_port = free_port()
        peer = subprocess.Popen([peer_program, str(peer_port)], preexec_fn=pin(SERVER_CPU))
        server = subprocess.Popen([arguments.server, '--model', arguments.model], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True, preexec_fn=pin(SERVER_CPU))
        try:
            server_port = json.loads(server.stdout.readline())['port']
            wait_until_open(peer_port)
            for connections in map(int, arguments.connections.split(',')):
                ratios, cpu_ratios = [], []
                for turn in range(arguments.rounds):
                    pair = [(server_port, server.pid), (peer_port, peer.pid)]
                    if turn % 2:
                        pair.reverse()
                    results = {pid: measure(port, pid, connections, arguments.seconds) for port, pid in pair}
                    (ours, ours_us), (theirs, theirs_us) = results[server.pid], results[peer.pid]
                    ratios.append(ours / theirs)
                    cpu_ratios.append(theirs_us / ours_us)
                    print(f'  {connections} connections: {ours:.0f} / {theirs:.0f} requests/s = {ratios[-1]:.3f},'
                          f' CPU {ours_us:.2f} / {theirs_us:.2f} us a request')
                print(f'{connections} connections: median ratio {statistics.median(ratios):.3f}'
                      f' ({min(ratios):.3f} to {max(ratios):.3f}), by CPU time {statistics.median(cpu_ratios):.3f}')
        finally:
            server.stdin.close()
            server.wait(5)
            peer.kill()
            peer.wait()


if __name__ == '__main__':
    main()
