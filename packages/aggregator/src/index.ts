export {
  Aggregator,
  type AggregatorModules,
  type AggregatorStatus,
  type ProverStatus,
} from './aggregator.js';
export { Database } from './database/database.js';
export type { SequenceStatus, SubmissionState, TaskKind, TaskStatus } from './database/schema.js';
export {
  type Assignment,
  dispatch,
  type ProverView,
  type RunningTask,
  type Snapshot,
} from './dispatch/policy.js';
export { expectedEnd, isLate, ProverRecord } from './dispatch/prover-record.js';
export { AggregatorError, type AggregatorErrorCode } from './errors.js';
export type { AggregatorEvents, TaskEvent } from './events.js';
export {
  type OperatorReport,
  type OperatorSequence,
  operatorReport,
} from './operator-report.js';
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
export { planTasks } from './proof-generator/plan-tasks.js';
export type { MarginRule } from './proof-sender/margin.js';
export { TransactionTable } from './proof-sender/transaction-table.js';
export type { OpenSequence, ProofReport, SequenceReport } from './report.js';
