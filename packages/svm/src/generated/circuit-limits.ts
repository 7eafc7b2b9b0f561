// Generated from circuits/parameters.json by `npm run generate`. Do not edit.
export const CIRCUIT_LIMITS = {
  /** transactions in a batch */
  transactions: 16,
  /** distinct accounts that a batch may touch, the fee collector included */
  accounts: 24,
  /** levels of the state tree that a batch may walk: those of each path but the lowest, and at least one */
  levels: 256,
  /** bytes of batch data */
  dataBytes: 2519,
  /** bytes of one transaction message */
  messageBytes: 184,
  /** account keys of one transaction */
  accountKeys: 4,
  /** depth of the deepest leaf, in digits of its key */
  depth: 32,
} as const;
