import { equalBytes } from '@polyproof/base';
import { decodeBase58 } from '../base58.js';
import type { Message } from '../message.js';

const MEMO_PROGRAMS = [
  'Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo',
  'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr',
].map(decodeBase58);

/** The memos of a transaction as Solana's history shows them: "[length] text", joined by "; ". */
export function memoOf({ accountKeys, instructions }: Message): string | null {
  const memos = instructions
    .filter(({ programIdIndex }) => {
      const program = accountKeys[programIdIndex];
      return program !== undefined && MEMO_PROGRAMS.some((memo) => equalBytes(memo, program));
    })
    .map(({ data }) => `[${data.length}] ${textOf(data)}`);
  return memos.length === 0 ? null : memos.join('; ');
}

function textOf(data: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return '(unparseable)';
  }
}
