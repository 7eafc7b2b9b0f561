import { FIELD_MODULUS, fieldToHex } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgramAddress } from '../../packages/svm/src/sbpf/syscalls/program-address.js';
import { packAnswer } from '../../packages/svm/src/zkvm/answer.js';
import { pointInput } from '../../packages/svm/src/zkvm/curve-point.js';
import { DERIVATION_STRIDE } from '../../packages/svm/src/zkvm/derivations.js';
import { OP } from '../../packages/svm/src/zkvm/operations.js';
import { FIRST } from '../../packages/svm/src/zkvm/rows.js';
import {
  type AddressInputs,
  CREATE,
  deriveAddress,
  FIND,
  found,
  PROGRAM,
  RESULT_AT,
  seedsOf,
  THIRD,
  type Try,
} from './derived-address.js';
import { CAPACITY, testExecutor } from './sbpf-circuit.js';

let execute: (inputs: unknown) => Promise<unknown>;
let valid: AddressInputs;

beforeAll(async () => {
  await initHashing();
  execute = await testExecutor('sbpf_run');
  valid = deriveAddress(FIND, THIRD).inputs;
}, 300_000);

describe('the circuit proves addresses that programs derive', () => {
  it('the third bump that is tried', async () => {
    const { inputs, after } = deriveAddress(FIND, THIRD);
    const { address, bump } = found(THIRD);
    expect(after.subarray(RESULT_AT, RESULT_AT + 33)).toEqual(Buffer.from([...address, bump]));
    await expect(execute(inputs)).resolves.toBeDefined();
  });

  for (const [name, lengths] of [
    ['one block', [0, 0]],
    ['two blocks', [32, 0]],
    ['two blocks, to the last byte', [32, 1]],
    ['three blocks', [32, 32]],
  ] as const)
    it(`hashes of ${name}`, async () => {
      for (let number = 0, seen = 0; seen < 3; number++) {
        const seeds = seedsOf(number).map((_, i) =>
          Uint8Array.from({ length: lengths[i]! }, (__, at) => number + at),
        ) as [Uint8Array, Uint8Array];
        if (lengths[0] + lengths[1] > 0 && found(seeds).bump < 252) continue;
        seen++;
        const { inputs, result, after } = deriveAddress(CREATE, seeds);
        const address = createProgramAddress(seeds, PROGRAM);
        expect(result).toBe(typeof address === 'string' ? 1n : 0n);
        if (typeof address !== 'string')
          expect(after.subarray(RESULT_AT, RESULT_AT + 32)).toEqual(Buffer.from(address));
        await expect(execute(inputs)).resolves.toBeDefined();
      }
    });
});

async function refused(change: (of: AddressInputs['derivations']) => void, reason = /./): Promise<void> {
  const inputs = structuredClone(valid);
  change(inputs.derivations);
  await expect(execute(inputs).then(() => 'accepted')).rejects.toThrow(reason);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** What times the value is 1. */
function inverse(value: bigint): bigint {
  let power = 1n;
  for (let bit = 1n << 253n; bit > 0n; bit >>= 1n) {
    power = (power * power) % FIELD_MODULUS;
    if (((FIELD_MODULUS - 2n) & bit) !== 0n) power = (power * value) % FIELD_MODULUS;
  }
  return power;
}

const more = (value: string) => String(BigInt(value) + 1n);

describe('refuses', () => {
  it('another seed, program or length', async () => {
    for (const at of [0, 31, 42])
      await refused(({ derivations }) => {
        derivations[0]!.seeds[at] = more(derivations[0]!.seeds[at]!);
      });
    await refused(({ derivations }) => {
      derivations[0]!.program[5] = more(derivations[0]!.program[5]!);
    });
    await refused(({ derivations }) => {
      derivations[0]!.length = more(derivations[0]!.length);
    });
  });

  it('a seed where the bump is', () =>
    refused(({ derivations }) => {
      derivations[0]!.seeds[127] = '1';
    }, /place of the bump/));

  it('a bump that is not sought, and a derivation that is none', async () => {
    await refused(({ derivations }) => {
      derivations[0]!.finds = false;
    });
    await refused(({ derivations }) => {
      derivations[0]!.used = false;
    });
  });

  it('an address of a bump that was a point', async () => {
    for (const last of ['0', '1'])
      await refused(({ derivations }) => {
        derivations[0]!.last = last;
      }, /an address that is a point/);
  });

  it('a bump left out', async () => {
    await refused(({ tries }) => {
      tries[0] = { ...tries[1]!, first: true };
    }, /a bump left out/);
    await refused(({ tries }) => {
      tries[1] = tries[2]!;
    }, /a bump left out/);
    await refused(({ tries }) => {
      tries[1]!.first = true;
    }, /a bump left out/);
  });

  it('a try of another derivation', async () => {
    await refused(({ tries }) => {
      tries[2]!.derivation = '1';
    }, /another derivation/);
    await refused(({ derivations }) => {
      derivations[0]!.last = '3';
    });
  });

  it('another last block', async () => {
    for (const block of [0, 2])
      await refused(({ tries }) => {
        tries[2]!.ends = [0, 1, 2].map((i) => i === block);
      });
    await refused(({ tries }) => {
      tries[2]!.ends = [false, false, false];
    }, /the last block/);
  });

  it('other bytes in an answer about seeds', async () => {
    const { length } = valid.derivations.chunks.filter(({ position }) => position !== '0');
    expect(length).toBeGreaterThan(8);
    for (const index of [0, 3, 5])
      for (const column of ['position', 'whole'] as const)
        await refused(({ chunks }) => {
          const chunk = chunks[index]!;
          if (column === 'whole') chunk.whole = !chunk.whole;
          else chunk.position = more(chunk.position);
        });
  });

  it('any answer, as one of a derivation that is not used, by a length that no seeds have', async () => {
    const { inputs, executed } = deriveAddress(CREATE, seedsOf(1));
    const step = executed.steps.findLastIndex(({ row }) => 'chip' in row && row.chip === 'moves');
    const move = executed.steps[step]!.row as { index: number };
    const x = executed.rows.rows.moves[move.index]!.fields.x as bigint;
    // The program's last word is its result, which is 0 or 1.
    const result = executed.invocations[0]!.result + 7n;
    const wanted = packAnswer({ op: OP.MOV, x, y: executed.invocations[0]!.result, z: result, u: 0n });
    const place = BigInt(DERIVATION_STRIDE) + 4n;
    const asked = (wanted - (place << 74n) + FIELD_MODULUS) % FIELD_MODULUS;
    inputs.derivations.derivations[1]!.length = fieldToHex((asked * inverse(1n << 10n)) % FIELD_MODULUS);
    inputs.derivations.derivations[1]!.last = '0';
    const answers = FIRST.INVOCATIONS + 4 * (CAPACITY.invocations + 1) + sum(Object.values(CAPACITY.chips));
    inputs.step_rows[step] = String(answers + 6 + 5);
    inputs.schedule.invocations[0]!.result = String(result);
    await expect(execute(inputs).then(() => 'accepted')).rejects.toThrow(/assert_max_bit_size/);
  });

  it('a point that is none, and none that is one', async () => {
    const flip = (tries: Try[], at: number) => {
      const { point } = tries[at]!;
      point.exists = !point.exists;
      point.inverse = point.exists ? ['0', '0', '0'] : pointInput(new Uint8Array(32)).inverse;
    };
    for (const at of [0, 2]) await refused(({ tries }) => flip(tries, at));
  });

  it('other numbers of a point', async () => {
    for (const at of [0, 2])
      for (const column of ['square', 'denominator', 'product', 'root', 'inverse'] as const)
        for (const limb of [0, 1, 2])
          await refused(({ tries }) => {
            const number = tries[at]!.point[column];
            number[limb] = more(number[limb]!);
          });
    for (const quotient of [0, 1, 2, 3, 4])
      await refused(({ tries }) => {
        const { quotients } = tries[2]!.point;
        quotients[quotient] = more(quotients[quotient]!);
      });
  });
});
