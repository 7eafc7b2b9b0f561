// Generated from circuits/parameters.json by `npm run generate`. Do not edit.
export const CIRCUIT_LIMITS = {
  /** transactions in a batch */
  transactions: 20,
  /** instructions of all transactions */
  instructions: 28,
  /** accounts that instructions name */
  named: 72,
  /** words of instruction data, of each instruction one more for its length */
  words: 88,
  /** addresses and blockhashes in the dictionary of the data */
  values: 48,
  /** account keys and blockhashes of all transactions */
  references: 120,
  /** bytes of batch data */
  dataBytes: 2007,
  /** fees, instructions and ends of blocks */
  rows: 56,
  /** accounts that rows use */
  uses: 100,
  /** rights of rows to addresses */
  rights: 224,
  /** parts of stacks */
  windows: 16,
  /** words of all parts of stacks */
  stackWords: 128,
  /** pages of programs' read-only data */
  dataPages: 4,
  /** programs that a rollup may let transactions call */
  programs: 2,
  /** pages of programs' code */
  pages: 28,
  /** levels of pages below the root of a program */
  pageDepth: 12,
  /** distinct accounts that a batch may touch, the fee collector included */
  accounts: 36,
  /** permutations that hash data of accounts, before or after the batch */
  hashRows: 80,
  /** levels of the state tree that a batch may walk, summed over its accounts */
  levels: 504,
  /** depth of the deepest leaf */
  depth: 64,
  /** steps of the machine */
  machineSteps: 2048,
  /** registers of the machine */
  registers: 256,
  /** accesses of memory */
  accesses: 768,
  /** loads of less than a word */
  partLoads: 160,
  /** stores of less than a word */
  partStores: 48,
  /** loads from two words */
  crossingLoads: 16,
  /** stores to two words */
  crossingStores: 16,
  /** moves */
  moves: 320,
  /** jumps by register */
  jumps: 48,
  /** extensions of half words */
  narrows: 32,
  /** sums */
  sums: 320,
  /** products */
  products: 16,
  /** quotients */
  quotients: 4,
  /** comparisons for equality */
  equalities: 160,
  /** comparisons for order */
  orders: 200,
  /** bitwise operations */
  bitwise: 64,
  /** shifts */
  shifts: 32,
  /** changes of byte order */
  swaps: 1,
} as const;
