import type { Account } from '@polyproof/state';
import { type AccountFilter, matchesFilters } from '../encoding/filters.js';
import { bytesKey, MultiMap } from './multi-map.js';
import type { SubscriptionTo } from './types.js';

type ProgramSubscription = SubscriptionTo<'program'>;

/** Where to look in an account, and what is to be there: subscribers that look at the same place cost one look. */
export interface Probe {
  /** the same for the same place */
  place: string;
  value: string;
  read(data: Uint8Array): string | undefined;
}

interface Place {
  read: Probe['read'];
  byValue: MultiMap<ProgramSubscription>;
}

/** Subscriptions to the accounts of programs, by what their filters ask for. */
export class ProgramIndex {
  readonly #programs = new Map<string, Map<string, Place>>();

  get size(): number {
    return this.#programs.size;
  }

  /** Different places in the accounts of a program that have to be looked at. */
  places(program: string): ReadonlySet<string> {
    return new Set(this.#programs.get(program)?.keys());
  }

  add(subscription: ProgramSubscription): void {
    const { program, filters } = subscription.topic;
    const probe = probeOf(filters);
    const places = this.#programs.get(program) ?? new Map<string, Place>();
    this.#programs.set(program, places);
    const place = places.get(probe.place) ?? { read: probe.read, byValue: new MultiMap() };
    places.set(probe.place, place);
    place.byValue.add(probe.value, subscription);
  }

  delete(subscription: ProgramSubscription): void {
    const { program, filters } = subscription.topic;
    const probe = probeOf(filters);
    const places = this.#programs.get(program);
    const place = places?.get(probe.place);
    place?.byValue.delete(probe.value, subscription);
    if (place?.byValue.size === 0) places?.delete(probe.place);
    if (places?.size === 0) this.#programs.delete(program);
  }

  /** The subscriptions whose filters an account meets. */
  matching(account: Account): ProgramSubscription[] {
    if (this.#programs.size === 0) return [];
    const places = this.#programs.get(bytesKey(account.owner));
    if (places === undefined) return [];
    const found: ProgramSubscription[] = [];
    for (const { read, byValue } of places.values()) {
      const value = read(account.data);
      if (value === undefined) continue;
      for (const one of byValue.get(value) ?? [])
        if (matchesFilters(account, one.topic.filters)) found.push(one);
    }
    return found;
  }
}

/** The place that tells most accounts apart: compared bytes before sizes, which many accounts share. */
export function probeOf(filters: readonly AccountFilter[]): Probe {
  let bySize: Probe | undefined;
  for (const filter of filters) {
    if (filter.kind === 'memcmp') {
      const { offset, bytes } = filter;
      const end = offset + bytes.length;
      return {
        place: `${offset}+${bytes.length}`,
        value: bytesKey(bytes),
        read: (data) => (end <= data.length ? bytesKey(data.subarray(offset, end)) : undefined),
      };
    }
    if (filter.kind === 'dataSize')
      bySize = { place: 'size', value: `${filter.bytes}`, read: (data) => `${data.length}` };
  }
  return bySize ?? { place: 'any', value: '', read: () => '' };
}
