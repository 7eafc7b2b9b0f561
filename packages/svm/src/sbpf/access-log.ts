/** Memory accesses of an execution, a column for each property, in the order in which they happen. */
export interface MemoryAccesses {
  length: number;
  /** index of the step that makes it; a system call's are those of its `call` */
  step: Uint32Array;
  /** 1: store, 0: load */
  store: Uint8Array;
  address: BigUint64Array;
  /** bytes: 1, 2, 4 or 8. System calls access memory in pieces that are naturally aligned */
  size: Uint8Array;
  value: BigUint64Array;
  /** what was there before; of a load the same as `value` */
  before: BigUint64Array;
}

const INITIAL_CAPACITY = 256;

/** Writes {@link MemoryAccesses}. */
export class AccessLog {
  /** of what is added next */
  step = 0;
  #length = 0;
  #steps = new Uint32Array(INITIAL_CAPACITY);
  #stores = new Uint8Array(INITIAL_CAPACITY);
  #sizes = new Uint8Array(INITIAL_CAPACITY);
  /** address, value and value before, as little-endian pairs */
  #words = new Uint32Array(6 * INITIAL_CAPACITY);

  get length(): number {
    return this.#length;
  }

  add(
    store: boolean,
    low: number,
    high: number,
    size: number,
    valueLow: number,
    valueHigh: number,
    beforeLow: number,
    beforeHigh: number,
  ): void {
    const index = this.#length++;
    if (index === this.#steps.length) this.#grow();
    this.#steps[index] = this.step;
    this.#stores[index] = store ? 1 : 0;
    this.#sizes[index] = size;
    const words = this.#words;
    const at = 6 * index;
    words[at] = low;
    words[at + 1] = high;
    words[at + 2] = valueLow;
    words[at + 3] = valueHigh;
    words[at + 4] = beforeLow;
    words[at + 5] = beforeHigh;
  }

  /** Accesses of a system call to consecutive bytes. */
  addBytes(store: boolean, address: bigint, bytes: Uint8Array, before: Uint8Array): void {
    let low = Number(address & 0xffffffffn);
    const high = Number(address >> 32n);
    for (let at = 0; at < bytes.length; ) {
      let size = 8;
      while (low % size !== 0 || at + size > bytes.length) size >>= 1;
      const value = piece(bytes, at, size);
      const old = piece(before, at, size);
      this.add(store, low, high, size, value[0], value[1], old[0], old[1]);
      at += size;
      low += size;
    }
  }

  finish(): MemoryAccesses {
    const length = this.#length;
    const words = new BigUint64Array(this.#words.buffer, 0, 3 * length);
    const column = (offset: number) =>
      BigUint64Array.from({ length }, (_, index) => words[3 * index + offset]!);
    return {
      length,
      step: this.#steps.slice(0, length),
      store: this.#stores.slice(0, length),
      address: column(0),
      size: this.#sizes.slice(0, length),
      value: column(1),
      before: column(2),
    };
  }

  #grow(): void {
    const capacity = 2 * this.#steps.length;
    const copy = <T extends Uint8Array | Uint32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#steps = copy(this.#steps, new Uint32Array(capacity));
    this.#stores = copy(this.#stores, new Uint8Array(capacity));
    this.#sizes = copy(this.#sizes, new Uint8Array(capacity));
    this.#words = copy(this.#words, new Uint32Array(6 * capacity));
  }
}

function piece(bytes: Uint8Array, at: number, size: number): [low: number, high: number] {
  let low = 0;
  let high = 0;
  for (let i = 0; i < size; i++) {
    if (i < 4) low |= bytes[at + i]! << (8 * i);
    else high |= bytes[at + i]! << (8 * (i - 4));
  }
  return [low >>> 0, high >>> 0];
}
