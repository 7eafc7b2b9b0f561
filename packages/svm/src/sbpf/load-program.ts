import { ElfReader } from './elf/elf-reader.js';
import { loadV0 } from './elf/load-v0.js';
import { loadV3 } from './elf/load-v3.js';
import { ProgramLoadError } from './errors.js';
import type { Program } from './program.js';

/**
 * Loads an sBPF program, as Agave does before it executes one: the ELF file is checked, relocated, verified and
 * decoded. Bytes behind the file, as a programdata account may have them, do not matter.
 * @throws {ProgramLoadError} when Agave would not load it, or it is of version 1, 2 or above 3
 */
export function loadProgram(elf: Uint8Array): Program {
  const file = new ElfReader(Uint8Array.from(elf));
  const { flags } = file.header;
  if (flags === 0) return loadV0(file);
  if (flags === 3) return loadV3(file);
  throw new ProgramLoadError(
    'UNSUPPORTED_SBPF_VERSION',
    `programs of sBPF version ${flags} are not supported: build it for version 0 or 3.`,
    { reason: 'UnsupportedSBPFVersion', version: flags },
  );
}
