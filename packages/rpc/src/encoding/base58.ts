/**
 * Base 58 as Solana writes addresses, hashes and signatures, several times faster than with big integers: numbers are
 * kept as limbs of a size that a double multiplies exactly.
 */
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const DIGITS = new Int8Array(128).fill(-1);
for (let digit = 0; digit < ALPHABET.length; digit++) DIGITS[ALPHABET.charCodeAt(digit)] = digit;

/** 58^5: below 2^30, so that a limb times 2^16 is exact. */
const TEXT_LIMB = 656_356_768;
const BYTE_LIMB = 2 ** 24;
/** 58^n */
const POWERS = [1, 58, 3_364, 195_112, 11_316_496];

/** Bytes in base 58. Takes quadratic time: for short ones. */
export function encodeBase58(bytes: Uint8Array): string {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++;
  // Least significant first; ln 256 / ln 58^5 = 0.2732 limbs a byte.
  const limbs = new Float64Array(Math.ceil((bytes.length - zeros) * 0.2733) + 1);
  let used = 0;
  const append = (value: number, factor: number) => {
    let carry = value;
    for (let i = 0; i < used; i++) {
      const product = limbs[i]! * factor + carry;
      carry = Math.floor(product / TEXT_LIMB);
      limbs[i] = product - carry * TEXT_LIMB;
    }
    if (carry > 0) limbs[used++] = carry;
  };
  let at = zeros;
  if ((bytes.length - at) % 2 === 1) append(bytes[at++]!, 256);
  for (; at < bytes.length; at += 2) append(bytes[at]! * 256 + bytes[at + 1]!, 65_536);
  let text = '1'.repeat(zeros);
  for (let i = used - 1; i >= 0; i--) text += limbText(limbs[i]!, i === used - 1);
  return text;
}

function limbText(limb: number, first: boolean): string {
  let text = '';
  let rest = limb;
  for (let i = 0; i < 5 && !(first && rest === 0); i++) {
    text = ALPHABET[rest % 58]! + text;
    rest = Math.floor(rest / 58);
  }
  return text;
}

/** The bytes of a base-58 text; `undefined` when a character is outside the alphabet. Quadratic: for short texts. */
export function decodeBase58(text: string): Uint8Array | undefined {
  let ones = 0;
  while (ones < text.length && text.charCodeAt(ones) === 49) ones++;
  // ln 58 / ln 2^24 = 0.2441 limbs a character.
  const limbs = new Float64Array(Math.ceil((text.length - ones) * 0.2442) + 1);
  let used = 0;
  for (let at = ones; at < text.length; ) {
    const count = Math.min(4, text.length - at);
    let carry = 0;
    for (let i = 0; i < count; i++) {
      const digit = DIGITS[text.charCodeAt(at + i)] ?? -1;
      if (digit < 0) return undefined;
      carry = carry * 58 + digit;
    }
    const factor = POWERS[count]!;
    for (let i = 0; i < used; i++) {
      const product = limbs[i]! * factor + carry;
      carry = Math.floor(product / BYTE_LIMB);
      limbs[i] = product - carry * BYTE_LIMB;
    }
    if (carry > 0) limbs[used++] = carry;
    at += count;
  }
  return limbBytes(limbs, used, ones);
}

function limbBytes(limbs: Float64Array, used: number, zeros: number): Uint8Array {
  const top = used === 0 ? 0 : limbs[used - 1]!;
  const topBytes = top === 0 ? 0 : top < 256 ? 1 : top < 65_536 ? 2 : 3;
  const length = zeros + (used === 0 ? 0 : (used - 1) * 3 + topBytes);
  const bytes = new Uint8Array(length);
  let at = length - 1;
  for (let i = 0; i < used; i++)
    for (let rest = limbs[i]!, count = i === used - 1 ? topBytes : 3; count > 0; count--) {
      bytes[at--] = rest & 0xff;
      rest >>>= 8;
    }
  return bytes;
}
