import { encodeBase58 } from '@polyproof/svm';

const CAPACITY = 4_096;
const texts = new Map<string, string>();

/** An address in base 58. The same few (owners, mints, programs) occur again and again: they are remembered. */
export function addressText(address: Uint8Array): string {
  const key = Buffer.from(address.buffer, address.byteOffset, address.length).toString('latin1');
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = encodeBase58(address);
  // Starting over is cheaper than keeping an order, and as good: what is used often is soon back.
  if (texts.size >= CAPACITY) texts.clear();
  texts.set(key, text);
  return text;
}
