import { DataReader, NotParsableError } from './data-reader.js';

/** Sysvars by their address (Agave: parse_sysvar). @param address - in base 58 */
export function parseSysvar(address: string, data: Uint8Array): unknown {
  const known = SYSVARS[address];
  if (known === undefined) throw new NotParsableError('a sysvar without parser');
  const [type, read] = known;
  return { type, info: read(new DataReader(data)) };
}

type Read = (reader: DataReader) => unknown;

const SYSVARS: Readonly<Record<string, [type: string, read: Read]>> = {
  SysvarC1ock11111111111111111111111111111111: [
    'clock',
    (reader) => ({
      slot: reader.u64(),
      epochStartTimestamp: reader.i64(),
      epoch: reader.u64(),
      leaderScheduleEpoch: reader.u64(),
      unixTimestamp: reader.i64(),
    }),
  ],
  SysvarEpochSchedu1e111111111111111111111111: [
    'epochSchedule',
    (reader) => ({
      slotsPerEpoch: reader.u64(),
      leaderScheduleSlotOffset: reader.u64(),
      warmup: reader.bool(),
      firstNormalEpoch: reader.u64(),
      firstNormalSlot: reader.u64(),
    }),
  ],
  SysvarRent111111111111111111111111111111111: [
    'rent',
    (reader) => ({
      lamportsPerByteYear: reader.u64().toString(),
      exemptionThreshold: reader.f64(),
      burnPercent: reader.u8(),
    }),
  ],
  SysvarRecentB1ockHashes11111111111111111111: [
    'recentBlockhashes',
    (reader) =>
      reader.list(40, () => ({
        blockhash: reader.address(),
        feeCalculator: { lamportsPerSignature: reader.u64().toString() },
      })),
  ],
  SysvarS1otHashes111111111111111111111111111: [
    'slotHashes',
    (reader) => reader.list(40, () => ({ slot: reader.u64(), hash: reader.address() })),
  ],
  SysvarStakeHistory1111111111111111111111111: [
    'stakeHistory',
    (reader) =>
      reader.list(32, () => ({
        epoch: reader.u64(),
        stakeHistory: { effective: reader.u64(), activating: reader.u64(), deactivating: reader.u64() },
      })),
  ],
  SysvarLastRestartS1ot1111111111111111111111: [
    'lastRestartSlot',
    (reader) => ({ lastRestartSlot: reader.u64() }),
  ],
};
