import { type Field, fromHex, type Logger, toHex } from '@polyproof/base';
import { type Address, encodeFunctionData, getContract, type Hex } from 'viem';
import type { Deployment } from './deployment.js';
import { ChainError } from './errors.js';
import { forcedInboxAbi } from './generated/contracts.js';
import {
  readClient,
  type TransactionOptions,
  type TransactionResult,
  TransactionSender,
} from './transaction-sender.js';
import { translateError } from './translate-error.js';

export interface ForcedInboxClientOptions extends TransactionOptions {
  deployment: Deployment;
  /** Of whoever brings a withdrawal or voids one; without it the client only reads. */
  privateKey?: Hex;
}

/** A withdrawal in the queue of the base chain, as its payer signed it. */
export interface ForcedEntry {
  /** from 0 */
  index: bigint;
  /** account of the rollup, 32 bytes */
  payer: Uint8Array;
  /** account of the base chain, 20 bytes */
  recipient: Uint8Array;
  lamports: bigint;
  /** what stands in its message for a blockhash, 32 bytes */
  blockhash: Uint8Array;
  /** 64 bytes */
  signature: Uint8Array;
  /** last block in which other batches may be sequenced without it */
  dueBlock: bigint;
}

/** An account as the state tree commits to it, and where its path ends. */
export interface AccountEvidence {
  /** all 0 where the account does not exist */
  meta: Field;
  owner: Field;
  dataHash: Field;
  /** key and value of the leaf at the end of the path; 0 where there is none */
  key: Field;
  value: Field;
  /** of each level from the root down, without the child that the path takes */
  siblings: readonly (readonly [Field, Field, Field])[];
}

/** Withdrawals that are forced through the base chain. Errors are those of a SettlementClient. */
export class ForcedInboxClient {
  readonly #options: ForcedInboxClientOptions;
  readonly #reader: ReturnType<typeof readClient>;
  readonly #sender: TransactionSender | undefined;

  constructor(options: ForcedInboxClientOptions, modules: { logger: Logger }) {
    const { deployment, privateKey } = options;
    this.#options = options;
    this.#reader = readClient(options, deployment.chainId);
    if (privateKey !== undefined)
      this.#sender = new TransactionSender({ ...options, privateKey, chainId: deployment.chainId }, modules);
  }

  /** What stands for a blockhash in the next message that this account of the rollup signs. */
  async nextBlockhash(payer: Uint8Array): Promise<Uint8Array> {
    const account = toHex(payer);
    const hash = await this.#read('reading the forced inbox', async ({ read }) =>
      read.blockhashOf([account, await read.nonceOf([account])]),
    );
    return fromHex(hash);
  }

  /** Queues a signed withdrawal, and pays what an entry costs. */
  async force(
    entry: Pick<ForcedEntry, 'payer' | 'recipient' | 'lamports' | 'signature'>,
  ): Promise<TransactionResult> {
    const { payer, recipient, lamports, signature } = entry;
    const feeWei = await this.#read('reading the forced inbox', ({ read }) => read.feeWei());
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map(toHex) as [Hex, Hex];
    return this.#send(
      'forcing a withdrawal',
      encodeFunctionData({
        abi: forcedInboxAbi,
        functionName: 'force',
        args: [toHex(payer), toHex(recipient), lamports, r, s],
      }),
      feeWei,
    );
  }

  /** Voids the oldest entry by its payer's account under the verified state root. */
  voidNext({ meta, owner, dataHash, key, value, siblings }: AccountEvidence): Promise<TransactionResult> {
    return this.#send(
      'voiding a forced withdrawal',
      encodeFunctionData({
        abi: forcedInboxAbi,
        functionName: 'voidNext',
        args: [
          { meta, owner, dataHash },
          { siblings, key, value },
        ],
      }),
    );
  }

  /**
   * The entries that are next, in order: neither included nor voided as far as the chain is, and made so many blocks ago.
   * @param options - `limit`: of entries
   */
  async getForced(options: { limit: number; confirmations: number }): Promise<ForcedEntry[]> {
    return this.#read('reading the forced inbox', async (inbox) => {
      const blockNumber = (await this.#reader.getBlockNumber()) - BigInt(options.confirmations);
      if (blockNumber < BigInt(this.#options.deployment.bridgeBlock)) return [];
      // The newest: what is included must not be seen again.
      const first = await inbox.read.nextEntry();
      const count = await inbox.read.entryCount({ blockNumber });
      const entries: ForcedEntry[] = [];
      for (let index = first; index < count && entries.length < options.limit; index++)
        entries.push(await this.#entryOf(inbox, index));
      return entries;
    });
  }

  /** The signature is in the event alone. */
  async #entryOf(inbox: InboxContract, index: bigint): Promise<ForcedEntry> {
    const { blockNumber } = await inbox.read.entryOf([index]);
    const [event] = await this.#reader.getContractEvents({
      address: inbox.address,
      abi: forcedInboxAbi,
      eventName: 'WithdrawalForced',
      args: { index },
      fromBlock: blockNumber,
      toBlock: blockNumber,
      strict: true,
    });
    if (event === undefined)
      throw new ChainError(
        'BATCH_DATA_MISSING',
        `the RPC has no event of the forced withdrawal ${index} in block ${blockNumber}: it may have pruned its history.`,
        { index, blockNumber },
      );
    const { payer, recipient, lamports, nonce, dueBlock, signatureR, signatureS } = event.args;
    return {
      index,
      payer: fromHex(payer),
      recipient: fromHex(recipient),
      lamports,
      blockhash: fromHex(await inbox.read.blockhashOf([payer, nonce])),
      signature: Uint8Array.from([...fromHex(signatureR), ...fromHex(signatureS)]),
      dueBlock,
    };
  }

  async #send(what: string, data: Hex, valueWei = 0n): Promise<TransactionResult> {
    if (this.#sender === undefined)
      throw new ChainError('NO_KEY', 'this client has no private key, so it can only read: give it one.');
    const to = this.#options.deployment.forcedInbox;
    const { receipt: _, ...result } = await this.#sender.send({ what, to, data, valueWei });
    return result;
  }

  async #read<T>(what: string, read: (inbox: InboxContract) => Promise<T>): Promise<T> {
    const { deployment, rpcUrl } = this.#options;
    try {
      return await read(contractOf(this.#reader, deployment.forcedInbox));
    } catch (error) {
      throw translateError(error, what, rpcUrl, 'RPC_FAILED');
    }
  }
}

type InboxContract = ReturnType<typeof contractOf>;

function contractOf(client: ReturnType<typeof readClient>, address: Address) {
  return getContract({ address, abi: forcedInboxAbi, client });
}
