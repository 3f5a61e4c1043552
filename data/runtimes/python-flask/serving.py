# SPDX-License-Identifier: GPL-3.0-or-later
"""How gunicorn serves here: on a socket of ours, and until SIGTERM, SIGINT or the end of standard
input."""

import os
import select
import signal
import threading

from gunicorn.app.base import BaseApplication

import lifetime
from app import make_app
from store import Store, make_folder, remove_folder

WORKERS = 1  # Source: gunicorn, setting "workers".
DRAIN_S = 1  # Gunicorn has whole seconds; see lifetime.DRAIN_S.


class Application(BaseApplication):
    def __init__(self, listener, settings):
        # The socket is gunicorn's from here on.
        self.settings = {'bind': f'fd://{listener.detach()}', **settings}
        self.folder = make_folder()
        self.app = make_app(Store(self.folder))
        # Readable in a worker when its master has gone, however that ended.
        self.alive = os.pipe()
        super().__init__()

    def load_config(self):
        settings = {
            'preload_app': True, 'loglevel': 'error', 'graceful_timeout': DRAIN_S,
            'control_socket_disable': True, 'when_ready': self.when_ready,
            'post_fork': self.post_fork, 'on_exit': self.on_exit, **self.settings}
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self):
        return self.app

    def when_ready(self, arbiter):
        threading.Thread(target=self.end_with_input, daemon=True).start()
        lifetime.say_ready(arbiter.LISTENERS[0])

    def end_with_input(self):
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    def post_fork(self, arbiter, worker):
        os.close(self.alive[1])
        threading.Thread(target=self.end_with_master, daemon=True).start()

    def end_with_master(self):
        select.select([self.alive[0]], [], [])
        os._exit(0)

    def on_exit(self, arbiter):
        remove_folder(self.folder)


def serve(description, **settings):
    options = lifetime.read_options(description, workers=WORKERS)
    listener = lifetime.listen(options.port)
    Application(listener, {'workers': options.workers, **settings}).run()
