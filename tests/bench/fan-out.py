#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the event-loop server delivers a broadcast, against Node.js with `ws`; what an idle WebSocket costs.

fan-out.py SERVER CLIENT [--modules FOLDER] [--sockets 4000] [--idle 10000] [--rounds 7] [--seconds 2]

FOLDER is where `npm install ws` was run; without one it is run in a temporary folder. One client holds all
sockets; the server has one CPU and the client another. Servers take turns, and of each pair of runs the
ratio is taken: of messages delivered a second, and of those a second of the server's CPU time, which is what
holds on a machine that has other things to do. With one message in flight nothing can be gathered: both
servers then make one system call a message and member, and nearly all time of ours is the kernel's. With
several, which the sender writes at once, those of one turn of the loop go to a member in one write.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

SERVER_CPU, CLIENT_CPU = 0, 1
HERE = os.path.dirname(os.path.abspath(__file__))


def pin(cpu):
    return lambda: os.sched_setaffinity(0, {cpu}) if (os.cpu_count() or 1) > 1 else None


def cpu_seconds(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def rss_bytes(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return int(next(line for line in file if line.startswith('VmRSS:')).split()[1]) * 1024


class Process:
    """A child that prints one line of JSON when it is ready, and ends with its standard input."""

    def __init__(self, cpu, *command, **environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=pin(cpu), env=os.environ | environment)
        self.pid = self.process.pid
        self.ready = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f'{self.process.args[0]} said nothing')
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.wait(10) != 0 and kind is None:
            sys.exit(f'{self.process.args[0]} failed')


def measure(start, client, sockets, in_flight, seconds):
    """Returns messages a second, messages a second of the server's CPU time, how busy the client was."""
    with start() as server, Process(CLIENT_CPU, client, str(server.ready['port']), str(sockets), str(in_flight),
                                    str(seconds)) as driver:
        before = cpu_seconds(server.pid)
        result = driver.read()
        used = cpu_seconds(server.pid) - before
    return (result['messages'] / result['seconds'], result['messages'] / used,
            result['cpu_seconds'] / result['seconds'])


def compare(ours, theirs, arguments, in_flight):
    ratios, cpu_ratios = [], []
    for turn in range(arguments.rounds):
        pair = [ours, theirs] if turn % 2 == 0 else [theirs, ours]
        results = {start: measure(start, arguments.client, arguments.sockets, in_flight, arguments.seconds)
                   for start in pair}
        (rate, cpu_rate, busy), (their_rate, their_cpu_rate, their_busy) = results[ours], results[theirs]
        ratios.append(rate / their_rate)
        cpu_ratios.append(cpu_rate / their_cpu_rate)
        print(f'  {in_flight} in flight: {rate:.0f} / {their_rate:.0f} messages/s = {ratios[-1]:.2f}, a CPU second'
              f' {cpu_rate:.0f} / {their_cpu_rate:.0f} = {cpu_ratios[-1]:.2f}, client busy {busy:.0%} / {their_busy:.0%}',
              flush=True)
    print(f'{arguments.sockets} sockets, {in_flight} in flight: median ratio {statistics.median(ratios):.2f}'
          f' ({min(ratios):.2f} to {max(ratios):.2f}), by CPU time {statistics.median(cpu_ratios):.2f}', flush=True)


def idle(start, name, arguments):
    with start() as server:
        before = rss_bytes(server.pid)
        with Process(CLIENT_CPU, arguments.client, str(server.ready['port']), str(arguments.idle), '0', '0'):
            each = (rss_bytes(server.pid) - before) / arguments.idle
    print(f'{arguments.idle} idle WebSockets: {each:.0f} bytes each of {name}', flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('server')
    parser.add_argument('client')
    parser.add_argument('--model', default='event-loop')
    parser.add_argument('--modules')
    parser.add_argument('--sockets', type=int, default=4000)
    parser.add_argument('--idle', type=int, default=10000)
    parser.add_argument('--in-flight', default='1,5,16')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--seconds', type=float, default=2)
    arguments = parser.parse_args()

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as folder:
        modules = arguments.modules or folder
        if not arguments.modules:
            subprocess.run(['npm', 'install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, 'ws'], check=True)

        def ours():
            return Process(SERVER_CPU, arguments.server, '--model', arguments.model)

        def theirs():
            return Process(SERVER_CPU, 'node', os.path.join(HERE, 'fan-out-ws.js'),
                           NODE_PATH=os.path.join(modules, 'node_modules'))

        if arguments.idle > 0:
            idle(ours, 'ours', arguments)
            idle(theirs, 'Node.js', arguments)
        for in_flight in map(int, arguments.in_flight.split(',')):
            compare(ours, theirs, arguments, in_flight)


if __name__ == '__main__':
    main()
