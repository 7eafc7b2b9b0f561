import { createHash } from 'node:crypto';
import { equalBytes } from '@polyproof/base';
import { encodeBase58 } from '../../base58.js';
import { SYSTEM_PROGRAM } from '../../reserved.js';
import { BorrowedAccount } from '../borrowed-account.js';
import { TraceError } from '../errors.js';
import { instructionFault } from '../instruction-error.js';
import type { TransactionState } from '../transaction-state.js';
import { readSystemInstruction, type Seed, type SystemInstruction } from './system-instruction.js';

const COST = 150;
const MAX_DATA_BYTES = 10n * 1024n * 1024n;
const MAX_SEED_BYTES = 32;
const MAX_U64 = (1n << 64n) - 1n;
const PDA_MARKER = new TextEncoder().encode('ProgramDerivedAddress');

const QUOTE = "'";
/** How logs name the account of a transfer that is derived. */
const FROM = `${QUOTE}from${QUOTE}`;

/** `SystemError`s */
const ACCOUNT_ALREADY_IN_USE = { Custom: 0 };
const RESULT_WITH_NEGATIVE_LAMPORTS = { Custom: 1 };
const INVALID_ACCOUNT_DATA_LENGTH = { Custom: 3 };
const ADDRESS_WITH_SEED_MISMATCH = { Custom: 5 };
/** `PubkeyError`s, whose numbers the runtime takes for those of the program */
const MAX_SEED_LENGTH_EXCEEDED = { Custom: 0 };
const ILLEGAL_OWNER = { Custom: 2 };

/**
 * Executes the current instruction as Agave's System program does.
 * @throws {VmFault} when it fails
 * @throws {TraceError} on an instruction for nonces, or one that creates a prefunded account
 */
export function systemProgram(state: TransactionState): void {
  state.meter.consume(COST);
  const instruction = readSystemInstruction(state.frame.data);
  switch (instruction.kind) {
    case 'createAccount':
      createAccount(state, instruction);
      break;
    case 'assign': {
      needAccounts(state, 1);
      const account = new BorrowedAccount(state, 0);
      const address = derived(state, 0, instruction.seed, instruction.owner);
      assign(state, account, address, instruction.owner);
      break;
    }
    case 'transfer':
      if (instruction.seed === undefined) transfer(state, instruction.lamports);
      else transferWithSeed(state, instruction.lamports, instruction.seed);
      break;
    case 'allocate': {
      needAccounts(state, 1);
      const account = new BorrowedAccount(state, 0);
      allocate(state, account, derived(state, 0), instruction.space);
      break;
    }
    case 'allocateWithSeed': {
      needAccounts(state, 1);
      const account = new BorrowedAccount(state, 0);
      const address = derived(state, 0, instruction.seed, instruction.owner);
      allocate(state, account, address, instruction.space);
      assign(state, account, address, instruction.owner);
      break;
    }
    case 'unsupported':
      throw new TraceError(
        'UNSUPPORTED_NATIVE_PROGRAM',
        `instruction ${instruction.number} of the System program cannot be traced.`,
        { name: encodeBase58(SYSTEM_PROGRAM), instruction: instruction.number },
      );
  }
}

/** An address, and the one that must sign for it where it is derived from that. */
interface Address {
  address: Uint8Array;
  base: Uint8Array | undefined;
}

function createAccount(
  state: TransactionState,
  { seed, lamports, space, owner }: Extract<SystemInstruction, { kind: 'createAccount' }>,
): void {
  needAccounts(state, 2);
  const address = derived(state, 1, seed, owner);
  const to = new BorrowedAccount(state, 1);
  if (to.account.lamports > 0n) {
    state.logs.log(`Create Account: account ${describe(address)} already in use`);
    throw instructionFault(ACCOUNT_ALREADY_IN_USE);
  }
  allocate(state, to, address, space);
  assign(state, to, address, owner);
  transfer(state, lamports);
}

function allocate(state: TransactionState, to: BorrowedAccount, address: Address, space: bigint): void {
  if (!signs(state, address)) {
    state.logs.log(`Allocate: 'to' account ${describe(address)} must sign`);
    throw instructionFault('MissingRequiredSignature');
  }
  if (to.account.data.length > 0 || !equalBytes(to.account.owner, SYSTEM_PROGRAM)) {
    state.logs.log(`Allocate: account ${describe(address)} already in use`);
    throw instructionFault(ACCOUNT_ALREADY_IN_USE);
  }
  if (space > MAX_DATA_BYTES) {
    state.logs.log(`Allocate: requested ${space}, max allowed ${MAX_DATA_BYTES}`);
    throw instructionFault(INVALID_ACCOUNT_DATA_LENGTH);
  }
  to.setDataLength(Number(space));
}

function assign(
  state: TransactionState,
  account: BorrowedAccount,
  address: Address,
  owner: Uint8Array,
): void {
  if (equalBytes(account.account.owner, owner)) return;
  if (!signs(state, address)) {
    state.logs.log(`Assign: account ${describe(address)} must sign`);
    throw instructionFault('MissingRequiredSignature');
  }
  account.setOwner(owner);
}

function transfer(state: TransactionState, lamports: bigint): void {
  needAccounts(state, 2);
  const from = new BorrowedAccount(state, 0);
  if (!from.meta.signer) {
    state.logs.log(`Transfer: \`from\` account ${from.account.name} must sign`);
    throw instructionFault('MissingRequiredSignature');
  }
  moveLamports(state, from, new BorrowedAccount(state, 1), lamports);
}

function transferWithSeed(
  state: TransactionState,
  lamports: bigint,
  { seed, owner }: { seed: Uint8Array; owner: Uint8Array },
): void {
  needAccounts(state, 3);
  const from = new BorrowedAccount(state, 0);
  const base = new BorrowedAccount(state, 1);
  if (!base.meta.signer) {
    state.logs.log(`Transfer: ${FROM} account ${base.account.name} must sign`);
    throw instructionFault('MissingRequiredSignature');
  }
  const expected = addressWithSeed({ base: base.account.address, seed }, owner);
  if (!equalBytes(expected, from.account.address)) {
    state.logs.log(
      `Transfer: ${FROM} address ${from.account.name} does not match derived address ${encodeBase58(expected)}`,
    );
    throw instructionFault(ADDRESS_WITH_SEED_MISMATCH);
  }
  moveLamports(state, from, new BorrowedAccount(state, 2), lamports);
}

function moveLamports(
  state: TransactionState,
  from: BorrowedAccount,
  to: BorrowedAccount,
  lamports: bigint,
): void {
  if (from.account.data.length > 0) {
    state.logs.log('Transfer: `from` must not carry data');
    throw instructionFault('InvalidArgument');
  }
  if (lamports > from.account.lamports) {
    state.logs.log(`Transfer: insufficient lamports ${from.account.lamports}, need ${lamports}`);
    throw instructionFault(RESULT_WITH_NEGATIVE_LAMPORTS);
  }
  from.setLamports(from.account.lamports - lamports);
  const sum = to.account.lamports + lamports;
  if (sum > MAX_U64) throw instructionFault('ArithmeticOverflow');
  to.setLamports(sum);
}

function needAccounts({ frame }: TransactionState, count: number): void {
  if (frame.accounts.length < count) throw instructionFault('MissingAccount');
}

/** @throws {VmFault} when the account is not the one that the seed gives */
function derived(state: TransactionState, position: number, seed?: Seed, owner?: Uint8Array): Address {
  const { account } = new BorrowedAccount(state, position);
  if (seed === undefined || owner === undefined) return { address: account.address, base: undefined };
  const expected = addressWithSeed(seed, owner);
  if (!equalBytes(expected, account.address)) {
    state.logs.log(
      `Create: address ${account.name} does not match derived address ${encodeBase58(expected)}`,
    );
    throw instructionFault(ADDRESS_WITH_SEED_MISMATCH);
  }
  return { address: account.address, base: seed.base };
}

function addressWithSeed({ base, seed }: Seed, owner: Uint8Array): Uint8Array {
  if (seed.length > MAX_SEED_BYTES) throw instructionFault(MAX_SEED_LENGTH_EXCEEDED);
  if (equalBytes(owner.subarray(32 - PDA_MARKER.length), PDA_MARKER)) throw instructionFault(ILLEGAL_OWNER);
  return Uint8Array.from(createHash('sha256').update(base).update(seed).update(owner).digest());
}

function signs({ frame, accounts }: TransactionState, { address, base }: Address): boolean {
  return frame.accounts.some(
    ({ index, signer }) => signer && equalBytes(accounts[index]!.address, base ?? address),
  );
}

function describe({ address, base }: Address): string {
  const based = base === undefined ? 'None' : `Some(${encodeBase58(base)})`;
  return `Address { address: ${encodeBase58(address)}, base: ${based} }`;
}
