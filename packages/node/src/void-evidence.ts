import { type Field, fieldFromHex, littleEndian } from '@polyproof/base';
import type { AccountEvidence } from '@polyproof/chain';
import { accountDataHash } from '@polyproof/state';
import { decodeBase58 } from '@polyproof/svm';
import { NodeError } from './errors.js';

/** What a node answers to `polyproof_getAccountProof`. */
export interface AccountProofAnswer {
  account: {
    lamports: number | bigint;
    data: [base64: string, encoding: string];
    owner: string;
    executable: boolean;
    rentEpoch: number | bigint;
  } | null;
  proof: {
    siblings: string[][];
    terminal: { kind: 'leaf'; key: string; value: string } | { kind: 'empty' };
  };
}

/** The fields of an account as the state tree commits to it, which the inbox of forced withdrawals asks for. */
export function voidEvidence({ account, proof }: AccountProofAnswer): AccountEvidence {
  const { terminal } = proof;
  return {
    ...(account === null ? { meta: 0n, owner: 0n, dataHash: 0n } : valueFields(account)),
    key: terminal.kind === 'leaf' ? fieldFromHex(terminal.key) : 0n,
    value: terminal.kind === 'leaf' ? fieldFromHex(terminal.value) : 0n,
    siblings: proof.siblings.map(siblingsOf),
  };
}

function valueFields(account: NonNullable<AccountProofAnswer['account']>) {
  const data = Uint8Array.from(Buffer.from(account.data[0], 'base64'));
  const owner = decodeBase58(account.owner);
  const meta =
    BigInt(account.lamports) +
    (BigInt(account.rentEpoch) << 64n) +
    (BigInt(data.length) << 128n) +
    (BigInt(account.executable) << 192n) +
    (BigInt(owner[31]!) << 200n) +
    (8n << 208n);
  return { meta, owner: littleEndian(owner.subarray(0, 31)), dataHash: accountDataHash(data) };
}

function siblingsOf(level: string[]): readonly [Field, Field, Field] {
  const [a, b, c, ...more] = level.map(fieldFromHex);
  if (a === undefined || b === undefined || c === undefined || more.length > 0)
    throw new NodeError('BAD_ANSWER', `a level of the proof has ${level.length} siblings instead of 3.`);
  return [a, b, c];
}
