import { equalBytes } from '@polyproof/base';
import { SYSTEM_PROGRAM } from '../reserved.js';
import { ZkvmError } from './errors.js';
import { ROUTINE } from './kernel.js';
import { changeAccounts, readChange } from './system-change.js';
import { accountOf, type BatchAccount, NEVER } from './transaction-layout.js';
import { type AccountUse, KIND, type TransactionRow } from './transaction-rows.js';

/** Owner, length and flags of an account for a while: see circuits/lib/src/sbpf/versions.nr. */
export interface AccountVersion {
  account: number;
  /** in force behind this use, until that one */
  begins: number;
  ends: number;
  owner: Uint8Array;
  bytes: number;
  executable: boolean;
  /** the change that made it */
  change?: number;
}

/** `Change` in circuits/lib/src/sbpf/changes.nr. */
export interface ChangeRow {
  kind: 'create' | 'assign' | 'allocate' | 'close';
  row: number;
  usage: number;
  lamports: bigint;
  space: bigint;
  owner: Uint8Array;
  large: boolean;
  allowed: boolean;
  made: boolean;
  /** bytes of data after it */
  bytes: number;
}

export interface Versions {
  /** of the accounts, then one for each change, in the order of {@link Versions.changes} */
  accounts: AccountVersion[];
  changed: AccountVersion[];
  changes: ChangeRow[];
  /** of each use, in the order of all rows */
  uses: AccountVersion[];
  /** in force at the end, in the order of the accounts */
  last: AccountVersion[];
  /** what the kernel executes for changes, by row */
  routines: Map<number, number>;
}

const MAX_DATA_BYTES = 10n * 1024n * 1024n;
const NO_OWNER = new Uint8Array(32);

/**
 * Follows what rows make of owners and lengths.
 * @param stores - rows that may store
 * @param skipped - rows behind a failed instruction
 * @param closings - uses that are of accounts that their programs close
 */
export function followVersions(options: {
  accounts: readonly BatchAccount[];
  rows: readonly TransactionRow[];
  stores: readonly boolean[];
  skipped: (row: number) => boolean;
  closings: ReadonlySet<number>;
}): Versions {
  const { rows, stores } = options;
  const accounts = options.accounts.map((entry, account): AccountVersion => {
    const { owner, data, executable } = accountOf(entry);
    return { account, begins: -1, ends: NEVER, owner, bytes: data.length, executable };
  });
  const versions: Versions = {
    accounts,
    changed: [],
    changes: [],
    uses: [],
    last: [...accounts],
    routines: new Map(),
  };
  rows.forEach((row, index) => {
    const first = versions.uses.length;
    const target = row.kind === KIND.CHANGE && !options.skipped(index) ? systemTarget(row) : undefined;
    row.uses.forEach(({ account }, position) => {
      const usage = versions.uses.push(versions.last[account]!) - 1;
      if (position === target) add(versions, systemChange(row, index, first, versions, stores[index]!));
      if (options.closings.has(usage) && stores[index]!) add(versions, closing(index, usage));
    });
  });
  return versions;
}

function systemTarget({ uses, data }: TransactionRow): number {
  const change = readChange(data);
  const wanted = changeAccounts(change);
  if (uses.length !== wanted)
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', `${change.kind} is proved with ${wanted} accounts`);
  return wanted - 1;
}

function add(versions: Versions, change: ChangeRow): void {
  const before = versions.uses[change.usage]!;
  const system = change.kind === 'allocate' || change.kind === 'close';
  const version: AccountVersion = {
    account: before.account,
    begins: change.usage,
    ends: NEVER,
    owner: system ? NO_OWNER : change.owner,
    bytes: change.bytes,
    executable: false,
    change: versions.changes.push(change) - 1,
  };
  versions.changed.push(version);
  if (change.kind !== 'close') {
    const routine = change.kind === 'create' ? ROUTINE.create : ROUTINE.change;
    versions.routines.set(change.row, change.allowed ? routine : ROUTINE.fail);
  }
  if (!change.made) return;
  before.ends = change.usage;
  versions.last[before.account] = version;
}

function closing(row: number, usage: number): ChangeRow {
  const nothing = { lamports: 0n, space: 0n, owner: NO_OWNER, large: false, bytes: 0 };
  return { kind: 'close', row, usage, allowed: false, made: true, ...nothing };
}

/** Whether a change may take place, as Agave's System program has it. */
function systemChange(
  { uses, data }: TransactionRow,
  row: number,
  first: number,
  versions: Versions,
  stores: boolean,
): ChangeRow {
  const asked = readChange(data);
  const { kind, lamports, space, owner } = asked;
  const usage = versions.uses.length - 1;
  const before = versions.uses[usage]!;
  const payer = versions.uses[first]!;
  const large = space > MAX_DATA_BYTES;
  const signs = ({ signer, writable }: AccountUse) => signer && writable;
  const owned = kind === 'assign' ? ofSystem(before) : isWallet(before) && !large;
  const pays = kind !== 'create' || (signs(uses[0]!) && isWallet(payer));
  const allowed = signs(uses.at(-1)!) && owned && pays;
  const refuse = (what: string) => {
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', `${kind} of ${what} is not proved`);
  };
  if (before.executable || payer.executable) refuse('a program');
  if (kind === 'create' && before.account === payer.account) refuse('the account that pays for it');
  if (kind === 'create' && !allowed && lamports === 0n) refuse('an account without lamports');
  if (kind === 'allocate' && space === 0n) refuse('no bytes');
  if (kind === 'assign' && equalBytes(owner, before.owner)) refuse('an account to its owner');
  if (kind === 'assign' && ofSystem(before) && before.bytes > 0 && before.change === undefined)
    refuse('an account with data');
  const bytes = !allowed ? 0 : kind === 'assign' ? before.bytes : Number(space);
  return { ...asked, row, usage, large, allowed, made: allowed && stores, bytes };
}

function ofSystem({ owner, executable }: AccountVersion): boolean {
  return equalBytes(owner, SYSTEM_PROGRAM) && !executable;
}

/** Whether an account can pay, and transfer. */
export function isWallet(version: AccountVersion): boolean {
  return ofSystem(version) && version.bytes === 0;
}
