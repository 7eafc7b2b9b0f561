import { type Field, fieldFromHex } from '@polyproof/base';
import { type Address, type Hex, type Log, type ParseEventLogsReturnType, parseEventLogs } from 'viem';
import { operatorRegistryAbi, settlementAbi } from './generated/contracts.js';

const abi = [...settlementAbi, ...operatorRegistryAbi] as const;

/** Where an event is on the base chain. */
export interface EventPosition {
  blockNumber: bigint;
  blockHash: Hex;
  transactionHash: Hex;
  logIndex: number;
}

export interface SequenceSubmittedEvent extends EventPosition {
  name: 'SequenceSubmitted';
  sequence: bigint;
  firstBatch: bigint;
  lastBatch: bigint;
  prevDataHash: Field;
  newDataHash: Field;
  claimedStateRoot: Field;
}

export interface ProofCommittedEvent extends EventPosition {
  name: 'ProofCommitted';
  sequence: bigint;
  operator: Address;
  round: bigint;
  proofHash: Hex;
  /** T of the round. */
  openedAt: bigint;
  lastCommitBlock: bigint;
  lastRevealBlock: bigint;
}

export interface SequenceVerifiedEvent extends EventPosition {
  name: 'SequenceVerified';
  sequence: bigint;
  operator: Address;
  round: bigint;
  lastBatch: bigint;
  prevStateRoot: Field;
  newStateRoot: Field;
  exitRoot: Field;
  proofHash: Hex;
  rewardWei: bigint;
}

export interface RewardsFundedEvent extends EventPosition {
  name: 'RewardsFunded';
  from: Address;
  amountWei: bigint;
}

export interface RewardClaimedEvent extends EventPosition {
  name: 'RewardClaimed';
  operator: Address;
  amountWei: bigint;
}

export interface OperatorRegisteredEvent extends EventPosition {
  name: 'OperatorRegistered';
  operator: Address;
  stakeWei: bigint;
}

export type SettlementEvent =
  | SequenceSubmittedEvent
  | ProofCommittedEvent
  | SequenceVerifiedEvent
  | RewardsFundedEvent
  | RewardClaimedEvent
  | OperatorRegisteredEvent;

/** The events of the contracts among mined logs, in their order; others are left out. */
export function parseEvents(logs: Log<bigint, number, false>[]): SettlementEvent[] {
  return parseEventLogs({ abi, logs, strict: true }).map(toEvent);
}

type ParsedLog = ParseEventLogsReturnType<typeof abi, undefined, true>[number];

function toEvent(log: ParsedLog): SettlementEvent {
  const { blockNumber, blockHash, transactionHash, logIndex } = log;
  const position: EventPosition = { blockNumber, blockHash, transactionHash, logIndex };
  switch (log.eventName) {
    case 'SequenceSubmitted': {
      const { sequence, firstBatch, lastBatch, prevDataHash, newDataHash, claimedStateRoot } = log.args;
      return {
        name: log.eventName,
        ...position,
        sequence,
        firstBatch,
        lastBatch,
        prevDataHash: fieldFromHex(prevDataHash),
        newDataHash: fieldFromHex(newDataHash),
        claimedStateRoot: fieldFromHex(claimedStateRoot),
      };
    }
    case 'ProofCommitted':
      return { name: log.eventName, ...position, ...log.args };
    case 'SequenceVerified': {
      const { prevStateRoot, newStateRoot, exitRoot, ...rest } = log.args;
      return {
        name: log.eventName,
        ...position,
        ...rest,
        prevStateRoot: fieldFromHex(prevStateRoot),
        newStateRoot: fieldFromHex(newStateRoot),
        exitRoot: fieldFromHex(exitRoot),
      };
    }
    case 'RewardsFunded':
      return { name: log.eventName, ...position, from: log.args.from, amountWei: log.args.amount };
    case 'RewardClaimed':
      return { name: log.eventName, ...position, operator: log.args.operator, amountWei: log.args.amount };
    case 'OperatorRegistered':
      return { name: log.eventName, ...position, operator: log.args.operator, stakeWei: log.args.stake };
  }
}
