import { type Field, fieldToHex } from '@polyproof/base';
import {
  type Account,
  accountKey,
  accountValue,
  initHashing,
  MemoryNodeStore,
  MissingNodeError,
  StateTree,
} from '@polyproof/state';
import { encodeBase58 } from './base58.js';
import { type BatchEntry, blocksOf, chainDataHash, decodeBatchData } from './batch-data.js';
import { BatchDataError, NotProvableError, WitnessError } from './errors.js';
import type { Executor, TransactionOutcome } from './executor.js';
import { checkProvable } from './provable.js';
import { touchedByBatch } from './touched.js';
import { encodeTransaction } from './transaction.js';
import type { BatchWitness } from './witness.js';

export interface StatelessResult {
  newStateRoot: Field;
  newDataHash: Field;
  outcomes: TransactionOutcome[];
  /** every touched account after the batch, in the order of the witness */
  accounts: [address: Uint8Array, account: Account | null][];
}

const SIGNATURE_BYTES = 64;

/**
 * Executes a batch from its witness alone, trusting nothing in it but the hashes that it starts from: accounts are
 * checked against the previous state root, the data against the data hash, and the result against the new state
 * root. Signatures, blockhashes and the times of blocks are not in the data and cannot be checked.
 * @param executor - of its own for this call: its state is replaced
 * @throws {WitnessError} naming what is wrong with the witness
 * @throws {ExecutorCrashedError} when the engine failed
 */
export async function executeStateless(witness: BatchWitness, executor: Executor): Promise<StatelessResult> {
  await initHashing();
  const blocks = blocksOfWitness(witness);
  const tree = new StateTree(MemoryNodeStore.of(witness.nodes), witness.prevStateRoot);
  checkAccounts(witness, tree, blocks.flat());

  await executor.reset(existing(witness.accounts));
  const after = new Map<string, Account | null>();
  const outcomes: TransactionOutcome[] = [];
  for (const [i, entries] of blocks.entries()) {
    const result = await executor.executeBlock({
      ...witness.blocks[i]!,
      transactions: entries.map(unsigned),
      verifySignatures: false,
      collector: witness.config.collector,
    });
    const rejected = result.outcomes.find(({ status }) => status === 'rejected');
    if (rejected !== undefined)
      throw new WitnessError(
        'REJECTED_TRANSACTION',
        'the batch holds a transaction that no block may contain.',
        {
          slot: witness.blocks[i]!.slot,
          error: rejected.error,
        },
      );
    outcomes.push(...result.outcomes);
    for (const [address, account] of result.accounts) after.set(encodeBase58(address), account);
  }

  const accounts = witness.accounts.map(([address, before]): [Uint8Array, Account | null] => {
    const later = after.get(encodeBase58(address));
    return [address, later === undefined ? before : later];
  });
  const values = accounts.map(([address, account]) => [accountKey(address), treeValue(account)] as const);
  const newStateRoot = withMissingNode(() => tree.update(new Map(values)));
  if (newStateRoot !== witness.newStateRoot)
    throw new WitnessError(
      'WRONG_STATE_ROOT',
      `the batch leads to the state root ${fieldToHex(newStateRoot)}, the witness claims ${fieldToHex(witness.newStateRoot)}.`,
      { computed: newStateRoot, claimed: witness.newStateRoot },
    );
  return { newStateRoot, newDataHash: witness.newDataHash, outcomes, accounts };
}

function blocksOfWitness({ data, prevDataHash, newDataHash, blocks }: BatchWitness): BatchEntry[][] {
  const computed = chainDataHash(prevDataHash, data);
  if (computed !== newDataHash)
    throw new WitnessError('WRONG_DATA_HASH', 'the batch data does not have the data hash of the witness.', {
      computed,
      claimed: newDataHash,
    });
  let entries: BatchEntry[];
  try {
    entries = decodeBatchData(data);
    for (const { message } of entries) checkProvable(message);
  } catch (error) {
    if (error instanceof BatchDataError || error instanceof NotProvableError)
      throw new WitnessError('BAD_BATCH_DATA', error.message, error.details, { cause: error });
    throw error;
  }
  const found = blocksOf(entries);
  const ordered = blocks.every(({ slot, unixTimestamp }, i) => {
    const previous = blocks[i - 1];
    return previous === undefined || (slot > previous.slot && unixTimestamp >= previous.unixTimestamp);
  });
  if (found.length !== blocks.length || !ordered)
    throw new WitnessError(
      'WRONG_BLOCKS',
      `the data holds ${found.length} blocks, the witness describes ${blocks.length}, which must be in order.`,
    );
  return found;
}

/** Exactly the touched accounts must be there, each as the previous state root commits to it. */
function checkAccounts(witness: BatchWitness, tree: StateTree, entries: readonly BatchEntry[]): void {
  const missing = touchedByBatch(
    entries.map(({ message }) => message),
    witness.config.collector,
  );
  for (const [address, account] of witness.accounts) {
    const name = encodeBase58(address);
    if (!missing.delete(name))
      throw new WitnessError('WRONG_ACCOUNT', `the witness holds ${name}, which the batch does not touch.`, {
        name,
      });
    const committed = withMissingNode(() => tree.get(accountKey(address)));
    if (committed !== (treeValue(account) ?? undefined))
      throw new WitnessError(
        'WRONG_ACCOUNT',
        `the account ${name} is not what the state root ${fieldToHex(witness.prevStateRoot)} commits to.`,
        { address: name },
      );
  }
  for (const name of missing.keys())
    throw new WitnessError('MISSING_ACCOUNT', `the account ${name} is not in the witness.`, {
      address: name,
    });
}

function* existing(accounts: BatchWitness['accounts']): Generator<[Uint8Array, Account]> {
  for (const [address, account] of accounts) if (account !== null) yield [address, account];
}

/** The transaction of an entry, with zeros in place of the signatures that the batch data leaves out. */
function unsigned({ message, messageBytes }: BatchEntry): Uint8Array {
  const { numRequiredSignatures } = message.header;
  const signatures = Array.from({ length: numRequiredSignatures }, () => new Uint8Array(SIGNATURE_BYTES));
  return encodeTransaction(signatures, messageBytes);
}

function treeValue(account: Account | null): Field | null {
  return account === null ? null : accountValue(account);
}

function withMissingNode<T>(section: () => T): T {
  try {
    return section();
  } catch (error) {
    if (!(error instanceof MissingNodeError)) throw error;
    throw new WitnessError('MISSING_NODE', error.message, error.details, { cause: error });
  }
}
