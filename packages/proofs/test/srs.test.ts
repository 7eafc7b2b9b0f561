import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import { bytesToBigInt, silentLogger } from '@polyproof/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packagedBb } from '../src/bb.js';
import { checkSrs } from '../src/srs/check.js';
import { writeDevelopmentSrs } from '../src/srs/development.js';
import { DEVELOPMENT_G2, IGNITION_G2 } from '../src/srs/g2.js';
import { bbFor, solidityVerifierFor } from '../src/srs/patch.js';
import { POINT_BYTES } from '../src/srs/points.js';
import { assertAllowed, resolveSrs } from '../src/srs/resolve.js';

const directory = mkdtempSync(join(tmpdir(), 'polyproof-srs-'));
const file = join(directory, 'g1.dat');
// more than one chain of doublings, and not a multiple of its length
const POINTS = 5_000;

beforeAll(() => writeDevelopmentSrs(file, POINTS));
afterAll(() => rmSync(directory, { recursive: true }));

describe('development SRS', () => {
  it('holds the powers of its tau', () => {
    expect(statSync(file).size).toBe(POINTS * POINT_BYTES);
    expect(() => checkSrs(file, DEVELOPMENT_G2)).not.toThrow();
  });

  it('goes on from one chain of doublings to the next', () => {
    const bytes = readFileSync(file);
    for (const index of [2047, 4095]) {
      const point = (at: number) => {
        const [x, y] = [0, 32].map((o) => bytes.subarray(at * POINT_BYTES + o, at * POINT_BYTES + o + 32));
        return bn254.G1.Point.fromAffine({ x: bytesToBigInt(x!), y: bytesToBigInt(y!) });
      };
      expect(
        point(index)
          .double()
          .equals(point(index + 1)),
      ).toBe(true);
    }
  });

  it('is not the Ignition SRS', () => {
    expect(() => checkSrs(file, IGNITION_G2)).toThrow(/not powers of the expected tau/);
  });

  it('is refused when a point is not on the curve', () => {
    const damaged = join(directory, 'damaged.dat');
    const bytes = readFileSync(file);
    for (let at = POINT_BYTES; at < bytes.length; at += POINT_BYTES) bytes[at + 63]! ^= 1;
    writeFileSync(damaged, bytes);
    expect(() => checkSrs(damaged, DEVELOPMENT_G2)).toThrow(/bad point/);
  });

  it('is allowed on the local chain only', async () => {
    expect(() => assertAllowed('development', 31337)).not.toThrow();
    expect(() => assertAllowed('development', 1)).toThrow(/refused for chain 1 /);
    const options = {
      directory: join(directory, 'none'),
      points: 2,
      chainId: 1,
      source: 'development' as const,
    };
    await expect(resolveSrs(options, { logger: silentLogger })).rejects.toMatchObject({
      code: 'SRS_NOT_ALLOWED',
    });
  });

  it('names what to do when Ignition is demanded and cannot be had', async () => {
    const options = {
      directory: join(directory, 'none'),
      points: 2 ** 30,
      chainId: 31337,
      source: 'ignition' as const,
    };
    const offline = { ...globalThis, fetch: () => Promise.reject(new TypeError('no network')) };
    const original = globalThis.fetch;
    globalThis.fetch = offline.fetch as typeof fetch;
    try {
      await expect(resolveSrs(options, { logger: silentLogger })).rejects.toMatchObject({
        code: 'SRS_UNAVAILABLE',
      });
    } finally {
      globalThis.fetch = original;
    }
  });
});

describe('tools that hold the Ignition constant', () => {
  it('are used as they are with the Ignition SRS', () => {
    expect(bbFor({ kind: 'ignition', directory }, '/bin/bb')).toBe('/bin/bb');
    expect(solidityVerifierFor({ kind: 'ignition', directory }, 'source')).toBe('source');
  });

  it('a copy of bb differs in the constant alone', () => {
    const original = readFileSync(packagedBb());
    const copy = readFileSync(bbFor({ kind: 'development', directory }, packagedBb()));
    const at = original.indexOf(IGNITION_G2);
    expect(copy.subarray(at, at + 128).equals(Buffer.from(DEVELOPMENT_G2))).toBe(true);
    copy.set(IGNITION_G2, at);
    expect(copy.equals(original)).toBe(true);
  });

  it('a verifier without the constants is refused', () => {
    expect(() => solidityVerifierFor({ kind: 'development', directory }, 'contract HonkVerifier {}')).toThrow(
      /0 instead of 4 SRS constants/,
    );
  });
});
