// SPDX-License-Identifier: GPL-3.0-or-later
// The chat of the fan-out benchmark on Node.js with its most used WebSocket module.
'use strict';

const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 511 });
server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    for (const client of server.clients) client.send(data, { binary: isBinary });
  });
});
server.on('listening', () => console.log(JSON.stringify({ port: server.address().port, pid: process.pid })));
process.stdin.on('end', () => process.exit(0)).resume();
