import '../fixed-seed.js';
import { accountKey, accountValue, verifyTreeProof } from '@polyproof/state';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Account, genesisAccounts } from '../../src/index.js';
import { checkLedger } from './check-ledger.js';
import { COLLECTOR, rollupConfig, SOL, TestBank } from './test-bank.js';
import { encoded, key, plain, TOKEN, TOKEN_2022, tokenAccount } from './token-accounts.js';

// Effects that no provable transaction has: this is a rollup of any programs.
const CONFIG = rollupConfig({ [COLLECTOR]: SOL, payer: 1_000_000n * SOL }, 'any');
const NAMES = Array.from({ length: 9 }, (_, i) => `account ${i}`);
const PARTIES = ['x', 'y', 'z'];

const account: fc.Arbitrary<Account | null> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        program: fc.constantFrom(TOKEN, TOKEN_2022),
        mint: fc.constantFrom(...PARTIES),
        wallet: fc.constantFrom(...PARTIES),
        delegate: fc.option(fc.constantFrom(...PARTIES), { nil: undefined }),
        amount: fc.bigInt({ min: 0n, max: 3n }),
        state: fc.constantFrom(0, 1, 1, 1, 2),
        extension: fc.constantFrom(
          undefined,
          undefined,
          Uint8Array.of(2, 7),
          Uint8Array.of(1, 7),
          new Uint8Array(190).fill(2),
        ),
      })
      .map(({ delegate, extension, ...parts }) =>
        tokenAccount({
          ...parts,
          ...(delegate === undefined ? {} : { delegate }),
          ...(extension === undefined ? {} : { extension }),
        }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(TOKEN, key('program')), fc.uint8Array({ minLength: 1, maxLength: 200 }))
      .map(([owner, data]) => plain(owner, data)),
  },
);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('block' as const),
      changes: fc.array(fc.tuple(fc.constantFrom(...NAMES), account), { maxLength: 6 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'close' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('back' as const), batches: fc.nat(3) }) },
);

type State = Map<string, Account>;

it('accounts, indexes, roots, old proofs and rolling back are those of a naive model', async () => {
  let amount = 1n;
  const genesis = await TestBank.open({}, { config: CONFIG });
  await genesis.bank.close();
  const options = { config: CONFIG, keepBatches: 3, copyOf: genesis.directory };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 14 }), async (steps) => {
      const test = await TestBank.open({}, options);
      try {
        let state: State = new Map(
          genesisAccounts(CONFIG).map(([address, account]) => [hex(address), account]),
        );
        /** states at the ends of batches, genesis first */
        const ends: { state: State; root: bigint; slot: bigint }[] = [
          { state, root: test.bank.stateRoot, slot: 0n },
        ];
        let lastSlot = 0n;
        for (const step of steps) {
          const { bank } = test;
          if (step.kind === 'reopen') await test.reopen();
          if (step.kind === 'block') {
            const transaction = test.transfer({ from: 'payer', to: 'payer', lamports: amount++ });
            const last = new Map(step.changes);
            test.runtime.effects.set(hex(transaction.signatures[0]!), (get) =>
              balanced(
                get,
                [...last].map(([name, account]) => [key(name), account]),
              ),
            );
            const { block, included } = await test.produce(transaction);
            expect(included).toHaveLength(1);
            lastSlot = block.slot;
            state = new Map(state);
            for (const [name, account] of last) {
              if (account === null) state.delete(hex(key(name)));
              else state.set(hex(key(name)), account);
            }
            for (const { address } of CONFIG.genesis) state.set(hex(address), bank.getAccount(address)!);
          }
          if (step.kind === 'close' && bank.openBatch.transactions > 0) {
            const batch = (await bank.closeBatch())!;
            bank.markFinal(batch.number);
            expect(batch.newStateRoot).toBe(bank.stateRoot);
            ends.push({ state, root: bank.stateRoot, slot: lastSlot });
          }
          if (step.kind === 'back') {
            const target = bank.lastBatch - BigInt(step.batches);
            const kept = target >= bank.firstBatch - 1n && target >= 0n;
            if (!kept) {
              await expect(bank.rollBack(target)).rejects.toThrow(
                expect.objectContaining({ code: 'UNKNOWN_BATCH' }),
              );
              continue;
            }
            await bank.rollBack(target);
            ends.length = Number(target) + 1;
            ({ state, slot: lastSlot } = ends.at(-1)!);
            expect([bank.stateRoot, bank.lastBatch, bank.slot]).toEqual([
              ends.at(-1)!.root,
              target,
              lastSlot,
            ]);
            expect(bank.openBatch).toEqual({
              number: target + 1n,
              transactions: 0,
              blocks: 0,
              deposits: 0,
            });
          }
        }
        checkLedger(test.bank, entries(state));
        for (let batch = test.bank.firstBatch - 1n; batch <= test.bank.lastBatch; batch++) {
          const end = ends[Number(batch)]!;
          for (const name of NAMES) {
            const { account, proof, root } = test.bank.proveAccount(key(name), end.root);
            expect(account).toEqual(end.state.get(hex(key(name))));
            const value = account === undefined ? undefined : accountValue(account);
            expect(verifyTreeProof(root, accountKey(key(name)), proof)).toBe(value);
          }
        }
      } finally {
        await test.close();
      }
    }),
    { numRuns: 25 },
  );
  await genesis.close();
});

/** Changes, paid for or given to the payer, so that no lamports are lost. */
function balanced(
  get: (address: Uint8Array) => Uint8Array | null,
  changes: [Uint8Array, Account | null][],
): [Uint8Array, Uint8Array | null][] {
  const payer = CONFIG.genesis[1]!.address;
  let gained = 0n;
  for (const [address, account] of changes) gained += (account?.lamports ?? 0n) - lamports(get(address));
  const before = Buffer.from(get(payer)!);
  before.writeBigUInt64LE(before.readBigUInt64LE() - gained);
  return [
    ...changes.map(([address, account]) => [address, encoded(account)] as [Uint8Array, Uint8Array | null]),
    [payer, before],
  ];
}

function lamports(bytes: Uint8Array | null): bigint {
  return bytes === null ? 0n : Buffer.from(bytes).readBigUInt64LE();
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function entries(state: State): [Uint8Array, Account][] {
  return [...state].map(([name, account]) => [new Uint8Array(Buffer.from(name, 'hex')), account]);
}
