// SPDX-License-Identifier: GPL-3.0-or-later
// CSV is read, rows that lack something are dropped, amounts are added up by date, and the sums are
// written as CSV. It has two ways: streaming, which keeps nothing but the sums, and whole, which
// keeps a table of all rows and goes over it step by step, as data frames do.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HttpError } from './http-error.mjs';
import { Sequence } from './uint64.mjs';

const COLUMNS = ['date', 'customer', 'category', 'quantity', 'price'];
const DATES_MAXIMUM = 4096;

const HEADER_REASON = `the first line must be ${COLUMNS.join(',')}`;
const FIELDS_REASON = 'a row must have five fields';
const QUOTES_REASON = 'a quote is not closed, or something follows it';

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const QUANTITY = /^\d{1,4}$/;
const PRICE = /^\d{1,7}(?:\.\d{1,2})?$/;

// Where the reader is.
const AT_FIELD = 0;
const IN_FIELD = 1;
const IN_QUOTES = 2;
const AFTER_QUOTE = 3; // the closing one, or the first of two that stand for one
const AFTER_RETURN = 4;

class Table {
  #keepsRows;
  #line = 1;
  #place = AT_FIELD;
  #field = '';
  #fields = [];
  #rows = [];
  #sums = new Map();

  constructor(keepsRows) {
    this.#keepsRows = keepsRows;
  }

  /** Takes the next part of the text, however it is cut up. */
  add(text) {
    let begin = 0; // of what is not in the field yet
    for (let i = 0; i < text.length; i++) {
      const c = text[i];
      if (this.#place === IN_QUOTES) {
        if (c !== '"') continue;
        this.#field += text.slice(begin, i);
        this.#place = AFTER_QUOTE;
      } else if (this.#place === AFTER_RETURN) {
        if (c !== '\n') this.#fail(FIELDS_REASON);
        this.#endRow();
      } else if (this.#place === AFTER_QUOTE && c === '"') {
        begin = i;
        this.#place = IN_QUOTES;
        continue;
      } else if (c === ',' || c === '\n' || c === '\r') {
        if (this.#place === IN_FIELD) this.#field += text.slice(begin, i);
        if (c === ',') this.#endField();
        else if (c === '\n') this.#endRow();
        else this.#place = AFTER_RETURN;
      } else if (this.#place === AFTER_QUOTE) {
        this.#fail(QUOTES_REASON);
      } else if (this.#place === AT_FIELD) {
        begin = i;
        this.#place = c === '"' ? IN_QUOTES : IN_FIELD;
        if (c !== '"') continue;
      } else {
        continue;
      }
      begin = i + 1;
    }
    if (this.#place === IN_FIELD || this.#place === IN_QUOTES) this.#field += text.slice(begin);
  }

  /** Returns the sums of all that was added. */
  finish() {
    if (this.#place === IN_QUOTES) this.#fail(QUOTES_REASON);
    // The last line may go without its end.
    if (this.#place !== AT_FIELD || this.#fields.length > 0 || this.#line === 1) this.#endRow();
    this.#rows
      .filter(({ lacks }) => !lacks)
      .map(({ date, quantity, cents }) => ({ date, cents: cents * quantity }))
      .forEach(({ date, cents }) => this.#addToSum(date, cents));
    const lines = Array.from(this.#sums.keys()).sort().map((date) => {
      const { rows, cents } = this.#sums.get(date);
      return `${date},${rows},${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}\n`;
    });
    return `date,rows,amount\n${lines.join('')}`;
  }

  #fail(reason) {
    throw new HttpError(400, `line ${this.#line}: ${reason}`);
  }

  #endField() {
    const column = this.#fields.length;
    const field = this.#field;
    if (this.#line === 1 && field !== COLUMNS[column]) this.#fail(HEADER_REASON);
    if (column >= COLUMNS.length) this.#fail(FIELDS_REASON);
    if (this.#line > 1 && field !== '') this.#check(column, field);
    this.#fields.push(field);
    this.#field = '';
    this.#place = AT_FIELD;
  }

  #check(column, field) {
    if (column === 0 && !DATE.test(field)) this.#fail('the date must be YYYY-MM-DD');
    if (column === 3 && !(QUANTITY.test(field) && Number(field) <= 1000))
      this.#fail('the quantity must be a whole number from 0 to 1000');
    if (column === 4 && !(PRICE.test(field) && Number(field) <= 1000000))
      this.#fail('the price must be from 0 to 1000000, with at most two decimals');
  }

  #endRow() {
    this.#endField();
    if (this.#fields.length !== COLUMNS.length)
      this.#fail(this.#line === 1 ? HEADER_REASON : FIELDS_REASON);
    if (this.#line > 1) {
      const [date, , , quantityText, price] = this.#fields;
      const lacks = this.#fields.includes('');
      const quantity = Number(quantityText);
      const cents = Math.round(Number(price) * 100);
      if (this.#keepsRows) this.#rows.push({ lacks, date, quantity, cents });
      else if (!lacks) this.#addToSum(date, cents * quantity);
    }
    this.#fields.length = 0;
    this.#line++;
  }

  #addToSum(date, cents) {
    const sum = this.#sums.get(date);
    if (sum) {
      sum.rows++;
      sum.cents += cents;
    } else {
      if (this.#sums.size === DATES_MAXIMUM)
        this.#fail(`there must be at most ${DATES_MAXIMUM} dates`);
      this.#sums.set(date, { rows: 1, cents });
    }
  }
}

// Every byte one character: what is looked at is ASCII, and no character can be cut in two.
const ENCODING = 'latin1';

/** The sums of a body. */
export function sumsOfBytes(bytes, mode) {
  const table = new Table(mode === 'whole');
  table.add(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(ENCODING));
  return table.finish();
}

const CATEGORIES = ['charts', 'compasses', 'lamps', '"ropes, thin"', 'sails'];
const MB = 1 << 20;

// Orders of a year, the same everywhere. Some 7 of 100 lack something.
function makeOrder(sequence) {
  let number = sequence.next();
  const date = new Date(Date.UTC(2025, 0, 1 + number.modulo(365))).toISOString().slice(0, 10);
  const lacking = number.shifted(20) % 100;
  const category = CATEGORIES[number.high % 5];
  const customer = `c${String(number.shifted(40) % 20000).padStart(5, '0')}`;
  const quantity = 1 + (number.shifted(56) % 9);
  number = sequence.next();
  const price = (number.modulo(50000) / 100).toFixed(2);
  return `${lacking === 0 ? '' : date},${lacking === 1 ? '' : customer},${category},` +
    `${lacking === 3 ? '' : quantity},${lacking === 4 || lacking === 5 ? '' : price}\n`;
}

// The file to read, without a name so that it is gone when the process is. It grows when more is
// asked for than there is: `ends` are those of its first 0, 1, 2 … MiB, each at the end of a row.
// `block` is what is to be written next; it stays when it cannot be.
const source = { fd: -1, sequence: new Sequence(8), ends: [0], block: null };

function openUnnamed() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loadstone-'));
  const name = path.join(folder, 'orders.csv');
  try {
    return fs.openSync(name, 'wx+', 0o600);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function makeBlock() {
  const end = source.ends.at(-1);
  const rows = end === 0 ? [`${COLUMNS.join(',')}\n`] : [];
  let bytes = end + rows.join('').length;
  while (bytes < source.ends.length * MB) {
    const row = makeOrder(source.sequence);
    rows.push(row);
    bytes += row.length;
  }
  return Buffer.from(rows.join(''), ENCODING);
}

function growTo(mb) {
  try {
    if (source.fd < 0) source.fd = openUnnamed();
    while (source.ends.length <= mb) {
      const end = source.ends.at(-1);
      source.block ??= makeBlock();
      for (let at = 0; at < source.block.length; )
        at += fs.writeSync(source.fd, source.block, at, source.block.length - at, end + at);
      source.ends.push(end + source.block.length);
      source.block = null;
    }
  } catch {
    throw new HttpError(503, 'the temporary file to read cannot be written: free some space');
  }
}

/** The sums of the first `mb` MiB of the server's own file; streamed, or read first. */
export async function sumsOfSource(mb, mode) {
  growTo(mb);
  const table = new Table(mode === 'whole');
  const file = fs.createReadStream(null, {
    fd: source.fd, autoClose: false, encoding: ENCODING, start: 0, end: source.ends[mb] - 1,
  });
  if (mode === 'whole') {
    const blocks = await file.toArray();
    table.add(blocks.join(''));
  } else {
    for await (const block of file) table.add(block);
  }
  return table.finish();
}
