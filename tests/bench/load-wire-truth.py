#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the load generator says of service times beside what went over the wire: not run by `meson test`.

load-wire-truth.py SERVER [--rates 10000,50000] [--connections 64] [--seconds 4] [--rounds 5] [--engine NAME]...

SERVER as for bench-load.py; an idle trivial one. The wire is the loopback device: of every request of an open
loop, the time from its segment to the last one of its answer, which acknowledges it, as the kernel stamped
them. A segment is stamped in netif_rx(), within the sender's send(): so the truth holds how long the server
needed to wake, to read and to write, and, like the client's figure, how long it queued before the server. It
does not hold the client's way into the kernel, nor the way of an answer from the device to its socket and
the client's waking up for it, which a client that sleeps cannot do without; those are the difference.

Capturing costs: both ends copy every segment into a ring of tcpdump's as they send it. The ring holds the whole run,
and tcpdump is stopped until that is over, so that nobody else needs a processor meanwhile. Each round makes
the same run without a capture, which shows what observing adds. Figures are medians over the rounds; needs
root and tcpdump. The first second of each run is warm-up, on the wire as in the client.
"""

import math
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import load_bench

WARM_UP_S = 1
QUANTILES = {'p50': 0.5, 'p99': 0.99, 'p99_9': 0.999, 'max': 1.0}

SNAP_BYTES = 96  # Ethernet, IPv4 and TCP with its options
# Of a segment the ring holds what is snapped and what the kernel says of it; two segments make a request.
RING_BYTES_A_REQUEST = 2 * 384
# What grows no more for so long has been read.
STILL_S = 1

NANOSECONDS_MAGIC = 0xa1b23c4d
ETHERNET_BYTES = 14


class Capture:
    """All segments of a server's port that carry data, from here until end()."""

    def __init__(self, port, requests, path):
        # Without “inbound” loopback shows all twice; the kernel drops them before the copy.
        payload = 'ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0'
        ring_kib = max(RING_BYTES_A_REQUEST * requests // 1024, 8192)
        self.path = path
        with path.open('wb') as file:
            self.tcpdump = subprocess.Popen(
                # Immediate mode: a ring of segments, not of blocks, the last of which might never be given out.
                ['tcpdump', '-n', '-i', 'lo', '-j', 'host', '--time-stamp-precision=nano', '--immediate-mode',
                 '-s', str(SNAP_BYTES), '-B', str(ring_kib), '-w', '-',
                 f'inbound and tcp port {port} and {payload}'],
                stdout=file, stderr=subprocess.PIPE, text=True)
        for line in self.tcpdump.stderr:
            if 'listening on' in line:
                break
        else:
            sys.exit('tcpdump cannot capture on lo: run this as root')
        # The very first segment can be missing from what tcpdump writes: it shall be one of ours.
        with socket.create_connection(('127.0.0.1', port)) as client:
            client.sendall(b'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
            client.recv(4096)
            self.our_port = client.getsockname()[1]
        self.tcpdump.send_signal(signal.SIGSTOP)

    def end(self):
        """Has the ring read; returns segments that the kernel lost."""
        self.tcpdump.send_signal(signal.SIGCONT)
        size = -1
        while size != (size := self.path.stat().st_size):
            time.sleep(STILL_S)
        self.tcpdump.send_signal(signal.SIGINT)
        _, text = self.tcpdump.communicate()
        return int(re.search(r'(\d+) packets? dropped by kernel', text)[1])


def segments(data):
    """Gives (time in ns, source port, destination port, sequence number, acknowledgement, bytes of data)."""
    if struct.unpack_from('=I', data)[0] != NANOSECONDS_MAGIC:
        sys.exit('tcpdump did not write nanoseconds in this machine\'s byte order')
    record, tcp = struct.Struct('=IIII').unpack_from, struct.Struct('!HHIIB').unpack_from
    length = struct.Struct('!H').unpack_from
    at = 24
    while at < len(data):
        seconds, ns, captured, _ = record(data, at)
        ip = at + 16 + ETHERNET_BYTES
        ip_bytes = (data[ip] & 15) * 4
        source, destination, sequence, acknowledged, tcp_words = tcp(data, ip + ip_bytes)
        yield (seconds * 1_000_000_000 + ns, source, destination, sequence, acknowledged,
               length(data, ip + 2)[0] - ip_bytes - (tcp_words >> 4) * 4)
        at += 16 + captured


def read_wire(path, port, our_port):
    """Returns of every request, in the order of sending, the ns from its segment to its answer's; None for one
    without an answer. Leaves out those from @our_port."""
    begins, ends, waiting = [], [], {}  # waiting: client's port: (what its answer acknowledges, request)
    for ns, source, destination, sequence, acknowledged, size in segments(path.read_bytes()):
        if source == our_port:
            continue
        if destination == port:
            waiting[source] = (sequence + size) & 0xffffffff, len(begins)
            begins.append(ns)
            ends.append(None)
        elif destination in waiting and waiting[destination][0] == acknowledged:
            ends[waiting[destination][1]] = ns
    return [end if end is None else end - begin for begin, end in zip(begins, ends)]


def quantiles_us(times_ns):
    times_ns = sorted(times_ns)
    return {name: times_ns[math.ceil(quantile * len(times_ns)) - 1] / 1000 for name, quantile in QUANTILES.items()}


def run(options, port, engine, rate, folder=None):
    """One run, captured in @folder or not; returns its result, with the wire's figures under "wire"."""
    capture = None
    if folder:
        path = pathlib.Path(folder) / 'wire'
        capture = Capture(port, round(rate * (WARM_UP_S + options.seconds)), path)
    stolen = load_bench.Stolen()
    result = load_bench.load(f'http://127.0.0.1:{port}/', options.connections, options.seconds, engine,
                             '-w', str(WARM_UP_S), '-R', str(rate))
    result['stolen'] = stolen.share()
    if capture:
        lost = capture.end()
        times_ns = read_wire(path, port, capture.our_port)
        warm_up = max(len(times_ns) - result['sent'], 0)
        # What the warm-up could not send in time is dropped, so it is not as long as its rate says.
        times_ns = times_ns[warm_up:]
        answered = [ns for ns in times_ns if ns is not None]
        result['wire'] = {'lost': lost, 'warm_up': warm_up, 'requests': len(times_ns), 'answered': len(answered),
                          'us': quantiles_us(answered)}
    return result


def show_run(turn, plain, result):
    wire, service = result['wire'], result['service_time_us']
    print(f"round {turn}: {wire['answered']} answered of {wire['requests']} on the wire (and "
          f"{wire['warm_up']} of the warm-up), {result['requests']} of {result['sent']} in the client, "
          f"{wire['lost']} lost by the kernel; p50 {service['p50']:.1f} us, wire "
          f"{wire['us']['p50']:.1f}, without capture {plain['service_time_us']['p50']:.1f}"
          f'{load_bench.reasons(result)}', flush=True)


def show_medians(rate, plain, seen):
    def medians(results, value):
        return {name: statistics.median(value(result, name) for result in results) for name in QUANTILES}

    def row(title, figures, form='.1f'):
        print(f'  {title:34}' + ''.join(f'{format(figures[name], form):>11}' for name in QUANTILES))

    print(f"{seen[0]['engine']}, {rate:.0f}/s, medians of {len(seen)} rounds, in us:\n  {'':34}" +
          ''.join(f'{name:>11}' for name in QUANTILES))
    row('service time, client', medians(seen, lambda result, name: result['service_time_us'][name]))
    row('service time, wire', medians(seen, lambda result, name: result['wire']['us'][name]))
    row('client - wire', medians(seen, lambda result, name: result['service_time_us'][name] -
                                 result['wire']['us'][name]), '+.1f')
    row('service time, client, no capture', medians(plain, lambda result, name: result['service_time_us'][name]))
    for title, results in ('captured', seen), ('no capture', plain):
        lag = {name: statistics.median(result['schedule_lag_us'][name] for result in results)
               for name in ('p50', 'p99', 'max')}
        print(f"  {title}: achieved/target {statistics.median(result['rate_ratio'] for result in results):.4f}, "
              f"schedule lag p50 {lag['p50']:.1f} us p99 {lag['p99']:.1f} us max {lag['max']:.1f} us, client thread "
              f"{statistics.median(result['client_cpu_fraction'] for result in results):.0%} of its core, "
              f"{statistics.median(result['stolen'] for result in results):.1%} of the processors stolen", flush=True)


def main():
    parser = load_bench.parser(__doc__, rounds=5, seconds=4)
    parser.add_argument('server')
    parser.add_argument('--rates', default='10000,50000')
    options = load_bench.parse(parser)
    if not shutil.which('tcpdump') or os.geteuid() != 0:
        sys.exit('tcpdump and root are needed to capture on lo')
    with load_bench.serving(options.server) as (_, port), tempfile.TemporaryDirectory() as folder:
        for rate in map(float, options.rates.split(',')):
            runs = {engine: ([], []) for engine in options.engines}
            for turn in range(options.rounds):
                for engine, (plain, seen) in runs.items():
                    for kind in (plain, seen) if turn % 2 == 0 else (seen, plain):
                        kind.append(run(options, port, engine, rate, folder if kind is seen else None))
                    show_run(turn + 1, plain[-1], seen[-1])
            for plain, seen in runs.values():
                show_medians(rate, plain, seen)


main()
