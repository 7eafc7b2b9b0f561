import { it } from 'vitest';
import { branch, type Line, load, set, store } from '../../packages/svm/src/zkvm/assembler.js';
import { OP, REGISTER, RETURNED } from '../../packages/svm/src/zkvm/operations.js';
import { changedWitness } from './changed-witness.js';
import { ownProgram, withProgram } from './sbpf-lies.js';
import { CIRCUIT } from './sbpf-transactions.js';

const HEAP = 3n << 32n;
const STACK = 2n << 32n;
const { ZERO, T0, T1 } = REGISTER;

/** Stores to a word that is zero before, and finds there what it stored. */
const use = (address: bigint, value: bigint): Line[] => [
  load(8, T0, ZERO, address),
  branch(OP.NE, T0, 0n, 'trap'),
  set(T1, value),
  store(8, T1, ZERO, address),
  load(8, T0, ZERO, address),
  branch(OP.NE, T0, value, 'trap'),
];

interface Inputs {
  windows: Record<string, string | boolean>[];
}

const { accepts, refused } = changedWitness<Inputs>(CIRCUIT, () =>
  withProgram(
    ownProgram([
      ...use(STACK + 8n, 1n),
      ...use(HEAP, 2n),
      ...use(HEAP + 0x7ff8n, 3n),
      ...use(RETURNED, 4n),
      ...use(RETURNED + 1_056n, 5n),
    ]),
  ),
);

it('a program uses its stack, heap and return data', async () => {
  await accepts();
});

const ofHeap = (windows: Inputs['windows']) => windows.filter(({ heap }) => heap);

it('refuses a part of a heap, or of return data, that is said to be something else', async () => {
  await refused(({ windows }) => {
    ofHeap(windows)[0]!.heap = false;
  });
  await refused(({ windows }) => {
    ofHeap(windows)[0]!.returned = true;
  });
  await refused(({ windows }) => {
    windows.find(({ returned }) => returned)!.returned = false;
  });
});

it('refuses a heap of more than 32 KiB', async () => {
  await refused(({ windows }) => {
    ofHeap(windows).at(-1)!.frame = '4';
  });
  await refused(({ windows }) => {
    Object.assign(windows.at(-1)!, { heap: true, frame: '4' });
  });
  await refused(({ windows }) => {
    Object.assign(windows.at(-1)!, { heap: true, frame: '3', offset: '1023', words: '2' });
  });
});
