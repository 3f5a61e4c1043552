# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that do to the load generator what a test wants: raw bytes over TCP or TLS, and HTTP/2."""

import contextlib
import socket
import ssl
import struct
import subprocess
import threading

GOOD = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'


def make_certificate(folder, name, subject='DNS:localhost,IP:127.0.0.1'):
    """Makes a certificate that vouches for itself; returns the files of it and of its key."""
    certificate, key = f'{folder}/{name}.pem', f'{folder}/{name}-key.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                    '-keyout', key, '-out', certificate, '-days', '2', '-subj', f'/CN={name}',
                    '-addext', f'subjectAltName={subject}'], check=True, capture_output=True)
    return certificate, key


def tls_context(certificate, key, protocols=('http/1.1',), client_ca=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(list(protocols))
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class Server:
    """A thread a connection, each of which @script(server, connection) serves until it returns.
    A context that ends them all."""

    def __init__(self, script, context=None):
        self.script, self.context = script, context
        self.lock = threading.Condition()
        self.accepted = self.open = self.most_open = 0
        self.requests = []  # head and body of each, as they came
        self.sockets, self.threads = [], []
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.url = f'{"https" if context else "http"}://127.0.0.1:{self.port}/'

    def __enter__(self):
        self.accepting = threading.Thread(target=self.accept)
        self.accepting.start()
        return self

    def __exit__(self, *unused):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listener.close()
        with self.lock:
            for client in self.sockets:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
            self.lock.notify_all()
        for thread in self.threads:
            thread.join()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.sockets.append(client)
            self.threads.append(threading.Thread(target=self.serve, args=(client,)))
            self.threads[-1].start()

    def serve(self, client):
        with contextlib.suppress(OSError), client:
            if self.context:
                # What was done for a client that is gone must not look like a connection of its.
                client = self.context.wrap_socket(client, server_side=True)
            with self.lock:
                self.accepted += 1
                self.open += 1
                self.most_open = max(self.most_open, self.open)
            try:
                self.script(self, Connection(client))
            finally:
                with self.lock:
                    self.open -= 1
                client.close()


class Connection:
    def __init__(self, client):
        self.socket, self.file = client, client.makefile('rb')

    def write(self, data):
        self.socket.sendall(data)

    def read(self, server):
        """Reads a request and returns (its lines, its body), or None at the end."""
        lines, length = [], 0
        while (line := self.file.readline()) not in (b'\r\n', b''):
            lines.append(line.decode('latin-1').rstrip('\r\n'))
            if line.lower().startswith(b'content-length:'):
                length = int(line.split(b':')[1])
        if not lines:
            return None
        request = lines, self.file.read(length)
        with server.lock:
            server.requests.append(request)
        return request

    def reset_on_close(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


def answering(answer):
    """A script that answers every request with the same bytes."""
    def script(server, connection):
        while connection.read(server):
            connection.write(answer)
    return script


def ending_with(answer, reset=False):
    """A script that writes these bytes and ends the connection."""
    def script(server, connection):
        if connection.read(server):
            connection.write(answer)
            if reset:
                connection.reset_on_close()
    return script


# --- HTTP/2: RFC 9113. Of requests nothing but their number is looked at, so there is no HPACK here. ---

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, END_HEADERS, ACK = 1, 4, 1
STATUS_200 = b'\x88'  # RFC 7541, appendix A: index 8


def frame(kind, flags, stream, payload=b''):
    return struct.pack('>I', len(payload))[1:] + struct.pack('>BBI', kind, flags, stream) + payload


def http2(batch, after_batch=None):
    """A script that answers only when @batch requests are in flight on the connection, all of them then.
    @after_batch(connection, streams) answers in its place if there is one."""
    def script(server, connection):
        waiting = []
        if connection.file.read(len(PREFACE)) != PREFACE:
            return
        connection.write(frame(SETTINGS, 0, 0))
        while len(head := connection.file.read(9)) == 9:
            size = int.from_bytes(head[:3], 'big')
            kind, flags, stream = struct.unpack('>BBI', head[3:])
            payload = connection.file.read(size)
            if kind == SETTINGS and not flags & ACK:
                connection.write(frame(SETTINGS, ACK, 0))
            elif kind == PING and not flags & ACK:
                connection.write(frame(PING, ACK, 0, payload))
            elif kind == HEADERS:
                with server.lock:
                    server.requests.append(stream)
                waiting.append(stream)
                if len(waiting) == batch:
                    if after_batch:
                        after_batch(connection, waiting)
                    else:
                        connection.write(b''.join(frame(HEADERS, END_HEADERS, each, STATUS_200) +
                                                  frame(DATA, END_STREAM, each, b'hello') for each in waiting))
                    waiting = []
    return script
