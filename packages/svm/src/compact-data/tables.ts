/** What compact batch data says, table by table in the order in which the bytes have them. */
export interface CompactTables {
  /** distinct addresses and blockhashes of 32 bytes, in the order in which `references` names them first */
  values: Uint8Array[];
  transactions: CompactTransaction[];
  /** of each transaction in turn: its account keys, then its blockhash, as indexes into `values` */
  references: number[];
  /** those of all transactions in turn */
  instructions: CompactInstruction[];
  /** accounts of all instructions in turn, as indexes into the keys of their transaction */
  accounts: Uint8Array;
  /** data of all instructions in turn */
  data: Uint8Array;
}

export interface CompactTransaction {
  lastOfBlock: boolean;
  version: 'legacy' | 0;
  keys: number;
  signers: number;
  readonlySigners: number;
  readonlyOthers: number;
  instructions: number;
}

export interface CompactInstruction {
  /** index into the keys of its transaction */
  program: number;
  accounts: number;
  dataLength: number;
}

/** bytes in front of the values: two of their number, two of the number of transactions, both big-endian */
export const HEADER_BYTES = 4;
export const VALUE_BYTES = 32;
export const MAX_TRANSACTIONS = 0xffff;

/** More than any transaction has that fits in a packet: 35 keys, 12 signers. */
export const MAX_KEYS = 63;
export const MAX_SIGNERS = 16;

/** The first byte of a transaction: whether its block ends, the version, the number of keys. */
export const LAST_OF_BLOCK = 0x80;
export const VERSION_0 = 0x40;
/** The second byte: signers but the first, times this, plus read-only signers. */
export const SIGNER = 0x10;

/** Numbers below take one byte; others, counted from here, a byte that says so with their upper five bits, and one more. */
export const SHORT_NUMBERS = 224;
export const MAX_NUMBER = SHORT_NUMBERS + 0x1fff;
