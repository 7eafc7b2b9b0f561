import { encodeBase58 } from './base58.js';
import { MAX_KEYS, MAX_SIGNERS } from './compact-data/tables.js';
import { COVERAGE, type ProgramCoverage } from './coverage.js';
import { NotProvableError } from './errors.js';
import { CIRCUIT_LIMITS } from './generated/circuit-limits.js';
import type { CompiledInstruction, Message } from './message.js';
import { reservedReason } from './reserved.js';
import { changeAccounts, isChange, readChange } from './zkvm/system-change.js';

/**
 * Whether the circuits can prove a transaction with this message, as far as the message alone tells: each instruction is
 * one that is covered, on ordinary accounts. Whether it succeeds does not matter.
 * @throws {NotProvableError} naming the program and the reason
 */
export function checkProvable(message: Message): void {
  const { accountKeys, header, instructions, addressTableLookups } = message;
  if (addressTableLookups.length > 0) throw new NotProvableError('it uses address lookup tables');
  atMost('account keys', accountKeys.length, MAX_KEYS);
  atMost('signers', header.numRequiredSignatures, MAX_SIGNERS);
  atMost('instructions', instructions.length, CIRCUIT_LIMITS.instructions);
  for (const instruction of instructions) checkInstruction(message, instruction);
  checkAccount(accountKeys[0]!, null);
}

function atMost(what: string, count: number, limit: number): void {
  if (count > limit) throw new NotProvableError(`it has ${count} ${what}, at most ${limit} are possible`);
}

function checkInstruction({ accountKeys }: Message, instruction: CompiledInstruction): void {
  const name = encodeBase58(accountKeys[instruction.programIdIndex]!);
  const program = COVERAGE.find(({ address }) => address === name);
  if (program === undefined)
    throw new NotProvableError(
      `it calls the program ${name}, only ${COVERAGE.map((covered) => covered.name).join(', ')} are provable`,
      name,
    );
  checkData(program, instruction.data);
  const accounts = [...instruction.accountIndexes].map((index) => accountKeys[index]!);
  for (const address of accounts) checkAccount(address, name);
  if (program.numberBytes === 4) checkSystem(instruction, name);
}

function checkData(
  { name, address, numberBytes, instructions, proved }: ProgramCoverage,
  data: Uint8Array,
): void {
  const wrong = (reason: string) => new NotProvableError(reason, address);
  if (data.length < numberBytes)
    throw wrong(`its ${name} instruction has ${data.length} bytes of data, which is none`);
  const number = data.subarray(0, numberBytes).reduceRight((sum, byte) => 256 * sum + byte, 0);
  const label = instructions.find(([, known]) => known === number)?.[0] ?? `number ${number}`;
  if (!proved.has(number)) throw wrong(`its ${name} instruction is ${label}, which is not provable`);
  const bytes = proved.get(number);
  if (bytes !== undefined && data.length !== bytes)
    throw wrong(`its ${name} instruction ${label} has ${data.length} bytes of data instead of ${bytes}`);
}

/** Of the System program's instructions: assign and allocate have one account, the others two. */
function checkSystem({ accountIndexes, data }: CompiledInstruction, program: string): void {
  const changes = isChange(data);
  const accounts = changes ? changeAccounts(readChange(data)) : 2;
  if (accountIndexes.length !== accounts)
    throw new NotProvableError(
      `its System instruction has ${accountIndexes.length} accounts instead of ${accounts}`,
      program,
    );
  if (changes && accounts === 2 && accountIndexes[0] === accountIndexes[1])
    throw new NotProvableError('its System instruction creates the account that pays for it', program);
}

/** The runtime's own accounts, and those of programs, are not part of what a batch touches. */
function checkAccount(address: Uint8Array, program: string | null): void {
  const reason = reservedReason(address);
  if (reason !== undefined)
    throw new NotProvableError(`it uses ${encodeBase58(address)} as an account, which is ${reason}`, program);
}
