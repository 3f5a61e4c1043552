// SPDX-License-Identifier: GPL-3.0-or-later
// Requests to handlers, and what those return to responses.
import http from 'node:http';
import {
  BODY_MAXIMUM_BYTES, bodyTooLarge, errorReply, findHandler, KEEP_ALIVE_MS, pathNotFound, replyWithoutHandler,
  send,
} from './serving.mjs';
import { findRoute } from './workloads.mjs';

// The server as a whole knows what one path or another of it knows.
const ALL_METHODS = { any: true };

function readBody(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes <= BODY_MAXIMUM_BYTES) {
        chunks.push(chunk);
      } else {
        // The rest is read and dropped: a client that still sends does not see its answer.
        chunks.length = 0;
        reject(bodyTooLarge());
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function chooseHandler({ method }, path) {
  const route = findRoute(path);
  const handler = findHandler(route?.handlers, method);
  if (handler) return { handler, part: route.part };
  if (!route && path !== '*') throw pathNotFound();
  return { handler: () => replyWithoutHandler(method, route?.handlers ?? ALL_METHODS) };
}

/** Returns an HTTP server of all workloads; compute(name, ...arguments) carries computations out. */
export function createServer(compute) {
  const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  server.on('request', async (request, response) => {
    let reply;
    try {
      const [path, query = ''] = request.url.split('?', 2);
      const { handler, part } = chooseHandler(request, path);
      const parameters = new URLSearchParams(query);
      const body = () => readBody(request);
      reply = await handler({ request, response, part, parameters, compute, body });
    } catch (error) {
      // The client may have left: then there is nobody to be told.
      if (!response.destroyed) reply = errorReply(error);
    }
    // Some handlers have written the response themselves.
    if (!reply || response.destroyed) return;
    if (response.headersSent) response.destroy();
    // Once the server ends, so do its connections.
    else send(response, reply, !server.listening);
  });
  return server;
}
