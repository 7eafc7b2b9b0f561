import type { CompactCapacity } from '../compact-data/circuit-inputs.js';
import type { CircuitLimits } from '../generated/circuit-limits.js';
import { HEADER_CELLS, ROW_WORDS } from './account-cells.js';
import { WORDS_OF_CALL, WORDS_OF_PASSED } from './call-layout.js';
import type { Capacity } from './inputs.js';
import { RENT, type TransactionCapacity } from './transaction-layout.js';

/** What a batch circuit has room for, as circuits/lib/src/batch.nr lays it out. */
export function batchCapacity(limits: CircuitLimits): Capacity & TransactionCapacity {
  const accountCells = HEADER_CELLS * limits.accounts + ROW_WORDS * limits.hashRows;
  return {
    programs: limits.programs,
    invocations: limits.rows,
    steps: limits.machineSteps,
    pages: limits.pages,
    nodes: limits.nodes,
    segments: 0,
    registers: limits.registers,
    chips: {
      words: limits.accesses,
      part_loads: limits.partLoads,
      part_stores: limits.partStores,
      crossing_loads: limits.crossingLoads,
      crossing_stores: limits.crossingStores,
      moves: limits.moves,
      jumps: limits.jumps,
      narrows: limits.narrows,
      sums: limits.sums,
      products: limits.products,
      quotients: limits.quotients,
      equalities: limits.equalities,
      orders: limits.orders,
      bitwise: limits.bitwise,
      shifts: limits.shifts,
      swaps: limits.swaps,
      chunks: limits.chunks,
    },
    derivations: limits.derivations,
    tries: limits.tries,
    accounts: limits.accounts,
    accountCells,
    hashRows: limits.hashRows,
    uses: limits.uses,
    rows: limits.rows,
    freshCells: limits.freshCells,
    transfers: limits.transfers,
    changes: limits.changes,
    balances: limits.balances,
    savedWords: limits.savedWords,
    dataWords: limits.words,
    dataPages: limits.dataPages,
    rights: limits.rights,
    windows: limits.windows,
    calls: limits.calls,
    passed: limits.passed,
    infos: limits.infos,
    resumed: limits.resumed,
    shared: limits.shared,
    epochs: limits.epochs,
    own: limits.own,
    callWords: limits.callWords,
    cells:
      accountCells +
      limits.freshCells +
      limits.uses +
      limits.rows +
      limits.accounts +
      limits.changes +
      RENT.length +
      limits.words +
      limits.callWords +
      16 * limits.dataPages +
      WORDS_OF_CALL * limits.calls +
      WORDS_OF_PASSED * limits.passed +
      4 * limits.own +
      limits.stackWords,
  };
}

export function compactCapacity(limits: CircuitLimits): CompactCapacity {
  return {
    values: limits.values,
    transactions: limits.transactions,
    references: limits.references,
    instructions: limits.instructions,
    accounts: limits.named,
    words: limits.words,
  };
}
