import { type CallRight, callRows, firstUsesOf } from './call-layout.js';
import { fill } from './fill.js';
import type { RightOfRow, TransactionCapacity } from './transaction-layout.js';
import { KIND, type TransactionRow } from './transaction-rows.js';
import { words } from './words.js';

const SEGMENTS_OF_CALL = 7;

/** Rows of each kind. */
export type CallLists = Record<keyof typeof IDLE, readonly unknown[]>;

export const isCallRight = (right: object): right is CallRight =>
  'call' in right ||
  'passed' in right ||
  'info' in right ||
  'shared' in right ||
  'epoch' in right ||
  'own' in right;

/** `Calls` in circuits/lib/src/sbpf/calls.nr: descriptions and shared segments are those that are used. */
export class CallInputs {
  readonly #rows: readonly TransactionRow[];
  readonly #capacity: TransactionCapacity;
  readonly #rightOf: (right: RightOfRow, writable: boolean) => number;
  readonly #infos: number[] = [];
  readonly #epochs: number[] = [];
  readonly #shared: { segment: number; row: number }[] = [];

  /** @param rightOf - place of a right among the rights */
  constructor(
    rows: readonly TransactionRow[],
    capacity: TransactionCapacity,
    rightOf: (right: RightOfRow, writable: boolean) => number,
  ) {
    this.#rows = rows;
    this.#capacity = capacity;
    this.#rightOf = rightOf;
  }

  /** Place of the segment of a right, which is used for loads or for stores. */
  place(right: CallRight, writable: boolean): number {
    const {
      rights,
      windows,
      changes,
      balances,
      savedWords,
      calls,
      passed,
      infos,
      shared: shareds,
      epochs,
    } = this.#capacity;
    const first = rights + 2 * (windows + changes + balances) + 3 * savedWords;
    if ('call' in right) return first + SEGMENTS_OF_CALL * right.call + right.part;
    const ofPassed = first + SEGMENTS_OF_CALL * calls;
    if ('passed' in right) return ofPassed + 2 * right.passed + right.part;
    const ofInfos = ofPassed + 2 * passed;
    if ('info' in right) return ofInfos + this.#infos.push(right.info) - 1;
    if ('epoch' in right) return ofInfos + infos + shareds + this.#epochs.push(right.epoch) - 1;
    if ('own' in right) return ofInfos + infos + shareds + epochs + right.own;
    const { shared, row } = right;
    const segment =
      'window' in shared ? rights + 2 * shared.window + (writable ? 1 : 0) : this.#rightOf(shared, writable);
    return ofInfos + infos + this.#shared.push({ segment, row }) - 1;
  }

  /** @param own - rows whose programs load their own address, and its words */
  inputs(own: readonly { row: number; address: readonly bigint[] }[]): CallLists {
    const rows = this.#rows;
    const capacity = this.#capacity;
    const firstUses = firstUsesOf(rows);
    const calls = callRows(rows).map((row) => ({
      used: true,
      row: String(row),
      program: String(firstUses[row - 1]! + rows[row]!.call!.program),
      signs: rows[row]!.call!.signer !== undefined,
      signer: String(firstUses[row - 1]! + (rows[row]!.call!.signer ?? 0)),
    }));
    const passed = callRows(rows).flatMap((row) =>
      rows[row]!.call!.passed.map(({ from, info }, position) => ({
        used: true,
        usage: String(firstUses[row]! + position),
        from: String(firstUses[row - 1]! + from),
        info: String(info),
      })),
    );
    const resumed = rows.flatMap(({ kind, uses }, row) =>
      kind === KIND.RESUMED ? uses.map((_, position) => use(firstUses[row]! + position)) : [],
    );
    const data = rows.flatMap((row) =>
      row.called === true ? [BigInt(row.data.length), ...words(row.data)] : [],
    );
    return {
      calls: fill('calls', calls, capacity.calls, IDLE.calls),
      passed: fill('accounts of calls', passed, capacity.passed, IDLE.passed),
      infos: fill('descriptions of accounts', this.#infos.map(use), capacity.infos, IDLE.infos),
      resumed: fill('uses of programs that go on', resumed, capacity.resumed, IDLE.resumed),
      own: fill(
        'parts that load their own address',
        own.map(({ row, address }) => ({ used: true, row: String(row), address: address.map(String) })),
        capacity.own,
        IDLE.own,
      ),
      epochs: fill('rent epochs', this.#epochs.map(use), capacity.epochs, IDLE.epochs),
      shared: fill(
        'segments that parts share',
        this.#shared.map(({ segment, row }) => ({ used: true, segment: String(segment), row: String(row) })),
        capacity.shared,
        IDLE.shared,
      ),
      data: fill('words of data of calls', data.map(String), capacity.callWords, IDLE.data),
    };
  }
}

const NONE = { used: false, usage: '0' };

/** What stands where there is nothing. */
const IDLE = {
  calls: { used: false, row: '0', program: '0', signs: false, signer: '0' },
  passed: { ...NONE, from: '0', info: '0' },
  infos: NONE,
  resumed: NONE,
  own: { used: false, row: '0', address: ['0', '0', '0', '0'] },
  epochs: NONE,
  shared: { used: false, segment: '0', row: '0' },
  data: '0',
};

/** {@link CallInputs.inputs} with one more of each, as `CallInputs` in calls.nr has them. */
export function withIdle({ calls, passed, infos, resumed, shared, epochs, own, data }: CallLists): CallLists {
  return {
    calls: [...calls, IDLE.calls],
    passed: [...passed, IDLE.passed],
    infos: [...infos, IDLE.infos],
    resumed: [...resumed, IDLE.resumed],
    shared: [...shared, IDLE.shared],
    epochs: [...epochs, IDLE.epochs],
    own: [...own, IDLE.own],
    data: [...data, IDLE.data],
  };
}

const use = (usage: number) => ({ used: true, usage: String(usage) });
