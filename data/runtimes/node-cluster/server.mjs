// SPDX-License-Identifier: GPL-3.0-or-later
// A process per processor: node:cluster, whose primary accepts connections and hands them to its
// workers in turn. Each worker is what node-http is.
//
// server.mjs [--port N] [--workers PROCESSES]
import cluster from 'node:cluster';
import os from 'node:os';
import { createServer } from '../node-http/app.mjs';
import { computations } from '../node-http/computations.mjs';
import {
  announceReady, DRAIN_MS, endServer, fail, listenFailure, onEnd, readOptions,
} from '../node-http/lifetime.mjs';

const PROGRAM = 'node-cluster';

function runPrimary({ port, workers }) {
  let listening = 0;
  let isEnding = false;
  const fork = () => cluster.fork({ PORT: port });
  const children = () => Object.values(cluster.workers).map((worker) => worker.process);
  const killAll = (signal) => children().forEach((child) => child.kill(signal));
  const giveUp = (sentence) => {
    killAll('SIGKILL');
    fail(PROGRAM, sentence, 1);
  };

  cluster.schedulingPolicy = cluster.SCHED_RR;
  // Standard input is the primary's: it ends with its parent, and the workers with the primary.
  cluster.setupPrimary({ stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  cluster.on('listening', (worker, address) => {
    // Port 0 becomes a port when the first one listens; those that replace workers get the same.
    port = address.port;
    if (++listening === workers) announceReady(port);
  });
  cluster.on('message', (worker, { sentence }) => giveUp(sentence));
  cluster.on('exit', (worker, code, signal) => {
    if (isEnding) {
      // One that has exited is still listed until its channel has closed, too.
      if (Object.values(cluster.workers).every((other) => other.isDead())) process.exit(0);
    } else if (listening < workers) {
      giveUp(`a worker ended before it served (${signal ?? `exit code ${code}`}).`);
    } else {
      fork();
    }
  });
  for (let i = 0; i < workers; i++) fork();

  onEnd(() => {
    isEnding = true;
    killAll('SIGTERM');
    // One that computes does not hear that it should end; any other has just ended by itself.
    setTimeout(() => killAll('SIGKILL'), DRAIN_MS + 50);
  });
}

function runWorker() {
  const port = Number(process.env.PORT);
  const server = createServer((name, ...args) => computations[name](...args));
  server.on('error', (error) => process.send({ sentence: listenFailure(error, port) }));
  server.listen(port, '127.0.0.1');
  process.once('SIGTERM', () => endServer(server));
  // A terminal's Ctrl+C goes to all of them; the primary sees to it.
  process.on('SIGINT', () => {});
}

if (cluster.isPrimary) {
  runPrimary(readOptions(PROGRAM, {
    port: [0, 65535, 0],
    workers: [1, 256, os.availableParallelism()],
  }));
} else {
  runWorker();
}
