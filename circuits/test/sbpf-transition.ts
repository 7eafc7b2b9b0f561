import { fieldToHex } from '@polyproof/base';
import { type Account, accountKey, accountValue } from '@polyproof/state';
import { accountInputs, layAccounts } from '../../packages/svm/src/zkvm/account-cells.js';
import { runInputs } from '../../packages/svm/src/zkvm/inputs.js';
import { runMachine } from '../../packages/svm/src/zkvm/machine.js';
import type { Region } from '../../packages/svm/src/zkvm/memory.js';
import { executeInMachine, tokenProgram } from '../../packages/svm/test/zkvm/execute.js';
import { named, type Scenario } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { capacityOf, sizeOf } from './sbpf-circuit.js';
import { committedToken } from './sbpf-runs.js';

export const CIRCUIT = 'sbpf_transition';
const RENT_EPOCH = 0xffffffffffffffffn;
/** what stands in front of an account's address in a record, and of its data behind the address */
const FLAGS_BYTES = 8;
const HEADER_BYTES = 80;

/** The scenario on accounts that lie in the first cells; what else the program can read lies behind them. */
export function transitionInputs(scenario: Scenario) {
  const { image } = executeInMachine(scenario);
  const capacity = { accounts: sizeOf(CIRCUIT, 'ACCOUNTS'), rows: sizeOf(CIRCUIT, 'HASH_ROWS') };
  const accounts = scenario.accounts
    .filter((_, index) => image.records[index] !== undefined)
    .map(({ address, owner, data }, index) => {
      const record = image.records.filter((cell) => cell !== undefined)[index]!;
      const lamports = image.cells[record + 9]!;
      const account: Account = { lamports, data, owner, executable: false, rentEpoch: RENT_EPOCH };
      return { address, account, record };
    });
  while (accounts.length < capacity.accounts) {
    const account = {
      lamports: 1n,
      data: new Uint8Array(),
      owner: named('x'),
      executable: false,
      rentEpoch: RENT_EPOCH,
    };
    accounts.push({ address: named(`unused ${accounts.length}`), account, record: -1 });
  }
  const laid = layAccounts(accounts);
  const cells = [...laid.cells];
  const regions: Region[] = [];
  const copy = (start: bigint, length: number, from: number, writable: boolean) => {
    regions.push({ start, length, cell: cells.length, writable });
    cells.push(...image.cells.slice(from, from + Math.ceil(length / 8)));
  };
  for (const { start, length, cell, writable } of image.regions) {
    const index = accounts.findIndex(({ record }) => record === cell);
    if (index < 0) copy(start, length, cell, writable);
    else {
      copy(start, FLAGS_BYTES, cell, writable);
      const bytes = HEADER_BYTES + accounts[index]!.account.data.length;
      regions.push({ start: start + 8n, length: bytes, cell: laid.starts[index]!, writable });
    }
  }
  const run = runMachine({
    programs: [tokenProgram().entries],
    invocations: [{ program: 1, data: image.dataAddress, regions }],
    cells,
  });
  const after = accounts.map(({ account }, index): Account => {
    const bytes = Buffer.alloc(8 * Math.ceil(account.data.length / 8));
    const first = laid.starts[index]!;
    for (let at = 0; at < bytes.length; at += 8) bytes.writeBigUInt64LE(run.cells[first + 10 + at / 8]!, at);
    return { ...account, lamports: run.cells[first + 8]!, data: bytes.subarray(0, account.data.length) };
  });
  const { cells_after, ...inputs } = runInputs(run, [committedToken()], cells, capacityOf(CIRCUIT));
  const { shapes, rows } = accountInputs(laid, capacity);
  return {
    ...inputs,
    shapes,
    hash_rows: rows,
    keys: accounts.map(({ address }) => fieldToHex(accountKey(address))),
    old_values: accounts.map(({ account }) => fieldToHex(accountValue(account))),
    new_values: after.map((account) => fieldToHex(accountValue(account))),
  };
}
