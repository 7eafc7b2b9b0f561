import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountKey, accountValue } from '../src/account.js';
import { decodeAccount, encodeAccount } from '../src/account-codec.js';
import { AccountTree } from '../src/account-tree/account-tree.js';
import type { PreparedUpdate, TreeChange } from '../src/account-tree/types.js';
import { initHashing } from '../src/hashing.js';
import { naiveRoot } from './naive-tree.js';
import { TemporaryTables } from './temporary-tables.js';

/** Parts of a large tree are changed by other threads: the tree must be the one that a single thread makes. */

const ADDRESSES = 1_500;
const stores = [new TemporaryTables(), new TemporaryTables()];

beforeAll(initHashing);
afterAll(async () => {
  for (const store of stores) await store.remove();
});

/** xorshift */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function addressOf(index: number): Uint8Array {
  const address = new Uint8Array(32).fill(5);
  new DataView(address.buffer).setUint32(0, index);
  return address;
}

function randomChanges(random: (below: number) => number, count: number, deleted: number): TreeChange[] {
  return Array.from({ length: count }, (): TreeChange => {
    const address = addressOf(random(ADDRESSES));
    if (random(100) < deleted) return [address, null];
    const data = new Uint8Array(random(3) * random(120)).fill(random(256));
    const owner = new Uint8Array(32).fill(random(256));
    const fields = { lamports: BigInt(1 + random(1_000)), data, owner, executable: random(2) === 1 };
    return [address, encodeAccount({ ...fields, rentEpoch: BigInt(random(9)) })];
  });
}

function tables(store: TemporaryTables): [string, string][] {
  return [store.tables.pages, store.tables.history].flatMap((table) =>
    [...table.getRange()].map(({ key, value }): [string, string] => [
      key.toString('hex'),
      value.toString('hex'),
    ]),
  );
}

describe('a tree that threads change in parts', () => {
  for (const seed of [1, 2, 3])
    it(`has the pages, versions and root of one thread's tree (seed ${seed})`, async () => {
      for (const store of stores) store.clear();
      const [one, many] = await Promise.all(
        [1, 3].map((threads, i) =>
          AccountTree.open({ keepVersions: 3, threads, cacheBytes: 20_000 }, { tables: stores[i]!.tables }),
        ),
      );
      const random = sequence(seed);
      const map = new Map<bigint, bigint>();
      const commit = (updates: PreparedUpdate[]) =>
        [one!, many!].forEach((tree, i) => {
          stores[i]!.commit(() => tree.write(updates[i]!));
          tree.adopt(updates[i]!);
        });
      for (let round = 0; round < 8; round++) {
        // the last rounds empty the tree as far as it goes
        const changes = randomChanges(random, 20 + random(500), round > 5 ? 95 : 25);
        const after = randomChanges(random, 100, 30);
        const prepare = async (tree: AccountTree) => {
          const first = await tree.prepare(changes);
          return [first, await tree.prepare(after, { after: first })] as const;
        };
        const [[a, b], [c, d]] = await Promise.all([prepare(one!), prepare(many!)]);
        commit([a, c]);
        commit([b, d]);
        for (const [address, account] of [...changes, ...after]) {
          if (account === null) map.delete(accountKey(address));
          else map.set(accountKey(address), accountValue(decodeAccount(account)));
        }
        expect(many!.root).toBe(naiveRoot(map));
        expect(many!.root).toBe(one!.root);
        if (round % 2 === 0) commit([one!.seal(), many!.seal()]);
        if (round === 4) {
          commit([one!.rollBack(1n), many!.rollBack(1n)]);
          map.clear();
          for (let index = 0; index < ADDRESSES; index++) {
            const { terminal } = many!.prove(addressOf(index));
            const key = accountKey(addressOf(index));
            if (terminal.kind === 'leaf' && terminal.key === key) map.set(key, terminal.value);
          }
        }
        expect(tables(stores[1]!)).toEqual(tables(stores[0]!));
      }
      await Promise.all([one!.close(), many!.close()]);
    });
});
