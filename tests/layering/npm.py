# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of Node.js for tests: put into the build's folder when they are first needed."""

import functools
import os
import shutil
import subprocess

INSTALL_S = 60


@functools.cache
def why_not(modules, name, version):
    """Why the module @name cannot be had in the folder @modules, None when it is there."""
    if not shutil.which('node'):
        return 'node is not installed'
    if os.path.isdir(os.path.join(modules, 'node_modules', name)):
        return None
    if not shutil.which('npm'):
        return f'npm, which would install the module {name}, is not installed'
    os.makedirs(modules, exist_ok=True)
    try:
        done = subprocess.run(['npm', 'install', '--silent', '--no-audit', '--no-fund', '--no-save', '--prefix', modules,
                               f'{name}@{version}'],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        return f'npm did not install {name} in time'
    return None if done.returncode == 0 else f'npm cannot install {name} here'
