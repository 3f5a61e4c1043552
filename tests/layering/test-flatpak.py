#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Flatpak manifests: what Flathub would refuse, as far as it shows without building.

test-flatpak.py SOURCE_ROOT
"""

import json
import pathlib
import re
import sys

import tap

ID = 'io.github.loadstone.Loadstone'
# Nothing leaves the sandbox: loopback needs no permission, files go through portals.
PERMISSIONS = ['--share=ipc', '--socket=fallback-x11', '--socket=wayland', '--device=dri']


def unpinned(module):
    """Returns what of a module's sources could be something else tomorrow."""
    bad = []
    for source in module['sources']:
        if source['type'] == 'git':
            good = 'tag' in source and re.fullmatch('[0-9a-f]{40}', source.get('commit', ''))
        elif source['type'] == 'archive':
            good = re.fullmatch('[0-9a-f]{64}', source.get('sha256', ''))
        else:
            good = False
        if not good or not source['url'].startswith('https://'):
            bad.append(f'{module["name"]}: {source}')
    return bad


def main():
    folder = pathlib.Path(sys.argv[1]) / 'flatpak'
    manifests = {}
    for name in (ID, f'{ID}.Devel'):
        manifest = json.loads((folder / f'{name}.json').read_text(encoding='utf-8'))
        manifests[name] = manifest
        tap.point(manifest['id'] == name, manifest['id'], f'{name}: the id is the file name')
        tap.point(manifest['command'] == 'loadstone', manifest['command'], f'{name}: starts the app')
        tap.point(manifest['finish-args'] == PERMISSIONS, manifest['finish-args'], f'{name}: asks for no more than it needs')
    release, devel = manifests.values()

    bad = [line for module in release['modules'] for line in unpinned(module)]
    tap.point(not bad, '\n'.join(bad), 'the release names every source exactly')
    tap.point(release['modules'][:-1] == devel['modules'][:-1], '', 'both build on the same libraries')
    tap.point(release['modules'][-1]['name'] == devel['modules'][-1]['name'] == 'loadstone', '',
              'both end with Loadstone')
    tap.end()


if __name__ == '__main__':
    main()
