import { decodeBase58 } from '../../base58.js';

/** Layouts of the SPL Token programs, as far as Agave reads them (spl-generic-token). */

const TOKEN_PROGRAM = Buffer.from(decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'));
const TOKEN_2022_PROGRAM = Buffer.from(decodeBase58('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'));

const ACCOUNT_BYTES = 165;
const ACCOUNT_STATE_AT = 108;
const MINT_BYTES = 82;
const MINT_DECIMALS_AT = 44;
const MINT_INITIALIZED_AT = 45;
/** Token-2022 gives no other account this length. */
const MULTISIG_BYTES = 355;
/** Behind the base layout of an account with extensions; a mint is padded to that length. */
const ACCOUNT_TYPE_AT = ACCOUNT_BYTES;
const TYPE_MINT = 1;
const TYPE_ACCOUNT = 2;

export type TokenFields =
  | { kind: 'account'; mint: Buffer; owner: Buffer; amount: bigint; programId: Buffer }
  | { kind: 'mint'; decimals: number; programId: Buffer };

export function isTokenProgram(address: Buffer): boolean {
  return TOKEN_PROGRAM.equals(address) || TOKEN_2022_PROGRAM.equals(address);
}

/** An initialised token account or mint; null for everything else. */
export function tokenFields(owner: Buffer, data: Buffer): TokenFields | null {
  const programId = TOKEN_PROGRAM.equals(owner)
    ? TOKEN_PROGRAM
    : TOKEN_2022_PROGRAM.equals(owner)
      ? TOKEN_2022_PROGRAM
      : undefined;
  if (programId === undefined) return null;
  const extended =
    programId === TOKEN_2022_PROGRAM && data.length > ACCOUNT_BYTES && data.length !== MULTISIG_BYTES
      ? data[ACCOUNT_TYPE_AT]
      : undefined;
  if ((data.length === ACCOUNT_BYTES || extended === TYPE_ACCOUNT) && data[ACCOUNT_STATE_AT] !== 0)
    return {
      kind: 'account',
      mint: Buffer.from(data.subarray(0, 32)),
      owner: Buffer.from(data.subarray(32, 64)),
      amount: data.readBigUInt64LE(64),
      programId,
    };
  if ((data.length === MINT_BYTES || extended === TYPE_MINT) && data[MINT_INITIALIZED_AT] !== 0)
    return { kind: 'mint', decimals: data[MINT_DECIMALS_AT]!, programId };
  return null;
}
