import type { RuntimeTransaction } from '@polyproof/svm';

export interface FakeParts {
  payer?: number;
  blockhash?: number;
  bytes?: number;
  feeLamports?: bigint;
  /** of the nonce account that it uses */
  nonce?: number | undefined;
}

/** A resolved transaction of which only identity, fee payer, blockhash, size and fee matter. */
export function fakeTransaction(n: number, parts: FakeParts = {}): RuntimeTransaction {
  const { payer = 1, blockhash = 1, bytes = 200, feeLamports = 5_000n } = parts;
  const signature = new Uint8Array(64);
  new DataView(signature.buffer).setUint32(0, n, true);
  const accountKeys = [new Uint8Array(32).fill(payer)];
  const message = { recentBlockhash: new Uint8Array(32).fill(blockhash), accountKeys };
  return {
    transaction: { signatures: [signature], message, bytes: new Uint8Array(bytes) },
    accountKeys: [...accountKeys, new Uint8Array(32).fill(parts.nonce ?? 0)],
    writable: [true, true],
    loadedAddresses: { writable: [], readonly: [] },
    tables: [],
    baseFeeLamports: feeLamports,
    priorityFeeLamports: 0n,
    ...(parts.nonce === undefined ? {} : { nonceAccount: 1 }),
  } as unknown as RuntimeTransaction;
}

export function numberOf({ transaction }: Pick<RuntimeTransaction, 'transaction'>): number {
  const [signature] = transaction.signatures;
  return new DataView(signature!.buffer, signature!.byteOffset).getUint32(0, true);
}

export const numbersOf = (transactions: readonly RuntimeTransaction[]) => transactions.map(numberOf);
