import { accountKey, accountValue, MemoryNodeStore, StateTree } from '@polyproof/state';
import { expect } from 'vitest';
import type { Bank } from '../../src/bank/bank.js';
import { type Account, encodeBase58 } from '../../src/index.js';
import { TOKEN, TOKEN_2022 } from './token-accounts.js';

/** Everything that the indexes must list, found by looking at every account. */
export function scan(accounts: Iterable<[Uint8Array, Account]>) {
  const lists = { programs: newLists(), owners: newLists(), mints: newLists(), delegates: newLists() };
  for (const [address, account] of accounts) {
    add(lists.programs, account.owner, address);
    if (!isTokenAccount(account)) continue;
    const { data } = account;
    add(lists.mints, data.subarray(0, 32), address);
    add(lists.owners, data.subarray(32, 64), address);
    if (data[72] === 1) add(lists.delegates, data.subarray(76, 108), address);
  }
  return lists;
}

/** Checks the state root against all accounts, and what the indexes list against a look at all of them. */
export function checkLedger(bank: Bank, accounts: readonly [Uint8Array, Account][]): void {
  const leaves = accounts.map(([address, account]) => [accountKey(address), treeValue(account)] as const);
  expect(new StateTree(new MemoryNodeStore(), 0n).update(new Map(leaves))).toBe(bank.stateRoot);
  expect(bank.totalLamports).toBe(accounts.reduce((sum, [, { lamports }]) => sum + lamports, 0n));
  const expected = scan(accounts);
  const listed = (entries: Iterable<[Uint8Array, Account]>) =>
    [...entries].map(([address]) => encodeBase58(address)).sort();
  for (const [program, addresses] of expected.programs)
    expect(listed(bank.getProgramAccounts(Buffer.from(program, 'hex')))).toEqual(addresses.sort());
  for (const [mint, addresses] of expected.mints)
    expect(listed(bank.getTokenAccountsByMint(Buffer.from(mint, 'hex')))).toEqual(addresses.sort());
  const both = (read: (filter: { programId: Uint8Array }) => Iterable<[Uint8Array, Account]>) =>
    [TOKEN, TOKEN_2022].flatMap((programId) => listed(read({ programId }))).sort();
  for (const [owner, addresses] of expected.owners)
    expect(both((filter) => bank.getTokenAccountsByOwner(Buffer.from(owner, 'hex'), filter))).toEqual(
      addresses.sort(),
    );
  for (const [delegate, addresses] of expected.delegates)
    expect(both((filter) => bank.getTokenAccountsByDelegate(Buffer.from(delegate, 'hex'), filter))).toEqual(
      addresses.sort(),
    );
}

const values = new WeakMap<Account, bigint>();
/** Accounts of programs are long: hashed once. */
function treeValue(account: Account): bigint {
  const known = values.get(account) ?? accountValue(account);
  values.set(account, known);
  return known;
}

function isTokenAccount({ owner, data }: Account): boolean {
  const is = (program: Uint8Array) => Buffer.compare(owner, program) === 0;
  if (!is(TOKEN) && !is(TOKEN_2022)) return false;
  if (data.length < 165 || data[108] === 0) return false;
  return data.length === 165 || (is(TOKEN_2022) && data.length !== 355 && data[165] === 2);
}

function newLists(): Map<string, string[]> {
  return new Map();
}

function add(lists: Map<string, string[]>, key: Uint8Array, address: Uint8Array): void {
  const name = Buffer.from(key).toString('hex');
  lists.set(name, [...(lists.get(name) ?? []), encodeBase58(address)]);
}
