// SPDX-License-Identifier: GPL-3.0-or-later
// Fastify: routes, a parser for bodies, one place for errors. One process, one loop.
//
// server.mjs [--port N]
import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { computations } from '../node-http/computations.mjs';
import {
  announceReady, endServer, fail, listenFailure, onEnd, readOptions,
} from '../node-http/lifetime.mjs';
import {
  asHttpError, BODY_MAXIMUM_BYTES, bodyTooLarge, errorReply, findHandler, KEEP_ALIVE_MS, METHODS,
  pathNotFound, replyWithoutHandler, send as sendPlainly,
} from '../node-http/serving.mjs';
import { routes } from '../node-http/workloads.mjs';

// Packages are in NODE_PATH, where `import` does not look.
const fastify = createRequire(import.meta.url)('fastify');

const PROGRAM = 'node-fastify';

const { port } = readOptions(PROGRAM, { port: [0, 65535, 0] });
const app = fastify({
  bodyLimit: BODY_MAXIMUM_BYTES,
  keepAliveTimeout: KEEP_ALIVE_MS,
  routerOptions: { querystringParser: (text) => new URLSearchParams(text) },
});

// Bodies are bytes, whatever their type.
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request, body) => body);

function send(reply, { status = 200, type, headers = {}, body = '' }) {
  const isLast = !app.server.listening;
  // What has no type would be given one.
  if (!type) {
    reply.hijack();
    sendPlainly(reply.raw, { status, headers, body }, isLast);
    return reply;
  }
  if (isLast) reply.header('Connection', 'close');
  // Type and bytes as they are: to JSON that is text Fastify would add a charset.
  return reply.code(status).headers(headers).header('Content-Type', type).send(Buffer.from(body));
}

const toRouteHandler = (handler) => async (request, reply) => {
  // To Fastify a part of a path may be empty.
  if (request.params.id === '') throw pathNotFound();
  const answer = await handler({
    request: request.raw,
    response: reply.raw,
    part: request.params.id,
    parameters: request.query,
    compute: (name, ...args) => computations[name](...args),
    // Of methods that usually have none it was not read.
    body: () => request.body ?? buffer(request.raw),
  });
  return answer ? send(reply, answer) : reply.hijack();
};

for (const [url, handlers] of routes) {
  for (const [method, handler] of Object.entries(handlers)) {
    // A route for HEAD comes with that for GET.
    const methods = method === 'any' ? METHODS.filter((name) => name !== 'HEAD') : method;
    app.route({ method: methods, url, handler: toRouteHandler(handler) });
  }
  const others = METHODS.filter((name) => !findHandler(handlers, name));
  const handler = toRouteHandler(({ request }) => replyWithoutHandler(request.method, handlers));
  if (others.length > 0) app.route({ method: others, url, handler });
}

app.setNotFoundHandler(() => {
  throw pathNotFound();
});
app.setErrorHandler((error, request, reply) => {
  // The client may have left: then there is nobody to be told.
  if (reply.raw.destroyed || reply.raw.headersSent) {
    reply.hijack();
    reply.raw.destroy();
    return reply;
  }
  const isTooLarge = error.code === 'FST_ERR_CTP_BODY_TOO_LARGE';
  const ours = isTooLarge ? bodyTooLarge() : asHttpError(error, error.statusCode);
  return send(reply, errorReply(ours));
});

try {
  await app.listen({ port, host: '127.0.0.1' });
} catch (error) {
  fail(PROGRAM, listenFailure(error, port), 1);
}
announceReady(app.server.address().port);
onEnd(() => endServer(app.server));
