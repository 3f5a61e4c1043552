# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks of the load generator share: the machine's two ends, a server, runs, histograms."""

import argparse
import base64
import contextlib
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

SERVER_CPU, CLIENT_CPU = '0', '1'
CLIENT_PLAN = pathlib.Path(__file__).with_name('client-cpu.json')
INVALID = 4  # exit code of a measurement that was made and may not be believed


def parser(text, rounds, seconds):
    """Options that all of them have."""
    options = argparse.ArgumentParser(description=text, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument('--connections', type=int, default=64)
    options.add_argument('--rounds', type=int, default=rounds)
    options.add_argument('--seconds', type=int, default=seconds)
    options.add_argument('--engine', action='append', dest='engines', metavar='NAME',
                         help='engine to measure; may be given several times (auto)')
    return options


def parse(options):
    arguments = options.parse_args()
    arguments.engines = arguments.engines or ['auto']
    return arguments


def load_command(url, connections, seconds, engine, *more):
    """The command line of a run of one thread on the client's CPU, which prints its result as JSON.

    Only that thread is kept there: what gathers and prints its figures would take 0.5 % of the CPU from it."""
    return [os.environ.get('LOADSTONE_CLI', 'loadstone-cli'), 'load', url, '--plan', CLIENT_PLAN, '-t', '1',
            '-c', str(connections), '-d', str(seconds), '--engine', engine, '--json', '-', *more]


def start_load(*arguments):
    """load_command() as a process that runs."""
    return subprocess.Popen(load_command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def end_load(process):
    """Waits for the end of start_load(); returns the result."""
    text, message = process.communicate()
    if process.returncode not in (0, INVALID):
        sys.exit(f'the load generator ended with {process.returncode}: {message.strip()}')
    return json.loads(text)


def load(*arguments):
    return end_load(start_load(*arguments))


def reasons(result):
    """Why @result may not be believed, as the end of a line; nothing for one that may."""
    codes = [reason['code'] for reason in result['invalid_reasons']]
    return f"  INVALID: {', '.join(codes)}" if codes else ''


class Stolen:
    """What share of the processors' time a hypervisor gave to others, from here until share() is asked: no figure
    of a run is better than that."""

    def __init__(self):
        self.begin = self._times()

    @staticmethod
    def _times():
        fields = pathlib.Path('/proc/stat').read_text(encoding='ascii').split('\n', 1)[0].split()
        return [int(field) for field in fields[1:9]]

    def share(self):
        spent = [end - begin for begin, end in zip(self.begin, self._times())]
        return spent[7] / max(sum(spent), 1)


def _wait_for(port):
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(('127.0.0.1', port)) == 0:
                return
        time.sleep(0.05)
    sys.exit('the server does not listen')


@contextlib.contextmanager
def serving(source):
    """A server on its CPU: a program that takes a port as its argument and answers GET / there, or C source of
    one. Gives (its process, its port)."""
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(source).resolve()
        if program.suffix == '.c':
            program = pathlib.Path(folder) / 'server'
            subprocess.run(['cc', '-O2', '-o', program, source], check=True)
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        # taskset becomes the server: the process is the server's.
        server = subprocess.Popen(['taskset', '-c', SERVER_CPU, program, str(port)])
        try:
            _wait_for(port)
            yield server, port
        finally:
            server.terminate()
            server.wait()


class Histogram:
    """The counts of an encoded histogram of a result: HdrHistogram's V2 form in base64, compressed or not, of
    three significant digits from 1 ns on."""

    HEADER = struct.Struct('!IIIIQQd')
    COOKIE, COMPRESSED = 0x1c849313, 0x1c849314

    def __init__(self, text):
        data = base64.b64decode(text, validate=True)
        if data[:4] == self.COMPRESSED.to_bytes(4, 'big'):
            data = zlib.decompress(data[8:])
        cookie, size, offset, digits, lowest, _, _ = self.HEADER.unpack_from(data)
        if (cookie, size, offset, digits, lowest) != (self.COOKIE, len(data) - self.HEADER.size, 0, 3, 1):
            raise ValueError('not a histogram as the load generator writes it')
        self.counts, bucket = [], 0  # counts: (lowest value of the bucket in ns, count), ascending
        for number in self._numbers(data[self.HEADER.size:]):
            if number < 0:
                bucket -= number  # so many empty ones
                continue
            if number > 0:
                self.counts.append((self._low_ns(bucket), number))
            bucket += 1
        self.total = sum(count for _, count in self.counts)

    @staticmethod
    def _numbers(data):
        """ZigZag LEB128, of which the ninth byte is whole."""
        value = shift = 0
        for byte in data:
            if shift == 56:
                value |= byte << shift
            else:
                value |= (byte & 0x7f) << shift
                if byte & 0x80:
                    shift += 7
                    continue
            yield (value >> 1) ^ -(value & 1)
            value = shift = 0

    @staticmethod
    def _low_ns(bucket):
        if bucket < 2048:
            return bucket
        octave, step = divmod(bucket - 2048, 1024)
        return (step + 1024) << (octave + 1)

    def count_from(self, ns):
        """Values of @ns and more, to a bucket's width."""
        return sum(count for low, count in self.counts if low >= ns)
