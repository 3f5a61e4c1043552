# SPDX-License-Identifier: GPL-3.0-or-later
"""The products in an SQLite database of this server's own, and the events that tell of changes."""

import contextlib
import fcntl
import json
import os
import queue
import shutil
import sqlite3
import sys
import tempfile
import threading

from exchange import Refusal

# Source: SQLAlchemy 2.0, class QueuePool: pool_size 5 and max_overflow 10, timeout 30 s.
CONNECTIONS = 15
POOL_TIMEOUT_S = 30
# Loadstone's own server sweeps folders of this name that nobody holds locked any more.
FOLDER_PREFIX = 'loadstone-server-'
MAX_EVENTS = 65536

KINDS = ('Plain', 'Brass', 'Bronze', 'Boxed', 'Spare', 'Large', 'Small', 'Used', 'Pocket', 'Heavy')
THINGS = ('compass', 'sextant', 'chart', 'chronometer', 'ruler', 'log line', 'lead', 'lamp',
          'barometer', 'logbook')


def make_folder():
    """Returns a folder that remove_folder() removes."""
    path = tempfile.mkdtemp(prefix=FOLDER_PREFIX)
    # Held for as long as the process, and those it forks, live.
    fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_SH)
    return path


@contextlib.contextmanager
def temporary_folder():
    """A folder for as long as the server runs; remove_folder() for who cannot wait for the end."""
    path = make_folder()
    try:
        yield path
    finally:
        remove_folder(path)


def remove_folder(path):
    shutil.rmtree(path, ignore_errors=True)


class Store:
    """Made once, before any thread and any fork: no connection is carried over."""

    def __init__(self, folder):
        self.folder = folder
        self.path = os.path.join(folder, 'products.db')
        self.events = Events()
        # A place for each connection that may be; the one used last is the one to be used next.
        self.pool = queue.LifoQueue()
        for _ in range(CONNECTIONS):
            self.pool.put(None)
        with contextlib.closing(self.open()) as connection:
            connection.execute('PRAGMA journal_mode = WAL')
            connection.execute('BEGIN')
            connection.execute('CREATE TABLE product '
                               '(id INTEGER PRIMARY KEY, name TEXT, price REAL)')
            connection.executemany('INSERT INTO product (name, price) VALUES (?, ?)', (
                (f'{KINDS[i % 10]} {THINGS[i // 10 % 10]} no. {i // 100 + 1}',
                 (50 + i * 7919 % 19950) / 100) for i in range(1000)))
            connection.execute('COMMIT')

    def open(self):
        # Each statement is a transaction; a connection has one user at a time, but not one thread.
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.execute('PRAGMA synchronous = NORMAL')
        return connection

    @contextlib.contextmanager
    def connection(self, connect):
        """With `connect` one that is opened for this, else one of the pool."""
        try:
            if connect:
                with contextlib.closing(self.open()) as own:
                    yield own
                return
            pooled = self.pool.get(timeout=POOL_TIMEOUT_S)
            try:
                pooled = pooled or self.open()
                yield pooled
            finally:
                self.pool.put(pooled)
        except queue.Empty:
            raise Refusal(503, 'the database was locked for too long: try again') from None
        except sqlite3.OperationalError as error:
            if 'locked' in str(error):
                raise Refusal(503, 'the database was locked for too long: try again') from None
            raise self.failed(error) from None
        except sqlite3.Error as error:
            raise self.failed(error) from None

    def failed(self, error):
        print(f'server.py: the database {self.path} failed: {error}.', file=sys.stderr)
        return Refusal(500, 'the database failed: see what the server says on standard error')

    def list(self, connect, limit):
        with self.connection(connect) as connection:
            return connection.execute('SELECT id, name, price FROM product ORDER BY id LIMIT ?',
                                      (limit,)).fetchall()

    def get(self, connect, number):
        with self.connection(connect) as connection:
            row = connection.execute('SELECT id, name, price FROM product WHERE id = ?',
                                     (number,)).fetchone()
        if row is None:
            raise Refusal(404, 'there is no product of that id')
        return row

    def add(self, connect, name, price):
        with self.connection(connect) as connection:
            number = connection.execute('INSERT INTO product (name, price) VALUES (?, ?)',
                                        (name, price)).lastrowid
        self.events.publish({'action': 'created', 'id': number, 'name': name})
        return number, name, price

    def change(self, connect, number, name, price):
        with self.connection(connect) as connection:
            changed = connection.execute('UPDATE product SET name = ?, price = ? WHERE id = ?',
                                         (name, price, number)).rowcount
        if not changed:
            raise Refusal(404, 'there is no product of that id')
        return number, name, price

    def remove(self, connect, number):
        with self.connection(connect) as connection:
            removed = connection.execute('DELETE FROM product WHERE id = ?', (number,)).rowcount
        if not removed:
            raise Refusal(404, 'there is no product of that id')
        self.events.publish({'action': 'deleted', 'id': number})

    def summarize(self, connect, low, below):
        with self.connection(connect) as connection:
            return connection.execute(
                'SELECT count(*), total(price), avg(price), min(price), max(price) FROM product '
                'WHERE price >= ? AND price < ?', (low, below)).fetchone()


class Events:
    """A bounded queue in this process, and a thread that takes from it, from the first event on."""

    def __init__(self):
        self.queue = queue.Queue(MAX_EVENTS)
        self.starting = threading.Lock()
        self.consumer = None

    def publish(self, event):
        with self.starting:
            if self.consumer is None:
                self.consumer = threading.Thread(target=self.consume, daemon=True)
                self.consumer.start()
        try:
            self.queue.put_nowait(json.dumps(event))
        except queue.Full:
            raise Refusal(503, 'the product was changed but the event could not be '
                               'published') from None

    def consume(self):
        # Parsed, as whoever listens would; nothing here depends on what it says.
        while True:
            json.loads(self.queue.get())
