import { encodeProvedData } from './deposits.js';
import { exitAddress } from './exits.js';
import { encodeMessage } from './message.js';
import { SYSTEM_PROGRAM } from './reserved.js';

/** A withdrawal that is forced through the base chain: the one message that its inbox takes. */
export interface ForcedWithdrawal {
  /** account of the rollup, 32 bytes, which pays and signs */
  payer: Uint8Array;
  /** account of the base chain, 20 bytes */
  recipient: Uint8Array;
  lamports: bigint;
  /** 32 bytes, which the inbox prescribes: no block's */
  blockhash: Uint8Array;
}

const TRANSFER = 2;

/** What the payer signs: a legacy message with one System transfer to the recipient's exit address. */
export function forcedMessage({ payer, recipient, lamports, blockhash }: ForcedWithdrawal): Uint8Array {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(TRANSFER);
  data.writeBigUInt64LE(lamports, 4);
  return encodeMessage({
    version: 'legacy',
    header: { numRequiredSignatures: 1, numReadonlySignedAccounts: 0, numReadonlyUnsignedAccounts: 1 },
    accountKeys: [payer, exitAddress(recipient), SYSTEM_PROGRAM],
    recentBlockhash: blockhash,
    instructions: [{ programIdIndex: 2, accountIndexes: Uint8Array.of(0, 1), data }],
    addressTableLookups: [],
  });
}

/** The data of the batch that consists of this message alone, as the inbox has its hash. */
export function forcedBatchData(message: Uint8Array): Uint8Array {
  return encodeProvedData([[message]], []);
}
