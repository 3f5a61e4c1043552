// SPDX-License-Identifier: GPL-3.0-or-later
// One process, one loop: node:http, and what computes does so on the loop.
//
// server.mjs [--port N]
import { createServer } from './app.mjs';
import { computations } from './computations.mjs';
import { readOptions, serve } from './lifetime.mjs';

const PROGRAM = 'node-http';

const { port } = readOptions(PROGRAM, { port: [0, 65535, 0] });
serve(PROGRAM, createServer((name, ...args) => computations[name](...args)), port);
