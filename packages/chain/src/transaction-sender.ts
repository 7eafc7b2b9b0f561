import { type Logger, Mutex, type PolyproofError } from '@polyproof/base';
import {
  type Account,
  type Address,
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  type HttpTransport,
  http,
  type PublicClient,
  type TransactionReceipt,
  type WalletClient,
} from 'viem';
import { createNonceManager, privateKeyToAccount } from 'viem/accounts';
import { jsonRpc } from 'viem/nonce';
import { ChainError } from './errors.js';
import { printableUrl, refusalIn, translateError } from './translate-error.js';

export interface TransactionOptions {
  rpcUrl: string;
  /** How often the chain is asked for a receipt. Default 250 ms. */
  pollingIntervalMs?: number;
  /** How long a sent transaction may take to get into a block. Default 120,000 ms. */
  receiptTimeoutMs?: number;
}

export interface TransactionResult {
  transactionHash: Hex;
  gasUsed: bigint;
  blockNumber: bigint;
}

export interface TransactionCall {
  /** What is being done, for logs and errors: "committing a proof". */
  what: string;
  /** Left out to create a contract. */
  to?: Address;
  data: Hex;
  valueWei?: bigint;
}

/** The chain as viem wants it; only the id is known of an arbitrary base chain. */
export function baseChain(chainId: number, rpcUrl: string): Chain {
  return defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
}

export function readClient(options: TransactionOptions, chainId: number): PublicClient<HttpTransport, Chain> {
  const { rpcUrl, pollingIntervalMs = 250 } = options;
  return createPublicClient({
    chain: baseChain(chainId, rpcUrl),
    transport: http(rpcUrl),
    pollingInterval: pollingIntervalMs,
    cacheTime: 0,
  });
}

/**
 * Sends the transactions of one account: simulated first, so that what the contracts refuse costs nothing and
 * surfaces as their own error; in the order of the calls; resolved when they are in a block.
 */
export class TransactionSender {
  readonly #options: TransactionOptions;
  readonly #logger: Logger;
  readonly #account: Account;
  readonly #reader: PublicClient<HttpTransport, Chain>;
  readonly #wallet: WalletClient<HttpTransport, Chain, Account>;
  readonly #order = new Mutex();
  /** Transactions that are sent and not known to be in a block. */
  #waiting = 0;

  /** @throws {ChainError} `BAD_KEY` */
  constructor(
    options: TransactionOptions & { chainId: number; privateKey: Hex },
    modules: { logger: Logger },
  ) {
    this.#options = options;
    this.#logger = modules.logger;
    this.#account = accountOf(options.privateKey);
    this.#reader = readClient(options, options.chainId);
    this.#wallet = createWalletClient({
      account: this.#account,
      chain: baseChain(options.chainId, options.rpcUrl),
      // A repeated send could answer "nonce too low" for a transaction that was accepted.
      transport: http(options.rpcUrl, { retryCount: 0 }),
    });
  }

  get address(): Address {
    return this.#account.address;
  }

  /**
   * @throws {SettlementError} when the contracts refuse, before sending or in the block
   * @throws {ChainError} otherwise; with `RPC_FAILED` and `TRANSACTION_PENDING` the fate may be unknown
   */
  async send(call: TransactionCall): Promise<TransactionResult & { receipt: TransactionReceipt }> {
    try {
      const hash = await this.#order.run(() => this.#simulateAndSend(call));
      this.#logger.debug('transaction sent', { what: call.what, transactionHash: hash });
      const receipt = await this.#waitForReceipt(hash);
      if (receipt.status === 'reverted') throw await this.#reasonOf(call, receipt);
      const { transactionHash, gasUsed, blockNumber } = receipt;
      return { transactionHash, gasUsed, blockNumber, receipt };
    } catch (error) {
      throw translateError(error, call.what, this.#options.rpcUrl, 'TRANSACTION_REFUSED');
    }
  }

  async #simulateAndSend(call: TransactionCall): Promise<Hex> {
    await this.#requireChain();
    // Against the pending block: the contracts' windows are rules about the block that the transaction gets into.
    const gas = await this.#simulate(call, { blockTag: 'pending' });
    // One fifth more, because other transactions may come first and change what storage costs.
    const hash = await this.#wallet.sendTransaction({ ...requestOf(call), gas: (gas * 6n) / 5n });
    this.#waiting += 1;
    return hash;
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
    const [actual, expected] = [await this.#reader.getChainId(), this.#wallet.chain.id];
    if (actual !== expected)
      throw new ChainError(
        'WRONG_CHAIN',
        `the base chain at ${printableUrl(this.#options.rpcUrl)} has id ${actual}, the deployment is on ${expected}.`,
        { actual, expected },
      );
  }

  async #waitForReceipt(hash: Hex): Promise<TransactionReceipt> {
    const { receiptTimeoutMs = 120_000 } = this.#options;
    try {
      return await this.#reader.waitForTransactionReceipt({ hash, timeout: receiptTimeoutMs });
    } finally {
      this.#waiting -= 1;
      // The manager only counts up. With nothing on its way, the next nonce is the chain's word: it may have lost
      // transactions in a reorganisation or a restart, and a gap would hold up all that come after it.
      if (this.#waiting === 0)
        this.#account.nonceManager?.reset({ address: this.address, chainId: this.#wallet.chain.id });
    }
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

function requestOf({ to, data, valueWei }: TransactionCall) {
  return {
    data,
    ...(to === undefined ? {} : { to }),
    ...(valueWei === undefined ? {} : { value: valueWei }),
  };
}

function accountOf(privateKey: Hex) {
  try {
    // A manager of its own: viem's default one is shared by all clients of the process, and remembers the nonces
    // of a chain that was since started anew under the same id.
    return privateKeyToAccount(privateKey, { nonceManager: createNonceManager({ source: jsonRpc() }) });
  } catch {
    throw new ChainError('BAD_KEY', 'the private key is not one: give 0x and 64 hex digits.');
  }
}
