import { type Field, fieldFromHex, fieldToHex, type Logger, toHex } from '@polyproof/base';
import {
  type Address,
  type Chain,
  encodeFunctionData,
  getContract,
  type Hex,
  type HttpTransport,
  type PublicClient,
} from 'viem';
import { batchesFromCalldata } from './batch-data.js';
import type { Deployment } from './deployment.js';
import { ChainError } from './errors.js';
import { parseEvents, type SequenceSubmittedEvent, type SettlementEvent } from './events.js';
import { operatorRegistryAbi, settlementAbi } from './generated/contracts.js';
import type {
  SequenceRecord,
  SequenceTransactions,
  SettlementConfig,
  SettlementState,
} from './settlement-types.js';
import {
  readClient,
  type TransactionOptions,
  type TransactionResult,
  TransactionSender,
} from './transaction-sender.js';
import { translateError } from './translate-error.js';
import type { Windows } from './windows.js';

export interface SettlementClientOptions extends TransactionOptions {
  deployment: Deployment;
  /** Of the sequencer or the operator; without it the client only reads. */
  privateKey?: Hex;
  /** Most blocks that the RPC is asked for events at once. Default 5,000. */
  eventBlocks?: bigint;
}

/**
 * The settlement of one rollup, for sequencers, operators and readers.
 *
 * Every method throws a SettlementError when the contracts refuse and a ChainError when the base chain does not
 * answer as it should. Writes resolve when the transaction is in a block.
 */
export class SettlementClient {
  readonly #options: SettlementClientOptions;
  readonly #reader: PublicClient<HttpTransport, Chain>;
  readonly #sender: TransactionSender | undefined;

  constructor(options: SettlementClientOptions, modules: { logger: Logger }) {
    const { deployment, privateKey } = options;
    this.#options = options;
    this.#reader = readClient(options, deployment.chainId);
    if (privateKey !== undefined)
      this.#sender = new TransactionSender({ ...options, privateKey, chainId: deployment.chainId }, modules);
  }

  /**
   * The account that sends.
   * @throws {ChainError} `NO_KEY`
   */
  get address(): Address {
    return this.#requireSender().address;
  }

  /** Makes the account an operator with this stake. */
  registerOperator(stakeWei: bigint): Promise<TransactionResult> {
    const data = encodeFunctionData({ abi: operatorRegistryAbi, functionName: 'register' });
    return this.#send('registering an operator', data, {
      to: this.#options.deployment.operators,
      valueWei: stakeWei,
    });
  }

  /**
   * Submits batches that follow the last ones, with the state root after them; resolves with their sequence.
   * @param firstBatch - number of the first of them, so that the same submission twice is taken once
   * @throws {SettlementError} `UnexpectedBatch` when it is not the next one: look at the chain again
   */
  async sequence(
    firstBatch: bigint,
    batches: readonly Uint8Array[],
    claimedRoot: Field,
  ): Promise<TransactionResult & { sequence: bigint }> {
    const { events, ...result } = await this.#sendForEvents(
      'submitting a sequence',
      encodeFunctionData({
        abi: settlementAbi,
        functionName: 'sequence',
        args: [firstBatch, batches.map(toHex), fieldToHex(claimedRoot)],
      }),
    );
    const submitted = events.find((event) => event.name === 'SequenceSubmitted');
    if (submitted === undefined)
      throw new ChainError('NO_CONTRACT', `transaction ${result.transactionHash} submitted no sequence.`);
    return { ...result, sequence: submitted.sequence };
  }

  /** First step: commits to a proof; see `proofHash`. */
  commit(sequence: bigint, proofHash: Hex): Promise<TransactionResult> {
    return this.#send(
      `committing a proof of sequence ${sequence}`,
      encodeFunctionData({ abi: settlementAbi, functionName: 'commitProof', args: [sequence, proofHash] }),
    );
  }

  /** Second step: shows the proof. */
  reveal(
    sequence: bigint,
    proof: Uint8Array,
    newStateRoot: Field,
    exitRoot: Field,
  ): Promise<TransactionResult> {
    return this.#send(
      `revealing the proof of sequence ${sequence}`,
      encodeFunctionData({
        abi: settlementAbi,
        functionName: 'revealProof',
        args: [sequence, toHex(proof), fieldToHex(newStateRoot), fieldToHex(exitRoot)],
      }),
    );
  }

  /** Adds to what rewards are paid from. */
  fundRewards(amountWei: bigint): Promise<TransactionResult> {
    const data = encodeFunctionData({ abi: settlementAbi, functionName: 'fundRewards' });
    return this.#send('funding rewards', data, { valueWei: amountWei });
  }

  /** Pays the account all rewards that it has not taken. */
  claimRewards(): Promise<TransactionResult> {
    return this.#send(
      'claiming rewards',
      encodeFunctionData({ abi: settlementAbi, functionName: 'claimRewards' }),
    );
  }

  async getState(): Promise<SettlementState> {
    const state = await this.#read('reading the state', (contracts) => contracts.settlement.read.state());
    return {
      ...state,
      verifiedStateRoot: fieldFromHex(state.verifiedStateRoot),
      lastDataHash: fieldFromHex(state.lastDataHash),
    };
  }

  async getConfig(): Promise<SettlementConfig> {
    return this.#read('reading the configuration', async ({ settlement: { read }, operators }) => {
      const [rollupId, configHash, keySetRoot, verifier, sequencer] = await Promise.all([
        read.rollupId(),
        read.configHash(),
        read.keySetRoot(),
        read.verifier(),
        read.sequencer(),
      ]);
      const [registry, commitWindow, revealWindow, rewardWei, minimumStakeWei] = await Promise.all([
        read.operators(),
        read.commitWindow(),
        read.revealWindow(),
        read.rewardWei(),
        operators.read.minimumStake(),
      ]);
      return {
        rollupId,
        configHash: fieldFromHex(configHash),
        keySetRoot: fieldFromHex(keySetRoot),
        verifier,
        sequencer,
        operators: registry,
        commitWindow,
        revealWindow,
        rewardWei,
        minimumStakeWei,
      };
    });
  }

  /** @throws {SettlementError} `UnknownSequence` */
  async getSequence(sequence: bigint): Promise<SequenceRecord> {
    const record = await this.#read(`reading sequence ${sequence}`, (contracts) =>
      contracts.settlement.read.sequenceOf([sequence]),
    );
    return {
      ...record,
      prevDataHash: fieldFromHex(record.prevDataHash),
      newDataHash: fieldFromHex(record.newDataHash),
      claimedStateRoot: fieldFromHex(record.claimedStateRoot),
    };
  }

  /** What an operator committed in the newest round of a sequence; `undefined` for nothing. */
  async getCommitment(
    sequence: bigint,
    operator: Address,
  ): Promise<{ round: bigint; proofHash: Hex } | undefined> {
    const commitment = await this.#read(`reading a commitment for sequence ${sequence}`, (contracts) =>
      contracts.settlement.read.commitmentOf([sequence, operator]),
    );
    return BigInt(commitment.proofHash) === 0n ? undefined : commitment;
  }

  /**
   * The newest round of a sequence, passed or not; `undefined` when there was none.
   * @throws {SettlementError} `UnknownSequence`
   */
  async windows(sequence: bigint): Promise<Windows | undefined> {
    const windows = await this.#read(`reading the windows of sequence ${sequence}`, (contracts) =>
      contracts.settlement.read.windowsOf([sequence]),
    );
    return windows.round === 0n ? undefined : windows;
  }

  /**
   * The public inputs that the contract verifies a proof of this sequence with.
   * @throws {SettlementError} `UnknownSequence`
   */
  async getPublicInputs(sequence: bigint, exitRoot: Field): Promise<readonly Hex[]> {
    return this.#read(`reading the statement of sequence ${sequence}`, (contracts) =>
      contracts.settlement.read.publicInputsOf([sequence, fieldToHex(exitRoot)]),
    );
  }

  async getOperator(operator: Address): Promise<{ registered: boolean; stakeWei: bigint }> {
    return this.#read('reading an operator', async ({ operators: { read } }) => {
      const [registered, stakeWei] = await Promise.all([
        read.isOperator([operator]),
        read.stakeOf([operator]),
      ]);
      return { registered, stakeWei };
    });
  }

  async getRewards(operator: Address): Promise<{ earnedWei: bigint; claimedWei: bigint }> {
    return this.#read('reading rewards', async ({ settlement: { read } }) => {
      const [earnedWei, claimedWei] = await Promise.all([
        read.rewardsOf([operator]),
        read.claimedOf([operator]),
      ]);
      return { earnedWei, claimedWei };
    });
  }

  blockNumber(): Promise<bigint> {
    return this.#read('reading the block number', () => this.#reader.getBlockNumber());
  }

  /** The events of both contracts in these blocks (inclusive), in the order of the chain. */
  async getEvents(fromBlock: bigint, toBlock: bigint): Promise<SettlementEvent[]> {
    const { deployment, eventBlocks = 5_000n } = this.#options;
    const events: SettlementEvent[] = [];
    for (let from = fromBlock; from <= toBlock; from += eventBlocks) {
      const to = from + eventBlocks - 1n;
      const logs = await this.#read('reading events', () =>
        this.#reader.getLogs({
          address: [deployment.settlement, deployment.operators],
          fromBlock: from,
          toBlock: to < toBlock ? to : toBlock,
        }),
      );
      events.push(...parseEvents(logs));
    }
    return events;
  }

  /**
   * The batches of a sequence, from the calldata of its transaction, checked against the contract's data hash.
   * @throws {SettlementError} `UnknownSequence`; {ChainError} `BATCH_DATA_MISSING` or `BATCH_DATA_WRONG`
   */
  async getBatches(sequence: bigint | SequenceSubmittedEvent): Promise<Uint8Array[]> {
    const event = typeof sequence === 'bigint' ? await this.#submissionOf(sequence) : sequence;
    const transaction = await this.#read(`reading the batches of sequence ${event.sequence}`, () =>
      this.#reader.getTransaction({ hash: event.transactionHash }),
    );
    return batchesFromCalldata(transaction.input, event);
  }

  /**
   * The transactions that brought a sequence to the base chain, committed to its proofs, and verified it.
   * @throws {SettlementError} `UnknownSequence`
   */
  async getSequenceTransactions(sequence: bigint): Promise<SequenceTransactions> {
    const { blockNumber: fromBlock } = await this.getSequence(sequence);
    const [submitted, committed, verified] = await this.#read(
      `reading the transactions of sequence ${sequence}`,
      ({ settlement: { getEvents } }) =>
        Promise.all([
          getEvents.SequenceSubmitted({ sequence }, { fromBlock, toBlock: fromBlock }),
          getEvents.ProofCommitted({ sequence }, { fromBlock }),
          getEvents.SequenceVerified({ sequence }, { fromBlock }),
        ]),
    );
    return {
      submitted: submitted[0]?.transactionHash,
      committed: committed.map(({ transactionHash }) => transactionHash),
      verified: verified[0]?.transactionHash,
    };
  }

  async #submissionOf(sequence: bigint): Promise<SequenceSubmittedEvent> {
    const { blockNumber } = await this.getSequence(sequence);
    const events = await this.getEvents(blockNumber, blockNumber);
    const event = events.find((e) => e.name === 'SequenceSubmitted' && e.sequence === sequence);
    if (event?.name !== 'SequenceSubmitted')
      throw new ChainError(
        'BATCH_DATA_MISSING',
        `the RPC has no event of sequence ${sequence} in block ${blockNumber}: it may have pruned its history.`,
        { sequence, blockNumber },
      );
    return event;
  }

  async #read<T>(what: string, read: (contracts: Contracts) => Promise<T>): Promise<T> {
    try {
      return await read(contractsOf(this.#reader, this.#options.deployment));
    } catch (error) {
      throw translateError(error, what, this.#options.rpcUrl, 'RPC_FAILED');
    }
  }

  async #send(
    what: string,
    data: Hex,
    overrides: { to?: Address; valueWei?: bigint } = {},
  ): Promise<TransactionResult> {
    const { transactionHash, gasUsed, blockNumber } = await this.#sendForEvents(what, data, overrides);
    return { transactionHash, gasUsed, blockNumber };
  }

  async #sendForEvents(what: string, data: Hex, overrides: { to?: Address; valueWei?: bigint } = {}) {
    const to = this.#options.deployment.settlement;
    const { receipt, ...result } = await this.#requireSender().send({ what, to, data, ...overrides });
    return { ...result, events: parseEvents(receipt.logs) };
  }

  #requireSender(): TransactionSender {
    if (this.#sender === undefined)
      throw new ChainError('NO_KEY', 'this client has no private key, so it can only read: give it one.');
    return this.#sender;
  }
}

type Contracts = ReturnType<typeof contractsOf>;

function contractsOf(client: PublicClient<HttpTransport, Chain>, deployment: Deployment) {
  return {
    settlement: getContract({ address: deployment.settlement, abi: settlementAbi, client }),
    operators: getContract({ address: deployment.operators, abi: operatorRegistryAbi, client }),
  };
}
