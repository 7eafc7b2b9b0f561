/**
 * The one place that knows how tools which hold the Ignition SRS's [tau]_2 as a constant are made to verify
 * proofs of the development SRS. With the Ignition SRS nothing is changed.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '@polyproof/base';
import { ProofError } from '../errors.js';
import { DEVELOPMENT_G2, IGNITION_G2 } from './g2.js';
import type { Srs } from './resolve.js';

/**
 * The bb to run for an SRS. bb 5.0.0 ignores `bn254_g2.dat` and verifies with a 128-byte constant that occurs
 * once in its binary: for the development SRS a copy with that constant replaced is kept beside the points.
 */
export function bbFor(srs: Srs, binary: string): string {
  if (srs.kind === 'ignition') return binary;
  const copy = join(srs.directory, 'bb');
  if (existsSync(copy)) return copy;
  const bytes = readFileSync(binary);
  const at = bytes.indexOf(IGNITION_G2);
  if (at < 0 || bytes.indexOf(IGNITION_G2, at + 1) >= 0)
    throw new ProofError(
      'BB_UNSUPPORTED',
      `${binary} does not hold the SRS constant exactly once: the development SRS works with @aztec/bb.js 5.0.0.`,
    );
  bytes.set(DEVELOPMENT_G2, at);
  const temporary = `${copy}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes, { mode: 0o755 });
  renameSync(temporary, copy);
  return copy;
}

/** A Solidity verifier for an SRS: its four G2 constants are replaced for the development SRS. */
export function solidityVerifierFor(srs: Srs, source: string): string {
  if (srs.kind === 'ignition') return source;
  let replaced = 0;
  let patched = source;
  for (let offset = 0; offset < IGNITION_G2.length; offset += 32) {
    const digits = toHex(IGNITION_G2.subarray(offset, offset + 32))
      .slice(2)
      .replace(/^0+/, '');
    patched = patched.replace(new RegExp(`0x0*${digits}`, 'gi'), () => {
      replaced += 1;
      return toHex(DEVELOPMENT_G2.subarray(offset, offset + 32));
    });
  }
  if (replaced !== 4)
    throw new ProofError(
      'BB_UNSUPPORTED',
      `the Solidity verifier holds ${replaced} instead of 4 SRS constants: the development SRS works with ` +
        '@aztec/bb.js 5.0.0.',
    );
  return patched;
}
