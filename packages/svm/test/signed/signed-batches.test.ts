import { initHashing, MemoryNodeStore, StateTree } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BATCH_CIRCUITS,
  BatchBudget,
  type BatchItem,
  type BatchWitness,
  checkSignatures,
  encodeMessage,
  encodeProvedData,
  SIGNATURE_LIMITS,
  signatureCircuitInputs,
  systemAccount,
} from '../../src/index.js';
import { signedCircuits } from '../../src/signed/signed-circuits.js';
import { measureTransaction } from '../../src/zkvm/measure.js';
import { callsMessage, pay } from '../calls.js';
import { COLLECTOR, SOL } from '../helpers.js';
import { address } from '../wire.js';

beforeAll(initHashing);

/** A transaction in which each of these accounts pays something, and so signs. */
const item = (from: readonly string[], to: string): BatchItem => {
  const { message } = callsMessage(
    from[0]!,
    from.map((payer) => pay(payer, to, 1n)),
    new Uint8Array(32),
  );
  return { ...measureTransaction(message, () => systemAccount(SOL)), message };
};
const budget = () => {
  const tree = new StateTree(new MemoryNodeStore(), 0n);
  return new BatchBudget({ collector: address(COLLECTOR), circuits: signedCircuits() }, { tree });
};
/** As many as fit, one after the other. */
function filled(next: (i: number) => BatchItem): { items: BatchItem[]; exceeded: string | undefined } {
  const room = budget();
  const items: BatchItem[] = [];
  for (;;) {
    const one = next(items.length);
    const exceeded = room.exceeded([one]);
    if (exceeded !== undefined) return { items, exceeded };
    room.add([one]);
    items.push(one);
  }
}
const witnessOf = (items: readonly BatchItem[]) =>
  ({
    batchNumber: 1n,
    prevDataHash: 0n,
    newDataHash: 0n,
    data: encodeProvedData([items.map(({ message }) => encodeMessage(message))], []),
    signatures: items.map(({ message }) =>
      Array.from({ length: message.header.numRequiredSignatures }, () => new Uint8Array(64)),
    ),
  }) as unknown as BatchWitness;

describe('a batch whose signatures are proved', () => {
  it('has no more room than the circuit of signatures, nor than a batch circuit', () => {
    const names = Object.keys(BATCH_CIRCUITS) as (keyof typeof BATCH_CIRCUITS)[];
    signedCircuits().forEach((room, i) => {
      for (const [limit, most] of Object.entries(SIGNATURE_LIMITS))
        expect(room[limit as 'keys']).toBeLessThanOrEqual(most);
      for (const [limit, most] of Object.entries(BATCH_CIRCUITS[names[i]!]))
        expect(room[limit as 'rows']).toBeLessThanOrEqual(most);
    });
  });

  it.each([
    ['keys', (i: number) => item([`payer ${i}`], `payer ${i + 1}`)],
    ['hashBlocks', (i: number) => item([`payer ${i % 3}`, 'a second one'], 'bob')],
    ['transactions', (i: number) => item([`payer ${i % 3}`], 'bob')],
  ])('is full when it has no room for more %s, and what fits is proved by one proof', (limit, next) => {
    const { items, exceeded } = filled(next);
    expect(exceeded).toBe(limit);
    expect(items.length).toBeGreaterThan(3);
    const { batch } = signatureCircuitInputs(witnessOf(items));
    expect(batch.signatures).toHaveLength(SIGNATURE_LIMITS.signatures);
    const more = witnessOf([...items, next(items.length)]);
    expect(() => signatureCircuitInputs(more)).toThrow(expect.objectContaining({ code: 'CIRCUIT_FULL' }));
  });

  it('holds no transaction that alone needs more signatures than there is room for', () => {
    const many = Array.from({ length: SIGNATURE_LIMITS.keys + 1 }, (_, i) => `payer ${i}`);
    expect(budget().exceeded([item(many.slice(0, 5), 'bob')])).toBeUndefined();
    expect(budget().exceeded([item(many, 'bob')])).toBeDefined();
  });
});

it('checkSignatures names the transaction whose signature is missing or wrong', () => {
  const witness = witnessOf([item(['alice'], 'bob')]);
  const refused = expect.objectContaining({
    code: 'WRONG_SIGNATURES',
    details: { batchNumber: 1n, transaction: 0 },
  });
  expect(() => checkSignatures(witness)).toThrow(refused);
  expect(() => checkSignatures({ ...witness, signatures: [] })).toThrow(refused);
});
