import type { CompiledCircuit } from '@noir-lang/noir_js';
import { BATCH_CIRCUITS, type CircuitLimits } from '../../packages/svm/src/generated/circuit-limits.js';
import { circuitVariant } from './circuit-variant.js';
import { type Solve, solver } from './solver.js';

/** Room for two transactions: solved in a fraction of the time that the circuits in use take. */
export const TINY: CircuitLimits = {
  ...BATCH_CIRCUITS.svm_batch,
  transactions: 2,
  instructions: 5,
  named: 16,
  words: 40,
  values: 16,
  references: 18,
  dataBytes: 64 * 12 - 41,
  rows: 10,
  uses: 22,
  rights: 60,
  transfers: 4,
  changes: 5,
  balances: 4,
  savedWords: 10,
  freshCells: 180,
  windows: 16,
  stackWords: 100,
  dataPages: 10,
  pages: 200,
  nodes: 160,
  accounts: 11,
  hashRows: 20,
  levels: 48,
  machineSteps: 1400,
  registers: 160,
  accesses: 360,
  partLoads: 100,
  partStores: 16,
  crossingLoads: 40,
  crossingStores: 40,
  moves: 280,
  jumps: 24,
  narrows: 16,
  sums: 140,
  products: 8,
  quotients: 6,
  equalities: 160,
  orders: 160,
  bitwise: 60,
  shifts: 48,
  swaps: 1,
  chunks: 0,
  derivations: 0,
  tries: 0,
};

/** Room for less still. */
export const MINI: CircuitLimits = {
  ...TINY,
  named: 10,
  words: 20,
  values: 13,
  dataBytes: 64 * 9 - 41,
  uses: 14,
  rights: 36,
  transfers: 2,
  changes: 1,
  balances: 1,
  savedWords: 3,
  freshCells: 60,
  windows: 6,
  stackWords: 40,
  dataPages: 1,
  pages: 56,
  nodes: 64,
  accounts: 9,
  hashRows: 14,
  levels: 36,
  machineSteps: 330,
  accesses: 120,
  partLoads: 32,
  partStores: 6,
  crossingLoads: 14,
  crossingStores: 8,
  moves: 70,
  jumps: 8,
  narrows: 4,
  sums: 40,
  products: 3,
  quotients: 2,
  equalities: 60,
  orders: 40,
  bitwise: 14,
  shifts: 10,
};

/** The batch circuit with these sizes. */
export function batchCircuit(limits: CircuitLimits): Promise<CompiledCircuit> {
  const constant = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const edits = Object.entries(limits).map(([name, value]) => ({
    file: 'lib/src/parameters.nr',
    from: new RegExp(`global ${constant(name)}: u32 = \\d+;`),
    to: `global ${constant(name)}: u32 = ${value};`,
  }));
  return circuitVariant('../svm_batch', edits);
}

/** Runs it, without proving. */
export async function batchExecutor(limits: CircuitLimits): Promise<Solve> {
  return solver(await batchCircuit(limits));
}
