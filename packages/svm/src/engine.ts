import type { Account } from '@polyproof/state';
import litesvm from 'litesvm/dist/internal.js';
import { decodeBase58, encodeBase58 } from './base58.js';
import type { EngineBlock, EngineTransaction } from './engine-protocol.js';
import type { BlockResult, TransactionOutcome } from './executor.js';
import { RESERVED_ADDRESSES } from './reserved.js';
import { LAMPORTS_PER_SIGNATURE, systemAccount } from './rollup-config.js';
import { type EngineError, transactionErrorJson } from './transaction-error.js';

const SLOTS_PER_EPOCH = 432_000n;

/** Owners of accounts that a new litesvm holds beside native programs and sysvars. */
const PRELOADED_OWNERS = [
  '11111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'Config1111111111111111111111111111111111111',
  'Feature111111111111111111111111111111111111',
];

/**
 * Agave's runtime (litesvm) with the state of the rollup in it.
 *
 * Only to be used in a process of its own: the runtime aborts the process on some inputs, and has to be given
 * canonical transactions only.
 */
export class Engine {
  readonly #svm = newRuntime();

  setAccount(address: Uint8Array, account: Account): void {
    const { lamports, data, owner, executable, rentEpoch } = account;
    this.#svm.setAccount(address, new litesvm.Account(lamports, data, owner, executable, rentEpoch));
  }

  getAccount(address: Uint8Array): Account | null {
    const account = this.#svm.getAccount(address);
    if (account === null || account.lamports() === 0n) return null;
    return {
      lamports: account.lamports(),
      data: Uint8Array.from(account.data()),
      owner: Uint8Array.from(account.owner()),
      executable: account.executable(),
      rentEpoch: account.rentEpoch(),
    };
  }

  executeBlock(block: EngineBlock): BlockResult {
    this.#svm.setSigverify(block.verifySignatures);
    // Nothing but the slot and the time may come in: another machine must get the same state from the witness.
    const epoch = block.slot / SLOTS_PER_EPOCH;
    this.#svm.setClock(new litesvm.Clock(block.slot, 0n, epoch, epoch + 1n, block.unixTimestamp));

    const outcomes = block.transactions.map((transaction) => this.#execute(transaction));
    this.#credit(
      block.collector,
      outcomes.reduce((sum, { feeLamports }) => sum + feeLamports, 0n),
    );
    const touched = new Map([[encodeBase58(block.collector), block.collector]]);
    for (const { writable } of block.transactions)
      for (const address of writable) touched.set(encodeBase58(address), address);
    return {
      outcomes,
      accounts: [...touched.values()].map((address) => [address, this.getAccount(address)]),
    };
  }

  #execute({ bytes, feePayer, signatures }: EngineTransaction): TransactionOutcome {
    const feeLamports = LAMPORTS_PER_SIGNATURE * BigInt(signatures);
    const before = this.#balance(feePayer);
    const result = this.#svm.sendVersionedTransaction(bytes);
    if (result instanceof litesvm.TransactionMetadata)
      return {
        status: 'ok',
        logs: result.logs(),
        computeUnits: result.computeUnitsConsumed(),
        feeLamports,
      };
    const meta = result.meta();
    // The same error may come with the fee taken or without (say, InsufficientFundsForRent of the fee payer
    // itself): what happened to the balance tells.
    const included = this.#balance(feePayer) === before - feeLamports;
    return {
      status: included ? 'failed' : 'rejected',
      error: transactionErrorJson(result.err() as EngineError),
      logs: meta.logs(),
      computeUnits: meta.computeUnitsConsumed(),
      feeLamports: included ? feeLamports : 0n,
    };
  }

  /** Fees go to the collector at the end of the block, or are burnt where it would not be exempt from rent. */
  #credit(collector: Uint8Array, fees: bigint): void {
    if (fees === 0n) return;
    const account = this.getAccount(collector) ?? systemAccount(0n);
    const lamports = account.lamports + fees;
    if (lamports < this.#svm.minimumBalanceForRentExemption(BigInt(account.data.length))) return;
    this.setAccount(collector, { ...account, lamports });
  }

  #balance(address: Uint8Array): bigint {
    return this.#svm.getBalance(address) ?? 0n;
  }
}

/**
 * A runtime with mainnet's features that holds native programs and sysvars alone: the rollup's state is what the
 * state tree commits to, and nothing else. litesvm brings SPL programs, feature accounts and a rich faucet account.
 */
function newRuntime(): InstanceType<typeof litesvm.LiteSvm> {
  const svm = new litesvm.LiteSvm();
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  const gone = new litesvm.Account(0n, new Uint8Array(), new Uint8Array(32), false, 0n);
  const kept = new Set(RESERVED_ADDRESSES);
  for (const owner of PRELOADED_OWNERS)
    for (const { address } of svm.getProgramAccounts(decodeBase58(owner)))
      if (!kept.has(encodeBase58(address))) svm.setAccount(address, gone);
  return svm;
}
