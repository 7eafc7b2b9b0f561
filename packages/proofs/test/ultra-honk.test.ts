import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '@polyproof/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildArtifacts } from '../src/artifacts/build.js';
import { UltraHonk } from '../src/ultra-honk.js';

const repository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const NO_PROOF = { program: 'svm_batch' as const, proof: new Uint8Array(32), publicInputs: [] };

let system: UltraHonk;
beforeAll(async () => {
  const artifacts = await buildArtifacts(
    { circuitsDirectory: repository('circuits'), cacheDirectory: repository('.cache'), chainId: 31337 },
    { logger: silentLogger },
  );
  system = await UltraHonk.open({ artifacts, threads: 1 }, { logger: silentLogger });
  // The first build on a machine compiles the circuits.
}, 600_000);
afterAll(() => system.close());

/** Process ids of the bb processes that this process started. */
function bbs(): number[] {
  return readdirSync('/proc/self/task')
    .flatMap((thread) =>
      readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    )
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('msgpack'))
    .map(Number);
}

describe.runIf(process.platform === 'linux')('UltraHonk', () => {
  it('starts another bb when its own was killed, before a call or over it', async () => {
    const [first] = bbs();
    process.kill(first!, 'SIGKILL');
    expect(await system.verify(NO_PROOF)).toBe(false);
    const [second] = bbs();
    expect(second).not.toBe(first);
    const verifying = system.verify(NO_PROOF);
    process.kill(second!, 'SIGKILL');
    expect(await verifying).toBe(false);
    expect(bbs()).toHaveLength(1);
  });

  it('leaves no bb, and starts none, when it is closed', async () => {
    await system.close();
    expect(bbs()).toEqual([]);
    await expect(system.verify(NO_PROOF)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(bbs()).toEqual([]);
  });
});
