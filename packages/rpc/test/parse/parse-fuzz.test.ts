import '../fixed-seed.js';
import { decodeBase58 } from '@polyproof/svm';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { parseAccount } from '../../src/parse/parse-account.js';
import { parseInstruction } from '../../src/parse/parse-instruction.js';
import * as programs from '../../src/parse/program-ids.js';
import { stringifyJson } from '../../src/server/json.js';
import { text } from './instructions.js';

const ids = Object.values(programs).filter((value) => typeof value === 'string');
const SYSVARS = [
  'SysvarC1ock11111111111111111111111111111111',
  'SysvarEpochSchedu1e111111111111111111111111',
  'SysvarRent111111111111111111111111111111111',
  'SysvarRecentB1ockHashes11111111111111111111',
  'SysvarS1otHashes111111111111111111111111111',
  'SysvarStakeHistory1111111111111111111111111',
  'SysvarLastRestartS1ot1111111111111111111111',
];
const accounts = Array.from({ length: 12 }, (_, i) => text(i + 1));

/** Bytes with a start that gets past the first checks more often than chance. */
const instructionData = fc
  .tuple(
    fc.oneof(
      fc.constant<number[]>([]),
      fc.tuple(fc.nat(46)),
      fc.tuple(fc.nat(46), fc.nat(6)),
      fc.tuple(fc.nat(13), fc.constant(0), fc.constant(0), fc.constant(0)),
      fc.constant([255]),
    ),
    fc.uint8Array({ maxLength: 200 }),
  )
  .map(([start, rest]) => Uint8Array.from([...start, ...rest]));

describe('parsers never throw', () => {
  it('on instructions', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ids),
        instructionData,
        fc.nat(accounts.length),
        (program, data, count) => {
          stringifyJson(parseInstruction(program, accounts.slice(0, count), data) ?? null);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('on accounts', () => {
    const size = fc.constantFrom(
      0,
      17,
      24,
      33,
      36,
      40,
      45,
      56,
      80,
      82,
      88,
      165,
      166,
      170,
      200,
      300,
      355,
      500,
    );
    const data = size.chain((length) =>
      fc.tuple(
        fc.uint8Array({ minLength: length, maxLength: length }),
        // What decides about the kind of an account.
        fc.array(fc.tuple(fc.constantFrom(0, 4, 45, 46, 72, 108, 109, 129, 165, 166, 168), fc.nat(28)), {
          maxLength: 11,
        }),
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...ids),
        fc.constantFrom(...SYSVARS),
        data,
        fc.boolean(),
        (owner, address, [bytes, patches], zeros) => {
          const data = zeros ? new Uint8Array(bytes.length) : Uint8Array.from(bytes);
          for (const [at, value] of patches) if (at < data.length) data[at] = value;
          const account = {
            lamports: 1n,
            data,
            owner: decodeBase58(owner),
            executable: false,
            rentEpoch: 0n,
          };
          // Whatever a mint is asked for, it is the account itself: as good as any.
          const bank = { getAccount: () => account, unixTimestamp: 1_700_000_000n };
          stringifyJson(parseAccount(decodeBase58(address), account, bank) ?? null);
        },
      ),
      { numRuns: 20_000 },
    );
  });
});
