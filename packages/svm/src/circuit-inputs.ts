import { bytesToBigInt, fieldToHex, InvariantError, splitBytes32, toHex } from '@polyproof/base';
import { type Account, accountDataHash, accountKey } from '@polyproof/state';
import { decodeBatchData } from './batch-data.js';
import { inCircuitOrder } from './circuit-order.js';
import { CIRCUIT_LIMITS } from './generated/circuit-limits.js';
import { paddedData } from './padded-data.js';
import { SYSTEM_PROGRAM } from './reserved.js';
import { configHash } from './rollup-config.js';
import { EMPTY_LEVEL, EMPTY_PLACE, type TreeRow, treePathInputs } from './tree-path-inputs.js';
import type { BatchWitness } from './witness.js';

/** One account of the batch, before and after it, in the order of the circuit's table. */
interface Row extends TreeRow {
  address: Uint8Array;
}

/**
 * Inputs of the circuit `svm_batch` for a batch.
 * @param after - the state after the batch of every account that changed; null where it ceased to exist
 */
export function batchCircuitInputs(
  witness: BatchWitness,
  after: readonly (readonly [Uint8Array, Account | null])[],
): Record<string, unknown> {
  const rows = tableOf(witness, after);
  const positionOf = new Map(rows.map((row, i) => [toHex(row.address), i]));
  const position = (address: Uint8Array) => {
    const found = positionOf.get(toHex(address));
    if (found === undefined)
      throw new InvariantError(
        `account ${toHex(address)} of batch ${witness.batchNumber} is not in its witness`,
      );
    return found;
  };
  const transactions = decodeBatchData(witness.data).map(({ message }) => {
    const [instruction] = message.instructions;
    const key = (index: number | undefined) => position(message.accountKeys[index ?? 0]!);
    return {
      payer: key(0),
      from: key(instruction?.accountIndexes[0]),
      to: key(instruction?.accountIndexes[1]),
    };
  });
  const { places, siblings, digits } = treePathInputs(witness, rows);
  const { config } = witness;
  const [collectorHigh, collectorLow] = splitBytes32(config.collector);
  return {
    batch: {
      config: {
        rollup_id: fieldToHex(config.rollupId),
        collector_high: fieldToHex(collectorHigh),
        collector_low: fieldToHex(collectorLow),
        lamports_per_signature: String(config.lamportsPerSignature),
      },
      data: paddedData(witness.data),
      transaction_count: String(transactions.length),
      positions: fill(transactions, CIRCUIT_LIMITS.transactions, { payer: 0, from: 0, to: 0 }),
      accounts: fill(rows.map(accountInput), CIRCUIT_LIMITS.accounts, EMPTY_ACCOUNT),
      lamports: fill(
        rows.map((row) => String(row.before?.lamports ?? 0n)),
        CIRCUIT_LIMITS.accounts,
        '0',
      ),
      account_count: String(rows.length),
      collector: position(config.collector),
      places: fill(places, CIRCUIT_LIMITS.accounts, EMPTY_PLACE),
      siblings: fill(siblings, CIRCUIT_LIMITS.levels, EMPTY_LEVEL.siblings),
      digits: fill(digits, CIRCUIT_LIMITS.levels, EMPTY_LEVEL.digit),
    },
    statement: {
      prev_state_root: fieldToHex(witness.prevStateRoot),
      new_state_root: fieldToHex(witness.newStateRoot),
      prev_data_hash: fieldToHex(witness.prevDataHash),
      new_data_hash: fieldToHex(witness.newDataHash),
      first_batch: String(witness.batchNumber),
      last_batch: String(witness.batchNumber),
      exit_root: '0',
      config_hash: fieldToHex(configHash(config)),
      key_set_root: '0',
    },
  };
}

function tableOf(witness: BatchWitness, after: readonly (readonly [Uint8Array, Account | null])[]): Row[] {
  const changed = new Map(after.map(([address, account]) => [toHex(address), account]));
  return witness.accounts
    .map(([address, before]) => {
      const later = changed.get(toHex(address));
      return { address, key: accountKey(address), before, after: later === undefined ? before : later };
    })
    .sort(inCircuitOrder);
}

const EMPTY_ACCOUNT = {
  address_high: '0',
  address_low: '0',
  owner: '0',
  owner_last: '0',
  data_length: '0',
  data_hash: '0',
  executable: false,
};

function accountInput(row: Row): typeof EMPTY_ACCOUNT {
  const [addressHigh, addressLow] = splitBytes32(row.address);
  const account = row.before;
  const owner = account?.owner ?? SYSTEM_PROGRAM;
  return {
    address_high: fieldToHex(addressHigh),
    address_low: fieldToHex(addressLow),
    owner: fieldToHex(bytesToBigInt(owner.slice(0, 31).reverse())),
    owner_last: String(owner[31]),
    data_length: String(account?.data.length ?? 0),
    data_hash: fieldToHex(account === null ? 0n : accountDataHash(account.data)),
    executable: account?.executable ?? false,
  };
}

function fill<T>(values: readonly T[], length: number, filler: T): T[] {
  if (values.length > length)
    throw new InvariantError(`${values.length} values do not fit in the ${length} that the circuit holds`);
  return [...values, ...Array.from({ length: length - values.length }, () => filler)];
}
