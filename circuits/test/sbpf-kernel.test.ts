import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { kernelSource } from '../../packages/svm/src/zkvm/kernel-source.js';

it('the circuit has the kernel that TypeScript assembles', () => {
  const file = fileURLToPath(new URL('../lib/src/sbpf/kernel.nr', import.meta.url));
  expect(readFileSync(file, 'utf8')).toBe(kernelSource());
});
