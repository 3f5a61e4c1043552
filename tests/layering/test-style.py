#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the sources, as CONTRIBUTING.md has it.

test-style.py SOURCE_ROOT          reports as TAP
test-style.py --fix SOURCE_ROOT    rewrites the C sources instead ("ninja format")
"""

import pathlib
import re
import shutil
import subprocess
import sys

import tap

COLUMNS = 100
CLANG_FORMAT_MAJOR = '14'  # Debian 12's; others format differently

SPDX = 'SPDX-License-Identifier: '
TRANSLATED = re.compile(r'\b(?:_|N_|C_|NC_|Q_|ngettext|g_dngettext) \(')
# Where somebody's own machine shows through.
MACHINE_PATH = re.compile(r'(?<![\w.])/(?:home|root|Users)/\w')
COMMENT = re.compile(r'/\*.*?(?:\*/|$)|^\s*\* .*|//.*')
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
TEXT = ('.build', '.c', '.css', '.h', '.in', '.ini', '.its', '.json', '.loc', '.md', '.po', '.py', '.sh',
        '.svg', '.txt', '.ui', '.xml')


def files(root, folders, *suffixes):
    """Returns the files of @folders that end in one of @suffixes (or all), sorted."""
    found = []
    for folder in folders:
        found += [path for path in (root / folder).rglob('*')
                  if path.is_file() and '__pycache__' not in path.parts
                  and root / 'flatpak/work' not in path.parents and (not suffixes or path.name.endswith(suffixes))]
    return sorted(found)


def clang_format():
    """Returns (the command or None, why None)."""
    for name in (f'clang-format-{CLANG_FORMAT_MAJOR}', 'clang-format'):
        if shutil.which(name):
            version = subprocess.run([name, '--version'], capture_output=True, text=True, check=True)
            if f'version {CLANG_FORMAT_MAJOR}.' in version.stdout:
                return name, ''
    return None, f'clang-format {CLANG_FORMAT_MAJOR} is not installed'


def long_lines(path):
    """Returns the numbers of the lines whose code is over COLUMNS. Strings do not count, they stay
    whole to be found and translated, and comments do not either."""
    numbers = []
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        if len(COMMENT.sub('', STRING.sub('""', line)).rstrip()) > COLUMNS:
            numbers.append(number)
    return numbers


def fix(root):
    command, why = clang_format()
    if command is None:
        sys.exit(why)
    sources = files(root, ['src', 'tests'], '.c', '.h')
    subprocess.run([command, '-i', *sources], check=True)
    # ColumnLimit 0 keeps lines as they were broken by hand; those still too long are broken here.
    style = (root / '.clang-format').read_text(encoding='utf-8')
    style = dict(line.split(': ', 1) for line in style.splitlines() if ': ' in line)
    style |= {'ColumnLimit': COLUMNS, 'ReflowComments': 'false', 'PenaltyReturnTypeOnItsOwnLine': 1000}
    style = '{' + ', '.join(f'{key}: {value}' for key, value in style.items()) + '}'
    for path in sources:
        numbers = long_lines(path)
        if numbers:
            subprocess.run([command, '-i', f'--style={style}',
                            *(f'--lines={number}:{number}' for number in numbers), path], check=True)
            subprocess.run([command, '-i', path], check=True)
            for number in long_lines(path):
                print(f'{path.relative_to(root)}:{number}: still over {COLUMNS} columns')


def check(root):
    def listed(paths):
        return '\n'.join(str(path.relative_to(root)) for path in paths)

    def matches(pattern, paths):
        found = []
        for path in paths:
            for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
                if pattern.search(line):
                    found.append(f'{path.relative_to(root)}:{number}: {line.strip()}')
        return '\n'.join(found)

    c_sources = files(root, ['src', 'tests'], '.c', '.h')
    scripts = [root / 'bootstrap', root / '.ci/run', *files(root, ['src', 'tests', 'flatpak'], '.py', '.sh')]

    bad = [path for path in [*c_sources, *scripts]
           if not any(SPDX in line for line in path.read_text(encoding='utf-8').splitlines()[:2])]
    tap.point(not bad, listed(bad), 'every source names its licence in its first two lines')

    found = matches(re.compile(r'^\s*#\s*include\s+[<"]\.\.?/'), c_sources)
    tap.point(not found, found, 'no include by relative path')

    found = '\n'.join(f'{path.relative_to(root)}:{number}' for path in c_sources for number in long_lines(path))
    tap.point(not found, f'{found}\n"ninja -C build format" breaks lines of code',
              f'no line of code is over {COLUMNS} columns')

    texts = files(root, ['src', 'ui', 'data', 'tests', 'flatpak', 'po'], *TEXT)
    texts = [path for path in texts if 'corpus' not in path.parts] + scripts[:2] + sorted(root.glob('*.md'))
    found = matches(MACHINE_PATH, texts)
    tap.point(not found, found, 'no path of somebody\'s own machine')
    found = '\n'.join(f'{path.relative_to(root)}: {what}' for path in texts
                      for text in [path.read_bytes()] if text
                      for what, bad in (('no newline at the end', not text.endswith(b'\n')),
                                        ('carriage returns', b'\r' in text)) if bad)
    tap.point(not found, found, 'text files end in one newline and have no carriage return')

    with (root / 'po/POTFILES.in').open(encoding='utf-8') as file:
        potfiles = [line.strip() for line in file if line.strip() and not line.startswith('#')]
    wanted = [str(path.relative_to(root)) for path in files(root, ['src'], '.c', '.h')
              if TRANSLATED.search(path.read_text(encoding='utf-8'))]
    wanted += [str(path.relative_to(root)) for path in files(root, ['src', 'ui', 'data'], '.ui', '.blp')
               if 'translatable="yes"' in path.read_text(encoding='utf-8')]
    wanted += [str(path.relative_to(root))
               for path in files(root, ['data'], '.desktop.in', '.metainfo.xml.in', '.gschema.xml')]
    found = '\n'.join([f'{name} is missing' for name in wanted if name not in potfiles]
                      + [f'{name} is listed, but is not there' for name in potfiles if not (root / name).exists()]
                      + [f'{name} is listed twice' for name in set(potfiles) if potfiles.count(name) > 1])
    tap.point(not found, found, 'po/POTFILES.in lists every file with words for people')

    # A macro of GLib's in a format cuts the message short there; those of <inttypes.h> do not.
    name = 'xgettext has nothing to warn of'
    if shutil.which('xgettext'):
        done = subprocess.run(['xgettext', '--from-code=UTF-8', '--output=-', '--keyword=_', '--keyword=N_',
                               '--keyword=C_:1c,2', '--keyword=NC_:1c,2', '--keyword=g_dngettext:2,3',
                               '--flag=_:1:pass-c-format', '--flag=N_:1:pass-c-format',
                               *(name for name in potfiles if name.endswith('.c'))],
                              cwd=root, capture_output=True, text=True, check=False)
        tap.point(done.returncode == 0 and not done.stderr, done.stderr, name)
    else:
        tap.skip('xgettext is not installed', name)

    command, why = clang_format()
    name = 'clang-format has nothing to change'
    if command is None:
        tap.skip(why, name)
    else:
        done = subprocess.run([command, '--dry-run', '-Werror', *c_sources],
                              capture_output=True, text=True, check=False)
        tap.point(done.returncode == 0, f'{done.stderr}\n"ninja -C build format" mends this', name)

    name = 'shellcheck has nothing to say'
    if shutil.which('shellcheck'):
        shell = [path for path in scripts if path.suffix != '.py']
        done = subprocess.run(['shellcheck', *shell], capture_output=True, text=True, check=False)
        tap.point(done.returncode == 0, done.stdout + done.stderr, name)
    else:
        tap.skip('shellcheck is not installed', name)
    tap.end()


if __name__ == '__main__':
    if sys.argv[1] == '--fix':
        fix(pathlib.Path(sys.argv[2]).resolve())
    else:
        check(pathlib.Path(sys.argv[1]).resolve())
