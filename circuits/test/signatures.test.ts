import '../../packages/svm/test/fixed-seed.js';
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ed25519 } from '@noble/curves/ed25519.js';
import { type InputMap, Noir } from '@noir-lang/noir_js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { limbs, TORSION, torsionOf } from '../../packages/svm/src/signed/split-point.js';
import { circuitVariant, sizeEdits } from './circuit-variant.js';
import { HEAVY } from './heavy.js';
import { type Signed, sign, signatureInputs, signWith } from './signatures.js';

const { Point } = ed25519;
const BLOCKS = 3;

type Run = (signed: readonly Signed[]) => Promise<string>;
async function runner(signatures: number, keys: number, blocks: number): Promise<Run> {
  const sizes = { SIGNATURES: signatures, KEYS: keys, BLOCKS: blocks };
  const noir = new Noir(await circuitVariant('signatures', sizeEdits('signatures', sizes)));
  return async (signed) => {
    await noir.execute(signatureInputs(signed, keys, blocks) as unknown as InputMap);
    return 'accepted';
  };
}
/** four signatures of at most three keys; one */
let four: Run;
let one: Run;
beforeAll(async () => {
  four = await runner(4, 3, BLOCKS);
  one = await runner(1, 1, 1);
}, 600_000);

const constants = readFileSync(new URL('../lib/src/ed25519/constants.nr', import.meta.url), 'utf8');
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const message = (text: string) => Uint8Array.from(Buffer.from(text));
const secret = (number: number) => new Uint8Array(32).fill(number);

const VECTORS = readFileSync(new URL('./wycheproof-ed25519.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [number, key, text, signature, result] = line.split(' ') as [
      string,
      string,
      string,
      string,
      string,
    ];
    const signed = { key: hex(key), message: hex(text.replace('-', '')), signature: hex(signature) };
    return { number: Number(number), signed, valid: result === 'valid' };
  });

it('constants are multiples of the base point and of a point of order 8', () => {
  const d = Point.CURVE().d;
  const p = Point.Fp.ORDER;
  const entry = (point: InstanceType<typeof Point>) => {
    const { x, y } = point.toAffine();
    const rows = [limbs(x), limbs(y), limbs((((d * x) % p) * y) % p)].map((row) => `[${row.join(', ')}]`);
    return `    Entry {\n        x: ${rows[0]},\n        y: ${rows[1]},\n        t: ${rows[2]},\n    },\n`;
  };
  let base = Point.BASE.multiply(16n).negate();
  let expected = '';
  for (let i = 0; i < 32; i++, base = base.add(Point.BASE)) expected += entry(base);
  expect(constants).toContain(`[Entry; 32] = [\n${expected}];`);
  expected = '';
  let torsion = Point.ZERO;
  for (let i = 0; i < 8; i++, torsion = torsion.add(TORSION)) expected += entry(torsion);
  expect(constants).toContain(`[Entry; 8] = [\n${expected}];`);
  expect(TORSION.double().double().equals(Point.ZERO)).toBe(false);
  expect(torsion.equals(Point.ZERO)).toBe(true);
});

describe("Wycheproof's signatures", () => {
  it('that are valid are accepted', async () => {
    const valid = VECTORS.filter(({ valid }) => valid).map(({ signed }) => signed);
    const keys = (signed: readonly Signed[]) =>
      new Set(signed.map(({ key }) => Buffer.from(key).toString('hex')));
    const circuits: Signed[][] = [[]];
    for (const next of valid) {
      const last = circuits.at(-1)!;
      if (last.length === 4 || keys([...last, next]).size > 3) circuits.push([next]);
      else last.push(next);
    }
    for (const signed of circuits.filter((_, i) => HEAVY || i % 4 === 0))
      await expect(four([...signed, ...signed, ...signed, ...signed].slice(0, 4))).resolves.toBe('accepted');
    expect(valid.length).toBe(87);
  }, 600_000);

  it.each(VECTORS.filter(({ valid }) => !valid).map(({ number, signed }) => [number, signed] as const))(
    'no. %i is invalid and refused',
    async (_, signed) => {
      await expect(one([signed])).rejects.toThrow();
    },
    60_000,
  );
});

describe('signatures of random keys', () => {
  const openssl = ({ key, message, signature }: Signed) => {
    const x = Buffer.from(key).toString('base64url');
    return verify(
      null,
      message,
      createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
      signature,
    );
  };
  const random = (messages: readonly Uint8Array[], seeds: readonly number[]) =>
    messages.map((text, i) => sign(secret(seeds[i]!), text));

  it('are accepted, and refused once a bit of one is another', async () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 303, size: 'max' }), { minLength: 4, maxLength: 4 });
    const seeds = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 });
    const place = fc.record({
      which: fc.nat(3),
      bit: fc.nat(511),
      part: fc.constantFrom('signature', 'message'),
    });
    await fc.assert(
      fc.asyncProperty(messages, seeds, place, async (texts, numbers, { which, bit, part }) => {
        const signed = random(texts, numbers);
        expect(signed.every(openssl)).toBe(true);
        await expect(four(signed)).resolves.toBe('accepted');
        const changed = structuredClone(signed);
        const bytes = changed[which]![part as 'signature' | 'message'];
        if (bytes.length === 0) return;
        bytes[(bit >> 3) % bytes.length]! ^= 1 << (bit & 7);
        expect(changed.every(openssl)).toBe(false);
        await expect(four(changed)).rejects.toThrow();
      }),
      { numRuns: HEAVY ? 20 : 2 },
    );
  }, 300_000);

  it('are refused where two change places', async () => {
    const [a, b, c, d] = random(['a', 'b', 'c', 'd'].map(message), [1, 1, 2, 3]) as [
      Signed,
      Signed,
      Signed,
      Signed,
    ];
    const swapped = [{ ...a, signature: b.signature }, { ...b, signature: a.signature }, c, d];
    await expect(four(swapped)).rejects.toThrow(/the sum of all signatures/);
    await expect(four([a, b, { ...c, key: d.key }, d])).rejects.toThrow(/the sum of all signatures/);
  }, 60_000);

  it('are refused where errors of two would cancel out without weights', async () => {
    const signed = random(['a', 'b', 'c', 'd'].map(message), [1, 2, 2, 3]);
    const [first, second] = signed as [Signed, Signed];
    // one more, one less: no carry
    expect(first.signature[32]).toBeLessThan(255);
    expect(second.signature[32]).toBeGreaterThan(0);
    first.signature[32]! += 1;
    second.signature[32]! -= 1;
    await expect(four(signed)).rejects.toThrow(/the sum of all signatures/);
  }, 60_000);

  it('with parts of small order are accepted exactly where the equation holds without a cofactor', async () => {
    const results = { accepted: 0, refused: 0 };
    for (const [i, [ofKey, ofR]] of [
      [0, 4],
      [1, 0],
      [4, 4],
      [4, 0],
      [2, 6],
      [3, 1],
      [6, 2],
    ].entries()) {
      // for some message or other the parts cancel out
      for (const wanted of [true, false]) {
        let signed: Signed | undefined;
        for (let n = 0; signed === undefined && n < 64; n++) {
          const candidate = signWith(BigInt(1000 + i), ofKey!, BigInt(77 + n), ofR!, message(`${n}`));
          if (openssl(candidate) === wanted) signed = candidate;
        }
        if (signed === undefined) continue;
        expect(torsionOf(Point.fromBytes(signed.key))).toBe(ofKey);
        results[wanted ? 'accepted' : 'refused']++;
        if (wanted) await expect(one([signed])).resolves.toBe('accepted');
        else await expect(one([signed])).rejects.toThrow(/parts of small order/);
      }
    }
    expect(results.accepted).toBeGreaterThanOrEqual(4);
    expect(results.refused).toBeGreaterThanOrEqual(5);
  }, 300_000);

  it('by keys of small order are refused, and so is R of small order', async () => {
    for (let i = 0; i < 8; i++) {
      // R = s B, and no part of it comes from the key
      for (let n = 0; n < 8; n++)
        await expect(one([signWith(0n, i, BigInt(5 + n), 0, message(`${n}`))])).rejects.toThrow();
      await expect(one([signWith(1001n, 0, 0n, i, message('r'))])).rejects.toThrow();
    }
  }, 300_000);
});
