import litesvm from 'litesvm/dist/internal.js';
import { decodeBase58 } from '../../base58.js';
import { LAMPORTS_PER_SIGNATURE } from '../../rollup-config.js';
import type { RuntimeContext } from '../types.js';
import { EXEMPT } from './held-account.js';
import type { Runtime } from './new-runtime.js';

const SLOTS_PER_EPOCH = 432_000n;

const SYSVAR_OWNER = decodeBase58('Sysvar1111111111111111111111111111111111111');
const SLOT_HASHES = decodeBase58('SysvarS1otHashes111111111111111111111111111');
const RECENT_BLOCKHASHES = decodeBase58('SysvarRecentB1ockHashes11111111111111111111');
/** What litesvm gives its sysvars: what is held in them belongs to nobody. */
const SYSVAR_LAMPORTS = 1n;

const ENTRY_BYTES = 40;
const MAX_SLOT_HASHES = 512;
const MAX_BLOCKHASHES = 150;

/**
 * Sets what a program can see of the block: clock, slot hashes, recent blockhashes.
 *
 * Two sysvars say less than on Solana: slot history stays empty, and an epoch starts at time 0.
 */
export function setSysvars(svm: Runtime, context: RuntimeContext): void {
  const epoch = context.slot / SLOTS_PER_EPOCH;
  svm.setClock(new litesvm.Clock(context.slot, 0n, epoch, epoch + 1n, context.unixTimestamp));

  const slotHashes = Buffer.alloc(8 + MAX_SLOT_HASHES * ENTRY_BYTES);
  slotHashes.writeBigUInt64LE(BigInt(context.slotHashes.length));
  context.slotHashes.forEach(([slot, hash], index) => {
    const at = 8 + index * ENTRY_BYTES;
    slotHashes.writeBigUInt64LE(slot, at);
    slotHashes.set(hash, at + 8);
  });
  setSysvar(svm, SLOT_HASHES, slotHashes);

  const blockhashes = Buffer.alloc(8 + MAX_BLOCKHASHES * ENTRY_BYTES);
  blockhashes.writeBigUInt64LE(BigInt(context.blockhashes.length));
  context.blockhashes.toReversed().forEach((hash, index) => {
    const at = 8 + index * ENTRY_BYTES;
    blockhashes.set(hash, at);
    blockhashes.writeBigUInt64LE(LAMPORTS_PER_SIGNATURE, at + 32);
  });
  setSysvar(svm, RECENT_BLOCKHASHES, blockhashes);
}

function setSysvar(svm: Runtime, address: Uint8Array, data: Buffer): void {
  svm.setAccount(address, new litesvm.Account(SYSVAR_LAMPORTS, data, SYSVAR_OWNER, false, EXEMPT));
}
