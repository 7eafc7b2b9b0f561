import { fieldToHex } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { encodeCompactData, exitAddress } from '@polyproof/svm';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTables } from '../../packages/svm/src/compact-data/read-tables.js';
import { words } from '../../packages/svm/src/zkvm/words.js';
import { callsMessage, moveTokens, setLimit, setPrice } from '../../packages/svm/test/calls.js';
import { value } from '../../packages/svm/test/compact-data/messages.js';
import { derivedRun } from './derived-address.js';
import { HEAVY } from './heavy.js';
import { allSites, LyingCircuit, type Site } from './lying-hints.js';
import * as messages from './messages.js';
import { mixedRun } from './sbpf-runs.js';
import * as transactions from './sbpf-transactions.js';
import * as signed from './signed-batch.js';
import { key, treeEdits, treeInputs } from './tree-update.js';

/** Hints that lie, wherever the library takes one: what its prover says of it in a valid witness is changed. */

/** Hints of one kind, and what becomes of a lie. */
interface Hint {
  site: string;
  /** how many parts it has, or elements of which the first are changed. Default: one */
  parts?: number;
  array?: boolean;
  /** what the first part counts, and what each other one does: a lie that moves something from one to the next keeps the sum */
  bits?: readonly number[];
  /** the rule that stops a part that is one more; otherwise its range does */
  rule?: RegExp;
  /** parts in front that nobody looks at */
  unseen?: number;
  /** only some lies change what follows: all others are accepted, and mean the same */
  some?: boolean;
}

const RANGE = /assert_max_bit_size/;
const AT_INDEX = 8;

const MACHINE: Hint[] = [
  { site: 'sbpf/chips/arithmetic.nr is_long(self.a + self.b)' },
  { site: 'sbpf/chips/arithmetic.nr divide(product, 64)', bits: [0, 64], rule: /halves of a product/ },
  {
    site: 'sbpf/chips/arithmetic.nr quotient_hint(self.x, self.y)',
    parts: 2,
    rule: /a quotient and its rest/,
  },
  { site: 'sbpf/chips/bits.nr divide(self.y, 6)', bits: [0, 6], rule: /a shift modulo 64/ },
  { site: 'sbpf/chips/bits.nr divide(product, 64)', bits: [0, 64], rule: /halves of a shifted word/ },
  { site: 'sbpf/chips/bits.nr bytes_hint(self.y)', array: true, parts: 8, rule: /bytes of a word/ },
  { site: 'sbpf/chips/comparison.nr less_hint(self.p, self.q)' },
  { site: 'sbpf/chips/copy.nr divide(self.y, 32)', bits: [0, 32], rule: /halves of a word that is narrowed/ },
  { site: 'sbpf/chips/copy.nr divide(low, 31)', bits: [0, 31], rule: /halves of a word that is narrowed/ },
  {
    site: 'sbpf/chips/split.nr split_hint(value, before as u32, bytes as u32)',
    parts: 3,
    rule: /bytes within a word/,
  },
  {
    site: 'sbpf/chips/split.nr divide(word, 8 * bytes as u32)',
    parts: 2,
    rule: /lowest bytes of a word/,
  },
  {
    site: 'sbpf/code.nr Entry::hint(packed)',
    bits: [24, 30, 36, 46, 48, 49, 50, 64, 84],
    rule: /entry is not the one at its place/,
  },
  { site: 'sbpf/pack.nr parts_hint(answer)', bits: [0, 10, 74, 142, 206], rule: /parts of an answer/ },
  { site: 'sbpf/pack.nr same_hint(value)', rule: /a pinned value/ },
];

const DERIVATIONS: Hint[] = [
  {
    site: 'sbpf/addresses.nr inside_hint(length)',
    array: true,
    parts: 128,
    rule: /seeds behind their end|length of the seeds/,
  },
  { site: 'sbpf/addresses.nr divide(8 * hashed, 8)', bits: [0, 8], rule: /length of seeds in the padding/ },
  { site: 'sbpf/addresses.nr bytes_hint(words[i])', array: true, parts: 4, rule: /bytes of a digest/ },
  { site: 'sbpf/curve.nr divide(bytes[31], 7)', bits: [0, 7], rule: /sign of x/ },
];

const TRANSACTIONS: Hint[] = [
  { site: 'sbpf/accounts.nr split_last_byte(header[7])', bits: [0, 56], rule: /last byte of an owner/ },
  { site: 'sbpf/saved.nr Span::hint(packed)', bits: [0, 12, 24], rule: /a span/ },
  { site: 'sbpf/uses.nr repeated_hint(before, number - position)' },
  { site: 'sbpf/versions.nr words_hint(bytes)' },
];

const DATA: Hint[] = [
  { site: 'data.nr split_top_byte(digest[0])', bits: [24, 0], rule: /top byte of the digest/ },
  { site: 'data.nr field_to_words(previous)', array: true, parts: 8, rule: /more than 31 bytes/ },
  { site: 'data.nr bytes_to_word(bytes)', rule: /word of the stream/ },
  { site: 'compact/rows.nr used_hint(count)', array: true, parts: 3, rule: /a used row behind|so many rows/ },
  { site: 'compact/rows.nr is_long(first)' },
  { site: 'compact/words.nr word_hint(bytes, empty)', parts: 2, rule: /a word of instruction data/ },
  { site: 'compact/values.nr equal_hint(last_high, next_high)', rule: /upper halves of values/ },
  { site: 'compact/references.nr new_hint(used, value, seen)', rule: /a new value is not the next one/ },
  {
    site: 'compact/references.nr equal_hint(owner.behind, 0)',
    rule: /a key is not the blockhash/,
    some: true,
  },
  { site: 'compact/instructions.nr words_hint(lengths[i])' },
  {
    site: 'compact/transactions.nr Head::hint(first, second)',
    parts: 5,
    rule: /first byte of a transaction|second byte of a transaction/,
  },
  { site: 'messages/named.nr below_hint(place, bound)' },
  {
    site: 'messages/named.nr Bounds::hint(packed)',
    bits: [0, 8, 16],
    rule: /bounds of a transaction's keys/,
  },
  { site: 'messages/budget.nr above_hint(wanted, MAX_UNITS)' },
  { site: 'messages/budget.nr ceiling_hint(total.price, limit)' },
  {
    site: 'messages/budget.nr Total::hint(sum)',
    bits: [0, 64, 96, 104, 112],
    rule: /a compute budget is set twice/,
  },
];

const TREE: Hint[] = [
  { site: 'tree.nr split_64(key)', bits: [64, 0], rule: /split of a key/ },
  { site: 'tree.nr inverse_hint(sum)', rule: /not at its shortest prefix/, some: true },
];

const EXITS: Hint[] = [
  { site: 'exits.nr split_word(second)', bits: [0, 32], rule: /halves of a word of an address/ },
];

const SIGNED: Hint[] = [
  {
    site: 'signed/messages.nr divide(instructions.lengths[i], 7)',
    bits: [0, 7],
    rule: /parts of a length/,
  },
  {
    // A word that ends with its message's data: what is behind does not matter where nothing is.
    site: 'signed/messages.nr divide(written, 64 - 8 * empty as u32)',
    parts: 2,
    unseen: 1,
    rule: /data of a message/,
    some: true,
  },
];

/** What the first parts would be, the step knows itself. */
const STEPS: Hint[] = [
  {
    site: 'sbpf/step.nr parts_hint(answer)',
    bits: [0, 10, 74, 142, 206],
    unseen: 3,
    rule: /what the step asks/,
  },
];

/** Numbers whose order goes here and there: fractions of multiples of the golden ratio. */
const scattered = (number: number) => (number * 0.618034) % 1;

const nameOf = ({ file, of }: Site) => `${file} ${of}`;

beforeAll(() => initHashing());

/** Tells lies in hints of these kinds, one at a time: in the last call, and of `npm run test:heavy` in the first one too. */
function lies(
  name: string,
  make: () => Promise<{ circuit: LyingCircuit; inputs: unknown }>,
  hints: readonly Hint[],
  runs = true,
): void {
  describe.runIf(runs)(name, () => {
    let circuit: LyingCircuit;
    let inputs: unknown;
    let counts: number[];
    beforeAll(async () => {
      ({ circuit, inputs } = await make());
      counts = await circuit.count(inputs);
    }, 600_000);

    for (const hint of hints)
      it(hint.site, async () => {
        const site = circuit.sites.findIndex((of) => nameOf(of) === hint.site);
        const count = counts[site]!;
        expect(count, 'times that it is asked for').toBeGreaterThan(0);
        // Where only some lies change what follows, one that does is looked for, here and there.
        const calls = hint.some
          ? Array.from({ length: count }, (_, call) => call).sort((a, b) => scattered(a) - scattered(b))
          : [...new Set(HEAVY ? [0, count - 1] : [count - 1])];
        const rule = hint.rule ?? RANGE;
        const reasons: string[] = [];
        for (const call of calls) {
          for (const told of lieOf(hint))
            reasons.push(
              await circuit.execute(inputs, { site, call, told }).catch((error: Error) => error.message),
            );
          if (hint.some && reasons.some((reason) => rule.test(reason))) break;
        }
        const accepted = reasons.filter((reason) => reason === 'accepted');
        if (hint.some !== true) expect(accepted).toEqual([]);
        else expect(accepted.length).toBeLessThan(reasons.length);
        const rules = [rule, ...(hint.some ? [/accepted/] : [RANGE])];
        for (const reason of reasons)
          expect(
            rules.some((rule) => rule.test(reason)),
            reason,
          ).toBe(true);
        expect(reasons.some((reason) => rule.test(reason))).toBe(true);
      }, 120_000);
  });
}

/** One part more, and where parts are recombined, from one part to the next. */
function lieOf({ parts, array, bits, unseen = 0 }: Hint): bigint[][] {
  const count = bits?.length ?? parts ?? 1;
  const indexes = Array.from({ length: count }, (_, part) => part);
  if (array === true)
    return [0, count >> 1, count - 1].map((part) => {
      const told = Array<bigint>(AT_INDEX + 1).fill(0n);
      told[0] = 1n;
      told[AT_INDEX] = BigInt(part);
      return told;
    });
  const more = indexes.slice(unseen).map((part) => indexes.map((of) => (of === part ? 1n : 0n)));
  const moved = indexes.slice(Math.max(unseen, 1), bits === undefined ? 0 : count).map((part) => {
    const told = indexes.map(() => 0n);
    const [low, high] = bits![part - 1]! < bits![part]! ? [part - 1, part] : [part, part - 1];
    told[low] = 1n << BigInt(bits![high]! - bits![low]!);
    told[high] = -1n;
    return told;
  });
  return [...more, ...moved];
}

const once = <T>(make: () => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
const machine = once(() => LyingCircuit.of('sbpf_run'));

lies('the machine', async () => ({ circuit: await machine(), inputs: mixedRun(1).inputs }), [
  ...MACHINE,
  ...STEPS,
]);

lies(
  'derived addresses',
  async () => ({ circuit: await machine(), inputs: derivedRun().inputs }),
  DERIVATIONS,
);

lies(
  'transactions',
  async () => {
    const { AT, block, inputs, moveTokens: move, pay } = transactions;
    const failing = [move(AT.FROM, AT.TO, 5n), pay(AT.OTHER, AT.PAYER, 10n ** 12n)];
    return { circuit: await LyingCircuit.of(transactions.CIRCUIT), inputs: inputs([block(failing)]) };
  },
  TRANSACTIONS,
);

/** A price whose fee is no whole number of lamports, under a limit that is above the largest. */
const BLOCKS = [
  [
    callsMessage(
      'a',
      [setLimit(1_400_007), setPrice(123_457n), moveTokens('token a', 'token b', 'b', 5n)],
      new Uint8Array(32),
    ).message,
    callsMessage('b', [setPrice(1_000_001n), setLimit(3)], new Uint8Array(32)).message,
  ],
];
const dataCircuit = once(() => LyingCircuit.of(messages.CIRCUIT));

lies('data', async () => ({ circuit: await dataCircuit(), inputs: messages.inputsOf(BLOCKS) }), DATA);

lies(
  'the state tree',
  async () => {
    // B's leaf moves up beside D once A is gone.
    const [A, B, D] = [key(0, 0, 0), key(0, 0, 1), key(1)];
    const before = [
      [A, 1],
      [B, 2],
      [D, 4],
    ] as const;
    const { inputs } = treeInputs(before, [[A, 0]]);
    return { circuit: await LyingCircuit.of('tree_update', treeEdits()), inputs };
  },
  TREE,
);

lies(
  'exits',
  async () => {
    const at = words(exitAddress(Uint8Array.from({ length: 20 }, (_, i) => i + 1)));
    const half = (first: number) => fieldToHex(at[first]! + (at[first + 1]! << 64n));
    return {
      circuit: await LyingCircuit.of('exits'),
      inputs: { low: half(0), high: half(2), second: fieldToHex(at[1]!) },
    };
  },
  EXITS,
);

lies(
  'messages that are signed',
  async () => ({
    circuit: await LyingCircuit.of(signed.CIRCUIT, signed.sizeEdits),
    inputs: signed.inputsOf(signed.witnessOf([signed.signedTransfers(0, [1, 2], 3)])),
  }),
  SIGNED,
  HEAVY,
);

it('a value that no transaction names, as if a row that is not used named it', async () => {
  const tables = readTables(encodeCompactData([]));
  tables.values.push(value(0));
  const circuit = await dataCircuit();
  const site = circuit.sites.findIndex(({ of }) => of.startsWith('new_hint'));
  const inputs = messages.inputsOfTables(tables, [], []);
  await expect(circuit.execute(inputs, { site, call: 0, told: [1n] })).rejects.toThrow(
    /a value of no transaction/,
  );
}, 120_000);

it('each hint of the library is one of these', () => {
  const all = [MACHINE, STEPS, DERIVATIONS, TRANSACTIONS, DATA, TREE, EXITS, SIGNED].flat();
  expect(all.map(({ site }) => site).sort()).toEqual(allSites().map(nameOf).sort());
});
