import litesvm from 'litesvm/dist/internal.js';
import { describe, expect, it } from 'vitest';
import { Engine } from '../src/engine.js';
import { decodeBase58, encodeBase58, RESERVED_ADDRESSES } from '../src/index.js';

/** Addresses of all accounts that a fresh litesvm holds, by their owners. */
function preloaded(): string[] {
  const svm = new litesvm.LiteSvm();
  const owners = [
    ...['11111111111111111111111111111111', 'Config1111111111111111111111111111111111111'],
    ...['BPFLoader1111111111111111111111111111111111', 'BPFLoader2111111111111111111111111111111111'],
    ...['BPFLoaderUpgradeab1e11111111111111111111111', 'Feature111111111111111111111111111111111111'],
    ...['NativeLoader1111111111111111111111111111111', 'Sysvar1111111111111111111111111111111111111'],
  ];
  return owners.flatMap((owner) =>
    svm.getProgramAccounts(decodeBase58(owner)).map((found) => encodeBase58(found.address)),
  );
}

describe('Engine', () => {
  it('holds nothing of its own but reserved accounts', () => {
    const engine = new Engine();
    const all = preloaded();
    expect(all.length).toBeGreaterThan(250);
    const left = all.filter((address) => engine.getAccount(decodeBase58(address)) !== null);
    expect(left.length).toBeGreaterThan(15);
    for (const address of left) expect(RESERVED_ADDRESSES).toContain(address);
  });
});
