import {
  type EventHub,
  errorMessage,
  type Hex,
  type Logger,
  loop,
  Mutex,
  type PolyproofError,
  type Service,
} from '@polyproof/base';
import { type Proof, proverFromPublicInputs, statementFromPublicInputs } from '@polyproof/proofs';
import { isRefusal } from '../errors.js';
import type { AggregatorEvents } from '../events.js';
import type { Inclusion, SettlementPort } from '../ports.js';
import { ChainView, type View } from './chain-view.js';
import { belowMargin, type MarginRule } from './margin.js';
import { ProofCaches } from './proof-caches.js';
import type { SubmissionRow, SubmissionStore } from './submission-store.js';
import { canCommit, isOver } from './windows.js';

export interface ProofSenderOptions {
  operator: Hex;
  /** how often each of the three caches is worked on; default 1,000 */
  intervalMs?: number;
  /** which sequences are not worth it; default: all are */
  margin?: MarginRule;
}

export interface ProofSenderModules {
  store: SubmissionStore;
  settlement: SettlementPort;
  events: EventHub<AggregatorEvents>;
  logger: Logger;
}

/**
 * Brings final proofs to the base chain: in two steps, or at once those that are bound to the operator. Three caches,
 * ordered by sequence, hold what is to be committed, what is committed and waits for its reveal window, and what is to be
 * revealed; a loop works on each.
 *
 * The caches hold no truth: they are filled from the database, every step looks at the chain before it acts, and
 * every intention is written down before it is sent.
 */
export class ProofSender implements Service {
  readonly #options: ProofSenderOptions;
  readonly #store: SubmissionStore;
  readonly #settlement: SettlementPort;
  readonly #events: EventHub<AggregatorEvents>;
  readonly #logger: Logger;
  readonly #chain: ChainView;
  readonly #caches = new ProofCaches();
  /** One transaction at a time: they share one account and its nonce. */
  readonly #sending = new Mutex();
  readonly #abort = new AbortController();
  #loops: Promise<void>[] = [];
  #inSending: bigint | undefined;

  constructor(options: ProofSenderOptions, modules: ProofSenderModules) {
    this.#options = options;
    this.#store = modules.store;
    this.#settlement = modules.settlement;
    this.#events = modules.events;
    this.#logger = modules.logger;
    this.#chain = new ChainView(options, modules);
  }

  start(): void {
    const run = (what: string, step: () => Promise<void>) =>
      loop({
        step,
        intervalMs: this.#options.intervalMs ?? 1_000,
        signal: this.#abort.signal,
        onError: (error) => this.#logger.warn(`${what} failed`, {}, error),
      });
    this.#loops = [
      run('committing proofs', () => this.commitProofs()),
      run('watching commitments', () => this.watchCommitments()),
      run('revealing proofs', () => this.revealProofs()),
    ];
  }

  /** Takes a final proof to commit. */
  addFinalProof(sequence: bigint): void {
    this.#caches.add('finalProofs', sequence);
  }

  /** Takes a commitment that is on the chain, to reveal its proof in time. */
  addCommitment(sequence: bigint): void {
    this.#caches.add('commitments', sequence);
  }

  /** Whether a transaction for this sequence is on its way. */
  isSending(sequence: bigint): boolean {
    return this.#inSending === sequence;
  }

  /** Starts over with a sequence whose round has passed. */
  restart(sequence: bigint): void {
    this.#caches.move('finalProofs', sequence);
  }

  /** First cache: commits proof hashes, lowest sequence first; stops at the first that has to wait. */
  async commitProofs(): Promise<void> {
    for (const sequence of this.#caches.sequences('finalProofs'))
      if (!(await this.#send(sequence, () => this.#commit(sequence)))) return;
  }

  /** Second cache: finds the commitments whose proof is due. */
  async watchCommitments(): Promise<void> {
    for (const sequence of this.#caches.sequences('commitments')) {
      const view = await this.#view(sequence);
      const isDue = view !== undefined && (await this.#chain.isDue(view));
      if (isDue && this.#caches.has('commitments', sequence)) this.#caches.move('reveals', sequence);
    }
  }

  /** Third cache: reveals proofs, lowest sequence first. */
  async revealProofs(): Promise<void> {
    for (const sequence of this.#caches.sequences('reveals'))
      if (!(await this.#send(sequence, () => this.#reveal(sequence)))) return;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#loops);
  }

  /** @returns whether the next sequence may be looked at */
  async #commit(sequence: bigint): Promise<boolean> {
    const view = await this.#view(sequence);
    if (view === undefined) return true;
    const { row, block, verifiedSequence } = view;
    if (sequence <= verifiedSequence) return this.#afterVerification(view);
    const proof = await this.#store.finalProof(sequence);
    if (proof !== undefined && proverFromPublicInputs(proof.publicInputs) !== 0n)
      return sequence === verifiedSequence + 1n && this.#submitBound(sequence, proof);
    if (!(await this.#chain.earlierCommitted(sequence, verifiedSequence))) return false;
    if (await this.#adoptCommitment(view)) return true;

    const windows = await this.#settlement.windows(sequence);
    const present = await this.#settlement.getCommitment(sequence, this.#options.operator);
    // A commitment to another proof (of an earlier database) blocks this round.
    const blocked = present?.round === windows.round && !isOver(windows, block);
    if (blocked || !canCommit(windows, block) || (await this.#isBelowMargin(sequence))) return false;
    // One that the database does not know of keeps stake locked.
    if (present?.status === 'open')
      await this.#settlement.settleCommitments(sequence, present.round, [this.#options.operator]);
    if (!(await this.#store.update(sequence, { state: 'committing', error: null }))) return true;
    let inclusion: Inclusion;
    try {
      inclusion = await this.#settlement.commit(sequence, row.proofHash);
    } catch (error) {
      // A transaction may be reported failed and yet be included.
      if (await this.#adoptCommitment({ ...view, block: await this.#settlement.blockNumber() })) return true;
      await this.#store.update(sequence, { state: 'none', error: errorMessage(error) });
      this.#logger.warn('a proof hash was not committed', { sequence }, error);
      return false;
    }
    const commitment = await this.#settlement.getCommitment(sequence, this.#options.operator);
    await this.#committed(row, commitment?.round ?? windows.round, inclusion);
    return true;
  }

  /** By the operator's rule. Looked at until the commit window ends: the price of gas may fall. */
  async #isBelowMargin(sequence: bigint): Promise<boolean> {
    const { margin } = this.#options;
    if (margin === undefined) return false;
    const [rewardWei, gasPriceWei, provingSeconds] = await Promise.all([
      this.#settlement.getReward(sequence),
      this.#settlement.gasPriceWei(),
      this.#store.provingSeconds(sequence),
    ]);
    const error = belowMargin(margin, { rewardWei, gasPriceWei, provingSeconds });
    if (error !== undefined) await this.#store.update(sequence, { error });
    return error !== undefined;
  }

  /** Of a proof that is bound to us: nobody else can use it, so nothing has to be committed before. */
  async #submitBound(sequence: bigint, proof: Proof): Promise<boolean> {
    return !(await this.#isBelowMargin(sequence)) && this.#show(sequence, proof, 'submit');
  }

  async #reveal(sequence: bigint): Promise<boolean> {
    const view = await this.#view(sequence);
    if (view === undefined) return true;
    const proof = await this.#store.finalProof(sequence);
    if (!(await this.#chain.isDue(view)) || proof === undefined) return this.#watchAgain(sequence);
    return (await this.#show(sequence, proof, 'reveal')) || this.#watchAgain(sequence);
  }

  /** Sends the proof itself. @returns whether its fate is known; if not, it is looked at again */
  async #show(sequence: bigint, proof: Proof, way: 'reveal' | 'submit'): Promise<boolean> {
    const { newStateRoot, exitRoot } = statementFromPublicInputs(proof.publicInputs);
    if (!(await this.#store.update(sequence, { state: 'revealing', error: null }))) return true;
    let inclusion: Inclusion;
    try {
      inclusion = await this.#settlement[way](sequence, proof.proof, newStateRoot, exitRoot);
    } catch (error) {
      if (isRefusal(error)) return this.#refused(sequence, error);
      // If it landed nevertheless, its event will say so; if another operator was first, the next look will.
      const state = way === 'reveal' ? 'committed' : 'none';
      await this.#store.update(sequence, { state, error: errorMessage(error) });
      this.#logger.warn('a proof was not taken', { sequence, way }, error);
      return false;
    }
    return this.#shown(sequence, inclusion);
  }

  /** Our proof is in a block, and holds. */
  async #shown(sequence: bigint, inclusion: Inclusion): Promise<true> {
    const { transactionHash, gasUsed, blockNumber } = inclusion;
    // The event may have been read before the answer came: the gas is known only here.
    await this.#store.setVerified(sequence, {
      revealTx: transactionHash,
      revealGas: gasUsed,
      revealBlock: blockNumber,
    });
    this.#caches.forget(sequence);
    this.#logger.info('proof revealed and verified', { sequence, transactionHash, gasUsed });
    this.#events.emit('proofRevealed', { sequence, transactionHash, gasUsed });
    return true;
  }

  /** `undefined`, and forgotten, when there is nothing left to do. */
  async #view(sequence: bigint): Promise<View | undefined> {
    const view = await this.#chain.look(sequence);
    if (view === undefined) this.#caches.forget(sequence);
    return view;
  }

  /** The sequence is verified: what we committed to in time is revealed nevertheless, anything else is over. */
  async #afterVerification(view: View): Promise<true> {
    const { sequence } = view.row;
    if (!(await this.#adoptCommitment(view))) {
      await this.#store.update(sequence, { state: 'lost' });
      this.#caches.forget(sequence);
    }
    return true;
  }

  /** Another round would cost stake again: somebody has to find out why the contract says no. */
  async #refused(sequence: bigint, error: PolyproofError): Promise<true> {
    await this.#store.update(sequence, { state: 'refused', error: error.message });
    this.#caches.forget(sequence);
    this.#logger.error('the contract does not accept a proof', { sequence }, error);
    this.#events.emit('proofRefused', { sequence, reason: error.message });
    return true;
  }

  /** Recognises our commitment on the chain, after a crash or a lost answer. */
  async #adoptCommitment(view: View): Promise<boolean> {
    const round = await this.#chain.committedRound(view);
    if (round !== undefined) await this.#committed(view.row, round);
    return round !== undefined;
  }

  async #committed(row: SubmissionRow, round: bigint, inclusion?: Inclusion): Promise<void> {
    const { sequence } = row;
    // Without an answer the transaction is found by its event; one of an earlier round is no longer of interest.
    const transaction =
      inclusion === undefined
        ? row.round === round
          ? {}
          : { commitTx: null, commitGas: null, commitBlock: null }
        : {
            commitTx: inclusion.transactionHash,
            commitGas: inclusion.gasUsed,
            commitBlock: inclusion.blockNumber,
          };
    await this.#store.update(sequence, { state: 'committed', round, error: null, ...transaction });
    this.#watchAgain(sequence);
    const { transactionHash, gasUsed } = inclusion ?? {};
    this.#logger.info('proof hash committed', { sequence, round, transactionHash, gasUsed });
    this.#events.emit('proofCommitted', { sequence, transactionHash, gasUsed });
  }

  #watchAgain(sequence: bigint): true {
    this.#caches.move('commitments', sequence);
    return true;
  }

  #send<T>(sequence: bigint, work: () => Promise<T>): Promise<T> {
    return this.#sending.run(async () => {
      this.#inSending = sequence;
      try {
        return await work();
      } finally {
        this.#inSending = undefined;
      }
    });
  }
}
