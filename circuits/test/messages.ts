import { fieldToHex, splitBytes32 } from '@polyproof/base';
import { CIRCUIT_LIMITS, encodeMessage, type Message } from '@polyproof/svm';
import { type CompactCapacity, compactLinks } from '../../packages/svm/src/compact-data/circuit-inputs.js';
import { writeTables } from '../../packages/svm/src/compact-data/encode.js';
import type { CompactTables } from '../../packages/svm/src/compact-data/tables.js';
import { tabulate } from '../../packages/svm/src/compact-data/tabulate.js';
import { messageInputs } from '../../packages/svm/src/message-inputs.js';
import { paddedData } from '../../packages/svm/src/padded-data.js';
import { fill } from '../../packages/svm/src/zkvm/fill.js';
import { provableBlocks } from '../../packages/svm/src/zkvm/provable-blocks.js';
import { type TransactionRow, transactionRows } from '../../packages/svm/src/zkvm/transaction-rows.js';
import { TOKEN } from '../../packages/svm/test/calls.js';
import { address } from '../../packages/svm/test/wire.js';
import { hashesOf } from './compact-data.js';
import { sizeOf } from './sbpf-circuit.js';

export const CIRCUIT = 'messages';
const size = (what: string) => sizeOf(CIRCUIT, what);
const CAPACITY: CompactCapacity = {
  values: size('VALUES'),
  transactions: size('TRANSACTIONS'),
  references: size('REFERENCES'),
  instructions: size('INSTRUCTIONS'),
  accounts: size('NAMED'),
  words: size('WORDS'),
};
const ROWS = size('ROWS');

/** Names of the accounts that a batch holds, and of who gets the fees. */
export const NAMES = ['a', 'b', 'c', 'd', 'token a', 'token b', 'mint', 'collector'];
export const ADDRESSES = NAMES.map(address);
const COLLECTOR = NAMES.indexOf('collector');

const row = ({ kind, program, uses, data, amount, limit, fails, called }: TransactionRow) => ({
  kind: String(kind),
  program: String(program),
  uses: String(uses.length),
  data_bytes: String(data.length),
  amount: String(amount),
  limit: String(limit),
  fails,
  called: called === true,
});

/** Inputs of the test circuit, with rows and uses as a prover makes them. */
export function inputsOf(blocks: readonly (readonly Message[])[]) {
  const tables = tabulate(blocks.map((messages) => messages.map(encodeMessage)));
  return inputsOfTables(tables, blocks.flat(), rowsOf(blocks));
}

export function rowsOf(blocks: readonly (readonly Message[])[]): TransactionRow[] {
  return transactionRows(provableBlocks(blocks, ADDRESSES[COLLECTOR]!, ADDRESSES), [TOKEN]);
}

export function inputsOfTables(
  tables: CompactTables,
  messages: readonly Message[],
  rows: readonly TransactionRow[],
) {
  const bytes = writeTables(tables);
  const uses = rows.flatMap((of, index) => of.uses.map((use) => ({ ...use, row: index })));
  const none = { account: 0, signer: false, writable: false, row: ROWS };
  const allUses = fill('uses', uses, size('USES'), none);
  const [low, high] = [1, 0].map(
    (half) => (bytes32: Uint8Array) => fieldToHex(splitBytes32(bytes32)[half]!),
  ) as [(bytes32: Uint8Array) => string, (bytes32: Uint8Array) => string];
  const limits = { ...CIRCUIT_LIMITS, values: CAPACITY.values, instructions: CAPACITY.instructions };
  const noRow = {
    kind: '0',
    program: '0',
    uses: '0',
    data_bytes: '0',
    amount: '0',
    limit: '0',
    fails: false,
    called: false,
  };
  return {
    data: paddedData(bytes, CIRCUIT_LIMITS.dataBytes),
    links: compactLinks(tables, CAPACITY),
    hints: messageInputs(tables, messages, ADDRESSES, limits) as {
      accounts_of: { is_account: boolean; account: string }[];
      called: string[];
      settings: { limit: boolean; price: boolean }[];
    },
    addresses: {
      low: fill<string>('accounts', ADDRESSES.map(low), size('ACCOUNTS'), '0'),
      high: fill<string>('accounts', ADDRESSES.map(high), size('ACCOUNTS'), '0'),
      count: String(ADDRESSES.length),
      collector: String(COLLECTOR),
    },
    programs: {
      low: [low(TOKEN), '0'],
      high: [high(TOKEN), '0'],
      roots: ['1', '0'],
    },
    lamports_per_signature: '5000',
    rows: fill('rows', rows.map(row), ROWS, noRow),
    uses: allUses.map(({ account, signer, writable }) => ({ account: String(account), signer, writable })),
    use_rows: allUses.map((use) => String(use.row)),
    ...hashesOf(bytes),
  };
}

export type Inputs = ReturnType<typeof inputsOf>;
