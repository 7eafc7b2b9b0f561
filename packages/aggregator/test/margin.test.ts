import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { belowMargin, provingCostWei } from '../src/proof-sender/margin.js';
import { FakeChain, REWARD_WEI, WE } from './support/fake-chain.js';
import { Harness } from './support/harness.js';

const ETHER = 10n ** 18n;
const GWEI = 10n ** 9n;

describe('the margin rule', () => {
  it('says what is expected, what it costs, and what is to be left', () => {
    const rule = { leastWei: ETHER / 10n, provingSecondWei: 10n ** 14n, expectedShare: 0.5, gas: 1_000_000n };
    const figures = { rewardWei: ETHER, gasPriceWei: 400n * GWEI, provingSeconds: 100 };
    expect(belowMargin(rule, figures)).toBe(
      'not worth a commitment: 0.5 ETH of reward are expected and 0.41 ETH of cost, and 0.1 ETH are to be left.',
    );
    expect(belowMargin({ ...rule, leastWei: ETHER / 20n }, figures)).toBeUndefined();
    expect(belowMargin({ leastWei: 0n }, { ...figures, gasPriceWei: 0n })).toBeUndefined();
  });

  it('is stricter with dearer gas, longer proofs, smaller rewards', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 20n });
    const figures = fc.record({
      rewardWei: amount,
      gasPriceWei: fc.bigInt({ min: 0n, max: 10n ** 12n }),
      provingSeconds: fc.integer({ min: 0, max: 10_000 }),
    });
    const rule = fc.record({
      leastWei: amount,
      provingSecondWei: amount,
      expectedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(rule, figures, (r, f) => {
        const refused = belowMargin(r, f) !== undefined;
        const worse = {
          rewardWei: f.rewardWei / 2n,
          gasPriceWei: f.gasPriceWei * 2n,
          provingSeconds: f.provingSeconds + 1,
        };
        if (refused) expect(belowMargin(r, worse)).toBeDefined();
        expect(provingCostWei(r, f.provingSeconds)).toBe(r.provingSecondWei * BigInt(f.provingSeconds));
      }),
    );
  });

  it('keeps the sender from committing, and tells why, until it is worth it', async () => {
    const chain = new FakeChain();
    let gasPriceWei = 10n ** 15n;
    const settlement = { ...chain.port(), gasPriceWei: async () => gasPriceWei };
    const h = await Harness.open({ chain, settlement, margin: { leastWei: REWARD_WEI / 2n } });
    chain.submit(1);
    await h.watcher.poll();
    await h.proveAll();
    await h.step();
    expect(chain.commitment(1n, WE)).toBeUndefined();
    expect((await h.submissions.get(1n))?.error).toMatch(/not worth a commitment/);
    gasPriceWei = GWEI;
    await h.step();
    expect(chain.commitment(1n, WE)).toBeDefined();
    expect((await h.submissions.get(1n))?.error).toBeNull();
    await h.close();
  });
});
