// SPDX-License-Identifier: GPL-3.0-or-later
// What there is at each path for a WebSocket.
import { BACKLOG_BYTES, joinScore } from '../node-http/events.mjs';
import { readNumber } from '../node-http/parameters.mjs';
import { describe } from './sentiment.mjs';

class Room {
  #members = new Set();

  join(socket) {
    this.#members.add(socket);
    socket.on('close', () => this.#members.delete(socket));
  }

  broadcast(data, isBinary) {
    for (const member of this.#members) {
      // One that does not read fills no memory.
      if (member.bufferedAmount > BACKLOG_BYTES) member.terminate();
      else member.send(data, { binary: isBinary });
    }
  }
}

class ScoreMember {
  #socket;

  constructor(socket) {
    this.#socket = socket;
  }

  get backlogBytes() {
    return this.#socket.bufferedAmount;
  }

  send(text) {
    this.#socket.send(text);
  }

  // All WebSockets are closed by who has opened them.
  end() {}

  destroy() {
    this.#socket.terminate();
  }
}

const chatRoom = new Room();
const languageRoom = new Room();

const echo = () => (socket) => {
  const resume = () => {
    if (socket.isPaused) socket.resume();
  };
  socket.on('message', (data, isBinary) => {
    socket.send(data, { binary: isBinary }, resume);
    // Who does not read what comes back is not read either meanwhile.
    if (socket.bufferedAmount > BACKLOG_BYTES) socket.pause();
  });
};

const chat = () => (socket) => {
  chatRoom.join(socket);
  socket.on('message', (data, isBinary) => chatRoom.broadcast(data, isBinary));
};

const chatThroughLanguageService = () => (socket) => {
  languageRoom.join(socket);
  socket.on('message', (data, isBinary) => {
    if (isBinary) socket.send('{"error":"a message to be weighed must be text"}');
    else languageRoom.broadcast(describe(data.toString()), false);
  });
};

function live(parameters) {
  const hz = readNumber(parameters, 'hz', 1, 1, 100);
  return (socket) => joinScore(hz, new ScoreMember(socket), socket);
}

/** Functions by path. Each takes the parameters of a WebSocket that is asked for, or throws an HttpError to refuse it,
 * and returns another that begins what is done with it once it is open. */
export const socketRoutes = new Map([
  ['/chat', chat],
  ['/live', live],
  ['/nlp', chatThroughLanguageService],
  ['/ws', echo],
]);
