import { NotParsableError } from './data-reader.js';
import type { InstructionView, ParsedInstruction } from './instruction-view.js';

const CREATE = ['source', 'account', 'wallet', 'mint', 'systemProgram', 'tokenProgram'];
const RECOVER = [
  'nestedSource',
  'nestedMint',
  'destination',
  'nestedOwner',
  'ownerMint',
  'wallet',
  'tokenProgram',
];

/** Agave: transaction-status's parse_associated_token. */
export function parseAssociatedTokenInstruction(instruction: InstructionView): ParsedInstruction {
  const { data } = instruction;
  if (data.length > 1) throw new NotParsableError(`${data.length} bytes`);
  switch (data[0] ?? 0) {
    case 0:
      return { type: 'create', info: instruction.named(...CREATE) };
    case 1:
      return { type: 'createIdempotent', info: instruction.named(...CREATE) };
    case 2:
      return { type: 'recoverNested', info: instruction.named(...RECOVER) };
    default:
      throw new NotParsableError(`associated token instruction ${data[0]}`);
  }
}
