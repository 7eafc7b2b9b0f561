import { decodeBase58 } from '../../base58.js';

/** Layouts of the SPL Token programs, as far as Agave reads them (spl-generic-token). */

const TOKEN_PROGRAM = Buffer.from(decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'));
const TOKEN_2022_PROGRAM = Buffer.from(decodeBase58('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'));

const ACCOUNT_BYTES = 165;
const ACCOUNT_STATE_AT = 108;
export const AMOUNT_AT = 64;
/** tags (u32) of optional fields; lamports of a native account follow the second one */
const DELEGATE_AT = 72;
const NATIVE_AT = 109;
const MINT_BYTES = 82;
const MINT_DECIMALS_AT = 44;
const MINT_INITIALIZED_AT = 45;
/** Token-2022 gives no other account this length. */
const MULTISIG_BYTES = 355;
/** Behind the base layout of an account with extensions; a mint is padded to that length. */
const ACCOUNT_TYPE_AT = ACCOUNT_BYTES;
const TYPE_MINT = 1;
const TYPE_ACCOUNT = 2;

export interface TokenAccountFields {
  kind: 'account';
  mint: Buffer;
  /** a byte a character, for maps */
  mintKey: string;
  owner: Buffer;
  amount: bigint;
  programId: Buffer;
  /** of the SPL Token program, without delegate, not of lamports: a transfer changes nothing but the amount */
  simple: boolean;
}

export type TokenFields = TokenAccountFields | { kind: 'mint'; decimals: number; programId: Buffer };

/** Whether accounts of this owner are those of a token program. */
export function isTokenProgram(address: Buffer): boolean {
  return TOKEN_PROGRAM.equals(address) || TOKEN_2022_PROGRAM.equals(address);
}

/**
 * An initialised token account or mint; null for everything else.
 * @param before - what the account was: addresses that are still the same are taken from it
 */
export function tokenFields(owner: Buffer, data: Buffer, before?: TokenFields | null): TokenFields | null {
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
  if ((data.length === ACCOUNT_BYTES || extended === TYPE_ACCOUNT) && data[ACCOUNT_STATE_AT] !== 0) {
    const known = before?.kind === 'account' ? before : undefined;
    const amount = new DataView(data.buffer, data.byteOffset).getBigUint64(AMOUNT_AT, true);
    const mint = addressAt(data, 0, known?.mint);
    return {
      kind: 'account',
      mint,
      mintKey: known?.mint === mint ? known.mintKey : mint.toString('latin1'),
      owner: addressAt(data, 32, known?.owner),
      amount,
      programId,
      simple:
        programId === TOKEN_PROGRAM &&
        data.readUInt32LE(DELEGATE_AT) === 0 &&
        data.readUInt32LE(NATIVE_AT) === 0,
    };
  }
  if ((data.length === MINT_BYTES || extended === TYPE_MINT) && data[MINT_INITIALIZED_AT] !== 0)
    return { kind: 'mint', decimals: data[MINT_DECIMALS_AT]!, programId };
  return null;
}

function addressAt(data: Buffer, at: number, known: Buffer | undefined): Buffer {
  if (known !== undefined && data.compare(known, 0, 32, at, at + 32) === 0) return known;
  return Buffer.from(data.subarray(at, at + 32));
}
