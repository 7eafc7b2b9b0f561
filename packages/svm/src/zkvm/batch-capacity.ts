import type { CompactCapacity } from '../compact-data/circuit-inputs.js';
import { CIRCUIT_LIMITS as LIMITS } from '../generated/circuit-limits.js';
import { HEADER_CELLS, ROW_WORDS } from './account-cells.js';
import type { Capacity } from './inputs.js';
import { RENT } from './transaction-layout.js';
import type { TransactionCapacity } from './transaction-layout.js';

const accountCells = HEADER_CELLS * LIMITS.accounts + ROW_WORDS * LIMITS.hashRows;

/** What `svm_batch` has room for, as circuits/lib/src/batch.nr lays it out. */
export const BATCH_CAPACITY: Capacity & TransactionCapacity = {
  programs: LIMITS.programs,
  invocations: LIMITS.rows,
  steps: LIMITS.machineSteps,
  pages: LIMITS.pages,
  segments: 0,
  registers: LIMITS.registers,
  chips: {
    words: LIMITS.accesses,
    part_loads: LIMITS.partLoads,
    part_stores: LIMITS.partStores,
    crossing_loads: LIMITS.crossingLoads,
    crossing_stores: LIMITS.crossingStores,
    moves: LIMITS.moves,
    jumps: LIMITS.jumps,
    narrows: LIMITS.narrows,
    sums: LIMITS.sums,
    products: LIMITS.products,
    quotients: LIMITS.quotients,
    equalities: LIMITS.equalities,
    orders: LIMITS.orders,
    bitwise: LIMITS.bitwise,
    shifts: LIMITS.shifts,
    swaps: LIMITS.swaps,
  },
  accounts: LIMITS.accounts,
  accountCells,
  hashRows: LIMITS.hashRows,
  uses: LIMITS.uses,
  rows: LIMITS.rows,
  dataWords: LIMITS.words,
  dataPages: LIMITS.dataPages,
  rights: LIMITS.rights,
  windows: LIMITS.windows,
  cells:
    accountCells +
    LIMITS.uses +
    LIMITS.rows +
    LIMITS.accounts +
    RENT.length +
    LIMITS.words +
    16 * LIMITS.dataPages +
    LIMITS.stackWords,
};

export const COMPACT_CAPACITY: CompactCapacity = {
  values: LIMITS.values,
  transactions: LIMITS.transactions,
  references: LIMITS.references,
  instructions: LIMITS.instructions,
  accounts: LIMITS.named,
  words: LIMITS.words,
};
