import { PolyproofError } from '@polyproof/base';
import {
  type ContractErrorName,
  type DecodeErrorResultReturnType,
  decodeErrorResult,
  formatEther,
  type Hex,
} from 'viem';
import { bridgeAbi, operatorRegistryAbi, settlementAbi } from './generated/contracts.js';

const abi = [...settlementAbi, ...operatorRegistryAbi, ...bridgeAbi] as const;

/** The names of the contracts' errors. */
export type SettlementErrorCode = ContractErrorName<typeof abi>;

type ArgumentsOf<Code extends SettlementErrorCode> = DecodeErrorResultReturnType<
  typeof abi,
  Code
>['args'] extends infer Args extends readonly unknown[]
  ? Args
  : [];

type Sentences = {
  [Code in SettlementErrorCode]: (...args: ArgumentsOf<Code>) => string;
};

const SENTENCES: Sentences = {
  InvalidConfig: (field) =>
    `the settlement contract cannot be deployed with this "${field}": correct the configuration.`,
  NotSequencer: (caller, sequencer) =>
    `${caller} is not the sequencer of this rollup: only ${sequencer} may do this.`,
  NotOperator: (caller) => `${caller} is not a registered operator: register it with a stake first.`,
  UnexpectedBatch: (expected, given) =>
    given < expected
      ? `batch ${given} was submitted already: the next sequence begins with batch ${expected}.`
      : `batch ${given} cannot be submitted yet: the next sequence begins with batch ${expected}.`,
  EmptySequence: () => 'a sequence needs at least one batch, none was given.',
  EmptyBatch: (index) => `batch ${index} of the sequence (from 0) is empty: leave it out.`,
  NotFieldElement: (value) => `${value} is not a BN254 field element: it must be below the modulus.`,
  UnknownSequence: (sequence, last) => `there is no sequence ${sequence}: the newest one is ${last}.`,
  AlreadyVerified: (sequence) => `sequence ${sequence} is verified already: no further proof is needed.`,
  ZeroProofHash: () => 'the proof hash is zero: commit the hash of a proof.',
  CommitWindowClosed: (sequence, block, last) =>
    `sequence ${sequence} takes no commitments in block ${block}: its commit window ended with block ${last}; ` +
    'wait until it is verified or its reveal window has passed.',
  AlreadyCommitted: (sequence, round, operator) =>
    `${operator} has committed to a proof of sequence ${sequence} in round ${round} already: one is allowed.`,
  OutOfOrder: (sequence, next) =>
    `sequence ${sequence} cannot be verified before sequence ${next}: reveal again when ${next} is verified.`,
  RevealWindowNotOpen: (sequence, block, first) =>
    `sequence ${sequence} takes no proofs in block ${block}: its reveal window opens with block ${first}.`,
  RevealWindowClosed: (sequence, block, last) =>
    `sequence ${sequence} takes no proofs in block ${block}: its reveal window ended with block ${last}; ` +
    'commit again in a new round.',
  NoCommitment: (sequence, round, operator) =>
    `${operator} has no commitment for sequence ${sequence} in ${round === 0n ? 'any round' : `round ${round}`}: ` +
    'commit the hash of the proof first.',
  ProofHashMismatch: (expected, actual) =>
    `the proof hashes to ${actual}, the commitment is ${expected}: reveal the proof that was committed to.`,
  StateRootMismatch: (claimed, given) =>
    `the proof says state root ${given}, the sequencer claimed ${claimed}: one of them executed wrongly.`,
  InvalidProof: (sequence) => `the verifier refused the proof of sequence ${sequence}.`,
  NothingToClaim: (operator) => `${operator} has no rewards left to claim.`,
  InsufficientFunds: (available, required) =>
    `the contract holds ${formatEther(available)} ETH, the rewards are ${formatEther(required)} ETH: fund it first.`,
  PaymentRefused: (operator, amount) => `${operator} refused the payment of ${formatEther(amount)} ETH.`,
  AlreadyRegistered: (operator) => `${operator} is registered as an operator already.`,
  InsufficientStake: (sent, minimum) =>
    `a stake of ${formatEther(sent)} ETH is too small: the minimum is ${formatEther(minimum)} ETH.`,
  DepositsWithoutBridge: (index) =>
    `batch ${index} of the sequence (from 0) holds deposits, and this rollup has no bridge.`,
  InvalidBridge: (field) => `the bridge cannot be deployed with this "${field}": correct the configuration.`,
  NotSettlement: (caller) => `${caller} is not the settlement contract of this bridge.`,
  NotWholeLamports: (amount) =>
    `${amount} wei are no whole lamports: a lamport is 10^9 wei, leave out the last nine digits.`,
  DepositTooSmall: (lamports, least) => `a deposit has at least ${least} lamports, this one ${lamports}.`,
  DepositTooLarge: (lamports, most) =>
    `${lamports} lamports are too many: at most ${most} more can be deposited in this rollup.`,
  RefusedRecipient: (recipient) =>
    `${recipient} can get no deposits: it belongs to the runtime, or is an exit address.`,
  MalformedDeposits: (batch) => `batch ${batch} of the sequence (from 0) does not end in whole deposits.`,
  WrongDeposit: (batch, index) =>
    `batch ${batch} of the sequence (from 0) holds another deposit than ${index}, the next one of the inbox.`,
  DepositOverdue: (batch, index) =>
    `batch ${batch} of the sequence (from 0) leaves out deposit ${index}, which has waited for too long.`,
  NoDeposit: () => 'the inbox has no deposit that could be sent back.',
  NoExits: (sequence) => `sequence ${sequence} is not verified yet, or nothing left the rollup in it.`,
  InvalidPath: (bits, levels) => `a path of ${levels} levels with the bits ${bits} leads nowhere.`,
  WrongExit: (sequence) => `there is no such exit in sequence ${sequence}.`,
  AlreadyClaimed: (sequence) => `this exit of sequence ${sequence} is paid already.`,
  TransferRefused: (recipient, amount) =>
    `${recipient} refused ${formatEther(amount)} ETH: it can be paid later.`,
  NothingToRefund: (account) => `no deposit of ${account} was sent back.`,
  InsufficientBacking: (available, amount) =>
    `the deposits cover ${formatEther(available)} ETH, not the ${formatEther(amount)} ETH of this exit: ` +
    'it can be claimed when the bridge has more.',
};

const RETRYABLE: ReadonlySet<SettlementErrorCode> = new Set([
  'OutOfOrder',
  'RevealWindowNotOpen',
  'CommitWindowClosed',
  'InsufficientFunds',
  'InsufficientBacking',
  'NoExits',
]);

/**
 * A refusal of the contracts. `code` is the name of the Solidity error, `details` its arguments by name, with
 * integers as bigint.
 */
export class SettlementError extends PolyproofError<SettlementErrorCode> {
  /** Whether the same call may succeed in a later block, with nothing changed by the caller. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}

/** The error that revert data stands for; `undefined` when it is none of the contracts' own. */
export function decodeSettlementError(data: Hex): SettlementError | undefined {
  try {
    const { errorName, args = [], abiItem } = decodeErrorResult({ abi, data });
    // The string and panic errors of Solidity are decoded too, and are not ours.
    if (!(errorName in SENTENCES)) return undefined;
    const sentence = (SENTENCES[errorName] as (...args: readonly unknown[]) => string)(...args);
    const names = 'inputs' in abiItem ? abiItem.inputs.map((input) => input.name ?? '') : [];
    const details = Object.fromEntries(names.map((name, i) => [name, args[i]]));
    return new SettlementError(errorName, sentence, details);
  } catch {
    return undefined;
  }
}
