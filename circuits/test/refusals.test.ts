import { expect, it } from 'vitest';
import { expectedReasons, refusals } from './refusals.js';

/**
 * Refusals that no witness of a circuit meets, and why. Each is one that other code of the library relies on, or that
 * says what is true anyway.
 */
const WITHOUT_LIE: Record<string, string> = {
  'a table of compact data is too large': 'sizes are constants of a circuit',
  'fresh cells are zero': 'they are constants of the circuits that use them',
  'an invocation that no step started': 'the halt only answers behind the last one',
};

/** Each alternative of a regular expression is one; what has groups names no refusals, but columns. */
const alternatives = (expression: RegExp) =>
  /(?<!\\)\(/.test(expression.source)
    ? [expression]
    : expression.source.split('|').map((part) => new RegExp(part));

it('each refusal of the circuits is what a test expects of some lie, by a name that no other refusal has', () => {
  const texts = [...refusals().keys()];
  const named = new Set<string>();
  for (const reason of expectedReasons())
    for (const part of alternatives(reason)) {
      const matched = texts.filter((text) => part.test(text));
      const exact = matched.filter((text) => text === part.source);
      if (exact.length === 1 || matched.length === 1) named.add((exact[0] ?? matched[0])!);
    }
  expect(texts.filter((text) => !named.has(text)).sort()).toEqual(Object.keys(WITHOUT_LIE).sort());
});
