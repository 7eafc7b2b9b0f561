import { decodeBase58 } from '../../base58.js';

/** Accounts of the upgradeable loader (loader-v3), as Agave lays them out. */

export const UPGRADEABLE_LOADER = Buffer.from(decodeBase58('BPFLoaderUpgradeab1e11111111111111111111111'));

/** bincode tags of `UpgradeableLoaderState` */
const PROGRAM = 2;
const PROGRAMDATA = 3;
/** tag, slot, optional authority; the program's ELF file follows */
export const PROGRAMDATA_HEADER_BYTES = 45;
const PROGRAM_BYTES = 36;

/** Where the code of a program is; undefined where the account is not a program of the upgradeable loader. */
export function programdataAddress(owner: Uint8Array, data: Uint8Array): Uint8Array | undefined {
  if (data.length < PROGRAM_BYTES || data[0] !== PROGRAM) return undefined;
  return UPGRADEABLE_LOADER.equals(owner) ? data.subarray(4, PROGRAM_BYTES) : undefined;
}

/** Whether the account holds a program's code. */
export function isProgramdata(owner: Uint8Array, data: Uint8Array): boolean {
  return data[0] === PROGRAMDATA && UPGRADEABLE_LOADER.equals(owner);
}
