// SPDX-License-Identifier: GPL-3.0-or-later
// Requests to handlers, and what those return to responses.
import http from 'node:http';
import { HttpError } from './http-error.mjs';
import { findRoute } from './workloads.mjs';

const BODY_MAXIMUM_BYTES = 16 * 1024 * 1024;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

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
        reject(new HttpError(413, 'the body is too large'));
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function chooseHandler({ method }, path) {
  const route = findRoute(path);
  const handlerOf = (name) =>
    route?.handlers[name === 'HEAD' ? 'GET' : name] ?? route?.handlers.any;
  const isOptions = method === 'OPTIONS';
  if (handlerOf(method)) return { handler: handlerOf(method), part: route.part };
  // The server as a whole knows what one path or another of it knows.
  const isWhole = path === '*';
  if (!route && !isWhole) throw new HttpError(404, 'there is nothing at this path');
  const known = METHODS.filter((name) =>
    isWhole || handlerOf(name) || (isOptions && name === 'OPTIONS'));
  const headers = { Allow: known.join(', ') };
  if (!isOptions) throw new HttpError(405, 'this path does not know that method', headers);
  return { handler: () => ({ status: 204, headers }) };
}

function send(response, { status = 200, type, headers = {}, body = '' }, isLast) {
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body));
  if (type) response.setHeader('Content-Type', type);
  if (isLast) response.setHeader('Connection', 'close');
  response.writeHead(status, headers);
  response.end(body);
}

function errorReply(error) {
  if (!(error instanceof HttpError)) {
    console.error(error);
    return errorReply(new HttpError(500, 'the server has failed'));
  }
  const { status, headers, message } = error;
  return { status, headers, type: 'application/json', body: JSON.stringify({ error: message }) };
}

/** Returns an HTTP server of all workloads; compute(name, ...arguments) carries computations out. */
export function createServer(compute) {
  const server = http.createServer({
    // Longer than clients keep connections: one that is closed while a request comes in fails it.
    keepAliveTimeout: 65_000,
  });
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
