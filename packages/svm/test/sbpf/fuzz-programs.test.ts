import { afterAll, describe, expect, it } from 'vitest';
import { systemAccount } from '../../src/index.js';
import { assemble } from '../../src/sbpf/assemble.js';
import { elfV0, elfV3 } from '../support/elf-files.js';
import { address, BLOCKHASH, engineTransaction, SOL, writable } from '../support/engine-transactions.js';
import { expectSameTrace } from '../support/expect-same-trace.js';
import { fuzz, fuzzBudget } from '../support/fuzz-budget.js';
import { Random } from '../support/random.js';
import { randomProgram } from '../support/random-program.js';
import { TracedLitesvm } from '../support/traced-litesvm.js';

const machine = new TracedLitesvm();
afterAll(() => machine.close());
const PROGRAM = address('program');
machine.set(address('payer'), systemAccount(1_000_000n * SOL));
machine.set(address('account'), systemAccount(SOL));

describe('random programs', () => {
  it('do the same in litesvm and in the tracer', { timeout: 3_600_000 }, () => {
    const outcomes = new Map<string, number>();
    fuzz(fuzzBudget(8_000), (seed) => {
      const random = new Random(seed);
      const version = random.pick([0, 3] as const);
      const assembly = assemble(randomProgram(random, version), version);
      machine.deploy(PROGRAM, version === 0 ? elfV0(assembly) : elfV3(assembly));
      const { status, executions } = expectSameTrace(
        machine,
        engineTransaction({
          signers: ['payer'],
          blockhash: BLOCKHASH,
          instructions: [
            {
              program: PROGRAM,
              accounts: [writable(address('account'))],
              data: random.bytes(random.below(40)),
            },
          ],
        }),
      );
      const { result } = executions[0]!;
      const outcome = result.kind === 'fault' ? result.fault.code : status;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    });
    if (process.env.FUZZ_CASES === undefined)
      for (const outcome of ['ok', 'failed', 'ACCESS_VIOLATION', 'DIVIDE_BY_ZERO', 'SYSCALL'])
        expect([outcome, (outcomes.get(outcome) ?? 0) > 20]).toEqual([outcome, true]);
  });
});
