/** Keys of the bank's tables: see tables.ts. */

/** Bytes as a string of as many characters: the cheapest key of a Map. */
export { addressKey as byteString } from '../runtime/resolve/address-key.js';

export const ADDRESS_BYTES = 32;

export function numberKey(value: bigint): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(value);
  return key;
}

export function readNumber(key: Uint8Array, at = 0): bigint {
  return viewOf(key).getBigUint64(at);
}

/** 32 bytes, then a number. */
export function addressNumberKey(address: Uint8Array, value: bigint): Buffer {
  const key = Buffer.allocUnsafe(ADDRESS_BYTES + 8);
  key.set(address, 0);
  key.writeBigUInt64BE(value, ADDRESS_BYTES);
  return key;
}

/** 32 bytes twice. */
export function pairKey(first: Uint8Array, second: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(2 * ADDRESS_BYTES);
  key.set(first, 0);
  key.set(second, ADDRESS_BYTES);
  return key;
}

export function numberPairKey(first: bigint, second: bigint): Buffer {
  const key = Buffer.allocUnsafe(16);
  key.writeBigUInt64BE(first);
  key.writeBigUInt64BE(second, 8);
  return key;
}

/** The least key behind all that start with `prefix`; undefined where there is none. */
export function afterPrefix(prefix: Uint8Array): Buffer | undefined {
  for (let at = prefix.length - 1; at >= 0; at--) {
    if (prefix[at]! === 0xff) continue;
    const key = Buffer.from(prefix.subarray(0, at + 1));
    key[at]! += 1;
    return key;
  }
  return undefined;
}

/** The bytes of a byteString. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
