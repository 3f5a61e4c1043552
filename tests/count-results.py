#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sums up what `meson test` logged: count-results.py LABEL=LOG.json...

What counts as a test is what a program reports as one in TAP; a program that does not speak TAP, or
that ends before it said how many it has, is one test. A program that fails without saying which of
its tests did is one failed test more. Skipped tests are neither passed nor failed, and are listed.
A log that is missing or empty is a failed test. What failing programs wrote is shown. The last line is "N passed, N failed"; the exit
status is 0 when none failed.
"""

import json
import re
import sys

LINES = 200
GOOD = {'OK', 'EXPECTEDFAIL'}
PLAN = re.compile(r'^1\.\.\d+', re.MULTILINE)
POINT = re.compile(r'^(not )?ok\b([^#\n]*)(#\s*(SKIP|TODO)\S*\s*(.*))?$', re.MULTILINE | re.IGNORECASE)


def shorten(output):
    """Returns @output, or its end, with a line break at the end."""
    lines = output.splitlines(keepends=True)
    if len(lines) > LINES:
        lines[:-LINES] = [f'({len(lines) - LINES} lines before, see the log)\n']
    return ''.join(lines).rstrip('\n') + '\n' if lines else ''


def count(row):
    """Returns (passed, failed, skipped) for one row of the log, skipped as a list of lines."""
    name = row['name'].split(':', 1)[-1]
    if row['result'] == 'SKIP' and not PLAN.search(row.get('stdout', '')):
        return 0, 0, [name]
    if not PLAN.search(row.get('stdout', '')):
        good = row['result'] in GOOD
        return int(good), int(not good), []
    passed, failed, skipped = 0, 0, []
    for point in POINT.finditer(row['stdout']):
        directive = (point[4] or '').upper()
        if directive == 'SKIP':
            skipped.append(f'{name}:{point[2].rstrip()} ({point[5] or "no reason given"})')
        elif point[1] and directive != 'TODO':
            failed += 1
        else:
            passed += 1
    if row['result'] == 'SKIP' and not skipped:
        skipped.append(name)
    if row['result'] not in GOOD | {'SKIP'} and failed == 0:
        failed = 1
    return passed, failed, skipped


def main():
    passed, failed = 0, 0
    for argument in sys.argv[1:]:
        label, path = argument.split('=', 1)
        try:
            with open(path, encoding='utf-8') as log:
                rows = [json.loads(line) for line in log]
        except (OSError, ValueError) as error:
            print(f'{label}: no results, {error}')
            failed += 1
            continue
        if not rows:
            print(f'{label}: no test ran')
            failed += 1
            continue
        here_passed, here_failed, here_skipped = 0, 0, []
        for row in rows:
            good, bad, skipped = count(row)
            here_passed += good
            here_failed += bad
            here_skipped += skipped
            if bad:
                print(f'--- {label}: {row["name"].split(":", 1)[-1]}: {row["result"]}, exit status '
                      f'{row["returncode"]}')
                print(shorten(row.get('stdout', '')) + shorten(row.get('stderr', '')) + '---')
        for line in here_skipped:
            print(f'{label}: skipped: {line}')
        seconds = max(r['starttime'] + r['duration'] for r in rows) - min(r['starttime'] for r in rows)
        print(f'{label}: {here_passed} passed, {here_failed} failed, {len(here_skipped)} skipped '
              f'in {seconds:.0f} s')
        passed += here_passed
        failed += here_failed
    print(f'{passed} passed, {failed} failed')
    sys.exit(failed != 0)


if __name__ == '__main__':
    main()
