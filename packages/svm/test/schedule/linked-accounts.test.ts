import { encodeAccount } from '@polyproof/state';
import { describe, expect, it } from 'vitest';
import { decodeBase58 } from '../../src/index.js';
import { addressKey } from '../../src/runtime/resolve/address-key.js';
import { AccountCache } from '../../src/runtime/schedule/account-cache.js';
import { prepare, takeLocks } from '../../src/runtime/schedule/admission.js';
import { Scheduled } from '../../src/runtime/schedule/scheduled.js';
import type { AccountEntry } from '../../src/runtime/types.js';
import { FakeSource } from './fake-executor.js';
import { addressOf, type Parts } from './make-transaction.js';
import { make, newSource, setUp } from './setup.js';

const LOADER = decodeBase58('BPFLoaderUpgradeab1e11111111111111111111111');
const TOKEN = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
const TOKEN_2022 = decodeBase58('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');

function account(owner: Uint8Array, data: Uint8Array, executable = false): Uint8Array {
  return encodeAccount({ lamports: 1_000_000n, data, owner, executable, rentEpoch: 0n });
}

function program(code: string): Uint8Array {
  return account(LOADER, Uint8Array.of(2, 0, 0, 0, ...addressOf(code)), true);
}

function tokenAccount(mint: string, owner = TOKEN, size = 165, type = 2): Uint8Array {
  const data = new Uint8Array(size);
  data.set(addressOf(mint));
  if (size > 165) data[165] = type;
  return account(owner, data);
}

const code = account(LOADER, Uint8Array.of(3, 0, 0, 0, ...new Uint8Array(41), 1, 2, 3));

function withAccounts(source: FakeSource, accounts: Record<string, Uint8Array>): FakeSource {
  for (const [name, bytes] of Object.entries(accounts)) source.ledger.set(addressOf(name), bytes);
  return source;
}

describe('executors are given', () => {
  /** What is shipped for a transaction that reads the account. */
  const shippedWith = (name: string, accounts: Record<string, Uint8Array>): string[] => {
    const cache = new AccountCache(
      { executors: 1, maxAccounts: 100 },
      { source: withAccounts(new FakeSource(), accounts) },
    );
    cache.open();
    const out: AccountEntry[] = [];
    cache.ship(cache.get(addressOf(name)), 0, out);
    const names = new Map(Object.keys(accounts).map((each) => [addressKey(addressOf(each)), each]));
    return out.map(([address]) => names.get(addressKey(address))!);
  };

  it('the code of a program, before the program', () => {
    expect(shippedWith('p', { p: program('code'), code })).toEqual(['code', 'p']);
  });

  it('the mint of a token account', () => {
    const mint = account(TOKEN, new Uint8Array(82));
    expect(shippedWith('t', { t: tokenAccount('m'), m: mint })).toEqual(['m', 't']);
    for (const size of [165, 170])
      expect(shippedWith('t', { t: tokenAccount('m', TOKEN_2022, size), m: mint })).toEqual(['m', 't']);
  });

  it('nothing more with anything else', () => {
    const m = account(TOKEN, new Uint8Array(82));
    for (const t of [
      tokenAccount('m', TOKEN, 170),
      tokenAccount('m', TOKEN_2022, 170, 1),
      tokenAccount('m', LOADER),
      account(LOADER, Uint8Array.of(2, 0, 0, 0, ...addressOf('m'))),
      account(TOKEN, Uint8Array.of(2, 0, 0, 0, ...addressOf('m')), true),
      account(LOADER, Uint8Array.of(1, 0, 0, 0, ...addressOf('m')), true),
    ])
      expect(shippedWith('t', { t, m })).toEqual(['t']);
  });
});

describe('the code of a program', () => {
  it('is locked with it', () => {
    const cache = new AccountCache(
      { executors: 2, maxAccounts: 100 },
      { source: withAccounts(newSource(), { p: program('code'), code }) },
    );
    cache.open();
    const candidates: Parts[] = [
      { payer: 'p0', writes: ['code'] },
      { payer: 'p1', reads: ['p'] },
      { payer: 'p2', writes: ['code'] },
    ];
    const unfinished = new Uint32Array(6);
    const [change, call, again] = candidates.map((parts, index) => {
      const scheduled = new Scheduled(index, make(parts), 2, unfinished);
      prepare(scheduled, cache);
      takeLocks(scheduled);
      scheduled.stage = 'admitted';
      return scheduled;
    });
    expect(change!.successors).toEqual([call, again]);
    expect(call!.successors).toEqual([again]);
  });

  it('is dropped after its program, when too much is remembered', async () => {
    const { source, engines, block } = setUp(1, { maxAccounts: 3 });
    withAccounts(source, { p: program('code'), code });
    const given: string[] = [];
    const execute = engines[0]!.execute.bind(engines[0]!);
    engines[0]!.execute = (work) => {
      for (const [address, bytes] of work.accounts) if (bytes === null) given.push(addressKey(address));
      return execute(work);
    };
    await block([make({ payer: 'p0', reads: ['p'] })]);
    for (let i = 0; i < 12; i++) await block([make({ payer: 'p1' })]);
    expect(given.filter((key) => [addressOf('p'), addressOf('code')].map(addressKey).includes(key))).toEqual(
      [addressOf('p'), addressOf('code')].map(addressKey),
    );
    expect(engines[0]!.ledger.get(addressOf('code'))).toBeNull();
    // and it is there again when it is needed
    await block([make({ payer: 'p1', reads: ['p'] })]);
    expect(engines[0]!.ledger.get(addressOf('code'))).toEqual(code);
  });
});
