export {
  Aggregator,
  type AggregatorModules,
  type AggregatorStatus,
  type ProverStatus,
} from './aggregator.js';
export { Database, type DatabaseOptions } from './database/database.js';
export { hasPostgres, LocalPostgres } from './database/local-postgres.js';
export type { SequenceStatus, SubmissionState, TaskKind, TaskStatus } from './database/schema.js';
export {
  type Assignment,
  dispatch,
  type ProverView,
  type RunningTask,
  type Snapshot,
} from './dispatch/policy.js';
export { expectedEnd, isLate, type Measurements, ProverRecord } from './dispatch/prover-record.js';
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
export { addSequence } from './proof-generator/add-sequence.js';
export { planTasks } from './proof-generator/plan-tasks.js';
export { ProofGenerator } from './proof-generator/proof-generator.js';
export type { KnownProver } from './proof-generator/prover-store.js';
export type { MarginRule } from './proof-sender/margin.js';
export { TransactionTable } from './proof-sender/transaction-table.js';
export type { OpenSequence, ProofReport, SequenceReport } from './report.js';
