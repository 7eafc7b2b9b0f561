import { expect, it } from 'vitest';
import { circuitVariant, sizeEdits } from './circuit-variant.js';
import { gatesOf } from './gates.js';
import { HEAVY } from './heavy.js';

const gates = async (SIGNATURES: number, KEYS: number, BLOCKS: number): Promise<number> =>
  gatesOf(await circuitVariant('signatures', sizeEdits('signatures', { SIGNATURES, KEYS, BLOCKS })));

it.runIf(HEAVY)(
  'signatures take no more than docs/signatures.md says',
  async () => {
    const base = await gates(1, 1, 1);
    const withSignature = await gates(2, 1, 1);
    const block = (await gates(1, 1, 2)) - base;
    const key = (await gates(2, 2, 1)) - withSignature;
    const signature = withSignature - base - block;
    expect(block).toBeLessThan(16_600);
    expect(key).toBeLessThan(16_000);
    expect(signature).toBeLessThan(10_700);
    // the doubles, the base point and the tables
    expect(base - block - key - signature).toBeLessThan(49_000);
  },
  300_000,
);
