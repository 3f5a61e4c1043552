// SPDX-License-Identifier: GPL-3.0-or-later
// WebSockets by the ws module, beside what node-http serves. One process, one loop.
//
// server.mjs [--port N]
import http from 'node:http';
import { createRequire } from 'node:module';
import { createServer } from '../node-http/app.mjs';
import { computations } from '../node-http/computations.mjs';
import { HttpError } from '../node-http/http-error.mjs';
import { readOptions, serve } from '../node-http/lifetime.mjs';
import { BODY_MAXIMUM_BYTES, errorReply, pathNotFound } from '../node-http/serving.mjs';
import { routes } from '../node-http/workloads.mjs';
import { socketRoutes } from './sockets.mjs';

// Packages are in NODE_PATH, where `import` does not look.
const { WebSocketServer } = createRequire(import.meta.url)('ws');

const PROGRAM = 'node-ws';
const GOING_AWAY = 1001;

const { port } = readOptions(PROGRAM, { port: [0, 65535, 0] });
const server = createServer((name, ...args) => computations[name](...args));
// Messages are not compressed, which is the default, too: it costs more than it saves on short ones.
const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: BODY_MAXIMUM_BYTES,
});

// An ordinary request to such a path.
function askForUpgrade() {
  throw new HttpError(426, 'there is a WebSocket at this path: ask for an upgrade to it', {
    'Upgrade': 'websocket',
    'Connection': 'Upgrade',
    'Sec-WebSocket-Version': '13',
  });
}
for (const path of socketRoutes.keys()) routes.set(path, { GET: askForUpgrade });

function refuse(socket, error) {
  const { status, headers, type, body } = errorReply(error);
  const fields = Object.entries({
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Connection': 'close',
    ...headers,
  });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}

server.on('upgrade', (request, connection, head) => {
  // Until the ws module sees to them.
  const ignoreErrors = () => {};
  connection.on('error', ignoreErrors);
  try {
    const [path, query = ''] = request.url.split('?', 2);
    const route = socketRoutes.get(path);
    if (!route) throw pathNotFound();
    const begin = route(new URLSearchParams(query));
    connection.off('error', ignoreErrors);
    sockets.handleUpgrade(request, connection, head, (socket) => {
      // What is wrong with a message closes its WebSocket, which is all that there is to be done.
      socket.on('error', () => {});
      begin(socket);
    });
  } catch (error) {
    refuse(connection, error);
  }
});

serve(PROGRAM, server, port, () => {
  for (const socket of sockets.clients) socket.close(GOING_AWAY, 'the server is ending');
});
