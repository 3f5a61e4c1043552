// SPDX-License-Identifier: GPL-3.0-or-later
// One process, one loop, and a pool of worker threads for what computes, so that the loop goes on.
//
// server.mjs [--port N] [--workers THREADS]
import os from 'node:os';
import { createServer } from '../node-http/app.mjs';
import { readOptions, serve } from '../node-http/lifetime.mjs';
import { Pool } from '../node-http/pool.mjs';

const PROGRAM = 'node-workers';

const { port, workers } = readOptions(PROGRAM, {
  port: [0, 65535, 0],
  workers: [1, 256, os.availableParallelism()],
});
const pool = new Pool(workers);
serve(PROGRAM, createServer((name, ...args) => pool.run(name, ...args)), port);
