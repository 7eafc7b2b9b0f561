import { type Logger, Mutex, type PolyproofError, sleep } from '@polyproof/base';
import type { Address, Hex, PrivateKeyAccount, TransactionReceipt } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { ChainError } from './errors.js';
import type { FeePolicy } from './transactions/fees.js';
import { type JournaledTransaction, MemoryJournal, type TransactionJournal } from './transactions/journal.js';
import { Outbox } from './transactions/outbox.js';
import { isUnreachable, type Reader, type RpcOptions, readClient } from './transactions/rpc.js';
import { printableUrl, refusalIn, translateError } from './translate-error.js';

export { baseChain, readClient } from './transactions/rpc.js';

export interface TransactionOptions extends RpcOptions {
  /** How long a sent transaction may take to get into a block. Default 120,000 ms. */
  receiptTimeoutMs?: number;
  /** Blocks on top of a transaction's before it counts as sent. Default 0. */
  confirmations?: number;
  /** What a transaction may pay, and when it is replaced by one that pays more. */
  fees?: FeePolicy;
  /** Blocks on top of a transaction's after which no reorganisation is expected. Default 32. */
  finalBlocks?: number;
}

export interface TransactionModules {
  logger: Logger;
  /** Default: one that ends with the process. */
  journal?: TransactionJournal;
}

export interface TransactionResult {
  transactionHash: Hex;
  gasUsed: bigint;
  blockNumber: bigint;
  /** gas used times its price */
  feeWei: bigint;
}

export interface TransactionCall {
  /** What is being done, for logs and errors: "committing a proof". */
  what: string;
  /** Left out to create a contract. */
  to?: Address;
  data: Hex;
  valueWei?: bigint;
  /** The sequence that it is for: its cost is booked there. */
  sequence?: bigint;
  /** What the call has to return when it is tried before it is sent again; anything else takes it back. */
  mustReturn?: Hex;
}

/** How long the RPCs may be gone while a transaction is waited for. */
const PATIENCE_MS = 15_000;

/**
 * Sends the transactions of one account: simulated first, so that what the contracts refuse costs nothing and
 * surfaces as their own error; written down, and sent in the order of the calls; resolved when they are in a block.
 *
 * A call that equals one which is still on its way, and whose sender never heard of it again, is that one: it is not
 * sent a second time.
 */
export class TransactionSender {
  readonly #options: TransactionOptions & { chainId: number };
  readonly #account: PrivateKeyAccount;
  readonly #reader: Reader;
  readonly #outbox: Outbox;
  readonly #order = new Mutex();
  /** Transactions that somebody waits for. */
  readonly #awaited = new Set<Hex>();
  /** Those whose sender never heard what became of them: it timed out, or was an earlier process. */
  readonly #unanswered = new Set<Hex>();
  #lastHead: Hex | undefined;

  /** @throws {ChainError} `BAD_KEY` */
  constructor(
    options: TransactionOptions & { chainId: number; privateKey: Hex },
    modules: TransactionModules,
  ) {
    this.#options = options;
    this.#account = accountOf(options.privateKey);
    this.#reader = readClient(options, options.chainId);
    const { logger, journal = new MemoryJournal() } = modules;
    this.#outbox = new Outbox(options, { account: this.#account, journal, logger });
  }

  get address(): Address {
    return this.#account.address;
  }

  /**
   * @throws {SettlementError} when the contracts refuse, before sending or in the block
   * @throws {ChainError} otherwise; with `RPC_FAILED` and `TRANSACTION_PENDING` the fate may be unknown
   */
  async send(call: TransactionCall): Promise<TransactionResult & { receipt: TransactionReceipt }> {
    let transaction: JournaledTransaction | undefined;
    try {
      transaction = await this.#order.run(() => this.#simulateAndSend(call));
      return await this.#result(call, await this.#follow(transaction, call));
    } catch (error) {
      if (transaction?.state === 'pending') this.#unanswered.add(transaction.id);
      throw translateError(error, call.what, this.#options.rpcUrl, 'TRANSACTION_REFUSED');
    } finally {
      if (transaction !== undefined) this.#awaited.delete(transaction.id);
    }
  }

  /**
   * Looks after transactions that nobody waits for: those of an earlier process, and those in blocks that may still
   * be reorganised away. To be called now and then.
   */
  async maintain(): Promise<void> {
    try {
      await this.#order.run(() => this.#maintain());
    } catch (error) {
      throw translateError(error, 'looking after transactions', this.#options.rpcUrl, 'RPC_FAILED');
    }
  }

  /** What is sent and not known to be in a block. */
  get pending(): number {
    return this.#outbox.unfinished.filter(({ state }) => state === 'pending').length;
  }

  async #simulateAndSend(call: TransactionCall): Promise<JournaledTransaction> {
    await this.#requireChain();
    await this.#maintain();
    const left = this.#outbox.unfinished.find((one) => this.#unanswered.has(one.id) && isSame(one, call));
    const transaction = left ?? (await this.#outbox.send(await this.#orderOf(call)));
    this.#unanswered.delete(transaction.id);
    this.#awaited.add(transaction.id);
    return transaction;
  }

  async #orderOf(call: TransactionCall) {
    // Against the pending block: the contracts' windows are rules about the block that the transaction gets into.
    const gas = await this.#simulate(call, { blockTag: 'pending' });
    const { what, data, valueWei = 0n } = call;
    const [to, sequence, mustReturn] = [call.to ?? null, call.sequence ?? null, call.mustReturn ?? null];
    // One fifth more, because other transactions may come first and change what storage costs.
    return { what, to, data, valueWei, sequence, mustReturn, gas: (gas * 6n) / 5n };
  }

  async #maintain(): Promise<void> {
    for (const { id, state } of await this.#outbox.load()) if (state === 'pending') this.#unanswered.add(id);
    const left = this.#outbox.unfinished.filter(({ id }) => !this.#awaited.has(id));
    if (left.length === 0) return;
    // Nothing happens to what is in a block before the chain has another head.
    const { hash } = await this.#reader.getBlock();
    for (const one of left)
      if (one.state === 'pending' || hash !== this.#lastHead) await this.#outbox.review(one);
    this.#lastHead = hash;
  }

  /** The gas it takes; throws what the contracts revert with. */
  #simulate(
    call: TransactionCall,
    block: { blockTag: 'pending' } | { blockNumber: bigint },
  ): Promise<bigint> {
    return this.#reader.estimateGas({ ...requestOf(call), ...block, account: this.address, prepare: false });
  }

  /** The node may have been replaced since the last transaction. */
  async #requireChain(): Promise<void> {
    const [actual, expected] = [await this.#reader.getChainId(), this.#options.chainId];
    if (actual !== expected)
      throw new ChainError(
        'WRONG_CHAIN',
        `the base chain at ${printableUrl(this.#options.rpcUrl)} has id ${actual}, the deployment is on ${expected}.`,
        { actual, expected },
      );
  }

  /** Resolves when the transaction is in a block, as deep as it has to be. */
  async #follow(transaction: JournaledTransaction, { what }: TransactionCall): Promise<JournaledTransaction> {
    const { receiptTimeoutMs = 120_000, pollingIntervalMs = 250, confirmations = 0 } = this.#options;
    const deadline = Date.now() + receiptTimeoutMs;
    let answeredAt = Date.now();
    for (;;) {
      try {
        await this.#outbox.review(transaction);
        const { state, inclusion, nonce, reason } = transaction;
        if (state === 'withdrawn' || state === 'superseded')
          throw new ChainError(
            state === 'withdrawn' ? 'TRANSACTION_WITHDRAWN' : 'TRANSACTION_SUPERSEDED',
            `${what}: the transaction did not get into a block (${reason}).`,
            { nonce, reason },
          );
        const isDeep = async (block: bigint) =>
          confirmations === 0 || (await this.#reader.getBlockNumber()) - block >= BigInt(confirmations);
        if (state !== 'pending' && inclusion !== null && (await isDeep(inclusion.blockNumber)))
          return transaction;
        answeredAt = Date.now();
      } catch (error) {
        const gone = isUnreachable(error) && Date.now() < Math.min(deadline, answeredAt + PATIENCE_MS);
        if (!gone) throw error;
      }
      if (Date.now() > deadline)
        throw new ChainError(
          'TRANSACTION_PENDING',
          `${what}: not in a block yet; it may still get into one.`,
          {
            nonce: transaction.nonce,
          },
        );
      await sleep(pollingIntervalMs);
    }
  }

  async #result(call: TransactionCall, { inclusion }: JournaledTransaction) {
    const { hash, gasUsed, blockNumber, feeWei, reverted } = inclusion!;
    const receipt = await this.#reader.getTransactionReceipt({ hash });
    if (reverted) throw await this.#reasonOf(call, receipt);
    return { transactionHash: hash, gasUsed, blockNumber, feeWei, receipt };
  }

  /** The reason of a failed transaction, by repeating it as a call in its own block. */
  async #reasonOf(call: TransactionCall, receipt: TransactionReceipt): Promise<PolyproofError> {
    const { transactionHash, blockNumber } = receipt;
    const refusal = await this.#simulate(call, { blockNumber }).then(() => undefined, refusalIn);
    return (
      refusal ??
      new ChainError(
        'TRANSACTION_REVERTED',
        `${call.what}: transaction ${transactionHash} failed in block ${blockNumber}, for a reason unknown now.`,
        { transactionHash, blockNumber },
      )
    );
  }
}

function isSame(one: JournaledTransaction, { to, data, valueWei = 0n }: TransactionCall): boolean {
  if (one.versions.some(({ empty }) => empty)) return false;
  return one.to === (to ?? null) && one.data === data && one.valueWei === valueWei;
}

function requestOf({ to, data, valueWei }: TransactionCall) {
  return {
    data,
    ...(to === undefined ? {} : { to }),
    ...(valueWei === undefined ? {} : { value: valueWei }),
  };
}

function accountOf(privateKey: Hex) {
  try {
    return privateKeyToAccount(privateKey);
  } catch {
    throw new ChainError('BAD_KEY', 'the private key is not one: give 0x and 64 hex digits.');
  }
}
