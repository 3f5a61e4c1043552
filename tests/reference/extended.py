#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reference model leaves open, decided and computed independently of the engine.

The figures that decision_model.py defines stay as they are: this module calls it. It adds
- not applicable: every condition on the question is false, points from it are 0, a criterion all of
  whose questions do not apply weighs nothing (header of src/advice/lds-questionnaire.h);
- completeness from the answers: the weight of questions with a value over that of those that apply;
- flips of every question with values, flips of pairs, weight and ratio intervals, by brute force;
- whether a recommendation is strong: DOMAIN.md D.5 says "no gate is near" without saying what near
  is; here: no single step of one answer puts the winner behind a gate.
"""
import math
import pathlib
import xml.etree.ElementTree as ElementTree

import decision_model as model

NA = "n/a"
QUESTIONS = pathlib.Path(__file__).resolve().parents[2] / "data" / "decision" / "questions.xml"
# Criteria that a measurement may replace, and those that only real runtimes may (D.4, last column).
MEASURABLE = ("conc", "rt", "stream", "lat", "data", "plain", "cold", "mem")
REAL_ONLY = ("data", "plain")
LCG = model.LCG


class CachedLCG:
    """The reference's generator, its sequence computed once."""

    sequence = []

    def __init__(self):
        if not self.sequence:
            generator = LCG()
            self.sequence.extend(generator.f() for _ in range(1000 * 4 * len(model.CR)))
        self.f = iter(self.sequence).__next__


model.LCG = CachedLCG


def load_questions():
    domain, weight = {}, {}
    for q in ElementTree.parse(QUESTIONS).getroot().iter("question"):
        weight[q.get("id")] = float(q.get("weight"))
        if q.get("type") == "choice":
            domain[q.get("id")] = [v.get("id") for v in q.iter("value")]
        elif q.get("type") == "scale":
            domain[q.get("id")] = list(range(int(q.get("minimum")), int(q.get("maximum")) + 1))
    return domain, weight


DOMAIN, WEIGHT = load_questions()


def weights(a):
    """model.weights, but an answer that is none of the values gives no points."""
    get = lambda table, q: table.get(a[q], 0)
    skill = abs(a["js"] - a["py"])
    return {
        "conc": min(10, get({"100-1k": 1, "1k-10k": 4, "10k-50k": 7, "gt50k": 9}, "conns")
                    + get({"10k-50k": 1, "50k-100k": 2, "gt100k": 2}, "rps")),
        "rt": get({"nice": 2, "essential": 8}, "rt"),
        "stream": get({"some": 3, "core": 7}, "stream"),
        "lat": get({"500": 1, "100": 3, "50": 4, "10": 5}, "lat"),
        "ml": get({"hosted": 1, "inference": 7, "core": 10}, "ml"),
        "data": get({"light": 2, "heavy": 7, "veryheavy": 10}, "data"),
        "num": get({"yes": 5}, "numlib"),
        "plain": get({"occasional": 2, "per-request": 5}, "plaincpu"),
        "cold": get({"serverless": 4, "edge": 3, "containers": 1}, "deploy"),
        "mem": get({"lt128": 5, "128-512": 2}, "mem"),
        "share": get({"some": 3, "important": 6}, "share"),
        "team": 0 if math.isnan(skill) else 3 + skill,
        "proto": get({"prototype": 3, "growth": 1}, "stage") + get({"yes": 2}, "internal"),
        "docs": a["docs"],
        "batt": get({"yes": 5}, "batt"),
        "ops": max(0, get({"1": 7, "2-5": 4, "6-15": 2, "16+": 1}, "team") - get({"yes": 2}, "split")),
        "supply": get({"strict": 2}, "supply"),
        "hire": 0 if a["hire"] == NA else 2,
        "legacy": get({"node": 5, "python": 5, "both": 5}, "legacy"),
    }


def perf(a):
    P = dict(model.PERF)
    js, py = a["js"] * 20, a["py"] * 20
    P["team"] = (0, 0, 0) if math.isnan(js + py) else (js, py, (min(js, py) + (js + py) // 2) // 2)
    P["hire"] = model.HIRE.get(a["hire"], model.HIRE["neutral"])
    P["legacy"] = model.LEG.get(a["legacy"], (50, 50, 50))
    return P


REFERENCE_WEIGHTS, REFERENCE_PERF = model.weights, model.perf


def agrees_with_reference(a):
    """Where everything applies, this module's weights and cells are the reference's."""
    return weights(a) == REFERENCE_WEIGHTS(a) and perf(a) == REFERENCE_PERF(a)


def without(a):
    """The reference's answers in which those that do not apply (NA) decide nothing."""
    b = dict(a)
    neutral = {"share": "no", "js": math.nan, "py": math.nan, "docs": 0, "cpu": None}
    b.update({q: neutral[q] for q in neutral if a[q] == NA})
    return b


def decide(a, meas=None, quick=False):
    """model.decide, with not applicable; quick leaves out the robustness (it is then 0)."""
    model.weights, model.perf = weights, perf
    if quick:
        model.range = lambda n: () if n == 1000 else range(n)
    try:
        return model.decide(without(a), meas)
    finally:
        model.weights, model.perf = REFERENCE_WEIGHTS, REFERENCE_PERF
        if quick:
            del model.range


def winner(a, meas=None):
    return decide(a, meas, quick=True)["win"]


def value(q, v):
    return "" if v in (None, "unknown") else v


def steps(q, x, y):
    """Steps from x to y along the question's values; from nothing to something is one."""
    return abs(DOMAIN[q].index(y) - DOMAIN[q].index(x)) if x in DOMAIN[q] else 1


def changes(a):
    """Every other value of every question that applies: (question, value, steps)."""
    for q, values in DOMAIN.items():
        if a[q] != NA:
            for v in values:
                if v != a[q]:
                    yield q, v, steps(q, a[q], v)


def single_flips(a, meas=None):
    """(steps, question, from, to, winner): for each question the nearest value that changes the winner."""
    base, best = winner(a, meas), {}
    for q, v, n in changes(a):
        if q not in best or n < best[q][0]:
            w = winner(dict(a, **{q: v}), meas)
            if w != base:
                best[q] = (n, q, str(a[q]) or "unknown", str(v), w)
    return sorted(best.values(), key=lambda f: f[:2])


def pair_distances(a, meas=None):
    """{(question, question): (steps, set of winners)}: the nearest pairs that change the winner, neither alone doing so."""
    base = winner(a, meas)
    quiet = [c for c in changes(a) if winner(dict(a, **{c[0]: c[1]}), meas) == base]
    best = {}
    for i, (q, v, n) in enumerate(quiet):
        for r, u, m in quiet[i + 1:]:
            if r == q or n + m > best.get((q, r), (99, 0))[0]:
                continue
            w = winner(dict(a, **{q: v, r: u}), meas)
            if w != base:
                if n + m < best.get((q, r), (99, 0))[0]:
                    best[(q, r)] = (n + m, set())
                best[(q, r)][1].add(w)
    return best


def is_strong(a, meas=None):
    r = decide(a, meas, quick=True)
    exact = model.score(None, weights(without(a)), model.overlay(perf(without(a)), meas))
    margin = exact[r["win"]] - exact[r["second"]] if r["second"] else 20.0
    return margin >= 15 and not any(
        n == 1 and r["win"] in decide(dict(a, **{q: v}), meas, quick=True)["gates"]
        for q, v, n in changes(a) if a[q] in DOMAIN[q])


def completeness(a):
    """a: answers of which unknown ones are "unknown" and those that do not apply NA."""
    asked = lambda q: q != "mlpath" or a["ml"] in ("inference", "core") or a["data"] in ("heavy", "veryheavy")
    all_ = [q for q in WEIGHT if a[q] != NA and asked(q)]
    whole = sum(WEIGHT[q] for q in all_)
    return sum(WEIGHT[q] for q in all_ if a[q] not in ("unknown", "", None)) / whole if whole else 0.0


def scores_with(a, meas, w, allowed):
    S = model.score(None, w, model.overlay(perf(without(a)), meas))
    return sorted(allowed, key=lambda o: (-S[o], model.OPT.index(o)))[0]
