import { FIELD_MODULUS } from '@polyproof/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  proverFromPublicInputs,
  type Statement,
  statementFromPublicInputs,
  statementToCircuit,
  statementToPublicInputs,
} from '../src/index.js';

const NAMES = [
  'prevStateRoot',
  'newStateRoot',
  'prevDataHash',
  'newDataHash',
  'firstBatch',
  'lastBatch',
  'exitRoot',
  'configHash',
  'keySetRoot',
] as const;
const fields = fc.array(fc.bigInt({ min: 0n, max: FIELD_MODULUS - 1n }), { minLength: 9, maxLength: 9 });

it('a statement survives the way through public inputs, in the circuits order', () => {
  fc.assert(
    fc.property(fields, (values) => {
      const statement = Object.fromEntries(NAMES.map((name, i) => [name, values[i]])) as unknown as Statement;
      const publicInputs = statementToPublicInputs(statement);
      expect(publicInputs.map(BigInt)).toEqual(values);
      expect(statementFromPublicInputs(publicInputs)).toEqual(statement);
      expect(Object.values(statementToCircuit(statement))).toEqual(publicInputs);
    }),
  );
});

it('behind the statement of a final proof stands its prover', () => {
  const statement = Object.fromEntries(NAMES.map((name, i) => [name, BigInt(i)])) as unknown as Statement;
  const publicInputs = statementToPublicInputs(statement, 77n);
  expect(publicInputs).toHaveLength(10);
  expect(statementFromPublicInputs(publicInputs)).toEqual(statement);
  expect(proverFromPublicInputs(publicInputs)).toBe(77n);
  expect(proverFromPublicInputs(publicInputs.slice(0, 9))).toBe(0n);
});

it('another number of public inputs is refused', () => {
  expect(() => statementFromPublicInputs(['0x00'])).toThrow(/has 9 public inputs, .* got 1/);
});
