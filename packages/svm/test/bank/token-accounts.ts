import { createHash } from 'node:crypto';
import { type Account, encodeAccount } from '@polyproof/state';
import { decodeBase58, systemAccount } from '../../src/index.js';

export const TOKEN = decodeBase58('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const TOKEN_2022 = decodeBase58('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');
export const LAMPORTS = 10_000_000n;

/** 32 bytes that stand for a name. */
export function key(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(name).digest());
}

export interface TokenParts {
  program?: Uint8Array;
  mint: string;
  wallet: string;
  delegate?: string;
  amount?: bigint;
  /** 0: not initialised */
  state?: number;
  /** bytes behind the base; the first is the account type */
  extension?: Uint8Array;
}

/** spl_token::state::Account in an account of the token program. */
export function tokenAccount(parts: TokenParts): Account {
  const { extension = new Uint8Array(), program = TOKEN } = parts;
  const data = new Uint8Array(165 + extension.length);
  const view = new DataView(data.buffer);
  data.set(key(parts.mint), 0);
  data.set(key(parts.wallet), 32);
  view.setBigUint64(64, parts.amount ?? 0n, true);
  if (parts.delegate !== undefined) {
    view.setUint32(72, 1, true);
    data.set(key(parts.delegate), 76);
  }
  data[108] = parts.state ?? 1;
  data.set(extension, 165);
  return { ...systemAccount(LAMPORTS), owner: program, data };
}

export function plain(owner: Uint8Array, data = new Uint8Array()): Account {
  return { ...systemAccount(LAMPORTS), owner, data };
}

export function encoded(account: Account | null): Uint8Array | null {
  return account === null ? null : encodeAccount(account);
}
