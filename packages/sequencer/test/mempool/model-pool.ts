import type { RuntimeTransaction } from '@polyproof/svm';

interface Item {
  transaction: RuntimeTransaction;
  priority: number;
  arrival: number;
  isTaken: boolean;
}

/** The rules of the transaction pool, written down without regard to speed. */
export class ModelPool {
  items: Item[] = [];
  #arrivals = 0;

  constructor(readonly limits: { capacity: number; maxPoolBytes: number; maxPerFeePayer: number }) {}

  get waiting(): Item[] {
    return this.items.filter((item) => !item.isTaken);
  }

  get bytes(): number {
    return this.items.reduce((sum, item) => sum + item.transaction.transaction.bytes.length, 0);
  }

  feesOf(payer: number): bigint {
    return this.items
      .filter((item) => payerOf(item.transaction) === payer)
      .reduce((sum, { transaction }) => sum + transaction.baseFeeLamports, 0n);
  }

  /** What is evicted; undefined where there is no room. */
  add(transaction: RuntimeTransaction, priority: number): RuntimeTransaction[] | undefined {
    const payer = payerOf(transaction);
    const sameP = this.items.filter((item) => payerOf(item.transaction) === payer).length;
    if (sameP >= this.limits.maxPerFeePayer) return undefined;
    const worstFirst = this.waiting
      .filter((item) => item.priority < priority)
      .sort((a, b) => a.priority - b.priority || b.arrival - a.arrival);
    const evicted: Item[] = [];
    const before = this.items;
    for (;;) {
      const fits =
        this.items.length < this.limits.capacity &&
        this.bytes + transaction.transaction.bytes.length <= this.limits.maxPoolBytes;
      if (fits) break;
      const victim = worstFirst.shift();
      if (victim === undefined) {
        this.items = before;
        return undefined;
      }
      evicted.push(victim);
      this.items = this.items.filter((item) => item !== victim);
    }
    this.items = [...this.items, { transaction, priority, arrival: this.#arrivals++, isTaken: false }];
    return evicted.map((item) => item.transaction);
  }

  take(limit: number, picked: number): RuntimeTransaction[] {
    const taken: RuntimeTransaction[] = [];
    while (taken.length < limit && this.waiting.length > 0) {
      const oldest = (picked + taken.length) % 4 === 0;
      const [next] = this.waiting.sort((a, b) =>
        oldest ? a.arrival - b.arrival : b.priority - a.priority || a.arrival - b.arrival,
      );
      next!.isTaken = true;
      taken.push(next!.transaction);
    }
    return taken;
  }

  settle(transactions: RuntimeTransaction[]): void {
    this.items = this.items.filter((item) => !transactions.includes(item.transaction));
  }

  putBack(transactions: RuntimeTransaction[]): void {
    for (const item of this.items) if (transactions.includes(item.transaction)) item.isTaken = false;
  }

  dropExpired(isRecent: (blockhash: number) => boolean): RuntimeTransaction[] {
    const expired = this.waiting.map((item) => item.transaction).filter((t) => !isRecent(blockhashOf(t)));
    this.settle(expired);
    return expired;
  }
}

const payerOf = ({ accountKeys }: RuntimeTransaction) => accountKeys[0]![0]!;
const blockhashOf = ({ transaction }: RuntimeTransaction) => transaction.message.recentBlockhash[0]!;
