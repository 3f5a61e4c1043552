// SPDX-License-Identifier: GPL-3.0-or-later
// What there is at each path. A handler gets {request, response, part, parameters, body, compute}, of
// which part is the variable one of the path, and returns {status, type, headers, body}, or nothing
// when it writes the response itself.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { computations, FEATURES, parseJson } from './computations.mjs';
import { listen } from './events.mjs';
import { HttpError } from './http-error.mjs';
import { readChoice, readId, readNumber } from './parameters.mjs';
import { Pool } from './pool.mjs';
import { Fnv, Sequence } from './uint64.mjs';

const json = (body, status = 200) => ({ status, type: 'application/json', body });

// Threads for calls that block, as many as libuv has for its own. Most servers never need them.
const BLOCKING_THREADS = 4;
let blockingPool;

function blockElsewhere(ms) {
  blockingPool ??= new Pool(BLOCKING_THREADS);
  return blockingPool.run('block', ms);
}

const hello = () => ({ type: 'text/plain', body: 'hello\n' });

const USER = {
  id: 1,
  name: 'Petra Peregrina',
  email: 'petra@example.org',
  city: 'Maricourt',
  active: true,
  note: 'Prefers a needle that floats to one on a pivot; see the letter on the magnet. Deliver to ' +
    'the harbour office, second floor, between eight and ten in the morning. Leave nothing at the ' +
    'gate. Please ask for the chart of the year before if the one of this year is sold out, and for ' +
    'its corrections up to now either way.',
  products: [
    { id: 1, name: 'Pocket compass', price: 24.5 },
    { id: 2, name: 'Brass sextant', price: 189 },
    { id: 3, name: 'Chart of the North Sea', price: 17.25 },
    { id: 4, name: 'Marine chronometer', price: 349.99 },
    { id: 5, name: 'Parallel ruler', price: 12.8 },
    { id: 6, name: 'Dividers, straight', price: 21.4 },
    { id: 7, name: 'Log line, 100 m', price: 38 },
    { id: 8, name: 'Sounding lead, 3 kg', price: 27.75 },
    { id: 9, name: 'Signal lamp', price: 64.2 },
    { id: 10, name: 'Barometer, aneroid', price: 92.1 },
    { id: 11, name: 'Night order book', price: 8.95 },
    { id: 12, name: 'Azimuth circle', price: 143.6 },
  ],
};

// Prices have two decimals, of which JSON.stringify() would drop zeros.
function userAsJson() {
  const { products, ...user } = USER;
  const rows = products.map(({ id, name, price }) =>
    `{"id":${id},"name":${JSON.stringify(name)},"price":${price.toFixed(2)}}`);
  return json(`${JSON.stringify(user).slice(0, -1)},"products":[${rows.join(',')}]}`);
}

async function slow({ parameters }) {
  const ms = readNumber(parameters, 'ms', 200, 0, 60000);
  await sleep(ms);
  return json(JSON.stringify({ status: 'done', t: ms }));
}

// What must not be done on a loop, done there; or where it may be.
async function bad({ parameters }) {
  const ms = readNumber(parameters, 'ms', 200, 0, 60000);
  const place = readChoice(parameters, 'in', ['loop', 'pool']);
  if (place === 'pool') await blockElsewhere(ms);
  else computations.block(ms);
  return json(JSON.stringify({ status: 'done', t: ms }));
}

async function compute({ parameters, compute: run }) {
  return json(await run('sumRoots', readNumber(parameters, 'n', 20000000, 0, 10000000000)));
}

async function user({ part, parameters }) {
  const id = readId(part);
  const ms = readNumber(parameters, 'ms', 250, 0, 60000);
  await sleep(ms);
  return json(JSON.stringify({ id, name: `User ${id}`, t: ms }));
}

function users({ part }) {
  const id = readId(part);
  return json(JSON.stringify({
    id,
    name: `User ${id}`,
    email: `user${id}@example.org`,
    active: id % 7 !== 0,
  }));
}

// As frameworks have it, a document is an object or a list.
function readDocument(body) {
  const document = parseJson(body);
  if (document === null || typeof document !== 'object')
    throw new HttpError(400, 'the body is not JSON: it must be an object or a list');
  return document;
}

const SIGNUP_MAXIMUM_BYTES = 64 * 1024;
const PASSWORD_MINIMUM = 6;

async function signup({ parameters, body }) {
  const validates = readNumber(parameters, 'validate', 1, 0, 1) === 1;
  const bytes = await body();
  if (bytes.length > SIGNUP_MAXIMUM_BYTES)
    throw new HttpError(413, `the body must be at most ${SIGNUP_MAXIMUM_BYTES} bytes`);
  const { email = null, password } = readDocument(bytes);
  const errors = [];
  if (typeof email !== 'string' || !email.includes('@')) errors.push('email must contain @');
  // Characters, not the units of UTF-16.
  if (typeof password !== 'string' || [...password].length < PASSWORD_MINIMUM)
    errors.push(`password must have at least ${PASSWORD_MINIMUM} characters`);
  if (validates && errors.length > 0) return json(JSON.stringify({ errors }), 400);
  // An id that follows from the address, of 53 bits.
  const { high, low } = new Fnv().add(Buffer.from(typeof email === 'string' ? email : ''));
  const id = high * 2 ** 21 + Math.floor(low / 2 ** 11);
  return json(JSON.stringify({ id, email }), 201);
}

async function fanOut({ parameters }) {
  const n = readNumber(parameters, 'n', 10, 1, 10000);
  const ms = readNumber(parameters, 'ms', 50, 0, 60000);
  const mode = readChoice(parameters, 'mode', ['all', 'sequential']);
  const via = readChoice(parameters, 'via', ['timer', 'pool']);
  if (n * ms > 600000) throw new HttpError(400, 'n times ms must be at most 600000');
  const query = () => (via === 'timer' ? sleep(ms) : blockElsewhere(ms));
  if (mode === 'all') {
    await Promise.all(Array.from({ length: n }, query));
  } else {
    for (let i = 0; i < n; i++) await query();
  }
  return json(JSON.stringify({ n, t: ms, mode, via }));
}

async function mix({ parameters, compute: run }) {
  const totalMs = readNumber(parameters, 'total_ms', 10, 0, 10000);
  const cpu = readNumber(parameters, 'cpu', 50, 0, 100);
  const cpuMs = (totalMs * cpu) / 100;
  if (cpuMs > 0) await run('useCpu', cpuMs);
  if (totalMs > cpuMs) await sleep(totalMs - cpuMs);
  return json(JSON.stringify({ total_ms: totalMs, cpu }));
}

async function echo({ request, body }) {
  const type = request.headers['content-type'];
  if (type?.length > 200) throw new HttpError(400, 'Content-Type must be at most 200 bytes');
  return { type, body: await body() };
}

async function parse({ body, compute: run }) {
  return json(await run('countJson', await body()));
}

async function report({ parameters, compute: run }) {
  return json(await run('report', readNumber(parameters, 'rows', 20000, 1, 1000000)));
}

async function tasks({ parameters, compute: run }) {
  return json(await run('runTasks', readNumber(parameters, 'chunk', 100, 1, 1000000)));
}

async function image({ parameters, compute: run }) {
  return json(await run('image', readNumber(parameters, 'size', 64, 1, 2048)));
}

const VECTORS_MAXIMUM = 4096;

const isVector = (list) =>
  Array.isArray(list) && list.length === FEATURES && list.every((value) => Number.isFinite(value));

function readVectors({ features, batch }) {
  if ((features === undefined) === (batch === undefined))
    throw new HttpError(400, 'the body must have either features or batch');
  if (features !== undefined) {
    if (isVector(features)) return [features];
    throw new HttpError(400, `features must be a list of ${FEATURES} numbers`);
  }
  const isList = Array.isArray(batch) && batch.length >= 1 && batch.length <= VECTORS_MAXIMUM;
  if (isList && batch.every(isVector)) return batch;
  const what = `a list of 1 to ${VECTORS_MAXIMUM} lists of ${FEATURES} numbers`;
  throw new HttpError(400, `batch must be ${what}`);
}

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

// By a process that is started for it.
async function predictInChild(vectors) {
  const script = fileURLToPath(new URL('./predict-child.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  try {
    child.stdin.on('error', () => {}); // it has ended: its exit code tells
    child.stdin.end(JSON.stringify(vectors));
    const [body, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    if (code === 0) return body;
  } catch (error) {
    console.error(error);
  } finally {
    children.delete(child);
  }
  throw new HttpError(500, 'the child process did not answer');
}

async function predict({ request, parameters, body, compute: run }) {
  const via = readChoice(parameters, 'via', ['compute', 'spawn']);
  let vectors;
  if (request.method === 'POST') {
    vectors = readVectors(readDocument(await body()));
  } else {
    // The server's own, the same everywhere.
    const sequence = new Sequence(6);
    vectors = Array.from({ length: readNumber(parameters, 'n', 1, 1, 1000) }, () =>
      Array.from({ length: FEATURES }, () => sequence.next().signed()));
  }
  return json(await (via === 'spawn' ? predictInChild(vectors) : run('predict', vectors)));
}

async function csv({ request, parameters, body, compute: run }) {
  const mode = readChoice(parameters, 'mode', ['stream', 'whole']);
  const sums = request.method === 'POST'
    ? run('sumsOfBytes', await body(), mode)
    : run('sumsOfSource', readNumber(parameters, 'mb', 1, 1, 64), mode);
  return { type: 'text/csv', body: await sums };
}

// Lines of 64 characters, of one letter a chunk.
async function* makeChunks(chunks, bytes, ms) {
  for (let i = 0; i < chunks; i++) {
    if (i > 0 && ms > 0) await sleep(ms);
    const line = `${String.fromCharCode(97 + (i % 26)).repeat(63)}\n`;
    yield line.repeat(Math.ceil(bytes / 64)).slice(0, bytes);
  }
}

async function stream({ request, response, parameters }) {
  const chunks = readNumber(parameters, 'chunks', 10, 1, 100000);
  const bytes = readNumber(parameters, 'bytes', 1024, 1, 1024 * 1024);
  const ms = readNumber(parameters, 'ms', 0, 0, 60000);
  if (chunks * ms > 600000) throw new HttpError(400, 'chunks times ms must be at most 600000');
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  if (request.method === 'HEAD') response.end();
  else await pipeline(Readable.from(makeChunks(chunks, bytes, ms)), response);
}

function events({ request, response, parameters }) {
  const hz = readNumber(parameters, 'hz', 1, 1, 100);
  if (request.method === 'HEAD') return { type: 'text/event-stream' };
  listen(response, hz);
  return null;
}

const CACHE_CEILING_BYTES = 256 * 1024 * 1024;
const cache = new Map();
let cacheBytes = 0;
let cacheKey = 0;

const showCache = () =>
  json(JSON.stringify({ entries: cache.size, bytes: cacheBytes, ceiling: CACHE_CEILING_BYTES }));

// Remembers something at every request: all of it, as a cache that nobody bounds does, up to a
// ceiling that fills no machine; or the last `limit`.
function remember({ parameters }) {
  const bytes = readNumber(parameters, 'bytes', 1024, 1, 1024 * 1024);
  const limit = readNumber(parameters, 'limit', 0, 0, 1000000);
  if (readNumber(parameters, 'show', 0, 0, 1) === 1)
    return showCache();
  cache.set(cacheKey++, Buffer.alloc(bytes, 'x'));
  cacheBytes += bytes;
  while ((limit > 0 && cache.size > limit) || cacheBytes > CACHE_CEILING_BYTES) {
    const [[key, oldest]] = cache;
    cache.delete(key);
    cacheBytes -= oldest.length;
  }
  return json(JSON.stringify({ bytes, limit }));
}

/** Handlers by method at each path; `any` stands for all methods, GET for HEAD as well. */
export const routes = new Map([
  ['/', { GET: hello }],
  ['/bad', { GET: bad }],
  ['/cache', { GET: remember }],
  ['/compute', { GET: compute }],
  ['/csv', { GET: csv, POST: csv }],
  ['/echo', { any: echo }],
  ['/events', { GET: events }],
  ['/fan-out', { GET: fanOut }],
  ['/image', { GET: image }],
  ['/json', { GET: userAsJson }],
  ['/mix', { GET: mix }],
  ['/parse', { POST: parse }],
  ['/predict', { GET: predict, POST: predict }],
  ['/report', { GET: report }],
  ['/slow', { GET: slow }],
  ['/stream', { GET: stream }],
  ['/tasks', { GET: tasks }],
  ['/user/:id', { GET: user }],
  ['/users', { POST: signup }],
  ['/users/:id', { GET: users }],
]);

/** Returns {handlers by method, part} of a path, or undefined. */
export function findRoute(path) {
  const handlers = routes.get(path);
  if (handlers) return { handlers };
  const [, folder, part] = path.match(/^(\/users?\/)([^/]+)$/) ?? [];
  return part && { handlers: routes.get(`${folder}:id`), part };
}
