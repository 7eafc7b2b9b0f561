import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { VERIFIER_SYSTEMS, type VerificationFiles, VerifierSandbox } from '../src/index.js';

const vector = JSON.parse(readFileSync(new URL('vectors/groth16-snarkjs.json', import.meta.url), 'utf8'));
const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const right: VerificationFiles = {
  key: encode(vector.key),
  inputs: encode(vector.inputs),
  proof: encode(vector.proof),
};
const wrong = { ...right, inputs: encode(['1', '2', '3']) };
const sandbox = new VerifierSandbox();
afterAll(() => sandbox.close());

it('decides many proofs, also at once', async () => {
  const asked = [right, wrong, { ...right, key: encode({}) }, right];
  const verdicts = await Promise.all(asked.map((files) => sandbox.verify('groth16-snarkjs', files)));
  expect(verdicts).toEqual([
    { verdict: 'valid' },
    { verdict: 'invalid', reason: 'the proof does not show these inputs under this key' },
    { verdict: 'invalid', reason: expect.stringMatching(/^the key is not what it should be at protocol/) },
    { verdict: 'valid' },
  ]);
});

it('refuses what is too large without a look at it', async () => {
  const proof = new Uint8Array(VERIFIER_SYSTEMS['groth16-snarkjs'].limits.proofBytes + 1);
  expect(await sandbox.verify('groth16-snarkjs', { ...right, proof })).toEqual({
    verdict: 'invalid',
    reason: 'the proof has 16385 bytes, and groth16-snarkjs takes at most 16384',
  });
});

it('does not decide what takes too long, and goes on with the next', async () => {
  const hasty = new VerifierSandbox({ timeMs: 1 });
  const late = { verdict: 'undecided', reason: 'it took longer than 1 ms' };
  expect(await hasty.verify('groth16-snarkjs', right)).toEqual(late);
  expect(await hasty.verify('groth16-snarkjs', right)).toEqual(late);
  await hasty.close();
});

it('does not decide what takes too much memory', async () => {
  const small = new VerifierSandbox({ memoryMb: 4 });
  expect(await small.verify('groth16-snarkjs', right)).toEqual({
    verdict: 'undecided',
    reason: 'it took more than 4 MB of memory',
  });
  await small.close();
});

it('does not decide for a system that it does not know, nor when it is closed', async () => {
  expect(await sandbox.verify('constructor', right)).toMatchObject({ verdict: 'undecided' });
  const closed = new VerifierSandbox();
  await closed.close();
  expect(await closed.verify('groth16-snarkjs', right)).toMatchObject({ verdict: 'undecided' });
});
