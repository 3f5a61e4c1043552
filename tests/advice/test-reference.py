#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the engine's figures with the reference model's, exactly.

usage: test-reference.py FIGURES personas
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "reference"))
import decision_model as model

OPTION = {"node": "node", "python": "python", "poly": "polyglot", "abstain": "abstain", None: "abstain"}
BAND = {"High": "high", "Moderate": "moderate", "Low": "low", "Too close to call": "too-close"}




class CachedLCG:
    """The reference's generator, its sequence computed once."""

    sequence = []

    def __init__(self):
        if not self.sequence:
            generator = REFERENCE_LCG()
            self.sequence.extend(generator.f() for _ in range(1000 * 4 * len(model.CR)))
        self.f = iter(self.sequence).__next__


REFERENCE_LCG, model.LCG = model.LCG, CachedLCG


def flips_of(a):
    """The reference's flips, without the robustness of each, which they do not use."""
    model.range = lambda n: () if n == 1000 else range(n)
    try:
        return model.flips(a)
    finally:
        del model.range


def answers_of(a):
    """The reference's answers as an answers file's: None, "unknown" and "" are unknown."""
    return {k: ("unknown" if v in (None, "", "unknown") else v) for k, v in a.items() if k != "_complete"}


def expected_of(a, evidence="none"):
    """Every figure that the reference defines, in the engine's words."""
    r = model.decide(a)
    shown, band = model.band(r["conf"], evidence)
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
        "flips": [[d, q, str(x), str(y), OPTION[z]] for d, q, x, y, z in flips_of(a)],
    }


def seen_of(f):
    """The engine's unrounded figures, rounded as the reference rounds."""
    domain = ("conns", "rt", "stream", "ml", "data", "numlib", "js", "py", "team", "share", "legacy", "split",
              "deploy", "stage", "batt")
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
        "flips": [flip for flip in f["flips"] if flip[1] in domain],
    }


def run(program, cases):
    """cases: answers of the reference; gives the engine's figures, one each."""
    lines = "".join(json.dumps({"answers": answers_of(a), "completeness": a.get("_complete", 1.0)}) + "\n" for a in cases)
    done = subprocess.run([program], input=lines, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("the engine refused a case: " + done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(program, named):
    """Returns the number of cases that differ."""
    bad = 0
    seen = run(program, [a for _, a in named])
    assert len(seen) == len(named)
    for (name, a), f in zip(named, seen):
        want, have = expected_of(a), seen_of(f)
        for key in want:
            if want[key] != have[key]:
                print("%s: %s: reference %r, engine %r" % (name, key, want[key], have[key]))
                bad += 1
    return bad


def personas():
    for name, differing, winner in model.PERSONAS:
        a = dict(model.DEF)
        a.update(differing)
        assert model.decide(a)["win"] == winner, name
        yield name, a


def check_copy():
    """The copy under tests/ must be the original, where that is at hand."""
    original = HERE.parent.parent.parent / "shared" / "reference" / "decision_model.py"
    if original.exists():
        lines = pathlib.Path(model.__file__).read_text().splitlines()
        del lines[1]  # the licence
        assert original.read_text().splitlines() == lines, "the copy differs from the original"


def main():
    program, what = sys.argv[1:]
    check_copy()
    named = list({"personas": personas}[what]())
    bad = compare(program, named)
    print("%d compared, %d figures differ" % (len(named), bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
