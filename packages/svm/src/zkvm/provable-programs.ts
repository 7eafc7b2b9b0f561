import { equalBytes, type Field, InvariantError, splitBytes32 } from '@polyproof/base';
import { type Account, hashFields } from '@polyproof/state';
import { CIRCUIT_LIMITS } from '../generated/circuit-limits.js';
import { genesisPrograms } from '../genesis-programs.js';
import { MEMO_PROGRAM, TOKEN_PROGRAM, UPGRADEABLE_LOADER } from '../runtime/resolve/native-programs.js';
import { loadProgram } from '../sbpf/load-program.js';
import { SYSCALL_NAMES } from '../sbpf/syscalls/syscall-names.js';
import { arithmetise } from './arithmetise.js';
import { CommittedProgram } from './commitment.js';
import type { ProvableProgram } from './transaction-run.js';

/** A program that batches are proved with, from its bytecode. */
export interface BatchProgram extends ProvableProgram {
  committed: CommittedProgram;
}

const PROGRAMS = [TOKEN_PROGRAM, MEMO_PROGRAM];
const DOMAIN_PROGRAMS = 9n;
/** from the start of a programdata account to the ELF file */
const PROGRAMDATA_HEADER_BYTES = 45;
/** bincode tag in front of the programdata address */
const PROGRAM_TAG_BYTES = 4;

let programs: readonly BatchProgram[] | undefined;
let accounts: readonly [Uint8Array, Account][] | undefined;

/** The programs that a rollup with validity proofs lets transactions call, besides the runtime's own. Hashing must be initialised. */
export function provablePrograms(): readonly BatchProgram[] {
  programs ??= PROGRAMS.map((address, i) => batchProgram(i + 1, address));
  return programs;
}

/** Their accounts: the same in every rollup, no provable transaction changes them. */
export function provableProgramAccounts(): readonly [Uint8Array, Account][] {
  accounts ??= PROGRAMS.flatMap(programAccounts);
  return accounts;
}

/** The programs' part of the configuration hash: `Config.hash` in circuits/lib/src/batch.nr. */
export function programsRoot(): Field {
  const rows = provablePrograms().flatMap(({ address, committed }) => {
    const [high, low] = splitBytes32(address);
    return [low, high, committed.root];
  });
  const none = Array.from({ length: 3 * CIRCUIT_LIMITS.programs - rows.length }, () => 0n);
  return hashFields([DOMAIN_PROGRAMS, ...rows, ...none]);
}

function batchProgram(number: number, address: Uint8Array): BatchProgram {
  const [[, own], programdata] = programAccounts(address);
  const program = loadProgram(programdata?.[1].data.subarray(PROGRAMDATA_HEADER_BYTES) ?? own.data);
  const readOnly = program.readOnly.bytes;
  const entries = arithmetise(program, SYSCALL_NAMES, address);
  const committed = new CommittedProgram(number, entries, readOnly);
  return { address, entries, readOnly, committed };
}

/** A program's own account, and that of its bytes where the upgradeable loader keeps them in another one. */
function programAccounts(
  address: Uint8Array,
): [program: [Uint8Array, Account], ...programdata: [Uint8Array, Account][]] {
  const all = genesisPrograms();
  const find = (wanted: Uint8Array): [Uint8Array, Account] => {
    const found = all.find(([candidate]) => equalBytes(candidate, wanted));
    if (found === undefined)
      throw new InvariantError('a provable program is not one of the genesis programs');
    return found;
  };
  const program = find(address);
  const { owner, data } = program[1];
  if (!equalBytes(owner, UPGRADEABLE_LOADER)) return [program];
  return [program, find(data.slice(PROGRAM_TAG_BYTES, PROGRAM_TAG_BYTES + 32))];
}
