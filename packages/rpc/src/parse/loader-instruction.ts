import { type DataReader, NotParsableError } from './data-reader.js';
import type { InstructionView, ParsedInstruction } from './instruction-view.js';

/** Agave: transaction-status's parse_bpf_loader. */
export function parseLoaderInstruction(instruction: InstructionView): ParsedInstruction {
  const reader = instruction.reader();
  const kind = reader.u32();
  if (kind === 0) return { type: 'write', info: { ...written(reader), ...instruction.named('account') } };
  if (kind !== 1) throw new NotParsableError(`loader instruction ${kind}`);
  const { account } = instruction.named('account', 'rentSysvar');
  return { type: 'finalize', info: { account } };
}

/** Agave: transaction-status's parse_bpf_upgradeable_loader. The data is bincode of UpgradeableLoaderInstruction. */
export function parseUpgradeableLoaderInstruction(instruction: InstructionView): ParsedInstruction {
  const reader = instruction.reader();
  const as = (type: string, info: Record<string, unknown>): ParsedInstruction => ({ type, info });
  const optional = (name: string, index: number) => ({ [name]: instruction.optional(index) });
  const kind = reader.u32();
  switch (kind) {
    case 0: {
      const authority = instruction.optional(1);
      return as('initializeBuffer', {
        ...instruction.named('account'),
        ...(authority === null ? {} : { authority }),
      });
    }
    case 1:
      return as('write', { ...written(reader), ...instruction.named('account', 'authority') });
    case 2:
      return as('deployWithMaxDataLen', {
        maxDataLen: reader.u64(),
        ...instruction.named(
          'payerAccount',
          'programDataAccount',
          'programAccount',
          'bufferAccount',
          'rentSysvar',
          'clockSysvar',
          'systemProgram',
          'authority',
        ),
      });
    case 3:
      return as(
        'upgrade',
        instruction.named(
          'programDataAccount',
          'programAccount',
          'bufferAccount',
          'spillAccount',
          'rentSysvar',
          'clockSysvar',
          'authority',
        ),
      );
    case 4:
      return as('setAuthority', {
        ...instruction.named('account', 'authority'),
        ...optional('newAuthority', 2),
      });
    case 5:
      return as('close', {
        ...instruction.named('account', 'recipient', 'authority'),
        ...optional('programAccount', 3),
      });
    case 6:
      return as('extendProgram', {
        additionalBytes: reader.u32(),
        ...instruction.named('programDataAccount', 'programAccount'),
        ...optional('systemProgram', 2),
        ...optional('payerAccount', 3),
      });
    case 7:
      return as('setAuthorityChecked', instruction.named('account', 'authority', 'newAuthority'));
    case 9:
      return as('extendProgramChecked', {
        additionalBytes: reader.u32(),
        ...instruction.named('programDataAccount', 'programAccount', 'authority'),
        ...optional('systemProgram', 3),
        ...optional('payerAccount', 4),
      });
    default:
      throw new NotParsableError(`upgradeable loader instruction ${kind}`);
  }
}

function written(reader: DataReader) {
  return { offset: reader.u32(), bytes: Buffer.from(reader.bincodeBytes()).toString('base64') };
}
