import { NotParsableError } from './data-reader.js';
import type { InstructionView, ParsedInstruction } from './instruction-view.js';

/** Agave: transaction-status's parse_address_lookup_table. The data is bincode of ProgramInstruction. */
export function parseLookupTableInstruction(instruction: InstructionView): ParsedInstruction {
  const reader = instruction.reader();
  const kind = reader.u32();
  const table = ['lookupTableAccount', 'lookupTableAuthority'];
  switch (kind) {
    case 0:
      return {
        type: 'createLookupTable',
        info: {
          ...instruction.named(...table, 'payerAccount', 'systemProgram'),
          recentSlot: reader.u64(),
          bumpSeed: reader.u8(),
        },
      };
    case 1:
      return { type: 'freezeLookupTable', info: instruction.named(...table) };
    case 2: {
      // Who pays is only named where the table has to grow at somebody's cost.
      const names = instruction.accountCount >= 4 ? [...table, 'payerAccount', 'systemProgram'] : table;
      const newAddresses = reader.list(32, () => reader.address());
      return { type: 'extendLookupTable', info: { ...instruction.named(...names), newAddresses } };
    }
    case 3:
      return { type: 'deactivateLookupTable', info: instruction.named(...table) };
    case 4:
      return { type: 'closeLookupTable', info: instruction.named(...table, 'recipient') };
    default:
      throw new NotParsableError(`lookup table instruction ${kind}`);
  }
}
