import type { TableWriter } from './types.js';

/** Writes at once, into the transaction in which it is called. */
export const syncWriter: TableWriter = {
  put: (table, key, value) => void table.putSync(key, value),
  remove: (table, key) => void table.removeSync(key),
};
