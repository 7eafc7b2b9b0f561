import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../fixed-seed.js';
import { type AccountFilter, matchesFilters } from '../../src/encoding/filters.js';
import { bytesKey } from '../../src/subscriptions/multi-map.js';
import { ProgramIndex } from '../../src/subscriptions/program-index.js';
import type { SubscriptionTo } from '../../src/subscriptions/types.js';
import { account } from './fake-chain.js';

const bytes = (maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength }).map((list) => Uint8Array.from(list));
const filter: fc.Arbitrary<AccountFilter> = fc.oneof(
  fc.record({ kind: fc.constant('dataSize' as const), bytes: fc.nat(4) }),
  fc.record({ kind: fc.constant('memcmp' as const), offset: fc.nat(4), bytes: bytes(2) }),
  fc.constant({ kind: 'tokenAccountState' as const }),
);
const owner = fc.constantFrom(1, 2).map((byte) => new Uint8Array(32).fill(byte));

describe('ProgramIndex', () => {
  it('finds the same as asking every subscription, whatever has come and gone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ owner, filters: fc.array(filter, { maxLength: 4 }), stays: fc.boolean() })),
        fc.array(fc.record({ owner, data: bytes(5) })),
        (topics, accounts) => {
          const index = new ProgramIndex();
          const subscriptions = topics.map(
            ({ owner: program, filters }, id) =>
              ({
                id,
                topic: { kind: 'program', program: bytesKey(program), filters },
              }) as unknown as SubscriptionTo<'program'>,
          );
          for (const one of subscriptions) index.add(one);
          const staying = subscriptions.filter(({ id }) => topics[id]?.stays);
          for (const one of subscriptions) if (!staying.includes(one)) index.delete(one);
          for (const members of accounts) {
            const value = account(1n, members);
            const expected = staying.filter(
              ({ topic }) => topic.program === bytesKey(value.owner) && matchesFilters(value, topic.filters),
            );
            const ids = index.matching(value).map(({ id }) => id);
            expect(ids.sort()).toEqual(expected.map(({ id }) => id).sort());
          }
          for (const one of staying) index.delete(one);
          expect(index.size).toBe(0);
        },
      ),
    );
  });
});
