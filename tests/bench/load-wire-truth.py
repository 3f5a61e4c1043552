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

Capturing costs: both ends copy the head of every segment into a ring as they send it. The ring holds the whole
run and is read when that is over, so that nobody else needs a processor meanwhile. Each round makes
the same run without a capture, which shows what observing adds. Figures are medians over the rounds; needs
root. The first second of each run is warm-up, on the wire as in the client.
"""

import ctypes
import math
import mmap
import os
import socket
import statistics
import struct
import sys

import load_bench

WARM_UP_S = 1
QUANTILES = {'p50': 0.5, 'p99': 0.99, 'p99_9': 0.999, 'max': 1.0}

# A frame of the ring: what the kernel says of a segment, and so much of its beginning that all of IPv4 and
# TCP with its options is in it.
FRAME_BYTES = 256
BLOCK_BYTES = 1 << 20
# The request, its answer, and an acknowledgement of its own now and then.
SEGMENTS_A_REQUEST = 3

# Linux: if_packet.h, if_ether.h, asm-generic/socket.h
SOL_PACKET, PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION = 263, 5, 6, 10
TPACKET_V2, TP_STATUS_USER, ETH_P_IP, SO_ATTACH_FILTER, SO_TIMESTAMPNS = 1, 1, 0x0800, 26, 35
# Classic BPF; behind an Ethernet header and one of IPv4 without options are the ports.
LOAD_HALF, JUMP_IF_EQUAL, RETURN, SOURCE_PORT_AT = 0x28, 0x15, 0x06, 34


class Capture:
    """All segments to and from @port over the loopback device, from here until end()."""

    def __init__(self, port, requests):
        n_blocks = max(FRAME_BYTES * SEGMENTS_A_REQUEST * requests // BLOCK_BYTES, 8)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V2)
        self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack(
            '=IIII', BLOCK_BYTES, n_blocks, FRAME_BYTES, n_blocks * (BLOCK_BYTES // FRAME_BYTES)))
        # Stamps of netif_rx(); without it they are of the copy into the ring.
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.ring = mmap.mmap(self.socket.fileno(), n_blocks * BLOCK_BYTES)
        program = ctypes.create_string_buffer(b''.join(struct.pack('=HBBI', *step) for step in (
            (LOAD_HALF, 0, 0, SOURCE_PORT_AT), (JUMP_IF_EQUAL, 2, 0, port),
            (LOAD_HALF, 0, 0, SOURCE_PORT_AT + 2), (JUMP_IF_EQUAL, 0, 1, port),
            (RETURN, 0, 0, FRAME_BYTES), (RETURN, 0, 0, 0))))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                               struct.pack('@HP', 6, ctypes.addressof(program)))
        # One protocol, not all: what is sent is not looked at, only what arrives.
        self.socket.bind(('lo', ETH_P_IP))

    def end(self):
        """Returns the segments as segments() has them, and how many the kernel lost."""
        _, lost = struct.unpack('=II', self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
        found = list(segments(self.ring))
        self.ring.close()
        self.socket.close()
        return found, lost


def segments(ring):
    """Gives (time in ns, source port, destination port, sequence number, acknowledgement, bytes of data) of TCP."""
    header, tcp = struct.Struct('=IIIHHII').unpack_from, struct.Struct('!HHIIB').unpack_from
    length = struct.Struct('!H').unpack_from
    for at in range(0, len(ring), FRAME_BYTES):
        status, _, _, _, network, seconds, ns = header(ring, at)
        if not status & TP_STATUS_USER:
            break
        ip = at + network
        if ring[ip + 9] != socket.IPPROTO_TCP:
            continue
        ip_bytes = (ring[ip] & 15) * 4
        source, destination, sequence, acknowledged, tcp_words = tcp(ring, ip + ip_bytes)
        yield (seconds * 1_000_000_000 + ns, source, destination, sequence, acknowledged,
               length(ring, ip + 2)[0] - ip_bytes - (tcp_words >> 4) * 4)


def read_wire(captured, port):
    """Returns of every request, in the order of sending, the ns from its segment to its answer's; None for one
    without an answer."""
    begins, ends, waiting = [], [], {}  # waiting: client's port: (what its answer acknowledges, request)
    for ns, source, destination, sequence, acknowledged, size in captured:
        if size == 0:
            continue
        if destination == port:
            end = (sequence + size) & 0xffffffff
            if waiting.get(source, (None, None))[0] == end:  # sent again by the kernel: the first is what counts
                continue
            waiting[source] = end, len(begins)
            begins.append(ns)
            ends.append(None)
        elif source == port and destination in waiting and waiting[destination][0] == acknowledged:
            ends[waiting[destination][1]] = ns
    return [end if end is None else end - begin for begin, end in zip(begins, ends)]


def quantiles_us(times_ns):
    times_ns = sorted(times_ns)
    return {name: times_ns[math.ceil(quantile * len(times_ns)) - 1] / 1000 for name, quantile in QUANTILES.items()}


def run(options, port, engine, rate, is_captured):
    """One run, captured or not; returns its result, with the wire's figures under "wire"."""
    capture = Capture(port, round(rate * (WARM_UP_S + options.seconds))) if is_captured else None
    stolen = load_bench.Stolen()
    result = load_bench.load(f'http://127.0.0.1:{port}/', options.connections, options.seconds, engine,
                             '-w', str(WARM_UP_S), '-R', str(rate))
    result['stolen'] = stolen.share()
    if capture:
        captured, lost = capture.end()
        times_ns = read_wire(captured, port)
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
    if os.geteuid() != 0:
        sys.exit('root is needed to capture on lo')
    with load_bench.serving(options.server) as (_, port):
        for rate in map(float, options.rates.split(',')):
            runs = {engine: ([], []) for engine in options.engines}
            for turn in range(options.rounds):
                for engine, (plain, seen) in runs.items():
                    for kind in (plain, seen) if turn % 2 == 0 else (seen, plain):
                        kind.append(run(options, port, engine, rate, kind is seen))
                    show_run(turn + 1, plain[-1], seen[-1])
            for plain, seen in runs.values():
                show_medians(rate, plain, seen)


main()
