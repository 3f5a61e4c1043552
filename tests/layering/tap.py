# SPDX-License-Identifier: GPL-3.0-or-later
"""Test results for meson, as TAP."""

import sys

_points, _failed = 0, 0


def point(good, detail, name):
    """Reports one test; @detail goes to standard error, which meson shows, when it is not good."""
    global _points, _failed
    _points += 1
    _failed += not good
    print(f'{"ok" if good else "not ok"} {_points} {name}')
    if not good:
        print(f'{name}:\n{detail}\n', file=sys.stderr)


def skip(reason, name):
    """Reports one test that could not be made."""
    global _points
    _points += 1
    print(f'ok {_points} {name} # SKIP {reason}')


def end():
    """Prints the plan and ends the program."""
    print(f'1..{_points}')
    sys.exit(_failed != 0)
