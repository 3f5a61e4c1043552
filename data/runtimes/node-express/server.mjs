// SPDX-License-Identifier: GPL-3.0-or-later
// Express: a router, middleware for bodies, one place for errors. One process, one loop.
//
// server.mjs [--port N]
import http from 'node:http';
import { createRequire } from 'node:module';
import { computations } from '../node-http/computations.mjs';
import { readOptions, serve } from '../node-http/lifetime.mjs';
import {
  asHttpError, BODY_MAXIMUM_BYTES, bodyTooLarge, errorReply, KEEP_ALIVE_MS, pathNotFound,
  replyWithoutHandler, send as sendPlainly,
} from '../node-http/serving.mjs';
import { routes } from '../node-http/workloads.mjs';

// Packages are in NODE_PATH, where `import` does not look.
const express = createRequire(import.meta.url)('express');

const PROGRAM = 'node-express';
const NO_BODY = Buffer.alloc(0);

const { port } = readOptions(PROGRAM, { port: [0, 65535, 0] });
const app = express();
const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);

app.disable('x-powered-by');
app.enable('strict routing');
app.enable('case sensitive routing');
app.set('query parser', (text) => new URLSearchParams(text ?? ''));

function send(response, reply) {
  const isLast = !server.listening;
  const { status = 200, type, headers = {}, body } = reply;
  // What has no type would be given one.
  if (!type) {
    sendPlainly(response, reply, isLast);
    return;
  }
  if (isLast) response.set('Connection', 'close');
  // Type and bytes as they are: to text Express would add a charset.
  response.status(status).set(headers).setHeader('Content-Type', type);
  response.send(Buffer.from(body ?? ''));
}

const toMiddleware = (handler) => async (request, response) => {
  const reply = await handler({
    request,
    response,
    part: request.params.id,
    parameters: request.query,
    compute: (name, ...args) => computations[name](...args),
    body: () => request.body ?? NO_BODY,
  });
  if (reply) send(response, reply);
};

const readBody = express.raw({ type: () => true, limit: BODY_MAXIMUM_BYTES });

for (const [path, handlers] of routes) {
  const route = app.route(path);
  for (const [method, handler] of Object.entries(handlers)) {
    if (method === 'GET') route.get(toMiddleware(handler));
    else route[method === 'any' ? 'all' : method.toLowerCase()](readBody, toMiddleware(handler));
  }
  route.all(toMiddleware(({ request }) => replyWithoutHandler(request.method, handlers)));
}
app.use(() => {
  throw pathNotFound();
});

// It is known as a place for errors by its four parameters.
app.use((error, request, response, next) => { // eslint-disable-line no-unused-vars
  // The client may have left: then there is nobody to be told.
  if (response.destroyed || error.type === 'request.aborted') return;
  if (response.headersSent) response.destroy();
  else if (error.type === 'entity.too.large') send(response, errorReply(bodyTooLarge()));
  else send(response, errorReply(asHttpError(error, error.statusCode)));
});

serve(PROGRAM, server, port);
