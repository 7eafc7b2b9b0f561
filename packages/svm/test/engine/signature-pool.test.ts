import { silentLogger } from '@polyproof/base';
import { afterEach, describe, expect, it } from 'vitest';
import { SignaturePool } from '../../src/runtime/engine/signature-pool.js';
import { address, BLOCKHASH, engineTransaction, systemTransfer } from '../support/engine-transactions.js';

const transfer = (lamports: bigint, signers = ['alice']) =>
  engineTransaction({
    signers,
    instructions: [systemTransfer(address('alice'), address('bob'), lamports)],
    blockhash: BLOCKHASH,
  }).transaction;
/** `bob` pays, and `alice`, who has to sign, does not. */
const wrong = (lamports: bigint) => transfer(lamports, ['bob']);

describe('SignaturePool', () => {
  let pool: SignaturePool;
  afterEach(() => pool.close());

  it('tells right from wrong, in any mixture', async () => {
    pool = new SignaturePool({ workers: 2, batchSize: 8 }, { logger: silentLogger });
    const verdicts = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        pool.verify(index % 3 === 0 ? wrong(BigInt(index)) : transfer(BigInt(index))),
      ),
    );
    expect(verdicts).toEqual(Array.from({ length: 100 }, (_, index) => index % 3 !== 0));
    expect(pool.processIds).toHaveLength(2);
  });

  it('verifies again what a worker that was killed had', async () => {
    pool = new SignaturePool({ batchSize: 4 }, { logger: silentLogger });
    expect(await pool.verify(transfer(1n))).toBe(true);
    const [before] = pool.processIds;
    process.kill(before!, 'SIGSTOP');
    const verdicts = Array.from({ length: 20 }, (_, index) => pool.verify(transfer(BigInt(index))));
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(before!, 'SIGKILL');
    expect(await Promise.all(verdicts)).toEqual(new Array(20).fill(true));
    expect(pool.processIds).not.toEqual([before]);
  });

  it('verifies again what a worker that hung had', async () => {
    pool = new SignaturePool({ deadlineMs: 3_000 }, { logger: silentLogger });
    expect(await pool.verify(transfer(1n))).toBe(true);
    process.kill(pool.processIds[0]!, 'SIGSTOP');
    expect(await pool.verify(transfer(2n))).toBe(true);
  });

  it('takes what ended its worker twice for badly signed, and nothing else', async () => {
    let deaths = 0;
    const logger = {
      ...silentLogger,
      warn: () => {
        // The next worker has only just been started when this runs, and has one transaction.
        if (++deaths === 1) setImmediate(() => process.kill(pool.processIds[0]!, 'SIGKILL'));
      },
    };
    pool = new SignaturePool({}, { logger });
    expect(await pool.verify(transfer(1n))).toBe(true);
    process.kill(pool.processIds[0]!, 'SIGSTOP');
    const verdicts = [transfer(2n), transfer(3n), transfer(4n)].map((item) => pool.verify(item));
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(pool.processIds[0]!, 'SIGKILL');
    expect(await Promise.all(verdicts)).toEqual([false, true, true]);
    expect(deaths).toBe(2);
  });

  it('finishes what it was asked when it is closed, and refuses more', async () => {
    pool = new SignaturePool({}, { logger: silentLogger });
    const asked = [pool.verify(transfer(1n)), pool.verify(wrong(1n))];
    await pool.close();
    expect(await Promise.all(asked)).toEqual([true, false]);
    await expect(pool.verify(transfer(1n))).rejects.toMatchObject({ code: 'CLOSED' });
    await pool.close();
  });
});
