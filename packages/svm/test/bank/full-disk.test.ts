import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLogger } from '@polyproof/base';
import { expect, it } from 'vitest';
import { Bank } from '../../src/bank/bank.js';
import { FakeRuntime } from './fake-runtime.js';

const FIXTURE = fileURLToPath(new URL('../fixtures/full-disk-bank.mjs', import.meta.url));
/** blocks of 512 or 1,024 bytes, depending on the shell */
const MOST_BLOCKS = 3_000;

it('a block that the disk refuses changes nothing, and the bank goes on when there is room', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-full-disk-'));
  try {
    const script = `ulimit -f ${MOST_BLOCKS} && exec "$0" "$1" "$2"`;
    const { stdout } = await promisify(execFile)('sh', ['-c', script, process.execPath, FIXTURE, directory]);
    const full = JSON.parse(stdout) as Record<string, unknown>;
    // The block, and the same again.
    expect(full).toMatchObject({ codes: ['DISK_FAILED', 'DISK_FAILED'], beyond: false });
    expect(full.discards).toBeGreaterThan(0);

    const [collector, payer] = [8, 9].map((byte) => new Uint8Array(32).fill(byte)) as [
      Uint8Array,
      Uint8Array,
    ];
    const genesis = [collector, payer].map((address) => ({ address, lamports: 1_000_000_000n }));
    const config = { rollupId: 7n, collector, lamportsPerSignature: 5_000n, genesis };
    const runtime = (accounts: ConstructorParameters<typeof FakeRuntime>[0]) => new FakeRuntime(accounts);
    const bank = await Bank.open({ directory, config }, { runtime, logger: silentLogger });
    expect({
      slot: String(bank.slot),
      root: String(bank.stateRoot),
      count: String(bank.transactionCount),
      blockhash: Buffer.from(bank.latestBlockhash).toString('hex'),
    }).toEqual({ slot: full.slot, root: full.root, count: full.count, blockhash: full.blockhash });
    expect((await bank.produceBlock([])).block.slot).toBe(BigInt(full.slot as string) + 1n);
    await bank.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
