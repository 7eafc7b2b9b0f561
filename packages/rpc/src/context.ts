import type { Logger } from '@polyproof/base';
import { Finality } from './finality.js';
import type { RpcBank, SequencerPort, SettlementPort } from './ports.js';

/** Where the node is reached, as `host:port`. */
export interface NodeAddresses {
  rpc: string | null;
  pubsub: string | null;
}

/** Limits of answers, and what the node says of itself. */
export interface MethodOptions {
  /** The fee collector: shown as the node's identity, and as the leader of every slot. */
  identity: Uint8Array;
  /** For getClusterNodes; asked with every call, because a server knows its port only once it listens. */
  addresses?: () => NodeAddresses;
  /** Most accounts in the answer of one scan. Default 50,000. */
  maxScanAccounts?: number;
  /** Most bytes of data in the answer of one scan. Default 32 MiB. */
  maxScanBytes?: number;
}

/** What every method of a {@link RpcBank} may use. */
export interface MethodContext {
  bank: RpcBank;
  sequencer: SequencerPort;
  settlement: SettlementPort;
  logger: Logger;
  finality: Finality;
  options: MethodOptions;
}

/** What a commitment is measured with. */
export interface CommitmentContext {
  bank: Pick<RpcBank, 'slot' | 'getBatch'>;
  settlement: Pick<SettlementPort, 'verifiedBatch'>;
  finality?: Finality;
}

/** Solana's commitments. Here `finalized` means: in a batch that is verified on the base chain. */
export type Commitment = 'processed' | 'confirmed' | 'finalized';

/** A value with the slot of the state it was read from, as Solana answers. */
export function withContext(context: { bank: { readonly slot: bigint } }, value: unknown) {
  return { context: { apiVersion: API_VERSION, slot: context.bank.slot }, value };
}

/** The Agave release whose execution rules and API this node follows. */
export const API_VERSION = '4.3.0';

/** Last slot that has reached a commitment. */
export function slotAt(context: CommitmentContext, commitment: Commitment): bigint {
  if (commitment !== 'finalized') return context.bank.slot;
  return (context.finality ?? new Finality(context)).slot;
}
