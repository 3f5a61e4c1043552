// SPDX-License-Identifier: GPL-3.0-or-later
// How a server begins and ends: its options, its line for who has started it, and when it is over.
import { parseArgs } from 'node:util';
import { endEvents } from './events.mjs';

/** What is in flight when a server is asked to end has this long to be finished. */
export const DRAIN_MS = 900;

/** Ends the program with a sentence on standard error: 2 for a wrong option, 1 for any other failure. */
export function fail(program, sentence, code) {
  process.stderr.write(`${program}: ${sentence}\n`);
  process.exit(code);
}

/** Reads options that are whole numbers; `known` has [minimum, maximum, default] by name. */
export function readOptions(program, known) {
  const options = Object.fromEntries(Object.keys(known).map((name) => [name, { type: 'string' }]));
  const { tokens } = parseArgs({ options, strict: false, tokens: true });
  const values = Object.fromEntries(Object.entries(known).map(([name, row]) => [name, row[2]]));
  for (const token of tokens) {
    const name = token.rawName ?? token.value ?? '--';
    if (token.kind !== 'option' || !Object.hasOwn(known, token.name))
      fail(program, `${name} is not an option; there is --${Object.keys(known).join(', --')}.`, 2);
    const [minimum, maximum] = known[token.name];
    const value = Number(token.value);
    if (token.value === undefined) fail(program, `${name} needs a value.`, 2);
    if (!/^\d{1,20}$/.test(token.value) || value < minimum || value > maximum) {
      const range = `from ${minimum} to ${maximum}`;
      fail(program, `${name}: "${token.value}" is not a whole number ${range}.`, 2);
    }
    values[token.name] = value;
  }
  return values;
}

/** What went wrong with listening, as a sentence. */
export function listenFailure(error, port) {
  return error.code === 'EADDRINUSE'
    ? `port ${port} on 127.0.0.1 is in use by another program; ` +
      'choose another port, or 0 for any free one.'
    : `cannot listen on port ${port} of 127.0.0.1: ${error.message}.`;
}

/** Prints the line that says that connections are accepted. */
export function announceReady(port) {
  process.stdout.write(`${JSON.stringify({ event: 'ready', port, companions: [] })}\n`);
}

/** Calls `end` once: on SIGTERM, SIGINT, or when standard input ends, as it does when the parent is gone. */
export function onEnd(end) {
  let isEnding = false;
  const once = () => {
    if (!isEnding) end();
    isEnding = true;
  };
  process.on('SIGTERM', once);
  process.on('SIGINT', once);
  process.stdin.on('end', once).on('error', once).resume();
}

/** Finishes what is in flight, then ends the process. */
export function endServer(server) {
  server.close(() => process.exit(0));
  endEvents();
  setTimeout(() => process.exit(0), DRAIN_MS);
}

/** Serves on this port until asked to end; endMore() ends what the server does not know of. */
export function serve(program, server, port, endMore = () => {}) {
  server.on('error', (error) => fail(program, listenFailure(error, port), 1));
  server.listen(port, '127.0.0.1', () => announceReady(server.address().port));
  onEnd(() => {
    endServer(server);
    endMore();
  });
}
