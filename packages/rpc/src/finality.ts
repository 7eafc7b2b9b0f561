import type { RpcBank, SettlementPort } from './ports.js';

/** How far the rollup is verified on the base chain. */
export class Finality {
  readonly #bank: Pick<RpcBank, 'getBatch'>;
  readonly #settlement: Pick<SettlementPort, 'verifiedBatch'>;
  /** A batch is read once, not with every call: it is large. */
  #known = { batch: 0n, slot: 0n };

  constructor(modules: {
    bank: Pick<RpcBank, 'getBatch'>;
    settlement: Pick<SettlementPort, 'verifiedBatch'>;
  }) {
    this.#bank = modules.bank;
    this.#settlement = modules.settlement;
  }

  /** Last batch that is verified; 0n when none is. */
  get batch(): bigint {
    return this.#settlement.verifiedBatch();
  }

  /** Last slot of that batch; 0n when there is none. */
  get slot(): bigint {
    const { batch } = this;
    if (batch === this.#known.batch) return this.#known.slot;
    const slot = batch === 0n ? 0n : this.#bank.getBatch(batch)?.lastSlot;
    // Not here yet, or here no more: asked again next time.
    if (slot === undefined) return batch > this.#known.batch ? this.#known.slot : 0n;
    this.#known = { batch, slot };
    return slot;
  }

  /** Whether a batch's transactions are final. */
  has(batch: bigint): boolean {
    return batch <= this.batch;
  }
}
