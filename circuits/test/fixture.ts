/**
 * Batches made by a small model of the rules, independent of the engine and of the circuit: balances in a map,
 * transfers applied one by one.
 */
import { createHash } from 'node:crypto';
import { concatBytes, type Field, toHex, u16be, u64le } from '@polyproof/base';
import {
  type Account,
  accountKey,
  accountValue,
  MemoryNodeStore,
  RecordingNodeStore,
  StateTree,
} from '@polyproof/state';
import { type BatchWitness, batchCircuitInputs, chainDataHash, systemAccount } from '@polyproof/svm';

const FEE = 5_000n;
export const RENT_MINIMUM = 890_880n;
export const RICH = 1_000_000_000n;

export interface Transfer {
  from: number;
  to: number;
  lamports: bigint;
  /** pays the fee, where it is not the source */
  payer?: number;
  version?: 'legacy' | 0;
  /** the source does not sign (it must not be the payer then) */
  unsigned?: boolean;
  /** the recipient is read-only */
  readOnly?: boolean;
  /** the block ends here; the last transfer always ends one */
  endsBlock?: boolean;
}

export function address(index: number): Uint8Array {
  return createHash('sha256').update(`account ${index}`).digest();
}

export const COLLECTOR = 1_000;

export class Model {
  readonly config = { rollupId: 7n, collector: address(COLLECTOR), lamportsPerSignature: FEE };
  readonly #balances = new Map<string, bigint>();
  readonly #addresses = new Map<string, Uint8Array>();
  readonly #store = new MemoryNodeStore();
  readonly #tree = new StateTree(this.#store, 0n);
  #dataHash: Field = 0n;
  #batch = 0n;

  constructor(balances: readonly (readonly [index: number, lamports: bigint])[]) {
    for (const [index, lamports] of balances) this.#set(address(index), lamports);
    const leaves = [...this.#balances].map(([hex, lamports]) => this.#leaf(hex, lamports));
    this.#tree.update(new Map(leaves));
  }

  balance(index: number): bigint {
    return this.#balances.get(toHex(address(index))) ?? 0n;
  }

  /** Applies the transfers as one batch. */
  batch(transfers: readonly Transfer[]): { witness: BatchWitness; after: [Uint8Array, Account | null][] } {
    const touched = new Map<string, Account | null>();
    const touch = (index: number) => {
      const hex = this.#remember(address(index));
      if (!touched.has(hex)) touched.set(hex, this.#account(hex));
    };
    touch(COLLECTOR);
    const entries: Uint8Array[] = [];
    let fees = 0n;
    transfers.forEach((transfer, i) => {
      for (const index of [transfer.payer ?? transfer.from, transfer.from, transfer.to]) touch(index);
      const message = encodeTransfer(transfer, i);
      const ends = transfer.endsBlock === true || i === transfers.length - 1;
      entries.push(concatBytes(u16be(message.length | (ends ? 0x8000 : 0)), message));
      fees += this.#apply(transfer);
      if (!ends) return;
      if (this.balance(COLLECTOR) + fees >= RENT_MINIMUM) this.#add(COLLECTOR, fees);
      fees = 0n;
    });
    const data = concatBytes(...entries);
    const recording = new RecordingNodeStore(this.#store);
    const trial = new StateTree(recording, this.#tree.root);
    const prevStateRoot = this.#tree.root;
    // Every order of single updates reads its own nodes: the circuit's order is by the lower 64 bits of the key.
    const rows = [...touched.keys()].map((hex) => this.#leaf(hex, this.#balances.get(hex) ?? 0n));
    rows.sort(([a], [b]) => (BigInt.asUintN(64, a) < BigInt.asUintN(64, b) ? -1 : 1));
    for (const [key, value] of rows) {
      trial.locate(key);
      trial.update(new Map([[key, value]]));
    }
    this.#tree.update(new Map(rows));
    const prevDataHash = this.#dataHash;
    this.#dataHash = chainDataHash(prevDataHash, data);
    this.#batch += 1n;
    const accounts = [...touched].map(([hex, account]): [Uint8Array, Account | null] => [
      this.#addresses.get(hex)!,
      account,
    ]);
    const witness: BatchWitness = {
      batchNumber: this.#batch,
      config: this.config,
      prevStateRoot,
      newStateRoot: this.#tree.root,
      prevDataHash,
      newDataHash: this.#dataHash,
      data,
      blocks: [],
      accounts,
      nodes: [...recording.recorded.values()],
    };
    const after = accounts.map(([bytes]): [Uint8Array, Account | null] => [
      bytes,
      this.#account(toHex(bytes)),
    ]);
    return { witness, after };
  }

  /** Inputs of the circuit for one batch. */
  inputs(transfers: readonly Transfer[]): CircuitInputs {
    const { witness, after } = this.batch(transfers);
    return batchCircuitInputs(witness, after) as unknown as CircuitInputs;
  }

  #apply(transfer: Transfer): bigint {
    const payer = transfer.payer ?? transfer.from;
    const signatures = payer === transfer.from || transfer.unsigned === true ? 1n : 2n;
    const fee = FEE * signatures;
    this.#add(payer, -fee);
    const { from, to, lamports } = transfer;
    const source = this.balance(from);
    const target = this.balance(to);
    const fails =
      transfer.unsigned === true ||
      transfer.readOnly === true ||
      source < lamports ||
      (from !== to && !(rentAllows(source, source - lamports) && rentAllows(target, target + lamports)));
    if (!fails) {
      this.#add(from, -lamports);
      this.#add(to, lamports);
    }
    return fee;
  }

  #add(index: number, lamports: bigint): void {
    this.#set(address(index), this.balance(index) + lamports);
  }

  #set(bytes: Uint8Array, lamports: bigint): void {
    const hex = this.#remember(bytes);
    if (lamports === 0n) this.#balances.delete(hex);
    else this.#balances.set(hex, lamports);
  }

  #remember(bytes: Uint8Array): string {
    this.#addresses.set(toHex(bytes), bytes);
    return toHex(bytes);
  }

  #account(hex: string): Account | null {
    const lamports = this.#balances.get(hex);
    return lamports === undefined ? null : systemAccount(lamports);
  }

  #leaf(hex: string, lamports: bigint): [Field, Field | null] {
    const key = accountKey(this.#addresses.get(hex)!);
    return [key, lamports === 0n ? null : accountValue(systemAccount(lamports))];
  }
}

function rentAllows(before: bigint, after: bigint): boolean {
  return after === 0n || after >= RENT_MINIMUM || (before > 0n && before < RENT_MINIMUM && after >= before);
}

/** The wire message: keys in Solana's order (signers first, writable first in each group). */
function encodeTransfer(transfer: Transfer, nonce: number): Uint8Array {
  const payer = transfer.payer ?? transfer.from;
  const signers = payer === transfer.from || transfer.unsigned === true ? [payer] : [payer, transfer.from];
  const writable = [transfer.from, ...(transfer.readOnly === true ? [] : [transfer.to])].filter(
    (index) => !signers.includes(index),
  );
  const readOnly = transfer.readOnly === true ? [transfer.to] : [];
  const keys = [...new Set([...signers, ...writable, ...readOnly])];
  const programIndex = keys.length;
  const legacy = transfer.version === 'legacy';
  return concatBytes(
    legacy ? new Uint8Array() : Uint8Array.of(0x80),
    Uint8Array.of(signers.length, 0, readOnly.length + 1, keys.length + 1),
    ...keys.map(address),
    new Uint8Array(32),
    createHash('sha256').update(`blockhash ${nonce}`).digest(),
    Uint8Array.of(1, programIndex, 2, keys.indexOf(transfer.from), keys.indexOf(transfer.to), 12, 2, 0, 0, 0),
    u64le(transfer.lamports),
    legacy ? new Uint8Array() : Uint8Array.of(0),
  );
}

/** The inputs of `svm_batch`, as far as the tests change them. */
export interface CircuitInputs {
  batch: {
    config: Record<string, string>;
    data: { stream: number[]; length: number; blocks: number };
    transaction_count: string;
    positions: { payer: number; from: number; to: number }[];
    accounts: Record<string, string | boolean>[];
    lamports: string[];
    account_count: string;
    collector: number;
    places: Record<string, unknown>[];
    siblings: string[][];
    digits: boolean[][];
  };
  statement: Record<string, string>;
}
