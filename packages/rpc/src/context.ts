import type { Logger } from '@polyproof/base';
import type { BankPort, SequencerPort, SettlementPort } from './ports.js';

/** What every method may use. */
export interface RpcContext {
  bank: BankPort;
  sequencer: SequencerPort;
  settlement: SettlementPort;
  logger: Logger;
  lamportsPerSignature: bigint;
}

/** Solana's commitments. Here `finalized` means: in a batch that is verified on the base chain. */
export type Commitment = 'processed' | 'confirmed' | 'finalized';

/** A value with the slot of the state it was read from, as Solana answers. */
export function withContext(context: RpcContext, value: unknown) {
  return { context: { apiVersion: API_VERSION, slot: context.bank.slot }, value };
}

/** The Agave release whose execution rules and API this node follows. */
export const API_VERSION = '4.3.0';

/** Last slot that has reached a commitment. */
export function slotAt({ bank, settlement }: RpcContext, commitment: Commitment): bigint {
  if (commitment !== 'finalized') return bank.slot;
  const verified = settlement.verifiedBatch();
  return verified === 0n ? 0n : (bank.getBatch(verified)?.lastSlot ?? 0n);
}
