import { InvariantError } from '@polyproof/base';
import litesvm from 'litesvm/dist/internal.js';
import { type EngineError, transactionErrorJson } from '../../transaction-error.js';
import type {
  AccountEntry,
  EngineOutcome,
  GroupResult,
  RuntimeContext,
  SimulationResult,
  TokenBalance,
} from '../types.js';
import { EngineAccounts } from './engine-accounts.js';
import type { EngineSimulation } from './engine-protocol.js';
import { canPayFee } from './fee-payer.js';
import { type AccountFields, addressKey, HeldAccount } from './held-account.js';
import { encodeMeta } from './meta-codec.js';
import { newRuntime, type Runtime } from './new-runtime.js';
import { advancedNonce, durableNonce, isNonceUsable } from './nonce.js';
import { accountFields, readBack } from './read-back.js';
import { type ExecutionTrace, NO_TRACE, type RuntimeMeta, readTrace } from './runtime-meta.js';
import { SignatureCheck } from './signature-check.js';
import { setSysvars } from './sysvars.js';
import { tokenBalances } from './token-balances.js';
import { planTransaction, refusal, type TransactionPlan } from './transaction-plan.js';
import type { WireTransaction } from './wire-message.js';

type FailedMeta = InstanceType<typeof litesvm.FailedTransactionMetadata>;
type PostAccounts = (readonly [HeldAccount, AccountFields | null])[];

/** What became of a transaction, but for balances. */
interface Execution {
  status: EngineOutcome['status'];
  error?: unknown;
  computeUnits: bigint;
  trace: ExecutionTrace;
}

const NO_BLOCKHASH = Buffer.alloc(32);

/** Errors of loading a transaction's accounts for which Agave takes the fee nevertheless (SIMD-0082). */
const CHARGED_LOADING_ERRORS = new Set<unknown>([
  'ProgramAccountNotFound',
  'InvalidProgramForExecution',
  'MaxLoadedAccountsDataSizeExceeded',
]);

/**
 * Agave's runtime (litesvm) with accounts in it, and what litesvm leaves out: durable nonces, fees of transactions
 * whose accounts do not load, the block's sysvars, balances in the metadata.
 *
 * Only to be used in a process of its own, and with transactions that were strictly decoded: litesvm aborts the
 * process on some inputs. Results depend on the accounts, the block's context and the transactions alone.
 */
export class RuntimeEngine {
  readonly #svm: Runtime;
  readonly #accounts: EngineAccounts;
  readonly #rentMinimums = new Map<number, bigint>();
  /** only where it is needed: it is a whole runtime of its own */
  #signatures: SignatureCheck | undefined;
  readonly #find = (key: string) => this.#accounts.find(key);
  #lastBlockhash: Buffer = NO_BLOCKHASH;
  #nextNonce: Buffer = durableNonce(NO_BLOCKHASH);

  constructor() {
    const runtime = newRuntime();
    this.#svm = runtime.svm;
    this.#accounts = new EngineAccounts(runtime);
  }

  beginBlock(context: RuntimeContext): void {
    setSysvars(this.#svm, context);
    this.#lastBlockhash = Buffer.from(context.blockhashes.at(-1) ?? NO_BLOCKHASH);
    this.#nextNonce = durableNonce(this.#lastBlockhash);
  }

  /** The accounts of the result are views that the next call overwrites. */
  execute(accounts: readonly AccountEntry[], transactions: readonly WireTransaction[]): GroupResult {
    this.#accounts.load(accounts);
    const outcomes = transactions.map((transaction) => this.#execute(transaction));
    return { outcomes, accounts: this.#accounts.takeChanges() };
  }

  /** Keeps nothing but the accounts that it was given. A failure counts as `rejected` where the fee cannot be paid. */
  simulate({ accounts, transaction, verifySignatures }: EngineSimulation): SimulationResult {
    this.#accounts.load(accounts);
    const plan = planTransaction(transaction, this.#accounts);
    const pre = lamportsOf(plan.accounts);
    const preTokens = this.#tokens(plan);
    const [execution, post] = this.#trySimulation(plan, verifySignatures);
    const after = new Map(post.map(([held, fields]) => [held.key, copyOf(held, fields)]));
    if (execution.status === 'failed') {
      const payer = copyOf(plan.feePayer, plan.feePayer);
      payer.setLamports(payer.lamports - plan.feeLamports);
      after.set(payer.key, payer);
    }
    const postAccounts = plan.accounts.map((held) => after.get(held.key) ?? held);
    const postTokens = tokenBalances(
      plan.tokens,
      postAccounts,
      (key) => after.get(key) ?? this.#accounts.find(key),
    );
    const outcome = this.#outcome(plan, execution, { pre, preTokens, postAccounts, postTokens });
    const changed = execution.status === 'ok' ? [...after.values()] : [];
    return { outcome, accounts: changed.map((held) => [held.address, held.toBytes()] as const) };
  }

  #execute(transaction: WireTransaction): EngineOutcome {
    const plan = planTransaction(transaction, this.#accounts);
    const pre = lamportsOf(plan.accounts);
    const preTokens = this.#tokens(plan);
    const execution = this.#run(plan);
    const postTokens = this.#tokens(plan);
    return this.#outcome(plan, execution, { pre, preTokens, postAccounts: plan.accounts, postTokens });
  }

  #outcome(
    plan: TransactionPlan,
    { status, error, computeUnits, trace }: Execution,
    balances: {
      pre: bigint[];
      preTokens: TokenBalance[];
      postAccounts: HeldAccount[];
      postTokens: TokenBalance[];
    },
  ): EngineOutcome {
    const postBalances = lamportsOf(balances.postAccounts);
    const feeLamports = status === 'rejected' ? 0n : plan.feeLamports;
    const spent = sum(balances.pre) - sum(postBalances);
    if (spent !== feeLamports)
      throw new InvariantError(
        `a transaction that the runtime judged ${status} cost ${spent} lamports instead of ${feeLamports}`,
        { error, wire: plan.transaction.wire },
      );
    // Field by field: spreading makes a new shape each time, which costs microseconds here and wherever it is read.
    const { logs, innerInstructions, returnData } = trace;
    const meta = encodeMeta({
      logs,
      innerInstructions,
      returnData,
      preBalances: balances.pre,
      postBalances,
      preTokenBalances: balances.preTokens,
      postTokenBalances: balances.postTokens,
      loadedAddresses: plan.transaction.loadedAddresses,
    });
    if (status === 'ok') return { status, computeUnits, feeLamports, meta };
    return { status, error, computeUnits, feeLamports, meta };
  }

  #run(plan: TransactionPlan): Execution {
    const refused = this.#refuse(plan);
    if (refused !== undefined) return this.#fail(plan, { error: refused, computeUnits: 0n, trace: NO_TRACE });
    const { wire } = plan.transaction;
    if (plan.writesPrograms) {
      const simulated = this.#svm.simulateVersionedTransaction(wire);
      if (simulated instanceof litesvm.SimulatedTransactionInfo) {
        const post = this.#postAccounts(plan, simulated).filter(([held, fields]) => {
          const same = fields === null ? !held.exists : held.matches(fields);
          if (!same) this.#accounts.touch(held);
          return !same;
        });
        this.#accounts.apply(post);
        return success(plan, simulated.meta());
      }
    }
    const result = this.#svm.sendVersionedTransaction(wire);
    if (result instanceof litesvm.TransactionMetadata) {
      readBack(plan, this.#svm, this.#accounts);
      return success(plan, result);
    }
    return this.#fail(plan, failure(plan, result));
  }

  #trySimulation(plan: TransactionPlan, verifySignatures: boolean): [Execution, PostAccounts] {
    const rejected = (error: unknown): [Execution, PostAccounts] => [
      { status: 'rejected', error, computeUnits: 0n, trace: NO_TRACE },
      [],
    ];
    if (verifySignatures) {
      this.#signatures ??= new SignatureCheck();
      if (!this.#signatures.verify(plan.transaction)) return rejected('SignatureFailure');
    }
    const refused = this.#refuse(plan);
    const payable = this.#canPay(plan);
    if (refused !== undefined && !(payable && CHARGED_LOADING_ERRORS.has(refused))) return rejected(refused);
    if (refused !== undefined)
      return [{ status: 'failed', error: refused, computeUnits: 0n, trace: NO_TRACE }, []];
    const result = this.#svm.simulateVersionedTransaction(plan.transaction.wire);
    if (result instanceof litesvm.SimulatedTransactionInfo)
      return [success(plan, result.meta()), this.#postAccounts(plan, result)];
    return [{ status: payable ? 'failed' : 'rejected', ...failure(plan, result) }, []];
  }

  /** What speaks against the transaction before the runtime sees it; prepares its bytes where nothing does. */
  #refuse(plan: TransactionPlan): string | undefined {
    const { transaction, accounts } = plan;
    const { nonceAccount, wire, blockhashAt } = transaction;
    if (nonceAccount !== undefined && !isNonceUsable(accounts[nonceAccount]!, transaction, this.#nextNonce))
      return 'BlockhashNotFound';
    // The System program takes the blockhash of the transaction for the bank's last one, which nonces advance from.
    wire.set(this.#lastBlockhash, blockhashAt);
    return refusal(plan, this.#accounts);
  }

  /** Takes the fee, where litesvm has not, and advances the nonce of a transaction that failed. */
  #fail(plan: TransactionPlan, execution: Omit<Execution, 'status'>): Execution {
    const { feePayer, feeLamports, transaction } = plan;
    const left = feePayer.lamports - feeLamports;
    const balance = this.#svm.getBalance(feePayer.address) ?? 0n;
    // The same error may come with the fee taken or without: what happened to the balance tells.
    const taken = balance !== feePayer.lamports;
    if (taken && balance !== left)
      throw new InvariantError(`a failed transaction took ${feePayer.lamports - balance} lamports`, {
        feeLamports,
        wire: transaction.wire,
      });
    if (!taken && !(CHARGED_LOADING_ERRORS.has(execution.error) && this.#canPay(plan)))
      return { status: 'rejected', ...execution };
    this.#accounts.touch(feePayer);
    feePayer.setLamports(left);
    if (!taken || left === 0n) this.#accounts.store(feePayer);
    if (transaction.nonceAccount !== undefined) {
      const nonce = plan.accounts[transaction.nonceAccount]!;
      this.#accounts.touch(nonce);
      nonce.setData(advancedNonce(nonce.data, this.#nextNonce));
      this.#accounts.store(nonce);
    }
    return { status: 'failed', ...execution };
  }

  #postAccounts(
    plan: TransactionPlan,
    simulated: InstanceType<typeof litesvm.SimulatedTransactionInfo>,
  ): PostAccounts {
    const byKey = new Map(plan.accounts.map((held) => [held.key, held]));
    return simulated.postAccounts().map((found) => {
      const held = byKey.get(addressKey(found.address))!;
      return [held, accountFields(found.account())] as const;
    });
  }

  #canPay({ feePayer, feeLamports }: TransactionPlan): boolean {
    return canPayFee(feePayer, feeLamports, (dataBytes) => {
      const known = this.#rentMinimums.get(dataBytes);
      if (known !== undefined) return known;
      const minimum = this.#svm.minimumBalanceForRentExemption(BigInt(dataBytes));
      this.#rentMinimums.set(dataBytes, minimum);
      return minimum;
    });
  }

  #tokens(plan: TransactionPlan): TokenBalance[] {
    return tokenBalances(plan.tokens, plan.accounts, this.#find);
  }
}

function success({ flat }: TransactionPlan, meta: RuntimeMeta): Execution {
  return { status: 'ok', computeUnits: meta.computeUnitsConsumed(), trace: readTrace(meta, flat) };
}

function failure({ flat }: TransactionPlan, failed: FailedMeta): Omit<Execution, 'status'> {
  const meta = failed.meta();
  return {
    error: transactionErrorJson(failed.err() as EngineError),
    computeUnits: meta.computeUnitsConsumed(),
    trace: readTrace(meta, flat),
  };
}

function copyOf(held: HeldAccount, fields: AccountFields | null): HeldAccount {
  const copy = new HeldAccount(held.address, held.key, held.own);
  if (fields !== null) copy.setFields(fields);
  return copy;
}

function lamportsOf(accounts: readonly HeldAccount[]): bigint[] {
  return accounts.map(({ lamports }) => lamports);
}

function sum(values: readonly bigint[]): bigint {
  let total = 0n;
  for (const value of values) total += value;
  return total;
}
