import { equalBytes } from '@polyproof/base';
import type { CompactTables } from './compact-data/tables.js';
import { CIRCUIT_LIMITS, type CircuitLimits } from './generated/circuit-limits.js';
import type { Message } from './message.js';
import { SYSTEM_PROGRAM } from './reserved.js';
import { COMPUTE_UNIT_LIMIT, COMPUTE_UNIT_PRICE } from './runtime/resolve/compute-budget.js';
import { COMPUTE_BUDGET_PROGRAM } from './runtime/resolve/native-programs.js';
import { fill } from './zkvm/fill.js';
import { provablePrograms } from './zkvm/provable-programs.js';

/**
 * What the circuit is told of messages beside the tables of their data: see circuits/lib/src/messages.
 * @param addresses - the table of accounts
 */
export function messageInputs(
  { values }: CompactTables,
  messages: readonly Message[],
  addresses: readonly Uint8Array[],
  limits: CircuitLimits,
): Record<string, unknown> {
  const instructions = messages.flatMap((message) =>
    message.instructions.map(({ programIdIndex, data }) => ({
      program: message.accountKeys[programIdIndex]!,
      data,
    })),
  );
  const isBudget = (program: Uint8Array) => equalBytes(program, COMPUTE_BUDGET_PROGRAM);
  return {
    accounts_of: fill(
      'values',
      values.map((value) => {
        const account = addresses.findIndex((address) => equalBytes(address, value));
        return { is_account: account >= 0, account: String(Math.max(0, account)) };
      }),
      limits.values,
      { is_account: false, account: '0' },
    ),
    called: fill(
      'instructions',
      instructions.map(({ program }) => String(programNumber(program))),
      limits.instructions,
      '0',
    ),
    settings: fill(
      'instructions',
      instructions.map(({ program, data }) => ({
        limit: isBudget(program) && data[0] === COMPUTE_UNIT_LIMIT,
        price: isBudget(program) && data[0] === COMPUTE_UNIT_PRICE,
      })),
      limits.instructions,
      { limit: false, price: false },
    ),
  };
}

/** The System program, the table of programs, the ComputeBudget program. */
function programNumber(program: Uint8Array): number {
  if (equalBytes(program, SYSTEM_PROGRAM)) return 0;
  if (equalBytes(program, COMPUTE_BUDGET_PROGRAM)) return CIRCUIT_LIMITS.programs + 1;
  return 1 + provablePrograms().findIndex(({ address }) => equalBytes(address, program));
}
