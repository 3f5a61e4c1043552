# SPDX-License-Identifier: GPL-3.0-or-later
"""Interpreters for the reference servers in Python that need more than the standard library."""

import hashlib
import pathlib
import shutil
import subprocess
import sys

from python_servers import INTERPRETERS, PYTHON, RUNTIMES, why_no_python

FREE_THREADED = ('python3.14t', 'python3.13t')
MINIMUM = (3, 11)  # of the versions that are locked
INSTALL_S = 240
# What pip says where it cannot reach its index.
OFFLINE = ('Connection', 'from versions: none', 'timed out')


def make_environment(runtimes, folder):
    """Puts all that @runtimes need into one virtual environment in @folder, unless it is there. Returns its interpreter,
    or None and why there is none."""
    why = why_no_python(minimum=MINIMUM)
    if why:
        return None, why
    locks = [RUNTIMES / runtime / 'requirements.txt' for runtime in runtimes]
    digest = hashlib.sha256(b''.join(lock.read_bytes() for lock in locks) + sys.version.encode()).hexdigest()[:16]
    home = pathlib.Path(folder) / digest
    python = home / 'bin' / 'python3'
    whole = home / 'whole'
    if whole.exists():
        return str(python), None
    # Of locks or a Python that are no more.
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([PYTHON, '-m', 'venv', home], capture_output=True, text=True, check=False)
    if made.returncode:
        return None, 'this Python makes no virtual environments'
    arguments = [argument for lock in locks for argument in ('-r', lock)]
    try:
        done = subprocess.run([python, '-m', 'pip', 'install', '-q', '--require-hashes', '--only-binary=:all:', '--retries', '1',
                               *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        return None, 'pip did not install the packages in time'
    if done.returncode and any(words in done.stderr for words in OFFLINE):
        return None, 'pip cannot reach its index'
    assert done.returncode == 0, done.stderr
    whole.touch()
    return str(python), None


def find_interpreters(runtimes, folder):
    """Returns of each runtime why it cannot be started, where there is a reason."""
    reasons = {}
    python, why = make_environment(runtimes, folder)
    for runtime in runtimes:
        INTERPRETERS[runtime] = python
        reasons[runtime] = why
    free = next(filter(None, map(shutil.which, FREE_THREADED)), None)
    INTERPRETERS['python-free-threaded'] = free
    reasons['python-free-threaded'] = None if free else f'none of {", ".join(FREE_THREADED)} is installed'
    return reasons
