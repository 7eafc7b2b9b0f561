import type { Field } from '@polyproof/base';
import { CHILDREN, type CommittedProgram, type TreePlace } from './commitment.js';

/** A row of `program_tree.nr` in circuits/lib/src/sbpf. */
export interface NodeRow {
  /** where its hash is among the known ones */
  known: number;
  children: readonly Field[];
}

/**
 * Pages that fill what a circuit does not use. Executions of the first program begin on one, and texts of errors lie
 * around the other, so that the nodes above them are mostly open anyway.
 */
export const idlePages = (programs: readonly CommittedProgram[]) => ({
  code: { program: 1, page: 0 },
  data: { program: 1, number: programs[0]!.lastDataPage },
});

/** Nodes above pages of programs, each once. Those above the idle pages are among them. */
export class OpenedNodes {
  readonly rows: NodeRow[] = [];
  readonly #programs: readonly CommittedProgram[];
  readonly #roots: number;
  readonly #opened = new Map<string, number>();

  /** @param roots - how many of them the circuit knows */
  constructor(programs: readonly CommittedProgram[], roots: number) {
    this.#programs = programs;
    this.#roots = roots;
    const { code, data } = idlePages(programs);
    this.openCode(code.program, code.page);
    if (data.number >= 0) this.openData(data.program, data.number);
  }

  /** Names of the nodes. */
  get names(): ReadonlySet<string> {
    return new Set(this.#opened.keys());
  }

  /** Opens all nodes above a page of code, and returns where its hash is among the known ones. */
  openCode(program: number, page: number): number {
    return this.#open(program, { level: 0, index: page });
  }

  /** The same for a page of read-only data. */
  openData(program: number, number: number): number {
    return this.#open(program, this.#programs[program - 1]!.placeOfData(number));
  }

  #open(program: number, place: TreePlace): number {
    const committed = this.#programs[program - 1]!;
    const parent = committed.parentOf(place);
    if (parent === undefined) return program - 1;
    const name = nodeName(program, parent);
    let row = this.#opened.get(name);
    if (row === undefined) {
      const known = this.#open(program, parent);
      row = this.rows.push({ known, children: committed.children(parent) }) - 1;
      this.#opened.set(name, row);
    }
    return this.#roots + CHILDREN * row + (place.index % CHILDREN);
  }
}

const nodeName = (program: number, { level, index }: TreePlace) => `${program}/${level}/${index}`;
