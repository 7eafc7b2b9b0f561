import { createHash } from 'node:crypto';
import { type DataReader, NotParsableError } from './data-reader.js';
import { type InstructionView, type ParsedInstruction, present } from './instruction-view.js';

type Parse = (instruction: InstructionView, reader: DataReader) => ParsedInstruction;

/** Instructions of the token metadata and token group interfaces, which start with eight bytes of a hash. */
export function parseTokenInterfaceInstruction(instruction: InstructionView): ParsedInstruction {
  const reader = instruction.reader();
  const parse = INSTRUCTIONS.get(Buffer.from(reader.bytes(8)).toString('hex'));
  if (parse === undefined) throw new NotParsableError('an unknown token instruction');
  return parse(instruction, reader);
}

/** How interfaces number their instructions (spl-discriminator). */
function discriminator(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 16);
}

const FIELDS = ['name', 'symbol', 'uri'];

const metadata = (name: string) => discriminator(`spl_token_metadata_interface:${name}`);
const group = (name: string) => discriminator(`spl_token_group_interface:${name}`);

const INSTRUCTIONS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  [
    metadata('initialize_account'),
    (instruction, reader) => ({
      type: 'initializeTokenMetadata',
      info: {
        ...instruction.named('metadata', 'updateAuthority', 'mint', 'mintAuthority'),
        name: reader.borshText(),
        symbol: reader.borshText(),
        uri: reader.borshText(),
      },
    }),
  ],
  [
    metadata('updating_field'),
    (instruction, reader) => ({
      type: 'updateTokenMetadataField',
      info: {
        ...instruction.named('metadata', 'updateAuthority'),
        field: readField(reader),
        value: reader.borshText(),
      },
    }),
  ],
  [
    metadata('remove_key_ix'),
    (instruction, reader) => ({
      type: 'removeTokenMetadataKey',
      info: {
        ...instruction.named('metadata', 'updateAuthority'),
        idempotent: reader.bool(),
        key: reader.borshText(),
      },
    }),
  ],
  [
    metadata('update_the_authority'),
    (instruction, reader) => ({
      type: 'updateTokenMetadataAuthority',
      info: {
        ...instruction.named('metadata', 'updateAuthority'),
        newAuthority: reader.nonZeroAddress(),
      },
    }),
  ],
  [
    metadata('emitter'),
    (instruction, reader) => ({
      type: 'emitTokenMetadata',
      info: present({
        ...instruction.named('metadata'),
        start: reader.optional(() => reader.u64()),
        end: reader.optional(() => reader.u64()),
      }),
    }),
  ],
  [
    group('initialize_token_group'),
    (instruction, reader) => ({
      type: 'initializeTokenGroup',
      info: {
        ...instruction.named('group', 'mint', 'mintAuthority'),
        updateAuthority: reader.nonZeroAddress(),
        maxSize: reader.u64(),
      },
    }),
  ],
  [
    group('update_group_max_size'),
    (instruction, reader) => ({
      type: 'updateTokenGroupMaxSize',
      info: { ...instruction.named('group', 'updateAuthority'), maxSize: reader.u64() },
    }),
  ],
  [
    group('update_authority'),
    (instruction, reader) => ({
      type: 'updateTokenGroupAuthority',
      info: {
        ...instruction.named('group', 'updateAuthority'),
        newAuthority: reader.nonZeroAddress(),
      },
    }),
  ],
  [
    group('initialize_member'),
    (instruction) => ({
      type: 'initializeTokenGroupMember',
      info: instruction.named('member', 'memberMint', 'memberMintAuthority', 'group', 'groupUpdateAuthority'),
    }),
  ],
]);

function readField(reader: DataReader): string {
  const kind = reader.u8();
  if (kind === FIELDS.length) return reader.borshText();
  const field = FIELDS[kind];
  if (field === undefined) throw new NotParsableError(`field ${kind}`);
  return field;
}
