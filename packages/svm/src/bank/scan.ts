import { afterPrefix } from './keys.js';
import type { Table } from './tables.js';

const PAGE = 256;

/**
 * Keys that start with a prefix, in order. They are read in pages, so that no database snapshot is held while the
 * caller is busy; what is written between two pages may or may not be seen.
 */
export function* keysWithPrefix(table: Table, prefix: Uint8Array): Generator<Buffer> {
  const end = afterPrefix(prefix);
  const within = { limit: PAGE, ...(end === undefined ? {} : { end }) };
  // LMDB knows no empty key: without a prefix, the table is read from its first key.
  let from: { start?: Buffer; exclusiveStart?: boolean } =
    prefix.length === 0 ? {} : { start: Buffer.from(prefix) };
  for (;;) {
    const page = [...table.getKeys({ ...within, ...from })];
    yield* page;
    if (page.length < PAGE) return;
    from = { start: page.at(-1)!, exclusiveStart: true };
  }
}
