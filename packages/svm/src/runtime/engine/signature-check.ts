import { createHash, randomBytes } from 'node:crypto';
import litesvm from 'litesvm/dist/internal.js';
import { decodeBase58 } from '../../base58.js';
import { RESERVED_ADDRESSES } from '../../reserved.js';
import { addressKey, EXEMPT } from './held-account.js';
import { verifyStrict } from './strict-ed25519.js';
import type { WireTransaction } from './wire-message.js';

/** litesvm's numbers of TransactionErrors */
const BLOCKHASH_NOT_FOUND = 7;
const SIGNATURE_FAILURE = 11;

const SIGNATURE_BYTES = 64;
const GONE = new litesvm.Account(0n, new Uint8Array(), new Uint8Array(32), false, 0n);
const RESERVED: ReadonlySet<string> = new Set(
  RESERVED_ADDRESSES.map((text) => addressKey(decodeBase58(text))),
);

const TABLE_PROGRAM = decodeBase58('AddressLookupTab1e1111111111111111111111111');
/** Header of a lookup table: type 1, active (deactivation slot 2^64-1), never extended since slot 0, no authority. */
const TABLE_HEADER_BYTES = 56;
const TABLE_ADDRESSES = 256;

/**
 * Ed25519 signatures of whole transactions by litesvm's verifier, which takes half the time of node's.
 *
 * litesvm checks signatures, then the age of the blockhash. No blockhash is recent for it here, so it never gets any
 * further: the error tells what the signatures were. What it does not get as far for is verified by node.
 */
export class SignatureCheck {
  readonly #svm = new litesvm.LiteSvm();
  readonly #blockhash: Buffer;
  /** stand-ins for the first, second... lookup table of a transaction */
  readonly #tables: InstanceType<typeof litesvm.Account>[] = [];
  /** Nobody can name the addresses in the stand-ins: naming an account twice is an error. */
  readonly #secret = randomBytes(32);

  constructor() {
    this.#svm.setTransactionHistory(0n);
    this.#blockhash = Buffer.from(decodeBase58(this.#svm.latestBlockhash()));
  }

  /** @param transaction - strictly decoded before, or litesvm may abort the process */
  verify(transaction: WireTransaction): boolean {
    return this.#verifyFast(transaction) ?? verifyEach(transaction);
  }

  /** undefined where litesvm gives another answer than on signatures */
  #verifyFast({ wire, blockhashAt, tables }: WireTransaction): boolean | undefined {
    if (wire.compare(this.#blockhash, 0, 32, blockhashAt, blockhashAt + 32) === 0) return undefined;
    if (tables.some((table) => !this.#isFree(table))) return undefined;
    tables.forEach((table, index) => {
      this.#svm.setAccount(table, this.#table(index));
    });
    const result = this.#svm.sendVersionedTransaction(wire);
    for (const table of tables) this.#svm.setAccount(table, GONE);
    if (result instanceof litesvm.TransactionMetadata) return undefined;
    const error = result.err();
    return error === BLOCKHASH_NOT_FOUND ? true : error === SIGNATURE_FAILURE ? false : undefined;
  }

  /** Whether an account can be put there and taken away again. */
  #isFree(address: Buffer): boolean {
    return !RESERVED.has(addressKey(address)) && this.#svm.getBalance(address) === null;
  }

  #table(index: number): InstanceType<typeof litesvm.Account> {
    const known = this.#tables[index];
    if (known !== undefined) return known;
    const data = Buffer.alloc(TABLE_HEADER_BYTES + 32 * TABLE_ADDRESSES);
    data.writeUInt32LE(1, 0);
    data.writeBigUInt64LE(EXEMPT, 4);
    for (let slot = 0; slot < TABLE_ADDRESSES; slot++)
      data.set(
        createHash('sha256').update(this.#secret).update(`${index}/${slot}`).digest(),
        TABLE_HEADER_BYTES + 32 * slot,
      );
    const table = new litesvm.Account(1_000_000_000n, data, TABLE_PROGRAM, false, EXEMPT);
    this.#tables[index] = table;
    return table;
  }
}

/** Every signature by node's Ed25519. */
export function verifyEach({ wire, keys, requiredSignatures }: WireTransaction): boolean {
  // A count below 128 takes one byte, and a transaction has no room for more signatures.
  const signaturesAt = 1;
  const message = wire.subarray(signaturesAt + SIGNATURE_BYTES * requiredSignatures);
  for (let index = 0; index < requiredSignatures; index++) {
    const at = signaturesAt + SIGNATURE_BYTES * index;
    if (!verifyStrict(keys[index]!, message, wire.subarray(at, at + SIGNATURE_BYTES))) return false;
  }
  return true;
}
