#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision data by itself: unique ids, no dangling reference, a source for every number, no rule
that only the marketing pair of articles supports.

test-decision-data.py DATA-DECISION-FOLDER DATA-CLAIMS-FOLDER
"""
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "layering"))
import tap

MARKETING = {"001", "003"}
OWN = {"LDS", "D.2"}
# What decides something, and so needs a source.
DECIDING = ("question", "condition", "points", "cells", "gate", "advisor", "shape", "interop", "action",
            "threshold", "warning", "comparison")
# What is never shown without its grade of evidence.
GRADED = ("claim", "correction", "criterion", "pattern", "pitfall", "rule", "strategy", "usecase")
# How many the domain has of each.
COUNTS = {"P": 11, "I": 3, "X": 27, "K": 37, "CON": 16, "E": 26, "L": 5, "C-001": 14, "C-002": 21, "C-003": 14, "C-004": 10}
KINDS = {"question": 30, "criterion": 19, "gate": 4, "advisor": 8}


def split(text):
    return [word.strip() for word in (text or "").split(",") if word.strip()]


def check_extraction(files, elements):
    """What translators would not see, and what they see but should not."""
    data = files[0].parent.parent
    done = subprocess.run(["xgettext", "--from-code=UTF-8", "--output=-", *map(str, files)], capture_output=True,
                          text=True, timeout=60, env=dict(os.environ, GETTEXTDATADIRS=str(data)))
    extracted = set()
    for block in done.stdout.split("\n\n"):
        lines = block[block.find("msgid "):block.find("msgstr ")].replace("msgid ", "").splitlines()
        extracted.add("".join(line[1:-1] for line in lines).replace('\\"', '"'))
    words = {" ".join(e.text.split()) for _, e in elements if not len(e) and (e.text or "").strip()}
    missed = ["not extracted: " + w for w in words if w not in extracted]
    return missed + ["not for people: " + w for w in extracted - words if w]


def main(*folders):
    files = [f for folder in folders for f in sorted(pathlib.Path(folder).glob("*.xml"))]
    listed = "".join(f.read_text(encoding="utf-8") for f in files if f.name.endswith(".gresource.xml"))
    files = [f for f in files if not f.name.endswith(".gresource.xml")]
    missing = [f.name for f in files if ">%s<" % f.name not in listed]
    tap.point(not missing, ", ".join(missing), "every file is in the bundle")

    elements = [(f.name, e) for f in files for e in ElementTree.parse(f).getroot().iter()]
    found, twice = {}, []
    for name, e in elements:
        if e.tag in ("entry", "question", "criterion", "gate", "advisor", "condition"):
            # A criterion may have the name of its question; nothing else may share one.
            other = found.get(e.get("id"))
            pair = other is not None and {other.tag, e.tag} == {"question", "criterion"}
            twice += [e.get("id")] if other is not None and not pair else []
            if not pair or e.tag == "question":
                found[e.get("id")] = e
    tap.point(not twice, ", ".join(twice), "ids are unique")
    steps = {e.get("id") for _, e in elements if e.tag == "step"}
    values = {v.get("id") for _, v in elements if v.tag == "value"}

    dangling = []
    for name, e in elements:
        for attribute in ("source", "uses", "related", "against", "claims", "workload"):
            for ident in split(e.get(attribute)):
                if ident not in found and ident not in steps:
                    dangling.append("%s: <%s> %s=%s" % (name, e.tag, attribute, ident))
        if e.tag in ("shape", "interop") and e.get("id") not in found:
            dangling.append("%s: <%s> %s" % (name, e.tag, e.get("id")))
        for article in split(e.get("articles")):
            if article not in found or found[article].get("kind") != "article":
                dangling.append("%s: article %s" % (name, article))
    tap.point(not dangling, "\n".join(dangling), "every reference leads somewhere")

    idle = ["%s: %s rests on %s" % (name, e.get("id") or e.attrib, ident) for name, e in elements for ident in split(e.get("claims"))
            if ident not in found or found[ident].get("kind") != "claim" or found[ident].find("figure") is None]
    tap.point(not idle, "\n".join(idle), "what rests on claims rests on some that can be measured")

    without = ["%s: <%s> %s" % (name, e.tag, e.attrib) for name, e in elements
               if e.tag in DECIDING and not split(e.get("source"))]
    tap.point(not without, "\n".join(without), "every number and rule has a source")

    def articles_of(sources):
        return {a for s in sources if s in found for a in split(found[s].get("articles"))}

    alone, wrong = [], []
    for name, e in elements:
        sources = split(e.get("source"))
        support = articles_of(sources)
        if e.tag in DECIDING and e.tag != "advisor" and not OWN & set(sources) and support <= MARKETING:
            alone.append("%s: <%s> %s" % (name, e.tag, e.attrib))
        if e.tag == "cells":
            cited = set(split(e.get("articles")))
            if not cited <= support or (cited <= MARKETING and cited):
                wrong.append("%s: %s cites %s, its rules are of %s" % (name, e.attrib, sorted(cited), sorted(support)))
    tap.point(not alone, "\n".join(alone), "nothing rests on the marketing pair alone")
    tap.point(not wrong, "\n".join(wrong), "cells cite the articles of their rules")

    short = ["%s-%d" % (kind, n) for kind, count in COUNTS.items() for n in range(1, count + 1)
             if "%s-%d" % (kind, n) not in found and "%s-%02d" % (kind, n) not in found]
    short += ["%d %s" % (count, tag) for tag, count in KINDS.items()
              if sum(e.tag == tag for _, e in elements) != count]
    tap.point(not short, ", ".join(short), "everything that the domain lists is there")

    bare = ["%s: %s" % (name, e.get("id")) for name, e in elements if e.tag == "entry" and
            (not (e.findtext("title") or "").strip() or
             (e.get("kind") in ("pitfall",) and not (e.findtext("remedy") or "").strip()) or
             (e.get("kind") == "claim" and not (e.findtext("how") or "").strip()))]
    tap.point(not bare, "\n".join(bare), "every entry has words, every pitfall a remedy, every claim how it is tested")

    grades = {"E0", "E1", "E2", "E3", "E-"}
    odd = ["%s: %s" % (name, e.get("id")) for name, e in elements
           if e.get("grade") is not None and e.get("grade") not in grades]
    odd += ["%s: %s" % (name, e.get("id")) for name, e in elements
            if e.get("option") not in (None, "node", "python", "polyglot")]
    tap.point(not odd, "\n".join(odd), "grades and options are those that there are")
    ungraded = ["%s: %s" % (name, e.get("id")) for name, e in elements
                if e.get("grade") is None and (e.tag == "cells" or e.get("kind") in GRADED)]
    tap.point(not ungraded, "\n".join(ungraded), "every claim, rule and rating has a grade of evidence")
    unnamed = ["%s: %s" % (name, e.attrib) for name, e in elements
               if e.tag == "cells" and e.get("grade") == "E-" and not e.get("against")]
    tap.point(not unnamed, "\n".join(unnamed), "what is contradicted says by what")

    if shutil.which("xgettext"):
        untranslated = check_extraction(files, elements)
        tap.point(not untranslated, "\n".join(untranslated[:10]), "every word for people is extracted")
    else:
        tap.skip("xgettext is not installed", "every word for people is extracted")

    prefill = []
    for name, e in elements:
        for pair in (e.get("prefill") or "").split():
            question, _, value = pair.partition("=")
            if question not in found or value not in {v.get("id") for v in found[question].iter("value")}:
                prefill.append("%s: %s" % (e.get("id"), pair))
    tap.point(not prefill and values, "\n".join(prefill), "what a use case fills in exists")
    tap.end()


if __name__ == "__main__":
    main(*sys.argv[1:])
