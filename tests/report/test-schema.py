#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The published schema: valid itself, describes everything that is written, refuses what is not a report.

test-schema.py SCHEMA MAKE-REPORT
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import schemas
import tap

try:
    import jsonschema
except ImportError:
    jsonschema = None

VARIANTS = {'plain': 0, 'no session': 1, 'one run': 2, 'refused runs': 4, 'stopped': 16,
            'this machine': 64, 'own server': 128, 'evidence': 256, 'stream': 512,
            'knees': 2048, 'knees, stopped': 2048 + 16, 'claims': 4096, 'claims and evidence': 4096 + 256,
            'claims alone': 4096 + 1}


def main(schema_path, make_report):
    if jsonschema is None:
        tap.skip('python3-jsonschema is not installed', 'the schema describes reports')
        tap.end()
        return
    schema = json.loads(pathlib.Path(schema_path).read_text(encoding='utf-8'))
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
        why = ''
    except jsonschema.SchemaError as error:
        why = str(error)
    tap.point(not why, why, 'the schema is one of 2020-12')
    found = '\n'.join(schemas.undescribed(schema))
    tap.point(not found, found, 'every member is described')

    checker = jsonschema.FormatChecker()
    lenient = jsonschema.Draft202012Validator(schema, format_checker=checker)
    strict = jsonschema.Draft202012Validator(schemas.closed(schema), format_checker=checker)
    reports = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, flags in VARIANTS.items():
            path = pathlib.Path(folder, 'report.json')
            subprocess.run([make_report, str(flags), path], check=True, timeout=60)
            reports[name] = json.loads(path.read_text(encoding='utf-8'))
            for kind, validator in (('valid', lenient), ('wholly described', strict)):
                errors = [f'{list(error.absolute_path)}: {error.message}'[:300]
                          for error in validator.iter_errors(reports[name])]
                tap.point(not errors, '\n'.join(errors[:5]), f'{name}: {kind}')

    def refused(name, change):
        report = copy.deepcopy(reports['plain'])
        change(report)
        tap.point(not lenient.is_valid(report), 'it is valid', f'refused: {name}')

    refused('another format', lambda r: r.update(format='other'))
    refused('a newer version', lambda r: r.update(schema_version='2.0'))
    refused('no verdict', lambda r: r.pop('verdict'))
    refused('an unknown option', lambda r: r['verdict']['prior'].update(verdict='perl'))
    refused('certainty beyond 100', lambda r: r['verdict']['prior'].update(confidence=101))
    refused('a metric without a unit', lambda r: r['session']['summary'][0]['metrics'].update(
        p99={'n': 1, 'median': 1, 'low': 1, 'high': 1}))
    refused('a sample that is text', lambda r: r['session']['runs'][0]['samples']['rate_hz'].append('fast'))
    refused('a reason without words', lambda r: r['session']['runs'][0]['invalid_reasons'].append({'code': 'x'}))
    tap.end()


if __name__ == '__main__':
    main(*sys.argv[1:3])
