import {
  errorMessage,
  type Field,
  fieldFromHex,
  fieldToHex,
  fromHex,
  type Hex,
  PolyproofError,
  toHex,
} from '@polyproof/base';
import { type Account, decodeAccount, decodeNode, encodeAccount, encodeNode } from '@polyproof/state';
import { WitnessError } from './errors.js';
import type { BatchWitness } from './witness.js';

const SIGNATURE_BYTES = 64;

/** A witness as JSON: numbers as decimal strings, fields and bytes in hex. */
export interface WitnessJson {
  batchNumber: string;
  config: { rollupId: string; collector: Hex; lamportsPerSignature: string };
  prevStateRoot: Hex;
  newStateRoot: Hex;
  prevDataHash: Hex;
  newDataHash: Hex;
  data: Hex;
  signatures: Hex[][];
  blocks: { slot: string; unixTimestamp: string }[];
  /** accounts in the codec of the state package, null where there is none */
  accounts: [address: Hex, account: Hex | null][];
  /** nodes in the codec of the state package */
  nodes: Hex[];
}

export function encodeWitness(witness: BatchWitness): WitnessJson {
  const { config } = witness;
  return {
    batchNumber: witness.batchNumber.toString(),
    config: {
      rollupId: config.rollupId.toString(),
      collector: toHex(config.collector),
      lamportsPerSignature: config.lamportsPerSignature.toString(),
    },
    prevStateRoot: fieldToHex(witness.prevStateRoot),
    newStateRoot: fieldToHex(witness.newStateRoot),
    prevDataHash: fieldToHex(witness.prevDataHash),
    newDataHash: fieldToHex(witness.newDataHash),
    data: toHex(witness.data),
    signatures: witness.signatures.map((signatures) => signatures.map(toHex)),
    blocks: witness.blocks.map(({ slot, unixTimestamp }) => ({
      slot: slot.toString(),
      unixTimestamp: unixTimestamp.toString(),
    })),
    accounts: witness.accounts.map(([address, account]) => [
      toHex(address),
      account === null ? null : toHex(encodeAccount(account)),
    ]),
    nodes: witness.nodes.map((node) => toHex(encodeNode(node))),
  };
}

/** @throws {WitnessError} `BAD_WITNESS_ENCODING` naming the field, when the value is not what {@link encodeWitness} makes */
export function decodeWitness(json: unknown): BatchWitness {
  const root = new Reader('witness', json);
  const config = root.child('config');
  return {
    batchNumber: root.child('batchNumber').u64(),
    config: {
      rollupId: config.child('rollupId').u64(),
      collector: config.child('collector').bytes(32),
      lamportsPerSignature: config.child('lamportsPerSignature').u64(),
    },
    prevStateRoot: root.child('prevStateRoot').field(),
    newStateRoot: root.child('newStateRoot').field(),
    prevDataHash: root.child('prevDataHash').field(),
    newDataHash: root.child('newDataHash').field(),
    data: root.child('data').bytes(),
    signatures: root
      .child('signatures')
      .list((signatures) => signatures.list((signature) => signature.bytes(SIGNATURE_BYTES))),
    blocks: root.child('blocks').list((block) => ({
      slot: block.child('slot').u64(),
      unixTimestamp: block.child('unixTimestamp').u64(),
    })),
    accounts: root.child('accounts').list((entry): [Uint8Array, Account | null] => {
      const account = entry.child(1);
      return [entry.child(0).bytes(32), account.isNull ? null : account.parsed(decodeAccount)];
    }),
    nodes: root.child('nodes').list((node) => node.parsed(decodeNode)),
  };
}

/** A value somewhere in the JSON, which knows its own path for error messages. */
class Reader {
  readonly #path: string;
  readonly #value: unknown;

  constructor(path: string, value: unknown) {
    this.#path = path;
    this.#value = value;
  }

  get isNull(): boolean {
    return this.#value === null;
  }

  child(name: string | number): Reader {
    if (typeof this.#value !== 'object' || this.#value === null) throw this.#wrong('not an object or a list');
    return new Reader(`${this.#path}.${name}`, (this.#value as Record<string | number, unknown>)[name]);
  }

  list<T>(item: (reader: Reader) => T): T[] {
    if (!Array.isArray(this.#value)) throw this.#wrong('not a list');
    return this.#value.map((value, i) => item(new Reader(`${this.#path}.${i}`, value)));
  }

  u64(): bigint {
    const text = this.#text();
    if (!/^(0|[1-9][0-9]{0,19})$/.test(text) || BigInt(text) >= 1n << 64n)
      throw this.#wrong('not a decimal number below 2^64');
    return BigInt(text);
  }

  field(): Field {
    const text = this.#text();
    if (!/^0x[0-9a-f]{64}$/.test(text)) throw this.#wrong('not 0x and 64 hex digits');
    return this.#try(() => fieldFromHex(text));
  }

  bytes(length?: number): Uint8Array {
    const text = this.#text();
    if (!text.startsWith('0x')) throw this.#wrong('not hex with 0x');
    return this.#try(() => fromHex(text, length));
  }

  parsed<T>(parse: (bytes: Uint8Array) => T): T {
    const bytes = this.bytes();
    return this.#try(() => parse(bytes));
  }

  #text(): string {
    if (typeof this.#value !== 'string') throw this.#wrong('not a string');
    return this.#value;
  }

  #try<T>(section: () => T): T {
    try {
      return section();
    } catch (error) {
      if (error instanceof PolyproofError) throw this.#wrong(errorMessage(error));
      throw error;
    }
  }

  #wrong(what: string): WitnessError {
    return new WitnessError('BAD_WITNESS_ENCODING', `${this.#path} of the witness: ${what}.`, {
      path: this.#path,
    });
  }
}
