#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema of profiles describes the shipped ones and refuses just what the server refuses.

test-profile-schema.py TAP_FOLDER SCHEMA PROFILES CHECK_PROFILE
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, sys.argv[1])
import tap  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA, PROFILES, CHECK = sys.argv[2:5]


def variants(schema, good, path=()):
    """Yields (name, changed copy of @good) at, and just beyond, each bound of @schema."""
    def changed(name, change):
        document = copy.deepcopy(good)
        node = document
        for key in path:
            node = node[key]
        change(node)
        return '.'.join(path + (name,)), document

    yield changed('an unknown member', lambda node: node.update(unheard_of=1))
    for name, member in schema['properties'].items():
        if 'properties' in member:
            yield from variants(member, good, path + (name,))
        yield changed(f'{name} left out', lambda node: node.pop(name, None))
        values = [None, True, [], {}, '', 'x', -1, 0, 0.5, 1, '2026-11-21', 'M1', ['M1'], ['M10'], 'claim', 'Ä' * 200, 'Ä' * 201,
                  'a\u0001b', 'a' * 63, 'a' * 64, '../x', '.x', '2026-13-01', '2026-00-10', ['M1'] * 17, ['M1', 2]]
        if 'maximum' in member:
            values += [member['minimum'], member['maximum'], member['minimum'] - 1, member['maximum'] + 1]
        for value in values:
            yield changed(f'{name} = {json.dumps(value)[:40]}', lambda node: node.update({name: value}))


def main():
    if jsonschema is None:
        tap.skip('python3-jsonschema is not installed', 'the schema describes profiles')
        tap.end()
        return
    schema = json.loads(pathlib.Path(SCHEMA).read_text(encoding='utf-8'))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    shipped = sorted(pathlib.Path(PROFILES).glob('*.json'))
    tap.point(len(shipped) >= 6, str(shipped), 'there are profiles')
    good = None
    for path in shipped:
        document = json.loads(path.read_text(encoding='utf-8'))
        why = '\n'.join(f'{list(error.absolute_path)}: {error.message}'[:300] for error in validator.iter_errors(document))
        if document['id'] != path.stem:
            why += f'its id is {document["id"]}'
        note = document['provenance']['note']
        measured = document['provenance']['kind'] == 'measured'
        if measured != ('calibration' in document):
            why += 'what was measured was calibrated, and nothing else'
        if not measured and not note.startswith('DOMAIN C.0, [REF-VM] 2026-11-21, one run, orders of magnitude; derived as follows. '):
            why += 'the note does not say where the figures come from'
        # A figure without its arithmetic is hearsay.
        figures = [name for name, value in document['cost'].items() if value and f'{name}:' not in note]
        why += ' '.join(f'{name} is not explained' for name in figures)
        said = subprocess.run([CHECK, path], capture_output=True, text=True, check=True, timeout=60).stdout.strip()
        if said != 'good':
            why += said
        tap.point(not why, why, f'{path.stem}: valid')
        good = good or document

    good.setdefault('startup', {})
    good.setdefault('memory', {})
    good.setdefault('calibration', {'loadstone': '1', 'cpu_model': 'a', 'cpu_work_ns': 1, 'runs': 1, 'figures': {}, 'residuals': []})
    cases = list(variants(schema, good))
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, (name, document) in enumerate(cases):
            paths.append(pathlib.Path(folder, f'{i}.json'))
            paths[-1].write_text(json.dumps(document), encoding='utf-8')
        said = subprocess.run([CHECK, *paths], capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    differing = [f'{name}: the schema says {"good" if validator.is_valid(document) else "bad"}, the server {answer}'
                 for (name, document), answer in zip(cases, said, strict=True)
                 if validator.is_valid(document) != (answer == 'good')]
    counts = sum(answer == 'good' for answer in said), len(said)
    tap.point(not differing and 0 < counts[0] < counts[1], '\n'.join(differing[:20]) or str(counts),
              f'schema and server agree on {counts[1]} profiles, of which {counts[0]} are good')
    tap.end()


main()
