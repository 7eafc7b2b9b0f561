import { equalBytes } from '@polyproof/base';
import { encodeBase58 } from './base58.js';
import { NotProvableError } from './errors.js';
import { CIRCUIT_LIMITS } from './generated/circuit-limits.js';
import { encodeMessage, type Message } from './message.js';
import { reservedReason, SYSTEM_PROGRAM } from './reserved.js';

/** Instructions of the System program, by their number. */
const SYSTEM_INSTRUCTIONS = [
  'CreateAccount',
  'Assign',
  'Transfer',
  'CreateAccountWithSeed',
  'AdvanceNonceAccount',
  'WithdrawNonceAccount',
  'InitializeNonceAccount',
  'AuthorizeNonceAccount',
  'Allocate',
  'AllocateWithSeed',
  'AssignWithSeed',
  'TransferWithSeed',
  'UpgradeNonceAccount',
  'CreateAccountAllowPrefund',
];
const TRANSFER = 2;
/** u32le number of the instruction, u64le lamports */
const TRANSFER_DATA_BYTES = 12;

/**
 * Whether the circuits can prove the message: one System transfer between ordinary accounts, within the limits of
 * the circuit. Whether it succeeds does not matter.
 * @throws {NotProvableError} naming the program and the reason
 */
export function checkProvable(message: Message): void {
  const { accountKeys, instructions, addressTableLookups } = message;
  if (addressTableLookups.length > 0) throw new NotProvableError('it uses address lookup tables');
  checkPrograms(message);
  if (instructions.length !== 1)
    throw new NotProvableError(`it has ${instructions.length} instructions instead of one`);
  if (accountKeys.length > CIRCUIT_LIMITS.accountKeys)
    throw new NotProvableError(
      `it names ${accountKeys.length} accounts, at most ${CIRCUIT_LIMITS.accountKeys} are possible`,
    );
  checkTransfer(message);
  checkAccounts(message);
  const bytes = encodeMessage(message).length;
  if (bytes > CIRCUIT_LIMITS.messageBytes)
    throw new NotProvableError(
      `its message has ${bytes} bytes, at most ${CIRCUIT_LIMITS.messageBytes} are possible`,
    );
}

function checkPrograms({ accountKeys, instructions }: Message): void {
  for (const { programIdIndex } of instructions) {
    const program = accountKeys[programIdIndex]!;
    if (equalBytes(program, SYSTEM_PROGRAM)) continue;
    const name = encodeBase58(program);
    throw new NotProvableError(`it calls the program ${name}, only System transfers are provable`, name);
  }
}

const wrong = (reason: string) => new NotProvableError(reason, encodeBase58(SYSTEM_PROGRAM));

function checkTransfer({ instructions }: Message): void {
  const { data, accountIndexes } = instructions[0]!;
  if (data.length < 4) throw wrong(`its System instruction has ${data.length} bytes of data`);
  const number = new DataView(data.buffer, data.byteOffset).getUint32(0, true);
  if (number !== TRANSFER) {
    const name = SYSTEM_INSTRUCTIONS[number] ?? `number ${number}`;
    throw wrong(`its System instruction is ${name}, only Transfer is provable`);
  }
  if (data.length !== TRANSFER_DATA_BYTES)
    throw wrong(`its transfer has ${data.length} bytes of data instead of ${TRANSFER_DATA_BYTES}`);
  if (accountIndexes.length !== 2)
    throw wrong(`its transfer has ${accountIndexes.length} accounts instead of two`);
}

/** The runtime's own accounts are not part of the state tree: only the System program may be named, to call it. */
function checkAccounts({ accountKeys, instructions }: Message): void {
  const { programIdIndex, accountIndexes } = instructions[0]!;
  accountKeys.forEach((address, index) => {
    if (index === programIdIndex && !accountIndexes.includes(index)) return;
    const reason = reservedReason(address);
    if (reason !== undefined)
      throw wrong(`it uses ${encodeBase58(address)} as an account, which is ${reason}`);
  });
}
