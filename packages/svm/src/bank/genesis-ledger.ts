import { createHash } from 'node:crypto';
import { fieldToHex, toHex } from '@polyproof/base';
import { encodeAccount } from '@polyproof/state';
import { genesisBlockhash } from '../blockhash.js';
import { BankError } from '../errors.js';
import { configHash, genesisAccounts, type RollupConfig, systemAccount } from '../rollup-config.js';
import { lamportsOf } from './account-bytes.js';
import { type Head, writeHead } from './head.js';
import type { LedgerParts } from './ledger.js';
import type { LedgerOptions } from './ledger-options.js';
import { WriteSet } from './write-set.js';

/**
 * Checks that a ledger belongs to the configured rollup, and gives a new one its genesis state and block 0.
 * @throws {BankError} `CONFIG_MISMATCH`
 */
export async function genesisLedger(
  head: Head | undefined,
  options: LedgerOptions,
  parts: LedgerParts,
): Promise<Head> {
  const { config, execution } = options;
  const expected = { execution, configHash: configHash(config), genesisFingerprint: fingerprint(config) };
  if (head === undefined) return createLedger(expected, options, parts);
  if (
    head.execution === execution &&
    head.configHash === expected.configHash &&
    Buffer.compare(head.genesisFingerprint, expected.genesisFingerprint) === 0
  )
    return head;
  throw new BankError(
    'CONFIG_MISMATCH',
    `the database belongs to a rollup with execution "${head.execution}", configuration ` +
      `${fieldToHex(head.configHash)} and genesis ${toHex(head.genesisFingerprint)}, not to the configured one ` +
      `("${execution}", ${fieldToHex(expected.configHash)}, ${toHex(expected.genesisFingerprint)}): give it another directory.`,
    {
      stored: { execution: head.execution, configHash: head.configHash, genesis: head.genesisFingerprint },
      expected,
    },
  );
}

type Identity = Pick<Head, 'execution' | 'configHash' | 'genesisFingerprint'>;

/** The genesis state is the tree's first version; accounts, tree and head are one commit. */
async function createLedger(identity: Identity, options: LedgerOptions, parts: LedgerParts): Promise<Head> {
  const { tables, tree, accounts, history } = parts;
  const writes = new WriteSet();
  const entries = genesisAccounts(options.config).map(([address, account]) => {
    return [address, encodeAccount(account)] as const;
  });
  for (const change of accounts.changesOf(entries)) accounts.writeChange(writes, change);
  const filled = await tree.prepare(entries);
  tree.write(filled, writes);
  tree.adopt(filled);
  const sealed = tree.seal();
  tree.write(sealed, writes);
  const stateRoot = filled.root;
  const head: Head = {
    ...identity,
    genesisStateRoot: stateRoot,
    slot: 0n,
    stateRoot,
    lastBatch: 0n,
    dataHash: 0n,
    firstSlot: 0n,
    firstBatch: 1n,
    finalBatch: 0n,
    nextDeposit: 0n,
  };
  const block = {
    slot: 0n,
    unixTimestamp: options.genesisTimestamp,
    blockhash: genesisBlockhash(identity.configHash, stateRoot),
    previousBlockhash: new Uint8Array(32),
    stateRoot,
    batch: 0n,
    transactions: 0,
    totalTransactions: 0n,
    totalLamports: entries.reduce((sum, [, account]) => sum + lamportsOf(account), 0n),
  };
  history.write(writes, block, []);
  writeHead(tables, writes, head);
  await tables.commit(writes);
  tree.adopt(sealed);
  return head;
}

/**
 * Tells genesis states apart by what the configuration says. The bytes of SPL programs do not count: a database goes
 * on with those that it was started with.
 */
function fingerprint(config: RollupConfig): Uint8Array {
  const hash = createHash('sha256').update(config.execution ?? 'zk');
  const rows = config.genesis.map(({ address, ...fields }) =>
    Buffer.concat([address, encodeAccount({ ...systemAccount(fields.lamports), ...fields })]),
  );
  for (const row of rows.sort(Buffer.compare)) hash.update(String(row.length)).update(row);
  return Uint8Array.from(hash.digest());
}
