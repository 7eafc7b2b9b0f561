import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type InputMap, Noir } from '@noir-lang/noir_js';
import { fieldToBytes, silentLogger } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { expect, it } from 'vitest';
import { settings, startBb, stopBb } from '../../packages/proofs/src/bb.js';
import { resolveSrs } from '../../packages/proofs/src/srs/resolve.js';
import { SCENARIOS } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { circuitVariant } from './circuit-variant.js';
import { committedToken } from './sbpf-runs.js';
import { CIRCUIT, transitionInputs } from './sbpf-transition.js';

/** of the SRS: the circuit has fewer gates */
const POINTS = 2 ** 17 + 1;

it('proves a transfer with bb, and nothing else with that proof', async () => {
  await initHashing();
  const circuit = await circuitVariant(CIRCUIT);
  const { witness } = await new Noir(circuit).execute(transitionInputs(SCENARIOS[0]!) as InputMap);
  const bytecode = gunzipSync(Buffer.from(circuit.bytecode, 'base64'));
  const directory = fileURLToPath(new URL('../../.cache/srs', import.meta.url));
  const srs = await resolveSrs({ directory, points: POINTS, chainId: 31337 }, { logger: silentLogger });
  const { root } = committedToken();
  const bb = await startBb(srs);
  try {
    const use = { settings: settings('recursive') };
    const circuit = { name: CIRCUIT, bytecode };
    const key = (await bb.circuitComputeVk({ circuit, ...use })).bytes;
    const { proof, publicInputs } = await bb.circuitProve({
      witness: gunzipSync(witness),
      circuit: { ...circuit, verificationKey: key },
      ...use,
    });
    const verify = async (inputs: Uint8Array[]) =>
      (await bb.circuitVerify({ verificationKey: key, publicInputs: inputs, proof, ...use })).verified;
    expect(await verify(publicInputs)).toBe(true);
    expect(BigInt(`0x${Buffer.from(publicInputs[0]!).toString('hex')}`)).toBe(root);
    const changed = [...publicInputs];
    changed[0] = fieldToBytes(root + 1n);
    expect(await verify(changed)).toBe(false);
  } finally {
    await stopBb(bb);
  }
}, 300_000);
