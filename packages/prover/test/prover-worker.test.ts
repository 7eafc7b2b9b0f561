import { type Logger, type LogLevel, PolyproofError, silentLogger } from '@polyproof/base';
import type { ProvingResult } from '@polyproof/proofs';
import {
  type CompleteRequest,
  type FailRequest,
  type PayloadInit,
  ProtocolError,
  type ProverApi,
  ProverServer,
  TaskKind,
} from '@polyproof/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { ProverWorker, type ProverWorkerOptions } from '../src/index.js';

const PROGRAMS = {
  svm_batch_small: { hash: 'dd', gates: 1 },
  svm_batch: { hash: 'aa', gates: 2 },
  aggregate: { hash: 'bb', gates: 3 },
  final: { hash: 'cc', gates: 4 },
};
const inline = (text: string): PayloadInit => ({
  content: { case: 'inline', value: new TextEncoder().encode(text) },
});
const RESULT: ProvingResult = {
  program: 'final',
  proof: Uint8Array.of(1, 2, 3),
  publicInputs: [`0x${'07'.repeat(32)}`],
  gates: 1000,
  witnessSeconds: 0.25,
  proveSeconds: 0.5,
};
const TASK = {
  id: 'task',
  kind: TaskKind.FINAL,
  program: 'final',
  programHash: 'cc',
  inputs: inline('{"x":"1"}'),
  label: 'sequence 1, final proof',
  leaseMs: 1_000,
  limitMs: 0,
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An aggregator with one task, whose answers a test may replace; it remembers how the task ended. */
class FakeAggregator {
  readonly registered: string[] = [];
  task: typeof TASK | undefined = { ...TASK };
  cancelled = false;
  heartbeats = 0;
  #end!: (end: { completed: CompleteRequest } | { failed: FailRequest }) => void;
  readonly ended = new Promise<{ completed: CompleteRequest } | { failed: FailRequest }>((resolve) => {
    this.#end = resolve;
  });
  readonly api: ProverApi = {
    artifacts: async () => ({}),
    register: async ({ name, programs }) => {
      expect(programs.map((program) => `${program.name} ${program.hash}`)).toContain('final cc');
      this.registered.push(name);
      return { proverId: `id ${this.registered.length}` };
    },
    lease: async (_request, { signal }) => {
      const { task } = this;
      this.task = undefined;
      if (task !== undefined) return { task };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return {};
    },
    heartbeat: async () => {
      this.heartbeats++;
      return { cancelled: this.cancelled };
    },
    complete: async (completed) => {
      this.#end({ completed });
      return { accepted: true };
    },
    fail: async (failed) => {
      this.#end({ failed });
      return {};
    },
  };

  async listen(port = 0): Promise<ProverServer> {
    const server = await ProverServer.listen(
      { host: '127.0.0.1', port },
      { implementation: this.api, logger: silentLogger },
    );
    closers.push(() => server.close());
    return server;
  }
}

function start(
  url: string,
  prove: (signal: AbortSignal) => Promise<ProvingResult>,
  options: Partial<ProverWorkerOptions> = {},
  logger: Logger = silentLogger,
): ProverWorker {
  const worker = ProverWorker.start(
    {
      aggregatorUrl: url,
      name: 'worker',
      programs: PROGRAMS,
      heartbeatMs: 10,
      minBackoffMs: 10,
      maxBackoffMs: 20,
      graceMs: 0,
      ...options,
    },
    { proofSystem: { prove: (_program, _inputs, options) => prove(options!.signal!) }, logger },
  );
  closers.push(() => worker.close());
  return worker;
}

/** A logger that resolves when a message is logged. */
function logged(message: string): { logger: Logger; seen: Promise<void> } {
  let resolve = () => {};
  const seen = new Promise<void>((r) => {
    resolve = r;
  });
  const at = (text: string) => text === message && resolve();
  const levels: LogLevel[] = ['debug', 'info', 'warn', 'error'];
  const logger = Object.fromEntries(levels.map((level) => [level, at])) as unknown as Logger;
  return { logger: { ...logger, child: () => logger }, seen };
}

const never = () => new Promise<never>(() => {});

describe('ProverWorker', () => {
  it('registers, proves, and delivers the proof with its figures', async () => {
    const aggregator = new FakeAggregator();
    const { url } = await aggregator.listen();
    const worker = start(url, async () => RESULT);
    const end = await aggregator.ended;
    expect(end).toMatchObject({
      completed: {
        proverId: 'id 1',
        taskId: 'task',
        proof: { content: { case: 'inline', value: RESULT.proof } },
        publicInputs: [new Uint8Array(32).fill(7)],
        gates: 1000n,
        witnessSeconds: 0.25,
        proveSeconds: 0.5,
      },
    });
    expect('completed' in end && end.completed.peakMemoryBytes > 1_000_000n).toBe(true);
    expect(worker.proverId).toBe('id 1');
  });

  it('sends heartbeats while it proves', async () => {
    const aggregator = new FakeAggregator();
    const beaten = new Promise<ProvingResult>((resolve) => {
      aggregator.api.heartbeat = async ({ stage }) => {
        expect(stage).toBe('proving');
        if (++aggregator.heartbeats === 3) resolve(RESULT);
        return {};
      };
    });
    const { url } = await aggregator.listen();
    start(url, () => beaten);
    expect(await aggregator.ended).toHaveProperty('completed');
  });

  it('fails a task for a circuit that it does not hold', async () => {
    const aggregator = new FakeAggregator();
    aggregator.task = { ...TASK, programHash: 'dd' };
    const { url } = await aggregator.listen();
    start(url, async () => RESULT);
    expect(await aggregator.ended).toMatchObject({
      failed: {
        code: 'PROGRAM_MISMATCH',
        retryable: true,
        message:
          'the task wants circuit final dd, this prover holds cc: give it the artifacts of the aggregator.',
      },
    });
  });

  it.each(['{', '[]', 'null', '"x"'])('fails a task with inputs %s', async (text) => {
    const aggregator = new FakeAggregator();
    aggregator.task = { ...TASK, inputs: inline(text) };
    const { url } = await aggregator.listen();
    start(url, async () => RESULT);
    expect(await aggregator.ended).toMatchObject({ failed: { code: 'BAD_INPUTS', retryable: false } });
  });

  it.each([
    ['INPUTS_REFUSED', false],
    ['PROVING_FAILED', true],
  ])('gives the reason %s of a failure', async (code, retryable) => {
    const aggregator = new FakeAggregator();
    const { url } = await aggregator.listen();
    start(url, async () => {
      throw new PolyproofError(code, 'the reason');
    });
    expect(await aggregator.ended).toMatchObject({ failed: { code, message: 'the reason', retryable } });
  });

  it('registers again when the aggregator does not know it, and delivers all the same', async () => {
    const aggregator = new FakeAggregator();
    const { complete } = aggregator.api;
    aggregator.api.complete = async (request, context) => {
      if (request.proverId === 'id 1') throw new ProtocolError('UNKNOWN_PROVER', 'who?');
      return complete(request, context);
    };
    const { url } = await aggregator.listen();
    start(url, async () => RESULT);
    expect(await aggregator.ended).toMatchObject({ completed: { proverId: 'id 2' } });
    expect(aggregator.registered).toEqual(['worker', 'worker']);
  });

  it('waits for an aggregator that is not there yet', async () => {
    const aggregator = new FakeAggregator();
    const reserved = await aggregator.listen();
    await reserved.close();
    const { logger, seen } = logged('the aggregator gives no tasks');
    start(reserved.url, async () => RESULT, {}, logger);
    await seen;
    await aggregator.listen(Number(new URL(reserved.url).port));
    expect(await aggregator.ended).toHaveProperty('completed');
  });

  it('keeps a proof until an aggregator is there to take it', async () => {
    const aggregator = new FakeAggregator();
    const server = await aggregator.listen();
    const { logger, seen } = logged('the result could not be delivered');
    start(
      server.url,
      async () => {
        await server.close();
        return RESULT;
      },
      {},
      logger,
    );
    await seen;
    await aggregator.listen(Number(new URL(server.url).port));
    expect(await aggregator.ended).toHaveProperty('completed');
  });

  it('goes on with the next task after a refused proof', async () => {
    const aggregator = new FakeAggregator();
    const { complete } = aggregator.api;
    let refused = false;
    aggregator.api.complete = async (request, context) => {
      if (refused) return complete(request, context);
      refused = true;
      aggregator.task = { ...TASK, id: 'next' };
      throw new ProtocolError('INVALID_PROOF', 'no');
    };
    const { url } = await aggregator.listen();
    start(url, async () => RESULT);
    expect(await aggregator.ended).toMatchObject({ completed: { taskId: 'next' } });
  });

  it('keeps the result of a cancelled task to itself', async () => {
    const aggregator = new FakeAggregator();
    aggregator.cancelled = true;
    let finish = (_result: ProvingResult) => {};
    aggregator.api.complete = async () => expect.unreachable();
    const { lease } = aggregator.api;
    let leases = 0;
    const leasedAgain = new Promise<void>((resolve) => {
      aggregator.api.lease = (request, context) => {
        if (++leases === 2) resolve();
        return lease(request, context);
      };
    });
    const { url } = await aggregator.listen();
    const { logger, seen } = logged('the proof is not wanted any more');
    const prove = () =>
      new Promise<ProvingResult>((resolve) => {
        finish = resolve;
      });
    start(url, prove, {}, logger);
    await seen;
    expect(leases).toBe(1); // its proof system is still busy
    finish(RESULT);
    await leasedAgain;
  });

  it('finishes the task at hand when it is closed in time', async () => {
    const aggregator = new FakeAggregator();
    const { url } = await aggregator.listen();
    let finish = (_result: ProvingResult) => {};
    let begun = () => {};
    const proving = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const worker = start(
      url,
      () => {
        begun();
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
      { graceMs: 60_000 },
    );
    await proving;
    const closed = worker.close();
    finish(RESULT);
    await closed;
    expect(await aggregator.ended).toHaveProperty('completed');
  });

  it('hands the task back when it is closed and the grace is over', async () => {
    const aggregator = new FakeAggregator();
    const { url } = await aggregator.listen();
    let begun = () => {};
    const proving = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const worker = start(url, () => {
      begun();
      return never();
    });
    await proving;
    await worker.close();
    expect(await aggregator.ended).toMatchObject({ failed: { code: 'SHUTTING_DOWN', retryable: true } });
  });

  it('gives a task up that takes longer than it may, and goes on', async () => {
    const aggregator = new FakeAggregator();
    aggregator.task = { ...TASK, limitMs: 20 };
    const { url } = await aggregator.listen();
    let given: AbortSignal | undefined;
    start(url, (signal) => {
      given = signal;
      return never();
    });
    expect(await aggregator.ended).toMatchObject({
      failed: { code: 'TIMEOUT', message: expect.stringContaining('20 ms'), retryable: true },
    });
    expect(given?.aborted).toBe(true);
  });

  it('ends the proof of a cancelled task at once where the proof system can', async () => {
    const aggregator = new FakeAggregator();
    aggregator.cancelled = true;
    const { lease } = aggregator.api;
    let leases = 0;
    const leasedAgain = new Promise<void>((resolve) => {
      aggregator.api.lease = (request, context) => {
        if (++leases === 2) resolve();
        return lease(request, context);
      };
    });
    const { url } = await aggregator.listen();
    start(
      url,
      (signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('given up'))),
        ),
    );
    await leasedAgain;
  });

  it('hands the task back at once when it drains and is told to make haste', async () => {
    const aggregator = new FakeAggregator();
    const { url } = await aggregator.listen();
    let begun = () => {};
    const proving = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const worker = start(
      url,
      () => {
        begun();
        return never();
      },
      { graceMs: Number.POSITIVE_INFINITY },
    );
    await proving;
    const closed = worker.close();
    worker.abandon();
    await closed;
    expect(await aggregator.ended).toMatchObject({ failed: { code: 'SHUTTING_DOWN', retryable: true } });
  });

  it('closes at once, twice if need be, when it waits for a task or for an aggregator', async () => {
    const aggregator = new FakeAggregator();
    aggregator.task = undefined;
    const { url } = await aggregator.listen();
    const idle = start(url, never);
    const lost = start('http://127.0.0.1:9', never, { minBackoffMs: 60_000, maxBackoffMs: 60_000 });
    await Promise.all([idle.close(), lost.close()]);
    await idle.close();
  });
});
