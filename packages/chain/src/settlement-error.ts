import { PolyproofError } from '@polyproof/base';
import {
  type ContractErrorName,
  type DecodeErrorResultReturnType,
  decodeErrorResult,
  formatEther,
  type Hex,
} from 'viem';
import { bridgeAbi, forcedInboxAbi, operatorRegistryAbi, settlementAbi } from './generated/contracts.js';

const abi = [...settlementAbi, ...operatorRegistryAbi, ...bridgeAbi, ...forcedInboxAbi] as const;

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
  NotAdmin: (caller, admin) => `${caller} is not the administrator: only ${admin} may change parameters.`,
  WindowOutOfBounds: (window, given, least, most) =>
    `a "${window}" of ${given} blocks is not allowed: choose between ${least} and ${most}.`,
  AlreadyInitialised: () => 'the settlement contract has begun already.',
  NotManager: (caller, manager) => `${caller} is not the manager of rollups: only ${manager} may do this.`,
  RollupPaused: (block, until) =>
    until === MAX_BLOCK
      ? 'the rollup is halted: proofs disagree, and only the timelock of its manager can resolve that.'
      : `the rollup is paused in block ${block}: it goes on behind block ${until}, or when it is resumed.`,
  NotPaused: () => 'the rollup is not paused: there is nothing to prolong or to end.',
  PauseCooldown: (block, earliest) =>
    `the rollup cannot be paused in block ${block}: the last pause was too short a time ago, wait for block ${earliest}.`,
  PauseOutOfBounds: (given, least, most) =>
    `a pause up to block ${given} is not allowed: choose between ${least} and ${most}.`,
  RoundVoid: (sequence, round) =>
    `round ${round} of sequence ${sequence} is void, as the rollup was upgraded or halted: commit again.`,
  BlobsNotAllowed: () => 'this rollup does not take its data in blobs: submit it as calldata.',
  NoBlobs: () => 'the transaction carries no blob: attach the data of the batches.',
  InvalidDataHash: (index, hash) =>
    `data hash ${index} (from 0) is ${hash}: the most significant byte of a data hash is zero.`,
  SystemNotAllowed: (system) => `proofs with the selector ${system} do not count for this rollup.`,
  InvalidProof: (sequence) => `the verifier refused the proof for sequence ${sequence}.`,
  WayNotTaken: (taken) =>
    `this rollup takes proofs ${taken === 0 ? 'in two steps' : 'in one step, bound to their prover,'} only.`,
  NoDisagreement: (sequence) =>
    `the proof says of sequence ${sequence} what is claimed or proved already: there is nothing to challenge.`,
  NotHalted: () => 'the rollup is not halted: there is no disagreement to resolve.',
  ClaimOutOfRange: (given, first, last) =>
    `the claim of sequence ${given} cannot be replaced: only those of sequences ${first} to ${last}.`,
  NotOperator: (caller) =>
    `${caller} is not an operator with the least stake: register it, or add to its stake.`,
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
  AlreadyRevealed: (sequence, round, operator) =>
    `the commitment of ${operator} for sequence ${sequence} in round ${round} has ended: a proof is shown once.`,
  OutOfOrder: (sequence, next) =>
    `sequence ${sequence} cannot be verified before sequence ${next}: reveal again when ${next} is verified.`,
  RevealWindowNotOpen: (sequence, block, first) =>
    `sequence ${sequence} takes no proofs in block ${block}: its reveal window opens with block ${first}.`,
  RevealWindowClosed: (sequence, block, last) =>
    `sequence ${sequence} takes no proofs in block ${block}: its reveal window ended with block ${last}; ` +
    'commit again in a new round.',
  NoCommitment: (sequence, round, operator) =>
    `${operator} has no open commitment for sequence ${sequence} in ${round === 0n ? 'any round' : `round ${round}`}: ` +
    'commit the hash of the proof first.',
  ProofHashMismatch: (expected, actual) =>
    `the proof hashes to ${actual}, the commitment is ${expected}: reveal the proof that was committed to.`,
  StateRootMismatch: (claimed, given) =>
    `the proof says state root ${given}, the sequencer claimed ${claimed}: one of them executed wrongly.`,
  NotEnoughGas: (left, needed) =>
    `${left} gas is left for the verifier, ${needed} are needed: send the transaction with more.`,
  UnknownRound: (sequence, round, newest) =>
    `sequence ${sequence} has had no round ${round}: the newest one is ${newest}.`,
  RoundNotOver: (sequence, round, last) =>
    `round ${round} of sequence ${sequence} cannot be settled yet: it may be joined up to block ${last}.`,
  CommitmentBinding: (sequence, round, last) =>
    `the commitment for sequence ${sequence} in round ${round} cannot be taken back: only after block ${last}, ` +
    'and only while the sequence before is not verified.',
  NothingToClaim: (operator) => `${operator} has no rewards left to claim.`,
  InsufficientFunds: (available, required) =>
    `the contract holds ${formatEther(available)} ETH, the rewards are ${formatEther(required)} ETH: fund it first.`,
  PaymentRefused: (account, amount) => `${account} refused the payment of ${formatEther(amount)} ETH.`,
  InvalidRegistryConfig: (field) =>
    `the operator registry cannot be deployed with this "${field}": correct the configuration.`,
  AlreadyRegistered: (operator) => `${operator} is registered as an operator already.`,
  InsufficientStake: (sent, minimum) =>
    `a stake of ${formatEther(sent)} ETH is too small: the minimum is ${formatEther(minimum)} ETH.`,
  NotRegistered: (account) => `${account} never registered as an operator: register it first.`,
  InsufficientFreeStake: (operator, free, required) =>
    `${operator} has ${formatEther(free)} ETH of stake that is not locked, ${formatEther(required)} ETH are needed: ` +
    'add stake, or wait until a commitment has ended.',
  ZeroAmount: () => 'the amount is zero: nothing would change.',
  NothingToWithdraw: (account) => `there is nothing to pay to ${account}.`,
  StillUnbonding: (operator, block, from) =>
    `the stake of ${operator} cannot be withdrawn in block ${block}: only from block ${from} on.`,
  SettlementNotEnabled: (caller) =>
    `${caller} is not a settlement that the registry has enabled: its administrator has to do that.`,
  LockExceeded: (operator, locked, released) =>
    `the settlement has locked ${locked} wei of ${operator}, and cannot release ${released}.`,
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
  InvalidInbox: (field) =>
    `the inbox of forced withdrawals cannot be deployed with this "${field}": correct the configuration.`,
  NotBridge: (caller, bridge) => `${caller} is not the bridge of this inbox: only ${bridge} may do this.`,
  WrongFee: (given, required) =>
    `a forced withdrawal costs ${formatEther(required)} ETH, ${formatEther(given)} ETH were sent.`,
  WithdrawalTooSmall: (lamports, least) =>
    `a withdrawal has at least ${least} lamports, this one ${lamports}.`,
  WrongSignature: (payer, nonce) =>
    `the signature is not that of ${payer} on its message number ${nonce} to the inbox: sign it again.`,
  WithdrawalOverdue: (batch, index) =>
    `batch ${batch} of the sequence (from 0) is not that of the forced withdrawal ${index}, which is overdue.`,
  NothingForced: () => 'no forced withdrawal waits.',
  StateTooOld: (index, sequence) =>
    `the state after sequence ${sequence} says nothing about the forced withdrawal ${index}: wait for the next one to be verified.`,
  WrongState: (root, verified) =>
    `the proof leads to the root ${root}, verified is ${verified}: make it anew.`,
  WrongAccount: () => 'the account that is shown is not the one that the proof ends at.',
  CanPay: (index) => `the account of the forced withdrawal ${index} can pay for it: it has to be included.`,
  WrongPath: () => 'the proof ends at an account that is not on the path of the address.',
  InsufficientBacking: (available, amount) =>
    `the deposits cover ${formatEther(available)} ETH, not the ${formatEther(amount)} ETH of this exit: ` +
    'it can be claimed when the bridge has more.',
};

/** What the contract says for "until it is resolved" */
const MAX_BLOCK = 2n ** 64n - 1n;

const RETRYABLE: ReadonlySet<SettlementErrorCode> = new Set([
  'OutOfOrder',
  'RollupPaused',
  'RevealWindowNotOpen',
  'CommitWindowClosed',
  'InsufficientFunds',
  'InsufficientFreeStake',
  'RoundNotOver',
  'StillUnbonding',
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
