import { parseAssociatedTokenInstruction } from './associated-token-instruction.js';
import { NotParsableError, parsed, textOf } from './data-reader.js';
import { InstructionView } from './instruction-view.js';
import { parseLoaderInstruction, parseUpgradeableLoaderInstruction } from './loader-instruction.js';
import { parseLookupTableInstruction } from './lookup-table-instruction.js';
import {
  ASSOCIATED_TOKEN,
  LOADER_V2,
  LOOKUP_TABLE,
  MEMO,
  MEMO_V1,
  SYSTEM,
  TOKEN,
  TOKEN_2022,
  UPGRADEABLE_LOADER,
} from './program-ids.js';
import { parseSystemInstruction } from './system-instruction.js';
import { parseTokenInstruction } from './token-instruction.js';

type Parse = (instruction: InstructionView) => unknown;

const parseMemo: Parse = ({ data }) => textOf(data);

/** A parser that refuses instructions without accounts, as Agave's do. */
function withAccounts(parse: Parse): Parse {
  return (instruction) => {
    if (instruction.accountCount === 0) throw new NotParsableError('no accounts');
    return parse(instruction);
  };
}

/** By address: the name as Agave shows it, and the parser. The compute budget program has none there either. */
const PROGRAMS: ReadonlyMap<string, readonly [name: string, parse: Parse]> = new Map([
  [SYSTEM, ['system', withAccounts(parseSystemInstruction)]],
  [TOKEN, ['spl-token', withAccounts(parseTokenInstruction)]],
  [TOKEN_2022, ['spl-token', withAccounts(parseTokenInstruction)]],
  [ASSOCIATED_TOKEN, ['spl-associated-token-account', withAccounts(parseAssociatedTokenInstruction)]],
  [MEMO_V1, ['spl-memo', parseMemo]],
  [MEMO, ['spl-memo', parseMemo]],
  [LOADER_V2, ['bpf-loader', withAccounts(parseLoaderInstruction)]],
  [UPGRADEABLE_LOADER, ['bpf-upgradeable-loader', withAccounts(parseUpgradeableLoaderInstruction)]],
  [LOOKUP_TABLE, ['address-lookup-table', withAccounts(parseLookupTableInstruction)]],
] satisfies [string, [string, Parse]][]);

/**
 * An instruction in words (Agave: transaction-status's parse); `undefined` where no parser knows it. Never throws.
 * @param programId - in base 58, as are the accounts
 */
export function parseInstruction(
  programId: string,
  accounts: readonly string[],
  data: Uint8Array,
): { program: string; parsed: unknown } | undefined {
  const program = PROGRAMS.get(programId);
  if (program === undefined) return undefined;
  const [name, parse] = program;
  const value = parsed(() => parse(new InstructionView(accounts, data)));
  return value === undefined ? undefined : { program: name, parsed: value };
}
