import { type InputMap, Noir } from '@noir-lang/noir_js';
import { beforeAll, describe, expect, it } from 'vitest';
import { limbs, splitPoint } from '../../packages/svm/src/signed/split-point.js';
import { circuitVariant, type Edit, sizeEdits } from './circuit-variant.js';
import { HEAVY } from './heavy.js';
import { type Signed, sign, signatureInputs } from './signatures.js';
import { CircuitWithLies } from './written-lies.js';

const CIRCUIT = 'signatures';
const signed = [sign(new Uint8Array(32).fill(5), Buffer.from('pay him'))];
const other = [sign(new Uint8Array(32).fill(6), Buffer.from('pay her'))];
const SIZES = sizeEdits(CIRCUIT, { SIGNATURES: 1, KEYS: 1, BLOCKS: 1 });
/** where the limbs of a number are compared, or their carries go out of their range */
const NUMBER = /modulo 2\^255 - 19|max_bit_size/;
const COLUMN = /column of zero|max_bit_size/;
type Inputs = ReturnType<typeof signatureInputs>;

async function circuit(edits: readonly Edit[] = []): Promise<Noir> {
  return new Noir(await circuitVariant(CIRCUIT, [...SIZES, ...edits]));
}
const inputsOf = (of: readonly Signed[]) => signatureInputs(of, 1, 1);

const DOUBLE = 'Step { xy: [0; 3], c: narrow(c), x: narrow(x), y: narrow(y) }';
const SUM = 'Step { xy: narrow(xy), c: narrow(c), x: narrow(x), y: narrow(y) }';
const swap = (honest: string, part: string, lie: string) =>
  `‹${honest}|${honest.replace(`${part}: narrow(${part})`, `${part}: narrow(${lie})`)}›`;
const LIES = [
  ['hints', swap(DOUBLE, 'c', 'x'), NUMBER],
  ['hints', swap(DOUBLE, 'x', 'y'), NUMBER],
  ['hints', swap(DOUBLE, 'y', 'x'), NUMBER],
  ['hints', swap(SUM, 'xy', 'x'), NUMBER],
  ['hints', swap(SUM, 'c', 'x'), NUMBER],
  ['hints', swap(SUM, 'x', 'y'), NUMBER],
  ['hints', swap(SUM, 'y', 'x'), NUMBER],
  ['hints', '‹narrow(times(wide(a), wide(b)))|narrow(times(wide(a), wide(a)))›', NUMBER],
  ['hints', '‹narrow(inverted(wide(a)))|narrow(wide(a))›', NUMBER],
  ['integers', '(‹quotient + ZERO|quotient + ZERO + 1›, ', NUMBER],
  ['integers', '‹first + ZERO|first + ZERO - 1›, ', NUMBER],
  ['integers', '‹second + ZERO|second + ZERO + 1›)', NUMBER],
  ['integers', '‹column * INVERSE_OF_LIMB + ZERO|column * INVERSE_OF_LIMB + ZERO + 1›', COLUMN],
  ['scalar', 'unsafe { divide(bytes[10], ‹4|3›) }', /./],
  ['scalar_hints', 'bits += ‹1|2›;', COLUMN],
  ['scalar_hints', '‹(low % TWO_POW_84) as Field|(low % TWO_POW_84) as Field + 1›, middle', COLUMN],
  ['scalar_hints', '(‹word as u64 as Field|word as u64 as Field + 1›)', /bytes of a digest/],
  ['scalar_hints', 'let mut borrow = ‹1|0›;', COLUMN],
  ['scalar_hints', 'digits[‹17 * part + i|50 - 17 * part - i›] = chunk', COLUMN],
  ['signatures', 'let (digit, above) = divide(rest, ‹5|4›);', /./],
  ['signatures', 'unsafe { divide(k[0], ‹3|2›) }', /k modulo 8|max_bit/],
  ['signatures', 'unsafe { divide(‹sum|sum + 8›, 3) }', /parts of small order/],
  ['point', 'unsafe { divide(limbs[2], ‹87|86›) }', /./],
  ['point', 'unsafe { divide(‹sum.x[0]|sum.x[0] + 2›, 1) }', /sign of x/],
] as const;

let liar: CircuitWithLies;
beforeAll(async () => {
  const lies = LIES.map(([file, says]) => ({ file: `ed25519/${file}.nr`, says }));
  liar = await CircuitWithLies.of(CIRCUIT, lies, SIZES);
}, 300_000);

describe.runIf(HEAVY)('signatures: an input that lies is refused', () => {
  const P = 2n ** 255n - 19n;
  const number = (of: readonly string[]) =>
    of.reduce((sum, limb, i) => sum + (BigInt(limb) << BigInt(84 * i)), 0n);

  const execute = (change: (inputs: Inputs) => void) => {
    const inputs = structuredClone(inputsOf(signed));
    change(inputs);
    return liar.execute(inputs).then(() => 'accepted');
  };
  it.each<[string, (inputs: Inputs) => void, RegExp]>([
    [
      'the key',
      ({ keys }) => {
        keys[0]!.bytes = [...other[0]!.key];
      },
      /y of a point/,
    ],
    [
      's',
      ({ signatures }) => {
        signatures[0]!.s[3]! ^= 1;
      },
      /sum of all signatures/,
    ],
    [
      'the message',
      ({ hashed }) => {
        hashed[0] = inputsOf([{ ...signed[0]!, message: other[0]!.message }]).hashed[0]!;
      },
      /sum of all signatures/,
    ],
    [
      'which key',
      ({ signatures }) => {
        signatures[0]!.key = 1;
      },
      /./,
    ],
    [
      'an eighth of the key',
      ({ keys }) => {
        keys[0]!.split = splitPoint(other[0]!.key);
      },
      /y of a point/,
    ],
    [
      'an eighth of the opposite key',
      ({ keys }) => {
        const { eighth } = keys[0]!.split;
        eighth.x = limbs(P - number(eighth.x));
      },
      /sign of x/,
    ],
    [
      'an eighth that is no point',
      ({ keys }) => {
        keys[0]!.split.eighth.x[0] = '0x7';
      },
      NUMBER,
    ],
    [
      'an eighth with a limb out of range',
      ({ keys }) => {
        const { x } = keys[0]!.split.eighth;
        [x[0], x[1]] = [
          `0x${(BigInt(x[0]!) + 2n ** 84n).toString(16)}`,
          `0x${(BigInt(x[1]!) - 1n).toString(16)}`,
        ];
      },
      /./,
    ],
    [
      'a part of small order of the key',
      ({ keys }) => {
        keys[0]!.split.torsion = 4;
      },
      /y of a point/,
    ],
    [
      'a part of small order of R',
      ({ signatures }) => {
        signatures[0]!.split.torsion = 2;
      },
      /y of a point/,
    ],
  ])(
    '%s',
    async (_, change, reason) => {
      await expect(execute(change)).rejects.toThrow(reason);
    },
    60_000,
  );

  it('and without a lie accepted', async () => {
    await expect(execute(() => undefined)).resolves.toBe('accepted');
  }, 60_000);
});

describe.runIf(HEAVY)('signatures: a hint that lies is refused', () => {
  const told = (lie: number) => liar.execute(inputsOf(signed), lie).then(() => 'accepted');

  it.each(LIES.map(([file, says, reason], lie) => [file, says, lie, reason] as const))(
    '%s: %s',
    async (_file, _says, lie, reason) => {
      await expect(told(lie)).rejects.toThrow(reason);
    },
    60_000,
  );

  it.each([
    [
      'a remainder that is not below L',
      'divide_by_order::<7, 4>(columns) };',
      'divide_by_order::<7, 4>(columns) };\n    let quotient = [quotient[0] - 1, quotient[1], quotient[2], quotient[3]];\n    let remainder = [remainder[0] + ORDER[0], remainder[1] + ORDER[1], remainder[2] + ORDER[2]];',
    ],
  ])(
    'scalar: %s',
    async (_, from, to) => {
      const liar = await circuit([{ file: 'lib/src/ed25519/scalar.nr', from, to }]);
      const run = liar.execute(inputsOf(signed) as unknown as InputMap);
      await expect(run.then(() => 'accepted')).rejects.toThrow();
    },
    120_000,
  );
});
