import { type Field, fieldFromHex } from '@polyproof/base';
import { type Hex, type Log, type ParseEventLogsReturnType, parseEventLogs } from 'viem';
import { operatorRegistryAbi, settlementAbi } from './generated/contracts.js';
import { OFFENCES, type Offence } from './settlement-types.js';

const abi = [...settlementAbi, ...operatorRegistryAbi] as const;

type ParsedLog = ParseEventLogsReturnType<typeof abi, undefined, true>[number];
type EventName = ParsedLog['eventName'];
type ArgumentsOf<Name extends EventName> = Extract<ParsedLog, { eventName: Name }>['args'];

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

export interface SequenceVerifiedEvent
  extends EventPosition,
    Omit<ArgumentsOf<'SequenceVerified'>, 'prevStateRoot' | 'newStateRoot' | 'exitRoot'> {
  name: 'SequenceVerified';
  prevStateRoot: Field;
  newStateRoot: Field;
  exitRoot: Field;
}

export interface CommitmentPenalisedEvent
  extends EventPosition,
    Omit<ArgumentsOf<'CommitmentPenalised'>, 'offence'> {
  name: 'CommitmentPenalised';
  offence: Offence;
}

type ConvertedEvent = SequenceSubmittedEvent | SequenceVerifiedEvent | CommitmentPenalisedEvent;

/** An event whose arguments are those of the contract, by name. */
type PlainEvent<Name extends EventName> = Name extends EventName
  ? EventPosition & { name: Name } & ArgumentsOf<Name>
  : never;

/** What the contracts tell, by `name`; what it means stands with the event in the contract's interface. */
export type SettlementEvent = ConvertedEvent | PlainEvent<Exclude<EventName, ConvertedEvent['name']>>;

/** The events of the contracts among mined logs, in their order; others are left out. */
export function parseEvents(logs: Log<bigint, number, false>[]): SettlementEvent[] {
  return parseEventLogs({ abi, logs, strict: true }).map(toEvent);
}

function toEvent(log: ParsedLog): SettlementEvent {
  const { blockNumber, blockHash, transactionHash, logIndex } = log;
  const position: EventPosition = { blockNumber, blockHash, transactionHash, logIndex };
  switch (log.eventName) {
    case 'SequenceSubmitted': {
      const { prevDataHash, newDataHash, claimedStateRoot, ...rest } = log.args;
      return {
        name: log.eventName,
        ...position,
        ...rest,
        prevDataHash: fieldFromHex(prevDataHash),
        newDataHash: fieldFromHex(newDataHash),
        claimedStateRoot: fieldFromHex(claimedStateRoot),
      };
    }
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
    case 'CommitmentPenalised':
      return { name: log.eventName, ...position, ...log.args, offence: OFFENCES[log.args.offence]! };
    default:
      return { name: log.eventName, ...position, ...log.args } as SettlementEvent;
  }
}
