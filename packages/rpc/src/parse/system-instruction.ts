import { NotParsableError } from './data-reader.js';
import type { InstructionView, ParsedInstruction } from './instruction-view.js';

/** Agave: transaction-status's parse_system. The data is bincode of SystemInstruction. */
export function parseSystemInstruction(instruction: InstructionView): ParsedInstruction {
  const reader = instruction.reader();
  const as = (type: string, info: Record<string, unknown>): ParsedInstruction => ({ type, info });
  const kind = reader.u32();
  switch (kind) {
    case 0:
      return as('createAccount', {
        ...instruction.named('source', 'newAccount'),
        lamports: reader.u64(),
        space: reader.u64(),
        owner: reader.address(),
      });
    case 1:
      return as('assign', { ...instruction.named('account'), owner: reader.address() });
    case 2:
      return as('transfer', { ...instruction.named('source', 'destination'), lamports: reader.u64() });
    case 3:
      return as('createAccountWithSeed', {
        ...instruction.named('source', 'newAccount'),
        base: reader.address(),
        seed: reader.bincodeText(),
        lamports: reader.u64(),
        space: reader.u64(),
        owner: reader.address(),
      });
    case 4:
      return as(
        'advanceNonce',
        instruction.named('nonceAccount', 'recentBlockhashesSysvar', 'nonceAuthority'),
      );
    case 5:
      return as('withdrawFromNonce', {
        ...instruction.named(
          'nonceAccount',
          'destination',
          'recentBlockhashesSysvar',
          'rentSysvar',
          'nonceAuthority',
        ),
        lamports: reader.u64(),
      });
    case 6:
      return as('initializeNonce', {
        ...instruction.named('nonceAccount', 'recentBlockhashesSysvar', 'rentSysvar'),
        nonceAuthority: reader.address(),
      });
    case 7:
      return as('authorizeNonce', {
        ...instruction.named('nonceAccount', 'nonceAuthority'),
        newAuthorized: reader.address(),
      });
    case 8:
      return as('allocate', { ...instruction.named('account'), space: reader.u64() });
    case 9:
      return as('allocateWithSeed', {
        ...instruction.named('account'),
        base: reader.address(),
        seed: reader.bincodeText(),
        space: reader.u64(),
        owner: reader.address(),
        ...withBase(instruction),
      });
    case 10:
      return as('assignWithSeed', {
        ...instruction.named('account'),
        base: reader.address(),
        seed: reader.bincodeText(),
        owner: reader.address(),
        ...withBase(instruction),
      });
    case 11:
      return as('transferWithSeed', {
        ...instruction.named('source', 'sourceBase', 'destination'),
        lamports: reader.u64(),
        sourceSeed: reader.bincodeText(),
        sourceOwner: reader.address(),
      });
    case 12:
      return as('upgradeNonce', instruction.named('nonceAccount'));
    case 13: {
      const [lamports, space, owner] = [reader.u64(), reader.u64(), reader.address()];
      const accounts = lamports === 0n ? ['newAccount'] : ['newAccount', 'source'];
      return as('createAccountAllowPrefund', {
        ...instruction.named(...accounts),
        ...(lamports === 0n ? {} : { lamports }),
        space,
        owner,
      });
    }
    default:
      throw new NotParsableError(`System instruction ${kind}`);
  }
}

/** The second account must be there, and is not shown: the data names it already. */
function withBase(instruction: InstructionView): Record<string, never> {
  instruction.named('account', 'base');
  return {};
}
