// SPDX-License-Identifier: GPL-3.0-or-later
// What the most used WebSocket module of Node.js, "ws", makes of a server.
// real-clients.js PORT: says "ok" when all is as it should be.
'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const WebSocket = require('ws');

const url = `ws://127.0.0.1:${process.argv[2]}`;

async function open(path) {
  const socket = new WebSocket(url + path);
  socket.received = [];
  socket.waiting = [];
  socket.on('message', (data, isBinary) => {
    const message = isBinary ? data : data.toString();
    if (socket.waiting.length > 0) socket.waiting.shift()(message);
    else socket.received.push(message);
  });
  await once(socket, 'open');
  return socket;
}

function next(socket) {
  if (socket.received.length > 0) return socket.received.shift();
  return new Promise((resolve) => socket.waiting.push(resolve));
}

async function closed(socket, code) {
  const [got] = await once(socket, 'close');
  assert.strictEqual(got, code);
}

async function echo() {
  // It offers compression; the server declines.
  const socket = await open('/ws');
  assert.strictEqual(socket.extensions, '');
  for (const size of [0, 1, 125, 126, 65535, 65536, 1 << 20]) {
    const bytes = Buffer.alloc(size, 'abcdefghijklmnopqrstuvwxyz');
    socket.send(bytes);
    assert.ok(bytes.equals(await next(socket)));
    socket.send(bytes.toString());
    assert.strictEqual(await next(socket), bytes.toString());
  }
  socket.send('in ', { fin: false });
  socket.ping('now');
  socket.send('three ', { fin: false });
  socket.send('parts ☃', { fin: true });
  const [pong] = await once(socket, 'pong');
  assert.strictEqual(pong.toString(), 'now');
  assert.strictEqual(await next(socket), 'in three parts ☃');
  socket.close(4000, 'enough');
  await closed(socket, 4000);

  const plain = await open('/ws');
  plain.close();
  await closed(plain, 1005);
}

async function chat() {
  const members = await Promise.all(Array.from({ length: 50 }, () => open('/chat')));
  for (let i = 0; i < 20; i++) members[i].send(`message ${i}`);
  const expected = new Set(Array.from({ length: 20 }, (_, i) => `message ${i}`));
  for (const member of members) {
    const got = new Set();
    for (let i = 0; i < 20; i++) got.add(await next(member));
    assert.deepStrictEqual(got, expected);
  }
  for (const member of members) member.terminate();
}

async function live() {
  const socket = await open('/live?hz=50');
  let last = 0;
  for (let i = 0; i < 10; i++) {
    const { seq } = JSON.parse(await next(socket));
    assert.ok(seq > last);
    last = seq;
  }
  socket.close(1000);
  await closed(socket, 1000);
}

async function refused() {
  const socket = new WebSocket(`${url}/json`);
  const [, response] = await once(socket, 'unexpected-response');
  assert.strictEqual(response.statusCode, 200);
  socket.on('error', () => {});
  socket.terminate();
}

Promise.all([echo(), chat(), live(), refused()]).then(() => {
  console.log('ok');
  process.exit(0);
}, (error) => {
  console.error(error);
  process.exit(1);
});
