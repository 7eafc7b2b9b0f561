import { createHash } from 'node:crypto';
import { concatBytes, u64le } from '@polyproof/base';
import { decodeBase58, rentExemptMinimum } from '../../src/index.js';
import {
  address,
  type Instruction,
  payer,
  readonly,
  SYSTEM,
  signing,
  writable,
} from './engine-transactions.js';

/** Instructions of the upgradeable loader and small programs to deploy with them. */

export const LOADER = decodeBase58('BPFLoaderUpgradeab1e11111111111111111111111');
const RENT = decodeBase58('SysvarRent111111111111111111111111111111111');
const CLOCK = decodeBase58('SysvarC1ock11111111111111111111111111111111');

/** `name` is that of a signer: the program's address is its public key. */
export function programdata(program: Uint8Array): Uint8Array {
  for (let bump = 255; bump >= 0; bump--) {
    const candidate = createHash('sha256')
      .update(concatBytes(program, Uint8Array.of(bump), LOADER, Buffer.from('ProgramDerivedAddress')))
      .digest();
    if (!isOnCurve(candidate)) return Uint8Array.from(candidate);
  }
  throw new Error('no program-derived address');
}

const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

function isOnCurve(bytes: Uint8Array): boolean {
  const le = Uint8Array.from(bytes).reverse();
  le[0]! &= 0x7f;
  const y = BigInt(`0x${Buffer.from(le).toString('hex')}`) % P;
  const y2 = (y * y) % P;
  const u = (y2 - 1n + P) % P;
  const v = (D * y2 + 1n) % P;
  const x2 = (u * power(v, P - 2n)) % P;
  return x2 === 0n || power(x2, (P - 1n) / 2n) === 1n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base % P, e = exponent; e > 0n; e >>= 1n, b = (b * b) % P)
    if (e & 1n) result = (result * b) % P;
  return result;
}

const u32 = (value: number) => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);

function createAccount(
  from: string,
  created: string,
  lamports: bigint,
  space: number,
  owner: Uint8Array,
): Instruction {
  return {
    program: SYSTEM,
    accounts: [payer(address(from)), payer(address(created))],
    data: concatBytes(u32(0), u64le(lamports), u64le(BigInt(space)), owner),
  };
}

export { createAccount };

/** One transaction's instructions each: create and fill a buffer, then deploy. `from` pays and is the authority. */
export function deployment(from: string, buffer: string, program: string, elf: Uint8Array): Instruction[][] {
  const rent = (bytes: number) => rentExemptMinimum(bytes);
  const authority = address(from);
  const CHUNK = 900;
  const writes = Array.from({ length: Math.ceil(elf.length / CHUNK) }, (_, index): Instruction[] => {
    const chunk = elf.subarray(index * CHUNK, (index + 1) * CHUNK);
    return [
      {
        program: LOADER,
        accounts: [writable(address(buffer)), signing(authority)],
        data: concatBytes(u32(1), u32(index * CHUNK), u64le(BigInt(chunk.length)), chunk),
      },
    ];
  });
  return [
    [
      createAccount(from, buffer, rent(37 + elf.length), 37 + elf.length, LOADER),
      { program: LOADER, accounts: [writable(address(buffer)), readonly(authority)], data: u32(0) },
    ],
    ...writes,
    [
      createAccount(from, program, rent(36), 36, LOADER),
      {
        program: LOADER,
        accounts: [
          payer(authority),
          writable(programdata(address(program))),
          writable(address(program)),
          writable(address(buffer)),
          readonly(RENT),
          readonly(CLOCK),
          readonly(SYSTEM),
          signing(authority),
        ],
        data: concatBytes(u32(2), u64le(BigInt(elf.length))),
      },
    ],
  ];
}

/** Closes the program's code account; what is in it goes to the authority. */
export function closeProgram(authority: string, program: string): Instruction {
  return {
    program: LOADER,
    accounts: [
      writable(programdata(address(program))),
      writable(address(authority)),
      signing(address(authority)),
      writable(address(program)),
    ],
    data: u32(5),
  };
}

/** Replaces the program's code by that of a buffer. */
export function upgradeProgram(authority: string, buffer: string, program: string): Instruction {
  return {
    program: LOADER,
    accounts: [
      writable(programdata(address(program))),
      writable(address(program)),
      writable(address(buffer)),
      writable(address(authority)),
      readonly(RENT),
      readonly(CLOCK),
      signing(address(authority)),
    ],
    data: u32(3),
  };
}

/** An sBPF version 3 program out of instruction words (SIMD-0189, SIMD-0178): one executable segment. */
function assemble(...instructions: bigint[]): Uint8Array {
  const CODE_AT = 64 + 56;
  const out = Buffer.alloc(CODE_AT + 8 * instructions.length);
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0], 0);
  out.writeUInt16LE(3, 16); // shared object
  out.writeUInt16LE(247, 18); // BPF
  out.writeUInt32LE(1, 20);
  out.writeBigUInt64LE(1n << 32n, 24); // entry
  out.writeBigUInt64LE(64n, 32); // program headers
  out.writeUInt32LE(3, 48); // sBPF version
  out.writeUInt16LE(64, 52);
  out.writeUInt16LE(56, 54);
  out.writeUInt16LE(1, 56);
  out.writeUInt32LE(1, 64); // loadable
  out.writeUInt32LE(1, 68); // executable
  out.writeBigUInt64LE(BigInt(CODE_AT), 72);
  out.writeBigUInt64LE(1n << 32n, 80);
  out.writeBigUInt64LE(1n << 32n, 88);
  out.writeBigUInt64LE(BigInt(8 * instructions.length), 96);
  out.writeBigUInt64LE(BigInt(8 * instructions.length), 104);
  instructions.forEach((word, index) => {
    out.writeBigUInt64LE(word, CODE_AT + 8 * index);
  });
  return out;
}

const EXIT = 0x95n;
/** mov64 r0, immediate */
const mov0 = (value: bigint) => 0xb7n | (value << 32n);
/** jump to itself */
const LOOP = 0x05n | (0xffffn << 16n);

/** Returns this number: 0 is success. */
export const returning = (value: bigint) => assemble(mov0(value), EXIT);
export const endlessLoop = () => assemble(mov0(0n), LOOP, EXIT);
