// SPDX-License-Identifier: GPL-3.0-or-later
// The language service: it weighs the words of a message.

const WEIGHTS = new Map(Object.entries({
  amazing: 3,
  awful: -3,
  bad: -2,
  best: 3,
  better: 1,
  broken: -2,
  crash: -2,
  excellent: 3,
  fail: -2,
  fast: 1,
  fine: 1,
  good: 2,
  great: 3,
  happy: 2,
  hate: -3,
  help: 1,
  late: -1,
  like: 1,
  lost: -1,
  love: 3,
  nice: 2,
  poor: -2,
  sad: -2,
  slow: -1,
  thanks: 2,
  terrible: -3,
  worse: -2,
  worst: -3,
  wrong: -1,
}));

/** Adds up the weights of the known words; the one after a "not" counts the other way round. */
export function weigh(text) {
  const words = text.match(/[A-Za-z']+/g) ?? [];
  let score = 0;
  let isNegated = false;
  for (const word of words) {
    const known = word.toLowerCase();
    const weight = WEIGHTS.get(known) ?? 0;
    score += isNegated ? -weight : weight;
    isNegated = known === 'not' || known === 'never';
  }
  return { score, words: words.length };
}

// As JSON.stringify(), but for line feeds and the like, which have one form only.
const quote = (text) => `"${text.replace(/["\\\x00-\x1f]/g, (c) =>
  (c < ' ' ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : `\\${c}`))}"`;

/** Returns what is told of a message. */
export function describe(text) {
  const { score, words } = weigh(text);
  const sentiment = score > 0 ? 'positive' : score < 0 ? 'negative' : 'neutral';
  return `{"sentiment":"${sentiment}","score":${score},"words":${words},"message":${quote(text)}}`;
}
