export {
  Aggregator,
  type AggregatorModules,
  type AggregatorStatus,
  type ProverStatus,
} from './aggregator.js';
export { Database } from './database/database.js';
export type { SequenceStatus, SubmissionState, TaskKind, TaskStatus } from './database/schema.js';
export { AggregatorError, type AggregatorErrorCode } from './errors.js';
export type { AggregatorEvents, TaskEvent } from './events.js';
export type { AggregatorOptions } from './options.js';
export type {
  BatchInputs,
  BatchSource,
  Inclusion,
  InputComposer,
  ProgramSet,
  ProofVerifier,
  SequenceInfo,
  SettlementEvent,
  SettlementPort,
} from './ports.js';
export type { OpenSequence, ProofReport, SequenceReport } from './report.js';
