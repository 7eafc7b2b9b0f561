import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { peakMemoryBytes } from './peak-memory.js';

/** How an attempt ended. */
export type AttemptOutcome = 'delivered' | 'failed' | 'cancelled' | 'refused';

/** What a worker's machine is watched by. */
export interface ProverMetrics {
  readonly registry: Registry;
  begun(): void;
  ended(outcome: AttemptOutcome): void;
  proved(program: string, seconds: { witness: number; prove: number }, gates: number): void;
}

export function getProverMetrics(): ProverMetrics {
  const registry = new Registry();
  const registers = [registry];
  const busy = new Gauge({ name: 'polyproof_prover_busy', help: 'Whether it has a task.', registers });
  const tasks = new Counter({
    name: 'polyproof_prover_tasks_total',
    help: 'Tasks that it had, by how they ended.',
    labelNames: ['outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'polyproof_prover_seconds',
    help: 'What its proofs took, by part.',
    labelNames: ['program', 'part'],
    buckets: [0.1, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320],
    registers,
  });
  const speed = new Gauge({
    name: 'polyproof_prover_speed_gates_per_second',
    help: 'At its last proof of a circuit.',
    labelNames: ['program'],
    registers,
  });
  new Gauge({
    name: 'polyproof_prover_peak_memory_bytes',
    help: 'Most memory that it and its bb had.',
    registers,
    collect() {
      this.set(peakMemoryBytes());
    },
  });
  return {
    registry,
    begun: () => busy.set(1),
    ended(outcome) {
      busy.set(0);
      tasks.inc({ outcome });
    },
    proved(program, { witness, prove }, gates) {
      seconds.observe({ program, part: 'witness' }, witness);
      seconds.observe({ program, part: 'proof' }, prove);
      if (witness + prove > 0) speed.set({ program }, gates / (witness + prove));
    },
  };
}
