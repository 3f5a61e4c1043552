// SPDX-License-Identifier: GPL-3.0-or-later
// What a request says in its path and query; what is wrong there is a 400 that says what is right.
import { HttpError } from './http-error.mjs';

function toNumber(digits, what, minimum, maximum) {
  const value = Number(digits);
  if (!/^\d{1,20}$/.test(digits) || value < minimum || value > maximum)
    throw new HttpError(400, `${what} must be a whole number from ${minimum} to ${maximum}`);
  return value;
}

/** Returns the whole number that the query has by that name, or the fallback where it has none. */
export function readNumber(parameters, name, fallback, minimum, maximum) {
  const digits = parameters.get(name);
  return digits === null ? fallback : toNumber(digits, name, minimum, maximum);
}

/** Returns which of the choices the query has by that name; the first where it has none. */
export function readChoice(parameters, name, choices) {
  const word = parameters.get(name) ?? choices[0];
  if (!choices.includes(word)) throw new HttpError(400, `${name} must be ${choices.join(' or ')}`);
  return word;
}

/** Returns the id that a part of the path is. */
export const readId = (part) => toNumber(part, 'the id in the path', 1, Number.MAX_SAFE_INTEGER);
