// SPDX-License-Identifier: GPL-3.0-or-later
// A pool of worker threads. A job goes to the thread that became idle last; with none idle it waits
// in a queue. What it needs is copied on its way there, and what it gives on its way back.
import { Worker } from 'node:worker_threads';
import { HttpError } from './http-error.mjs';

const SCRIPT = new URL('./pool-worker.mjs', import.meta.url);

export class Pool {
  #idle = [];
  #queue = [];

  /** Starts `size` threads. */
  constructor(size) {
    for (let i = 0; i < size; i++) this.#start();
  }

  /** Runs the computation of that name; rejects with an HttpError when it fails. */
  run(name, ...args) {
    return new Promise((resolve, reject) => {
      const job = { name, args, resolve, reject };
      const worker = this.#idle.pop();
      if (worker) this.#post(worker, job);
      else this.#queue.push(job);
    });
  }

  #start() {
    const worker = new Worker(SCRIPT);
    worker.on('message', ({ result, error }) => {
      const { resolve, reject } = worker.job;
      worker.job = null;
      this.#next(worker);
      if (error) reject(new HttpError(error.status, error.message));
      else resolve(result);
    });
    worker.on('error', (error) => console.error(error));
    // One that ends, out of memory for example, takes its job along and is replaced.
    worker.on('exit', () => {
      if (!worker.job) throw new Error('a worker thread has ended without a job');
      worker.job.reject(new HttpError(500, 'worker error'));
      this.#start();
    });
    worker.job = null;
    this.#next(worker);
  }

  #next(worker) {
    const job = this.#queue.shift();
    if (job) this.#post(worker, job);
    else this.#idle.push(worker);
  }

  #post(worker, job) {
    worker.job = job;
    worker.postMessage({ name: job.name, args: job.args });
  }
}
