import { planTasks } from '@polyproof/aggregator';
import { figure, type Report } from '../report.js';
import { POLICIES } from './policies.js';
import { normal, type Random, seeded } from './random.js';
import { lowerBoundMs, type SimulatedProver, type SimulatedTask, simulate } from './simulation.js';

/** Batches for each prover, in sequences of so many batches. */
const BATCHES_A_PROVER = 32;
const BATCHES_A_SEQUENCE = 16;
const RUNS = 2;
/** of the circuits, rounded: what matters is how they compare */
const GATES: Record<string, number> = { svm_batch: 1_040_000, aggregate: 1_480_000, final: 770_000 };

/** The policy that hands out tasks against simpler ones, on simulated provers that differ, fail, stall and die. */
export async function benchDispatch(): Promise<Report> {
  const figures: Report['figures'] = [];
  for (const count of [4, 16, 64, 256, 1000]) {
    for (const [name, make] of Object.entries(POLICIES)) {
      const outcomes = Array.from({ length: RUNS }, (_, run) => {
        const random = seeded(1_000 * count + run);
        const provers = makeProvers(count, random);
        const tasks = makeTasks(count * BATCHES_A_PROVER);
        const { makespanMs, ...outcome } = simulate(provers, tasks, make(), random);
        return { over: makespanMs / lowerBoundMs(provers, tasks) - 1, ...outcome };
      });
      const worst = (value: (outcome: (typeof outcomes)[number]) => number) =>
        Math.max(...outcomes.map(value));
      const label = `${count} provers, ${name}`;
      figures.push(
        figure(`${label}: above the lower bound`, 100 * worst(({ over }) => over), '%'),
        figure(`${label}: work in vain`, 100 * worst(({ wasted }) => wasted), '%'),
        figure(
          `${label}: longest wait behind later tasks`,
          worst(({ longestBehindMs }) => longestBehindMs) / 1e3,
          's',
        ),
      );
    }
  }
  return { bench: 'dispatch', figures };
}

/** From laptops to large servers; one in twenty fails often, one in fifty dies. */
function makeProvers(count: number, random: Random): SimulatedProver[] {
  return Array.from({ length: count }, (_, i) => {
    const cores = 2 ** (1 + Math.floor(5 * random()));
    return {
      id: `prover-${String(i).padStart(4, '0')}`,
      cores,
      gatesPerSecond: 20_000 * cores * Math.exp(0.4 * normal(random)),
      failureRate: random() < 0.05 ? 0.3 : 0.01,
      diesAt: i > 0 && random() < 0.02 ? 200_000 * random() : Number.POSITIVE_INFINITY,
    };
  });
}

/** Sequences whose batches all wait already, as after an outage. */
function makeTasks(batches: number): SimulatedTask[] {
  const tasks: SimulatedTask[] = [];
  for (let sequence = 1; sequence <= Math.ceil(batches / BATCHES_A_SEQUENCE); sequence++) {
    const lastBatch = BigInt(sequence * BATCHES_A_SEQUENCE);
    const firstBatch = lastBatch - BigInt(BATCHES_A_SEQUENCE) + 1n;
    for (const { id, program, parts } of planTasks({ sequence: BigInt(sequence), firstBatch, lastBatch }))
      tasks.push({ id, sequence, program, gates: GATES[program]!, parts });
  }
  return tasks;
}
