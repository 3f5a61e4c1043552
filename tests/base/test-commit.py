#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A build knows the commit it is made of, and asks for it only when that may have changed.

test-commit.py COMMIT-SH
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import tap

COMMIT_SH = os.path.abspath(sys.argv[1])
NAME = re.compile(r'^#define LDS_BUILD_COMMIT "(.*)"\n$')


def check(name, good, *details):
    tap.point(good, '\n'.join(map(str, details)), name)


def git(root, *args):
    """Runs git without anybody's own configuration. Returns what it printed."""
    return subprocess.run(['git', '-C', root, '-c', 'user.name=Test', '-c', 'user.email=test@example.org', *args],
                          capture_output=True, text=True, check=True, env=quiet_environment()).stdout.strip()


def quiet_environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith('GIT_')}
    return kept | {'GIT_CONFIG_GLOBAL': '/dev/null', 'GIT_CONFIG_SYSTEM': '/dev/null'}


def ask(root, output):
    """Returns (what the header says, the names in the depfile)."""
    header, depfile = output / 'commit.h', output / 'commit.d'
    done = subprocess.run([COMMIT_SH, root, header, depfile], capture_output=True, text=True, check=False,
                          env=quiet_environment())
    found = NAME.match(header.read_text(encoding='utf-8')) if done.returncode == 0 else None
    target, _, names = depfile.read_text(encoding='utf-8').rstrip('\n').partition(':')
    if not found or done.stderr or target != str(header):
        return f'exit code {done.returncode}: {done.stderr} {target}', []
    return found[1], [re.sub(r'\\(.)', r'\1', name).replace('$$', '$')
                      for name in re.split(r'(?<!\\) ', names) if name]


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        root, output = folder / 'source tree', folder / 'build'
        root.mkdir()
        output.mkdir()
        (root / 'one $1 #.c').write_text('1\n', encoding='utf-8')
        (root / 'two.c').write_text('2\n', encoding='utf-8')
        check('outside git it is not known', ask(root, output) == ('unknown', []), ask(root, output))

        git(folder, 'init', '--quiet')
        git(folder, 'add', root)
        git(folder, 'commit', '--quiet', '-m', 'another project around this one')
        check('another project around it is not it', ask(root, output) == ('unknown', []), ask(root, output))
        shutil.rmtree(folder / '.git')

        git(root, 'init', '--quiet')
        git(root, 'add', '.')
        git(root, 'commit', '--quiet', '-m', 'first')
        git(root, 'tag', 'v9')
        first = git(root, 'rev-parse', '--short=12', 'HEAD')
        said, names = ask(root, output)
        check('it is the commit, whatever its tags', said == first, said, first)
        check('it rests on all that is in it, and on the log of commits',
              set(names) == {str(root / name) for name in ('one $1 #.c', 'two.c', '.git/HEAD', '.git/logs/HEAD')}, names)

        os.utime(output / 'commit.h', (1, 1))
        (root / 'new.c').write_text('not of the project\n', encoding='utf-8')
        check('while it says the same it is left alone',
              ask(root, output)[0] == first and (output / 'commit.h').stat().st_mtime == 1)

        (root / 'two.c').write_text('changed\n', encoding='utf-8')
        check('a changed file is said', ask(root, output)[0] == f'{first}-dirty', ask(root, output))
        (root / 'two.c').unlink()
        said, names = ask(root, output)
        check('a deleted one, too, and it is not waited for',
              said == f'{first}-dirty' and str(root / 'two.c') not in names, said, names)

        git(root, 'commit', '--quiet', '-a', '-m', 'second')
        second = git(root, 'rev-parse', '--short=12', 'HEAD')
        check('the next commit is another', ask(root, output)[0] == second != first, ask(root, output))

        git(root, 'worktree', 'add', '--quiet', folder / 'beside', first)
        said, names = ask(folder / 'beside', output)
        check('a worktree has its own', said == first and str(root / '.git/worktrees/beside/logs/HEAD') in names, said, names)
    tap.end()


if shutil.which('git'):
    main()
else:
    tap.skip('git is not installed', 'a build knows its commit')
    tap.end()
