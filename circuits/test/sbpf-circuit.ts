import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Capacity } from '../../packages/svm/src/zkvm/inputs.js';
import { CHIPS } from '../../packages/svm/src/zkvm/rows.js';
import { circuitVariant } from './circuit-variant.js';
import { type Solve, solver } from './solver.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** What a test circuit has room for, as its source says. */
export function capacityOf(name: string, given?: Pick<Capacity, 'segments' | 'invocations'>): Capacity {
  const size = (what: string) => sizeOf(name, what);
  return {
    programs: size('PROGRAMS'),
    invocations: given?.invocations ?? size('INVOCATIONS'),
    steps: size('STEPS'),
    pages: size('PAGES'),
    nodes: size('NODES'),
    segments: given?.segments ?? size('SEGMENTS'),
    cells: size('CELLS'),
    registers: size('REGISTERS'),
    derivations: size('DERIVATIONS'),
    tries: size('TRIES'),
    chips: Object.fromEntries(
      CHIPS.map((chip) => [chip, size(chip === 'words' ? 'ACCESSES' : chip.toUpperCase())]),
    ) as Capacity['chips'],
  };
}

export function sizeOf(name: string, what: string): number {
  const main = readFileSync(here(`./${name}/src/main.nr`), 'utf8');
  const found = new RegExp(`global ${what}: u32 = (\\d+);`).exec(main);
  if (found === null) throw new TypeError(`the circuit has no size ${what}`);
  return Number(found[1]);
}

export const CAPACITY = capacityOf('sbpf_run');

/** Runs a circuit without proving: resolves when every constraint holds. */
export async function testExecutor(name: string): Promise<Solve> {
  return solver(await circuitVariant(name));
}
