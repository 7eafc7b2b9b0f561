import { FIELD_MODULUS, fieldToHex } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../packages/svm/src/sbpf/assemble.js';
import { loadProgram } from '../../packages/svm/src/sbpf/load-program.js';
import { createProgramAddress } from '../../packages/svm/src/sbpf/syscalls/program-address.js';
import { SYSCALL_NAMES } from '../../packages/svm/src/sbpf/syscalls/syscall-names.js';
import { packAnswer } from '../../packages/svm/src/zkvm/answer.js';
import { arithmetise } from '../../packages/svm/src/zkvm/arithmetise.js';
import { CommittedProgram } from '../../packages/svm/src/zkvm/commitment.js';
import { type PointInput, pointInput } from '../../packages/svm/src/zkvm/curve-point.js';
import { DERIVATION_STRIDE } from '../../packages/svm/src/zkvm/derivations.js';
import { runInputs } from '../../packages/svm/src/zkvm/inputs.js';
import { runMachine } from '../../packages/svm/src/zkvm/machine.js';
import { OP } from '../../packages/svm/src/zkvm/operations.js';
import { FIRST } from '../../packages/svm/src/zkvm/rows.js';
import { words } from '../../packages/svm/src/zkvm/words.js';
import { elfV0 } from '../../packages/svm/test/support/elf-files.js';
import { CAPACITY, testExecutor } from './sbpf-circuit.js';
import type { SbpfInputs } from './sbpf-runs.js';

const INPUT = 4n << 32n;
const STACK = 2n << 32n;
const PROGRAM_AT = 128;
const RESULT_AT = 160;

interface Try {
  derivation: string;
  first: boolean;
  bump: string;
  ends: boolean[];
  point: PointInput;
}
interface Inputs extends SbpfInputs {
  derivations: {
    chunks: { position: string; whole: boolean }[];
    derivations: {
      used: boolean;
      seeds: string[];
      program: string[];
      length: string;
      finds: boolean;
      last: string;
    }[];
    tries: Try[];
  };
}

/** Two slices of the input are the seeds; the bump goes behind the address. */
const source = (call: string, lengths: readonly [number, number]) => `
  lddw r6, 0x400000000
  stxdw [r10-32], r6
  stdw [r10-24], ${lengths[0]}
  mov64 r1, r6
  add64 r1, 40
  stxdw [r10-16], r1
  stdw [r10-8], ${lengths[1]}
  mov64 r1, r10
  add64 r1, -32
  mov64 r2, 2
  mov64 r3, r6
  add64 r3, ${PROGRAM_AT}
  mov64 r4, r6
  add64 r4, ${RESULT_AT}
  mov64 r5, r4
  add64 r5, 32
  call ${call}
  exit`;

const PROGRAM = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
const seedsOf = (number: number): [Uint8Array, Uint8Array] => [
  Uint8Array.from({ length: 32 }, (_, i) => number + i),
  Uint8Array.of(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
];

function found(seeds: readonly Uint8Array[]): { bump: number; address: Uint8Array } {
  for (let bump = 255; ; bump--) {
    const address = createProgramAddress([...seeds, Uint8Array.of(bump)], PROGRAM);
    if (typeof address !== 'string') return { bump, address };
  }
}

/** Executes a program that derives an address from the seeds. */
function run(call: string, seeds: readonly [Uint8Array, Uint8Array]) {
  const elf = elfV0(assemble(source(call, [seeds[0].length, seeds[1].length]), 0), {});
  const entries = arithmetise(loadProgram(elf), SYSCALL_NAMES);
  const input = new Uint8Array(256);
  input.set(seeds[0]);
  input.set(seeds[1], 40);
  input.set(PROGRAM, PROGRAM_AT);
  const cells = [...words(input), ...words(new Uint8Array(64))];
  const executed = runMachine({
    programs: [entries],
    invocations: [
      {
        program: 1,
        data: INPUT,
        regions: [
          { start: INPUT, length: input.length, cell: 0, writable: true },
          { start: STACK + 4096n - 64n, length: 64, cell: input.length / 8, writable: true },
        ],
      },
    ],
    cells,
  });
  const committed = new CommittedProgram(1, entries);
  const inputs = runInputs(executed, [committed], cells, CAPACITY) as unknown as Inputs;
  const after = Buffer.from(BigUint64Array.from(executed.cells.slice(0, 32)).buffer);
  return { inputs, executed, result: executed.invocations[0]!.result, after };
}

const FIND = 'sol_try_find_program_address';
const CREATE = 'sol_create_program_address';
/** whose bump is the third one that is tried */
const THIRD = seedsOf(
  Array.from({ length: 256 }, (_, number) => number).find((number) => found(seedsOf(number)).bump === 253)!,
);

let execute: (inputs: unknown) => Promise<unknown>;
let valid: Inputs;

beforeAll(async () => {
  await initHashing();
  execute = await testExecutor('sbpf_run');
  valid = run(FIND, THIRD).inputs;
}, 300_000);

describe('the circuit proves addresses that programs derive', () => {
  it('the third bump that is tried', async () => {
    const { inputs, after } = run(FIND, THIRD);
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
        const { inputs, result, after } = run(CREATE, seeds);
        const address = createProgramAddress(seeds, PROGRAM);
        expect(result).toBe(typeof address === 'string' ? 1n : 0n);
        if (typeof address !== 'string')
          expect(after.subarray(RESULT_AT, RESULT_AT + 32)).toEqual(Buffer.from(address));
        await expect(execute(inputs)).resolves.toBeDefined();
      }
    });
});

async function refused(change: (of: Inputs['derivations']) => void, reason = /./): Promise<void> {
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
    const { inputs, executed } = run(CREATE, seedsOf(1));
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
