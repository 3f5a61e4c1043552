// SPDX-License-Identifier: GPL-3.0-or-later
// What servers have in common whatever they are made with: their limits, what is answered where there is
// no handler, and what with when one fails.
import { HttpError } from './http-error.mjs';

export const BODY_MAXIMUM_BYTES = 16 * 1024 * 1024;

/** Longer than clients keep connections: one that is closed while a request comes in fails it. */
export const KEEP_ALIVE_MS = 65_000;

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];

export const findHandler = (handlers, method) =>
  handlers?.[method === 'HEAD' ? 'GET' : method] ?? handlers?.any;

export const pathNotFound = () => new HttpError(404, 'there is nothing at this path');

export const bodyTooLarge = () => new HttpError(413, 'the body is too large');

/** What is answered where these handlers do not know the method: the methods that they know, to OPTIONS. */
export function replyWithoutHandler(method, handlers) {
  const isOptions = method === 'OPTIONS';
  const known = METHODS.filter((name) =>
    findHandler(handlers, name) || (isOptions && name === 'OPTIONS'));
  const headers = { Allow: known.join(', ') };
  if (!isOptions) throw new HttpError(405, 'this path does not know that method', headers);
  return { status: 204, headers };
}

/** What a framework has against a request, an error with a status, as one of ours. */
export const asHttpError = (error, status) =>
  (status >= 400 && status < 500 ? new HttpError(status, error.message) : error);

/** The reply that stands for an error; what is no HttpError is the server's own failure. */
export function errorReply(error) {
  if (!(error instanceof HttpError)) {
    console.error(error);
    return errorReply(new HttpError(500, 'the server has failed'));
  }
  const { status, headers, message } = error;
  return { status, headers, type: 'application/json', body: JSON.stringify({ error: message }) };
}

/** Sends a reply; with isLast the connection ends with it. */
export function send(response, { status = 200, type, headers = {}, body = '' }, isLast) {
  if (status !== 204) response.setHeader('Content-Length', Buffer.byteLength(body));
  if (type) response.setHeader('Content-Type', type);
  if (isLast) response.setHeader('Connection', 'close');
  response.writeHead(status, headers);
  response.end(body);
}
