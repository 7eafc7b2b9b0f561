import { rentExemptMinimum } from '../rollup-config.js';
import { hashRowsOf } from './account-cells.js';
import type { Capacity } from './inputs.js';
import type { Run } from './machine.js';
import { FIRST } from './rows.js';
import type { RightRow } from './transaction-layout.js';
import type { ChangeRow, Versions } from './transaction-versions.js';
import { words } from './words.js';

/** What the kernel found of a balance: `Reading` in circuits/lib/src/sbpf/balances.nr. */
export interface Reading {
  answer: number;
  register: bigint;
  counter: number;
  lamports: bigint;
}

export const NO_CHANGE = changeInput();
export const NO_BALANCE = {
  used: false,
  usage: '0',
  before: strings({ answer: 0, register: 0n, counter: 0, lamports: 0n }),
  after: strings({ answer: 0, register: 0n, counter: 1, lamports: 0n }),
  closing: '0',
  poor: false,
};

/** What the kernel found of each balance, before and after. */
export function balanceReadings(run: Run, capacity: Capacity): Reading[][] {
  const first = FIRST.INVOCATIONS + 4 * (capacity.invocations + 1);
  const readings: Reading[][] = [];
  let counter = -1;
  run.rows.rows.words.forEach(({ fields, found }, index) => {
    if (fields.second === false) counter++;
    const right = run.segments[Number(fields.segment)]!.right as RightRow;
    if (!('balance' in right) || right.part === 0) return;
    readings[right.balance] ??= [];
    readings[right.balance]!.push({
      answer: first + index,
      register: fields.word as bigint,
      counter,
      lamports: found!,
    });
  });
  return readings;
}

export function balanceInput(usage: number, readings: readonly Reading[], versions: Versions) {
  const [before, after] = readings;
  const closing =
    versions.changes.findIndex((change) => change.kind === 'close' && change.usage === usage) + 1;
  const minimum = rentExemptMinimum(versions.uses[usage]!.bytes);
  return {
    used: true,
    usage: String(usage),
    before: strings(before!),
    after: strings(after!),
    closing: String(closing),
    poor: closing === 0 && after!.lamports < minimum,
  };
}

/** Of a change, or of none. */
export function changeInput(change?: ChangeRow) {
  const is = (kind: ChangeRow['kind']) => change?.kind === kind;
  const halves = (word: bigint) => [word & 0xffffffffn, word >> 32n].map(String);
  const bytes = change?.bytes ?? 0;
  return {
    creates: is('create'),
    assigns: is('assign'),
    allocates: is('allocate'),
    closes: is('close'),
    usage: String(change?.usage ?? 0),
    lamports: halves(change?.lamports ?? 0n),
    space: halves(change?.space ?? 0n),
    owner: words(change?.owner ?? new Uint8Array(32)).flatMap(halves),
    large: change?.large ?? false,
    allowed: change?.allowed ?? false,
    made: change?.made ?? false,
    length: String(bytes),
    rows: String(hashRowsOf(bytes)),
  };
}

function strings({ answer, register, counter, lamports }: Reading) {
  return {
    answer: String(answer),
    register: String(register),
    counter: String(counter),
    lamports: String(lamports),
  };
}
