import './fixed-seed.js';
import { createHash } from 'node:crypto';
import type { Field } from '@polyproof/base';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, accountKey, accountValue } from '../src/account.js';
import { encodeAccount } from '../src/account-codec.js';
import { AccountTree } from '../src/account-tree/account-tree.js';
import type { TreeChange } from '../src/account-tree/types.js';
import { AccountError, AccountTreeError } from '../src/errors.js';
import { initHashing } from '../src/hashing.js';
import { MemoryNodeStore } from '../src/node-store.js';
import { StateTree } from '../src/state-tree.js';
import { verifyTreeMultiProof } from '../src/tree-multi-proof.js';
import { verifyTreeProof } from '../src/tree-proof.js';
import { naiveRoot } from './naive-tree.js';
import { TemporaryTables } from './temporary-tables.js';

let store: TemporaryTables;
beforeAll(async () => {
  await initHashing();
  store = new TemporaryTables();
});
afterAll(() => store.remove());
beforeEach(() => store.clear());

const addressOf = (index: number) => new Uint8Array(createHash('sha256').update(`account ${index}`).digest());

const accountArbitrary: fc.Arbitrary<Account> = fc.record({
  lamports: fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }),
  data: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom(31, 62, 165).map((length) => new Uint8Array(length)),
  ),
  owner: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  executable: fc.boolean(),
  rentEpoch: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
});

const changesArbitrary = fc.array(fc.tuple(fc.nat({ max: 12 }), fc.option(accountArbitrary, { freq: 3 })), {
  maxLength: 12,
});

function open(options: Partial<Parameters<typeof AccountTree.open>[0]> = {}): Promise<AccountTree> {
  return AccountTree.open({ keepVersions: 2, threads: 1, ...options }, { tables: store.tables });
}

async function change(tree: AccountTree, changes: readonly TreeChange[]): Promise<void> {
  const update = await tree.prepare(changes);
  store.commit(() => tree.write(update));
  tree.adopt(update);
}

function seal(tree: AccountTree): void {
  const update = tree.seal();
  store.commit(() => tree.write(update));
  tree.adopt(update);
}

describe('AccountTree', () => {
  it('commits to accounts as accountKey and accountValue say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(changesArbitrary, { minLength: 1, maxLength: 3 }), async (rounds) => {
        store.clear();
        // one slot for keys: those of other addresses are overwritten all the time
        const tree = await open({ cachedKeys: 1 });
        const map = new Map<Field, Field>();
        for (const round of rounds) {
          await change(
            tree,
            round.map(([index, account]) => [
              addressOf(index),
              account === null ? null : encodeAccount(account),
            ]),
          );
          for (const [index, account] of round) {
            const key = accountKey(addressOf(index));
            expect(tree.keyOf(addressOf(index))).toBe(key);
            if (account === null) map.delete(key);
            else map.set(key, accountValue(account));
          }
          expect(tree.root).toBe(naiveRoot(map));
        }
        await tree.close();
      }),
      { numRuns: 25 },
    );
  });

  it('proves accounts present and absent, at any kept version, and goes on after a restart', async () => {
    const account = (lamports: bigint): Account => ({
      lamports,
      data: new Uint8Array(70).fill(Number(lamports)),
      owner: new Uint8Array(32).fill(3),
      executable: false,
      rentEpoch: 0n,
    });
    const batch = (lamports: bigint) =>
      Array.from(
        { length: 60 },
        (_, i): TreeChange => [
          addressOf(i),
          i % 7 === Number(lamports) ? null : encodeAccount(account(lamports + BigInt(i))),
        ],
      );
    let tree = await open({ threads: 2 });
    const addresses = [0, 1, 2, 30, 59, 60, 61].map(addressOf);
    for (const lamports of [1n, 2n, 3n]) {
      await change(tree, batch(lamports));
      if (lamports < 3n) seal(tree);
      if (lamports !== 2n) continue;
      await tree.close();
      await store.reopen();
      tree = await open({ threads: 2 });
    }
    expect([tree.version, tree.oldestVersion]).toEqual([3n, 1n]);
    for (const version of [1n, 2n, 3n]) {
      const root = tree.rootOf(version)!;
      const keys = addresses.map(accountKey);
      const multi = verifyTreeMultiProof(root, keys, tree.proveMany(addresses, version));
      const nodes = MemoryNodeStore.of(tree.nodesFor(addresses, version));
      [0, 1, 2, 30, 59, 60, 61].forEach((index, i) => {
        const exists = index < 60 && index % 7 !== Number(version);
        const value = exists ? accountValue(account(version + BigInt(index))) : undefined;
        expect(verifyTreeProof(root, keys[i]!, tree.prove(addresses[i]!, version))).toBe(value);
        expect(multi.get(keys[i]!)).toBe(value);
        const state = new StateTree(nodes, root);
        expect(state.get(keys[i]!)).toBe(value);
        expect(tree.depthBound(keys[i]!, version)).toBe(state.depthBound(keys[i]!));
      });
    }
    expect(tree.prove(addresses[0]!)).toEqual(tree.prove(addresses[0]!, 3n));
    const update = tree.rollBack(1n);
    store.commit(() => tree.write(update));
    const root = tree.rootOf(1n);
    tree.adopt(update);
    expect([tree.root, tree.version]).toEqual([root, 2n]);
    await tree.close();
  });

  it('refuses what is no account, and stays as it is', async () => {
    const tree = await open();
    const bytes = encodeAccount({
      lamports: 1n,
      data: new Uint8Array(3),
      owner: new Uint8Array(32),
      executable: true,
      rentEpoch: 0n,
    });
    await change(tree, [[addressOf(1), bytes]]);
    const root = tree.root;
    const badFlag = bytes.slice();
    badFlag[48] = 2;
    const wrong: TreeChange[] = [
      [new Uint8Array(31), bytes],
      [new Uint8Array(33), null],
      [addressOf(2), bytes.subarray(0, 48)],
      [addressOf(2), badFlag],
      [addressOf(2), bytes.slice().fill(0, 0, 8)],
    ];
    for (const one of wrong) await expect(tree.prepare([one])).rejects.toThrow(AccountError);
    expect(() => tree.prove(new Uint8Array(5))).toThrow(AccountError);
    expect(() => tree.prove(addressOf(1), 9n)).toThrow(AccountTreeError);
    expect(tree.root).toBe(root);
    await tree.close();
    await expect(tree.prepare([[addressOf(1), bytes]])).rejects.toThrow(/it was closed/);
    await tree.close();
  });

  it('refuses options that make no sense', async () => {
    for (const options of [{ keepVersions: 0 }, { keepVersions: 1.5 }, { threads: 0 }])
      await expect(open(options)).rejects.toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
  });
});
