import { errorMessage, type Logger, Mutex } from '@polyproof/base';
import {
  type Hex,
  keccak256,
  type PrivateKeyAccount,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem';
import { refusalIn } from '../translate-error.js';
import { broadcast } from './broadcast.js';
import { bumpedFees, cappedFees, type FeePolicy, type Fees } from './fees.js';
import { isUnfinished, type JournaledTransaction, type TransactionJournal } from './journal.js';
import { agree, clientsOf, quorumOf, type Reader, type RpcOptions, readClient } from './rpc.js';

export interface OutboxOptions extends RpcOptions {
  chainId: number;
  fees?: FeePolicy;
  /** Blocks on top of a transaction after which it is not looked at any more. Default 32. */
  finalBlocks?: number;
}

/** What a transaction is to do. */
export type Order = Pick<
  JournaledTransaction,
  'what' | 'sequence' | 'to' | 'data' | 'valueWei' | 'gas' | 'mustReturn'
>;

/** Looks that have to find a nonce taken by another transaction, as an RPC may know of receipts late. */
const LOOKS_BEFORE_SUPERSEDED = 3;
const GAS_OF_EMPTY = 21_000n;

/**
 * The transactions of one account that are on their way, by nonce. Each is written down before it is sent, sent to all
 * RPCs, sent again when they have lost it, replaced when it waits too long, taken back when it would fail by now, and
 * watched until no reorganisation is to be expected any more.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #account: PrivateKeyAccount;
  readonly #journal: TransactionJournal;
  readonly #logger: Logger;
  readonly #reader: Reader;
  readonly #clients: Reader[];
  readonly #transactions = new Map<Hex, JournaledTransaction>();
  /** when the newest version was sent first */
  readonly #sentAt = new Map<Hex, number>();
  readonly #looks = new Map<Hex, number>();
  /** Whatever signs or picks a nonce. */
  readonly #signing = new Mutex();

  constructor(
    options: OutboxOptions,
    modules: { account: PrivateKeyAccount; journal: TransactionJournal; logger: Logger },
  ) {
    this.#options = options;
    this.#account = modules.account;
    this.#journal = modules.journal;
    this.#logger = modules.logger;
    this.#reader = readClient(options, options.chainId);
    this.#clients = clientsOf(options, options.chainId);
  }

  get unfinished(): JournaledTransaction[] {
    return [...this.#transactions.values()].sort((a, b) => a.nonce - b.nonce);
  }

  /** Takes up what the journal has of another process, one that ended. */
  async load(): Promise<JournaledTransaction[]> {
    const { chainId } = this.#options;
    const found = await this.#journal.unfinished(this.#account.address, chainId);
    const others = found.filter(({ id }) => !this.#transactions.has(id));
    for (const one of others) this.#transactions.set(one.id, one);
    return others;
  }

  /** Signs, writes down, sends. @throws what the RPCs say when none takes it: then it never gets into a block */
  send(order: Order): Promise<JournaledTransaction> {
    return this.#signing.run(async () => {
      const fees = cappedFees(await this.#askedFees(), this.#options.fees ?? {});
      const transaction = await this.#sign(order, await this.#nextNonce(), fees);
      const refusal = await this.#broadcast(transaction);
      if (refusal === undefined) return transaction;
      await this.#end(transaction, 'refused', errorMessage(refusal).split('\n', 1)[0]!);
      throw refusal;
    });
  }

  /** Looks where a transaction is now, and does what is due for it. */
  async review(transaction: JournaledTransaction): Promise<void> {
    if (!isUnfinished(transaction)) return;
    const taken = (await this.#nonce()) > transaction.nonce;
    const receipt = await this.#receiptOf(transaction);
    if (receipt !== undefined) return this.#included(transaction, receipt);
    if (transaction.state === 'included') {
      this.#logger.warn('a transaction was reorganised out of its block', describe(transaction));
      transaction.state = 'pending';
      transaction.inclusion = null;
      await this.#journal.save(transaction);
      this.#sentAt.delete(transaction.id);
    }
    if (!taken) {
      this.#looks.delete(transaction.id);
      return this.#signing.run(() => this.#push(transaction));
    }
    const looks = (this.#looks.get(transaction.id) ?? 0) + 1;
    this.#looks.set(transaction.id, looks);
    if (looks >= LOOKS_BEFORE_SUPERSEDED)
      await this.#end(transaction, 'superseded', `another transaction has nonce ${transaction.nonce}`);
  }

  /** Its receipt, if enough RPCs have the same. */
  async #receiptOf({ versions, what }: JournaledTransaction): Promise<TransactionReceipt | undefined> {
    for (const { hash } of versions.toReversed()) {
      const receipt = await agree(this.#clients, quorumOf(this.#options), {
        what,
        ask: (client) => client.getTransactionReceipt({ hash }).catch(noReceipt),
        key: (found) => found?.blockHash ?? 'none',
      });
      if (receipt !== undefined) return receipt;
    }
    return undefined;
  }

  async #included(transaction: JournaledTransaction, receipt: TransactionReceipt): Promise<void> {
    const { transactionHash: hash, blockNumber, blockHash, gasUsed, effectiveGasPrice, status } = receipt;
    const isNew = transaction.inclusion?.blockHash !== blockHash;
    if (isNew) {
      const reverted = status === 'reverted';
      const feeWei = gasUsed * effectiveGasPrice;
      transaction.inclusion = { hash, blockNumber, blockHash, gasUsed, feeWei, reverted };
      transaction.state = 'included';
    }
    const depth = (await this.#reader.getBlockNumber()) - blockNumber;
    if (transaction.versions.some((version) => version.hash === hash && version.empty))
      return this.#end(transaction, 'withdrawn', transaction.reason ?? 'not wanted any more');
    if (depth >= BigInt(this.#options.finalBlocks ?? 32)) return this.#end(transaction, 'final', null);
    if (isNew) await this.#journal.save(transaction);
  }

  /** Gets a transaction that waits for a block on its way again: the same, a better paying one, or an empty one. */
  async #push(transaction: JournaledTransaction): Promise<void> {
    const { bumpAfterMs = 30_000 } = this.#options.fees ?? {};
    const sentAt = this.#sentAt.get(transaction.id);
    // Not sent by this process: of an earlier one, or reorganised out.
    const lost = sentAt === undefined;
    if (!lost && Date.now() - sentAt < bumpAfterMs) return;
    const nonce = await this.#nonce();
    await this.#fillGap(nonce, transaction.nonce);
    const isNext = nonce === transaction.nonce;
    // What may cost stake is sent only when the chain before it is known.
    if (!isNext && transaction.mustReturn !== null) return;
    const newest = transaction.versions.at(-1)!;
    const refusal = isNext && !newest.empty ? await this.#refusal(transaction) : undefined;
    if (refusal !== undefined) {
      transaction.reason = refusal;
      this.#logger.warn('a transaction is taken back', { ...describe(transaction), reason: refusal });
    }
    if (!lost || refusal !== undefined) {
      const fees = bumpedFees(newest, await this.#askedFees(), this.#options.fees ?? {});
      if (fees === undefined)
        this.#logger.warn('a transaction waits, its fees are at the cap', describe(transaction));
      else {
        const empty = newest.empty || refusal !== undefined;
        transaction.versions.push(await this.#version(transaction, fees, empty));
        await this.#journal.save(transaction);
        this.#logger.info('a transaction is replaced', { ...describe(transaction), ...fees, empty });
      }
    }
    await this.#broadcast(transaction);
  }

  /** Nonces below ours that nobody uses, as of another process's lost transactions, hold ours up. */
  async #fillGap(from: number, to: number): Promise<void> {
    const used = new Set(this.unfinished.map(({ nonce }) => nonce));
    for (let nonce = from; nonce < to; nonce++) {
      if (used.has(nonce)) continue;
      const order = { what: 'filling a gap of nonces', sequence: null, to: this.#account.address };
      const rest = { data: '0x', valueWei: 0n, gas: GAS_OF_EMPTY, mustReturn: null } as const;
      const fees = cappedFees(await this.#askedFees(), this.#options.fees ?? {});
      await this.#broadcast(await this.#sign({ ...order, ...rest }, nonce, fees));
    }
  }

  /** Why the transaction would fail in the next block. */
  async #refusal({
    to,
    data,
    valueWei,
    mustReturn,
    what,
  }: JournaledTransaction): Promise<string | undefined> {
    if (to === null) return undefined;
    const number = (await this.#reader.getBlockNumber()) + 1n;
    try {
      const answer = await agree(this.#clients, quorumOf(this.#options), {
        what,
        ask: (client) =>
          client
            .call({ account: this.#account.address, to, data, value: valueWei, blockOverrides: { number } })
            .then(({ data: returned = '0x' }) => ({ returned, refusal: undefined }))
            .catch((error: unknown) => {
              const refusal = refusalIn(error);
              if (refusal === undefined) throw error;
              return { returned: undefined, refusal: refusal.message };
            }),
        key: ({ returned, refusal }) => refusal ?? returned,
      });
      if (answer.refusal !== undefined) return answer.refusal;
      return mustReturn === null || answer.returned === mustReturn
        ? undefined
        : `the contract would answer ${answer.returned}`;
    } catch (error) {
      this.#logger.debug('a transaction could not be tried', { what }, error);
      return undefined;
    }
  }

  async #nextNonce(): Promise<number> {
    const { address } = this.#account;
    const theirs = await this.#reader.getTransactionCount({ address, blockTag: 'pending' });
    const ours = this.unfinished.filter(({ state }) => state === 'pending').map(({ nonce }) => nonce + 1);
    return Math.max(theirs, ...ours);
  }

  /** That of the next transaction in a block. */
  #nonce(): Promise<number> {
    return this.#reader.getTransactionCount({ address: this.#account.address, blockTag: 'latest' });
  }

  #askedFees(): Promise<Fees> {
    return this.#reader.estimateFeesPerGas();
  }

  async #sign(order: Order, nonce: number, fees: Fees): Promise<JournaledTransaction> {
    const { chainId } = this.#options;
    const empty = order.data === '0x' && order.to === this.#account.address;
    const version = await this.#version({ ...order, nonce }, fees, empty);
    const transaction: JournaledTransaction = {
      ...order,
      id: version.hash,
      chainId,
      account: this.#account.address,
      nonce,
      versions: [version],
      state: 'pending',
      reason: null,
      inclusion: null,
    };
    await this.#journal.save(transaction);
    this.#transactions.set(transaction.id, transaction);
    return transaction;
  }

  async #version(order: Order & { nonce: number }, fees: Fees, empty: boolean) {
    const { chainId } = this.#options;
    const { to, data, valueWei: value, gas } = order;
    const content = empty
      ? { to: this.#account.address, gas: GAS_OF_EMPTY }
      : { data, value, gas, ...(to === null ? {} : { to }) };
    const request = { type: 'eip1559', chainId, nonce: order.nonce, ...fees, ...content } as const;
    const raw = await this.#account.signTransaction(request);
    return { ...fees, raw, hash: keccak256(raw), empty };
  }

  /** @returns why no RPC takes it */
  #broadcast(transaction: JournaledTransaction): Promise<unknown> {
    this.#sentAt.set(transaction.id, Date.now());
    const { raw, hash } = transaction.versions.at(-1)!;
    this.#logger.debug('transaction sent', { ...describe(transaction), transactionHash: hash });
    return broadcast(this.#clients, { raw, hash });
  }

  async #end(
    transaction: JournaledTransaction,
    state: 'final' | 'superseded' | 'withdrawn' | 'refused',
    reason: string | null,
  ): Promise<void> {
    transaction.state = state;
    transaction.reason = reason;
    await this.#journal.save(transaction);
    for (const map of [this.#transactions, this.#sentAt, this.#looks]) map.delete(transaction.id);
  }
}

function describe({ what, nonce, sequence }: JournaledTransaction) {
  return { what, nonce, ...(sequence === null ? {} : { sequence }) };
}

function noReceipt(error: unknown): undefined {
  if (!(error instanceof TransactionReceiptNotFoundError)) throw error;
}
