import { type Field, fieldToHex, Mutex, type Service } from '@polyproof/base';
import {
  type Account,
  accountKey,
  accountValue,
  decodeAccount,
  encodeAccount,
  initHashing,
  MemoryNodeStore,
  MissingNodeError,
  StateTree,
} from '@polyproof/state';
import { encodeBase58 } from '../base58.js';
import { type BatchEntry, blocksOf, chainDataHash } from '../batch-data.js';
import { CompactDataError } from '../compact-data/errors.js';
import { type Deposit, decodeProvedData, depositRefusal } from '../deposits.js';
import { NotProvableError, WitnessError } from '../errors.js';
import { type Exit, exitsOf, isExitAddress } from '../exits.js';
import { checkProvable } from '../provable.js';
import { resolveTransaction } from '../runtime/resolve/resolve-transaction.js';
import { TransactionRejectedError } from '../runtime/resolve/transaction-rejected-error.js';
import type {
  AccountBytes,
  AccountSource,
  BlockRuntime,
  EngineOutcome,
  RuntimeContext,
  RuntimeTransaction,
} from '../runtime/types.js';
import { touchedByBatch } from '../touched.js';
import { encodeTransaction } from '../transaction.js';
import type { BatchWitness, BlockContext } from '../witness.js';
import { provableProgramAccounts } from '../zkvm/provable-programs.js';
import { creditDeposits } from './credit-deposits.js';
import { creditFees } from './credit-fees.js';
import { byteString } from './keys.js';

export interface StatelessResult {
  newStateRoot: Field;
  newDataHash: Field;
  outcomes: EngineOutcome[];
  /** every touched account after the batch, in the order of the witness */
  accounts: [address: Uint8Array, account: Account | null][];
  /** what left the rollup at the end of the batch */
  exits: Exit[];
}

const SIGNATURE_BYTES = 64;

/** Executes batches from their witnesses alone, one at a time. */
export class StatelessExecutor implements Service {
  readonly #runtime: BlockRuntime;
  readonly #mutex = new Mutex();
  #accounts = new Map<string, AccountBytes>();
  #programAccounts: ReadonlyMap<string, AccountBytes> | undefined;

  /** @param modules - `runtime`: makes what executes blocks, on the accounts of the witness at hand; closed together */
  constructor(modules: { runtime: (accounts: AccountSource) => BlockRuntime }) {
    this.#runtime = modules.runtime({ get: (address) => this.#get(address) });
  }

  /**
   * Trusts nothing in the witness but the hashes that it starts from: accounts are checked against the previous state
   * root, the data against the data hash, and the result against the new state root. Signatures, blockhashes and the
   * times of blocks are not in the data and cannot be checked.
   * @throws {WitnessError} naming what is wrong with the witness
   * @throws {ExecutorCrashedError} when the engine failed
   */
  execute(witness: BatchWitness): Promise<StatelessResult> {
    return this.#mutex.run(async () => {
      await initHashing();
      const { blocks, deposits } = contentsOf(witness);
      const tree = new StateTree(MemoryNodeStore.of(witness.nodes), witness.prevStateRoot);
      checkAccounts(witness, tree, blocks.flat(), deposits);
      this.#accounts = new Map(
        witness.accounts.map(([address, account]) => [
          byteString(address),
          account === null ? null : encodeAccount(account),
        ]),
      );
      const source = { get: (address: Uint8Array) => this.#get(address) };
      for (const [address, account] of creditDeposits(source, deposits))
        this.#accounts.set(byteString(address), account);
      const outcomes: EngineOutcome[] = [];
      for (const [i, entries] of blocks.entries())
        outcomes.push(...(await this.#executeBlock(witness, witness.blocks[i]!, entries)));
      return { ...this.#result(witness, tree), newDataHash: witness.newDataHash, outcomes };
    });
  }

  /** Programs are part of the configuration: they are the same for everybody, and no witness holds them. */
  #get(address: Uint8Array): AccountBytes {
    const name = byteString(address);
    return this.#accounts.get(name) ?? this.#programs().get(name) ?? null;
  }

  #programs(): ReadonlyMap<string, AccountBytes> {
    this.#programAccounts ??= new Map(
      provableProgramAccounts().map(([address, account]) => [byteString(address), encodeAccount(account)]),
    );
    return this.#programAccounts;
  }

  close(): Promise<void> {
    return this.#mutex.run(() => this.#runtime.close());
  }

  async #executeBlock(
    { config }: BatchWitness,
    block: BlockContext,
    entries: readonly BatchEntry[],
  ): Promise<EngineOutcome[]> {
    // Nothing but the slot and the time may come in: whoever executes the witness gets the same state.
    const context: RuntimeContext = { ...block, blockhashes: [new Uint8Array(32)], slotHashes: [] };
    const result = await this.#runtime.execute(context, entries.map(resolved));
    const outcomes = result.executed.map(({ outcome }) => outcome);
    const rejected = outcomes.find(({ status }) => status === 'rejected');
    if (rejected !== undefined || outcomes.length !== entries.length)
      throw new WitnessError(
        'REJECTED_TRANSACTION',
        'the batch holds a transaction that no block may contain.',
        { slot: block.slot, error: rejected?.error },
      );
    const fees = outcomes.reduce((sum, { feeLamports }) => sum + feeLamports, 0n);
    for (const [address, account] of creditFees(
      { get: (address) => this.#get(address) },
      config.collector,
      result.accounts,
      fees,
    ))
      this.#accounts.set(byteString(address), account);
    return outcomes;
  }

  #result(
    witness: BatchWitness,
    tree: StateTree,
  ): Pick<StatelessResult, 'newStateRoot' | 'accounts' | 'exits'> {
    const ended = witness.accounts.map(([address]): [Uint8Array, Account | null] => {
      const bytes = this.#accounts.get(byteString(address)) ?? null;
      return [address, bytes === null ? null : decodeAccount(bytes)];
    });
    const exits = exitsOf(ended);
    const accounts = ended.map(([address, account]): [Uint8Array, Account | null] => [
      address,
      isExitAddress(address) ? null : account,
    ]);
    const values = accounts.map(([address, account]) => [accountKey(address), treeValue(account)] as const);
    const newStateRoot = withMissingNode(() => tree.update(new Map(values)));
    if (newStateRoot !== witness.newStateRoot)
      throw new WitnessError(
        'WRONG_STATE_ROOT',
        `the batch leads to the state root ${fieldToHex(newStateRoot)}, the witness claims ${fieldToHex(witness.newStateRoot)}.`,
        { computed: newStateRoot, claimed: witness.newStateRoot },
      );
    return { newStateRoot, accounts, exits };
  }
}

function contentsOf({ data, prevDataHash, newDataHash, blocks }: BatchWitness): {
  blocks: BatchEntry[][];
  deposits: Deposit[];
} {
  const computed = chainDataHash(prevDataHash, data);
  if (computed !== newDataHash)
    throw new WitnessError('WRONG_DATA_HASH', 'the batch data does not have the data hash of the witness.', {
      computed,
      claimed: newDataHash,
    });
  let contents: { entries: BatchEntry[]; deposits: Deposit[] };
  try {
    contents = decodeProvedData(data);
    for (const { message } of contents.entries) checkProvable(message);
  } catch (error) {
    if (error instanceof CompactDataError || error instanceof NotProvableError)
      throw new WitnessError('BAD_BATCH_DATA', error.message, error.details, { cause: error });
    throw error;
  }
  const { entries, deposits } = contents;
  const refusal = deposits.map(({ recipient }) => depositRefusal(recipient)).find((reason) => reason);
  if (refusal !== undefined)
    throw new WitnessError('BAD_BATCH_DATA', `the batch holds a deposit that cannot be proved: ${refusal}.`);
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
  return { blocks: found, deposits };
}

/** Exactly the touched accounts must be there, each as the previous state root commits to it. */
function checkAccounts(
  witness: BatchWitness,
  tree: StateTree,
  entries: readonly BatchEntry[],
  deposits: readonly Deposit[],
): void {
  const missing = touchedByBatch(
    entries.map(({ message }) => message),
    deposits,
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

/** The transaction of an entry, with zeros in place of the signatures that the batch data leaves out. */
function resolved({ message, messageBytes }: BatchEntry): RuntimeTransaction {
  const { numRequiredSignatures } = message.header;
  const signatures = Array.from({ length: numRequiredSignatures }, () => new Uint8Array(SIGNATURE_BYTES));
  const bytes = encodeTransaction(signatures, messageBytes);
  try {
    return resolveTransaction(
      { signatures, message, messageBytes, bytes },
      // A provable transaction has no lookup tables and no nonce: none of this is looked at.
      { accounts: { get: () => null }, slot: 0n, slotHashes: [], isBlockhashRecent: () => true },
    );
  } catch (error) {
    if (!(error instanceof TransactionRejectedError)) throw error;
    throw new WitnessError('REJECTED_TRANSACTION', error.message, error.details, { cause: error });
  }
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
