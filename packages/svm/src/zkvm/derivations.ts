import { createHash } from 'node:crypto';
import { isOnCurve } from '../sbpf/syscalls/is-on-curve.js';
import { pointInput } from './curve-point.js';
import { ZkvmError } from './errors.js';
import { fill } from './fill.js';
import { words } from './words.js';

/** bytes of the seeds: circuits/lib/src/sbpf/addresses.nr */
export const SEED_BYTES = 128;
const ADDRESS_BYTES = 32;
/** places of bytes from one derivation to the next */
export const DERIVATION_STRIDE = 320;
/** what is asked for behind the words of an address: its bump, or whether there is none */
export const ADDRESS_OUTCOME = 4;
const MARKER = 'ProgramDerivedAddress';
const FIRST_BUMP = 255;
const BLOCKS = 3;

/** One hash. */
interface Try {
  derivation: number;
  first: boolean;
  bump: number;
  address: Uint8Array;
  hashedBytes: number;
}

interface Derivation {
  bytes: Uint8Array;
  length: number;
  finds: boolean;
  tries: Try[];
}

/** Addresses that programs derive from seeds, as they ask for them step by step. */
export class Derivations {
  readonly list: Derivation[] = [];

  /** @returns the place of the bytes of a new one */
  begin(): bigint {
    const bytes = new Uint8Array(SEED_BYTES + ADDRESS_BYTES);
    const number = this.list.push({ bytes, length: 0, finds: false, tries: [] }) - 1;
    return BigInt(DERIVATION_STRIDE * number);
  }

  /** @throws {ZkvmError} where seeds are too long */
  put(place: bigint, value: bigint, bytes: number): void {
    const number = Math.floor(Number(place) / DERIVATION_STRIDE);
    const at = Number(place) % DERIVATION_STRIDE;
    const of = this.list[number];
    if (of === undefined || at + bytes > of.bytes.length)
      throw new ZkvmError('NOT_PROVABLE_EXECUTION', `seeds of more than ${SEED_BYTES} bytes are not proved`);
    for (let i = 0; i < bytes; i++) of.bytes[at + i] = Number((value >> BigInt(8 * i)) & 255n);
  }

  /**
   * @param place - of the derivation, and of what is asked for
   * @param length - of the seeds
   * @param finds - whether a bump is sought
   */
  ask(place: bigint, length: number, finds: boolean): { number: number; which: number; answer: bigint } {
    const number = Math.floor(Number(place) / DERIVATION_STRIDE);
    const which = Number(place) % DERIVATION_STRIDE;
    const of = this.list[number]!;
    if (of.tries.length === 0) {
      Object.assign(of, { length, finds });
      of.tries = triesOf(of, number);
    }
    const { address, bump } = of.tries.at(-1)!;
    const answer =
      which < ADDRESS_OUTCOME ? words(address)[which]! : finds ? bump : isOnCurve(address) ? 1 : 0;
    return { number, which, answer: BigInt(answer) };
  }
}

function triesOf({ bytes, length, finds }: Omit<Derivation, 'tries'>, derivation: number): Try[] {
  const tries: Try[] = [];
  for (let bump = finds ? FIRST_BUMP : 0; ; bump--) {
    const hashed = Buffer.concat([
      bytes.subarray(0, length),
      finds ? Uint8Array.of(bump) : new Uint8Array(),
      bytes.subarray(SEED_BYTES),
      Buffer.from(MARKER),
    ]);
    const address = Uint8Array.from(createHash('sha256').update(hashed).digest());
    tries.push({ derivation, first: tries.length === 0, bump, address, hashedBytes: hashed.length });
    if (!finds || !isOnCurve(address)) return tries;
  }
}

/** How many derivations and tries a circuit has room for. */
export interface DerivationCapacity {
  derivations: number;
  tries: number;
}

const NONE: Omit<Derivation, 'tries'> = {
  bytes: new Uint8Array(SEED_BYTES + ADDRESS_BYTES),
  length: 0,
  finds: false,
};

/**
 * `derivations` and `tries` of the circuit's `Derivations`, with one behind each that does not count.
 * @throws {ZkvmError} `CIRCUIT_FULL`
 */
export function derivationInputs({ list }: Derivations, capacity: DerivationCapacity) {
  const tries = list.flatMap((of) => of.tries);
  const unused = (list[0] ?? { tries: triesOf(NONE, 0) }).tries[0]!;
  const none = { ...NONE, tries: [] };
  const lasts = list.map((_, number) => tries.findLastIndex(({ derivation }) => derivation === number));
  return {
    derivations: [...fill('derivations of addresses', list, capacity.derivations, none), none].map(
      ({ bytes, length, finds }, number) => ({
        used: number < list.length,
        seeds: Array.from(bytes.subarray(0, SEED_BYTES), String),
        program: Array.from(bytes.subarray(SEED_BYTES), String),
        length: String(length),
        finds,
        last: String(lasts[number] ?? 0),
      }),
    ),
    tries: [...fill('hashes of addresses', tries, capacity.tries, unused), unused].map(
      ({ derivation, first, bump, address, hashedBytes }) => ({
        derivation: String(derivation),
        first,
        bump: String(bump),
        ends: Array.from({ length: BLOCKS }, (_, block) => block + 1 === Math.ceil((hashedBytes + 9) / 64)),
        point: pointInput(address),
      }),
    ),
  };
}
