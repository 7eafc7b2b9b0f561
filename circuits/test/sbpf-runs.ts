import { arithmetise } from '../../packages/svm/src/zkvm/arithmetise.js';
import { CommittedProgram } from '../../packages/svm/src/zkvm/commitment.js';
import { runInputs } from '../../packages/svm/src/zkvm/inputs.js';
import { runMachine } from '../../packages/svm/src/zkvm/machine.js';
import type { Region } from '../../packages/svm/src/zkvm/memory.js';
import { executeInMachine, tokenProgram } from '../../packages/svm/test/zkvm/execute.js';
import { randomProgram, sequence } from '../../packages/svm/test/zkvm/random-program.js';
import { SCENARIOS } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { CAPACITY } from './sbpf-circuit.js';

const STACK = 2n << 32n;

/** Inputs of the test circuit, whose columns tests change. */
export interface SbpfInputs {
  roots: string[];
  schedule: { invocations: Record<string, string>[]; count: string; units: string };
  cells: string[];
  cells_after: string[];
  segments: Record<string, string>[];
  nodes: { known: string; children: string[] }[];
  code: { pages: string[][]; known: string[] };
  rows: Record<string, Record<string, string | boolean>[]>;
  accesses: Record<string, Record<string, string | boolean>[]>;
  step_entries: string[];
  step_rows: string[];
}

let token: CommittedProgram | undefined;

export function committedToken(): CommittedProgram {
  token ??= new CommittedProgram(1, tokenProgram().entries);
  return token;
}

/** A random program, then a transfer of tokens, in one run. */
export function mixedRun(seed: number): { inputs: SbpfInputs; rows: Record<string, number> } {
  const random = new CommittedProgram(2, arithmetise(randomProgram(sequence(seed), 120).program, []));
  const { image } = executeInMachine(SCENARIOS[0]!);
  const cells = [...image.cells];
  const stack: Region[] = [
    { start: STACK + 4096n - 256n, length: 256, cell: 0, writable: true },
    { start: STACK + 2n * 4096n - 8n, length: 8, cell: 0, writable: true },
  ];
  for (const region of stack) {
    region.cell = cells.length;
    for (let i = 0; i < region.length; i += 8) cells.push(0n);
  }
  const programs = [committedToken(), random];
  const run = runMachine({
    programs: programs.map(({ entries }) => entries),
    invocations: [
      { program: 2, data: 4n << 32n, regions: stack },
      { program: 1, data: image.dataAddress, regions: image.regions },
    ],
    cells,
  });
  const inputs = runInputs(run, programs, cells, CAPACITY) as unknown as SbpfInputs;
  // Seeds of addresses are in sbpf-addresses.
  const { chunks, ...chips } = run.rows.rows;
  const rows = Object.fromEntries(Object.entries(chips).map(([chip, list]) => [chip, list.length]));
  return { inputs, rows: { ...rows, steps: run.steps.length } };
}
