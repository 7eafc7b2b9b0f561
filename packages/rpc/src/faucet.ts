import { type KeyObject, sign } from 'node:crypto';
import { concatBytes, Mutex, PolyproofError, sleep, u64le } from '@polyproof/base';
import {
  ed25519KeyPair,
  encodeBase58,
  encodeMessage,
  encodeTransaction,
  SYSTEM_PROGRAM,
} from '@polyproof/svm';
import type { RpcBank, SequencerPort } from './ports.js';

export interface FaucetOptions {
  /** Ed25519 seed of the account that pays, 32 bytes; a Solana keypair's 64 bytes (seed and address) also do. */
  secretKey: Uint8Array;
  /** Most lamports for one request. Default 100 SOL. */
  maxLamports?: bigint;
}

export class FaucetError extends PolyproofError<'FAUCET_KEY' | 'FAUCET_LIMIT' | 'FAUCET_BUSY'> {}

const WAIT_MS = 50;
const MAX_WAITS = 100;

/** Gives development funds: each request is a signed System transfer like any other transaction. */
export class Faucet {
  readonly address: Uint8Array;
  readonly maxLamports: bigint;
  readonly #key: KeyObject;
  readonly #bank: Pick<RpcBank, 'latestBlockhash'>;
  readonly #sequencer: Pick<SequencerPort, 'submitTransaction'>;
  readonly #mutex = new Mutex();
  /** What was sent with the newest blockhash: the same transfer again would be the same transaction. */
  #sent: { blockhash: string; transfers: Set<string> } = { blockhash: '', transfers: new Set() };

  constructor(
    options: FaucetOptions,
    modules: { bank: Pick<RpcBank, 'latestBlockhash'>; sequencer: Pick<SequencerPort, 'submitTransaction'> },
  ) {
    const { secretKey, maxLamports = 100_000_000_000n } = options;
    if (secretKey.length !== 32 && secretKey.length !== 64)
      throw new FaucetError('FAUCET_KEY', `the faucet key has ${secretKey.length} bytes: give 32 or 64.`);
    const { privateKey, address } = ed25519KeyPair(secretKey.subarray(0, 32));
    this.#key = privateKey;
    this.address = address;
    this.maxLamports = maxLamports;
    this.#bank = modules.bank;
    this.#sequencer = modules.sequencer;
  }

  /**
   * Sends lamports to an address.
   * @returns the signature of the transfer, 64 bytes
   * @throws {FaucetError} when more is asked than one request may have, and the errors of the mempool
   */
  request(to: Uint8Array, lamports: bigint): Promise<Uint8Array> {
    if (lamports > this.maxLamports)
      throw new FaucetError(
        'FAUCET_LIMIT',
        `an airdrop gives at most ${this.maxLamports} lamports, asked for ${lamports}.`,
      );
    return this.#mutex.run(async () => {
      const blockhash = await this.#freshBlockhash(`${encodeBase58(to)} ${lamports}`);
      const message = transferMessage(this.address, to, lamports, blockhash);
      const signature = new Uint8Array(sign(null, message, this.#key));
      return this.#sequencer.submitTransaction(encodeTransaction([signature], message));
    });
  }

  /** A blockhash that this transfer was not sent with yet; waits for the next block when necessary. */
  async #freshBlockhash(transfer: string): Promise<Uint8Array> {
    for (let waits = 0; waits < MAX_WAITS; waits++) {
      const blockhash = this.#bank.latestBlockhash;
      const text = encodeBase58(blockhash);
      if (this.#sent.blockhash !== text) this.#sent = { blockhash: text, transfers: new Set() };
      if (!this.#sent.transfers.has(transfer)) {
        this.#sent.transfers.add(transfer);
        return blockhash;
      }
      await sleep(WAIT_MS);
    }
    throw new FaucetError('FAUCET_BUSY', 'no new block has arrived since the last airdrop: try again later.');
  }
}

/** A legacy message with one System transfer. */
function transferMessage(
  from: Uint8Array,
  to: Uint8Array,
  lamports: bigint,
  blockhash: Uint8Array,
): Uint8Array {
  return encodeMessage({
    version: 'legacy',
    header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 1 },
    accountKeys: [from, to, SYSTEM_PROGRAM],
    recentBlockhash: blockhash,
    instructions: [
      {
        programIdIndex: 2,
        accountIndexes: Uint8Array.of(0, 1),
        // 2: SystemInstruction::Transfer
        data: concatBytes(Uint8Array.of(2, 0, 0, 0), u64le(lamports)),
      },
    ],
    addressTableLookups: [],
  });
}
