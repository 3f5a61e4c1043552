// SPDX-License-Identifier: GPL-3.0-or-later
// What is counted with 64 bits, in two halves of 32: BigInt would be shorter to write, and takes
// ten times as long in a loop, for each number is an object of its own.

const HALF = 2 ** 32;

// The upper 32 bits of the product of two unsigned numbers of 32 bits.
function multiplyHigh(a, b) {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = Math.floor((aLow * bHigh + (middle & 0xffff)) / 0x10000);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + carry) | 0;
}

/** Numbers that look like chance and are the same everywhere: SplitMix64. */
export class Sequence {
  high;
  low;
  #stateHigh = 0;
  #stateLow;

  /** Begins at `seed`, below 2^32. */
  constructor(seed) {
    this.#stateLow = seed | 0;
  }

  /** Makes `high` and `low` the halves of the next number, unsigned. Returns this. */
  next() {
    const stateLow = (this.#stateLow >>> 0) + 0x7f4a7c15;
    this.#stateLow = stateLow | 0;
    this.#stateHigh = (this.#stateHigh + 0x9e3779b9 + (stateLow >= HALF ? 1 : 0)) | 0;
    let low = this.#stateLow;
    let high = this.#stateHigh;

    low ^= (low >>> 30) | (high << 2);
    high ^= high >>> 30;
    high = Math.imul(high, 0x1ce4e5b9) + Math.imul(low, 0xbf58476d) + multiplyHigh(low, 0x1ce4e5b9);
    low = Math.imul(low, 0x1ce4e5b9);

    low ^= (low >>> 27) | (high << 5);
    high ^= high >>> 27;
    high = Math.imul(high, 0x133111eb) + Math.imul(low, 0x94d049bb) + multiplyHigh(low, 0x133111eb);
    low = Math.imul(low, 0x133111eb);

    this.low = (low ^ ((low >>> 31) | (high << 1))) >>> 0;
    this.high = (high ^ (high >>> 31)) >>> 0;
    return this;
  }

  /** The rest of the number divided by `divisor`, at most 2^20. */
  modulo(divisor) {
    return ((this.high % divisor) * (HALF % divisor) + this.low) % divisor;
  }

  /** The number without its last `bits`, which are 11 or more: what a double holds exactly. */
  shifted(bits) {
    return Math.floor(this.high * 2 ** (32 - bits)) + Math.floor(this.low / 2 ** bits);
  }

  /** The number as one from -1 to less than 1. */
  signed() {
    return this.shifted(11) * 2 ** -52 - 1;
  }
}

/** FNV-1a of 64 bits, over all bytes that are added. */
export class Fnv {
  #high = 0xcbf29ce4;
  #low = 0x84222325;

  add(bytes) {
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < bytes.length; i++) {
      low = (low ^ bytes[i]) >>> 0;
      // The prime is 2^40 + 0x1b3.
      const product = low * 0x1b3;
      high = (Math.imul(high, 0x1b3) + Math.floor(product / HALF) + (low << 8)) | 0;
      low = product >>> 0;
    }
    this.#high = high >>> 0;
    this.#low = low;
    return this;
  }

  get high() {
    return this.#high;
  }

  get low() {
    return this.#low;
  }
}

/** 16 hexadecimal digits of the number of these halves, which may have grown beyond 32 bits each. */
export function toHex(high, low) {
  const carried = (high + Math.floor(low / HALF)) % HALF;
  return carried.toString(16).padStart(8, '0') + (low % HALF).toString(16).padStart(8, '0');
}
