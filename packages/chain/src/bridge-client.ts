import { type Field, fieldFromHex, fieldToHex, fromHex, type Logger, toHex } from '@polyproof/base';
import { type Address, encodeFunctionData, getContract, type Hex } from 'viem';
import type { Deployment } from './deployment.js';
import { ChainError } from './errors.js';
import { bridgeAbi, settlementAbi } from './generated/contracts.js';
import {
  readClient,
  type TransactionOptions,
  type TransactionResult,
  TransactionSender,
} from './transaction-sender.js';
import { translateError } from './translate-error.js';

/** wei of a lamport */
export const WEI_PER_LAMPORT = 1_000_000_000n;

export interface BridgeClientOptions extends TransactionOptions {
  deployment: Deployment;
  /** Of whoever deposits or asks for a payment; without it the client only reads. */
  privateKey?: Hex;
}

/** A deposit that waits in the inbox. */
export interface InboxDeposit {
  /** from 0 */
  index: bigint;
  /** account of the rollup, 32 bytes */
  recipient: Uint8Array;
  lamports: bigint;
}

/** An exit of a sequence, and its place in the tree of them. */
export interface ExitClaim {
  sequence: bigint;
  /** account of the base chain, 20 bytes */
  recipient: Uint8Array;
  lamports: bigint;
  /** bit i: whether the path is on the right at level i, from the leaf upwards */
  bits: bigint;
  siblings: readonly Field[];
}

/** The ether of one rollup, for those who bring it, take it, or count it. Errors are those of a SettlementClient. */
export class BridgeClient {
  readonly #options: BridgeClientOptions;
  readonly #reader: ReturnType<typeof readClient>;
  readonly #sender: TransactionSender | undefined;

  constructor(options: BridgeClientOptions, modules: { logger: Logger }) {
    const { deployment, privateKey } = options;
    this.#options = options;
    this.#reader = readClient(options, deployment.chainId);
    if (privateKey !== undefined)
      this.#sender = new TransactionSender({ ...options, privateKey, chainId: deployment.chainId }, modules);
  }

  /** The account that sends. @throws {ChainError} `NO_KEY` */
  get address(): Address {
    return this.#requireSender().address;
  }

  /** Queues a deposit for an account of the rollup. */
  deposit(recipient: Uint8Array, lamports: bigint): Promise<TransactionResult> {
    return this.#send(
      'depositing',
      encodeFunctionData({ abi: bridgeAbi, functionName: 'deposit', args: [toHex(recipient)] }),
      lamports * WEI_PER_LAMPORT,
    );
  }

  /** Backs lamports that the rollup has from its genesis. */
  fund(amountWei: bigint): Promise<TransactionResult> {
    const data = encodeFunctionData({ abi: bridgeAbi, functionName: 'fund' });
    return this.#send('funding the bridge', data, amountWei);
  }

  /** Has an exit paid to its recipient. */
  claim({ sequence, recipient, lamports, bits, siblings }: ExitClaim): Promise<TransactionResult> {
    const args = [sequence, toHex(recipient), lamports, bits, siblings.map(fieldToHex)] as const;
    return this.#send(
      `claiming an exit of sequence ${sequence}`,
      encodeFunctionData({ abi: bridgeAbi, functionName: 'claim', args }),
    );
  }

  /** Whether an exit is paid. */
  isClaimed({
    sequence,
    bits,
    siblings,
  }: Pick<ExitClaim, 'sequence' | 'bits' | 'siblings'>): Promise<boolean> {
    const position = (1n << BigInt(siblings.length)) | bits;
    return this.#read('reading a claim', (bridge) => bridge.read.isClaimed([sequence, position]));
  }

  /** Root of the exits of a verified sequence; 0 without any, and before it is verified. */
  async getExitRoot(sequence: bigint): Promise<Field> {
    const { settlement: address } = this.#options.deployment;
    const root = await this.#read(`reading the exits of sequence ${sequence}`, () =>
      getContract({ address, abi: settlementAbi, client: this.#reader }).read.exitRootOf([sequence]),
    );
    return fieldFromHex(root);
  }

  /** What exits can be paid with. */
  availableWei(): Promise<bigint> {
    return this.#read('reading the bridge', (bridge) => bridge.read.available());
  }

  /**
   * Deposits from an index on that were not sent back, as the chain was so many blocks ago.
   * @param options - `limit`: of indexes that are looked at
   */
  async getDeposits(
    from: bigint,
    options: { limit: number; confirmations: number },
  ): Promise<InboxDeposit[]> {
    return this.#read('reading the inbox', async (bridge) => {
      const blockNumber = (await this.#reader.getBlockNumber()) - BigInt(options.confirmations);
      if (blockNumber < BigInt(this.#options.deployment.bridgeBlock)) return [];
      const count = await bridge.read.depositCount({ blockNumber });
      const end = from + BigInt(options.limit) < count ? from + BigInt(options.limit) : count;
      const indexes: bigint[] = [];
      for (let index = from; index < end; index++) indexes.push(index);
      const found = await Promise.all(
        indexes.map(async (index) => {
          const [{ recipient, lamports }, isReturned] = await Promise.all([
            bridge.read.depositOf([index]),
            bridge.read.isReturned([index]),
          ]);
          return { index, recipient: fromHex(recipient), lamports, isReturned };
        }),
      );
      return found.filter(({ isReturned }) => !isReturned).map(({ isReturned: _, ...deposit }) => deposit);
    });
  }

  async #send(what: string, data: Hex, valueWei = 0n): Promise<TransactionResult> {
    const to = this.#options.deployment.bridge;
    const { receipt: _, ...result } = await this.#requireSender().send({
      what,
      to,
      data,
      valueWei,
    });
    return result;
  }

  async #read<T>(what: string, read: (bridge: BridgeContract) => Promise<T>): Promise<T> {
    const { deployment, rpcUrl } = this.#options;
    try {
      return await read(contractOf(this.#reader, deployment.bridge));
    } catch (error) {
      throw translateError(error, what, rpcUrl, 'RPC_FAILED');
    }
  }

  #requireSender(): TransactionSender {
    if (this.#sender === undefined)
      throw new ChainError('NO_KEY', 'this client has no private key, so it can only read: give it one.');
    return this.#sender;
  }
}

type BridgeContract = ReturnType<typeof contractOf>;

function contractOf(client: ReturnType<typeof readClient>, address: Address) {
  return getContract({ address, abi: bridgeAbi, client });
}
