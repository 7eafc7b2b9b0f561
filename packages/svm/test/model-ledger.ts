import type { TransferParts } from './wire.js';

const FEE = 5_000n;
const RENT = 890_880n;

/**
 * The rules of transfers between accounts of the System program without data: what the engine does, and the machine
 * that proves it, has to be exactly this.
 * Balances between zero and the rent minimum, which no account can have, are not modelled.
 */
export class ModelLedger {
  readonly balances: Map<string, bigint>;
  readonly #collector: string;
  #fees = 0n;

  constructor(balances: Record<string, bigint>, collector: string) {
    this.balances = new Map(Object.entries(balances));
    this.#collector = collector;
  }

  of(name: string): bigint {
    return this.balances.get(name) ?? 0n;
  }

  execute(parts: TransferParts): 'ok' | 'failed' | 'rejected' {
    const { payer = parts.from, from, to, lamports } = parts;
    const isPayer = (name: string) => name === payer;
    const signs = isPayer(from) || parts.unsignedFrom !== true;
    const fee = FEE * (payer === from || parts.unsignedFrom === true ? 1n : 2n);
    const held = this.of(payer);
    if (held === 0n || held < fee || !rentAllows(held - fee)) return 'rejected';
    this.balances.set(payer, held - fee);
    this.#fees += fee;

    // `to` and `from` may be the same account, which then has the rights of both places.
    const fromWritable =
      isPayer(from) || parts.readonlyFrom !== true || (to === from && parts.readonlyTo !== true);
    const toWritable =
      isPayer(to) || parts.readonlyTo !== true || (to === from && parts.readonlyFrom !== true);
    const [before, toBefore] = [this.of(from), this.of(to)];
    const rentOk = from === to || (rentAllows(before - lamports) && rentAllows(toBefore + lamports));
    if (before < lamports || !rentOk || !signs || !fromWritable || !toWritable) return 'failed';
    this.balances.set(from, before - lamports);
    this.balances.set(to, this.of(to) + lamports);
    return 'ok';
  }

  endBlock(): void {
    const credited = this.of(this.#collector) + this.#fees;
    if (this.#fees > 0n && credited >= RENT) this.balances.set(this.#collector, credited);
    this.#fees = 0n;
  }
}

function rentAllows(after: bigint): boolean {
  return after >= RENT || after === 0n;
}
