import { equalBytes, type Field, InvariantError } from '@polyproof/base';
import { type Account, accountKey, accountValue, decodeAccount } from '@polyproof/state';
import { genesisBlockhash, RECENT_BLOCKHASHES } from '../blockhash.js';
import { BankError } from '../errors.js';
import type { Exit } from '../exits.js';
import { type ExecutionMode, rentExemptMinimum } from '../rollup-config.js';
import type { Batch } from '../types.js';
import type { BatchWitness } from '../witness.js';
import { readExits } from './batch-exits.js';
import { publicBlock } from './block-record.js';
import { readBatch } from './close-batch.js';
import { numberKey } from './keys.js';
import { type Ledger, treeVersion } from './ledger.js';
import { decodeStoredWitness } from './stored-witness.js';
import type { Table } from './tables.js';
import type {
  AccountProof,
  BankReader,
  OpenBatchView,
  SignatureInfo,
  SignatureSearch,
  SignatureStatus,
  StoredBlock,
  StoredTransaction,
  TokenAccountFilter,
} from './types.js';

type Reads = Omit<BankReader, 'simulate' | 'feeForMessage' | 'on'>;

/** What can be read of a ledger as it is. */
export class BankView implements Reads {
  readonly execution: ExecutionMode;
  readonly genesisBlockhash: Uint8Array;
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.execution = ledger.options.execution;
    const { configHash, genesisStateRoot } = ledger.head;
    this.genesisBlockhash = genesisBlockhash(configHash, genesisStateRoot);
  }

  get slot(): bigint {
    return this.#ledger.head.slot;
  }

  get unixTimestamp(): bigint {
    return this.#ledger.newest.unixTimestamp;
  }

  get stateRoot(): Field {
    return this.#ledger.head.stateRoot;
  }

  get latestBlockhash(): Uint8Array {
    return this.#ledger.recent.latest;
  }

  get lastValidBlockHeight(): bigint {
    return this.slot + BigInt(RECENT_BLOCKHASHES);
  }

  get transactionCount(): bigint {
    return this.#ledger.newest.totalTransactions;
  }

  /** All lamports that exist. */
  get totalLamports(): bigint {
    return this.#ledger.newest.totalLamports;
  }

  get openBatch(): OpenBatchView {
    const { number, transactions, blocks, deposits } = this.#ledger.batch;
    return { number, transactions, blocks: blocks.length, deposits: deposits.length };
  }

  get nextDeposit(): bigint {
    return this.#ledger.head.nextDeposit;
  }

  get lastBatch(): bigint {
    return this.#ledger.head.lastBatch;
  }

  /** Oldest batch that is kept. */
  get firstBatch(): bigint {
    return this.#ledger.head.firstBatch;
  }

  get firstAvailableSlot(): bigint {
    return this.#ledger.head.firstSlot;
  }

  isBlockhashRecent(hash: Uint8Array): boolean {
    return this.#ledger.recent.has(hash);
  }

  getAccount(address: Uint8Array): Account | undefined {
    return this.#ledger.accounts.getAccount(address);
  }

  getProgramAccounts(program: Uint8Array): Iterable<[Uint8Array, Account]> {
    return this.#ledger.accounts.listed(this.#ledger.tables.owners, program);
  }

  getTokenAccountsByOwner(wallet: Uint8Array, filter: TokenAccountFilter): Iterable<[Uint8Array, Account]> {
    return this.#tokenAccounts(this.#ledger.tables.tokenOwners, wallet, filter);
  }

  getTokenAccountsByDelegate(
    delegate: Uint8Array,
    filter: TokenAccountFilter,
  ): Iterable<[Uint8Array, Account]> {
    return this.#tokenAccounts(this.#ledger.tables.tokenDelegates, delegate, filter);
  }

  getTokenAccountsByMint(mint: Uint8Array): Iterable<[Uint8Array, Account]> {
    return this.#ledger.accounts.listed(this.#ledger.tables.tokenMints, mint);
  }

  getBlock(slot: bigint): StoredBlock | undefined {
    const block = this.#ledger.history.getBlock(slot);
    return block === undefined ? undefined : publicBlock(block);
  }

  getBlockTransactions(slot: bigint): StoredTransaction[] {
    return this.#ledger.history.getTransactions(slot);
  }

  getTransaction(signature: Uint8Array): StoredTransaction | undefined {
    return this.#ledger.history.getTransaction(signature);
  }

  getSignatureStatus(signature: Uint8Array): SignatureStatus | undefined {
    return this.#ledger.history.getStatus(signature);
  }

  getSignaturesForAddress(address: Uint8Array, search: SignatureSearch): SignatureInfo[] {
    return this.#ledger.history.search(address, search);
  }

  getBatch(number: bigint): Batch | undefined {
    return readBatch(this.#ledger, number);
  }

  getExits(batch: bigint): Exit[] {
    return readExits(this.#ledger, batch);
  }

  /** Of a closed batch of a `zk` rollup. */
  getWitness(number: bigint): BatchWitness | undefined {
    if (number < 1n) return undefined;
    const bytes = this.#ledger.tables.witnesses.get(numberKey(number));
    return bytes === undefined ? undefined : decodeStoredWitness(bytes);
  }

  proveAccount(address: Uint8Array, root: Field = this.stateRoot): AccountProof {
    const { tree, accounts } = this.#ledger;
    const key = accountKey(address);
    const batch = this.#ledger.batchOfRoot(root);
    if (batch === undefined)
      throw new BankError('UNKNOWN_ROOT', `the state never had the root ${root}, or it is too old.`, {
        root,
      });
    const proof = tree.prove(address, treeVersion(batch));
    if (proof.terminal.kind === 'empty' || proof.terminal.key !== key) return { proof, root };
    const bytes = accounts.at(address, batch, this.openBatch.number);
    const account = bytes === null ? undefined : decodeAccount(bytes);
    if (account === undefined || accountValue(account) !== proof.terminal.value)
      throw new InvariantError('an account of the state tree is not the one that is stored', { key });
    return { account, proof, root };
  }

  recentPrioritizationFees(addresses: readonly Uint8Array[]): { slot: bigint; prioritizationFee: bigint }[] {
    return this.#ledger.fees.recent(addresses);
  }

  minimumBalanceForRentExemption(dataBytes: bigint): bigint {
    return rentExemptMinimum(dataBytes);
  }

  *#tokenAccounts(
    index: Table,
    key: Uint8Array,
    filter: TokenAccountFilter,
  ): Generator<[Uint8Array, Account]> {
    for (const entry of this.#ledger.accounts.listed(index, key)) {
      const [, { owner, data }] = entry;
      const matches =
        'mint' in filter
          ? equalBytes(data.subarray(0, 32), filter.mint)
          : equalBytes(owner, filter.programId);
      if (matches) yield entry;
    }
  }
}
