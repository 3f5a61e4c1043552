#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the load generator says of a server that stands still for a second: not run by `meson test`.

load-stall.py SERVER [--rates 1000,10000] [--connections 64] [--seconds 6] [--rounds 3] [--stall 1] [--engine NAME]...

SERVER as for bench-load.py. A third into the measured interval of an open loop it gets SIGSTOP, and SIGCONT when the
stall is over. A request that is due while it stands still is answered after what is left of the stall, so of a
stall of S seconds at a constant rate R there are R * (S - x) requests whose response time is above x. What has
piled up is then answered at the capacity C, while more is due: that makes it R * (S - x) / (1 - R / C). C is
the rate of a closed loop, measured before. Both numbers are printed beside those in the histogram, and the
service time, which sees of the stall no more than the requests that were under way: one a connection.

S is the time between the two signals as measured; all other figures are medians over the rounds.
"""

import signal
import statistics
import time

import load_bench

WARM_UP_S = 1
CAPACITY_S = 2
THRESHOLDS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)  # of the stall
# Nobody gives up because of the stall.
TIMEOUT_MS = 30_000
NAMES = ('p50', 'p99', 'p99_9', 'max')


def run(options, server, url, engine, rate):
    """One run with one stall in it; returns (its result, seconds of the stall)."""
    process = load_bench.start_load(url, options.connections, options.seconds, engine, '-w', str(WARM_UP_S),
                                    '-R', str(rate), '--timeout', f'{TIMEOUT_MS}ms')
    time.sleep(WARM_UP_S + options.seconds / 3)
    server.send_signal(signal.SIGSTOP)
    begin = time.monotonic()
    time.sleep(options.stall)
    server.send_signal(signal.SIGCONT)
    stall_s = time.monotonic() - begin
    return load_bench.end_load(process), stall_s


def show(rate, capacity, runs):
    print(f"{runs[0][0]['engine']}, {rate:.0f}/s, capacity {capacity:.0f}/s, medians of {len(runs)} rounds, stall "
          f'{statistics.median(stall_s for _, stall_s in runs) * 1e3:.2f} ms')
    for title, member in ('response time', 'latency_us'), ('service time', 'service_time_us'):
        print(f'  {title:14}' + ''.join(
            f'{name:>8} {statistics.median(result[member][name] for result, _ in runs) / 1e3:9.3f} ms'
            for name in NAMES))
    for share in THRESHOLDS:
        rows = []
        for result, stall_s in runs:
            response, service = (load_bench.Histogram(result[member])
                                 for member in ('latency_histogram', 'service_time_histogram'))
            due = rate * stall_s * (1 - share)
            above_ns = int(share * stall_s * 1e9)
            rows.append((response.count_from(above_ns), due, due / (1 - rate / capacity),
                         service.count_from(above_ns)))
        found, due, expected, service = map(statistics.median, zip(*rows))
        print(f'  above {share:4.2f} of the stall: {found:7.0f} requests, {due:9.1f} due by then, {expected:9.1f} with '
              f'what piled up ({found / expected:.3f}); by service time {service:.0f}')
    for result, _ in runs:
        errors = {kind: count for kind, count in result['errors'].items() if count > 0}
        if errors or result['invalid_reasons']:
            print(f'  errors {errors or "none"}{load_bench.reasons(result)}')


def main():
    parser = load_bench.parser(__doc__, rounds=3, seconds=6)
    parser.add_argument('server')
    parser.add_argument('--rates', default='1000,10000')
    parser.add_argument('--stall', type=float, default=1, help='seconds')
    options = load_bench.parse(parser)
    if options.seconds * 2 / 3 < 2 * options.stall:
        parser.error('--seconds must be three times --stall or more, so that the stall and what piled up fit in')
    with load_bench.serving(options.server) as (server, port):
        url = f'http://127.0.0.1:{port}/'
        for engine in options.engines:
            capacity = load_bench.load(url, options.connections, CAPACITY_S, engine)['achieved_rate']
            for rate in map(float, options.rates.split(',')):
                show(rate, capacity, [run(options, server, url, engine, rate) for _ in range(options.rounds)])


main()
