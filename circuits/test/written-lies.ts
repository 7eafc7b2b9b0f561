import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { circuitVariant, type Edit } from './circuit-variant.js';
import { type Solve, solver } from './solver.js';

/**
 * A lie in a hint: a file of the library, and what it says there, with the honest expression and the lie as
 * `‹honest|lie›`.
 */
export interface WrittenLie {
  file: string;
  says: string;
}

const LIES = `
#[oracle(lies)]
unconstrained fn asked(lie: u32) -> bool {}

/// Whether this lie is told now.
pub unconstrained fn lies(lie: u32) -> bool {
    asked(lie)
}
`;

/** A circuit that is compiled once, with many lies in its hints, of which none or one is told. */
export class CircuitWithLies {
  private constructor(private readonly solve: Solve) {}

  static async of(name: string, lies: readonly WrittenLie[], edits: readonly Edit[] = []) {
    const circuit = await circuitVariant(name, edits, (root) => {
      const library = join(root, 'lib/src');
      lies.forEach(({ file, says }, lie) => {
        const [, before, honest, lying, after] = /^(.*)‹(.*)\|(.*)›(.*)$/s.exec(says)!;
        const source = readFileSync(join(library, file), 'utf8');
        const from = `${before}${honest}${after}`;
        if (!source.includes(from)) throw new TypeError(`${file} does not say ${from}`);
        const either = `(if crate::told::lies(${lie}) { ${lying} } else { ${honest} })`;
        writeFileSync(
          join(library, file),
          source.replace(from, () => `${before}${either}${after}`),
        );
      });
      writeFileSync(join(library, 'told.nr'), LIES);
      appendFileSync(join(library, 'lib.nr'), 'mod told;\n');
    });
    return new CircuitWithLies(solver(circuit));
  }

  /** Solves the circuit with one lie, by its place in the list, or with none. */
  async execute(inputs: unknown, lie?: number) {
    return this.solve(inputs, async (name, [asked]) => {
      if (name !== 'lies') throw new TypeError(`an oracle that there is not: ${name}`);
      return [Number(asked![0]) === lie ? '0x01' : '0x00'];
    });
  }
}
