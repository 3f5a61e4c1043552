#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts from sessions against the reference model: ratios and intervals are computed here once more,
the intervals exactly instead of by drawing, and go into the reference as measurements.

test-evidence-reference.py EVIDENCE-FIGURES TEST-REFERENCE N SEED
"""
import importlib.util
import json
import math
import random
import statistics
import subprocess
import sys

import tap

LANES = ("event-loop", "cluster", "worker-threads", "gil-threads", "asyncio", "prefork-asyncio", "process-pool", "prefork")
MIN_RUNS = 5
MEASURED = {"conc": "rate_hz", "lat": "response_ms"}


def pairs_of(a):
    """The pairs that may stand for the runtimes, what would be deployed first."""
    wide = a["conns"] in ("1k-10k", "10k-50k", "gt50k") or a["rps"] in ("10k-50k", "50k-100k", "gt100k")
    computes = a["plaincpu"] in ("occasional", "per-request") or a["mix"] == "plain"
    if a["asyncok"] == "no" or a["batt"] == "yes":
        return [("cluster", "prefork")] * wide + [("event-loop", "gil-threads")]
    return ([("worker-threads", "process-pool")] * computes + [("cluster", "prefork-asyncio")] * wide
            + [("event-loop", "asyncio")])


def medians(values):
    """What the median of a resample can be, and how likely each is; of an odd number."""
    xs, n = sorted(values), len(values)
    at_most = lambda k: sum(math.comb(n, i) * (k / n) ** i * (1 - k / n) ** (n - i) for i in range((n + 1) // 2, n + 1))
    return [(x, at_most(k + 1) - at_most(k)) for k, x in enumerate(xs)]


def quantile(upper, lower, q):
    """The exact quantile of the ratio of two medians of resamples."""
    ratios = sorted((u / v, p * r) for u, p in medians(upper) for v, r in medians(lower))
    total = 0
    for ratio, probability in ratios:
        total += probability
        if total >= q:
            return ratio
    return ratios[-1][0]


def session(rng, a):
    """Runs of some lanes; some are refused, some have no figure, some lanes have too few."""
    lanes = rng.sample(LANES, rng.randrange(4, len(LANES) + 1))
    factor = 2 ** rng.uniform(-2.2, 2.2)
    runs = []
    for lane in lanes:
        python = lane in LANES[3:]
        rate, spread = 500 / (factor if python else 1), rng.choice([0.01, 0.05, 0.3])
        for repeat in range(rng.choice([3, 5, 5, 5, 7, 9])):
            speed = rate * math.exp(rng.gauss(0, spread))
            runs.append({"lane": lane, "workload": "io", "repeat": repeat, "valid": rng.random() > 0.03,
                         "rate_hz": speed if rng.random() > 0.02 else None, "response_ms": 60 * 500 / speed})
    return runs


def values_of(runs, lane, figure):
    return [run[figure] for run in runs if run["lane"] == lane and run["valid"] and run[figure] is not None]


def bounds_of(runs, upper_lane, lower_lane, figure):
    """The ratio, and a function of q that gives the exact quantile of what is drawn; None of an even number."""
    sides = [{run["repeat"]: run[figure] for run in runs if run["lane"] == lane and run["valid"] and run[figure] is not None}
             for lane in (upper_lane, lower_lane)]
    pairs = [sides[0][repeat] / sides[1][repeat] for repeat in sides[0] if repeat in sides[1]]
    if len(pairs) >= MIN_RUNS:
        return statistics.median(pairs), (lambda q: quantile(pairs, [1], q)) if len(pairs) % 2 else None
    upper, lower = (list(side.values()) for side in sides)
    odd = len(upper) % 2 and len(lower) % 2
    return statistics.median(upper) / statistics.median(lower), (lambda q: quantile(upper, lower, q)) if odd else None


def check(reference, model, a, runs, f):
    """Yields what differs."""
    meas = {}
    for criterion, row in f["rows"].items():
        figure = MEASURED.get(criterion)
        if figure is None:
            if row["used"]:
                yield criterion + " is used"
            continue
        able = {lane for lane in LANES if len(values_of(runs, lane, figure)) >= MIN_RUNS}
        usable = [pair for pair in pairs_of(a) if set(pair) <= able]
        if not usable:
            if row["used"]:
                yield "%s is used without a pair" % criterion
            continue
        if not row["used"]:
            # The first is too vague, and so are all behind it.
            for node, python in usable:
                sides = (python, node) if figure == "response_ms" else (node, python)
                _, bound = bounds_of(runs, *sides, figure)
                if bound is not None:
                    low, high = bound(0.02), bound(0.98)
                    if not (low <= 1.01 and high >= 0.99 and (low < 0.51 or high > 1.98)):
                        yield "%s is not used: %g to %g" % (criterion, low, high)
            continue
        pair = (row["node"], row["python"])
        if pair not in usable:
            yield "%s compares %s" % (criterion, pair)
            continue
        ratio, bound = bounds_of(runs, *(reversed(pair) if figure == "response_ms" else pair), figure)
        # A histogram keeps times to two or three digits.
        close = 1e-9 if figure == "rate_hz" else 0.02
        if abs(row["ratio"] / ratio - 1) > close:
            yield "%s: ratio %g" % (criterion, row["ratio"])
        if bound is not None:
            for end, least, most in (("low", 0.012, 0.04), ("high", 0.96, 0.988)):
                if not bound(least) * (1 - close) <= row[end] <= bound(most) * (1 + close):
                    yield "%s: %s %g" % (criterion, end, row[end])
        meas[criterion] = 1 if row["low"] <= 1 <= row["high"] else row["ratio"]

    def lead(measured, winner, allowed):
        scores = model.score(a, None, model.overlay(model.perf(a), measured))
        rivals = [scores[o] for o in allowed if o != winner]
        return scores[winner] - max(rivals) if rivals else 0

    r = model.decide(a, meas)
    allowed = [o for o in model.OPT if o not in r["gates"]]
    scores = model.score(a, None, model.overlay(model.perf(a), meas))
    if f["win"] != reference.OPTION[r["win"]]:
        yield "%s wins, not %s" % (f["win"], r["win"])
        return
    if any(abs(f[reference.OPTION[o]] - scores[o]) > 1e-9 for o in model.OPT):
        yield "scores %r" % scores
    for criterion in meas:
        row, rest = f["rows"][criterion], {c: x for c, x in meas.items() if c != criterion}
        without = lead(rest, r["win"], allowed)
        if row["winner_without"] != reference.OPTION[model.decide(a, rest)["win"]]:
            yield criterion + ": who wins without it"
        if abs(row["lead_without"] - without) > 1e-9 or abs(row["effect"] - lead(meas, r["win"], allowed) + without) > 1e-9:
            yield "%s: lead without it %g, not %g" % (criterion, row["lead_without"], without)


def main(program, path, n, seed):
    spec = importlib.util.spec_from_file_location("test_reference", path)
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    model = reference.model
    rng = random.Random(int(seed))
    cases = []
    for _ in range(int(n)):
        a = dict(model.DEF, **reference.random_answers(rng))
        # Of few ratios with real weight the verdict hangs on some.
        a.update(conns=rng.choice(["1k-10k", "10k-50k", "gt50k"]), lat=rng.choice(["50", "10"]))
        cases.append((a, session(rng, a)))
    lines = [json.dumps({"answers": reference.answers_of(a), "runs": runs}) for a, runs in cases]
    done = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
    tap.point(done.returncode == 0, done.stderr, "every session is taken")
    figures = [json.loads(line) for line in done.stdout.splitlines()]
    plain = lambda a: {q: (model.DEF[q] if v == "unknown" and q != "mix" else v) for q, v in a.items()}
    wrong = ["case %d: %s" % (i, what) for i, ((a, runs), f) in enumerate(zip(cases, figures))
             for what in check(reference, model, plain(a), runs, f)]
    tap.point(len(figures) == len(cases) and not wrong, "\n".join(wrong[:10]), "ratios, verdicts and what moved them are the reference's")
    used = sum(f["rows"][c]["used"] for f in figures for c in MEASURED)
    turned = sum(row.get("winner_without", f["win"]) != f["win"] for f in figures for row in f["rows"].values())
    vague = len(MEASURED) * len(figures) - used
    tap.point(used > 20 and turned > 2 and vague > 5, "%d used, %d turned, %d not used" % (used, turned, vague), "the sessions are of every kind")
    tap.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
