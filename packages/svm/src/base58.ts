import { PolyproofError } from '@polyproof/base';

/** A text that is not base 58. */
export class Base58Error extends PolyproofError<'BAD_BASE58'> {}

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const ZERO = ALPHABET.charCodeAt(0);

/**
 * Numbers are handled in limbs of four base-58 digits and of three bytes: a product of two limbs and a carry are exact in a
 * double.
 */
const DIGITS = 4;
const DIGIT_BASE = 58 ** DIGITS;
const BYTES = 3;
const BYTE_BASE = 2 ** (8 * BYTES);

const CHARACTERS = Uint8Array.from(ALPHABET, (character) => character.charCodeAt(0));
const VALUES = new Uint8Array(128).fill(255);
for (const [value, code] of CHARACTERS.entries()) VALUES[code] = value;

/** Scratch memory, enough for all that is common; nothing in it outlives a call. */
let limbs = new Float64Array(512);
let text = Buffer.alloc(2_048);

/** Bytes as Solana shows addresses, hashes and signatures. */
export function encodeBase58(bytes: Uint8Array): string {
  const { length } = bytes;
  let zeros = 0;
  while (zeros < length && bytes[zeros] === 0) zeros++;
  reserve(Math.ceil((length * 1.3658) / DIGITS) + 1, 2 * length + DIGITS);

  // From the most significant byte on; the first limb of bytes is the short one.
  let used = 0;
  for (let at = zeros; at < length; ) {
    const end = at + ((length - at) % BYTES || BYTES);
    let carry = 0;
    for (; at < end; at++) carry = carry * 256 + bytes[at]!;
    used = multiplyAdd(used, BYTE_BASE, carry, DIGIT_BASE);
  }

  // Digits from the least significant one on, written from the end of the text.
  let start = text.length;
  for (let i = 0; i < used; i++) {
    // As an integer: divisions of doubles are slow.
    let limb = limbs[i]! | 0;
    const digits = i === used - 1 ? 1 : DIGITS;
    for (let digit = 0; digit < digits || limb > 0; digit++) {
      text[--start] = CHARACTERS[limb % 58]!;
      limb = (limb / 58) | 0;
    }
  }
  for (; zeros > 0; zeros--) text[--start] = ZERO;
  return text.toString('latin1', start, text.length);
}

/**
 * The inverse of {@link encodeBase58}.
 * @throws {Base58Error} when a character is not in the base-58 alphabet
 */
export function decodeBase58(input: string): Uint8Array {
  const { length } = input;
  let zeros = 0;
  while (zeros < length && input.charCodeAt(zeros) === ZERO) zeros++;
  reserve(Math.ceil((length * 0.7323) / BYTES) + 1, 0);

  let used = 0;
  for (let at = zeros; at < length; ) {
    const end = at + ((length - at) % DIGITS || DIGITS);
    let carry = 0;
    for (; at < end; at++) carry = carry * 58 + digitAt(input, at);
    used = multiplyAdd(used, DIGIT_BASE, carry, BYTE_BASE);
  }

  const top = used === 0 ? 0 : limbs[used - 1]!;
  const topBytes = top > 0xffff ? 3 : top > 0xff ? 2 : top > 0 ? 1 : 0;
  const out = new Uint8Array(zeros + Math.max(used - 1, 0) * BYTES + topBytes);
  let end = out.length;
  for (let i = 0; i < used; i++) {
    let limb = limbs[i]!;
    for (let byte = i === used - 1 ? topBytes : BYTES; byte > 0; byte--) {
      out[--end] = limb;
      limb >>>= 8;
    }
  }
  return out;
}

/** limbs = limbs * factor + carry, least significant limb first. @returns how many limbs are in use now */
function multiplyAdd(used: number, factor: number, carry: number, base: number): number {
  let rest = carry;
  for (let i = 0; i < used; i++) {
    const value = limbs[i]! * factor + rest;
    rest = Math.floor(value / base);
    limbs[i] = value - rest * base;
  }
  if (rest === 0) return used;
  // A carry may be above the base, where the factor is: it fills two limbs then.
  let count = used;
  for (; rest >= base; rest = Math.floor(rest / base)) limbs[count++] = rest % base;
  limbs[count++] = rest;
  return count;
}

function digitAt(input: string, at: number): number {
  const value = VALUES[input.charCodeAt(at)] ?? 255;
  if (value === 255)
    throw new Base58Error(
      'BAD_BASE58',
      `"${input.slice(0, 100)}" is not base 58: its character ${at + 1} is none of ${ALPHABET}.`,
    );
  return value;
}

function reserve(count: number, characters: number): void {
  if (limbs.length < count + 2) limbs = new Float64Array(2 * count + 2);
  if (text.length < characters) text = Buffer.alloc(2 * characters);
}
