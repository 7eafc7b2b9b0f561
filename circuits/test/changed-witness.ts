import { initHashing } from '@polyproof/state';
import { beforeAll, expect } from 'vitest';
import { testExecutor } from './sbpf-circuit.js';

/** Something else than this number. */
export const more = (value: unknown): string => `0x${(BigInt(value as string) + 1n).toString(16)}`;

/**
 * Witnesses of a test circuit, a valid one of which tests change.
 * @param make - the valid one; hashing is initialised
 */
export function changedWitness<Inputs>(circuit: string, make: () => unknown) {
  let execute: (inputs: unknown) => Promise<unknown>;
  let valid: Inputs;
  beforeAll(async () => {
    await initHashing();
    execute = await testExecutor(circuit);
    valid = make() as Inputs;
  }, 300_000);
  const refuses = async (changed: unknown, reason: RegExp): Promise<void> => {
    await expect(execute(changed).then(() => 'accepted')).rejects.toThrow(reason);
  };
  return {
    accepts: async (inputs: unknown = valid): Promise<void> => {
      await expect(execute(inputs)).resolves.toBeDefined();
    },
    refuses,
    /** Refused once the valid one is changed so. */
    refused: async (change: (inputs: Inputs) => void, reason = /./): Promise<void> => {
      const changed = structuredClone(valid);
      change(changed);
      await refuses(changed, reason);
    },
  };
}
