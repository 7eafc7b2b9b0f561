import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type InputMap, Noir } from '@noir-lang/noir_js';
import { silentLogger } from '@polyproof/base';
import { expect, it } from 'vitest';
import { settings, startBb, stopBb } from '../../packages/proofs/src/bb.js';
import { resolveSrs } from '../../packages/proofs/src/srs/resolve.js';
import { circuitVariant, sizeEdits } from './circuit-variant.js';
import { HEAVY } from './heavy.js';
import { sign, signatureInputs } from './signatures.js';

const CIRCUIT = 'signatures';
/** of the SRS: the circuit has fewer gates */
const POINTS = 2 ** 17 + 1;

it.runIf(HEAVY)(
  'proves a signature with bb',
  async () => {
    const sizes = { SIGNATURES: 1, KEYS: 1, BLOCKS: 1 };
    const compiled = await circuitVariant(CIRCUIT, sizeEdits(CIRCUIT, sizes));
    const signed = [sign(new Uint8Array(32).fill(8), Buffer.from('a message'))];
    const inputs = signatureInputs(signed, sizes.KEYS, sizes.BLOCKS);
    const { witness } = await new Noir(compiled).execute(inputs as unknown as InputMap);
    const directory = fileURLToPath(new URL('../../.cache/srs', import.meta.url));
    const srs = await resolveSrs({ directory, points: POINTS, chainId: 31337 }, { logger: silentLogger });
    const bb = await startBb(srs);
    try {
      const use = { settings: settings('recursive') };
      const circuit = { name: CIRCUIT, bytecode: gunzipSync(Buffer.from(compiled.bytecode, 'base64')) };
      const key = (await bb.circuitComputeVk({ circuit, ...use })).bytes;
      const { proof, publicInputs } = await bb.circuitProve({
        witness: gunzipSync(witness),
        circuit: { ...circuit, verificationKey: key },
        ...use,
      });
      const { verified } = await bb.circuitVerify({ verificationKey: key, publicInputs, proof, ...use });
      expect(verified).toBe(true);
    } finally {
      await stopBb(bb);
    }
  },
  300_000,
);
