import { type Field, fieldFromHex, fieldToHex } from '@polyproof/base';
import {
  type Address,
  BlockNotFoundError,
  decodeFunctionResult,
  getContract,
  type Hex,
  zeroAddress,
} from 'viem';
import { batchesFromCalldata } from './batch-data.js';
import type { Deployment } from './deployment.js';
import { ChainError } from './errors.js';
import { parseEvents, type SequenceSubmittedEvent, type SettlementEvent } from './events.js';
import { operatorRegistryAbi, settlementAbi } from './generated/contracts.js';
import {
  COMMITMENT_STATUSES,
  type Commitment,
  type OperatorRecord,
  PROOF_WAYS,
  type ProofWays,
  type SequenceRecord,
  type SequenceTransactions,
  type SettlementConfig,
  type SettlementState,
} from './settlement-types.js';
import type { TransactionOptions } from './transaction-sender.js';
import { agree, clientsOf, quorumOf, type Reader, readClient } from './transactions/rpc.js';
import { translateError } from './translate-error.js';
import type { Windows } from './windows.js';

export interface SettlementReaderOptions extends TransactionOptions {
  deployment: Deployment;
  /** Most blocks that the RPC is asked for events at once. Default 5,000. */
  eventBlocks?: bigint;
}

/**
 * What the contracts of a rollup hold. Every method throws a SettlementError when the contracts refuse and a
 * ChainError when the base chain does not answer as it should.
 */
export class SettlementReader {
  readonly #options: SettlementReaderOptions;
  readonly #reader: Reader;
  readonly #clients: Reader[];

  constructor(options: SettlementReaderOptions) {
    this.#options = options;
    this.#reader = readClient(options, options.deployment.chainId);
    this.#clients = clientsOf(options, options.deployment.chainId);
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
      const [rollupId, configHash, keySetRoot, verifier, verifierGas, sequencer, admin] = await Promise.all([
        read.rollupId(),
        read.configHash(),
        read.keySetRoot(),
        read.verifier(),
        read.verifierGas(),
        read.sequencer(),
        read.admin(),
      ]);
      const [registry, windows, rewards, penalties, lockWei, minimumStakeWei, unbondingBlocks] =
        await Promise.all([
          read.operators(),
          read.windowLengths(),
          read.rewardPolicy(),
          read.penalties(),
          read.lockWei(),
          operators.read.minimumStake(),
          operators.read.unbondingBlocks(),
        ]);
      return {
        rollupId,
        configHash: fieldFromHex(configHash),
        keySetRoot: fieldFromHex(keySetRoot),
        verifier,
        verifierGas,
        sequencer,
        admin,
        operators: registry,
        windows,
        rewards,
        penalties,
        lockWei,
        minimumStakeWei,
        unbondingBlocks,
      };
    });
  }

  /** The ways in which the rollup takes proofs. */
  async getProofWays(): Promise<ProofWays> {
    const { ways } = await this.#read('reading the policy', (contracts) =>
      contracts.settlement.read.policy(),
    );
    return PROOF_WAYS[ways]!;
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

  /** What an operator committed in a round of a sequence, default the newest; `undefined` for nothing. */
  async getCommitment(sequence: bigint, operator: Address, round?: bigint): Promise<Commitment | undefined> {
    const { status, ...commitment } = await this.#read(
      `reading a commitment for sequence ${sequence}`,
      ({ settlement: { read } }) =>
        round === undefined
          ? read.commitmentOf([sequence, operator])
          : read.commitmentIn([sequence, round, operator]),
    );
    const name = COMMITMENT_STATUSES[status];
    return name === undefined || name === 'none' ? undefined : { ...commitment, status: name };
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
   * @param prover - the account that it is bound to; default nobody, as proofs in two steps
   * @throws {SettlementError} `UnknownSequence`
   */
  async getPublicInputs(
    sequence: bigint,
    exitRoot: Field,
    prover: Address = zeroAddress,
  ): Promise<readonly Hex[]> {
    return this.#read(`reading the statement of sequence ${sequence}`, (contracts) =>
      contracts.settlement.read.publicInputsOf([sequence, fieldToHex(exitRoot), prover]),
    );
  }

  async getOperator(operator: Address): Promise<OperatorRecord> {
    return this.#read('reading an operator', async ({ operators: { read } }) => {
      const [active, stakeWei, lockedWei, [unbondingWei, withdrawableAt]] = await Promise.all([
        read.isOperator([operator]),
        read.stakeOf([operator]),
        read.lockedOf([operator]),
        read.unbondingOf([operator]),
      ]);
      return { active, stakeWei, lockedWei, unbondingWei, withdrawableAt };
    });
  }

  /** What operators have staked together, and what of it was slashed and not sent to the treasury. */
  async getStake(): Promise<{ totalWei: bigint; slashedWei: bigint }> {
    return this.#read('reading the stake', async ({ operators: { read } }) => {
      const [totalWei, slashedWei] = await Promise.all([read.totalStake(), read.slashedStake()]);
      return { totalWei, slashedWei };
    });
  }

  /** What was booked for an operator, what it took of that, and what the contract holds to pay from. */
  async getRewards(
    operator: Address,
  ): Promise<{ earnedWei: bigint; claimedWei: bigint; availableWei: bigint }> {
    return this.#read('reading rewards', async ({ settlement: { read, address } }) => {
      const [earnedWei, claimedWei, availableWei] = await Promise.all([
        read.rewardsOf([operator]),
        read.claimedOf([operator]),
        this.#reader.getBalance({ address }),
      ]);
      return { earnedWei, claimedWei, availableWei };
    });
  }

  /** What the operators that prove a sequence share. */
  async getReward(sequence: bigint): Promise<bigint> {
    return this.#read(`reading the reward of sequence ${sequence}`, ({ settlement: { read } }) =>
      read.rewardOf([sequence]),
    );
  }

  /**
   * Whether the contract would accept a proof in the next block, as enough RPCs say; else it would be penalised.
   * @throws {SettlementError} what `revealProof` would revert with
   */
  async wouldAccept(operator: Address, call: Hex): Promise<boolean> {
    return this.#read('trying a proof', async ({ settlement: { address } }) => {
      const { data } = await agree(this.#clients, quorumOf(this.#options), {
        what: 'trying a proof',
        ask: (client) => client.call({ account: operator, to: address, data: call, blockTag: 'pending' }),
        key: ({ data: answer }) => answer ?? '0x',
      });
      return decodeFunctionResult({ abi: settlementAbi, functionName: 'revealProof', data: data ?? '0x' });
    });
  }

  blockNumber(): Promise<bigint> {
    return this.#read('reading the block number', () => this.#reader.getBlockNumber());
  }

  /** `undefined` where the chain has no such block, or the RPC not yet. */
  blockHash(block: bigint): Promise<Hex | undefined> {
    return this.#read(`reading block ${block}`, async () => {
      try {
        return (await this.#reader.getBlock({ blockNumber: block })).hash;
      } catch (error) {
        if (error instanceof BlockNotFoundError) return undefined;
        throw error;
      }
    });
  }

  /** Wei for a unit of gas, as the RPC expects it for the next blocks. */
  gasPriceWei(): Promise<bigint> {
    return this.#read('reading the price of gas', () => this.#reader.getGasPrice());
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
}

type Contracts = ReturnType<typeof contractsOf>;

function contractsOf(client: Reader, deployment: Deployment) {
  return {
    settlement: getContract({ address: deployment.settlement, abi: settlementAbi, client }),
    operators: getContract({ address: deployment.operators, abi: operatorRegistryAbi, client }),
  };
}
