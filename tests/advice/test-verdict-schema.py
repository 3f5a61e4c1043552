#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What "advise --json" prints is what the published schema describes, no more and no less.

test-verdict-schema.py SCHEMA REPORT-SCHEMA LOADSTONE-CLI
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent / "layering"), str(HERE.parent / "reference")]
import tap
import decision_model as model

try:
    import jsonschema
except ImportError:
    jsonschema = None


def closed(node):
    """The schema with every object closed and every member of it demanded."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: closed(value) for key, value in node.items()}
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        node["additionalProperties"] = False
        node["required"] = [name for name in node["properties"] if name not in ("unit", "answers")]
    return node


def advise(cli, folder, answers):
    path = pathlib.Path(folder, "answers.json")
    path.write_text(json.dumps({"answers": answers}), encoding="utf-8")
    done = subprocess.run([cli, "advise", "--answers", path, "--json"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def main(schema_path, report_path, cli):
    if jsonschema is None:
        tap.skip("python3-jsonschema is not installed", "the schema describes verdicts")
        tap.end()
        return
    schema = json.loads(pathlib.Path(schema_path).read_text(encoding="utf-8"))
    report = json.loads(pathlib.Path(report_path).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    differing = [name for name in schema["$defs"] if schema["$defs"][name] != report["$defs"].get(name)]
    tap.point(not differing, ", ".join(differing), "the report's schema has the same definitions")

    strict = jsonschema.Draft202012Validator(closed(schema))
    lenient = jsonschema.Draft202012Validator(schema)
    verdict = None
    with tempfile.TemporaryDirectory() as folder:
        for name, differing, winner in model.PERSONAS:
            answers = {q: v for q, v in differing.items() if v is not None and q != "_complete"}
            verdict = advise(cli, folder, answers)
            shown = verdict.pop("answers")
            errors = [f"{list(e.absolute_path)}: {e.message}"[:300] for e in strict.iter_errors(verdict)]
            if verdict["verdict"] != {"poly": "polyglot"}.get(winner, winner):
                errors.append("the verdict is %s" % verdict["verdict"])
            if shown != {q: answers[q] for q in shown} or len(shown) != len(answers):
                errors.append("the answers are not those that were given")
            tap.point(not errors, "\n".join(errors[:5]), name)

    def refused(name, change):
        other = copy.deepcopy(verdict)
        change(other)
        tap.point(not lenient.is_valid(other), "it is valid", f"refused: {name}")

    refused("no verdict", lambda v: v.pop("verdict"))
    refused("an unknown option", lambda v: v.update(verdict="perl"))
    refused("certainty beyond 100", lambda v: v.update(confidence=101))
    refused("a flip without a question", lambda v: v["flips"].append({"from": "a", "to": "b"}))
    tap.end()


if __name__ == "__main__":
    main(*sys.argv[1:4])
