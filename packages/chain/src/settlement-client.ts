import { type Field, fieldToHex, toHex } from '@polyproof/base';
import { type Address, encodeFunctionData, encodeFunctionResult, type Hex } from 'viem';
import { ChainError } from './errors.js';
import { parseEvents } from './events.js';
import { operatorRegistryAbi, settlementAbi } from './generated/contracts.js';
import { SettlementError } from './settlement-error.js';
import { SettlementReader, type SettlementReaderOptions } from './settlement-reader.js';
import type { RewardPolicy, WindowLengths } from './settlement-types.js';
import {
  type TransactionCall,
  type TransactionModules,
  type TransactionResult,
  TransactionSender,
} from './transaction-sender.js';

/** What `revealProof` returns for a proof that holds. */
const ACCEPTED = encodeFunctionResult({ abi: settlementAbi, functionName: 'revealProof', result: true });

export interface SettlementClientOptions extends SettlementReaderOptions {
  /** Of the sequencer, the operator or the administrator; without it the client only reads. */
  privateKey?: Hex;
}

/**
 * The settlement of one rollup, for sequencers, operators and readers.
 *
 * Every method throws a SettlementError when the contracts refuse and a ChainError when the base chain does not
 * answer as it should. Writes resolve when the transaction is in a block.
 */
export class SettlementClient extends SettlementReader {
  readonly #settlement: Address;
  readonly #operators: Address;
  readonly #sender: TransactionSender | undefined;

  constructor(options: SettlementClientOptions, modules: TransactionModules) {
    super(options);
    const { deployment, privateKey } = options;
    this.#settlement = deployment.settlement;
    this.#operators = deployment.operators;
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
    return this.#sendToRegistry('registering an operator', data, stakeWei);
  }

  addStake(amountWei: bigint): Promise<TransactionResult> {
    const data = encodeFunctionData({ abi: operatorRegistryAbi, functionName: 'addStake' });
    return this.#sendToRegistry('adding stake', data, amountWei);
  }

  /** Sends stake on its way out; what is on its way already waits from the start again with it. */
  requestUnbond(amountWei: bigint): Promise<TransactionResult> {
    return this.#sendToRegistry(
      'unbonding stake',
      encodeFunctionData({ abi: operatorRegistryAbi, functionName: 'requestUnbond', args: [amountWei] }),
    );
  }

  /** Pays the account the stake whose delay has passed. */
  withdrawStake(): Promise<TransactionResult> {
    return this.#sendToRegistry(
      'withdrawing stake',
      encodeFunctionData({ abi: operatorRegistryAbi, functionName: 'withdraw' }),
    );
  }

  /** Sends slashed stake to the treasury. Anybody may. */
  sendSlashed(): Promise<TransactionResult> {
    return this.#sendToRegistry(
      'sending slashed stake',
      encodeFunctionData({ abi: operatorRegistryAbi, functionName: 'sendSlashed' }),
    );
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

  /** First step: commits to a proof, and locks stake for it; see `proofHash`. */
  commit(sequence: bigint, proofHash: Hex): Promise<TransactionResult> {
    return this.#send(
      `committing a proof of sequence ${sequence}`,
      encodeFunctionData({ abi: settlementAbi, functionName: 'commitProof', args: [sequence, proofHash] }),
      { sequence },
    );
  }

  /**
   * Second step: shows the proof. It is tried first, because a wrong one costs stake: one that the contract would
   * not accept now is not sent.
   * @throws {ChainError} `PROOF_REFUSED` when nothing was sent; `PROOF_PENALISED` when it was refused in its block
   */
  async reveal(
    sequence: bigint,
    proof: Uint8Array,
    newStateRoot: Field,
    exitRoot: Field,
  ): Promise<TransactionResult> {
    const operator = this.address;
    const data = encodeFunctionData({
      abi: settlementAbi,
      functionName: 'revealProof',
      args: [sequence, toHex(proof), fieldToHex(newStateRoot), fieldToHex(exitRoot)],
    });
    if (!(await this.wouldAccept(operator, data)))
      throw new ChainError(
        'PROOF_REFUSED',
        `the verifier refuses the proof of sequence ${sequence}; nothing was sent, because it would cost stake.`,
        { sequence },
      );
    const { events, ...result } = await this.#sendForEvents(
      `revealing the proof of sequence ${sequence}`,
      data,
      { sequence, mustReturn: ACCEPTED },
    );
    const penalty = events.find((event) => event.name === 'CommitmentPenalised');
    if (penalty !== undefined)
      throw new ChainError(
        'PROOF_PENALISED',
        `the verifier refused the proof of sequence ${sequence}: ${penalty.amountWei} wei of stake were taken.`,
        { sequence, amountWei: penalty.amountWei, transactionHash: result.transactionHash },
      );
    return result;
  }

  /**
   * Shows a proof that is bound to the account, in one step.
   * @throws {ChainError} `PROOF_REFUSED` when the verifier refuses it: nothing was sent, or it was undone
   */
  async submitProof(
    sequence: bigint,
    proof: Uint8Array,
    newStateRoot: Field,
    exitRoot: Field,
  ): Promise<TransactionResult> {
    const data = encodeFunctionData({
      abi: settlementAbi,
      functionName: 'submitProof',
      args: [sequence, toHex(proof), fieldToHex(newStateRoot), fieldToHex(exitRoot)],
    });
    try {
      return await this.#send(`submitting the proof of sequence ${sequence}`, data, { sequence });
    } catch (error) {
      if (!(error instanceof SettlementError) || error.code !== 'InvalidProof') throw error;
      throw new ChainError(
        'PROOF_REFUSED',
        `the verifier refuses the proof of sequence ${sequence}, as bound to ${this.address}.`,
        { sequence },
        { cause: error },
      );
    }
  }

  /** Ends commitments of a round that is over: penalties are taken, shares of rewards booked. Anybody may. */
  settleCommitments(
    sequence: bigint,
    round: bigint,
    operators: readonly Address[],
  ): Promise<TransactionResult> {
    return this.#send(
      `settling commitments for sequence ${sequence}`,
      encodeFunctionData({
        abi: settlementAbi,
        functionName: 'settleCommitments',
        args: [sequence, round, operators],
      }),
      { sequence },
    );
  }

  /** Takes back a commitment that the sequence before has kept waiting too long. */
  withdrawCommitment(sequence: bigint): Promise<TransactionResult> {
    return this.#send(
      `taking back the commitment for sequence ${sequence}`,
      encodeFunctionData({ abi: settlementAbi, functionName: 'withdrawCommitment', args: [sequence] }),
      { sequence },
    );
  }

  /** Adds to what rewards are paid from. */
  fundRewards(amountWei: bigint): Promise<TransactionResult> {
    const data = encodeFunctionData({ abi: settlementAbi, functionName: 'fundRewards' });
    return this.#send('funding rewards', data, { valueWei: amountWei });
  }

  /** Pays the account all rewards that were booked for it and not taken. */
  claimRewards(): Promise<TransactionResult> {
    return this.#send(
      'claiming rewards',
      encodeFunctionData({ abi: settlementAbi, functionName: 'claimRewards' }),
    );
  }

  /** Sets the windows of rounds that are opened later. For the administrator. */
  setWindows(lengths: WindowLengths): Promise<TransactionResult> {
    return this.#send(
      'setting the windows',
      encodeFunctionData({ abi: settlementAbi, functionName: 'setWindows', args: [lengths] }),
    );
  }

  /** Sets what sequences earn that are submitted later. For the administrator. */
  setRewardPolicy(policy: RewardPolicy): Promise<TransactionResult> {
    return this.#send(
      'setting the rewards',
      encodeFunctionData({ abi: settlementAbi, functionName: 'setRewardPolicy', args: [policy] }),
    );
  }

  /** Looks after transactions that nobody waits for, see {@link TransactionSender.maintain}. */
  maintain(): Promise<void> {
    return this.#requireSender().maintain();
  }

  /** Transactions that are sent and not known to be in a block. */
  get pendingTransactions(): number {
    return this.#requireSender().pending;
  }

  #sendToRegistry(what: string, data: Hex, valueWei = 0n): Promise<TransactionResult> {
    return this.#send(what, data, { valueWei, to: this.#operators });
  }

  async #send(what: string, data: Hex, more: Partial<TransactionCall> = {}): Promise<TransactionResult> {
    const { events: _, ...result } = await this.#sendForEvents(what, data, more);
    return result;
  }

  async #sendForEvents(what: string, data: Hex, more: Partial<TransactionCall> = {}) {
    const { receipt, ...result } = await this.#requireSender().send({
      what,
      to: this.#settlement,
      data,
      ...more,
    });
    return { ...result, events: parseEvents(receipt.logs) };
  }

  #requireSender(): TransactionSender {
    if (this.#sender === undefined)
      throw new ChainError('NO_KEY', 'this client has no private key, so it can only read: give it one.');
    return this.#sender;
  }
}
