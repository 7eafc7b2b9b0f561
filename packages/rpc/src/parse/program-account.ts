import { DataReader, NotParsableError } from './data-reader.js';

/** Parsers of accounts that native programs own, but for sysvars. Layouts are bincode's, bytes behind are ignored. */

/** A durable nonce (Agave: parse_nonce). What is not initialised is an ordinary System account. */
export function parseNonce(data: Uint8Array): unknown {
  const reader = new DataReader(data);
  const [version, state] = [reader.u32(), reader.u32()];
  if (version > 1 || state !== 1) throw new NotParsableError('not an initialised nonce');
  return {
    type: 'initialized',
    info: {
      authority: reader.address(),
      blockhash: reader.address(),
      feeCalculator: { lamportsPerSignature: reader.u64().toString() },
    },
  };
}

/** Agave: parse_address_lookup_table. */
export function parseLookupTable(data: Uint8Array): unknown {
  const reader = new DataReader(data);
  const state = reader.u32();
  if (state === 0) return { type: 'uninitialized' };
  if (state !== 1) throw new NotParsableError(`state ${state}`);
  const deactivationSlot = reader.u64().toString();
  const lastExtendedSlot = reader.u64().toString();
  const lastExtendedSlotStartIndex = reader.u8();
  const authority = reader.optional(() => reader.address());
  const addresses = new DataReader(data);
  addresses.bytes(56);
  if (addresses.remaining % 32 !== 0) throw new NotParsableError('the last address is cut off');
  return {
    type: 'lookupTable',
    info: {
      deactivationSlot,
      lastExtendedSlot,
      lastExtendedSlotStartIndex,
      ...(authority === null ? {} : { authority }),
      addresses: Array.from({ length: addresses.remaining / 32 }, () => addresses.address()),
    },
  };
}

/** Accounts of the upgradeable loader (Agave: parse_bpf_upgradeable_loader). */
export function parseUpgradeableLoader(data: Uint8Array): unknown {
  const reader = new DataReader(data);
  const state = reader.u32();
  switch (state) {
    case 0:
      return { type: 'uninitialized' };
    case 1: {
      const authority = reader.optional(() => reader.address());
      return { type: 'buffer', info: { authority, data: programBytes(reader) } };
    }
    case 2:
      return { type: 'program', info: { programData: reader.address() } };
    case 3: {
      const slot = reader.u64();
      const authority = reader.optional(() => reader.address());
      return { type: 'programData', info: { slot, authority, data: programBytes(reader) } };
    }
    default:
      throw new NotParsableError(`state ${state}`);
  }
}

function programBytes(reader: DataReader): [string, string] {
  const bytes = reader.rest();
  return [Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), 'base64'];
}
