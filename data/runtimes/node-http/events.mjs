// SPDX-License-Identifier: GPL-3.0-or-later
// Live scores: all members of a topic get the same text so many times a second. A member is an event
// stream here, and may be a WebSocket elsewhere.

/** A client that lags behind by more than this is closed: one that does not read fills no memory. */
export const BACKLOG_BYTES = 1024 * 1024;
const MATCH_TICKS = 90; // a tick is a minute of it

function score(sequence, now) {
  const minute = Number(sequence % BigInt(MATCH_TICKS));
  return `{"seq":${sequence},"sent_ns":${now},"minute":${minute},` +
    '"home":"Maricourt","away":"Lucera",' +
    `"score":[${Math.floor((minute + 11) / 31)},${Math.floor(minute / 40)}]}`;
}

class EventStream {
  #response;

  constructor(response) {
    this.#response = response;
  }

  get backlogBytes() {
    return this.#response.writableLength;
  }

  send(text) {
    this.#response.write(`data: ${text}\n\n`);
  }

  end() {
    this.#response.end();
  }

  destroy() {
    this.#response.destroy();
  }
}

class Topic {
  #members = new Set();
  #periodNs;
  #next;
  #timer = null;

  constructor(hz) {
    this.#periodNs = BigInt(Math.floor(1e9 / hz));
  }

  join(member) {
    this.#members.add(member);
    if (this.#timer === null) {
      this.#next = process.hrtime.bigint() / this.#periodNs + 1n;
      this.#wait();
    }
  }

  leave(member) {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#stop();
  }

  end() {
    this.#stop();
    for (const member of this.#members) member.end();
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
      const text = score(sequence, now);
      for (const member of this.#members) {
        if (member.backlogBytes > BACKLOG_BYTES) member.destroy();
        else member.send(text);
      }
      this.#next = sequence + 1n;
    }
    this.#wait();
  }
}

const topics = new Map();

/** Tells the score to a member `hz` times a second until `source`, an emitter, emits "close" or the server ends. */
export function joinScore(hz, member, source) {
  if (!topics.has(hz)) topics.set(hz, new Topic(hz));
  const topic = topics.get(hz);
  topic.join(member);
  source.on('close', () => topic.leave(member));
}

/** Makes the response an event stream that gets the score `hz` times a second until either side ends it. */
export function listen(response, hz) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  response.flushHeaders();
  joinScore(hz, new EventStream(response), response);
}

/** Ends all members. */
export function endEvents() {
  for (const topic of topics.values()) topic.end();
}
