#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the figures of comparing runs come from; for developers, needs numpy and SciPy.

compare.py oracle    the figures that tests/core/test-stats-compare.c holds, by SciPy
compare.py simulate  how the tests that were considered keep their level and find a shift
"""

import itertools
import sys

import numpy
from scipy import stats

SAMPLES = {  # name: two samples
    'apart': ([10, 11, 12, 13, 14], [20, 21, 22, 23, 24]),
    'overlapping': ([98.5, 101.2, 100.4, 99.1, 102.3], [103.9, 101.7, 104.4, 100.9, 106.1]),
    'outlier': ([48211, 47950, 48400, 31000, 48120], [49900, 50120, 49780, 50333, 49500]),
    'tied': ([1, 2, 2, 3, 3], [3, 3, 4, 5, 2]),
    'unequal': ([5.1, 5.4, 4.9, 5.0], [5.6, 5.9, 5.3, 6.1, 5.8, 5.7, 5.2]),
    'unequal and tied': ([7, 7, 8, 9], [9, 9, 10, 7, 11, 12]),
}


def whole_p(a, b):
    """The exact p of the rank sum by looking at every arrangement, ties and all."""
    ranks = stats.rankdata(numpy.concatenate([a, b]))
    expected = len(b) * (len(ranks) + 1) / 2
    far = abs(ranks[len(a):].sum() - expected)
    sums = [sum(chosen) for chosen in itertools.combinations(ranks, len(b))]
    return sum(abs(one - expected) >= far - 1e-9 for one in sums) / len(sums)


def oracle():
    for name, (a, b) in SAMPLES.items():
        a, b = numpy.array(a, float), numpy.array(b, float)
        result = stats.mannwhitneyu(b, a, method='exact')
        ratios = numpy.sort(numpy.divide.outer(b, a).ravel())
        print(f'{name}: every arrangement p = {whole_p(a, b):.12g}; SciPy exact, no ties: p = {result.pvalue:.12g}; '
              f'A = {result.statistic / len(a) / len(b):.6g}; '
              f'Hodges-Lehmann = {numpy.exp(numpy.median(numpy.log(ratios))):.12g}')
        total = stats.mannwhitneyu(range(len(b)), range(100, 100 + len(a)), method='exact').pvalue / 2
        print(f'  smallest one-sided p {total:.12g}; ratios from the ends:', [f'{one:.9g}' for one in ratios[:4]],
              [f'{one:.9g}' for one in ratios[-4:]])
        if len(a) == len(b):
            logs = numpy.log(b / a)
            t = stats.ttest_1samp(logs, 0)
            low, high = numpy.exp(t.confidence_interval(0.95))
            low99, high99 = numpy.exp(t.confidence_interval(0.99))
            print(f'  pairs: ratio {numpy.exp(logs.mean()):.12g} from {low:.9g} to {high:.9g} (99 %: {low99:.9g} to '
                  f'{high99:.9g}), p = {t.pvalue:.12g}')
    a, b = numpy.arange(40) * 1.0 + 100, numpy.arange(45) * 1.0 + 108.5
    print('32 against 32, exact: p =', stats.mannwhitneyu(b[:32], a[:32], method='exact').pvalue)
    print('40 against 45, normal approximation: p =', stats.mannwhitneyu(b, a, method='asymptotic').pvalue)
    for found, n in ((0, 20), (10, 200), (20, 20)):
        interval = stats.binomtest(found, n).proportion_ci(0.95, 'wilson')
        print(f'{found} of {n}: {interval.low:.9g} to {interval.high:.9g}')


def noise(generator, trials, n, kind):
    """Log figures of @trials sessions of @n runs on one machine: 2 % from run to run, and what drifts."""
    deviation, at = 0.02, numpy.arange(n) / (n - 1)
    logs = generator.normal(0, deviation, (trials, n))
    if 'disturbed' in kind:
        logs -= (generator.random((trials, n)) < 0.08) * generator.exponential(0.08, (trials, n))
    if 'slower' in kind:
        logs -= at * 6 * deviation
    if 'walk' in kind:
        logs += numpy.cumsum(generator.normal(0, deviation, (trials, n)), 1)
    if 'step' in kind:
        logs += (at > generator.random((trials, 1))) * generator.normal(0, 3 * deviation, (trials, 1))
    return logs


def mann_whitney(a, b):
    return stats.mannwhitneyu(a, b, axis=1, method='exact').pvalue


def signed_ranks(a, b):
    n = a.shape[1]
    sums = numpy.array([sum(chosen) for signs in itertools.product((0, 1), repeat=n)
                        for chosen in [[rank + 1 for rank in range(n) if signs[rank]]]])
    ranks = stats.rankdata(numpy.abs(b - a), axis=1)
    low = (ranks * (b > a)).sum(1)
    low = numpy.minimum(low, n * (n + 1) / 2 - low)
    return numpy.array([min(1, 2 * (sums <= one).mean()) for one in low])


def student(a, b):
    return stats.ttest_rel(a, b, axis=1).pvalue


def simulate(trials=4000):
    generator = numpy.random.default_rng(1)
    print('repeats, noise: Mann-Whitney / pairs, Student / pairs, signed ranks, each at a shift of 0, 2 and 4 %')
    for n, kind in itertools.product((5, 6, 8, 10), ('plain', 'slower', 'walk', 'step', 'disturbed', 'disturbed walk')):
        # As the plan orders them: the first lane first in even repeats, last in odd ones.
        first = numpy.array([2 * repeat + repeat % 2 for repeat in range(n)])
        second = numpy.array([2 * repeat + 1 - repeat % 2 for repeat in range(n)])
        logs = noise(generator, trials, 2 * n, kind)
        cells = []
        for shift in (0, 0.02, 0.04):
            a, b = logs[:, first], logs[:, second] + shift
            cells.append(' / '.join(f'{100 * (test(a, b) < 0.05).mean():5.1f}'
                                    for test in (mann_whitney, student, signed_ranks)))
        print(f'{n:2} {kind:15}', '  |  '.join(cells), flush=True)


if __name__ == '__main__':
    {'oracle': oracle, 'simulate': simulate}[sys.argv[1]]()
