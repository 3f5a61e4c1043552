// SPDX-License-Identifier: GPL-3.0-or-later
// What needs a CPU all the time, as plain functions: where they run, on the loop or in a worker
// thread, is up to the server. Their arguments and what they return can be posted to a thread; most
// return the body of the answer.
import { isMainThread } from 'node:worker_threads';
import { sumsOfBytes, sumsOfSource } from './csv.mjs';
import { HttpError } from './http-error.mjs';
import { Fnv, Sequence, toHex } from './uint64.mjs';

function sumRoots(n) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.sqrt(i);
  return `{"n":${n},"sum":${sum.toFixed(6)}}`;
}

// Stands still for so long, as a call that blocks does.
function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function spin(rounds) {
  let x = 1;
  for (let i = 0; i < rounds; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  return x;
}

let spun; // kept, so that no compiler can leave it out

// A thread's own CPU time, in microseconds: new Node.js tells it. Before that there is the process's, which is the
// main thread's but for what the collector does beside it, and in a worker thread the time on the clock.
const now = process.threadCpuUsage
  ? () => total(process.threadCpuUsage())
  : isMainThread
    ? () => total(process.cpuUsage())
    : () => performance.now() * 1000;

function total({ user, system }) {
  return user + system;
}

// As much is done as takes that long now, some microseconds at a time: how much that is differs with what the machine
// does besides.
function useCpu(ms) {
  const end = now() + ms * 1000;
  do spun = spin(5_000);
  while (now() < end);
}

const DEPTH_MAXIMUM = 2048;

function count(value, depth, counts) {
  if (typeof value === 'string') {
    counts.strings++;
  } else if (typeof value === 'number') {
    counts.numbers++;
  } else if (value === null || typeof value === 'boolean') {
    counts.literals++;
  } else {
    if (depth > DEPTH_MAXIMUM)
      throw new HttpError(400, 'the body is not JSON: it is nested too deep');
    counts.depth = Math.max(counts.depth, depth);
    const children = Object.values(value);
    if (Array.isArray(value)) {
      counts.arrays++;
    } else {
      counts.objects++;
      counts.members += children.length;
    }
    for (const child of children) count(child, depth + 1, counts);
  }
}

/** Parses the bytes of a body; of what is not JSON the engine's own words tell why. */
export function parseJson(bytes) {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `the body is not JSON: ${error.message}`);
  }
}

function countJson(bytes) {
  const counts = {
    bytes: bytes.length,
    objects: 0,
    arrays: 0,
    members: 0,
    strings: 0,
    numbers: 0,
    literals: 0,
    depth: 0,
  };
  count(parseJson(bytes), 1, counts);
  return JSON.stringify(counts);
}

const REGIONS = ['east', 'islands', 'midlands', 'north', 'south', 'west'];

// Amounts are whole cents; shown with both decimals, which JSON.stringify() would drop.
const decimals = (cents) => (cents / 100).toFixed(2);

function report(n) {
  const sequence = new Sequence(20260221);
  const orders = [];
  for (let id = 0; id < n; id++) {
    const number = sequence.next();
    const region = number.modulo(REGIONS.length);
    const quantity = 1 + (number.high % 12);
    orders.push({ id, region, quantity, cents: sequence.next().modulo(1000000) });
  }
  orders.sort((a, b) => a.region - b.region || b.cents - a.cents || a.id - b.id);

  const groups = new Map();
  for (const order of orders) {
    const group = groups.get(order.region);
    if (group) group.push(order);
    else groups.set(order.region, [order]);
  }
  const rows = Array.from(groups, ([region, group]) => {
    const quantity = group.reduce((sum, order) => sum + order.quantity, 0);
    const cents = group.reduce((sum, order) => sum + order.cents, 0);
    // The largest is first, so of an even number this is the smaller one of the two in the middle.
    const median = group[Math.floor(group.length / 2)].cents;
    return `{"region":"${REGIONS[region]}","orders":${group.length},"quantity":${quantity},` +
      `"amount":${decimals(cents)},"median":${decimals(median)},"largest":${group[0].id}}`;
  });
  return `{"rows":${n},"regions":[${rows.join(',')}]}`;
}

// A task is the hash of its number and a block of 1 KiB.
function runTasks(n) {
  const block = Uint8Array.from({ length: 1024 }, (_, i) => i * 131 + 7);
  const number = new DataView(new ArrayBuffer(8));
  const numberBytes = new Uint8Array(number.buffer);
  let high = 0;
  let low = 0;
  for (let i = 0; i < n; i++) {
    number.setUint32(0, i, true);
    const hash = new Fnv().add(numberBytes).add(block);
    high += hash.high;
    low += hash.low;
  }
  return `{"chunk":${n},"digest":"${toHex(high, low)}"}`;
}

function blur(from, size, step, line) {
  const to = new Uint8Array(from.length);
  const weights = [1, 4, 6, 4, 1];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 8;
      for (let k = 0; k < 5; k++) {
        const at = Math.min(Math.max(x + k - 2, 0), size - 1);
        sum += weights[k] * from[y * line + at * step];
      }
      to[y * line + x * step] = sum >> 4;
    }
  }
  return to;
}

// A slope with noise, blurred along the rows, then along the columns.
function image(size) {
  const sequence = new Sequence(10000);
  let pixels = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++)
      pixels[y * size + x] = Math.floor(((x + y) * 191) / (2 * size)) + sequence.next().modulo(65);
  }
  pixels = blur(pixels, size, 1, size);
  pixels = blur(pixels, size, size, 1);

  const histogram = new Array(16).fill(0);
  let minimum = 255;
  let maximum = 0;
  let sum = 0;
  let squares = 0;
  for (const value of pixels) {
    histogram[value >> 4]++;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
    squares += value * value;
  }
  const mean = sum / pixels.length;
  const deviation = Math.sqrt(Math.max(squares / pixels.length - mean * mean, 0));
  const { high, low } = new Fnv().add(pixels);
  return `{"size":${size},"minimum":${minimum},"maximum":${maximum},"mean":${mean.toFixed(4)},` +
    `"deviation":${deviation.toFixed(4)},"histogram":[${histogram.join(',')}],` +
    `"checksum":"${toHex(high, low)}"}`;
}

export const FEATURES = 128;
const CLASSES = 10;

function makeModel() {
  const sequence = new Sequence(128010);
  return Array.from({ length: CLASSES }, () => ({
    bias: sequence.next().signed(),
    weights: Float64Array.from({ length: FEATURES }, () => sequence.next().signed()),
  }));
}

let model;

// Features in, scores out: one matrix times one vector each.
function predict(vectors) {
  model ??= makeModel();
  const scores = vectors.map((features) => {
    const row = model.map(({ bias, weights }) => {
      let score = bias;
      for (let i = 0; i < FEATURES; i++) score += weights[i] * features[i];
      return score.toFixed(6);
    });
    return `[${row.join(',')}]`;
  });
  return `{"scores":[${scores.join(',')}]}`;
}

export const computations = {
  block, countJson, image, predict, report, runTasks, sumRoots, sumsOfBytes, sumsOfSource, useCpu,
};
