import type { Account } from '@polyproof/state';
import { programdataAddress } from '../runtime/engine/upgradeable-program.js';
import { ProgramLoadError } from '../sbpf/errors.js';
import { loadProgram } from '../sbpf/load-program.js';
import type { Program } from '../sbpf/program.js';

const PROGRAMDATA_HEADER_BYTES = 45;
const PROGRAMDATA_TAG = 3;

/** Loaded programs, by the bytes that they were loaded from. */
export class ProgramCache {
  readonly #programs = new WeakMap<Uint8Array, Program | null>();

  /**
   * The program of an executable account; undefined where Agave could not execute it.
   * @param account - of the program's code, where that is not in the account itself
   */
  get(program: Account, account: (address: Uint8Array) => Account | null): Program | undefined {
    const code = programdataAddress(program.owner, program.data);
    if (code === undefined) return this.#load(program.data, 0);
    const data = account(code)?.data;
    if (data === undefined || data.length <= PROGRAMDATA_HEADER_BYTES || data[0] !== PROGRAMDATA_TAG)
      return undefined;
    return this.#load(data, PROGRAMDATA_HEADER_BYTES);
  }

  #load(data: Uint8Array, offset: number): Program | undefined {
    let program = this.#programs.get(data);
    if (program === undefined) {
      program = tryLoad(data.subarray(offset));
      this.#programs.set(data, program);
    }
    return program ?? undefined;
  }
}

function tryLoad(elf: Uint8Array): Program | null {
  try {
    return loadProgram(elf);
  } catch (error) {
    // A version that is not supported here must not look like a program that nobody can execute.
    if (error instanceof ProgramLoadError && error.code !== 'UNSUPPORTED_SBPF_VERSION') return null;
    throw error;
  }
}
