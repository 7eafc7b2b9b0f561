import { type Field, fieldToHex } from '@polyproof/base';
import { accountKey, accountValue, StateTree } from '@polyproof/state';
import type { BankStore, Head, OpenBatch } from './bank-store.js';
import { genesisBlockhash } from './blockhash.js';
import { BankError } from './errors.js';
import { configHash, genesisAccounts, genesisStateRoot, type RollupConfig } from './rollup-config.js';

/**
 * The head of a bank's store; a new store gets the genesis accounts and block 0 first.
 * @throws {BankError} `CONFIG_MISMATCH` when the store belongs to another rollup
 */
export function openHead(store: BankStore, config: RollupConfig, unixTimestamp: bigint): Head {
  const expected = { configHash: configHash(config), genesisStateRoot: genesisStateRoot(config) };
  const { head } = store;
  if (head === undefined) return createHead(store, config, { ...expected, unixTimestamp });
  if (head.configHash === expected.configHash && head.genesisStateRoot === expected.genesisStateRoot)
    return head;
  throw new BankError(
    'CONFIG_MISMATCH',
    `the database belongs to a rollup with configuration ${fieldToHex(head.configHash)} and genesis root ` +
      `${fieldToHex(head.genesisStateRoot)}, not to the configured one: give it another directory.`,
    { stored: { configHash: head.configHash, genesisStateRoot: head.genesisStateRoot }, expected },
  );
}

export function emptyBatch(prevStateRoot: Field): OpenBatch {
  return { prevStateRoot, transactions: 0, data: new Uint8Array(), blocks: [], before: [] };
}

function createHead(
  store: BankStore,
  config: RollupConfig,
  origin: Pick<Head, 'configHash' | 'genesisStateRoot' | 'unixTimestamp'>,
): Head {
  const rows = genesisAccounts(config).map(([address, account]) => {
    return { address, account, value: accountValue(account) };
  });
  const tree = new StateTree(store.nodes, 0n);
  const stateRoot = tree.update(new Map(rows.map(({ address, value }) => [accountKey(address), value])));
  const blockhash = genesisBlockhash(origin.configHash, stateRoot);
  const head: Head = {
    ...origin,
    slot: 0n,
    stateRoot,
    blockhashes: [blockhash],
    transactionCount: 0n,
    lastBatch: 0n,
    dataHash: 0n,
    open: emptyBatch(stateRoot),
  };
  store.commit(() => {
    for (const { address, account, value } of rows) store.putAccount(address, account, value);
    store.putBlock({
      slot: 0n,
      unixTimestamp: origin.unixTimestamp,
      blockhash,
      previousBlockhash: new Uint8Array(32),
      stateRoot,
      batch: 0n,
      signatures: [],
    });
    store.putHead(head);
  });
  return head;
}
