#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window as a person uses it: by keyboard, heard as a screen reader hears it.

Usage: test-window.py PROGRAM, under an X display and a session bus of its own.
"""
import ctypes
import ctypes.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

import tap

warnings.simplefilter('ignore')
try:
    import gi
    gi.require_version('Atspi', '2.0')
    from gi.repository import Atspi
    X11 = ctypes.CDLL(ctypes.util.find_library('X11') or 'libX11.so.6')
    XTST = ctypes.CDLL(ctypes.util.find_library('Xtst') or 'libXtst.so.6')
except (ImportError, ValueError, OSError) as error:
    print(f'1..0 # SKIP cannot look at a window here: {error}')
    sys.exit(0)

PATIENCE_S = 60


class Keyboard:
    """Keys for the topmost window; there is no window manager to give it the focus."""

    def __init__(self):
        for function in ('XOpenDisplay', 'XDefaultRootWindow'):
            getattr(X11, function).restype = ctypes.c_void_p
        X11.XOpenDisplay.argtypes = [ctypes.c_char_p]
        X11.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        X11.XKeysymToKeycode.restype = ctypes.c_ubyte
        X11.XStringToKeysym.restype = ctypes.c_ulong
        X11.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        X11.XSetInputFocus.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_ulong]
        X11.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
        X11.XQueryTree.argtypes = [ctypes.c_void_p, ctypes.c_ulong] + [ctypes.c_void_p] * 4
        X11.XGetWindowAttributes.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p]
        XTST.XTestFakeKeyEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
        # A window may be gone before it is asked about.
        self.handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: 0)
        X11.XSetErrorHandler(self.handler)
        self.display = X11.XOpenDisplay(None)
        self.root = X11.XDefaultRootWindow(self.display)

    def focus(self):
        """Gives the focus to the last mapped toplevel, once there is one."""
        root, parent, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_uint()
        children = ctypes.POINTER(ctypes.c_ulong)()
        X11.XQueryTree(self.display, self.root, ctypes.byref(root), ctypes.byref(parent),
                       ctypes.byref(children), ctypes.byref(count))
        for i in reversed(range(count.value)):
            # XWindowAttributes: x, y, width, height come first.
            attributes = (ctypes.c_int * 64)()
            X11.XGetWindowAttributes(self.display, children[i], attributes)
            if attributes[2] > 100 and attributes[3] > 100:
                X11.XSetInputFocus(self.display, children[i], 2, 0)
                break
        X11.XSync(self.display, 0)

    def press(self, *names):
        codes = [X11.XKeysymToKeycode(self.display, X11.XStringToKeysym(name.encode())) for name in names]
        for code in codes:
            XTST.XTestFakeKeyEvent(self.display, code, 1, 0)
        for code in reversed(codes):
            XTST.XTestFakeKeyEvent(self.display, code, 0, 0)
        X11.XSync(self.display, 0)


def wait_for(what, condition):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            value = condition()
        except gi.repository.GLib.GError:
            value = None  # it went away while it was asked
        if value:
            return value
        time.sleep(0.05)
    raise TimeoutError(f'waited {PATIENCE_S} s for {what}')


def walk(node):
    yield node
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child is not None:
            yield from walk(child)


class App:
    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, *arguments])
        self.node = wait_for('the application on the accessibility bus', self.find)
        wait_for('a window', lambda: self.node.get_child_count() > 0)

    def find(self):
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            node = desktop.get_child_at_index(i)
            if node is not None and node.get_process_id() == self.process.pid:
                return node
        return None

    def title(self):
        frame = self.node.get_child_at_index(0)
        return frame.get_name() if frame is not None else ''

    def named(self, name, role=None):
        for node in walk(self.node):
            if node.get_name() == name and role in (None, node.get_role_name()):
                return node
        return None

    def labels(self):
        return [node.get_name() for node in walk(self.node) if node.get_role_name() == 'label']

    def children(self):
        found = []
        for stat in pathlib.Path('/proc').glob('[0-9]*/stat'):
            try:
                fields = stat.read_text().rpartition(')')[2].split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid and fields[0] != 'Z':
                found.append(stat.parent.name)
        return found


def answer_all(app, keyboard):
    """Every question by its first answer: digit, Enter."""
    position = next(name for name in app.labels() if name.startswith('1 of '))
    total = int(position.rpartition(' ')[2])
    for number in range(1, total + 1):
        wait_for(f'question {number}', lambda: app.named(f'{number} of {total}', 'label'))
        keyboard.press('1')
        keyboard.press('Return')
    wait_for('the advice', lambda: app.title().startswith('Advise'))
    return total


def run(program, folder):
    keyboard = Keyboard()
    app = App(program)
    wait_for('the questions', lambda: app.title().startswith('Ask'))
    wait_for('the first answer to have the focus',
             lambda: any(node.get_role_name() == 'radio button' and
                         node.get_state_set().contains(Atspi.StateType.FOCUSED) for node in walk(app.node)))
    keyboard.focus()

    unnamed = [node.get_role_name() for node in walk(app.node)
               if node.get_role_name() in ('push button', 'radio button', 'slider', 'toggle button', 'image')
               and not node.get_name()]
    tap.point(not unnamed, '\n'.join(unnamed), 'every control has a name')

    total = answer_all(app, keyboard)
    tap.point(total >= 8, f'{total} questions', 'the questionnaire can be answered by keyboard alone')
    tap.point(app.named('Because') is not None, '\n'.join(app.labels()), 'the advice gives its reasons')

    keyboard.press('Alt_L', '3')
    wait_for('the stage Measure', lambda: app.title().startswith('Measure'))
    keyboard.press('F5')
    wait_for('the first run', lambda: app.title().startswith('Measuring, run '))
    wait_for('the load generator', lambda: len(app.children()) >= 2)
    wait_for('the second run', lambda: app.title().startswith('Measuring, run 2'))
    keyboard.press('Escape')
    wait_for('the end of the measurement', lambda: app.title().startswith('Measure –'))
    wait_for('the children to end', lambda: not app.children())
    tap.point(True, '', 'a measurement runs and stops, and leaves no process')
    state = wait_for('the state', lambda: next((name for name in app.labels() if name.startswith('Stopped after ')), None))
    tap.point('of' in state, state, 'what was measured before the stop is kept')

    keyboard.press('Alt_L', '4')
    wait_for('the stage Report', lambda: app.title().startswith('Report'))
    page = wait_for('the first page', lambda: next((node for node in walk(app.node)
                                                    if node.get_name().startswith('Page 1 of ')), None))
    tap.point(page.get_role_name() in ('image', 'icon'), page.get_role_name(), 'the report shows its pages')

    keyboard.press('Alt_L', 'c')
    wait_for('the page Claims', lambda: app.title().startswith('Claims'))
    wait_for('what is known of claims', lambda: any(
        node.get_name() == 'Test All' and node.get_state_set().contains(Atspi.StateType.SENSITIVE)
        for node in walk(app.node)))
    claim = wait_for('the first claim to have the focus', lambda: next(
        (node for node in walk(app.node) if node.get_role_name() == 'list item' and
         node.get_state_set().contains(Atspi.StateType.FOCUSED)), None))
    tap.point(claim.get_description().startswith('C-000-1 · not ') and 'claimed 1.40' in claim.get_description(),
              claim.get_description(), 'a claim says its verdict and its figures')
    keyboard.press('Return')
    wait_for('what is known of the claim', lambda: 'How it is tested' in app.labels())
    unnamed = [node.get_role_name() for node in walk(app.node)
               if node.get_role_name() in ('push button', 'toggle button', 'check box', 'image', 'list item', 'entry')
               and node.get_state_set().contains(Atspi.StateType.SHOWING) and not node.get_name()]
    tap.point(not unnamed, '\n'.join(unnamed), 'everything on the page Claims has a name')

    keyboard.press('Control_L', 'w')
    app.process.wait(PATIENCE_S)
    tap.point(app.process.returncode == 0, f'exit code {app.process.returncode}', 'the window closes')
    kept = folder / 'loadstone' / 'assessment.json'
    answers = json.loads(kept.read_text(encoding='utf-8'))['answers']
    tap.point(len(answers) >= total - 2, str(answers), 'the answers are kept')

    app = App(program)
    first = wait_for('the first question again', lambda: next(
        (node for node in walk(app.node) if node.get_role_name() == 'radio button'), None))
    tap.point(first.get_state_set().contains(Atspi.StateType.CHECKED), first.get_name(),
              'the answers are there again after a restart')
    app.process.terminate()
    app.process.wait(PATIENCE_S)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        os.environ['XDG_DATA_HOME'] = name
        os.environ['XDG_CONFIG_HOME'] = name
        try:
            run(program, pathlib.Path(name))
        except TimeoutError as error:
            tap.point(False, str(error), 'the window answers')
    tap.end()


if __name__ == '__main__':
    main()
