// SPDX-License-Identifier: GPL-3.0-or-later
// A thread of the pool: does one job after the other.
import { parentPort } from 'node:worker_threads';
import { computations } from './computations.mjs';
import { HttpError } from './http-error.mjs';

parentPort.on('message', async ({ name, args }) => {
  try {
    parentPort.postMessage({ result: await computations[name](...args) });
  } catch (error) {
    // What is wrong with the request is its answer; anything else ends the thread.
    if (!(error instanceof HttpError)) throw error;
    parentPort.postMessage({ error: { status: error.status, message: error.message } });
  }
});
