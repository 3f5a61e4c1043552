#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the universal scalability law with SciPy; what it prints stands in tests/core/test-usl.c.

usl.py needs scipy (PyPI). Data: SPEC SDM91 of a SPARCcenter 2000, published by SPEC; the others are made here.
"""
import numpy
from scipy.optimize import curve_fit

DATA = {
    'SPEC SDM91': ([1, 18, 36, 72, 108, 144, 216], [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2]),
    # Two bounds: throughput that grows faster than N (alpha would be negative), and that never bends.
    'superlinear': ([1, 2, 4, 8, 16], [1000, 2150, 4600, 9300, 16500]),
    'linear': ([1, 2, 4, 8], [1010, 1990, 4010, 8020]),
    # Three runs of each N.
    'repeats': ([1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8, 16, 16, 16],
                [9800, 10100, 10050, 18900, 19200, 18700, 33500, 34100, 33000, 50200, 51900, 51000,
                 59900, 61200, 60300]),
}


def law(n, lam, alpha, beta):
    """Returns the throughput at @n."""
    return lam * n / (1 + alpha * (n - 1) + beta * n * (n - 1))


def main():
    for name, (n, x) in DATA.items():
        n, x = numpy.array(n, float), numpy.array(x, float)
        p, _ = curve_fit(law, n, x, p0=[x[0] / n[0], 0.01, 1e-4], bounds=(0, numpy.inf), x_scale=[x[0], 0.1, 1e-3],
                         ftol=1e-15, xtol=1e-15, gtol=1e-15, max_nfev=100000)
        rss = ((x - law(n, *p)) ** 2).sum()
        print(f'{name}: lambda {p[0]:.8g}, alpha {p[1]:.8g}, beta {p[2]:.8g}, residual {rss:.8g}, '
              f'R2 {1 - rss / ((x - x.mean()) ** 2).sum():.8g}')


if __name__ == '__main__':
    main()
