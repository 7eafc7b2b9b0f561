import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FIELD_MODULUS, fieldToHex } from '@polyproof/base';
import { circuitVariant, type Edit } from './circuit-variant.js';
import { type Solve, solver } from './solver.js';

/** Fields of the largest hint. */
const COMPONENTS = 9;

/** Where a circuit takes a hint from its prover. */
export interface Site {
  /** below circuits/lib/src */
  file: string;
  /** what the hint is of */
  of: string;
}

/** What is added to the parts of a hint, or of an array to the element that the last number says. */
type Told = readonly bigint[];

const LIE = `
#[oracle(lie)]
unconstrained fn told(site: Field) -> [Field; ${COMPONENTS}] {}

pub trait Lie {
    fn add(self, by: [Field; ${COMPONENTS}]) -> Self;
}

pub unconstrained fn lie<T>(value: T, site: Field) -> T
where
    T: Lie,
{
    value.add(told(site))
}

impl Lie for Field {
    fn add(self, by: [Field; ${COMPONENTS}]) -> Self {
        self + by[0]
    }
}

impl Lie for bool {
    fn add(self, by: [Field; ${COMPONENTS}]) -> Self {
        self != (by[0] != 0)
    }
}

impl Lie for u32 {
    fn add(self, by: [Field; ${COMPONENTS}]) -> Self {
        (self as Field + by[0]) as u32
    }
}

impl Lie for u8 {
    fn add(self, by: [Field; ${COMPONENTS}]) -> Self {
        (self as Field + by[0]) as u8
    }
}

impl Lie for (Field, Field) {
    fn add(self, by: [Field; ${COMPONENTS}]) -> Self {
        (self.0 + by[0], self.1 + by[1])
    }
}

impl Lie for (Field, Field, Field) {
    fn add(self, by: [Field; ${COMPONENTS}]) -> Self {
        (self.0 + by[0], self.1 + by[1], self.2 + by[2])
    }
}

impl<T, let N: u32> Lie for [T; N]
where
    T: Lie,
{
    fn add(self, by: [Field; ${COMPONENTS}]) -> Self {
        let mut changed = self;
        let at = by[${COMPONENTS - 1}] as u32;
        changed[at] = changed[at].add(by);
        changed
    }
}
`;

/** Whose liars have files of their own: `signatures-liars.test.ts`, `sha512.test.ts`. */
export const TESTED_APART = /^ed25519\//;
const HINT = /unsafe \{ (.*) \}/g;

function sourcesOf(library: string): [file: string, source: string][] {
  return readdirSync(library, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.nr') && !TESTED_APART.test(file))
    .sort()
    .map((file) => [file, readFileSync(join(library, file), 'utf8')]);
}

/** All of the library. */
export function allSites(): Site[] {
  return sourcesOf(fileURLToPath(new URL('../lib/src', import.meta.url))).flatMap(([file, source]) =>
    [...source.matchAll(HINT)].map(([, of]) => ({ file, of: of! })),
  );
}

/** The hints that are structures: their fields, one by one. */
function implementation(source: string): string {
  const hinted = [...source.matchAll(/unconstrained fn \w+\([^)]*\) -> (\w+) \{/g)].map(([, type]) => type!);
  const own = /impl(?:<[^>]*>)? (\w+)(?:<[^>]*>)? \{(?:(?!\n\}).)*unconstrained fn hint/s.exec(source)?.[1];
  const types = new Set(hinted.map((type) => (type === 'Self' ? own! : type)));
  return [...types]
    .filter((type) => !['Field', 'bool', 'u32'].includes(type))
    .map((type) => {
      const body = new RegExp(`struct ${type} \\{(.*?)\\n\\}`, 's').exec(source)![1]!;
      const fields = [...body.matchAll(/^ {4}(?:pub )?(\w+): Field,/gm)].map(([, field]) => field!);
      const sums = fields.map((field, i) => `${field}: self.${field} + by[${i}]`).join(', ');
      return `impl crate::lie::Lie for ${type} { fn add(self, by: [Field; ${COMPONENTS}]) -> Self { ${type} { ${sums} } } }`;
    })
    .join('\n');
}

/** A test circuit whose hints may lie, wherever its library takes one. */
export class LyingCircuit {
  private constructor(
    private readonly solve: Solve,
    readonly sites: readonly Site[],
  ) {}

  static async of(name: string, edits: readonly Edit[] = []): Promise<LyingCircuit> {
    const sites: Site[] = [];
    const circuit = await circuitVariant(name, edits, (root) => {
      const library = join(root, 'lib/src');
      for (const [file, source] of sourcesOf(library)) {
        const told = source.replaceAll(HINT, (_, of: string) => {
          const site = sites.push({ file, of }) - 1;
          return `unsafe { crate::lie::lie(${of}, ${site}) }`;
        });
        writeFileSync(join(library, file), `${told}\n${implementation(source)}\n`);
      }
      writeFileSync(join(library, 'lie.nr'), LIE);
      appendFileSync(join(library, 'lib.nr'), 'mod lie;\n');
    });
    return new LyingCircuit(solver(circuit), sites);
  }

  /** How often each site takes a hint of a witness, in which none lies. */
  async count(inputs: unknown): Promise<number[]> {
    const counts = this.sites.map(() => 0);
    await this.#execute(inputs, (site) => {
      counts[site]! += 1;
      return [];
    });
    return counts;
  }

  /** Solves the circuit with one lie. */
  async execute(inputs: unknown, lie: { site: number; call: number; told: Told }): Promise<string> {
    let call = 0;
    await this.#execute(inputs, (site) => (site === lie.site && call++ === lie.call ? lie.told : []));
    return 'accepted';
  }

  async #execute(inputs: unknown, tell: (site: number) => Told): Promise<void> {
    await this.solve(inputs, async (name, [site]) => {
      if (name !== 'lie') throw new TypeError(`an oracle that there is not: ${name}`);
      const told = tell(Number(site![0]));
      return [
        Array.from({ length: COMPONENTS }, (_, i) =>
          fieldToHex((FIELD_MODULUS + (told[i] ?? 0n)) % FIELD_MODULUS),
        ),
      ];
    });
  }
}
