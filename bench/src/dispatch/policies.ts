import { type Assignment, dispatch, type Snapshot } from '@polyproof/aggregator';
import type { Random } from './random.js';
import type { Policy } from './simulation.js';

/** Gives each idle prover, in the order given, the next ready task. */
function inOrder(idle: Snapshot['provers'], ready: Snapshot['ready']): Assignment[] {
  return idle.slice(0, ready.length).map(({ id }, i) => ({ prover: id, task: ready[i]!.id, copy: false }));
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

/** Round-robin needs to remember whose turn it is. */
function roundRobin(): Policy {
  let last = '';
  return ({ provers, ready }) => {
    const idle = provers.filter((prover) => prover.idle);
    const behind = idle.findIndex(({ id }) => id > last);
    const turn = behind < 0 ? idle : [...idle.slice(behind), ...idle.slice(0, behind)];
    const assignments = inOrder(turn, ready);
    last = assignments.at(-1)?.prover ?? last;
    return assignments;
  };
}

/** Each made anew for each run. */
export const POLICIES: Record<string, () => Policy> = {
  dispatch: () => dispatch,
  random: () => (snapshot, random) =>
    inOrder(
      snapshot.provers.filter((prover) => prover.idle),
      shuffled(snapshot.ready, random),
    ),
  'round-robin': roundRobin,
  'fastest first': () => (snapshot) =>
    inOrder(
      snapshot.provers
        .filter((prover) => prover.idle)
        .map((prover) => ({ prover, ms: prover.expectedMs(snapshot.ready[0]?.program ?? 'svm_batch')! }))
        .sort((a, b) => a.ms - b.ms)
        .map(({ prover }) => prover),
      snapshot.ready,
    ),
};
