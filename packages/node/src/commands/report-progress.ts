import type { TaskEvent } from '@polyproof/aggregator';
import type { Devnet } from '../devnet.js';
import type { Progress } from '../terminal/progress.js';

/** Shows what the aggregator and its provers do. */
export function reportProgress(devnet: Devnet, progress: Progress): void {
  const { events } = devnet.aggregator;
  const name = ({ prover, kind, label }: TaskEvent) => `${prover}: ${kind} proof, ${label}`;
  events.on('sequenceSeen', ({ sequence }) =>
    progress.line(`aggregator: sequence ${sequence} found on the base chain`),
  );
  events.on('taskLeased', (event) => progress.begin(event.taskId, name(event)));
  events.on('taskDone', (event) =>
    progress.finish(
      event.taskId,
      `${name(event)} done: ${event.gates.toLocaleString('en')} gates in ${(event.witnessSeconds + event.proveSeconds).toFixed(1)} s`,
    ),
  );
  events.on('taskFailed', (event) =>
    progress.finish(
      event.taskId,
      `${name(event)} FAILED: ${event.message}${event.retry ? ' (will be tried again)' : ''}`,
    ),
  );
  events.on('sequenceFailed', ({ sequence, reason }) =>
    progress.line(`sequence ${sequence} cannot be proved: ${reason}`),
  );
  events.on('proofCommitted', ({ sequence, gasUsed }) =>
    progress.line(
      `sequence ${sequence}: proof hash committed${gasUsed === undefined ? '' : `, ${gas(gasUsed)}`}`,
    ),
  );
  events.on('proofRevealed', ({ sequence, gasUsed }) =>
    progress.line(`sequence ${sequence}: proof revealed, ${gas(gasUsed)}`),
  );
  events.on('roundMissed', ({ sequence }) =>
    progress.line(`sequence ${sequence}: reveal window missed, committing again`),
  );
  events.on('sequenceVerified', ({ sequence }) =>
    progress.line(`sequence ${sequence} VERIFIED on the base chain`),
  );
}

function gas(amount: bigint): string {
  return `${amount.toLocaleString('en')} gas`;
}
