import type { Hasher } from '../hash-pool/hasher.js';
import { changePart } from './change-part.js';
import { PART_LEVELS } from './compute-update.js';
import { valuesOf } from './hash-accounts.js';
import { decodePartJob, encodeChangedPart } from './part-codec.js';

/** What another thread does with a part of the tree. */
export async function executePart(job: Uint8Array, hasher: Hasher): Promise<Uint8Array<ArrayBuffer>> {
  const { node, version, changes, readPage } = decodePartJob(job);
  const values = await valuesOf(changes, hasher);
  const keyed = changes.map(({ key }, i) => ({ key, value: values[i]! }));
  const work = { node, depth: PART_LEVELS, version, changes: keyed };
  return encodeChangedPart(await changePart(work, { hasher, readPage }));
}
