import { afterAll, describe, expect, it } from 'vitest';
import { systemAccount } from '../../src/index.js';
import { SYSCALL_NAMES, syscallHash } from '../../src/sbpf/syscalls/syscall-names.js';
import { elfV3 } from '../support/elf-files.js';
import { address, BLOCKHASH, engineTransaction, SOL } from '../support/engine-transactions.js';
import { TracedLitesvm } from '../support/traced-litesvm.js';

const machine = new TracedLitesvm(undefined, false);
afterAll(() => machine.close());

/** Others that Agave has code for. */
const INACTIVE = [
  'sol_blake3',
  'sol_big_mod_exp',
  'sol_get_fees_sysvar',
  'sol_remaining_compute_units',
  'sol_sha512',
];

/** `call` of the name's hash, then `exit`. */
function calls(name: string) {
  const text = new DataView(new ArrayBuffer(16));
  text.setUint8(0, 0x85);
  text.setUint32(4, syscallHash(name), true);
  text.setUint8(8, 0x95);
  return { text: new Uint8Array(text.buffer), labels: new Map<string, number>(), syscalls: [] };
}

describe('system calls', () => {
  it('are those that litesvm knows', () => {
    machine.set(address('payer'), systemAccount(SOL));
    const known = [...SYSCALL_NAMES, ...INACTIVE].filter((name) => {
      const program = address(name);
      machine.deploy(program, elfV3(calls(name)));
      const { logs } = machine.execute(
        engineTransaction({
          signers: ['payer'],
          blockhash: BLOCKHASH,
          instructions: [{ program, accounts: [], data: new Uint8Array() }],
        }),
      );
      return !logs.some((line) => line.includes('unsupported BPF instruction'));
    });
    expect(known).toEqual([...SYSCALL_NAMES]);
  });
});
