import { concatBytes, u64le } from '@polyproof/base';
import { decodeBase58 } from '../base58.js';
import { LAMPORTS_PER_SIGNATURE } from '../rollup-config.js';
import { addressKey } from '../runtime/resolve/address-key.js';
import type { RuntimeContext } from '../runtime/types.js';

const SLOTS_PER_EPOCH = 432_000n;
const LAMPORTS_PER_BYTE = 6_960n;
const MAX_SLOT_HASHES = 512;
const MAX_BLOCKHASHES = 150;
const ENTRY_BYTES = 40;

const address = (name: string) => addressKey(decodeBase58(name));
const CLOCK = address('SysvarC1ock11111111111111111111111111111111');
const RENT = address('SysvarRent111111111111111111111111111111111');
const EPOCH_SCHEDULE = address('SysvarEpochSchedu1e111111111111111111111111');
const EPOCH_REWARDS = address('SysvarEpochRewards1111111111111111111111111');
const LAST_RESTART_SLOT = address('SysvarLastRestartS1ot1111111111111111111111');
const SLOT_HASHES = address('SysvarS1otHashes111111111111111111111111111');
const RECENT_BLOCKHASHES = address('SysvarRecentB1ockHashes11111111111111111111');
const STAKE_HISTORY = address('SysvarStakeHistory1111111111111111111111111');

/**
 * Serialised sysvars of a block, as the engine sets them: see `setSysvars`. The slot history is missing.
 * @returns what gives a sysvar by its address
 */
export function traceSysvars(context: RuntimeContext): (address: Uint8Array) => Uint8Array | undefined {
  const { slot, unixTimestamp } = context;
  const epoch = slot / SLOTS_PER_EPOCH;
  const sysvars = new Map<string, Uint8Array>([
    // slot, start of the epoch, epoch, epoch that leaders are known for, time
    [CLOCK, concatBytes(...[slot, 0n, epoch, epoch + 1n, BigInt.asUintN(64, unixTimestamp)].map(u64le))],
    // lamports for a byte, a factor that is always 1, and the percentage that was burnt when rent was collected
    [RENT, concatBytes(u64le(LAMPORTS_PER_BYTE), float64(1), Uint8Array.of(50))],
    [
      EPOCH_SCHEDULE,
      concatBytes(u64le(SLOTS_PER_EPOCH), u64le(SLOTS_PER_EPOCH), Uint8Array.of(0), u64le(0n), u64le(0n)),
    ],
    [EPOCH_REWARDS, new Uint8Array(81)],
    [LAST_RESTART_SLOT, new Uint8Array(8)],
    [STAKE_HISTORY, new Uint8Array(8)],
    [
      SLOT_HASHES,
      list(
        context.slotHashes.map(([of, hash]) => concatBytes(u64le(of), hash)),
        MAX_SLOT_HASHES,
      ),
    ],
    [
      RECENT_BLOCKHASHES,
      list(
        context.blockhashes.toReversed().map((hash) => concatBytes(hash, u64le(LAMPORTS_PER_SIGNATURE))),
        MAX_BLOCKHASHES,
      ),
    ],
  ]);
  return (of) => sysvars.get(addressKey(of));
}

/** Number of entries, the entries, and zeros up to what the sysvar can hold. */
function list(entries: Uint8Array[], capacity: number): Uint8Array {
  const bytes = new Uint8Array(8 + ENTRY_BYTES * capacity);
  bytes.set(concatBytes(u64le(BigInt(entries.length)), ...entries));
  return bytes;
}

function float64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}
