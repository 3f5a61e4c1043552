#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the engine's figures with the reference model's, exactly.

usage: test-reference.py FIGURES personas | random N SEED | partial N SEED | stability N SEED
"""
import json
import math
import pathlib
import random
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "reference"))
import decision_model as model
import extended

OPTION = {"node": "node", "python": "python", "poly": "polyglot", "abstain": "abstain", None: "abstain"}
BAND = {"High": "high", "Moderate": "moderate", "Low": "low", "Too close to call": "too-close"}


def answers_of(a):
    """The reference's answers as an answers file's: None, "unknown" and "" are unknown."""
    def convert(v):
        if v == extended.NA:
            return {"not_applicable": "for the test"}
        return "unknown" if v in (None, "", "unknown") else v
    return {k: convert(v) for k, v in a.items() if k != "_complete"}


def case_of(name, a, meas=None, evidence="none", complete=True):
    return {"name": name, "a": a, "meas": meas or {}, "evidence": evidence, "complete": complete}


def run(program, cases):
    """Gives the engine's figures, one each."""
    lines = []
    for case in cases:
        line = {"answers": answers_of(case["a"]),
                "evidence": {c: {"ratio": r, "evidence": case["evidence"]} for c, r in case["meas"].items()}}
        if case["complete"]:
            line["completeness"] = case["a"].get("_complete", 1.0)
        lines.append(json.dumps(line) + "\n")
    done = subprocess.run([program], input="".join(lines), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("the engine refused a case: " + done.stderr)
    figures = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(figures) == len(cases)
    return figures


def expected_of(case):
    """Every figure that the reference defines, in the engine's words."""
    a, meas = case["a"], case["meas"]
    if not case["complete"]:
        a = dict(a, _complete=extended.completeness(a))
    whole = extended.NA not in a.values()
    plain = {q: (model.DEF[q] if v == "unknown" and q != "mix" else v) for q, v in a.items()}
    r = model.decide(plain, meas) if whole else extended.decide(plain, meas)
    if whole:
        assert extended.agrees_with_reference(plain)
    shown, band = model.band(r["conf"], case["evidence"])
    return {
        "win": OPTION[r["win"]],
        "second": OPTION[r["second"]],
        "scores": {OPTION[o]: v for o, v in r["S"].items()},
        "gates": sorted(OPTION[o] for o in r["gates"]),
        "margin": r["margin"],
        "agreement": r["agree"],
        "robustness": r["rob"],
        "confidence_raw": r["conf"],
        "confidence": shown,
        "band": BAND[band],
        "contested": r["contested"],
        "advisors": {k.split()[0]: OPTION[v] for k, v in r["adv"].items()},
        "weights": r["w"],
        "contributions": [list(c) for c in r["contrib"]],
        "flips": [[d, q, x, y, OPTION[z]] for d, q, x, y, z in extended.single_flips(plain, meas)],
    }


def seen_of(f):
    """The engine's unrounded figures, rounded as the reference rounds."""
    return {
        "win": f["win"],
        "second": f["second"],
        "scores": {o: round(v, 1) for o, v in f["scores"].items()},
        "gates": sorted(f["gates"]),
        "margin": round(f["margin"], 1),
        "agreement": round(f["agreement"], 2),
        "robustness": round(f["robustness"], 2),
        "confidence_raw": f["confidence_raw"],
        "confidence": f["confidence"],
        "band": f["band"],
        "contested": f["contested"],
        "advisors": f["advisors"],
        "weights": {c["criterion"]: c["weight"] for c in f["contributions"]},
        "contributions": [[c["criterion"], round(c["points"], 1)] for c in f["contributions"] if abs(c["points"]) >= .05],
        "flips": f["flips"],
    }


def compare(program, cases):
    """Returns the number of figures that differ."""
    bad = 0
    for case, f in zip(cases, run(program, cases)):
        want, have = expected_of(case), seen_of(f)
        for key in want:
            if want[key] != have[key]:
                print("%s: %s: reference %r, engine %r" % (case["name"], key, want[key], have[key]))
                bad += 1
    return bad


def personas():
    """The domain's sixteen, as given; their flips as the reference itself finds them."""
    for name, differing, winner in model.PERSONAS:
        a = dict(model.DEF)
        a.update(differing)
        assert model.decide(a)["win"] == winner, name
        model.range = lambda n: () if n == 1000 else range(n)
        own = [(d, q, str(x), str(y), z) for d, q, x, y, z in model.flips(a)]
        del model.range
        questions = {f[1] for f in own}
        assert own == [f for f in extended.single_flips(a) if f[1] in questions], name
        yield case_of(name, a)


def random_answers(rng):
    a = {q: rng.choice(values) for q, values in extended.DOMAIN.items()}
    a["mix"] = rng.choice(["io", "balanced", "native", "plain", "unknown"])
    a["usecase"] = rng.choice(extended.DOMAIN["usecase"] + [""])
    a["cpu"] = rng.choice([None, 0, 19, 20, 49, 50, 100, rng.randrange(101), rng.random() * 100])
    return a


def random_measurements(rng, evidence):
    names = [c for c in extended.MEASURABLE if evidence == "real" or c not in extended.REAL_ONLY]
    return {c: 2 ** rng.uniform(-2.5, 2.5) for c in rng.sample(names, rng.randrange(1, len(names) + 1))}


def random_sets(n, seed):
    """Every question has a value; completeness is given; every second set is measured."""
    rng = random.Random(seed)
    for i in range(n):
        a = dict(random_answers(rng), _complete=rng.choice([0.0, 0.25, 0.5, 0.875, 1.0, rng.random()]))
        evidence = rng.choice(["none", "none", "model", "real"])
        meas = random_measurements(rng, evidence) if evidence != "none" else {}
        yield case_of("random %d" % i, a, meas, evidence)


def partial_sets(n, seed):
    """Some questions are unknown, some do not apply; completeness follows."""
    rng = random.Random(seed)
    for i in range(n):
        a = random_answers(rng)
        for q in a:
            draw = rng.random()
            if draw < 0.25:
                a[q] = "unknown" if q not in ("cpu", "usecase") else (None if q == "cpu" else "")
            elif draw < 0.4:
                a[q] = extended.NA
        yield case_of("partial %d" % i, a, complete=False)


def check_weight_ranges(case, f, r):
    """Just inside a bound the winner stays, just outside the named rival wins."""
    w = extended.weights(extended.without(case["a"]))
    allowed = [o for o in model.OPT if o not in r["gates"]]
    at = lambda c, x: OPTION[extended.scores_with(case["a"], case["meas"], dict(w, **{c: x}), allowed)]
    for g in f["weight_ranges"]:
        c, name = g["criterion"], case["name"] + ": weight of " + g["criterion"]
        inside = (g.get("low", 0) + 1e-6, g.get("high", 1e4) - 1e-6)
        for x in inside:
            assert at(c, max(0, x)) == f["win"], name
        if "low" in g:
            assert at(c, max(0, g["low"] - 1e-6)) == g["below"] != f["win"], name
        if "high" in g:
            assert at(c, g["high"] + 1e-6) == g["above"] != f["win"], name


def check_ratio_ranges(case, f, r):
    w = extended.weights(extended.without(case["a"]))
    allowed = [o for o in model.OPT if o not in r["gates"]]

    def at(c, ratio):
        return OPTION[extended.scores_with(case["a"], dict(case["meas"], **{c: ratio}), w, allowed)]

    expected = {c for c in extended.MEASURABLE if w[c] > 0}
    assert {g["criterion"] for g in f["ratio_ranges"]} == expected, case["name"]
    for g in f["ratio_ranges"]:
        c, name = g["criterion"], case["name"] + ": ratio of " + g["criterion"]
        sweep = [2 ** (i / 20) for i in range(-60, 61)]
        for ratio in sweep:
            near = any(abs(ratio / g[end] - 1) < 1e-6 for end in ("low", "high") if end in g)
            inside = g.get("low", 0) <= ratio <= g.get("high", math.inf) and not g["never"]
            assert near or (at(c, ratio) == f["win"]) == inside, "%s at %g" % (name, ratio)


def check_pairs(case, f):
    best = extended.pair_distances(case["a"], case["meas"])
    seen = f["pair_flips"]
    assert len(seen) == min(10, len(best)), case["name"]
    nearest = sorted(d for d, _ in best.values())[:10]
    assert [p[0] for p in seen] == nearest, case["name"]
    for d, q, x, r, y, w in seen:
        key = (q, r) if (q, r) in best else (r, q)
        assert best[key][0] == d and w in {OPTION[o] for o in best[key][1]}, case["name"]


def check_open(case, f, rng):
    """Settled must hold for any answers to the open questions."""
    open_ = list(f["open"])
    for _ in range(60 if f["settled"] else 0):
        b = dict(case["a"], **{q: rng.choice(extended.DOMAIN[q]) for q in open_ if q in extended.DOMAIN})
        assert OPTION[extended.winner(b, case["meas"])] == f["win"], case["name"]
    alone = {flip[1] for flip in f["flips"]}
    for q, relevance in f["open"].items():
        assert (relevance == "alone") == (q in alone), case["name"]
        assert (relevance == "none") == f["settled"], case["name"]


def stability(program, n, seed):
    rng = random.Random(seed)
    cases = list(personas()) + list(random_sets(n, seed))
    for i, case in enumerate(partial_sets(n, seed)):
        case["a"] = {q: (model.DEF[q] if v == "unknown" else v) for q, v in case["a"].items()}
        # Few open questions, so that some sets are settled.
        case["open"] = rng.sample(list(case["a"]), 3)
        cases.append(case)
    figures = run(program, [dict(c, a=dict(c["a"], **{q: "unknown" for q in c.get("open", [])})) for c in cases])
    settled = pairs = 0
    for i, (case, f) in enumerate(zip(cases, figures)):
        case["a"] = dict(case["a"], **{q: model.DEF[q] for q in case.get("open", [])})
        r = extended.decide(case["a"], case["meas"], quick=True)
        assert OPTION[r["win"]] == f["win"]
        check_weight_ranges(case, f, r)
        check_ratio_ranges(case, f, r)
        check_open(case, f, rng)
        assert f["strong"] == extended.is_strong(case["a"], case["meas"]), case["name"]
        settled += f["settled"]
        if i % 8 == 0:
            check_pairs(case, f)
            pairs += len(f["pair_flips"])
    assert settled > 0 and pairs > 0
    print("%d compared, %d settled, %d pairs" % (len(cases), settled, pairs))
    return 0


def check_copy():
    """The copy under tests/ must be the original, where that is at hand."""
    original = HERE.parent.parent.parent / "shared" / "reference" / "decision_model.py"
    if original.exists():
        lines = pathlib.Path(model.__file__).read_text().splitlines()
        del lines[1]  # the licence
        assert original.read_text().splitlines() == lines, "the copy differs from the original"


def main():
    program, what = sys.argv[1:3]
    numbers = [int(v) for v in sys.argv[3:]]
    check_copy()
    if what == "stability":
        return stability(program, *numbers)
    cases = list({"personas": personas, "random": random_sets, "partial": partial_sets}[what](*numbers))
    bad = compare(program, cases)
    print("%d compared, %d figures differ" % (len(cases), bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
