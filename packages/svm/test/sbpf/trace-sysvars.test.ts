import { describe, expect, it } from 'vitest';
import { decodeBase58 } from '../../src/index.js';
import { newRuntime } from '../../src/runtime/engine/new-runtime.js';
import { setSysvars } from '../../src/runtime/engine/sysvars.js';
import { traceSysvars } from '../../src/trace/trace-sysvars.js';
import { context, hash } from '../support/engine-transactions.js';

const SYSVARS = [
  'SysvarC1ock11111111111111111111111111111111',
  'SysvarRent111111111111111111111111111111111',
  'SysvarEpochSchedu1e111111111111111111111111',
  'SysvarEpochRewards1111111111111111111111111',
  'SysvarLastRestartS1ot1111111111111111111111',
  'SysvarS1otHashes111111111111111111111111111',
  'SysvarRecentB1ockHashes11111111111111111111',
  'SysvarStakeHistory1111111111111111111111111',
];

describe('sysvars for traces', () => {
  it('are those of the engine', () => {
    const { svm } = newRuntime();
    const block = context({ slot: 1_000_000n, blockhashes: [hash('a'), hash('b')] });
    setSysvars(svm, block);
    const sysvar = traceSysvars(block);
    for (const name of SYSVARS) {
      const account = svm.getAccount(decodeBase58(name))!;
      expect([name, Buffer.from(sysvar(decodeBase58(name))!).toString('hex')]).toEqual([
        name,
        Buffer.from(account.data()).toString('hex'),
      ]);
    }
    expect(sysvar(new Uint8Array(32))).toBeUndefined();
  });
});
