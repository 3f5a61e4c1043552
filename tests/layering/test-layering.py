#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers of src/DESIGN.md hold: a forbidden include does not compile.

test-layering.py SOURCE_ROOT BUILD_ROOT [--without LAYER]...

Takes the table of src/DESIGN.md ("may use") as the rule and, for each layer, the compile command
of one of its sources as the build really runs it. With that command a one-line program is compiled
for each include: those allowed must compile (the control), those forbidden must not be found.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import tap

# Libraries with an include path of their own: the table's word for each, and a header. (Those whose
# header lies in the system's folder, as libuv's does, no include path can hide.)
LIBRARIES = {'GLib': 'glib.h', 'json-glib': 'json-glib/json-glib.h', 'cairo': 'cairo.h',
             'Pango': 'pango/pangocairo.h', 'GTK 4': 'gtk/gtk.h', 'libadwaita': 'adwaita.h'}
ROW = re.compile(r'^\| `(\w+)/` \|[^|]*\| ([^|]*) \|$', re.MULTILINE)


def read_rules(text):
    """Returns {layer: (the layers directly below it, the libraries it and they may use)}."""
    rules = {}
    for layer, allowed in ROW.findall(text):
        words = [word.strip() for word in allowed.split(',')]
        below = [word for word in words if word in rules]
        libraries = {word for word in words if word in LIBRARIES}
        for other in below:
            libraries |= rules[other][1]
        rules[layer] = below, libraries
    return rules


def closure(rules, layer):
    """Returns the layers that @layer may include, itself among them."""
    found = {layer}
    for below in rules[layer][0]:
        found |= closure(rules, below)
    return found


class Compiler:
    """Compiles snippets as one given source of the build is compiled."""

    def __init__(self, entry):
        words = shlex.split(entry['command'])
        drop_next = {'-o', '-MF', '-MQ', '-MT'}
        drop = {'-c', '-MD', '-MMD', entry['file']}
        self.words, skip = [], False
        for word in words:
            if skip or word in drop or word in drop_next:
                skip = not skip and word in drop_next
                continue
            self.words.append(word)
        self.folder = entry['directory']

    def compile(self, text):
        """Returns (whether @text compiles, what the compiler said)."""
        done = subprocess.run(self.words + ['-fdiagnostics-color=never', '-fsyntax-only', '-x', 'c', '-'],
                              cwd=self.folder, input=text, capture_output=True, text=True, timeout=60,
                              env=os.environ | {'LC_ALL': 'C'}, check=False)
        return done.returncode == 0, done.stderr

    def has(self, header):
        """Returns (whether a source that includes @header compiles, what the compiler said)."""
        return self.compile(f'#include <{header}>\n')

    def lacks(self, headers):
        """Returns (whether none of @headers is found, what the compiler said)."""
        good, output = self.has(headers[0])
        if good or 'No such file' not in output and 'file not found' not in output:
            return False, output or f'{headers[0]} compiles'
        return self.compile(''.join(f'#if __has_include (<{header}>)\n#error {header} is found\n#endif\n'
                                    for header in headers))


def main():
    source, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    without = [b for a, b in zip(sys.argv, sys.argv[1:]) if a == '--without']
    rules = read_rules((source / 'src/DESIGN.md').read_text(encoding='utf-8'))
    commands = json.loads((build / 'compile_commands.json').read_text(encoding='utf-8'))

    folders = {path.name for path in (source / 'src').iterdir() if path.is_dir()}
    tap.point(folders == set(rules), f'folders {sorted(folders)}, rows {sorted(rules)}',
              'every folder of src/ is a row of src/DESIGN.md')

    headers = {layer: [path.name for path in sorted((source / 'src' / layer).glob('*.h'))]
               for layer in rules}
    for layer in rules:
        if layer in without:
            continue
        entry = next((entry for entry in commands
                      if (build / entry['file']).resolve().parent == source / 'src' / layer), None)
        if entry is None:
            tap.point(False, 'nothing of it is built', f'{layer}: has a source in the build')
            continue
        compiler = Compiler(entry)

        # The control: what fails below fails for the include alone.
        for other in [layer] + rules[layer][0]:
            for header in headers[other][:1]:
                tap.point(*compiler.has(header), f'{layer}: may include {other}/{header}')
        for other in rules:
            if other not in closure(rules, layer) and headers[other]:
                tap.point(*compiler.lacks(headers[other]), f'{layer}: must not include {other}/')
        for library, header in LIBRARIES.items():
            if library in rules[layer][1]:
                tap.point(*compiler.has(header), f'{layer}: may include <{header}>')
            else:
                tap.point(*compiler.lacks([header]), f'{layer}: must not include <{header}>')
    tap.end()


if __name__ == '__main__':
    main()
