// SPDX-License-Identifier: GPL-3.0-or-later
// Live scores as server-sent events: all members of a topic get the same text so many times a second.

// A client that lags behind by more than this is closed: one that does not read fills no memory.
const BACKLOG_BYTES = 1024 * 1024;
const MATCH_TICKS = 90; // a tick is a minute of it

function score(sequence, now) {
  const minute = Number(sequence % BigInt(MATCH_TICKS));
  return `{"seq":${sequence},"sent_ns":${now},"minute":${minute},` +
    '"home":"Maricourt","away":"Lucera",' +
    `"score":[${Math.floor((minute + 11) / 31)},${Math.floor(minute / 40)}]}`;
}

class Topic {
  #members = new Set();
  #periodNs;
  #next;
  #timer = null;

  constructor(hz) {
    this.#periodNs = BigInt(Math.floor(1e9 / hz));
  }

  join(response) {
    this.#members.add(response);
    if (this.#timer === null) {
      this.#next = process.hrtime.bigint() / this.#periodNs + 1n;
      this.#wait();
    }
    response.on('close', () => {
      this.#members.delete(response);
      if (this.#members.size === 0) this.#stop();
    });
  }

  end() {
    this.#stop();
    for (const response of this.#members) response.end();
    this.#members.clear();
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  // Ticks have their places on the clock, the same in all processes of the machine, and do not wander
  // however late one is.
  #wait() {
    const ms = Number(this.#next * this.#periodNs - process.hrtime.bigint()) / 1e6;
    this.#timer = setTimeout(() => this.#tick(), Math.ceil(ms));
  }

  #tick() {
    const now = process.hrtime.bigint();
    const sequence = now / this.#periodNs;
    if (sequence >= this.#next) {
      const event = `data: ${score(sequence, now)}\n\n`;
      for (const response of this.#members) {
        if (response.writableLength > BACKLOG_BYTES) response.destroy();
        else response.write(event);
      }
      this.#next = sequence + 1n;
    }
    this.#wait();
  }
}

const topics = new Map();

/** Makes the response an event stream that gets the score `hz` times a second until either side ends it. */
export function listen(response, hz) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  response.flushHeaders();
  if (!topics.has(hz)) topics.set(hz, new Topic(hz));
  topics.get(hz).join(response);
}

/** Ends all event streams. */
export function endEvents() {
  for (const topic of topics.values()) topic.end();
}
