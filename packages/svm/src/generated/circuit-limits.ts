// Generated from circuits/parameters.json by `npm run generate`. Do not edit.
/** How much a batch circuit has room for. */
export interface CircuitLimits {
  /** programs that a rollup may let transactions call */
  readonly programs: number;
  /** depth of the deepest leaf, in digits of its key */
  readonly depth: number;
  /** transactions in a batch */
  readonly transactions: number;
  /** instructions of all transactions */
  readonly instructions: number;
  /** accounts that instructions name */
  readonly named: number;
  /** words of instruction data, of each instruction one more for its length */
  readonly words: number;
  /** addresses and blockhashes in the dictionary of the data */
  readonly values: number;
  /** account keys and blockhashes of all transactions */
  readonly references: number;
  /** bytes of batch data */
  readonly dataBytes: number;
  /** fees, instructions and ends of blocks */
  readonly rows: number;
  /** accounts that rows use */
  readonly uses: number;
  /** rights of rows to addresses */
  readonly rights: number;
  /** transfers of the System program */
  readonly transfers: number;
  /** changes of accounts: createAccount, assign, allocate, and closing by programs */
  readonly changes: number;
  /** accounts whose lamports programs store */
  readonly balances: number;
  /** words that transactions store before they fail */
  readonly savedWords: number;
  /** words of records that changes make */
  readonly freshCells: number;
  /** parts of stacks */
  readonly windows: number;
  /** words of all parts of stacks */
  readonly stackWords: number;
  /** pages of programs' read-only data */
  readonly dataPages: number;
  /** pages of programs' code */
  readonly pages: number;
  /** nodes above pages */
  readonly nodes: number;
  /** deposits from the base chain */
  readonly deposits: number;
  /** accounts at exit addresses */
  readonly exits: number;
  /** distinct accounts that a batch may touch, the fee collector included */
  readonly accounts: number;
  /** permutations that hash data of accounts, before or after the batch */
  readonly hashRows: number;
  /** levels of the state tree that a batch may walk: those of each path but the lowest, and at least one */
  readonly levels: number;
  /** steps of the machine */
  readonly machineSteps: number;
  /** registers of the machine */
  readonly registers: number;
  /** accesses of memory */
  readonly accesses: number;
  /** loads of less than a word */
  readonly partLoads: number;
  /** stores of less than a word */
  readonly partStores: number;
  /** loads from two words */
  readonly crossingLoads: number;
  /** stores to two words */
  readonly crossingStores: number;
  /** moves */
  readonly moves: number;
  /** jumps by register */
  readonly jumps: number;
  /** extensions of half words */
  readonly narrows: number;
  /** sums */
  readonly sums: number;
  /** products */
  readonly products: number;
  /** quotients */
  readonly quotients: number;
  /** comparisons for equality */
  readonly equalities: number;
  /** comparisons for order */
  readonly orders: number;
  /** bitwise operations */
  readonly bitwise: number;
  /** shifts */
  readonly shifts: number;
  /** changes of byte order */
  readonly swaps: number;
  /** words and bytes of seeds that addresses are derived from */
  readonly chunks: number;
  /** derivations of addresses */
  readonly derivations: number;
  /** hashes of derivations */
  readonly tries: number;
  /** instructions that programs call */
  readonly calls: number;
  /** accounts of called instructions */
  readonly passed: number;
  /** accounts that callers describe, before a call and behind it */
  readonly infos: number;
  /** uses of rows in which callers go on */
  readonly resumed: number;
  /** segments that later parts of an execution share with the first */
  readonly shared: number;
  /** rent epochs that programs load */
  readonly epochs: number;
  /** executions whose programs load their own address */
  readonly own: number;
  /** words of called instructions' data, of each one more for its length */
  readonly callWords: number;
}

/** The batch circuits: the first one that a batch fits in proves it. */
export const BATCH_CIRCUITS = {
  svm_batch_small: {
    programs: 2,
    depth: 32,
    transactions: 6,
    instructions: 13,
    named: 30,
    words: 40,
    values: 20,
    references: 36,
    dataBytes: 791,
    rows: 24,
    uses: 37,
    rights: 83,
    transfers: 4,
    changes: 4,
    balances: 4,
    savedWords: 4,
    freshCells: 134,
    windows: 10,
    stackWords: 48,
    dataPages: 4,
    pages: 80,
    nodes: 88,
    deposits: 2,
    exits: 2,
    accounts: 15,
    hashRows: 30,
    levels: 156,
    machineSteps: 910,
    registers: 128,
    accesses: 286,
    partLoads: 66,
    partStores: 8,
    crossingLoads: 20,
    crossingStores: 8,
    moves: 161,
    jumps: 16,
    narrows: 8,
    sums: 71,
    products: 4,
    quotients: 2,
    equalities: 118,
    orders: 77,
    bitwise: 24,
    shifts: 12,
    swaps: 1,
    chunks: 0,
    derivations: 0,
    tries: 0,
    calls: 0,
    passed: 0,
    infos: 0,
    resumed: 0,
    shared: 0,
    epochs: 0,
    own: 0,
    callWords: 0,
  },
  svm_batch: {
    programs: 2,
    depth: 32,
    transactions: 40,
    instructions: 70,
    named: 156,
    words: 204,
    values: 62,
    references: 240,
    dataBytes: 3159,
    rows: 120,
    uses: 204,
    rights: 520,
    transfers: 20,
    changes: 12,
    balances: 10,
    savedWords: 16,
    freshCells: 382,
    windows: 32,
    stackWords: 160,
    dataPages: 6,
    pages: 210,
    nodes: 176,
    deposits: 4,
    exits: 4,
    accounts: 50,
    hashRows: 100,
    levels: 532,
    machineSteps: 4610,
    registers: 256,
    accesses: 1680,
    partLoads: 434,
    partStores: 40,
    crossingLoads: 78,
    crossingStores: 24,
    moves: 620,
    jumps: 54,
    narrows: 16,
    sums: 350,
    products: 16,
    quotients: 16,
    equalities: 770,
    orders: 330,
    bitwise: 78,
    shifts: 40,
    swaps: 1,
    chunks: 0,
    derivations: 0,
    tries: 0,
    calls: 0,
    passed: 0,
    infos: 0,
    resumed: 0,
    shared: 0,
    epochs: 0,
    own: 0,
    callWords: 0,
  },
} as const satisfies Record<string, CircuitLimits>;

/** How much the circuit of signatures has room for. */
export const SIGNATURE_LIMITS = {
  /** signatures of all transactions */
  signatures: 12,
  /** keys that sign */
  keys: 10,
  /** blocks of SHA-512 for all signatures */
  hashBlocks: 32,
  /** transactions in a batch */
  transactions: 12,
  /** instructions of all transactions */
  instructions: 24,
  /** accounts that instructions name */
  named: 56,
  /** words of instruction data, of each instruction one more for its length */
  words: 72,
  /** addresses and blockhashes in the dictionary of the data */
  values: 36,
  /** account keys and blockhashes of all transactions */
  references: 80,
  /** bytes of batch data */
  dataBytes: 1600,
} as const;

/** The most of each that any batch circuit has room for. */
export const CIRCUIT_LIMITS: CircuitLimits = {
  programs: 2,
  depth: 32,
  transactions: 40,
  instructions: 70,
  named: 156,
  words: 204,
  values: 62,
  references: 240,
  dataBytes: 3159,
  rows: 120,
  uses: 204,
  rights: 520,
  transfers: 20,
  changes: 12,
  balances: 10,
  savedWords: 16,
  freshCells: 382,
  windows: 32,
  stackWords: 160,
  dataPages: 6,
  pages: 210,
  nodes: 176,
  deposits: 4,
  exits: 4,
  accounts: 50,
  hashRows: 100,
  levels: 532,
  machineSteps: 4610,
  registers: 256,
  accesses: 1680,
  partLoads: 434,
  partStores: 40,
  crossingLoads: 78,
  crossingStores: 24,
  moves: 620,
  jumps: 54,
  narrows: 16,
  sums: 350,
  products: 16,
  quotients: 16,
  equalities: 770,
  orders: 330,
  bitwise: 78,
  shifts: 40,
  swaps: 1,
  chunks: 0,
  derivations: 0,
  tries: 0,
  calls: 0,
  passed: 0,
  infos: 0,
  resumed: 0,
  shared: 0,
  epochs: 0,
  own: 0,
  callWords: 0,
};
