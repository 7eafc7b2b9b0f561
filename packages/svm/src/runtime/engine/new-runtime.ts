import litesvm from 'litesvm/dist/internal.js';
import { decodeBase58, encodeBase58 } from '../../base58.js';
import { RESERVED_ADDRESSES } from '../../reserved.js';
import { programdataAddress } from './upgradeable-program.js';

export type Runtime = InstanceType<typeof litesvm.LiteSvm>;

/** Owners of accounts that a new litesvm holds beside native programs and sysvars. */
const PRELOADED_OWNERS = [
  '11111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'Config1111111111111111111111111111111111111',
  'Feature111111111111111111111111111111111111',
];

const SLOTS_PER_EPOCH = 432_000n;

export interface NewRuntime {
  svm: Runtime;
  /** accounts that are part of the runtime: native programs, sysvars, code of native programs */
  own: Uint8Array[];
  /** programs that were removed: the runtime still has their code */
  removedPrograms: Uint8Array[];
}

/**
 * A runtime with mainnet's features that holds native programs and sysvars alone: the rollup's state is what was
 * given to it, and nothing else. litesvm brings SPL programs, feature accounts and a rich faucet account.
 */
export function newRuntime(): NewRuntime {
  const svm = new litesvm.LiteSvm();
  svm.setSigverify(false);
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  // As on mainnet: without the short epochs of a cluster's start.
  svm.setEpochSchedule(new litesvm.EpochSchedule(SLOTS_PER_EPOCH, SLOTS_PER_EPOCH, false, 0n, 0n));
  const kept = new Set(RESERVED_ADDRESSES);
  const own = RESERVED_ADDRESSES.map(decodeBase58).filter((address) => svm.getBalance(address) !== null);
  // Native programs that were moved to bytecode (address lookup tables, stake) keep it in a second account.
  for (const address of [...own]) {
    const account = svm.getAccount(address)!;
    const code = programdataAddress(account.owner(), account.data());
    if (code !== undefined) own.push(code);
  }
  for (const address of own) kept.add(encodeBase58(address));
  const gone = new litesvm.Account(0n, new Uint8Array(), new Uint8Array(32), false, 0n);
  const removedPrograms: Uint8Array[] = [];
  for (const owner of PRELOADED_OWNERS)
    for (const found of svm.getProgramAccounts(decodeBase58(owner))) {
      if (kept.has(encodeBase58(found.address))) continue;
      if (found.account().executable()) removedPrograms.push(found.address);
      svm.setAccount(found.address, gone);
    }
  return { svm, own, removedPrograms };
}
