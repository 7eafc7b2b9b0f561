import { concatBytes, u64le } from '@polyproof/base';
import { type Account, decodeAccount } from '@polyproof/state';
import { describe, expect, it } from 'vitest';
import { genesisPrograms } from '../../src/genesis-programs.js';
import { decodeBase58, systemAccount } from '../../src/index.js';
import { decodeRequest, encodeExecute } from '../../src/runtime/engine/engine-protocol.js';
import { addressKey } from '../../src/runtime/engine/held-account.js';
import { decodeMeta } from '../../src/runtime/engine/meta-codec.js';
import { RuntimeEngine } from '../../src/runtime/engine/runtime-engine.js';
import { readComputeBudget } from '../../src/runtime/resolve/compute-budget.js';
import type { AccountEntry, EngineTransaction } from '../../src/runtime/types.js';
import { ProgramCache } from '../../src/trace/program-cache.js';
import { traceSysvars } from '../../src/trace/trace-sysvars.js';
import { traceTransaction } from '../../src/trace/trace-transaction.js';
import {
  address,
  BLOCKHASH,
  context,
  engineTransaction,
  entry,
  type Instruction,
  payer,
  readonly,
  SOL,
  SYSTEM,
  systemTransfer,
  TOKEN,
  writable,
} from '../support/engine-transactions.js';
import { Random } from '../support/random.js';
import { tokenInstructions, tokenWorld } from '../support/token-world.js';

const ATA = decodeBase58('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
const MEMO = decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const BLOCK = context({ slot: 5_000n });

/** The state that the engine and the tracer work on, one transaction after the other. */
class World {
  readonly engine = new RuntimeEngine();
  readonly accounts = new Map<string, Account>();
  readonly programs = new ProgramCache();
  #unsent: AccountEntry[] = [];

  constructor(accounts: readonly (readonly [Uint8Array, Account])[]) {
    this.engine.beginBlock(BLOCK);
    this.set(accounts);
  }

  set(accounts: readonly (readonly [Uint8Array, Account])[]): void {
    for (const [key, account] of accounts) {
      this.accounts.set(addressKey(key), account);
      this.#unsent.push(entry(key, account));
    }
  }

  /** @returns the status of both */
  run(transaction: EngineTransaction): string {
    const { computeUnitLimit } = readComputeBudget(transaction.transaction.message);
    const traced = traceTransaction({
      transaction: { ...transaction, computeUnitLimit },
      account: (key) => this.accounts.get(addressKey(key)) ?? null,
      sysvar: traceSysvars(BLOCK),
      programs: this.programs,
    });
    // As over the channel between processes.
    const request = decodeRequest(encodeExecute(1, { accounts: this.#unsent, transactions: [transaction] }));
    if (request.kind !== 'execute') throw new Error(request.kind);
    const { outcomes, accounts } = this.engine.execute(request.accounts, request.transactions);
    this.#unsent = [];
    const [outcome] = outcomes;
    expect({
      status: traced.status,
      error: traced.error,
      computeUnits: BigInt(traced.computeUnits),
      feeLamports: traced.feeLamports,
      logs: traced.logs,
    }).toEqual({
      status: outcome!.status,
      error: outcome!.error,
      computeUnits: outcome!.computeUnits,
      feeLamports: outcome!.feeLamports,
      logs: decodeMeta(outcome!.meta).logs,
    });
    for (const [key, bytes] of accounts) {
      if (bytes === null) this.accounts.delete(addressKey(key));
      else this.accounts.set(addressKey(key), decodeAccount(bytes));
    }
    transaction.accountKeys.forEach((key, index) => {
      if (transaction.writable[index])
        expect(traced.accounts[index]).toEqual(this.accounts.get(addressKey(key)) ?? null);
    });
    return traced.status;
  }
}

const transaction = (signers: string[], ...instructions: Instruction[]) =>
  engineTransaction({ signers, instructions, blockhash: BLOCKHASH });

describe('traces and the engine', () => {
  it('agree on transactions that fail before they begin', () => {
    const world = new World([
      ...genesisPrograms(),
      [address('payer'), systemAccount(SOL)],
      [address('other'), systemAccount(SOL)],
    ]);
    const call = (program: Uint8Array): Instruction => ({ program, accounts: [], data: new Uint8Array() });
    const statuses = [
      call(address('nobody')),
      call(address('other')),
      call(SYSTEM),
      systemTransfer(address('payer'), address('other'), 5n),
    ].map((instruction) => world.run(transaction(['payer'], instruction)));
    expect(statuses).toEqual(['failed', 'failed', 'failed', 'ok']);
    expect(world.run(transaction(['nobody'], call(MEMO)))).toBe('rejected');
  });

  it('agree on random transactions', () => {
    const world = new World([...genesisPrograms(), ...tokenWorld()]);
    const known = tokenInstructions().map(({ instruction }) => instruction);
    const users = ['payer', 'owner', 'other', 'delegate'];
    const statuses: Record<string, number> = {};
    for (let seed = 1; seed <= 1_500; seed++) {
      const random = new Random(seed);
      // Otherwise most accounts are closed, frozen or empty before long.
      if (seed % 5 === 0) world.set(tokenWorld());
      const user = random.pick(users);
      const own = address(user);
      const instruction = (): Instruction => {
        switch (random.below(8)) {
          case 0:
            return systemTransfer(
              own,
              random.pick([address('payer'), address(`new ${random.below(9)}`), own]),
              random.oneIn(3) ? SOL / 500n : random.u64(),
            );
          case 1:
            return {
              program: MEMO,
              accounts: [],
              data: random.bytes(random.below(20)).map((byte) => byte & 0x7f),
            };
          case 2:
            return {
              program: ATA,
              accounts: [
                payer(own),
                writable(address(`new ${random.below(4)}`)),
                readonly(own),
                readonly(known[0]!.accounts[0]!.key),
                readonly(SYSTEM),
                readonly(TOKEN),
              ],
              data: Uint8Array.of(random.below(3)),
            };
          case 3:
            return {
              program: SYSTEM,
              accounts: [payer(own), writable(address(`new ${random.below(9)}`))],
              data: concatBytes(
                Uint8Array.of(random.below(3), 0, 0, 0),
                u64le(SOL / 400n),
                u64le(BigInt(random.below(99))),
                TOKEN,
              ),
            };
          default:
            return random.pick(known);
        }
      };
      const instructions = Array.from({ length: 1 + random.below(3) }, instruction);
      const status = world.run(transaction([user, ...users], ...instructions));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    expect(statuses.ok).toBeGreaterThan(200);
    expect(statuses.failed).toBeGreaterThan(200);
  });
});
