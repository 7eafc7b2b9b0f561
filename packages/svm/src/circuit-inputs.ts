import { equalBytes, fieldToHex, InvariantError, PolyproofError, splitBytes32, toHex } from '@polyproof/base';
import { type Account, accountKey, accountValue } from '@polyproof/state';
import { blocksOf } from './batch-data.js';
import { inCircuitOrder } from './circuit-order.js';
import { compactLinks } from './compact-data/circuit-inputs.js';
import { entriesOf } from './compact-data/decode.js';
import { readTables } from './compact-data/read-tables.js';
import { type Deposit, splitProvedData } from './deposits.js';
import { batchExitRoot, exitsOf, isExitAddress } from './exits.js';
import { BATCH_CIRCUITS, type CircuitLimits } from './generated/circuit-limits.js';
import { messageInputs } from './message-inputs.js';
import { paddedData } from './padded-data.js';
import { configHash, systemAccount } from './rollup-config.js';
import { EMPTY_LEVEL, EMPTY_PLACE, treePathInputs } from './tree-path-inputs.js';
import type { BatchWitness } from './witness.js';
import { LAMPORTS_CELL } from './zkvm/account-cells.js';
import { batchCapacity, compactCapacity } from './zkvm/batch-capacity.js';
import { type CallLists, withIdle } from './zkvm/call-inputs.js';
import { fill } from './zkvm/fill.js';
import { provableBlocks } from './zkvm/provable-blocks.js';
import { provablePrograms } from './zkvm/provable-programs.js';
import { transactionInputs } from './zkvm/transaction-inputs.js';
import type { BatchAccount } from './zkvm/transaction-layout.js';
import { runTransactions, type TransactionRun } from './zkvm/transaction-run.js';

export type BatchCircuit = keyof typeof BATCH_CIRCUITS;

/**
 * Inputs of the first circuit that a batch fits in.
 * @param after - the state after the batch of every account that changed; null where it ceased to exist
 * @throws {ZkvmError} naming what cannot be proved or does not fit
 * @throws {InvariantError} where the machine comes to another state
 */
export function batchCircuitInputs(
  witness: BatchWitness,
  after: readonly (readonly [Uint8Array, Account | null])[],
): { circuit: BatchCircuit; inputs: Record<string, unknown> } {
  const circuits = Object.keys(BATCH_CIRCUITS) as BatchCircuit[];
  for (const [i, circuit] of circuits.entries()) {
    try {
      return { circuit, inputs: inputsWithin(witness, after, BATCH_CIRCUITS[circuit]) };
    } catch (error) {
      if (!isFull(error) || i + 1 === circuits.length) throw error;
    }
  }
  throw new InvariantError('there is no batch circuit');
}

const isFull = (error: unknown) => error instanceof PolyproofError && error.code === 'CIRCUIT_FULL';

/**
 * {@link batchCircuitInputs} of a circuit with these limits.
 * @throws {PolyproofError} `CIRCUIT_FULL` where the batch does not fit
 */
export function inputsWithin(
  witness: BatchWitness,
  after: readonly (readonly [Uint8Array, Account | null])[],
  limits: CircuitLimits,
): Record<string, unknown> {
  const { config } = witness;
  const capacity = batchCapacity(limits);
  const accounts = witness.accounts
    .map(([address, account]) => ({ address, account, key: accountKey(address) }))
    .sort(inCircuitOrder);
  const addresses = accounts.map(({ address }) => address);
  const { messages, deposits } = splitProvedData(witness.data);
  const tables = readTables(messages);
  const blocks = blocksOf(entriesOf(tables)).map((entries) => entries.map(({ message }) => message));
  const programs = provablePrograms();
  const run = runTransactions({
    accounts: credited(accounts, deposits),
    programs,
    blocks: provableBlocks(blocks, config.collector, addresses),
    capacity,
  });
  const ended = accounts.map(({ address, key }, i) => ({ address, key, account: run.after[i]! }));
  const kept = ended.map(({ address, account }) => (isExitAddress(address) ? null : account));
  checkState(witness, addresses, kept, after);
  const inputs = transactionInputs(run, accounts, programs, capacity);
  const { places, siblings, digits } = treePathInputs(
    witness,
    accounts.map(({ key, account }, i) => ({ key, before: account, after: kept[i]! })),
  );
  const [collectorHigh, collectorLow] = splitBytes32(config.collector);
  const collector = String(addresses.findIndex((address) => equalBytes(address, config.collector)));
  return {
    batch: {
      config: {
        rollup_id: fieldToHex(config.rollupId),
        collector_high: fieldToHex(collectorHigh),
        collector_low: fieldToHex(collectorLow),
        lamports_per_signature: String(config.lamportsPerSignature),
        programs: inputs.programs,
      },
      data: paddedData(witness.data, limits.dataBytes),
      links: compactLinks(tables, compactCapacity(limits)),
      hints: messageInputs(tables, blocks.flat(), addresses, limits),
      transactions: {
        rows: inputs.table,
        outcomes: inputs.outcomes,
        units: inputs.units,
        uses: inputs.uses,
        use_rows: inputs.use_rows,
        use_versions: inputs.use_versions,
        ends: inputs.ends,
        last: inputs.last,
        transfers: inputs.transfers,
        changes: inputs.changes,
        balances: inputs.balances,
        saved: inputs.saved,
        data_pages: inputs.data_pages,
        rights: inputs.rights,
        windows: inputs.windows,
        calls: withIdle(inputs.calls as CallLists),
      },
      machine: {
        nodes: inputs.nodes,
        code: inputs.code,
        rows: inputs.rows,
        accesses: inputs.accesses,
        derivations: inputs.derivations,
        step_entries: inputs.step_entries,
        step_rows: inputs.step_rows,
      },
      cells: cellsBefore(run, accounts, inputs.cells as string[]),
      shapes: inputs.shapes,
      hash_rows: inputs.hash_rows,
      account_count: String(accounts.length),
      collector,
      deposits: fill('deposits', placesOf(deposits, addresses), limits.deposits, '0'),
      // The collector is no exit, wherever it stands.
      exits: fill('exits', exitPlaces(ended), limits.exits, collector),
      places: fill('accounts', places, limits.accounts, EMPTY_PLACE),
      siblings: fill('levels of the state tree', siblings, limits.levels, EMPTY_LEVEL.siblings),
      digits: fill('levels of the state tree', digits, limits.levels, EMPTY_LEVEL.digit),
    },
    statement: {
      prev_state_root: fieldToHex(witness.prevStateRoot),
      new_state_root: fieldToHex(witness.newStateRoot),
      prev_data_hash: fieldToHex(witness.prevDataHash),
      new_data_hash: fieldToHex(witness.newDataHash),
      first_batch: String(witness.batchNumber),
      last_batch: String(witness.batchNumber),
      exit_root: fieldToHex(batchExitRoot(exitsOf(ended.map(({ address, account }) => [address, account])))),
      config_hash: fieldToHex(configHash(config)),
      key_set_root: '0',
    },
  };
}

/** The machine and the engine are two implementations: nothing is proved on which they differ. */
function checkState(
  { batchNumber, accounts }: BatchWitness,
  addresses: readonly Uint8Array[],
  computed: readonly (Account | null)[],
  after: readonly (readonly [Uint8Array, Account | null])[],
): void {
  const expected = new Map(
    [...accounts, ...after].map(([address, account]) => [toHex(address), account] as const),
  );
  addresses.forEach((address, i) => {
    if (treeValue(computed[i]!) === treeValue(expected.get(toHex(address))!)) return;
    throw new InvariantError(
      `the machine comes to another state of account ${toHex(address)} in batch ${batchNumber} than the engine`,
    );
  });
}

/** Accounts as the machine finds them. */
function credited<T extends BatchAccount>(accounts: readonly T[], deposits: readonly Deposit[]): T[] {
  return accounts.map((entry) => {
    const own = deposits.filter(({ recipient }) => equalBytes(recipient, entry.address));
    if (own.length === 0) return entry;
    const account = entry.account ?? systemAccount(0n);
    const lamports = own.reduce((sum, deposit) => sum + deposit.lamports, account.lamports);
    return { ...entry, account: { ...account, lamports } };
  });
}

/** The cells before the deposits. */
function cellsBefore(
  { layout }: TransactionRun,
  accounts: readonly BatchAccount[],
  cells: readonly string[],
): string[] {
  const before = [...cells];
  accounts.forEach(({ account }, i) => {
    before[layout.laid.starts[i]! + LAMPORTS_CELL] = String(account?.lamports ?? 0n);
  });
  return before;
}

function placesOf(deposits: readonly Deposit[], addresses: readonly Uint8Array[]): string[] {
  return deposits.map(({ recipient }) =>
    String(addresses.findIndex((address) => equalBytes(address, recipient))),
  );
}

function exitPlaces(ended: readonly BatchAccount[]): string[] {
  return ended.flatMap(({ address, account }, i) =>
    account !== null && isExitAddress(address) ? [String(i)] : [],
  );
}

const treeValue = (account: Account | null) => (account === null ? undefined : accountValue(account));
