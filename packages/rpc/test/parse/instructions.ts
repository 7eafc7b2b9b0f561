import { Keypair, type PublicKey, type TransactionInstruction } from '@solana/web3.js';
import { parseInstruction } from '../../src/parse/parse-instruction.js';

/** An address that is the same in every run. */
export function key(index: number): PublicKey {
  return Keypair.fromSeed(new Uint8Array(32).fill(index)).publicKey;
}

export function text(index: number): string {
  return key(index).toBase58();
}

/** What the parser makes of an instruction that a client library has built. */
export function parse(instruction: TransactionInstruction) {
  return parseInstruction(
    instruction.programId.toBase58(),
    instruction.keys.map(({ pubkey }) => pubkey.toBase58()),
    instruction.data,
  );
}

/** The same without its last account: parsers must not make up what is not there. */
export function parseWithout(instruction: TransactionInstruction, accounts = 1) {
  return parseInstruction(
    instruction.programId.toBase58(),
    instruction.keys.slice(0, -accounts).map(({ pubkey }) => pubkey.toBase58()),
    instruction.data,
  );
}
