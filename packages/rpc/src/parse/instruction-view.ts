import { DataReader, NotParsableError } from './data-reader.js';

/** The jsonParsed form of an instruction, but for the program's name. */
export interface ParsedInstruction {
  type: string;
  info: Record<string, unknown>;
}

/** An instruction as parsers see it. */
export class InstructionView {
  readonly data: Uint8Array;
  readonly #accounts: readonly string[];

  /** @param accounts - addresses in base 58, in the instruction's order */
  constructor(accounts: readonly string[], data: Uint8Array) {
    this.#accounts = accounts;
    this.data = data;
  }

  get accountCount(): number {
    return this.#accounts.length;
  }

  reader(): DataReader {
    return new DataReader(this.data);
  }

  /** The first accounts under these names. */
  named(...names: string[]): Record<string, string> {
    if (this.#accounts.length < names.length)
      throw new NotParsableError(`${this.#accounts.length} accounts of ${names.length}`);
    return Object.fromEntries(names.map((name, i) => [name, this.#accounts[i]!]));
  }

  /** One account, or null where the instruction has fewer. */
  optional(index: number): string | null {
    return this.#accounts[index] ?? null;
  }

  from(index: number): readonly string[] {
    return this.#accounts.slice(index);
  }

  /** The same instruction with some of its accounts. */
  withAccounts(from: number, to: number): InstructionView {
    if (to > this.#accounts.length) throw new NotParsableError(`${this.#accounts.length} accounts of ${to}`);
    return new InstructionView(this.#accounts.slice(from, to), this.data);
  }

  /**
   * Who signs: one account, or a multisig account and its signers behind it (Agave: parse_signers).
   * @param index - of that account
   * @param name - `authority` gives either `authority`, or `multisigAuthority` and `signers`
   */
  signers(
    index: number,
    name: string,
    multisigName = `multisig${capitalised(name)}`,
  ): Record<string, unknown> {
    const owner = this.#accounts[index];
    if (owner === undefined) throw new NotParsableError(`${this.#accounts.length} accounts`);
    return this.#accounts.length > index + 1
      ? { [multisigName]: owner, signers: this.from(index + 1) }
      : { [name]: owner };
  }
}

/** Members that are null are left out. */
export function present(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
