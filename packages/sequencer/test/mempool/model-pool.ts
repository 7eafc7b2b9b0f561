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
    const before = this.items;
    const refuse = () => {
      this.items = before;
      return undefined;
    };
    const evicted: Item[] = [];
    const evict = (victim: Item) => {
      evicted.push(victim);
      this.items = this.items.filter((item) => item !== victim);
    };
    const nonce = nonceOf(transaction);
    const rival = this.items.find((item) => nonce !== undefined && nonceOf(item.transaction) === nonce);
    if (rival !== undefined) {
      if (rival.isTaken || rival.priority >= priority) return refuse();
      evict(rival);
    }
    const payer = payerOf(transaction);
    const ofPayer = this.items.filter((item) => payerOf(item.transaction) === payer).length;
    if (ofPayer >= this.limits.maxPerFeePayer) return refuse();
    const worstFirst = this.waiting
      .filter((item) => item.priority < priority)
      .sort((a, b) => a.priority - b.priority || b.arrival - a.arrival);
    for (;;) {
      const fits =
        this.items.length < this.limits.capacity &&
        this.bytes + transaction.transaction.bytes.length <= this.limits.maxPoolBytes;
      if (fits) break;
      const victim = worstFirst.shift();
      if (victim === undefined) return refuse();
      evict(victim);
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
    const expired = this.waiting
      .map((item) => item.transaction)
      .filter((t) => nonceOf(t) === undefined && !isRecent(blockhashOf(t)));
    this.settle(expired);
    return expired;
  }
}

const nonceOf = ({ accountKeys, nonceAccount }: RuntimeTransaction) =>
  nonceAccount === undefined ? undefined : accountKeys[nonceAccount]![0]!;
const payerOf = ({ accountKeys }: RuntimeTransaction) => accountKeys[0]![0]!;
const blockhashOf = ({ transaction }: RuntimeTransaction) => transaction.message.recentBlockhash[0]!;
