import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TESTED_APART } from './lying-hints.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** What the library's circuits say where they refuse a witness, with the files that say it. */
export function refusals(library = join(here, '../lib/src')): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of readdirSync(library, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.nr') || TESTED_APART.test(file)) continue;
    const source = readFileSync(join(library, file), 'utf8').replaceAll(/\/\/.*/g, '');
    for (const call of callsOf(source)) {
      const text = /"([^"]*)"[\s,]*$/.exec(call)?.[1];
      if (text === undefined) continue;
      found.set(text, (found.get(text) ?? new Set()).add(file));
    }
  }
  return found;
}

/** Arguments of assertions. Those that are decided when a circuit is compiled are not among them. */
function* callsOf(source: string): Generator<string> {
  for (const { 0: name, index } of source.matchAll(/(?<!static_)\bassert(?:_(?:not_)?zero)?\(/g)) {
    const start = index + name.length;
    let depth = 1;
    let quoted = false;
    let at = start;
    for (; depth > 0; at++) {
      if (source[at] === '"') quoted = !quoted;
      else if (!quoted) depth += source[at] === '(' ? 1 : source[at] === ')' ? -1 : 0;
    }
    yield source.slice(start, at - 1);
  }
}

/** A regular expression as a value: an argument, or what a field or constant is. */
const REASON = /(?<=[(,:=[]\s*)\/(?![/*])((?:\\.|[^/\\\n])+)\/(?=\s*[,)\]};])/g;

/** Regular expressions in the circuits' tests: what they expect a circuit to say. */
export function expectedReasons(): RegExp[] {
  return readdirSync(here)
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(join(here, file), 'utf8').matchAll(REASON)])
    .map(([, pattern]) => new RegExp(pattern!));
}
