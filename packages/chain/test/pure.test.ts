import fc from 'fast-check';
import { encodePacked, keccak256, toHex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { DEVELOPMENT_ACCOUNTS, DEVELOPMENT_MNEMONIC, phaseAt, proofHash } from '../src/index.js';

describe('proofHash', () => {
  it('is keccak256(abi.encodePacked(keccak256(proof), operator))', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        (proof, by) => {
          const packed = encodePacked(['bytes32', 'address'], [keccak256(proof), toHex(by)]);
          expect(proofHash(proof, toHex(by))).toBe(keccak256(packed));
        },
      ),
    );
  });

  it('does not depend on how the address is written', () => {
    const { address } = DEVELOPMENT_ACCOUNTS[0]!;
    const lower = address.toLowerCase() as typeof address;
    expect(proofHash(Uint8Array.of(1), lower)).toBe(proofHash(Uint8Array.of(1), address));
  });
});

describe('DEVELOPMENT_ACCOUNTS', () => {
  it('are those of the mnemonic', () => {
    const derived = DEVELOPMENT_ACCOUNTS.map((_, addressIndex) => {
      const account = mnemonicToAccount(DEVELOPMENT_MNEMONIC, { addressIndex });
      return { address: account.address, privateKey: toHex(account.getHdKey().privateKey!) };
    });
    expect(derived).toEqual(DEVELOPMENT_ACCOUNTS);
    expect(DEVELOPMENT_ACCOUNTS).toHaveLength(10);
  });
});

describe('phaseAt', () => {
  it('is the rule of the contract for every block', () => {
    const block = fc.bigInt({ min: 0n, max: 1n << 60n });
    const length = fc.bigInt({ min: 0n, max: 50n });
    fc.assert(
      fc.property(block, length, length, fc.bigInt({ min: 0n, max: 120n }), (openedAt, t1, t2, after) => {
        const lastCommitBlock = openedAt + t1;
        const windows = {
          round: 1n,
          openedAt,
          lastCommitBlock,
          firstRevealBlock: lastCommitBlock + 1n,
          lastRevealBlock: lastCommitBlock + t2,
          lastShareBlock: lastCommitBlock + t2,
        };
        const expected = after <= t1 ? 'commit' : after <= t1 + t2 ? 'reveal' : 'idle';
        expect(phaseAt(windows, openedAt + after)).toBe(expected);
      }),
    );
    expect(phaseAt(undefined, 0n)).toBe('idle');
  });

  it('waits while the sequence before is not verified', () => {
    const unknown = 2n ** 64n - 1n;
    const waiting = {
      round: 1n,
      openedAt: 5n,
      lastCommitBlock: 8n,
      firstRevealBlock: unknown,
      lastRevealBlock: unknown,
      lastShareBlock: unknown,
    };
    expect(phaseAt(waiting, 8n)).toBe('commit');
    expect(phaseAt(waiting, 9n)).toBe('wait');
    expect(phaseAt(waiting, 2n ** 40n)).toBe('wait');
  });
});
