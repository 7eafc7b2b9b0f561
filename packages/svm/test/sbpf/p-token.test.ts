import { afterAll, describe, expect, it } from 'vitest';
import { systemAccount } from '../../src/index.js';
import {
  address,
  BLOCKHASH,
  engineTransaction,
  type Instruction,
  mintAccount,
  SOL,
  tokenAccount,
  tokenTransfer,
} from '../support/engine-transactions.js';
import { expectSameTrace } from '../support/expect-same-trace.js';
import { TracedLitesvm } from '../support/traced-litesvm.js';

const machine = new TracedLitesvm();
afterAll(() => machine.close());
const MINT = address('mint');
const A = address('a token');
const B = address('b token');
const OWNER = address('owner');

function reset(): void {
  for (const name of ['payer', 'owner', 'other']) machine.set(address(name), systemAccount(10n * SOL));
  machine.set(MINT, mintAccount(OWNER, 1_000_000n, 6));
  machine.set(A, tokenAccount(MINT, OWNER, 1_000n));
  machine.set(B, tokenAccount(MINT, address('other'), 500n));
}

const run = (...instructions: Instruction[]) =>
  expectSameTrace(
    machine,
    engineTransaction({ signers: ['payer', 'owner'], instructions, blockhash: BLOCKHASH }),
  );

describe('p-token', () => {
  it('transfers', () => {
    reset();
    const traced = run(tokenTransfer(A, B, OWNER, 77n));
    expect(traced.status).toBe('ok');
    expect(traced.executions[0]!.trace!.steps).toBe(76);
  });
  it('fails with insufficient funds', () => {
    reset();
    const traced = run(tokenTransfer(A, B, OWNER, 7_777n));
    expect(traced.status).toBe('failed');
  });
});
