import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  BLOCKHASH,
  engineTransaction,
  type Instruction,
  readonly,
  writable,
} from '../support/engine-transactions.js';
import { expectSameTrace } from '../support/expect-same-trace.js';
import * as world from '../support/token-world.js';
import { TracedLitesvm } from '../support/traced-litesvm.js';

const machine = new TracedLitesvm();
afterAll(() => machine.close());
beforeEach(reset);

function reset(): void {
  for (const [address, account] of world.tokenWorld()) machine.set(address, account);
}

const run = (...instructions: Instruction[]) =>
  expectSameTrace(
    machine,
    engineTransaction({
      signers: ['payer', 'owner', 'delegate', 'other'],
      instructions,
      blockhash: BLOCKHASH,
    }),
  );

describe('p-token', () => {
  it.each(world.tokenInstructions())('executes $name', ({ instruction, name }) => {
    const { status, error, executions } = run(instruction);
    // It is frozen already.
    const fails = name === 'freezeAccount';
    expect([status, error === undefined]).toEqual([fails ? 'failed' : 'ok', !fails]);
    if (name === 'transfer without a delegate') expect(executions[0]!.trace!.steps).toBe(76);
  });

  it.each(world.tokenInstructions())('refuses $name as litesvm does', ({ instruction }) => {
    const { accounts, data } = instruction;
    const variants: Instruction[] = [
      ...accounts.map((_, index) => ({ ...instruction, accounts: accounts.toSpliced(index, 1) })),
      ...accounts.map((meta, index) => ({
        ...instruction,
        accounts: accounts.with(index, { key: meta.key, writable: meta.writable === true }),
      })),
      ...accounts.map((meta, index) => ({
        ...instruction,
        accounts: accounts.with(index, { key: meta.key, signer: meta.signer === true }),
      })),
      ...accounts.flatMap((_, index) =>
        [world.B, world.FROZEN, world.NATIVE, world.MINT, world.NEW, world.OTHER].map((key) => ({
          ...instruction,
          accounts: accounts.with(index, { ...accounts[index]!, key }),
        })),
      ),
      ...Array.from({ length: Math.min(data.length, 12) }, (_, length) => ({
        ...instruction,
        data: data.subarray(0, length),
      })),
      { ...instruction, data: data.map((byte, index) => (index === 0 ? byte : 0xff)) },
    ];
    const statuses = variants.map((variant) => {
      reset();
      return run(variant).status;
    });
    expect(statuses).toContain('failed');
  });

  it('executes several instructions of a transaction on what the ones before left', () => {
    const named = new Map(world.tokenInstructions().map(({ name, instruction }) => [name, instruction]));
    const transfer = named.get('transfer')!;
    const { executions, status } = run(named.get('mintTo')!, transfer, transfer, named.get('burn')!);
    expect([status, executions.length]).toEqual(['ok', 4]);
    // The last one fails: nothing of the others stays.
    const frozen: Instruction = {
      ...transfer,
      accounts: [writable(world.FROZEN), writable(world.B), readonly(world.OWNER)],
    };
    expect(run(transfer, frozen).status).toBe('failed');
  });
});
