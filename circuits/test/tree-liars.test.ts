import type { CompiledCircuit } from '@noir-lang/noir_js';
import { FIELD_MODULUS, fieldToHex } from '@polyproof/base';
import { accountValue, initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemAccount } from '../../packages/svm/src/rollup-config.js';
import type { Edit } from './circuit-variant.js';
import {
  type Balances,
  key,
  leafHash,
  rootOf,
  type TreeInputs,
  treeCircuit,
  treeInputs,
} from './tree-update.js';

/** Witnesses that lie, each of which one rule alone stops: without it the circuit comes to another root. */

await initHashing();
let circuit: CompiledCircuit;
beforeAll(async () => {
  circuit = await treeCircuit();
}, 60_000);

const modulo = (value: bigint) => fieldToHex(((value % FIELD_MODULUS) + FIELD_MODULUS) % FIELD_MODULUS);
/** What times four is 1. */
const QUARTER = (3n * FIELD_MODULUS + 1n) / 4n;
const [A, B, C, D] = [key(0, 0, 0), key(0, 0, 1), key(0, 0, 2), key(1)];

const rule = (from: string, to = ''): Edit => ({ file: 'lib/src/tree.nr', from, to });
const BESIDE = rule('assert(!moved | canonical, "what stands beside the account\'s place");');
const OTHER_PATH = rule(
  '(other_low_key - low_key == power * apart) | !(moved & leaf)',
  '(other_low_key - low_key == power * apart) | true',
);
const FAKE = fieldToHex(accountValue(systemAccount(77n)));

interface Lie {
  what: string;
  before: Balances;
  changes: Balances;
  tell(inputs: TreeInputs): void;
  reason: RegExp;
  /** the one rule that stops it, taken away */
  without: Edit;
  /** it needs no lie */
  isTooMuch?: boolean;
}

/** What an honest witness would say of the only update. */
const place = (inputs: TreeInputs) => inputs.places[0]!;
const withoutLevel = ({ siblings, digits }: TreeInputs) => {
  for (const list of [siblings, digits] as unknown[][]) list.push(...list.splice(0, 1));
};
const three: Balances = [
  [A, 1],
  [B, 2],
  [D, 4],
];
/** C's place claimed one level too high, beside A in a place that is not A's. */
const tooHigh = (inputs: TreeInputs, otherRest: string) => {
  Object.assign(place(inputs), { depth: '2', key_rest: String(C >> 4n), other_rest: otherRest });
  place(inputs).siblings = [leafHash(A, 1), '0', '0'];
  place(inputs).digit = [false, false];
  withoutLevel(inputs);
};

const LIES: Lie[] = [
  {
    what: 'another state of what is not touched',
    before: three,
    changes: [[A, 7]],
    tell: ({ siblings }) => {
      siblings[1] = [leafHash(D, 9), '0', '0'];
    },
    reason: /old state of an account/,
    without: rule('assert_zero(old - root, arrived, "old state of an account");'),
  },
  {
    what: 'a leaf that stays alone below a node',
    before: three,
    changes: [[A, 0]],
    tell: (inputs) => {
      place(inputs).other_is_leaf = false;
    },
    reason: /what stands beside/,
    without: BESIDE,
  },
  {
    what: 'a made-up leaf for an inner node',
    before: [
      [key(0, 0), 1],
      [key(0, 1, 0), 2],
      [key(0, 1, 1), 3],
      [D, 4],
    ],
    changes: [[key(0, 0), 0]],
    tell: (inputs) => {
      const other = [fieldToHex(key(0, 1, 3)), FAKE, '0', '0'];
      Object.assign(place(inputs), { other_is_leaf: true, absent_depth: '1', other, other_rest: '3' });
    },
    reason: /what stands beside/,
    without: BESIDE,
  },
  {
    what: 'a made-up leaf for the last account',
    before: [[A, 1]],
    changes: [[A, 0]],
    tell: (inputs) => {
      const other = [fieldToHex(key(1, 2)), FAKE, '0', '0'];
      Object.assign(place(inputs), { other_is_leaf: true, other, other_rest: '2' });
      place(inputs).siblings = ['1', '0', '0'];
    },
    reason: /what stands beside/,
    without: rule('if at_root { !leaf }', 'if at_root { true }'),
  },
  {
    what: 'one of two other leaves as if it were alone',
    before: [...three, [C, 3]],
    changes: [[A, 0]],
    tell: (inputs) => {
      const other = [fieldToHex(B), fieldToHex(accountValue(systemAccount(2n))), '0', '0'];
      Object.assign(place(inputs), { other_is_leaf: true, absent_depth: '1', other, other_rest: '0' });
    },
    reason: /what stands beside/,
    without: rule('(crowded & !leaf)', 'crowded'),
  },
  {
    what: 'another leaf in a place that is not its own',
    before: [
      [A, 1],
      [D, 4],
    ],
    changes: [[C, 3]],
    tell: (inputs) => tooHigh(inputs, String(A >> 4n)),
    reason: /path of the other leaf/,
    without: OTHER_PATH,
  },
  {
    what: 'another leaf in a place that a fraction makes its own',
    before: [
      [A, 1],
      [D, 4],
    ],
    changes: [[C, 3]],
    // 4 (other_rest - key_rest) + 1 = (A - C) / 4 is what the circuit asks
    tell: (inputs) => tooHigh(inputs, modulo((C >> 4n) + ((A - C) * QUARTER - 1n) * QUARTER)),
    reason: /assert_max_bit_size/,
    without: rule('place.other_rest.assert_max_bit_size::<64>();'),
  },
  {
    what: 'an account as absent for the sake of its own leaf',
    before: [
      [A, 1],
      [D, 4],
    ],
    changes: [[A, 9]],
    tell: (inputs) => {
      inputs.updates[0]!.existed = false;
      const other = [fieldToHex(A), fieldToHex(accountValue(systemAccount(1n))), '0', '0'];
      const siblings = [leafHash(A, 1), '0', '0'];
      const digit = [false, false];
      Object.assign(place(inputs), {
        depth: '2',
        absent_depth: '1',
        other_is_leaf: true,
        other,
        siblings,
        digit,
      });
      inputs.siblings[0] = [leafHash(D, 4), '0', '0'];
    },
    reason: /path of the other leaf/,
    without: OTHER_PATH,
  },
  {
    what: 'a leaf that moves past a branch',
    before: [...three, [key(0, 1), 5]],
    changes: [[A, 0]],
    tell: (inputs) => {
      place(inputs).absent_depth = '1';
    },
    reason: /moves past a branch/,
    without: rule('assert_zero(sibling, watch & staying, "a leaf moves past a branch");'),
  },
  {
    what: 'a leaf that does not move far enough',
    before: three,
    changes: [[A, 0]],
    tell: (inputs) => {
      place(inputs).absent_depth = '2';
    },
    reason: /shortest prefix/,
    without: rule('assert_not_zero(beside, watch & branch, "the other leaf is not at its shortest prefix");'),
  },
  {
    what: 'another place for a new account',
    before: three,
    changes: [[C, 3]],
    tell: (inputs) => {
      place(inputs).digit = [true, true];
    },
    reason: /path of an account/,
    without: rule('assert_zero(path, arrived, "path of an account");'),
  },
  {
    what: 'another place just below the root',
    before: three,
    changes: [[key(2), 3]],
    tell: (inputs) => {
      place(inputs).digit = [true, true];
    },
    reason: /path of an account/,
    without: rule('assert_zero(path, arrived, "path of an account");'),
  },
  {
    what: 'another place that a fraction makes the right one',
    before: three,
    changes: [[C, 3]],
    tell: (inputs) => {
      place(inputs).digit = [true, true];
      place(inputs).key_rest = modulo((C >> 6n) - QUARTER);
    },
    reason: /assert_max_bit_size/,
    without: rule('place.key_rest.assert_max_bit_size::<64>();'),
  },
  {
    what: 'a turn more than the depth',
    before: [
      [key(0, 0), 1],
      [key(0, 1), 2],
      [D, 4],
    ],
    changes: [[key(2), 3]],
    tell: (inputs) => {
      // the place of (0, 2) for an account whose path starts with 2
      place(inputs).siblings = ['0', leafHash(key(0, 0), 1), leafHash(key(0, 1), 2)];
      inputs.siblings[0] = [leafHash(D, 4), '0', '0'];
    },
    reason: /old state of an account/,
    without: rule('stays: if no_more { 1 } else { extension }', 'stays: extension'),
  },
  {
    what: 'an account twice',
    before: three,
    changes: [[A, 7]],
    tell: (inputs) => {
      const again = treeInputs([...three, [A, 7]], [[A, 9]]).inputs;
      const levels = 2;
      inputs.updates[1] = again.updates[0]!;
      inputs.places[1] = again.places[0]!;
      inputs.siblings.splice(levels, levels, ...again.siblings.slice(0, levels));
      inputs.digits.splice(levels, levels, ...again.digits.slice(0, levels));
      inputs.count = '2';
    },
    reason: /assert_max_bit_size/,
    without: rule('gap.assert_max_bit_size::<64>();'),
  },
  {
    what: 'more levels than there are, so that an account is left out',
    before: [
      [key(3), 1],
      [key(3) + 4n ** 30n, 2],
      [D, 4],
    ],
    changes: [
      [key(3), 5],
      [key(3) + 4n ** 30n, 6],
    ],
    tell: () => {},
    reason: /not enough levels/,
    without: rule('assert(account as Field == count, "not enough levels for the batch");'),
    isTooMuch: true,
  },
];

describe('the tree in the circuit refuses', () => {
  for (const { what, before, changes, tell, reason, without, isTooMuch } of LIES)
    it(`${what}, by that rule alone`, async () => {
      const { inputs, root } = treeInputs(before, changes);
      if (!isTooMuch) expect(await rootOf(inputs, circuit)).toBe(root);
      tell(inputs);
      await expect(rootOf(inputs, circuit)).rejects.toThrow(reason);
      expect(await rootOf(inputs, await treeCircuit(without))).not.toBe(root);
    }, 60_000);

  it('to look at an extension of an empty place', async () => {
    const { inputs, root } = treeInputs([...three, [C, 3], [key(0, 1), 5]], [[A, 0]]);
    place(inputs).absent_depth = '1';
    expect(await rootOf(inputs, circuit)).toBe(root);
    const looking = await treeCircuit(
      rule('if leaf { depth - 1 - place.absent_depth } else { 0 }', 'depth - 1 - place.absent_depth'),
    );
    expect(await rootOf(inputs, looking)).not.toBe(root);
  }, 60_000);
});
